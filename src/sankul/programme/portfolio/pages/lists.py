"""The lists of the area: one page with its search, filters, sorting and export."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from sankul.core.doors import Listing, Request, asked, csv_download, filtered, listing
from sankul.core.ui import Column, Link, Pages, Table, href_with
from sankul.programme.portfolio.rules import Sdg, Sector
from sankul.programme.registry.queries import clusters

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Options = Iterable[tuple[str | int, "StrOrPromise"]]


@dataclass(frozen=True)
class Choice:
    """A filter above a list: its parameter, its label, what can be chosen, and what is."""

    name: str
    label: StrOrPromise
    options: Options
    chosen: str = ""


@dataclass(frozen=True)
class Page:
    """What one of the lists is about and how its rows are shown."""

    name: str
    heading: StrOrPromise
    lede: StrOrPromise
    search: StrOrPromise
    empty: StrOrPromise
    columns: Sequence[Column]
    line: Callable[[Any], Mapping[str, Any]]
    sorts: Mapping[str, str]
    default: str
    filters: Mapping[str, str]
    exported: Mapping[str, str]
    is_demonstration: Callable[[Any], bool]


def show(
    request: Request,
    page: Page,
    rows: QuerySet[Any],
    choices: Sequence[Choice],
    actions: Sequence[Link] = (),
) -> HttpResponseBase:
    """The list as the address asks: ``?q=`` searches, ``?sort=`` sorts, ``?as=csv`` exports all that is found."""
    if request.GET.get("as") == "csv":
        return _export(page, filtered(request, rows, page.filters))
    text = asked(request, "q")
    sorts = {**page.sorts, "relevance": "rank"} if text else page.sorts
    found = listing(
        request,
        rows,
        sorts=sorts,
        filters=page.filters,
        default="-relevance" if text else page.default,
    )
    return _shown(request, page, found, choices, actions)


def _shown(
    request: Request,
    page: Page,
    found: Listing,
    choices: Sequence[Choice],
    actions: Sequence[Link],
) -> HttpResponse:
    table = Table(
        page.heading,
        page.columns,
        [page.line(row) for row in found.rows],
        request.GET,
        hide_caption=True,
        empty=page.empty,
    )
    total = None if found.is_capped else found.total
    context = {
        "page": page,
        "found": found,
        "table": table,
        "pages": Pages(request.GET, page=found.page, last=found.page + found.has_next, total=total),
        "choices": choices,
        "actions": actions,
        "is_narrowed": bool(found.query) or any(choice.chosen for choice in choices),
        "csv_href": href_with(request.GET, **{"as": "csv", "page": None}),
        "is_demonstration": any(page.is_demonstration(row) for row in found.rows),
    }
    return render(request, "portfolio/list.html", context)


def _export(page: Page, rows: QuerySet[Any]) -> HttpResponseBase:
    lines = rows.order_by("pk").values_list(*page.exported.values())
    return csv_download(f"{page.name}.csv", list(page.exported), lines.iterator(chunk_size=2000))


def with_goal(request: Request, rows: QuerySet[Any], column: str = "sdgs") -> QuerySet[Any]:
    """The rows with the Sustainable Development Goal that ``?sdg=`` asks for; none for a goal that does not exist."""
    wanted = asked(request, "sdg")
    if not wanted:
        return rows
    known = wanted.isascii() and wanted.isdigit() and int(wanted[:3]) in Sdg.values
    return rows.filter(**{f"{column}__contains": [int(wanted)]}) if known else rows.none()


def choice(request: Request, name: str, label: StrOrPromise, options: Options) -> Choice:
    """A filter as the address has it."""
    return Choice(name, label, options, asked(request, name))


def cluster_choice(request: Request, name: str, label: StrOrPromise) -> Choice:
    """A filter by cluster."""
    options = [(one.slug, one.name) for one in clusters.visible(request.actor)]
    return choice(request, name, label, options)


def sector_choice(request: Request) -> Choice:
    """A filter by sector."""
    return choice(request, "sector", _("Sector"), Sector.choices)


def goal_choice(request: Request) -> Choice:
    """A filter by Sustainable Development Goal."""
    options = [(goal.value, f"{goal.value} · {goal.label}") for goal in Sdg]
    return choice(request, "sdg", _("Goal"), options)
