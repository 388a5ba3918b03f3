"""Issuing invoices and credit notes: one transaction, one serial number, no gap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.core.actions import events
from sankul.core.actions.constraints import refusing
from sankul.core.models import User
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.programme.billing.models import Counter, Invoice, InvoiceLine, Supplier
from sankul.programme.billing.queries import charges as charge_queries
from sankul.programme.billing.queries import invoices as queries
from sankul.programme.billing.queries import parties
from sankul.programme.billing.queries.charges import Draft, Ready
from sankul.programme.billing.rules import (
    BILL,
    KIND_OF,
    LAW,
    LAW_DIGEST,
    Computed,
    DocumentKind,
    Item,
    Party,
    Tax,
    Treatment,
    financial_year,
    serial,
)
from sankul.programme.billing.rules.amounts import ZERO
from sankul.programme.billing.rules.life import why_not_credit, why_not_host
from sankul.programme.billing.rules.tax import Totals
from sankul.programme.billing.rules.tax import credit as credited
from sankul.programme.registry.models import Organisation

BILLED = {"invoice_line_bills_once": _("A charge of this draft has just been billed.")}


def issue(
    *,
    actor: Actor | None,
    host: Organisation,
    payer: Organisation,
    month: date,
    at: datetime,
    seen: Sequence[int] | None = None,
) -> Invoice:
    """Issue the invoice of a month to a payer: everything that is left to bill of it, in one transaction.

    ``month`` is its first day; ``seen`` are the charges of the draft that was looked at. Of any number who issue at once, one
    does; its number follows the one before. Raises Refused where the month has not ended, nothing is left to bill, the draft has
    changed since it was seen, or the law asks for details that are not on record.
    """
    if actor is not None:
        require(actor, BILL, *host.scopes)
    with refusing(BILLED), transaction.atomic():
        return _issued(actor, host, payer, month, at, seen)


def _issued(
    actor: Actor | None,
    host: Organisation,
    payer: Organisation,
    month: date,
    at: datetime,
    seen: Sequence[int] | None,
) -> Invoice:
    on = timezone.localdate(at)
    supplier = parties.supplier(host)
    if supplier is None:
        raise Refused(why_not_host(has_supplier=False).reason)
    counter = _locked(supplier, KIND_OF[Treatment(supplier.treatment)], on)
    rows = charge_queries.to_bill(host, month, payer).select_for_update(of=("self",))
    told = parties.told_of([host, payer], on)
    draft = charge_queries.drawn(host, payer, month, list(rows), supplier, told, on)
    ready = draft.ready()
    if seen is not None and sorted(seen) != sorted(draft.charge_ids):
        raise Refused(_t("The draft has changed since you looked at it: look again, then issue."))
    invoice = _written(actor, supplier, counter, draft, ready, at)
    _record(actor, "invoice.issued", invoice, at)
    return invoice


def _locked(supplier: Supplier, kind: DocumentKind, on: date) -> Counter:
    """The counter of a series, which nobody else moves until the end of the transaction."""
    key: dict[str, Any] = {"supplier": supplier, "kind": kind, "year": financial_year(on)}
    Counter.objects.get_or_create(**key)
    return Counter.objects.select_for_update().get(**key)


def _numbered(counter: Counter, on: date) -> dict[str, Any]:
    numbered = following(counter, on)
    counter.save(update_fields=["last"])
    return numbered


def following(counter: Counter, on: date) -> dict[str, Any]:
    """The next place in a series; the counter moves on, and is saved by the caller."""
    counter.last += 1
    made = serial(
        prefix=counter.supplier.prefix, kind=DocumentKind(counter.kind), number=counter.last, on=on
    )
    return {"kind": counter.kind, "year": counter.year, "number": counter.last, "serial": made}


def _written(
    actor: Actor | None,
    supplier: Supplier,
    counter: Counter,
    draft: Draft,
    ready: Ready,
    at: datetime,
) -> Invoice:
    by = actor.user if actor else None
    invoice = row(supplier, draft, ready, _numbered(counter, ready.supply.on), at, by)
    invoice.save()
    _write_lines(invoice, ready.computed.items)
    return invoice


def row(
    supplier: Supplier,
    draft: Draft,
    ready: Ready,
    numbered: dict[str, Any],
    at: datetime,
    by: User | None = None,
) -> Invoice:
    """The invoice of a draft as a row that is not written yet; ``numbered`` is its place in its series."""
    supply, computed = ready.supply, ready.computed
    return Invoice(
        supplier=supplier,
        host=draft.host,
        payer=draft.payer,
        **numbered,
        issued_on=supply.on,
        issued_at=at,
        issued_by=by,
        due_on=supply.on + timedelta(days=supplier.pay_within_days),
        month=draft.month,
        supplier_told=_supplier_told(supplier, supply.supplier),
        recipient_told=asdict(supply.recipient),
        recipient_gstin=supply.recipient.gstin,
        is_sez=supply.recipient.is_sez,
        law=LAW_DIGEST,
        **_placed(computed),
        **asdict(computed.totals),
    )


def _placed(computed: Computed) -> dict[str, Any]:
    return {
        "place_of_supply": computed.placed.state,
        "place_source": computed.placed.source[:250],
        "statements": list(computed.statements),
    }


def _supplier_told(supplier: Supplier, party: Party) -> dict[str, Any]:
    names = ("signatory", "bank", "account", "ifsc", "treatment", "exemption", "lut")
    return asdict(party) | {name: getattr(supplier, name) for name in names}


def _write_lines(
    invoice: Invoice,
    items: Sequence[tuple[Item, Tax]],
    takes_off: Sequence[InvoiceLine] = (),
) -> None:
    InvoiceLine.objects.bulk_create(line_rows(invoice, items, takes_off))


def line_rows(
    invoice: Invoice,
    items: Sequence[tuple[Item, Tax]],
    takes_off: Sequence[InvoiceLine] = (),
) -> list[InvoiceLine]:
    """The lines of a document as rows that are not written yet."""
    return [
        InvoiceLine(
            invoice=invoice,
            position=position,
            charge_id=item.charge,
            part=item.part,
            credits=takes_off[position - 1] if takes_off else None,
            description=item.description,
            sac=item.sac,
            quantity=item.quantity,
            unit=item.unit,
            rate_inr=item.rate_inr,
            taxable_inr=item.taxable_inr,
            tax_percent=tax.percent,
            cgst_inr=tax.cgst_inr,
            sgst_inr=tax.sgst_inr,
            igst_inr=tax.igst_inr,
        )
        for position, (item, tax) in enumerate(items, 1)
    ]


@transaction.atomic
def credit(
    *,
    actor: Actor | None,
    invoice: Invoice,
    amounts: Mapping[int, Decimal],
    reason: str,
    at: datetime,
) -> Invoice:
    """Issue a credit note that takes ``amounts`` (rupees without tax, by the id of a line) off an invoice (CGST Act, s. 34).

    The tax of each line goes with it; the rounding of the invoice goes with the note that credits the last of it, so that notes
    never add up to more. Raises Refused for more than is left of a line, without a reason, or after the day that the law sets.
    """
    if actor is not None:
        require(actor, BILL, invoice.host_scope)
    on = timezone.localdate(at)
    counter = _locked(invoice.supplier, DocumentKind.CREDIT_NOTE, on)
    left = queries.left(invoice)
    _check_lines(amounts, left)
    why_not_credit(
        kind=invoice.kind,
        amounts=[(amounts.get(one.line.pk, ZERO), one.taxable_inr) for one in left],
        reason=reason,
        until_on=LAW.credit_until(invoice.month_ends_on, on),
        today=on,
    ).enforce()
    note = _credit_written(actor, invoice, counter, amounts, left, reason, at)
    _record(actor, "invoice.credited", note, at, {"original": invoice.pk})
    return note


def _check_lines(amounts: Mapping[int, Decimal], left: Sequence[queries.Left]) -> None:
    unknown = set(amounts) - {one.line.pk for one in left}
    if unknown:
        raise Refused(_t("Line %s is not of this invoice.") % min(unknown))


def _credit_written(
    actor: Actor | None,
    invoice: Invoice,
    counter: Counter,
    amounts: Mapping[int, Decimal],
    left: Sequence[queries.Left],
    reason: str,
    at: datetime,
) -> Invoice:
    on = timezone.localdate(at)
    taken = [(one, amounts[one.line.pk]) for one in left if amounts.get(one.line.pk)]
    pairs = [(_credit_item(one, asked), _credit_tax(one, asked)) for one, asked in taken]
    ends = all(amounts.get(one.line.pk, ZERO) == one.taxable_inr for one in left)
    sums = _credit_totals(pairs, invoice.rounding_inr if ends else ZERO)
    note = Invoice.objects.create(
        supplier=invoice.supplier,
        host=invoice.host,
        payer=invoice.payer,
        **_numbered(counter, on),
        issued_on=on,
        issued_at=at,
        issued_by=actor.user if actor else None,
        month=invoice.month,
        original=invoice,
        reason=reason.strip()[:300],
        supplier_told=invoice.supplier_told,
        recipient_told=invoice.recipient_told,
        recipient_gstin=invoice.recipient_gstin,
        is_sez=invoice.is_sez,
        place_of_supply=invoice.place_of_supply,
        place_source=invoice.place_source,
        statements=invoice.statements,
        law=LAW_DIGEST,
        **asdict(sums),
    )
    _write_lines(note, pairs, [one.line for one, _asked in taken])
    return note


def _credit_item(one: queries.Left, asked: Decimal) -> Item:
    line = one.line
    whole = asked == line.taxable_inr
    item = Item(
        line.description, line.sac, line.quantity, line.unit, line.rate_inr, taxable_inr=asked
    )
    return item if whole else replace(item, quantity=Decimal(1), unit=_t("part"), rate_inr=asked)


def _credit_tax(one: queries.Left, asked: Decimal) -> Tax:
    return credited(asked=asked, taxable_left=one.taxable_inr, left=one.tax)


def _credit_totals(pairs: Sequence[tuple[Item, Tax]], rounding: Decimal) -> Totals:
    taxable = sum((item.taxable_inr for item, _tax in pairs), ZERO)
    cgst, sgst, igst = (
        sum((getattr(tax, name) for _item, tax in pairs), ZERO)
        for name in ("cgst_inr", "sgst_inr", "igst_inr")
    )
    return Totals(taxable, cgst, sgst, igst, rounding, taxable + cgst + sgst + igst + rounding)


def _record(
    actor: Actor | None,
    verb: str,
    invoice: Invoice,
    at: datetime,
    data: dict[str, Any] | None = None,
) -> None:
    events.record(
        actor=actor,
        verb=verb,
        subject=invoice,
        at=at,
        scopes=invoice.scopes,
        data={"serial": invoice.serial, "total_inr": str(invoice.total_inr)} | (data or {}),
    )
