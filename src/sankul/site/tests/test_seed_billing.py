"""The demonstration's bills: from bookings to money, the same every time."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import F, Sum

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
from sankul.programme.billing.queries import invoices as queries
from sankul.programme.billing.rules import DisputeState, gstin
from sankul.programme.bookings.models import Use
from sankul.programme.bookings.rules import State, Via
from sankul.programme.bookings.tests.makers import booking
from sankul.programme.facilities.rules import Relation, UserClass
from sankul.programme.facilities.tests import makers as facilities
from sankul.programme.registry.tests import makers
from sankul.site.seeds.demonstration import billing

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)


@pytest.fixture
def programme(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three hosts and four payers, each with a use in every month of the year before, and one that came late to nothing."""
    made = makers.programme(slug="demonstration", is_demonstration=True)
    cluster = makers.cluster(made, slug="hemakuti")
    hosts = [makers.organisation(is_demonstration=True) for _number in range(3)]
    payers = [makers.organisation(is_demonstration=True) for _number in range(4)]
    for one in (*hosts, *payers):
        makers.membership(cluster, one)
    for host in hosts:
        instrument = facilities.instrument(facilities.facility(host))
        facilities.tariffs(instrument, rate_inr=Decimal("987.65"), no_show_percent=50)
        tariff = instrument.tariffs.get(user_class=UserClass.ACADEMIA, relation=Relation.OUTSIDE)
        for month in range(12):
            for number, payer in enumerate(payers):
                starts_at = datetime(2026, 10, 12, 4, 30, tzinfo=UTC) - timedelta(days=30 * month)
                starts_at += timedelta(hours=number * 2)
                row = booking(
                    instrument, starts_at, starts_at + timedelta(hours=1.5), organisation=payer,
                    tariff=tariff, state=State.NO_SHOW if number == 3 else State.COMPLETED,
                )  # fmt: skip
                if number < 3:
                    Use.objects.create(
                        booking=row, started_at=row.starts_at, stopped_at=row.ends_at,
                        started_by=row.user, started_via=Via.PAGE,
                    )  # fmt: skip
    monkeypatch.setattr(billing, "BATCH", 7)  # batches that end within a document
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as what was loaded before may leave it
    billing.fill(made, AT)


@pytest.mark.usefixtures("programme")
def test_every_month_but_the_last_is_billed_without_a_gap() -> None:
    assert Charge.objects.count() == 3 * 12 * 4
    assert InvoiceLine.objects.filter(charge__isnull=False).count() == 3 * 11 * 4
    numbers: dict[tuple[int, str, int], list[int]] = defaultdict(list)
    for row in Invoice.objects.order_by("issued_on", "pk"):
        numbers[row.supplier_id, row.kind, row.year].append(row.number)
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())
    kept = {(one.supplier_id, one.kind, one.year): one.last for one in Counter.objects.all()}
    assert kept == {key: len(found) for key, found in numbers.items()}


@pytest.mark.usefixtures("programme")
def test_what_was_paid_and_credited_leaves_what_is_open() -> None:
    sums = Payment.objects.aggregate(paid=Sum(F("amount_inr") + F("deducted_inr")))
    asked = Invoice.objects.asking().aggregate(sum=Sum("total_inr"))["sum"]
    noted = Invoice.objects.corrections().aggregate(sum=Sum("total_inr"))["sum"]
    pairs = set(Invoice.objects.values_list("host", "payer"))
    settled = queries.settlements(pairs).values()
    left = sum((one.owed_inr - one.on_account_inr for one in settled), Decimal(0))
    assert left == asked - noted - sums["paid"] > 0
    assert sums["paid"] > asked / 2


@pytest.mark.usefixtures("programme")
def test_disputes_are_open_turned_down_and_upheld() -> None:
    states = sorted(Dispute.objects.values_list("state", flat=True))
    assert states == [DisputeState.OPEN, DisputeState.REJECTED, DisputeState.UPHELD]


@pytest.mark.usefixtures("programme")
def test_registrations_are_well_formed_and_of_nobody() -> None:
    held = [one for one in BillingParty.objects.values_list("gstin", flat=True) if one]
    assert held
    assert all(gstin(one) == one and one[2:7] == "ZZZZZ" for one in held)
    assert {one.treatment for one in Supplier.objects.all()} >= {"taxable", "exempt"}


def test_without_bookings_nothing_is_written() -> None:
    billing.fill(makers.programme(is_demonstration=True), AT)
    assert not Supplier.objects.exists()
