"""What the demonstration's institutions charged, billed and received for the use of their instruments.

Every booking that cost something is charged as its news would have charged it, and every month that ended is billed on the third
of the next, but for the last, which waits on the desks. Most payers pay, some late, some not at all; one dispute is open, one was
turned down, one upheld. The same rows come out of the same bookings.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import F, Q
from django.utils import timezone

from sankul.programme.billing.actions import charges, invoices, news
from sankul.programme.billing.models import (
    BillingParty,
    Charge,
    Counter,
    Dispute,
    Invoice,
    InvoiceLine,
    Payment,
    Supplier,
)
from sankul.programme.billing.queries import charges as queries
from sankul.programme.billing.rules import (
    KIND_OF,
    DisputeState,
    Mode,
    Party,
    Treatment,
    financial_year,
)
from sankul.programme.billing.rules.identifiers import check_character
from sankul.programme.bookings.models import Booking
from sankul.programme.bookings.rules import State
from sankul.programme.facilities.models import Instrument, Tariff
from sankul.programme.registry.models import Membership, Organisation, Programme
from sankul.programme.registry.rules import OrganisationKind

from .registry import SINCE

BATCH = 2000
HOUR = time(5, 30, tzinfo=UTC)
"""Eleven in the morning in India."""


@cache
def script() -> dict[str, Any]:
    """The file as it stands."""
    return tomllib.loads(files(__package__).joinpath("billing.toml").read_text("utf-8"))


@dataclass
class _Books:
    """What is billed: hosts with their terms, the parties of everybody, and the last number of each series."""

    suppliers: dict[int, Supplier]
    parties: dict[int, Party]
    counters: dict[tuple[int, str, int], Counter] = field(default_factory=dict)
    invoices: list[Invoice] = field(default_factory=list)
    lines: list[InvoiceLine] = field(default_factory=list)

    def numbered(self, supplier: Supplier, on: date) -> dict[str, Any]:
        """The next place in the series of a supplier."""
        kind, year = KIND_OF[Treatment(supplier.treatment)], financial_year(on)
        key = (supplier.pk, kind, year)
        counter = self.counters.setdefault(
            key, Counter(supplier=supplier, kind=kind, year=year, last=0)
        )
        return invoices.following(counter, on)


def fill(programme: Programme, at: datetime) -> None:
    """Write details, charges, invoices, payments and disputes of the demonstration's institutions, once."""
    if Supplier.objects.filter(organisation__is_demonstration=True).exists():
        return
    made = list(_charges(at))
    if not made:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SET CONSTRAINTS ALL DEFERRED"
        )  # the lines of one document come in two batches
    books = _books(programme, made)
    Charge.objects.bulk_create(made, BATCH)
    for month, host, payer, rows in _months(made, at):
        _bill(books, month, host, payer, rows)
    Counter.objects.bulk_create(books.counters.values())
    Invoice.objects.bulk_create(books.invoices, BATCH)
    InvoiceLine.objects.bulk_create(books.lines, BATCH)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    Payment.objects.bulk_create(_payments(books.invoices, at), BATCH)
    _argue(books.invoices, at)


def _charges(at: datetime) -> Iterator[Charge]:
    """Charges of what others used; instruments, tariffs and organisations are read once for all bookings."""
    rows = Instrument.objects.filter(organisation__is_demonstration=True)
    instruments = rows.select_related("facility__organisation").in_bulk()
    tariffs = Tariff.objects.filter(instrument__in=instruments).in_bulk()
    payers = Organisation.objects.filter(is_demonstration=True).in_bulk()
    for booking in _bookings(instruments, at):
        booking.instrument = instruments[booking.instrument_id]
        booking.tariff = tariffs[booking.tariff_id]
        booking.organisation = payers[booking.organisation_id]
        if thing := news.thing_of(booking):
            host = booking.instrument.facility.organisation
            yield charges.row(host, booking.organisation, thing, booking.ends_at)


def _bookings(instruments: Iterable[int], at: datetime) -> Iterator[Booking]:
    late = Q(state=State.CANCELLED, is_late=True)
    rows = Booking.objects.filter(
        late | Q(state__in=(State.COMPLETED, State.NO_SHOW)),
        instrument__in=list(instruments),
        tariff__isnull=False,
        ends_at__lt=at,
    ).exclude(organisation=F("instrument__organisation"))
    used = rows.select_related("use").prefetch_related("use__consumptions__consumable")
    return iter(used.order_by("starts_at", "pk"))


def _books(programme: Programme, made: Iterable[Charge]) -> _Books:
    hosts = {row.host.slug: row.host for row in made}
    payers = {row.payer.slug: row.payer for row in made}
    cities = _cities(programme)
    parties = [
        _party(number, body, cities.get(body.pk, ""))
        for number, (_slug, body) in enumerate(sorted((hosts | payers).items()), 1)
    ]
    BillingParty.objects.bulk_create(parties)
    told = {row.organisation_id: row.party for row in parties}
    suppliers = [
        _supplier(number, body, told[body.pk])
        for number, (_slug, body) in enumerate(sorted(hosts.items()))
    ]
    Supplier.objects.bulk_create(suppliers)
    return _Books({row.organisation_id: row for row in suppliers}, told)


