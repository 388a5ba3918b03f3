"""The lists of a verification: the sample, the settled findings, the estimated totals; each with its filters and its file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core import formats
from sankul.core.doors import Request, csv_download, listing
from sankul.core.ui import Column, Day, Link, Pages, Table
from sankul.programme.evidence.models import Estimate, Sampled
from sankul.programme.evidence.queries import estimates
from sankul.programme.evidence.queries import verifications as queries
from sankul.programme.outcomes.rules import KINDS, Unit

from . import shown

SAMPLE_HEAD = (
    "claim", "reference", "cluster", "kind", "claimed", "size_points", "probability",
)  # fmt: skip
ESTIMATE_HEAD = (
    "cluster", "measure", "unit", "of", "claims", "sampled", "claimed", "verified", "low", "high", "overstatement",
    "overstatement_high",
)  # fmt: skip


@require_safe
def sample(request: Request, programme: str, period: str) -> HttpResponseBase:
    """The sample with the chance of each claim to come into it; ``?as=csv``."""
    found = shown.found_or_404(request, programme, period)
    rows = queries.sample(request.actor, found)
    if request.GET.get("as") == "csv":
        return csv_download(f"sample-{found.period.label}.csv", SAMPLE_HEAD, _sample_lines(rows))
    page = listing(
        request,
        rows,
        sorts={"position": "position", "size": "size", "probability": "probability"},
        filters={"cluster": "cluster__slug", "kind": "kind"},
    )
    context = shown.context(
        found,
        page=page,
        clusters=found.programme.clusters.all(),
        kinds=[(code, kind.title) for code, kind in KINDS.items()],
        table=_sample(request, page.rows),
        pages=_pages(request, page),
    )
    return render(request, "evidence/sample.html", context)


@require_safe
def findings(request: Request, programme: str, period: str) -> HttpResponse:
    """Settled findings with their reasons: all of them once public, else those of one's own cluster or programme."""
    found = shown.found_or_404(request, programme, period)
    page = listing(
        request,
        queries.findings(request.actor, found),
        sorts={"settled": "settled_at", "size": "size"},
        filters={"cluster": "cluster__slug", "kind": "kind", "finding": "finding"},
        default="-settled",
    )
    context = shown.context(
        found,
        page=page,
        clusters=found.programme.clusters.all(),
        words=list(shown.FINDING_WORDS.items()),
        table=_findings(page.rows),
        pages=_pages(request, page),
    )
    return render(request, "evidence/findings.html", context)


@require_safe
def totals(request: Request, programme: str, period: str) -> HttpResponseBase:
    """What stands of every cluster's every measure, with limits; ``?as=csv``."""
    found = shown.found_or_404(request, programme, period)
    rows = estimates.visible(request.actor, found)
    if request.GET.get("as") == "csv":
        lines = map(_estimate_line, rows.iterator(chunk_size=2000))
        return csv_download(f"estimates-{found.period.label}.csv", ESTIMATE_HEAD, lines)
    page = listing(
        request,
        rows.filter(of=Estimate.Of.QUANTITY),
        sorts={
            "cluster": "cluster__name",
            "overstatement": "overstatement",
            "claims": "claims",
        },
        filters={"cluster": "cluster__slug", "measure": "measure"},
    )
    context = shown.context(
        found,
        page=page,
        clusters=found.programme.clusters.all(),
        kinds=[(code, kind.title) for code, kind in KINDS.items()],
        table=_totals(request, page.rows),
        pages=_pages(request, page),
    )
    return render(request, "evidence/totals.html", context)


def _sample_lines(rows: Any) -> Iterator[Sequence[Any]]:
    columns = (
        "claim_id", "claim__reference", "cluster__slug", "kind", "quantity", "size", "probability",
    )  # fmt: skip
    return rows.values_list(*columns).iterator(chunk_size=2000)  # type: ignore[no-any-return]


