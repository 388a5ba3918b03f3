"""What people of an institution change, and what is refused with its reason."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sankul.core.models import Event
from sankul.core.rules.roles import Actor, Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.core.tests.makers import AT, TODAY, actor_with, public, user
from sankul.programme.facilities.actions import (
    facility,
    hours,
    instrument,
    paper,
    tariff,
    ticket,
    training,
)
from sankul.programme.facilities.models import Instrument
from sankul.programme.facilities.queries import ahead
from sankul.programme.facilities.queries.prices import tariff_in_force
from sankul.programme.facilities.rules import (
    InstrumentStatus,
    Relation,
    Severity,
    TicketKind,
    TrainingOutcome,
    UserClass,
)
from sankul.programme.facilities.rules.hours import Hours
from sankul.programme.facilities.tests import makers
from sankul.programme.registry.models import Organisation
from sankul.programme.registry.tests.makers import organisation

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def host() -> Organisation:
    """The institution whose lab manager acts."""
    return organisation()


@pytest.fixture
def manager(host: Organisation) -> Actor:
    """Its lab manager."""
    return makers.manager(host)


@pytest.fixture
def sem(host: Organisation) -> Instrument:
    """An instrument of it."""
    return makers.instrument(makers.facility(host), slug="sem", name="SEM")


def verbs() -> list[str]:
    """What the log says, in order."""
    return list(Event.objects.order_by("seq").values_list("verb", flat=True))


def booked(monkeypatch: Any, *starts: datetime) -> None:
    """Have somebody keep bookings of an hour each, from these moments."""
    kept = [ahead.Ahead(one, one + HOUR, user(), organisation(), "/b/") for one in starts]

    def affected(_one: Any, _unit: Any, since: datetime, until: datetime | None) -> Any:
        return [
            one for one in kept if one.ends_at > since and (until is None or one.starts_at < until)
        ]

    monkeypatch.setattr(ahead, "DECLARED", [affected])


def test_a_facility_is_established_by_its_institution_only(
    host: Organisation, manager: Actor
) -> None:
    made = facility.establish(
        actor=manager, organisation=host, at=AT, slug="caf", name=" Central facility "
    )
    assert (made.name, made.answer_within_hours, made.timezone) == (
        "Central facility",
        48,
        "Asia/Kolkata",
    )
    nodal = actor_with(Role.NODAL_OFFICER, host.scopes[0])
    facility.revise(actor=nodal, facility=made, at=AT, place="Udayanagar")
    made.refresh_from_db()
    assert made.place == "Udayanagar"
    others = (
        makers.manager(organisation()),
        makers.member(host),
        public(),
        actor_with(Role.PROGRAMME_OFFICER),
    )
    for other in others:
        with pytest.raises(Forbidden):
            facility.revise(actor=other, facility=made, at=AT, place="Elsewhere")
    assert verbs() == ["facility.established", "facility.revised"]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"slug": "caf"}, "another facility of this short name"),
        ({"slug": "new"}, "a word of the addresses"),
        ({"slug": "x", "timezone": "Asia/Calcuta"}, "no time zone"),
        ({"slug": "x", "latitude": Decimal(12)}, "latitude and longitude both"),
        ({"slug": "x", "outsider_share_percent": 130}, "less than or equal to 100"),
    ],
)
def test_a_facility_that_makes_no_sense_is_refused(
    host: Organisation, manager: Actor, given: dict[str, Any], reason: str
) -> None:
    makers.facility(host, slug="caf")
    with pytest.raises(Refused, match=reason):
        facility.establish(actor=manager, organisation=host, at=AT, **{"name": "X"} | given)
    assert verbs() == []


def test_services_and_consumables_are_offered(host: Organisation, manager: Actor) -> None:
    place, eds = makers.facility(host), makers.technique()
    work = facility.offer(
        actor=manager,
        facility=place,
        at=AT,
        slug="xrd",
        name="Powder pattern",
        turnaround_days=7,
        unit_name="sample",
        sample_kinds=["powder", " powder", "thin  film"],
        techniques=[eds],
    )
    assert work.sample_kinds == ["powder", "thin film"]
    facility.revise_service(actor=manager, service=work, at=AT, is_active=False)
    work.refresh_from_db()
    assert (work.is_active, list(work.techniques.all())) == (False, [eds])
    for price in (250, 300):
        facility.stock(
            actor=manager,
            facility=place,
            name="Grid",
            unit_name="piece",
            price_inr=Decimal(price),
            at=AT,
        )
    assert [one.price_inr for one in place.consumables.all()] == [Decimal(300)]


def test_an_instrument_is_entered_with_its_units_and_specification(
    host: Organisation, manager: Actor
) -> None:
    made = instrument.enter(
        actor=manager,
        facility=makers.facility(host),
        at=AT,
        slug="nmr",
        name="NMR",
        units=2,
        specifications=[("Field", "11.7", "T"), ("Bore", "54", "mm")],
        funder_ror="https://ror.org/04dese585",
    )
    made.refresh_from_db()
    assert made.organisation == host
    assert made.funder_ror == "04dese585"
    assert [unit.label for unit in made.units.all()] == ["Unit 1", "Unit 2"]
    assert [str(one) for one in made.specifications.all()] == ["Field 11.7 T", "Bore 54 mm"]
    instrument.revise(actor=manager, instrument=made, at=AT + HOUR, units=1)
    assert [unit.is_active for unit in made.units.all()] == [True, False]
    made.refresh_from_db()
    assert made.confirmed_at == AT + HOUR


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"slug": "sem"}, "another instrument of this short name"),
        ({"slug": "x", "funder_ror": "04dese586"}, "no ROR id"),
        ({"slug": "x", "slot_minutes": 45, "min_minutes": 50}, "made of whole slots"),
        ({"slug": "x", "units": 0}, "1 to 50 units"),
        ({"slug": "x", "name": ""}, "Name: This field cannot be blank"),
        ({"slug": "x", "specifications": [("a", "1", ""), ("A", "2", "")]}, "told twice"),
    ],
)
def test_an_instrument_that_makes_no_sense_is_refused(
    sem: Instrument, manager: Actor, given: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        instrument.enter(
            actor=manager, facility=sem.facility, at=AT, **{"name": "X", "slug": "x"} | given
        )
    assert Instrument.objects.count() == 1


def test_a_listing_is_confirmed_by_hand_and_by_use(sem: Instrument, manager: Actor) -> None:
    instrument.confirm(actor=manager, instrument=sem, at=AT + HOUR)
    sem.refresh_from_db()
    assert sem.confirmed_at == AT + HOUR
    instrument.confirm_by_use(instrument=sem, at=AT)
    instrument.confirm_by_use(instrument=sem, at=AT + 2 * HOUR)
    sem.refresh_from_db()
    assert sem.confirmed_at == AT + 2 * HOUR
    with pytest.raises(Forbidden):
        instrument.confirm(actor=makers.member(sem.organisation), instrument=sem, at=AT)


def test_a_photo_is_a_picture(sem: Instrument, manager: Actor) -> None:
    png = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
    found = instrument.photograph(
        actor=manager, instrument=sem, file=io.BytesIO(png), name="sem.png", at=AT
    )
    assert found.photo
    with pytest.raises(Refused, match="PNG or JPEG"):
        instrument.photograph(
            actor=manager, instrument=sem, file=io.BytesIO(b"hello"), name="a.txt", at=AT
        )


def test_withdrawing_is_final_and_keeps_the_page(sem: Instrument, manager: Actor) -> None:
    with pytest.raises(Refused, match="Say why"):
        instrument.withdraw(actor=manager, instrument=sem, at=AT, reason=" ")
    instrument.withdraw(actor=manager, instrument=sem, at=AT, reason="Beyond repair")
    sem.refresh_from_db()
    assert (sem.status, sem.withdrawn_at) == (InstrumentStatus.WITHDRAWN, AT)
    with pytest.raises(Refused, match="withdrawn already"):
        instrument.withdraw(actor=manager, instrument=sem, at=AT, reason="Again")
    with pytest.raises(Refused, match="nothing is changed"):
        instrument.confirm(actor=manager, instrument=sem, at=AT)


def test_withdrawing_with_bookings_takes_somebody_who_saw_them(
    sem: Instrument, manager: Actor, monkeypatch: Any
) -> None:
    booked(monkeypatch, AT + HOUR, AT + 3 * HOUR, AT - 5 * HOUR)

    def withdraw(seen: int | None) -> Instrument:
        return instrument.withdraw(
            actor=manager, instrument=sem, at=AT, reason="Beyond repair", seen=seen
        )

    for seen in (None, 1, 3):
        with pytest.raises(Refused, match="2 bookings lie ahead"):
            withdraw(seen)
    sem.refresh_from_db()
    assert sem.status == InstrumentStatus.IN_SERVICE
    withdraw(2)
    last = Event.objects.order_by("seq").last()
    assert last is not None
    assert last.verb == "instrument.withdrawn"
    assert '"bookings":2' in last.body


def test_hours_replace_those_before(sem: Instrument, manager: Actor) -> None:
    week = [Hours(day, time(9), time(17)) for day in range(5)]
    hours.open_hours(actor=manager, facility=sem.facility, hours=week, at=AT)
    hours.open_hours(
        actor=manager, facility=sem.facility, hours=[Hours(5, time(10), time(0))], at=AT
    )
    hours.open_hours(
        actor=manager,
        facility=sem.facility,
        hours=[Hours(6, time(8), time(9))],
        at=AT,
        instrument=sem,
    )
    kept = [(one.instrument_id, one.weekday) for one in sem.facility.openings.all()]
    assert kept == [(None, 5), (sem.pk, 6)]
    with pytest.raises(Refused, match="closes before it opens"):
        hours.open_hours(
            actor=manager, facility=sem.facility, hours=[Hours(0, time(17), time(9))], at=AT
        )
    with pytest.raises(Refused, match="another facility"):
        hours.open_hours(
            actor=manager,
            facility=makers.facility(sem.organisation),
            hours=week,
            at=AT,
            instrument=sem,
        )


def test_closures_are_set_and_taken_back(sem: Instrument, manager: Actor) -> None:
    made = hours.close(
        actor=manager,
        facility=sem.facility,
        from_on=date(2027, 1, 26),
        until_on=date(2027, 1, 26),
        reason="Republic Day",
        at=AT,
    )
    hours.reopen(actor=manager, closure=made, at=AT)
    assert not sem.facility.closures.exists()
    for until, reason in ((date(2027, 1, 25), "before the first"), (date(2029, 1, 1), "a year")):
        with pytest.raises(Refused, match=reason):
            hours.close(
                actor=manager,
                facility=sem.facility,
                from_on=date(2027, 1, 26),
                until_on=until,
                reason="x",
                at=AT,
            )


def begin(actor: Actor, sem: Instrument, on: date, rate: int, **more: Any) -> None:
    """Have a tariff for academia from outside begin on a day."""
    tariff.begin(
        actor=actor,
        what=sem,
        user_classes=[UserClass.ACADEMIA],
        relations=[Relation.OUTSIDE],
        from_on=on,
        at=AT,
        rate_inr=Decimal(rate),
        **more,
    )


def price(sem: Instrument, on: date) -> Decimal | None:
    """The rate on a day."""
    found = tariff_in_force(sem, UserClass.ACADEMIA, Relation.OUTSIDE, on)
    return found.rate_inr if found else None


def test_a_new_tariff_ends_the_one_before(sem: Instrument, manager: Actor) -> None:
    begin(manager, sem, TODAY, 600)
    begin(manager, sem, date(2027, 4, 1), 800)
    begin(manager, sem, date(2027, 1, 1), 700)
    days = (TODAY, date(2026, 12, 31), date(2027, 1, 1), date(2027, 3, 31), date(2027, 4, 1))
    assert [price(sem, day) for day in days] == [600, 600, 700, 700, 800]
    assert price(sem, date(2026, 11, 21)) is None


def test_a_tariff_before_one_that_is_planned_ends_with_it(sem: Instrument, manager: Actor) -> None:
    begin(manager, sem, date(2027, 4, 1), 800)
    begin(manager, sem, TODAY, 600)
    assert price(sem, date(2027, 3, 31)) == 600
    assert price(sem, date(2027, 4, 1)) == 800


def test_a_tariff_ends_on_a_day(sem: Instrument, manager: Actor) -> None:
    begin(manager, sem, TODAY, 600)
    row = sem.tariffs.get()
    tariff.end(actor=manager, tariff=row, on=date(2026, 12, 31), at=AT)
    assert price(sem, date(2026, 12, 31)) == 600
    assert price(sem, date(2027, 1, 1)) is None
    for on, reason in ((date(2026, 11, 1), "today or later"), (date(2027, 5, 1), "already")):
        with pytest.raises(Refused, match=reason):
            tariff.end(actor=manager, tariff=row, on=on, at=AT)


@pytest.mark.parametrize(
    ("on", "more", "reason"),
    [
        (date(2026, 11, 21), {}, "begins today or later"),
        (date(2026, 12, 1), {}, "begins on 1 Dec 2026 already"),
        (TODAY, {"peak_percent": 20}, "Peak hours need"),
        (TODAY, {"sac": "12"}, "SAC"),
        (TODAY, {"cancellation_percent": 120}, "less than or equal to 100"),
    ],
)
def test_a_tariff_that_makes_no_sense_is_refused(
    sem: Instrument, manager: Actor, on: date, more: dict[str, Any], reason: str
) -> None:
    begin(manager, sem, date(2026, 12, 1), 600)
    with pytest.raises(Refused, match=reason):
        begin(manager, sem, on, 700, **more)
    assert sem.tariffs.count() == 1


def test_a_tariff_is_for_every_class_and_relation_named(sem: Instrument, manager: Actor) -> None:
    made = tariff.begin(
        actor=manager,
        what=sem,
        user_classes=[UserClass.STARTUP, UserClass.MSME],
        relations=[Relation.CLUSTER, Relation.OUTSIDE],
        from_on=TODAY,
        at=AT,
        rate_inr=Decimal(900),
    )
    assert len(made) == 4
    with pytest.raises(Refused, match="at least one class"):
        tariff.begin(
            actor=manager, what=sem, user_classes=[], relations=["own"], from_on=TODAY, at=AT
        )
    with pytest.raises(Forbidden):
        begin(makers.member(sem.organisation), sem, TODAY, 1)
    work = makers.service(sem.facility)
    tariff.begin(
        actor=manager,
        what=work,
        user_classes=[UserClass.MSME],
        relations=[Relation.OWN],
        from_on=TODAY,
        at=AT,
        rate_inr=Decimal(90),
    )
    assert work.tariffs.get().what == work


def test_users_report_and_the_lab_takes_out_of_use(sem: Instrument, manager: Actor) -> None:
    member = makers.member(organisation())
    told = ticket.open_(actor=member, instrument=sem, title="It hums", at=AT)
    assert told.opened_by == member.user
    for more in ({"kind": TicketKind.MAINTENANCE}, {"blocks_from": AT}):
        with pytest.raises(Refused, match="lab manager decides"):
            ticket.open_(actor=member, instrument=sem, title="It hums", at=AT, **more)  # type: ignore[arg-type]
    with pytest.raises(Forbidden):
        ticket.open_(actor=public(), instrument=sem, title="It hums", at=AT)
    ticket.block(actor=manager, ticket=told, at=AT, blocks_from=AT)
    sem.refresh_from_db()
    assert sem.status == InstrumentStatus.DOWN
    ticket.resolve(actor=manager, ticket=told, at=AT + HOUR, resolution="New bearing")
    sem.refresh_from_db()
    told.refresh_from_db()
    assert sem.status == InstrumentStatus.IN_SERVICE
    assert (told.blocks_from, told.blocks_until) == (AT, AT + HOUR)
    for again, reason in (("Again", "resolved already"), ("", "resolved already")):
        with pytest.raises(Refused, match=reason):
            ticket.resolve(actor=manager, ticket=told, at=AT, resolution=again)
    with pytest.raises(Refused, match="resolved already"):
        ticket.block(actor=manager, ticket=told, at=AT, blocks_from=None)


def test_maintenance_with_an_end_does_not_take_an_instrument_down(
    sem: Instrument, manager: Actor
) -> None:
    made = ticket.open_(
        actor=manager,
        instrument=sem,
        kind=TicketKind.MAINTENANCE,
        severity=Severity.STOPPED,
        title="Yearly service",
        blocks_from=AT + 24 * HOUR,
        blocks_until=AT + 32 * HOUR,
        at=AT,
    )
    sem.refresh_from_db()
    assert sem.status == InstrumentStatus.IN_SERVICE
    ticket.resolve(actor=manager, ticket=made, at=AT + HOUR, resolution="Called off")
    made.refresh_from_db()
    assert made.blocks_from is None


@pytest.mark.parametrize(
    ("since", "until", "reason"),
    [(None, AT, "from when"), (AT, AT - HOUR, "ends before"), (AT, AT, "ends before")],
)
def test_a_ticket_blocks_from_a_moment_to_a_later_one(
    sem: Instrument,
    manager: Actor,
    since: datetime | None,
    until: datetime | None,
    reason: str,
) -> None:
    with pytest.raises(Refused, match=reason):
        ticket.open_(
            actor=manager,
            instrument=sem,
            title="X",
            at=AT,
            blocks_from=since,
            blocks_until=until,
        )


def test_a_ticket_is_about_a_unit_of_its_instrument(sem: Instrument, manager: Actor) -> None:
    other = makers.instrument().units.get()
    with pytest.raises(Refused, match="another instrument"):
        ticket.open_(actor=manager, instrument=sem, title="X", at=AT, unit=other)


TEN = datetime(2026, 12, 1, 4, 30, tzinfo=UTC)


def test_places_in_a_training_are_taken_until_none_is_left(sem: Instrument, manager: Actor) -> None:
    made = training.hold(
        actor=manager, instrument=sem, starts_at=TEN, ends_at=TEN + HOUR, places=1, at=AT
    )
    one, other = makers.member(organisation()), makers.member(organisation())
    training.enrol(actor=one, session=made, at=AT)
    with pytest.raises(Refused, match="place in this training already"):
        training.enrol(actor=one, session=made, at=AT)
    with pytest.raises(Refused, match="All places are taken"):
        training.enrol(actor=other, session=made, at=AT)
    training.leave(actor=one, session=made, at=AT)
    training.enrol(actor=other, session=made, at=AT)
    with pytest.raises(Refused, match="no place"):
        training.leave(actor=one, session=made, at=AT)
    for call in (training.enrol, training.leave):
        with pytest.raises(Refused, match="has begun"):
            call(actor=one if call is training.enrol else other, session=made, at=TEN)
    with pytest.raises(Forbidden):
        training.enrol(actor=public(), session=made, at=AT)
    training.cancel(actor=manager, session=made, at=AT)
    with pytest.raises(Refused, match="is cancelled"):
        training.enrol(actor=one, session=made, at=AT)
    with pytest.raises(Refused, match="cancelled already"):
        training.cancel(actor=manager, session=made, at=AT)


@pytest.mark.parametrize(
    ("starts", "ends", "places", "reason"),
    [
        (TEN, TEN, 1, "ends before"),
        (TEN, TEN + 30 * HOUR, 1, "a day at most"),
        (AT - HOUR, AT + HOUR, 1, "in the past"),
        (TEN, TEN + HOUR, 0, "at least one place"),
    ],
)
def test_a_training_that_makes_no_sense_is_refused(
    sem: Instrument, manager: Actor, starts: datetime, ends: datetime, places: int, reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        training.hold(
            actor=manager, instrument=sem, starts_at=starts, ends_at=ends, places=places, at=AT
        )


def test_a_training_does_not_take_time_that_is_booked(
    sem: Instrument, manager: Actor, monkeypatch: Any
) -> None:
    booked(monkeypatch, TEN)
    with pytest.raises(Refused, match="1 booking lies in that time"):
        training.hold(
            actor=manager, instrument=sem, starts_at=TEN, ends_at=TEN + HOUR, places=1, at=AT
        )


def test_who_passes_is_qualified_and_a_renewal_takes_over(sem: Instrument, manager: Actor) -> None:
    session = makers.session(sem, starts_at=TEN)
    place = makers.place(session)
    old = makers.qualification(sem, place.user, until_on=date(2026, 12, 31))
    with pytest.raises(Refused, match="has not begun"):
        training.judge(actor=manager, place=place, outcome=TrainingOutcome.PASSED, at=AT)
    training.judge(
        actor=manager,
        place=place,
        outcome=TrainingOutcome.PASSED,
        at=TEN + HOUR,
        until_on=date(2028, 11, 30),
    )
    old.refresh_from_db()
    assert old.until_on == date(2026, 11, 30)
    new = sem.qualifications.get(from_on=date(2026, 12, 1))
    assert (new.user, new.until_on) == (place.user, date(2028, 11, 30))
    with pytest.raises(Refused, match="Passed is recorded"):
        training.judge(actor=manager, place=place, outcome=TrainingOutcome.FAILED, at=TEN + HOUR)


def test_a_qualification_is_granted_and_revoked_with_a_reason(
    sem: Instrument, manager: Actor
) -> None:
    someone = user()
    made = training.qualify(
        actor=manager, instrument=sem, user=someone, from_on=TODAY, at=AT, note="Postdoc"
    )
    with pytest.raises(Refused, match="holds in that time already"):
        training.qualify(actor=manager, instrument=sem, user=someone, from_on=TODAY, at=AT)
    with pytest.raises(Refused, match="Say why"):
        training.revoke(actor=manager, qualification=made, at=AT, note="")
    training.revoke(actor=manager, qualification=made, at=AT, note="Left the lab open")
    with pytest.raises(Refused, match="revoked already"):
        training.revoke(actor=manager, qualification=made, at=AT, note="Again")
    with pytest.raises(Forbidden):
        training.qualify(
            actor=makers.manager(organisation()),
            instrument=sem,
            user=someone,
            from_on=TODAY,
            at=AT,
        )


def test_papers_are_named_once(sem: Instrument) -> None:
    member = makers.member(organisation())
    made = paper.acknowledge(
        actor=member,
        instrument=sem,
        doi="https://doi.org/10.5555/ABC",
        title="Surfaces",
        at=AT,
        published_on=TODAY,
    )
    assert made.doi == "10.5555/abc"
    for doi, on, reason in (
        ("10.5555/abc", TODAY, "on record"),
        ("abc", TODAY, "no DOI"),
        ("10.5555/x", date(2027, 1, 1), "future"),
    ):
        with pytest.raises(Refused, match=reason):
            paper.acknowledge(
                actor=member, instrument=sem, doi=doi, title="X", at=AT, published_on=on
            )