def _cities(programme: Programme) -> dict[int, str]:
    """The cluster of each organisation, by its short name."""
    rows = Membership.objects.filter(cluster__programme=programme).order_by("-pk")
    return dict(rows.values_list("organisation", "cluster__slug"))


def _party(number: int, body: Organisation, city: str) -> BillingParty:
    state = script()["states"].get(city, "97")
    first = f"{state}ZZZZZ{number:04d}Z1Z"  # no permanent account number begins so
    return BillingParty(
        organisation=body,
        legal_name=body.name,
        address=f"{number} Demonstration Road",
        city=body.city or city.title() or "Anywhere",
        state=state,
        gstin=first + check_character(first) if number % 7 else "",
        is_sez=body.kind == OrganisationKind.INDUSTRY and number % 2 == 0,
        from_on=SINCE,
    )


def _supplier(number: int, body: Organisation, own: Party) -> Supplier:
    given = script()["treatments"].get(str(number), Treatment.TAXABLE)
    treatment = Treatment(given) if own.gstin else Treatment.UNREGISTERED
    bank = script()["bank"]
    return Supplier(
        organisation=body,
        treatment=treatment,
        exemption=bank["exemption"] if treatment == Treatment.EXEMPT else "",
        prefix=f"{body.slug[:2].upper()}{number + 1:02d}",
        signatory=bank["signatory"],
        bank=bank["name"],
        account=f"{number + 1:012d}",
        ifsc="DEMO0000001",
    )


Billed = tuple[date, Organisation, Organisation, list[Charge]]


def _months(made: Iterable[Charge], at: datetime) -> Iterator[Billed]:
    """Charges by month, host and payer in the order in which they were billed, without the month that ended last."""
    today = timezone.localdate(at)
    last = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    grouped: dict[tuple[date, str, str], list[Charge]] = defaultdict(list)
    for row in made:
        grouped[row.happened_on.replace(day=1), row.host.slug, row.payer.slug].append(row)
    for (month, _host, _payer), rows in sorted(grouped.items(), key=lambda item: item[0]):
        if month < last:
            yield month, rows[0].host, rows[0].payer, rows


def _bill(
    books: _Books, month: date, host: Organisation, payer: Organisation, rows: list[Charge]
) -> None:
    on = queries.month_end(month) + timedelta(days=3)
    supplier = books.suppliers[host.pk]
    ready = queries.drawn(host, payer, month, rows, supplier, books.parties, on)
    if not ready.verdict:
        return
    content = ready.ready()
    at = datetime.combine(on, HOUR)
    made = invoices.row(supplier, ready, content, books.numbered(supplier, on), at)
    books.invoices.append(made)
    books.lines += invoices.line_rows(made, content.computed.items)


def _payments(rows: Iterable[Invoice], at: datetime) -> Iterator[Payment]:
    """Three in four are paid in time, one in six late, the others not yet; firms deduct a tenth of the value at source."""
    today = timezone.localdate(at)
    for row in rows:
        rng = np.random.default_rng(list(row.serial.encode()))
        chance = float(rng.random())
        days = int(rng.integers(5, 30) if chance < 0.75 else rng.integers(31, 75))
        paid_on = row.issued_on + timedelta(days=days)
        if chance > 0.92 or paid_on > today:
            continue
        is_firm = row.payer.kind in ("industry", "msme", "startup")
        deducted = (row.taxable_inr / 10).quantize(Decimal(1)) if is_firm else Decimal(0)
        yield Payment(
            host=row.host,
            payer=row.payer,
            invoice=row,
            amount_inr=row.total_inr - deducted,
            deducted_inr=deducted,
            paid_on=paid_on,
            mode=Mode.BANK,
            reference=f"UTR{row.serial.replace('/', '')}",
            recorded_at=datetime.combine(paid_on, HOUR),
        )


def _argue(rows: list[Invoice], at: datetime) -> None:
    """Of the largest of the last months: one dispute is open, one was turned down, one upheld by a credit note."""
    since = timezone.localdate(at) - timedelta(days=240)
    recent = [row for row in rows if row.issued_on > since and row.total_inr]
    states = (DisputeState.OPEN, DisputeState.REJECTED, DisputeState.UPHELD)
    largest = sorted(recent, key=lambda one: (-one.total_inr, one.serial))
    for row, state in zip(largest, states, strict=False):
        Dispute.objects.create(invoice=row, state=state, **_argued(row, state, at))


def _argued(row: Invoice, state: DisputeState, at: datetime) -> dict[str, Any]:
    told = script()["dispute"]
    opened_at = min(row.issued_at + timedelta(days=6), at)
    given = {"text": told["text"], "opened_at": opened_at}
    if state == DisputeState.OPEN:
        return given
    ended_at = min(opened_at + timedelta(days=4), at)
    upheld = state == DisputeState.UPHELD
    answer = told["upheld"] if upheld else told["answer"]
    note = _credited(row, answer, ended_at) if upheld else None
    return given | {
        "answer": answer,
        "answered_at": ended_at,
        "settled_at": ended_at,
        "credit_note": note,
    }


def _credited(row: Invoice, reason: str, at: datetime) -> Invoice:
    line = row.lines.order_by("-taxable_inr", "pk")[0]
    amount = (line.taxable_inr / 4).quantize(Decimal("0.01"))
    return invoices.credit(actor=None, invoice=row, amounts={line.pk: amount}, reason=reason, at=at)
