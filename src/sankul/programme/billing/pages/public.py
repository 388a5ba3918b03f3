"""What is not one institution's: the law in use, for everybody; totals of a cluster, for its office."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core.doors import Request, asked
from sankul.core.formats import number
from sankul.core.rules.roles import require
from sankul.core.ui import Column, Day, Link, Money, Table, Tabs, Tile, Tiles
from sankul.programme.billing.queries import totals as queries
from sankul.programme.billing.queries.totals import Total
from sankul.programme.billing.rules import LAW, LAW_DIGEST, SEE_TOTALS, financial_year, year_name
from sankul.programme.billing.rules.law import Row
from sankul.programme.registry.models import Cluster

from .parts import crumbs, today


@require_safe
def law(request: Request) -> HttpResponse:
    """Every row of the law that invoices are made under, with its days and its source."""
    tables = [
        _table(_("Rates of tax"), _("Per cent"), [(f"{r.heading} · {r.title}", f"{r.igst_percent}", r) for r in LAW.rates]),
        _table(_("Service codes"), _("Code"), [(r.title, r.code, r) for r in LAW.services]),
        _table(_("Place of supply"), _("Where"), [(r.title, r.where, r) for r in LAW.places]),
        _table(_("Thresholds"), _("Value"), [(r.title, number(r.value), r) for r in LAW.limits]),
        _table(_("Last day for credit notes"), _("Day and month"),
               [(_("After the end of the financial year"), f"{r.day}.{r.month}.", r) for r in LAW.credits]),
        _table(_("Documents"), _("Letter"), [(r.title, r.letter, r) for r in LAW.documents]),
        _table(_("Statements"), _("Name"), [(r.text, r.name, r) for r in LAW.statements]),
    ]  # fmt: skip
    context = {"tables": tables, "states": _states(), "digest": LAW_DIGEST, "crumbs": crumbs()}
    return render(request, "billing/law.html", context)


def _table(caption: str, label: str, rows: Iterable[tuple[str, str, Row]]) -> Table:
    columns = [
        Column("what", _("What")),
        Column("value", label),
        Column("from", _("From"), fold=True),
        Column("until", _("Until"), fold=True),
        Column("source", _("Source"), fold=True),
    ]
    lines = [
        {
            "what": what,
            "value": value,
            "from": Day(row.from_on),
            "until": Day(row.until_on) if row.until_on else _("open"),
            "source": f"{row.source}. {row.to_confirm}" if row.to_confirm else row.source,
        }
        for what, value, row in rows
    ]
    return Table(caption, columns, lines)


def _states() -> Table:
    columns = [
        Column("name", _("State or union territory")),
        Column("code", _("Code")),
        Column("half", _("Second half of the tax")),
    ]
    rows = [
        {"name": one.name, "code": code, "half": "UTGST" if one.has_utgst else "SGST"}
        for code, one in sorted(LAW.states.items())
    ]
    return Table(_("States"), columns, rows)


@require_safe
def totals(request: Request, programme: str, cluster: str) -> HttpResponse:
    """Totals of a financial year of the institutions of a cluster; no document and no payer."""
    found = get_object_or_404(
        Cluster.objects.select_related("programme"), programme__slug=programme, slug=cluster
    )
    require(request.actor, SEE_TOTALS, *found.scopes)
    now = financial_year(today(request))
    year = _year(asked(request, "year"), now)
    rows = queries.totals(found, year)
    links = [Link(year_name(one), f"?year={one}", one == year) for one in range(now, now - 4, -1)]
    context = {
        "cluster": found,
        "year": year_name(year),
        "tabs": Tabs(_("Financial years"), links),
        "tiles": _tiles(rows),
        "table": _totals(rows),
        "crumbs": crumbs(),
        "is_demonstration": found.programme.is_demonstration,
    }
    return render(request, "billing/totals.html", context)


def _year(text: str, now: int) -> int:
    is_year = text.isascii() and text.isdigit() and len(text) == 4
    return int(text) if is_year and 2017 <= int(text) <= now else now


def _tiles(rows: Sequence[Total]) -> Tiles:
    def of(name: str) -> Money:
        return Money(sum((getattr(row, name) for row in rows), start=0))

    return Tiles(
        [
            Tile(_("Billed, with tax"), of("billed_inr")),
            Tile(_("Credited"), of("credited_inr")),
            Tile(_("Received"), of("received_inr")),
            Tile(_("Waived"), of("waived_inr")),
        ]
    )


def _totals(rows: Sequence[Total]) -> Table:
    columns = [
        Column("host", _("Institution")),
        Column("documents", _("Invoices"), numeric=True, fold=True),
        Column("payers", _("Payers"), numeric=True, fold=True),
        Column("billed", _("Billed"), numeric=True),
        Column("tax", _("of it tax"), numeric=True, fold=True),
        Column("credited", _("Credited"), numeric=True, fold=True),
        Column("received", _("Received"), numeric=True),
        Column("waived", _("Waived"), numeric=True, fold=True),
    ]
    lines: list[dict[str, Any]] = [
        {
            "host": row.host.name,
            "documents": number(row.documents),
            "payers": number(row.payers),
            "billed": Money(row.billed_inr),
            "tax": Money(row.tax_inr),
            "credited": Money(row.credited_inr),
            "received": Money(row.received_inr),
            "waived": Money(row.waived_inr),
        }
        for row in rows
    ]
    empty = _("No institution of this cluster billed anything in this year.")
    return Table(_("Totals by institution"), columns, lines, empty=empty, hide_caption=True)