def _sample(request: Request, rows: Sequence[Sampled]) -> Table:
    columns = [
        Column("claim", _("Claim")),
        Column("cluster", _("Cluster"), fold=True),
        Column("kind", _("Kind"), fold=True),
        Column("quantity", _("Claimed"), numeric=True, fold=True),
        Column("size", _("Can move"), numeric=True, unit=_("points"), sort="size"),
        Column("probability", _("Chance"), numeric=True, sort="probability"),
    ]
    lines = [
        {
            "claim": Link(row.claim.title, reverse("claim", args=[row.claim_id])),
            "cluster": row.cluster.name,
            "kind": row.kind_of.title,
            "quantity": shown.quantity(row.quantity, row.kind_of.unit),
            "size": formats.number(row.size, 3),
            "probability": formats.percent(row.probability, 1),
        }
        for row in rows
    ]
    empty = _("The sample is not drawn, or not public yet.")
    return Table(_("The sample"), columns, lines, query=request.GET, empty=empty, hide_caption=True)


def _findings(rows: Sequence[Sampled]) -> Table:
    columns = [
        Column("claim", _("Claim")),
        Column("finding", _("Finding")),
        Column("claimed", _("Claimed"), numeric=True, fold=True),
        Column("stands", _("Stands"), numeric=True, fold=True),
        Column("reason", _("Reason"), fold=True),
        Column("cluster", _("Cluster"), fold=True),
        Column("settled", _("Settled"), fold=True),
    ]
    lines = [
        {
            "claim": Link(row.claim.title, reverse("claim", args=[row.claim_id])),
            "finding": shown.finding(row.finding),
            "claimed": shown.quantity(row.quantity, row.kind_of.unit),
            "stands": shown.quantity(row.verified_quantity, row.kind_of.unit),
            "reason": row.reason,
            "cluster": row.cluster.name,
            "settled": Day(row.settled_at),
        }
        for row in rows
    ]
    empty = _("Nothing is settled yet, or none of it is yours to see before it is public.")
    return Table(_("Findings"), columns, lines, empty=empty, hide_caption=True)


def _totals(request: Request, rows: Sequence[Estimate]) -> Table:
    columns = [
        Column("measure", _("Measure")),
        Column("cluster", _("Cluster"), fold=True, sort="cluster"),
        Column("sampled", _("Looked at"), numeric=True, fold=True, sort="claims"),
        Column("claimed", _("Claimed"), numeric=True, fold=True),
        Column("verified", _("Stands"), numeric=True),
        Column("limits", _("Between"), numeric=True, fold=True),
        Column("share", _("Does not stand"), numeric=True, sort="overstatement"),
    ]
    lines = [_total(row) for row in rows]
    empty = _("The totals are not estimated, or not public yet.")
    return Table(_("Totals"), columns, lines, query=request.GET, empty=empty, hide_caption=True)


def _total(row: Estimate) -> dict[str, Any]:
    kind = KINDS[row.measure]

    def amount(value: float | None) -> Any:
        if value is None:
            return ""
        if kind.unit == Unit.INR:
            return formats.inr(round(value))
        return formats.number(round(value, 1))

    limits = f"{amount(row.low)} – {amount(row.high)}" if row.verified is not None else ""
    return {
        "measure": kind.title,
        "cluster": row.cluster.name,
        "sampled": _("%(sampled)s of %(claims)s") % {"sampled": row.sampled, "claims": row.claims},
        "claimed": amount(row.claimed),
        "verified": amount(row.verified),
        "limits": limits,
        "share": shown.overstatement(row),
    }


def _estimate_line(row: Estimate) -> list[Any]:
    unit = str(KINDS[row.measure].unit) if row.measure else "points"
    return [
        row.cluster.slug, row.measure, unit, row.of, row.claims, row.sampled, row.claimed, row.verified, row.low,
        row.high, row.overstatement, row.overstatement_high,
    ]  # fmt: skip


def _pages(request: Request, page: Any) -> Pages:
    last = -(-page.total // 50) or 1
    return Pages(request.GET, page=page.page, last=last, total=page.total)
