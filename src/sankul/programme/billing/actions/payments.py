"""Recording payments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.core.actions import events
from sankul.core.actions.constraints import refusing
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.programme.billing.models import Invoice, Payment
from sankul.programme.billing.rules import BILL, Mode, to_paisa
from sankul.programme.billing.rules.life import why_not_pay
from sankul.programme.registry.models import Organisation


@dataclass(frozen=True, kw_only=True)
class Money:
    """What came: rupees received, tax deducted at source, the day, how, and the reference by which it is known."""

    amount_inr: Decimal
    paid_on: date
    mode: Mode
    reference: str
    deducted_inr: Decimal = Decimal(0)


def record(
    *,
    actor: Actor | None,
    host: Organisation,
    payer: Organisation,
    money: Money,
    at: datetime,
    invoice: Invoice | None = None,
) -> Payment:
    """Record a payment, for an invoice or on account. The same reference again is the same payment.

    Raises Refused where the reference is known with another amount, payer or day, or the invoice is not between the two.
    """
    if actor is not None:
        require(actor, BILL, *host.scopes)
    reference = " ".join(money.reference.split()).upper()[:60]
    if not reference:
        raise Refused(_t("Give the reference of the payment: it is how a payment is known."))
    why_not_pay(
        amount=money.amount_inr,
        deducted=money.deducted_inr,
        on=money.paid_on,
        today=timezone.localdate(at),
    ).enforce()
    _check_invoice(host, payer, invoice)
    taken = _("This payment has just been recorded by somebody else: look at the account.")
    with refusing({"payment_reference_once": taken}), transaction.atomic():
        return _recorded(actor, host, payer, money, reference, invoice, at)


def _check_invoice(host: Organisation, payer: Organisation, invoice: Invoice | None) -> None:
    if invoice is None:
        return
    if (invoice.host_id, invoice.payer_id) != (host.pk, payer.pk):
        raise Refused(_t("Invoice %s is not between these two organisations.") % invoice.serial)
    if invoice.is_credit:
        raise Refused(_t("%s is a credit note: name the invoice that is paid.") % invoice.serial)


def _recorded(
    actor: Actor | None,
    host: Organisation,
    payer: Organisation,
    money: Money,
    reference: str,
    invoice: Invoice | None,
    at: datetime,
) -> Payment:
    amount, deducted = to_paisa(money.amount_inr), to_paisa(money.deducted_inr)
    if held := Payment.objects.filter(host=host, reference=reference).first():
        return _same(held, payer, amount, deducted, money.paid_on)
    made = Payment.objects.create(
        host=host,
        payer=payer,
        invoice=invoice,
        amount_inr=amount,
        deducted_inr=deducted,
        paid_on=money.paid_on,
        mode=money.mode,
        reference=reference,
        recorded_at=at,
        recorded_by=actor.user if actor else None,
    )
    events.record(
        actor=actor,
        verb="payment.recorded",
        subject=made,
        at=at,
        scopes=made.scopes,
        data={
            "amount_inr": str(amount),
            "deducted_inr": str(deducted),
            "invoice": invoice.pk if invoice else None,
        },
    )
    return made


def _same(
    held: Payment, payer: Organisation, amount: Decimal, deducted: Decimal, paid_on: date
) -> Payment:
    known = (held.payer_id, held.amount_inr, held.deducted_inr, held.paid_on)
    if known == (payer.pk, amount, deducted, paid_on):
        return held
    raise Refused(
        _t("A payment with the reference %s is on record with another payer, day or amount.")
        % held.reference
    )
