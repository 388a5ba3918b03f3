"""Reading the area: hours, prices, people, the catalogue."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sankul.core.rules.roles import Role, Scope, ScopeKind
from sankul.core.tests.makers import AT, TODAY, actor_with, document, grant, public, user
from sankul.programme.facilities.models import Instrument
from sankul.programme.facilities.queries import catalogue, earliest, people, prices
from sankul.programme.facilities.queries.hours import down_units, open_windows
from sankul.programme.facilities.rules import InstrumentStatus, Relation, UserClass
from sankul.programme.facilities.tests import makers
from sankul.programme.registry.tests.makers import cluster, membership, organisation

pytestmark = pytest.mark.django_db


def utc(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


MONDAY, TUESDAY = utc("2026-11-23T00:00"), utc("2026-11-24T00:00")
OPEN = (utc("2026-11-23T03:30"), utc("2026-11-23T11:30"))


def monday(one: Instrument) -> list[tuple[datetime, datetime]]:
    """The open intervals of an instrument on the Monday of these tests."""
    return [tuple(span) for span in open_windows([one], MONDAY, TUESDAY)[one.pk]]  # type: ignore[misc]


def test_an_instrument_is_open_when_its_facility_is() -> None:
    one = makers.instrument()
    assert monday(one) == []
    makers.opening(one.facility)
    assert monday(one) == [OPEN]


def test_hours_of_its_own_replace_those_of_the_facility() -> None:
    one = makers.instrument()
    makers.week(one.facility)
    makers.opening(one.facility, instrument=one, opens=time(18), closes=time(0))
    assert monday(one) == [(utc("2026-11-23T12:30"), utc("2026-11-23T18:30"))]
    beside = makers.instrument(one.facility)
    assert monday(beside) == [OPEN]


def test_closures_of_the_facility_and_of_the_instrument_are_cut_out() -> None:
    one = makers.instrument()
    beside = makers.instrument(one.facility)
    makers.week(one.facility)
    day = {"from_on": date(2026, 11, 23), "until_on": date(2026, 11, 23)}
    makers.closure(one.facility, instrument=one, **day)
    assert monday(one) == []
    assert monday(beside) == [OPEN]
    makers.closure(one.facility, **day)
    assert monday(beside) == []


def test_a_closure_counts_by_the_day_of_the_place() -> None:
    far = makers.facility(timezone="Pacific/Honolulu")
    one = makers.instrument(far)
    makers.opening(far, weekday=6, opens=time(20), closes=time(22))
    evening = (utc("2026-11-23T06:00"), utc("2026-11-23T08:00"))
    assert monday(one) == [evening]
    makers.closure(far, from_on=date(2026, 11, 22), until_on=date(2026, 11, 22))
    assert monday(one) == []


def test_tickets_and_trainings_are_cut_out() -> None:
    one = makers.instrument(units=2)
    makers.week(one.facility)
    makers.ticket(one, blocks_from=utc("2026-11-23T05:00"), blocks_until=utc("2026-11-23T06:00"))
    makers.session(one, starts_at=utc("2026-11-23T07:00"), ends_at=utc("2026-11-23T08:00"))
    makers.session(
        one, starts_at=utc("2026-11-23T09:00"), ends_at=utc("2026-11-23T10:00"), cancelled_at=AT
    )
    assert monday(one) == [
        (utc("2026-11-23T03:30"), utc("2026-11-23T05:00")),
        (utc("2026-11-23T06:00"), utc("2026-11-23T07:00")),
        (utc("2026-11-23T08:00"), utc("2026-11-23T11:30")),
    ]
    makers.ticket(one, blocks_from=utc("2026-11-20T00:00"))
    assert monday(one) == []


def test_a_ticket_of_one_unit_leaves_the_other_open() -> None:
    one = makers.instrument(units=2)
    makers.week(one.facility)
    first = one.units.all()[0]
    makers.ticket(one, unit=first, blocks_from=utc("2026-11-23T05:00"))
    assert monday(one) == [OPEN]
    assert down_units([one], MONDAY, TUESDAY) == {
        first.pk: [(utc("2026-11-23T05:00"), TUESDAY)],
    }


def test_what_is_withdrawn_is_never_open() -> None:
    one = makers.instrument(status=InstrumentStatus.WITHDRAWN, withdrawn_at=AT)
    makers.week(one.facility)
    assert monday(one) == []


def test_windows_of_many_instruments_take_one_query(
    django_assert_num_queries: Any,
) -> None:
    made = [makers.instrument() for _number in range(3)]
    for one in made:
        makers.week(one.facility)
        makers.ticket(one, blocks_from=utc("2026-11-23T05:00"))
    for few in (made[:1], made):
        with django_assert_num_queries(1):
            found = open_windows(few, MONDAY, TUESDAY + timedelta(days=90))
        assert len(found) == len(few)


def test_the_tariff_of_the_day_is_taken() -> None:
    one = makers.instrument()
    old = makers.tariff(one, until_on=date(2026, 3, 31))
    new = makers.tariff(one, from_on=date(2026, 4, 1), rate_inr=Decimal(800))

    def on(day: date) -> object:
        return prices.tariff_in_force(one, UserClass.ACADEMIA, Relation.OUTSIDE, day)

    assert on(date(2026, 3, 31)) == old
    assert on(date(2026, 4, 1)) == new
    assert on(date(2019, 1, 1)) is None
    assert prices.tariff_in_force(one, UserClass.MSME, Relation.OUTSIDE, TODAY) is None


def test_a_tariff_that_changes_while_the_instrument_is_used_changes_nothing() -> None:
    one = makers.instrument()
    old = makers.tariff(one, until_on=date(2026, 3, 31))
    makers.tariff(one, from_on=date(2026, 4, 1), rate_inr=Decimal(800))
    night = utc("2026-03-31T17:30")  # 23:00 in India, an hour before the new tariff
    found = prices.quote(
        one,
        user_class=UserClass.ACADEMIA,
        relation=Relation.OUTSIDE,
        starts_at=night,
        ends_at=night + timedelta(hours=3),
    )
    assert found is not None
    assert (found.tariff, found.amount_inr) == (old, Decimal("1800.00"))


def test_a_service_is_quoted_by_the_unit() -> None:
    work = makers.service()
    makers.tariff(service=work, rate_inr=Decimal(450))
    found = prices.quote_work(
        work,
        user_class=UserClass.ACADEMIA,
        relation=Relation.OUTSIDE,
        on=TODAY,
        quantity=Decimal(4),
    )
    assert found is not None
    assert found.amount_inr == Decimal("1800.00")
    assert found.estimate.lines[0].unit == "sample"


def test_relation_follows_memberships_of_the_day() -> None:
    host, asker, city = organisation(), organisation(), cluster()
    membership(city, host)
    membership(city, asker, until_on=date(2026, 3, 31))
    assert prices.relation_of(host, host, TODAY) == Relation.OWN
    assert prices.relation_of(host, asker, date(2026, 3, 1)) == Relation.CLUSTER
    assert prices.relation_of(host, asker, TODAY) == Relation.OUTSIDE
    assert prices.relation_of(host, asker) == Relation.OUTSIDE


def test_the_catalogue_tells_what_the_asker_pays() -> None:
    host, neighbour, stranger, city = organisation(), organisation(), organisation(), cluster()
    membership(city, host)
    membership(city, neighbour)
    one = makers.instrument(makers.facility(host))
    for relation, rate in zip(Relation, (100, 200, 300), strict=True):
        makers.tariff(one, relation=relation, rate_inr=Decimal(rate))

    def price(asker: Any) -> Decimal:
        rows = catalogue.catalogue(public(), asker=catalogue.Asker(asker), on=TODAY)
        told: Decimal = rows.get().price_inr  # type: ignore[attr-defined]
        return told

    assert [price(one) for one in (host, neighbour, stranger, None)] == [
        Decimal(100),
        Decimal(200),
        Decimal(300),
        Decimal(300),
    ]
    for asker, rate in ((host, 100), (neighbour, 200), (None, 300)):
        assert prices.rates([one], asker, TODAY)[one.pk].rate_inr == rate


def test_words_find_instruments_by_name_technique_place_and_likeness() -> None:
    place = makers.facility(place="Udayanagar")
    sem = makers.instrument(place, name="Scanning electron microscope", make="Tarang")
    sem.techniques.add(makers.technique(name="Energy-dispersive X-ray spectroscopy"))
    nmr = makers.instrument(name="NMR spectrometer 500 MHz", summary="For small molecules.")
    for text, expected in {
        "microscopes": {sem},
        "tarang": {sem},
        "microscop": {sem},
        "scaning electron microscpe": {sem},
        "x-ray": {sem},
        "Udayanagar": {sem},
        "molecule": {nmr},
        "centrifuge": set(),
        "": {sem, nmr},
    }.items():
        assert set(catalogue.catalogue(public(), text)) == expected, text


def test_the_catalogue_shows_active_facilities_and_what_is_not_withdrawn() -> None:
    shown = makers.instrument()
    makers.instrument(status=InstrumentStatus.WITHDRAWN, withdrawn_at=AT)
    hidden = makers.instrument(makers.facility(is_active=False))
    assert set(catalogue.catalogue(public())) == {shown}
    own = makers.manager(hidden.facility.organisation)
    assert set(catalogue.catalogue(own)) == {shown, hidden}
    assert list(people.managed(own)) == [hidden.facility]


def test_completeness_is_told_for_many_in_one_query(django_assert_num_queries: Any) -> None:
    bare = makers.instrument()
    full = makers.instrument(
        summary="For surfaces.",
        make="Tarang",
        model="T1",
        pid="10.5555/sem",
        sample_kinds=["powder"],
        commissioned_on=date(2020, 1, 1),
        photo=document(media_type="image/png", name="sem.png"),
    )
    full.techniques.add(makers.technique())
    makers.specification(full)
    makers.opening(full.facility)
    makers.tariff(full)
    with django_assert_num_queries(1):
        found = catalogue.told([bare, full])
    assert found[full.pk].share == 1
    assert found[bare.pk].share == Decimal(1) / 12


def test_people_act_for_the_organisations_whose_roles_they_hold() -> None:
    ours, theirs = organisation(), organisation()
    actor = makers.member(ours)
    assert list(people.organisations_of(actor)) == [ours]
    assert list(people.organisations_of(public())) == []
    staff = actor_with(Role.CLUSTER_STAFF, Scope(ScopeKind.CLUSTER, cluster().pk))
    assert list(people.organisations_of(staff)) == []
    assert actor.user
    assert people.books_for(actor.user, ours, AT)
    assert not people.books_for(actor.user, theirs, AT)
    left = user()
    grant(left, Role.MEMBER, ours.scopes[0], until_on=date(2026, 1, 1))
    assert not people.books_for(left, ours, AT)


def test_a_qualification_holds_between_its_days_unless_revoked() -> None:
    one, other, gone, someone = (
        makers.instrument(),
        makers.instrument(),
        makers.instrument(),
        user(),
    )
    makers.qualification(one, someone, until_on=date(2027, 3, 31))
    makers.qualification(other, someone, from_on=date(2027, 1, 1))
    makers.qualification(gone, someone, revoked_at=AT)
    every = [one, other, gone]
    assert people.qualified(someone, every, TODAY) == {one.pk}
    assert people.qualified(someone, every, date(2027, 2, 1)) == {one.pk, other.pk}
    assert people.qualified(user(), every, TODAY) == set()


def test_nobody_knows_free_slots_until_somebody_declares_how(monkeypatch: Any) -> None:
    monkeypatch.setattr(earliest, "DECLARED", [])
    one = makers.instrument()
    assert not earliest.is_known()
    assert earliest.earliest([one], AT) == {}
    earliest.declare(lambda found, minutes, at: {it.pk: at for it in found})
    assert earliest.earliest([one], AT) == {one.pk: AT}
    with pytest.raises(ValueError, match="twice"):
        earliest.declare(lambda found, minutes, at: {})
