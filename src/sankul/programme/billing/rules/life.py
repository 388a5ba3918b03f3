"""The law of charges, invoices, payments and disputes, in words that a person can act on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _t

from sankul.core.formats import day, inr_exact
from sankul.core.rules.verdicts import ALLOWED, Verdict, refused

from .law import LAW
from .tax import Party
from .words import GOING, DisputeState, DocumentKind, Treatment


def why_not_details(*, gstin: str, state: str, country: str, treatment: str = "") -> Verdict:
    """Whether billing details fit together: the registration is of the state, and a host that is registered has one."""
    if country != "IN":
        return ALLOWED if not gstin else refused(_t("A GSTIN belongs to a recipient in India."))
    if state not in LAW.states:
        return refused(_t("Choose the state or union territory."))
    if gstin and gstin[:2] != state:
        return refused(
            _t("The GSTIN begins with %(code)s, which is %(name)s: it is not of the state chosen.")
            % {"code": gstin[:2], "name": LAW.states[gstin[:2]].name}
        )
    if treatment in (Treatment.TAXABLE, Treatment.EXEMPT) and not gstin:
        return refused(_t("A host that is registered gives its GSTIN."))
    return ALLOWED


def why_not_waive(*, is_waived: bool, is_billed: bool, reason: str) -> Verdict:
    """Whether a charge may be waived: before it is billed, with a reason."""
    if is_waived:
        return refused(_t("This charge is waived already."))
    if is_billed:
        return refused(_t("This charge is on an invoice: correct it with a credit note."))
    return ALLOWED if reason.strip() else refused(_t("Say why the charge is waived."))


def why_not_host(*, has_supplier: bool) -> Verdict:
    """Whether an institution can bill: once it has said how."""
    if has_supplier:
        return ALLOWED
    return refused(
        _t("The institution has not said how it bills: its nodal officer fills in “How we bill”.")
    )


def why_not_bill(*, charges: int, month_ends_on: date, today: date) -> Verdict:
    """Whether a month may be billed: it has ended, and something is left to bill."""
    if month_ends_on >= today:
        return refused(_t("The month has not ended: bill it after %s.") % day(month_ends_on))
    if not charges:
        return refused(_t("Nothing is left to bill for this month: it may just have been billed."))
    return ALLOWED


def why_not_codes(*, codes: Sequence[str], turnover: Decimal | None, on: date) -> Verdict:
    """Whether service codes are long enough for the supplier's turnover (Notification 78/2020-Central Tax)."""
    limit = LAW.limit("six_digits_turnover_inr", on)
    short = sorted({code for code in codes if len(code) < 6})
    if turnover is None or turnover <= limit.value or not short:
        return ALLOWED
    return refused(
        _t(
            "With a turnover above %(limit)s six digits of the SAC stand on invoices: %(codes)s is short."
        )
        % {"limit": inr_exact(limit.value), "codes": ", ".join(short)}
    )


def needs_reference(*, treatment: str, turnover: Decimal | None, on: date) -> bool:
    """Whether invoices to registered recipients are reported for an invoice reference number (CGST Rules, rule 48(4))."""
    limit = LAW.limit("e_invoice_turnover_inr", on)
    is_taxed = treatment == Treatment.TAXABLE
    return is_taxed and turnover is not None and turnover > limit.value


def why_not_recipient(*, recipient: Party, total: Decimal, on: date) -> Verdict:
    """Whether the recipient is known well enough for a document of so much (rule 46(e))."""
    if recipient.gstin or recipient.state or recipient.is_abroad:
        return ALLOWED
    limit = LAW.limit("named_recipient_inr", on)
    if total < limit.value:
        return ALLOWED
    return refused(
        _t(
            "From %(limit)s on, an invoice names the recipient's address and state (%(source)s). "
            "The organisation's nodal officer records them under “Billing details”."
        )
        % {"limit": inr_exact(limit.value), "source": limit.source}
    )


def why_not_credit(
    *,
    kind: str,
    amounts: Sequence[tuple[Decimal, Decimal]],
    reason: str,
    until_on: date,
    today: date,
) -> Verdict:
    """Whether a credit note may be issued: on an invoice, in time, and never for more than is left of a line.

    ``amounts`` are pairs of what is credited and what is left of each line; CGST Act, section 34.
    """
    if kind == DocumentKind.CREDIT_NOTE:
        return refused(_t("A credit note corrects an invoice, not another credit note."))
    if not reason.strip():
        return refused(_t("Say why it is credited."))
    if not any(asked for asked, _left in amounts):
        return refused(_t("Give an amount to credit on at least one line."))
    for asked, left in amounts:
        if asked < 0 or asked > left:
            return refused(
                _t("Of this line %(left)s is left to credit; %(asked)s was asked.")
                % {"left": inr_exact(left), "asked": inr_exact(asked)}
            )
    if today > until_on:
        return refused(
            _t(
                "A credit note on a supply of that year reduced its tax until %s (CGST Act, section 34(2)). "
                "Ask the accountant how to settle it."
            )
            % day(until_on)
        )
    return ALLOWED


def why_not_pay(*, amount: Decimal, deducted: Decimal, on: date, today: date) -> Verdict:
    """Whether a payment may be recorded: it is something, and it has happened."""
    if amount < 0 or deducted < 0 or amount + deducted <= 0:
        return refused(_t("A payment is more than zero."))
    return refused(_t("The day lies in the future.")) if on > today else ALLOWED


def why_not_dispute(*, kind: str, is_going: bool, text: str) -> Verdict:
    """Whether an invoice may be disputed: not while another dispute on it goes on."""
    if kind == DocumentKind.CREDIT_NOTE:
        return refused(_t("Dispute the invoice that the credit note corrects."))
    if is_going:
        return refused(_t("A dispute on this invoice goes on already: add to that one."))
    return ALLOWED if text.strip() else refused(_t("Say what is wrong with the invoice."))


def why_not_answer(*, state: str, text: str) -> Verdict:
    """Whether the host may answer a dispute."""
    if state not in GOING:
        return refused(_t("This dispute is settled."))
    return ALLOWED if text.strip() else refused(_t("Write the answer."))


def why_not_settle(*, state: str, to: str, answer: str, has_credit: bool) -> Verdict:
    """Whether a dispute may end: the host answers before it turns it down, and upholds it by a credit note."""
    if state not in GOING:
        return refused(_t("This dispute is settled."))
    if to == DisputeState.REJECTED and not answer.strip():
        return refused(_t("Answer the dispute before it is turned down."))
    if to == DisputeState.UPHELD and not has_credit:
        return refused(_t("A dispute is upheld by a credit note on its invoice."))
    return ALLOWED
