"""The list of claims, with its search, filters and export."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_safe

from sankul.core import formats
from sankul.core.doors import Listing, Request, asked, filtered, listing
from sankul.core.exports import FORMATS, Dataset, Field, Type, answer
from sankul.core.ui import Column, Day, Link, Money, Pages, State, Table, Tone, href_with
from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.queries import claims as queries
from sankul.programme.outcomes.rules import DECLARE_NIL, KIND_CHOICES, KINDS, ClaimStatus, Unit
from sankul.programme.registry.queries import clusters

EXPORTED = (
    Field("programme", Type.TEXT, _l("short name of the programme")),
    Field(
        "is_demonstration", Type.TRUTH, _l("whether the programme is the fictional demonstration")
    ),
    Field("cluster", Type.TEXT, _l("cluster that claims")),
    Field("reference", Type.TEXT, _l("the cluster's own reference")),
    Field("kind", Type.TEXT, _l("kind of claim")),
    Field("title", Type.TEXT, _l("title")),
    Field("detail", Type.TEXT, _l("detail")),
    Field("on", Type.DATE, _l("day of the result")),
    Field("quantity", Type.DECIMAL, _l("claimed quantity, in the unit of its kind")),
    Field("unit", Type.TEXT, _l("unit of the quantity")),
    Field("status", Type.TEXT, _l("where the claim is in its life")),
    Field("is_evidenced", Type.TRUTH, _l("whether evidence is attached")),
    Field("verified_quantity", Type.DECIMAL, _l("what verification found to be so")),
)
ALL_FACTS = Field("facts", Type.TEXT, _l("what the evidence says, as its kind asks (JSON)"))
SORTS = {"date": "on", "quantity": "quantity"}
FILTERS = {"kind": "kind", "cluster": "cluster__slug", "status": "status"}
STATES = {
    ClaimStatus.DRAFT: Tone.UNKNOWN,
    ClaimStatus.SUBMITTED: Tone.GOOD,
    ClaimStatus.RETURNED: Tone.ATTENTION,
    ClaimStatus.VERIFIED: Tone.GOOD,
    ClaimStatus.PARTLY_VERIFIED: Tone.ATTENTION,
    ClaimStatus.REJECTED: Tone.PROBLEM,
    ClaimStatus.WITHDRAWN: Tone.PROBLEM,
}
EVIDENCE = {"missing": False, "present": True}


@require_safe
def claims(request: Request) -> HttpResponseBase:
    """Claims that one may see: ``?q=``, ``?kind=``, ``?cluster=``, ``?status=``, ``?evidence=missing``; ``?as=`` exports.

    Quantities of different kinds cannot be compared, so ``?sort=quantity`` works within one ``?kind=``.
    """
    rows = queries.found(queries.visible(request.actor), asked(request, "q")[:100])
    evidence = request.GET.get("evidence", "")
    if evidence in EVIDENCE:
        rows = rows.filter(is_evidenced=EVIDENCE[evidence])
    form = request.GET.get("as", "")
    if form in FORMATS:
        return _export(request, filtered(request, rows, FILTERS).order_by("on", "pk"), form)
    sorts = SORTS if request.GET.get("kind") else {"date": SORTS["date"]}
    page = listing(request, rows, sorts=sorts, filters=FILTERS, default="-date")
    context = {
        "page": page,
        "evidence": evidence,
        "table": _table(request, page.rows),
        "pages": _pages(request, page),
        "kinds": KIND_CHOICES,
        "clusters": clusters.visible(request.actor),
        "statuses": ClaimStatus.choices,
        "may_record": bool(queries.kinds_to_record(request.actor)),
        "may_declare": bool(request.actor.scopes(DECLARE_NIL)),
        "exports": [
            (form.upper(), href_with(request.GET, **{"as": form, "page": None})) for form in FORMATS
        ],
        "is_demonstration": any(row.programme.is_demonstration for row in page.rows),
    }
    return render(request, "outcomes/claims.html", context)


def _export(request: Request, rows: QuerySet[Claim], form: str) -> HttpResponseBase:
    """The claims of the list; of one kind, with a column for each of its facts."""
    kind = KINDS.get(asked(request, "kind"))
    facts = kind.facts if kind else ()
    told = [Field(fact.code, Type.TEXT, fact.title) for fact in facts] or [ALL_FACTS]
    dataset = Dataset(
        "claims",
        kind.title if kind else _l("Claims"),
        _l("Claims that you may see, as the list was narrowed."),
        (*EXPORTED, *told),
        queries.visible,
    )
    return answer(dataset, queries.exported(rows, facts), form)


def _pages(request: Request, page: Listing) -> Pages:
    total = None if page.is_capped else page.total
    return Pages(request.GET, page=page.page, last=page.page + page.has_next, total=total)


def _table(request: Request, rows: list[Claim]) -> Table:
    by_quantity = "quantity" if request.GET.get("kind") else ""
    columns = [
        Column("title", _("Claim")),
        Column("cluster", _("Cluster"), fold=True),
        Column("kind", _("Kind"), fold=True),
        Column("on", _("Date"), sort="date"),
        Column("quantity", _("Quantity"), numeric=True, sort=by_quantity),
        Column("state", _("State"), fold=True),
    ]
    empty = _("No claim fits. Take a filter away, or search for another word of the title.")
    lines = [_line(row) for row in rows]
    return Table(_("Claims"), columns, lines, request.GET, hide_caption=True, empty=empty)


def _line(row: Claim) -> Mapping[str, Any]:
    return {
        "title": Link(row.title, reverse("claim", args=[row.pk])),
        "cluster": row.cluster.name,
        "kind": row.kind_of.title,
        "on": Day(row.on),
        "quantity": amount(row),
        "state": state(row),
    }


def amount(claim: Claim, quantity: Decimal | None = None) -> Money | SafeString:
    """The claimed quantity, or the one given, with its unit, rupees as rupees; a dash where none is claimed yet."""
    unit, quantity = claim.kind_of.unit, claim.quantity if quantity is None else quantity
    if quantity is None:
        return SafeString("–")
    if unit == Unit.INR:
        return Money(quantity)
    shown = formats.number(quantity)
    if unit == Unit.COUNT:
        return format_html("{}", shown)
    return format_html('{} <span class="figure__unit">{}</span>', shown, unit.label)


def state(claim: Claim) -> State:
    """Where the claim is in its life, and whether it counts."""
    if claim.status == ClaimStatus.SUBMITTED and not claim.is_evidenced:
        return State(Tone.ATTENTION, _("Submitted, no evidence"))
    status = ClaimStatus(claim.status)
    return State(STATES[status], status.label)
