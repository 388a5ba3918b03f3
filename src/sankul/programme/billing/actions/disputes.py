"""Disputes: opened by the payer, answered and settled by the host."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sankul.core.actions import events
from sankul.core.actions.constraints import refusing
from sankul.core.rules.roles import Actor, require
from sankul.programme.billing.models import Dispute, Invoice
from sankul.programme.billing.rules import BILL, DISPUTE, GOING, DisputeState
from sankul.programme.billing.rules.life import why_not_answer, why_not_dispute, why_not_settle

from . import invoices

GOES_ON = {
    "dispute_one_at_a_time": _("A dispute on this invoice goes on already: add to that one.")
}


def dispute(*, actor: Actor, invoice: Invoice, text: str, at: datetime) -> Dispute:
    """Say that an invoice is wrong. It stays due while the host looks at it."""
    require(actor, DISPUTE, invoice.payer_scope)
    is_going = invoice.disputes.filter(state__in=GOING).exists()
    why_not_dispute(kind=invoice.kind, is_going=is_going, text=text).enforce()
    with refusing(GOES_ON), transaction.atomic():
        made = Dispute.objects.create(
            invoice=invoice, text=text.strip(), opened_at=at, opened_by=actor.user
        )
        _record(actor, "dispute.opened", made, at)
    return made


@transaction.atomic
def answer(*, actor: Actor, dispute: Dispute, text: str, at: datetime) -> Dispute:
    """Answer a dispute as the host; an answer may be given again until it is settled."""
    require(actor, BILL, dispute.invoice.host_scope)
    held = _locked(dispute)
    why_not_answer(state=held.state, text=text).enforce()
    held.state, held.answer = DisputeState.ANSWERED, text.strip()
    held.answered_at, held.answered_by = at, actor.user
    held.save()
    _record(actor, "dispute.answered", held, at)
    return held


@transaction.atomic
def uphold(
    *, actor: Actor, dispute: Dispute, amounts: Mapping[int, Decimal], reason: str, at: datetime
) -> Dispute:
    """Settle a dispute by a credit note on its invoice; see ``invoices.credit``."""
    require(actor, BILL, dispute.invoice.host_scope)
    held = _locked(dispute)
    why_not_settle(
        state=held.state, to=DisputeState.UPHELD, answer=held.answer, has_credit=True
    ).enforce()
    note = invoices.credit(actor=actor, invoice=held.invoice, amounts=amounts, reason=reason, at=at)
    return _settled(actor, held, DisputeState.UPHELD, at, note)


@transaction.atomic
def reject(*, actor: Actor, dispute: Dispute, at: datetime) -> Dispute:
    """Turn a dispute down, after it was answered."""
    require(actor, BILL, dispute.invoice.host_scope)
    held = _locked(dispute)
    why_not_settle(
        state=held.state, to=DisputeState.REJECTED, answer=held.answer, has_credit=False
    ).enforce()
    return _settled(actor, held, DisputeState.REJECTED, at)


@transaction.atomic
def withdraw(*, actor: Actor, dispute: Dispute, at: datetime) -> Dispute:
    """Withdraw a dispute as the payer."""
    require(actor, DISPUTE, dispute.invoice.payer_scope)
    held = _locked(dispute)
    why_not_settle(
        state=held.state, to=DisputeState.WITHDRAWN, answer=held.answer, has_credit=False
    ).enforce()
    return _settled(actor, held, DisputeState.WITHDRAWN, at)


def _locked(dispute: Dispute) -> Dispute:
    rows = Dispute.objects.select_for_update(of=("self",)).select_related("invoice__supplier")
    return rows.get(pk=dispute.pk)


def _settled(
    actor: Actor, held: Dispute, to: DisputeState, at: datetime, note: Invoice | None = None
) -> Dispute:
    held.state, held.settled_at, held.credit_note = to, at, note
    held.save()
    _record(actor, f"dispute.{to}", held, at)
    return held


def _record(actor: Actor, verb: str, made: Dispute, at: datetime) -> None:
    scopes = made.invoice.scopes
    data = {"invoice": made.invoice_id}
    events.record(actor=actor, verb=verb, subject=made, at=at, scopes=scopes, data=data)
