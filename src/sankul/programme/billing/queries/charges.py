"""Charges, and the drafts of invoices that they make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, QuerySet, Sum
from django.db.models.functions import TruncMonth

from sankul.core.rules.roles import Actor
from sankul.core.rules.verdicts import Refused, Verdict, refused
from sankul.programme.billing.models import Charge, InvoiceLine, Supplier
from sankul.programme.billing.rules import Computed, Item, Party, Supply, Treatment, compute
from sankul.programme.billing.rules.life import (
    why_not_bill,
    why_not_codes,
    why_not_host,
    why_not_recipient,
)
from sankul.programme.registry.models import Organisation

from . import parties


def visible(actor: Actor) -> QuerySet[Charge]:
    """Charges that the actor may see, with host, payer and whether they are on an invoice (``is_billed``)."""
    billed = InvoiceLine.objects.filter(charge=OuterRef("pk"))
    rows = Charge.objects.visible_to(actor).select_related("host", "payer")
    return rows.annotate(is_billed=Exists(billed))


def is_billed(charge: Charge) -> bool:
    """Whether a charge is on an invoice."""
    return InvoiceLine.objects.filter(charge=charge).exists()


def month_end(month: date) -> date:
    """The last day of the month that begins on ``month``."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def to_bill(host: Organisation, month: date, payer: Organisation | None = None) -> QuerySet[Charge]:
    """What is left to bill of a month, in order of day."""
    rows = host.charges_made.filter(happened_on__range=(month, month_end(month)))
    if payer is not None:
        rows = rows.filter(payer=payer)
    billed = InvoiceLine.objects.filter(charge=OuterRef("pk"))
    open_rows = rows.filter(~Exists(billed), waived_at=None, amount_inr__gt=0)
    return open_rows.order_by("payer_id", "happened_on", "pk")


def months(host: Organisation) -> list[tuple[date, int, Decimal]]:
    """Months with something left to bill, the latest first: month, number of payers, rupees without tax."""
    billed = InvoiceLine.objects.filter(charge=OuterRef("pk"))
    rows = host.charges_made.filter(~Exists(billed), waived_at=None, amount_inr__gt=0).order_by()
    grouped = rows.annotate(month=TruncMonth("happened_on")).values("month", "payer")
    found: dict[date, tuple[int, Decimal]] = {}
    for month, _payer, amount in grouped.annotate(sum=Sum("amount_inr")).values_list(
        "month", "payer", "sum"
    ):
        payers, sum_inr = found.get(month, (0, Decimal(0)))
        found[month] = payers + 1, sum_inr + amount
    return [(month, *found[month]) for month in sorted(found, reverse=True)]


@dataclass(frozen=True)
class Ready:
    """All that an invoice will say."""

    supply: Supply
    computed: Computed


@dataclass(frozen=True)
class Draft:
    """What an invoice would say if it were issued on a day: nothing of it is stored.

    ``content`` is None where it cannot be computed; ``verdict`` says whether it may be issued, and else why not.
    """

    host: Organisation
    payer: Organisation
    month: date
    charges: Sequence[Charge]
    content: Ready | None
    verdict: Verdict

    @property
    def charge_ids(self) -> list[int]:
        """The charges in it."""
        return [charge.pk for charge in self.charges]

    def ready(self) -> Ready:
        """What may be issued; raises Refused with the reason why not."""
        self.verdict.enforce()
        if self.content is None:
            raise Refused(self.verdict.reason)
        return self.content


def drafts(host: Organisation, month: date, on: date) -> list[Draft]:
    """A draft for each payer with something left to bill of a month: three queries."""
    rows = list(to_bill(host, month).select_related("payer"))
    payers = {row.payer_id: row.payer for row in rows}
    told = parties.told_of([host, *payers.values()], on)
    supplier = parties.supplier(host)
    made = [
        drawn(
            host,
            payer,
            month,
            [row for row in rows if row.payer_id == payer.pk],
            supplier,
            told,
            on,
        )
        for payer in payers.values()
    ]
    return sorted(made, key=lambda one: (one.payer.name, one.payer.pk))


def draft(host: Organisation, payer: Organisation, month: date, on: date) -> Draft:
    """The draft for one payer."""
    told = parties.told_of([host, payer], on)
    rows = list(to_bill(host, month, payer))
    return drawn(host, payer, month, rows, parties.supplier(host), told, on)


def drawn(
    host: Organisation,
    payer: Organisation,
    month: date,
    rows: Sequence[Charge],
    supplier: Supplier | None,
    told: dict[int, Party],
    on: date,
) -> Draft:
    """A draft from charges and parties in hand."""
    if supplier is None:
        return Draft(host, payer, month, rows, None, why_not_host(has_supplier=False))
    supply = supply_of(supplier, told[host.pk], told[payer.pk], on)
    try:
        computed = compute(supply, items(rows))
    except Refused as refusal:
        return Draft(host, payer, month, rows, None, refused(refusal.reason))
    verdict = why_not_bill(charges=len(rows), month_ends_on=month_end(month), today=on)
    if verdict:
        codes = [row.sac for row in rows]
        verdict = why_not_codes(codes=codes, turnover=supplier.turnover_inr, on=on)
    if verdict:
        total = computed.totals.total_inr
        verdict = why_not_recipient(recipient=supply.recipient, total=total, on=on)
    return Draft(host, payer, month, rows, Ready(supply, computed), verdict)


def supply_of(supplier: Supplier, host: Party, payer: Party, on: date) -> Supply:
    """Between whom, and how the host is treated, on a day."""
    has_lut = bool(supplier.lut) and (supplier.lut_until_on is None or on <= supplier.lut_until_on)
    return Supply(host, payer, Treatment(supplier.treatment), on, has_lut)


def items(rows: Iterable[Charge]) -> list[Item]:
    """The lines of charges, each with the charge and its place in it."""
    return [
        Item(
            description=f"{row.title}: {line['description']}"[:300],
            sac=row.sac,
            quantity=Decimal(line["quantity"]),
            unit=line["unit"],
            rate_inr=Decimal(line["rate_inr"]),
            taxable_inr=Decimal(line["amount_inr"]),
            charge=row.pk,
            part=part,
        )
        for row in rows
        for part, line in enumerate(row.lines)
    ]
