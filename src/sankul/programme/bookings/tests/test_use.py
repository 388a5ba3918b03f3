"""Using an instrument: start, stop, what was used up, how it was left."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.bookings.actions import clock, ending, use
from sankul.programme.bookings.models import Booking, Use, Waiting
from sankul.programme.bookings.rules import State, Via, Wait
from sankul.programme.facilities.models import Instrument, Ticket
from sankul.programme.facilities.tests import makers as facilities

from . import makers
from .makers import AT, HOUR, TEN, actor_of

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def instrument() -> Instrument:
    return makers.instrument()


@pytest.fixture
def booking(instrument: Instrument) -> Booking:
    actor, body = makers.member()
    return makers.booking(instrument, TEN, TEN + 2 * HOUR, user=actor.user, organisation=body)


def _start(booking: Booking, at: datetime = TEN) -> Use:
    return use.start(actor=actor_of(booking.user, at), booking=booking, via=Via.CODE, at=at)


def test_a_use_begins_in_its_time(booking: Booking) -> None:
    begun = _start(booking, TEN - 15 * MINUTE)
    booking.refresh_from_db()
    assert (booking.state, begun.started_via) == (State.IN_USE, Via.CODE)
    assert booking.occupied.lower == TEN - 15 * MINUTE


def test_a_use_out_of_its_time_is_refused(booking: Booking) -> None:
    with pytest.raises(Refused, match="too early: it can be begun from 24 Nov 2026, 09:45"):
        _start(booking, TEN - 16 * MINUTE)
    with pytest.raises(Refused, match="time is over"):
        _start(booking, TEN + 2 * HOUR)
    _start(booking)
    with pytest.raises(Refused, match="this one is in use"):
        _start(booking)


def test_one_does_not_begin_early_while_another_is_in(
    instrument: Instrument, booking: Booking
) -> None:
    before = makers.booking(instrument, TEN - HOUR)
    _start(before, TEN - HOUR)
    with pytest.raises(Refused, match="still in use by somebody else"):
        _start(booking, TEN - 5 * MINUTE)
    _start(booking, TEN)  # each has a time of its own, whatever the other forgot


def test_a_booking_is_begun_by_its_user_or_the_lab(
    instrument: Instrument, booking: Booking
) -> None:
    with pytest.raises(Forbidden):
        use.start(actor=makers.member()[0], booking=booking, via=Via.PAGE, at=TEN)
    lab = makers.lab(instrument)
    assert use.start(actor=lab, booking=booking, via=Via.STAFF, at=TEN).started_by == lab.user


def test_a_use_ends_with_what_was_used_up_and_frees_the_rest(
    instrument: Instrument, booking: Booking
) -> None:
    gas = facilities.consumable(instrument.facility, price_inr=Decimal("12.50"))
    begun, actor = _start(booking), actor_of(booking.user, TEN)
    use.stop(actor=actor, use=begun, condition="good", consumed={gas.pk: Decimal(3)}, at=TEN + HOUR)
    booking.refresh_from_db()
    taken = begun.consumptions.get()
    assert (booking.state, taken.quantity, taken.price_inr) == (
        State.COMPLETED,
        Decimal(3),
        Decimal("12.50"),
    )
    makers.booking(instrument, TEN + HOUR)
    instrument.refresh_from_db()
    assert (
        instrument.confirmed_at == TEN + HOUR
    )  # a use that went well says that the listing is right


def test_a_use_says_how_the_instrument_was_left(instrument: Instrument, booking: Booking) -> None:
    begun, actor = _start(booking), actor_of(booking.user, TEN)
    for condition, why in {"": "Say how", "fault": "Say what was noticed"}.items():
        with pytest.raises(Refused, match=why):
            use.stop(actor=actor, use=begun, condition=condition, at=TEN)
    for consumed, why in (({7: Decimal(1)}, "no such consumable: 7"),):
        with pytest.raises(Refused, match=why):
            use.stop(actor=actor, use=begun, condition="good", consumed=consumed, at=TEN)
    gas = facilities.consumable(instrument.facility)
    with pytest.raises(Refused, match="above zero"):
        use.stop(actor=actor, use=begun, condition="good", consumed={gas.pk: Decimal(-1)}, at=TEN)
    use.stop(actor=actor, use=begun, condition="fault", note="No beam", at=TEN)
    ticket = Ticket.objects.get()
    assert (ticket.instrument, ticket.text, ticket.opened_by) == (
        instrument,
        "No beam",
        booking.user,
    )
    with pytest.raises(Refused, match="Nothing is in use"):
        use.stop(actor=actor, use=begun, condition="good", at=TEN)


def test_the_lab_releases_who_does_not_come(instrument: Instrument, booking: Booking) -> None:
    lab = makers.lab(instrument)
    with pytest.raises(Refused, match="not released"):
        use.release(actor=lab, booking=booking, at=TEN - MINUTE)
    with pytest.raises(Forbidden):
        use.release(actor=actor_of(booking.user, TEN), booking=booking, at=TEN)
    assert use.release(actor=lab, booking=booking, at=TEN).state == State.NO_SHOW


def test_a_use_that_nobody_stopped_ends_with_its_booking(booking: Booking) -> None:
    begun = _start(booking)
    assert clock.tick(at=TEN + 13 * HOUR)["uses ended"] == 0
    assert clock.tick(at=TEN + 14 * HOUR)["uses ended"] == 1
    begun.refresh_from_db()
    assert begun.stopped_at == TEN + 2 * HOUR


def test_a_withdrawn_instrument_ends_what_is_ahead_and_who_used_it_keeps_the_use(
    instrument: Instrument, booking: Booking
) -> None:
    past = makers.booking(instrument, AT - 48 * HOUR, state=State.COMPLETED)
    actor, body = makers.member()
    Waiting.objects.create(
        instrument=instrument, user=actor.user, organisation=body, starts_at=TEN,
        ends_at=TEN + HOUR, made_at=AT,
    )  # fmt: skip
    assert ending.withdraw(instrument_id=instrument.pk, at=AT) == 1
    assert ending.withdraw(instrument_id=instrument.pk, at=AT) == 0
    booking.refresh_from_db()
    past.refresh_from_db()
    assert (booking.state, past.state) == (State.CANCELLED, State.COMPLETED)
    assert booking.end_note == "The instrument was withdrawn."
    assert not booking.is_late
    assert Waiting.objects.get().state == Wait.PASSED
