"""Reading billing as JSON."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router

from sankul.core.doors import Request
from sankul.core.rules.roles import require, verdict
from sankul.programme.billing.models import Dispute, Invoice
from sankul.programme.billing.queries import charges, invoices, totals
from sankul.programme.billing.rules import (
    LAW,
    LAW_DIGEST,
    SEE_BILLED,
    SEE_OWED,
    SEE_TOTALS,
    DocumentKind,
)
from sankul.programme.billing.rules.law import Row
from sankul.programme.registry.models import Cluster, Organisation

from .shapes import (
    BillFilter,
    ChargePage,
    DisputeOut,
    DraftOut,
    EntryOut,
    InvoiceDetailOut,
    InvoicePage,
    LawOut,
    LeftToCredit,
    Month,
    Number,
    Slug,
    StatementOut,
    TotalOut,
)

router = Router(tags=["Billing"])


class InvoiceFilter(BillFilter):
    """Which documents."""

    kind: DocumentKind | None = None
    month: date | None = None


@router.get("/invoices", response=InvoicePage, summary="Invoices and credit notes")
def list_invoices(request: Request, chosen: Query[InvoiceFilter]) -> dict[str, Any]:
    """Documents that one's institution issued or one's organisation received, by number."""
    rows = invoices.visible(request.actor)
    return _page(rows, chosen, kind=chosen.kind, month=chosen.month)


@router.get("/invoices/{number}", response=InvoiceDetailOut, summary="One invoice or credit note")
def get_invoice(request: Request, number: Number) -> Invoice:
    """A document with lines, parties and what is open of it."""
    found = get_object_or_404(invoices.detailed(request.actor), pk=number)
    settled = invoices.settlement(found.host_id, found.payer_id)
    found.open_inr = settled.open_inr.get(found.pk)  # type: ignore[attr-defined]
    return found


@router.get(
    "/invoices/{number}/left",
    response=list[LeftToCredit],
    summary="What is left to credit of an invoice",
)
def get_left(request: Request, number: Number) -> list[dict[str, Any]]:
    """Each line with what credit notes have left of it."""
    found = get_object_or_404(invoices.visible(request.actor), pk=number)
    return [LeftToCredit.of(one) for one in invoices.left(found)]


@router.get("/charges", response=ChargePage, summary="Charges")
def list_charges(request: Request, chosen: Query[BillFilter]) -> dict[str, Any]:
    """What one's institution charges and one's organisation is charged, by number."""
    return _page(charges.visible(request.actor), chosen)


@router.get(
    "/billing/{organisation}/{month}/drafts", response=list[DraftOut], summary="Drafts of a month"
)
def list_drafts(request: Request, organisation: Slug, month: Month) -> list[dict[str, Any]]:
    """What the invoices of a month would say if they were issued now."""
    found = get_object_or_404(Organisation, slug=organisation)
    require(request.actor, SEE_BILLED, *found.scopes)
    on = timezone.localdate(request.at)
    made = charges.drafts(found, date.fromisoformat(f"{month}-01"), on)
    return [DraftOut.of(one) for one in made]


@router.get(
    "/billing/{organisation}/accounts/{payer}",
    response=StatementOut,
    summary="The account between a host and a payer",
)
def get_statement(request: Request, organisation: Slug, payer: Slug) -> dict[str, Any]:
    """Everything between the two, for either of them."""
    host = get_object_or_404(Organisation, slug=organisation)
    other = get_object_or_404(Organisation, slug=payer)
    if not (
        verdict(request.actor, SEE_BILLED, *host.scopes)
        or verdict(request.actor, SEE_OWED, *other.scopes)
    ):
        raise Http404
    settled = invoices.settlement(host.pk, other.pk)
    entries = invoices.statement(request.actor, host, other)
    return {
        "open_inr": settled.owed_inr,
        "on_account_inr": settled.on_account_inr,
        "entries": [EntryOut.of(one) for one in entries],
    }


@router.get("/disputes/{number}", response=DisputeOut, summary="One dispute")
def get_dispute(request: Request, number: Number) -> Dispute:
    """A dispute with its answer."""
    return get_object_or_404(invoices.disputes(request.actor), pk=number)


@router.get(
    "/billing/clusters/{programme}/{cluster}/{year}",
    response=list[TotalOut],
    summary="Totals of a cluster's institutions",
)
def list_totals(
    request: Request, programme: Slug, cluster: Slug, year: int
) -> list[dict[str, Any]]:
    """What each institution billed, credited, received and waived in the financial year that begins in ``year``."""
    rows = Cluster.objects.select_related("programme")
    found = get_object_or_404(rows, programme__slug=programme, slug=cluster)
    require(request.actor, SEE_TOTALS, *found.scopes)
    if not 2017 <= year <= 2100:
        raise Http404
    names = (
        "documents",
        "payers",
        "billed_inr",
        "tax_inr",
        "credited_inr",
        "received_inr",
        "waived_inr",
    )
    return [
        {"host": one.host.slug} | {name: getattr(one, name) for name in names}
        for one in totals.totals(found, year)
    ]


@router.get("/billing/law", response=LawOut, summary="The law that invoices are made under")
def get_law(request: Request) -> dict[str, Any]:
    """Rates, thresholds and places of supply that hold on a day or held, with their sources."""
    return {
        "sha256": LAW_DIGEST,
        "rates": [_row(one, f"{one.heading}: {one.igst_percent}") for one in LAW.rates],
        "limits": [_row(one, f"{one.name}: {one.value}") for one in LAW.limits],
        "places": [_row(one, one.where) for one in LAW.places],
    }


def _row(one: Row, value: str) -> dict[str, Any]:
    names = ("title", "from_on", "until_on", "source", "to_confirm")
    return {"value": value} | {name: getattr(one, name) for name in names}


def _page(rows: QuerySet[Any], chosen: BillFilter, **more: Any) -> dict[str, Any]:
    wanted = {"host__slug": chosen.host, "payer__slug": chosen.payer, **more}
    narrowed = rows.filter(
        pk__gt=chosen.after, **{key: value for key, value in wanted.items() if value}
    )
    found = list(narrowed.order_by("pk")[: chosen.limit + 1])
    items = found[: chosen.limit]
    return {"items": items, "next": items[-1].pk if len(found) > chosen.limit else None}
