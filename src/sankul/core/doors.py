"""What every HTML door shares: the request with its actor, refusals as answers, lists and exports."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import F, Model, Q, QuerySet
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect

from sankul.core.rules.verdicts import Forbidden, Refused

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from sankul.core.rules.roles import Actor


class Request(HttpRequest):
    """A request as views see it: ``actor`` is set by the middleware."""

    actor: Actor
    at: datetime


COUNT_CAP = 10_000
PAGE_ROWS = 50
LAST_PAGE = 100_000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class Listing:
    """One page of a list, with its state in the address bar: ``q``, ``sort``, ``page`` and filters."""

    rows: list[Any]
    total: int
    page: int
    has_next: bool
    query: str
    sort: str
    parameters: Mapping[str, str]
    chosen: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_capped(self) -> bool:
        """Whether there are more rows than are counted."""
        return self.total > COUNT_CAP

    @property
    def has_previous(self) -> bool:
        """Whether a page comes before this."""
        return self.page > 1

    @property
    def is_narrowed(self) -> bool:
        """Whether a search or a filter hides rows."""
        return bool(self.query) or any(self.chosen.values())


def listing(
    request: HttpRequest,
    queryset: QuerySet[Any],
    *,
    search: Sequence[str] = (),
    sorts: Mapping[str, str],
    filters: Mapping[str, str] | None = None,
    default: str = "",
    page_rows: int = PAGE_ROWS,
) -> Listing:
    """A page of ``queryset`` as the address asks: two queries whatever the number of rows.

    ``search`` names the text columns that ``?q=`` looks in (substring, any case); ``sorts`` maps the words of ``?sort=`` (with
    ``-`` before it for descending) to columns; ``filters`` maps parameters to lookups. The count stops at 10,000. Without a word
    that is known, rows are sorted by ``default``, as in ``-day``, or else by the first of ``sorts``. A filter whose value its
    column cannot hold keeps no row.
    """
    rows = filtered(request, queryset, filters or {})
    query = asked(request, "q")[:100]
    if query and search:
        rows = rows.filter(Q(*((f"{name}__icontains", query) for name in search), _connector=Q.OR))
    sort = _sort_word(asked(request, "sort"), sorts, default)
    page = _page_number(asked(request, "page"))
    column, descending = sorts[sort.removeprefix("-")], sort.startswith("-")
    ordered = rows.order_by(*_ordering(queryset.model, column, descending=descending))
    start = (page - 1) * page_rows
    found = list(ordered[start : start + page_rows + 1])
    return Listing(
        rows=found[:page_rows],
        total=rows.order_by().values("pk")[: COUNT_CAP + 1].count(),
        page=page,
        has_next=len(found) > page_rows,
        query=query,
        sort=sort,
        parameters={key: request.GET[key] for key in request.GET if request.GET[key]},
        chosen={name: asked(request, name) for name in filters or {}},
    )


def asked(request: HttpRequest, name: str) -> str:
    """What the address says under a name, without white space around it and without the character that no database keeps."""
    return request.GET.get(name, "").replace("\x00", "").strip()


def filtered(
    request: HttpRequest, queryset: QuerySet[Any], filters: Mapping[str, str]
) -> QuerySet[Any]:
    """The rows that the filters in the address keep: what a list pages through, for its export."""
    chosen = {lookup: asked(request, name) for name, lookup in filters.items()}
    try:
        return queryset.filter(**{lookup: value for lookup, value in chosen.items() if value})
    except (ValueError, ValidationError):  # text for a number, the 31st of February
        return queryset.none()


def _sort_word(asked: str, sorts: Mapping[str, str], default: str) -> str:
    word = asked.removeprefix("-")
    return asked if word in sorts else default or next(iter(sorts))


def _ordering(model: type[Model], column: str, *, descending: bool) -> list[Any]:
    if not _may_be_empty(model, column):  # "nulls last" would keep PostgreSQL from using an index
        return [f"-{column}", "-pk"] if descending else [column, "pk"]
    if descending:
        return [F(column).desc(nulls_last=True), "-pk"]
    return [F(column).asc(nulls_last=True), "pk"]


def _may_be_empty(model: type[Model], column: str) -> bool:
    try:
        return bool(model._meta.get_field(column).null)
    except FieldDoesNotExist:  # computed by the query, or of another table
        return True


def _page_number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        return 1
    return min(max(int(text[:9]), 1), LAST_PAGE)


def csv_download(
    name: str, head: Sequence[StrOrPromise], rows: Iterable[Sequence[Any]]
) -> HttpResponseBase:
    """A CSV file streamed row by row (UTF-8 with a byte order mark, so that spreadsheets read it).

    Text that a spreadsheet would run as a formula gets an apostrophe before it.
    """
    response = StreamingHttpResponse(_csv_lines(head, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _csv_lines(head: Sequence[StrOrPromise], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write("\ufeff")
    writer.writerow([str(item) for item in head])
    for count, row in enumerate(rows, 1):
        writer.writerow([harmless(item) for item in row])
        if count % 500 == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def harmless(item: Any) -> Any:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    if isinstance(item, str) and item.startswith(FORMULA_STARTS):
        return "'" + item
    return item


def accepted(
    request: Request, form: BaseForm, act: Callable[[], tuple[StrOrPromise, str]]
) -> HttpResponse | None:
    """Act on a form that came back valid, tell the message that ``act`` answers with, and go to its address.

    None where the form is to be shown: it was not sent, something in it is wrong, or a rule refused, which then stands above it
    with its reason. What the actor's roles do not allow is raised.
    """
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        told, href = act()
    except Forbidden:
        raise
    except Refused as refusal:
        form.add_error(None, refusal.reason)
        return None
    messages.success(request, str(told))
    return redirect(href)


def pressed(
    request: Request, act: Callable[[], object], told: StrOrPromise, href: str
) -> HttpResponse:
    """Do what one button says, and go on; a refusal is told where one goes. What the roles do not allow is raised."""
    try:
        act()
    except Forbidden:
        raise
    except Refused as refusal:
        messages.error(request, refusal.reason)
    else:
        messages.success(request, str(told))
    return redirect(href)
