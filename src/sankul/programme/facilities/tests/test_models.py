"""What the database itself holds to."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
from django.db import IntegrityError, transaction

from sankul.programme.facilities.models import Instrument, Tariff, Ticket
from sankul.programme.facilities.rules import InstrumentStatus, Relation, UserClass
from sankul.programme.facilities.tests import makers
from sankul.programme.registry.tests.makers import organisation

pytestmark = pytest.mark.django_db


def test_an_instrument_belongs_to_the_institution_of_its_facility() -> None:
    host = organisation()
    assert makers.instrument(makers.facility(host)).organisation == host


def test_two_instruments_of_an_institution_never_share_an_address() -> None:
    host = organisation()
    makers.instrument(makers.facility(host), slug="sem")
    makers.instrument(slug="sem")
    with pytest.raises(IntegrityError, match="instrument_address_once"):
        makers.instrument(makers.facility(host), slug="sem")


def test_two_tariffs_of_one_class_never_hold_on_one_day() -> None:
    sem = makers.instrument()
    makers.tariff(sem, until_on=date(2026, 3, 31))
    makers.tariff(sem, from_on=date(2026, 4, 1))
    makers.tariff(sem, user_class=UserClass.MSME)
    makers.tariff(sem, relation=Relation.OWN)
    with (
        pytest.raises(IntegrityError, match="tariff_of_instrument_one_at_a_time"),
        transaction.atomic(),
    ):
        makers.tariff(sem, from_on=date(2026, 3, 31), until_on=date(2026, 3, 31))
    work = makers.service()
    makers.tariff(service=work)
    with pytest.raises(IntegrityError, match="tariff_of_service_one_at_a_time"):
        makers.tariff(service=work, from_on=date(2027, 1, 1))


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"sac": "123456"}, "tariff_sac_form"),
        ({"peak_percent": 20}, "tariff_peak_hours"),
        (
            {"peak_percent": 20, "peak_from": time(18), "peak_until": time(9)},
            "tariff_peak_hours",
        ),
        ({"rate_inr": -1}, "tariff_amounts"),
        ({"until_on": date(2019, 1, 1)}, "tariff_dates_in_order"),
    ],
)
def test_a_tariff_makes_sense(fields: dict[str, object], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        makers.tariff(**fields)


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"status": InstrumentStatus.WITHDRAWN}, "instrument_withdrawn_when"),
        ({"min_minutes": 60, "max_minutes": 30}, "instrument_booking_lengths"),
        ({"funder_ror": "nonsense"}, "instrument_funder_ror_form"),
    ],
)
def test_an_instrument_makes_sense(fields: dict[str, object], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        makers.instrument(**fields)


def test_a_resolved_ticket_blocks_no_longer_without_end() -> None:
    noon = datetime(2026, 12, 1, 6, 30, tzinfo=UTC)
    fault = makers.ticket(makers.instrument(), blocks_from=noon)
    with pytest.raises(IntegrityError, match="ticket_resolved_blocks_no_more"):
        Ticket.objects.filter(pk=fault.pk).update(resolved_at=noon)


def test_every_version_of_a_tariff_and_an_instrument_is_kept() -> None:
    sem = makers.instrument(name="SEM")
    sem.name = "Scanning electron microscope"
    sem.save()
    price = makers.tariff(sem)
    price.until_on = date(2026, 3, 31)
    price.save()
    names = Instrument.events.rel.related_model.objects.filter(pgh_obj=sem)  # type: ignore[attr-defined]
    assert list(names.order_by("pgh_id").values_list("name", flat=True)) == [
        "SEM",
        "Scanning electron microscope",
    ]
    ends = Tariff.events.rel.related_model.objects.filter(pgh_obj=price)  # type: ignore[attr-defined]
    assert list(ends.order_by("pgh_id").values_list("until_on", flat=True)) == [
        None,
        date(2026, 3, 31),
    ]
