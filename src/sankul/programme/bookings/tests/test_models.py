"""What the database itself holds true of bookings."""

import pytest
from django.db import IntegrityError, transaction
from psycopg.types.range import TimestamptzRange

from sankul.core.rules.roles import Role
from sankul.programme.bookings.models import NEVER_TWICE, Booking
from sankul.programme.bookings.rules import OCCUPYING, State
from sankul.programme.facilities.tests.makers import unit
from sankul.programme.registry.tests.makers import actor_with, public

from . import makers
from .makers import HOUR, TEN

pytestmark = pytest.mark.django_db
CLOCK = {"requested_at": makers.AT, "answer_by_at": TEN, "hold_until": TEN}


@pytest.mark.parametrize("state", OCCUPYING)
@pytest.mark.parametrize("other", OCCUPYING)
def test_two_that_occupy_the_same_moment_of_a_unit_cannot_stand(state: State, other: State) -> None:
    instrument = makers.instrument()
    makers.booking(instrument, state=state, **CLOCK)
    with pytest.raises(IntegrityError, match=NEVER_TWICE), transaction.atomic():
        makers.booking(instrument, TEN + HOUR / 2, state=other, **CLOCK)


def test_intervals_are_half_open() -> None:
    instrument = makers.instrument()
    makers.booking(instrument, TEN)
    makers.booking(instrument, TEN + HOUR)
    makers.booking(instrument, TEN - HOUR)
    assert Booking.objects.count() == 3


def test_a_booking_that_has_ended_or_was_cancelled_keeps_nobody_out() -> None:
    instrument = makers.instrument()
    for state in set(State) - set(OCCUPYING):
        makers.booking(instrument, TEN, state=state, **CLOCK)
    makers.booking(instrument, TEN)


def test_units_are_booked_side_by_side() -> None:
    instrument = makers.instrument()
    makers.booking(instrument, TEN)
    makers.booking(instrument, TEN, unit=unit(instrument))


@pytest.mark.parametrize(
    "fields",
    [
        {"ends_at": TEN},
        {"ends_at": TEN - HOUR, "occupied": TimestamptzRange(TEN - HOUR, TEN)},
        {"occupied": TimestamptzRange(TEN, TEN + HOUR / 2)},
        {"occupied": TimestamptzRange(TEN + HOUR / 2, TEN + HOUR)},
        {"occupied": TimestamptzRange(TEN, TEN + HOUR, "[]")},
        {"state": State.HELD},
        {"state": State.REQUESTED},
        {"score": 0},
        {"score": 6},
    ],
)
def test_a_row_that_says_two_things_is_refused(fields: dict[str, object]) -> None:
    instrument = makers.instrument()
    with pytest.raises(IntegrityError), transaction.atomic():
        makers.booking(instrument, TEN, **fields)  # type: ignore[arg-type]


def test_one_sees_ones_own_and_those_of_the_hosts_instruments() -> None:
    instrument, other = makers.instrument(), makers.instrument()
    mine, theirs = makers.booking(instrument, TEN), makers.booking(other, TEN)
    actor = makers.lab(other)
    assert set(Booking.objects.visible_to(actor)) == {theirs}
    own = makers.actor_of(mine.user, makers.AT)
    assert set(Booking.objects.visible_to(own)) == {mine}
    assert not Booking.objects.visible_to(public()).exists()
    assert not Booking.objects.visible_to(actor_with(Role.PROGRAMME_OFFICER)).exists()
