"""Booking, moving, handing over, cancelling, waiting: each refusal by its name."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sankul.core.models import Event
from sankul.core.queries.actors import actor as actor_of
from sankul.core.rules.roles import Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.bookings.actions import booking as actions
from sankul.programme.bookings.actions import series, waiting
from sankul.programme.bookings.actions.taking import Taken
from sankul.programme.bookings.models import Booking, Series, Waiting
from sankul.programme.bookings.rules import State, Wait
from sankul.programme.facilities.models import Instrument
from sankul.programme.facilities.rules import Assistance
from sankul.programme.facilities.tests import makers as facilities
from sankul.programme.registry.tests.makers import organisation, user_with

from . import makers
from .makers import AT, HOUR, TEN

pytestmark = pytest.mark.django_db
Member = tuple[Any, Any]


@pytest.fixture
def instrument() -> Instrument:
    return makers.instrument()


@pytest.fixture
def asha() -> Member:
    return makers.member()


def _book(
    who: Member, instrument: Instrument, starts_at: datetime = TEN, hours: float = 1, **wish: Any
) -> Booking:
    return actions.book(
        actor=who[0],
        instrument=instrument,
        organisation=who[1],
        starts_at=starts_at,
        ends_at=starts_at + hours * HOUR,
        at=wish.pop("at", AT),
        **wish,
    )


def test_a_free_slot_is_confirmed_at_once(instrument: Instrument, asha: Member) -> None:
    booking = _book(asha, instrument, purpose=" two   films ")
    assert (booking.state, booking.purpose, booking.sequence) == (State.CONFIRMED, "two films", 0)
    event = Event.objects.get(verb="booking.confirmed")
    assert event.subject == f"booking/{booking.pk}"


def test_where_the_host_decides_a_request_holds_the_slot_and_has_an_answer_by(asha: Member) -> None:
    instrument = makers.instrument(needs_approval=True)
    booking = _book(asha, instrument, TEN + 120 * HOUR)
    assert (booking.state, booking.answer_by_at) == (State.REQUESTED, AT + 48 * HOUR)
    with pytest.raises(Taken):
        _book(makers.member(), instrument, TEN + 120 * HOUR)


def test_a_taken_slot_is_refused_with_the_next_free_one(
    instrument: Instrument, asha: Member
) -> None:
    _book(asha, instrument, hours=2)
    with pytest.raises(Taken, match=r"next free slot as long begins on 23 Nov 2026, 07:30"):
        _book(makers.member(), instrument, TEN + HOUR)
    assert Booking.objects.count() == 1


def test_set_up_and_clean_up_keep_others_away(asha: Member) -> None:
    instrument = makers.instrument(setup_minutes=30, cleanup_minutes=30)
    _book(asha, instrument)
    for start in (TEN + HOUR, TEN + 1.5 * HOUR, TEN - HOUR):
        with pytest.raises(Taken):
            _book(asha, instrument, start)
    _book(asha, instrument, TEN + 2 * HOUR)


def test_a_second_unit_takes_the_second_booking(asha: Member) -> None:
    instrument = makers.instrument(units=2)
    first, second = _book(asha, instrument), _book(makers.member(), instrument)
    assert first.unit_id != second.unit_id
    with pytest.raises(Taken):
        _book(makers.member(), instrument)


def test_closed_hours_and_downtime_are_refused(instrument: Instrument, asha: Member) -> None:
    with pytest.raises(Refused, match="closed or down"):
        _book(asha, instrument, TEN + 13 * HOUR)
    facilities.ticket(instrument, blocks_from=TEN, blocks_until=TEN + 3 * HOUR)
    with pytest.raises(Refused, match="closed or down"):
        _book(asha, instrument, TEN + 2 * HOUR)


def test_a_withdrawn_instrument_is_not_booked(asha: Member) -> None:
    instrument = makers.instrument(status="withdrawn", withdrawn_at=AT)
    with pytest.raises(Refused, match="withdrawn"):
        _book(asha, instrument)


def test_who_has_no_training_is_told_what_to_do(asha: Member) -> None:
    instrument = makers.instrument(needs_training=True, assistance=Assistance.OFFERED)
    with pytest.raises(
        Refused, match=r"Ask for a place in the next training.*Or book it with assist"
    ):
        _book(asha, instrument)
    assert _book(asha, instrument, is_assisted=True).is_assisted
    facilities.qualification(
        instrument, asha[0].user, from_on=date(2026, 1, 1), until_on=date(2026, 12, 31)
    )
    _book(asha, instrument, TEN + HOUR)


def test_assistance_is_given_where_it_is_offered_and_taken_where_it_is_required(
    asha: Member,
) -> None:
    with pytest.raises(Refused, match="No assistance"):
        _book(asha, makers.instrument(), is_assisted=True)
    with pytest.raises(Refused, match="with assistance only"):
        _book(asha, makers.instrument(assistance=Assistance.REQUIRED))


def test_a_quota_is_of_a_week(asha: Member) -> None:
    instrument = makers.instrument(quota_minutes_week=180)
    _book(asha, instrument, hours=2)
    with pytest.raises(Refused, match="1 h are left"):
        _book(asha, instrument, TEN + 24 * HOUR, hours=2)
    _book(asha, instrument, TEN + 7 * 24 * HOUR, hours=2)
    _book(makers.member(asha[1]), instrument, TEN + 24 * HOUR, hours=2)


def test_the_hosts_own_people_leave_the_outsiders_their_share(instrument: Instrument) -> None:
    facility = instrument.facility
    facility.outsider_share_percent = 95  # of 112 open hours, 5.6 are left to the host
    facility.save()
    own = makers.member(facility.organisation)
    _book(own, instrument, TEN + 96 * HOUR, hours=5)
    with pytest.raises(Refused, match="95 % of the week's open hours are kept"):
        _book(own, instrument, TEN + 72 * HOUR)
    _book(own, instrument, TEN)  # within 48 hours what outsiders left is free
    _book(makers.member(), instrument, TEN + 72 * HOUR)


def test_only_who_books_for_the_organisation_books(instrument: Instrument, asha: Member) -> None:
    with pytest.raises(Forbidden):
        _book((asha[0], organisation()), instrument)
    with pytest.raises(Forbidden):
        _book((actor_of(user_with(Role.PROGRAMME_OFFICER), AT), asha[1]), instrument)
    assert not Booking.objects.exists()


def test_the_price_is_that_of_the_tariff_at_the_start(instrument: Instrument, asha: Member) -> None:
    facilities.tariff(
        instrument, rate_inr=Decimal(400), from_on=date(2026, 1, 1), until_on=date(2026, 11, 24)
    )
    facilities.tariff(instrument, rate_inr=Decimal(900), from_on=date(2026, 11, 25), until_on=None)
    assert _book(asha, instrument, hours=1.5).estimate_inr == Decimal("600.00")
    assert _book(asha, instrument, TEN + 24 * HOUR).estimate_inr == Decimal("900.00")


def test_a_hold_is_confirmed_in_time_or_not_at_all(instrument: Instrument, asha: Member) -> None:
    hold = actions.hold(
        actor=asha[0],
        instrument=instrument,
        organisation=asha[1],
        starts_at=TEN,
        ends_at=TEN + HOUR,
        at=AT,
    )
    assert (hold.state, hold.hold_until) == (State.HELD, AT + HOUR)
    with pytest.raises(Refused, match="no longer held"):
        actions.confirm(actor=asha[0], booking=hold, at=AT + HOUR)
    confirmed = actions.confirm(actor=asha[0], booking=hold, at=AT + HOUR / 2)
    assert (confirmed.state, confirmed.hold_until) == (State.CONFIRMED, None)


def test_a_move_keeps_the_identity_and_counts_the_change(
    instrument: Instrument, asha: Member
) -> None:
    booking = _book(asha, instrument)
    moved = actions.move(
        actor=asha[0], booking=booking, starts_at=TEN + HOUR / 2, ends_at=TEN + 2 * HOUR, at=AT
    )
    assert (moved.uid, moved.sequence, moved.starts_at) == (booking.uid, 1, TEN + HOUR / 2)
    _book(makers.member(), instrument, TEN - HOUR / 2)
    with pytest.raises(Taken):
        actions.move(actor=asha[0], booking=moved, starts_at=TEN, ends_at=TEN + HOUR, at=AT)
    assert Booking.objects.get(pk=booking.pk).starts_at == TEN + HOUR / 2


def test_nobody_changes_what_is_somebody_elses(instrument: Instrument, asha: Member) -> None:
    booking, other = _book(asha, instrument), makers.member()[0]
    changes = [
        lambda: actions.move(
            actor=other, booking=booking, starts_at=TEN, ends_at=TEN + 2 * HOUR, at=AT
        ),
        lambda: actions.cancel(actor=other, booking=booking, at=AT, note="no"),
        lambda: actions.hand_over(actor=other, booking=booking, to=other.user, at=AT),
        lambda: actions.rate(actor=other, booking=booking, score=5, note="", at=AT),
    ]
    for change in changes:
        with pytest.raises(Forbidden):
            change()


def test_a_booking_is_handed_to_a_colleague_who_may_use_it(
    instrument: Instrument, asha: Member
) -> None:
    booking, colleague = _book(asha, instrument), makers.member(asha[1])[0]
    with pytest.raises(Refused, match="does not book for"):
        actions.hand_over(actor=asha[0], booking=booking, to=makers.member()[0].user, at=AT)
    with pytest.raises(Refused, match="already"):
        actions.hand_over(actor=asha[0], booking=booking, to=asha[0].user, at=AT)
    handed = actions.hand_over(actor=asha[0], booking=booking, to=colleague.user, at=AT)
    assert (handed.user, handed.handed_from, handed.sequence) == (colleague.user, asha[0].user, 1)


def test_cancelling_late_is_noted(instrument: Instrument, asha: Member) -> None:
    early, late = _book(asha, instrument), _book(asha, instrument, TEN + HOUR)
    assert not actions.cancel(actor=asha[0], booking=early, at=TEN - 24 * HOUR).is_late
    cancelled = actions.cancel(actor=asha[0], booking=late, at=TEN)
    assert (cancelled.is_late, cancelled.state) == (True, State.CANCELLED)
    with pytest.raises(Refused, match="is cancelled"):
        actions.cancel(actor=asha[0], booking=late, at=TEN)


def test_cancelling_costs_nothing_while_the_instrument_is_down(
    instrument: Instrument, asha: Member
) -> None:
    booking = _book(asha, instrument)
    facilities.ticket(instrument, blocks_from=TEN + HOUR / 2, blocks_until=None)
    assert not actions.cancel(actor=asha[0], booking=booking, at=TEN).is_late


def test_the_host_cancels_with_a_reason_and_without_a_fee(
    instrument: Instrument, asha: Member
) -> None:
    booking, lab = _book(asha, instrument), makers.lab(instrument)
    with pytest.raises(Refused, match="Say why"):
        actions.cancel(actor=lab, booking=booking, at=TEN - HOUR)
    cancelled = actions.cancel(actor=lab, booking=booking, at=TEN - HOUR, note="The laser fails.")
    assert (cancelled.is_late, cancelled.end_note) == (False, "The laser fails.")


def _wait(who: Member, instrument: Instrument, hours: float = 1) -> Waiting:
    return waiting.join(
        actor=who[0],
        instrument=instrument,
        organisation=who[1],
        starts_at=TEN,
        ends_at=TEN + hours * HOUR,
        at=AT,
    )


def test_what_becomes_free_goes_to_who_has_waited_longest(
    instrument: Instrument, asha: Member
) -> None:
    booking = _book(asha, instrument, hours=2)
    first, second = makers.member(), makers.member()
    waits = [_wait(first, instrument), _wait(second, instrument)]
    actions.cancel(actor=asha[0], booking=booking, at=AT)
    for row in waits:
        row.refresh_from_db()
    assert [row.state for row in waits] == [Wait.PROMOTED, Wait.WAITING]
    assert waits[0].booking is not None
    assert (waits[0].booking.user, waits[0].booking.state) == (first[0].user, State.CONFIRMED)


def test_whom_a_rule_stops_keeps_waiting_and_the_next_gets_it(asha: Member) -> None:
    instrument = makers.instrument(quota_minutes_week=120)
    booking, full, next_ = _book(asha, instrument), makers.member(), makers.member()
    _wait(full, instrument)
    _book(full, instrument, TEN + 24 * HOUR, hours=2)
    _wait(next_, instrument)
    actions.cancel(actor=asha[0], booking=booking, at=AT)
    assert list(Waiting.objects.values_list("state", flat=True)) == [Wait.WAITING, Wait.PROMOTED]


def test_one_waits_once_for_what_is_taken(instrument: Instrument, asha: Member) -> None:
    with pytest.raises(Refused, match="is free: book it"):
        _wait(asha, instrument)
    _book(asha, instrument)
    other = makers.member()
    row = _wait(other, instrument)
    with pytest.raises(Refused, match="already"):
        _wait(other, instrument)
    with pytest.raises(Forbidden):
        waiting.leave(actor=asha[0], waiting=row, at=AT)
    assert waiting.leave(actor=other[0], waiting=row, at=AT).state == Wait.LEFT
    with pytest.raises(Refused, match="has ended"):
        waiting.leave(actor=other[0], waiting=row, at=AT)


def _repeat(who: Member, instrument: Instrument, rule: str, *, skips: bool = False) -> series.Made:
    return series.book(
        actor=who[0],
        instrument=instrument,
        organisation=who[1],
        wish={"starts_at": TEN, "ends_at": TEN + HOUR},
        rule=rule,
        skips=skips,
        at=AT,
    )


def test_a_series_is_booked_whole_or_not_at_all(instrument: Instrument, asha: Member) -> None:
    _book(makers.member(), instrument, TEN + 24 * HOUR)
    with pytest.raises(Refused, match=r"Nothing was booked.*25 Nov 2026, 10:00: The slot is taken"):
        _repeat(asha, instrument, "FREQ=DAILY;COUNT=3")
    assert (Booking.objects.count(), Series.objects.count()) == (1, 0)


def test_a_series_leaves_out_what_it_cannot_have_where_that_is_asked(
    instrument: Instrument, asha: Member
) -> None:
    _book(makers.member(), instrument, TEN + 24 * HOUR)
    made = _repeat(asha, instrument, "FREQ=DAILY;COUNT=3", skips=True)
    assert [one.starts_at for one in made.bookings] == [TEN, TEN + 48 * HOUR]
    assert [start for start, _why in made.left_out] == [TEN + timedelta(days=1)]
    cancelled = series.cancel(actor=asha[0], series=made.series, at=TEN + HOUR)
    assert [one.starts_at for one in cancelled] == [TEN + 48 * HOUR]
    with pytest.raises(Refused, match="left to cancel"):
        series.cancel(actor=asha[0], series=made.series, at=TEN + 100 * HOUR)


def test_who_did_not_make_a_series_does_not_cancel_it(instrument: Instrument, asha: Member) -> None:
    made = _repeat(asha, instrument, "FREQ=DAILY;COUNT=2")
    with pytest.raises(Forbidden):
        series.cancel(actor=makers.lab(instrument), series=made.series, at=AT)


def test_a_use_is_scored_once_from_one_to_five(instrument: Instrument, asha: Member) -> None:
    booking = makers.booking(instrument, user=asha[0].user, state=State.COMPLETED)
    for score in (0, 6):
        with pytest.raises(Refused, match="from 1 to 5"):
            actions.rate(actor=asha[0], booking=booking, score=score, note="", at=AT)
    with pytest.raises(Forbidden, match="Only who used it"):
        actions.rate(actor=makers.lab(instrument), booking=booking, score=5, note="", at=AT)
    assert actions.rate(actor=asha[0], booking=booking, score=4, note="good", at=AT).score == 4
    with pytest.raises(Refused, match="once"):
        actions.rate(actor=asha[0], booking=booking, score=4, note="good", at=AT)
