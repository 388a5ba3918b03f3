"""Billing as JSON: issue, correct, waive, record payments, dispute."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from django.shortcuts import get_object_or_404
from ninja import Field, Schema, Status

from sankul.core.api import WRITING
from sankul.core.doors import Request
from sankul.core.rules.roles import require
from sankul.programme.billing.actions import charges as charge_actions
from sankul.programme.billing.actions import disputes as dispute_actions
from sankul.programme.billing.actions import invoices as invoice_actions
from sankul.programme.billing.actions import payments as payment_actions
from sankul.programme.billing.actions.payments import Money
from sankul.programme.billing.models import Charge, Dispute, Invoice, Payment
from sankul.programme.billing.queries import charges, invoices
from sankul.programme.billing.rules import BILL, Mode
from sankul.programme.registry.models import Organisation

from .reading import router
from .shapes import (
    Amount,
    ChargeOut,
    DisputeOut,
    InvoiceOut,
    Month,
    Number,
    PaymentOut,
    Slug,
    Text,
)

Long = Annotated[Text, Field(max_length=4000)]
Reason = Annotated[Text, Field(max_length=300)]


class IssueIn(Schema):
    """The charges that the draft was seen to hold."""

    charges: Annotated[list[Annotated[int, Field(ge=0, le=2**62)]], Field(max_length=10_000)]


class WaiveIn(Schema):
    """Why a charge is waived."""

    reason: Reason


class CreditIn(Schema):
    """How much of which lines is credited, without tax, and why."""

    amounts: dict[Annotated[int, Field(ge=0, le=2**62)], Amount]
    reason: Reason


class PaymentIn(Schema):
    """A payment."""

    amount_inr: Amount
    deducted_inr: Amount = Decimal(0)
    paid_on: date
    mode: Mode = Mode.BANK
    reference: Annotated[Text, Field(min_length=1, max_length=60)]
    invoice: int | None = Field(None, ge=0, le=2**62)


class DisputeIn(Schema):
    """What is wrong, or the answer."""

    text: Long


@router.post(
    "/billing/{organisation}/{month}/{payer}", response={201: InvoiceOut}, auth=WRITING,
    summary="Issue the invoice of a month",
)  # fmt: skip
def issue(
    request: Request, organisation: Slug, month: Month, payer: Slug, given: IssueIn
) -> Status[Invoice]:
    """Issue what is left to bill of a month to a payer, if it is what was seen."""
    host = _host(request, organisation)
    made = invoice_actions.issue(
        actor=request.actor,
        host=host,
        payer=get_object_or_404(Organisation, slug=payer),
        month=date.fromisoformat(f"{month}-01"),
        at=request.at,
        seen=given.charges,
    )
    return Status(201, made)


@router.post(
    "/invoices/{number}/credit", response={201: InvoiceOut}, auth=WRITING, summary="Issue a credit note"
)  # fmt: skip
def credit(request: Request, number: Number, given: CreditIn) -> Status[Invoice]:
    """Take amounts off the lines of an invoice, with their tax."""
    rows = invoices.visible(request.actor).select_related("supplier")
    made = invoice_actions.credit(
        actor=request.actor,
        invoice=get_object_or_404(rows, pk=number),
        amounts=given.amounts,
        reason=given.reason,
        at=request.at,
    )
    return Status(201, made)


@router.post("/charges/{number}/waive", response=ChargeOut, auth=WRITING, summary="Waive a charge")
def waive(request: Request, number: Number, given: WaiveIn) -> Charge:
    """Waive a charge that is not billed."""
    found = get_object_or_404(charges.visible(request.actor), pk=number)
    charge_actions.waive(actor=request.actor, charge=found, reason=given.reason, at=request.at)
    return charges.visible(request.actor).get(pk=number)


@router.post(
    "/billing/{organisation}/accounts/{payer}/payments", response={201: PaymentOut}, auth=WRITING,
    summary="Record a payment",
)  # fmt: skip
def pay(request: Request, organisation: Slug, payer: Slug, given: PaymentIn) -> Status[Payment]:
    """Record a payment, once for its reference however often it is sent."""
    host = _host(request, organisation)
    named = None
    if given.invoice is not None:
        named = get_object_or_404(invoices.visible(request.actor), pk=given.invoice)
    made = payment_actions.record(
        actor=request.actor,
        host=host,
        payer=get_object_or_404(Organisation, slug=payer),
        money=Money(**given.dict(exclude={"invoice"})),
        invoice=named,
        at=request.at,
    )
    return Status(201, made)


@router.post(
    "/invoices/{number}/disputes", response={201: DisputeOut}, auth=WRITING, summary="Dispute an invoice"
)  # fmt: skip
def dispute(request: Request, number: Number, given: DisputeIn) -> Status[Dispute]:
    """Say what is wrong with an invoice to one's organisation."""
    found = get_object_or_404(invoices.visible(request.actor), pk=number)
    made = dispute_actions.dispute(
        actor=request.actor, invoice=found, text=given.text, at=request.at
    )
    return Status(201, made)


@router.post(
    "/disputes/{number}/answer", response=DisputeOut, auth=WRITING, summary="Answer a dispute"
)
def answer(request: Request, number: Number, given: DisputeIn) -> Dispute:
    """Answer a dispute as the host."""
    found = get_object_or_404(invoices.disputes(request.actor), pk=number)
    return dispute_actions.answer(
        actor=request.actor, dispute=found, text=given.text, at=request.at
    )


@router.post(
    "/disputes/{number}/uphold", response=DisputeOut, auth=WRITING, summary="Uphold a dispute"
)
def uphold(request: Request, number: Number, given: CreditIn) -> Dispute:
    """Settle a dispute by a credit note on its invoice."""
    found = get_object_or_404(invoices.disputes(request.actor), pk=number)
    return dispute_actions.uphold(
        actor=request.actor,
        dispute=found,
        amounts=given.amounts,
        reason=given.reason,
        at=request.at,
    )


@router.post(
    "/disputes/{number}/reject", response=DisputeOut, auth=WRITING, summary="Turn a dispute down"
)
def reject(request: Request, number: Number) -> Dispute:
    """Turn a dispute down after it was answered."""
    found = get_object_or_404(invoices.disputes(request.actor), pk=number)
    return dispute_actions.reject(actor=request.actor, dispute=found, at=request.at)


@router.post(
    "/disputes/{number}/withdraw", response=DisputeOut, auth=WRITING, summary="Withdraw a dispute"
)
def withdraw(request: Request, number: Number) -> Dispute:
    """Withdraw a dispute as the payer."""
    found = get_object_or_404(invoices.disputes(request.actor), pk=number)
    return dispute_actions.withdraw(actor=request.actor, dispute=found, at=request.at)


def _host(request: Request, slug: str) -> Organisation:
    found = get_object_or_404(Organisation, slug=slug)
    require(request.actor, BILL, *found.scopes)
    return found
