"""Figures from records: hours, demand, ease of access, and what reaches the indicators."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from sankul.core.measures import SHAPE
from sankul.programme.bookings import measures
from sankul.programme.bookings.models import Booking, Use
from sankul.programme.bookings.queries import numbers
from sankul.programme.bookings.rules import State, Via
from sankul.programme.bookings.rules.ease import Usage
from sankul.programme.facilities.models import Instrument
from sankul.programme.facilities.rules import Relation
from sankul.programme.facilities.tests import makers as facilities
from sankul.programme.registry.models import Organisation, Programme
from sankul.programme.registry.tests import makers as registry

from .makers import booking, member

pytestmark = pytest.mark.django_db
INDIA = ZoneInfo("Asia/Kolkata")
NOV = [date(2026, 11, 1), date(2026, 12, 1)]
AFTER = datetime(2026, 12, 2, tzinfo=INDIA)
"""Two days after the month that is counted."""


def at(day: int, hour: int, month: int = 11) -> datetime:
    """An hour of a day of 2026 in India."""
    return datetime(2026, month, day, hour, tzinfo=INDIA)


@pytest.fixture
def programme() -> Programme:
    return registry.programme()


def host(programme: Programme, **fields: object) -> Organisation:
    """An institution in a cluster of the programme."""
    body = registry.organisation(**fields)
    registry.membership(registry.cluster(programme), body)
    return body


def instrument(body: Organisation, **fields: object) -> Instrument:
    """An instrument open from ten to six on Mondays to Fridays."""
    place = facilities.facility(body)
    for weekday in range(5):
        facilities.opening(place, weekday=weekday, opens=time(10), closes=time(18))
    return facilities.instrument(place, **fields)


def used(row: Booking, hours: float) -> Use:
    """A use from the booking's start on, told by its user."""
    until = row.starts_at + timedelta(hours=hours)
    return Use.objects.create(
        booking=row, started_at=row.starts_at, started_by=row.user, started_via=Via.PAGE, stopped_at=until
    )  # fmt: skip


def scope(programme: Programme, bounds: list[date] = NOV) -> numbers.Scope:
    who, _body = member(at=AFTER)
    return numbers.of_programme(who, programme, bounds)


def test_hours_are_open_down_booked_used_and_of_others(programme):
    body = host(programme)
    one = instrument(body, units=2)
    facilities.closure(one.facility, from_on=date(2026, 11, 2), until_on=date(2026, 11, 2))
    facilities.ticket(one, blocks_from=at(3, 9), blocks_until=at(3, 14))
    came = booking(one, at(4, 10), at(4, 14), state=State.COMPLETED)
    used(came, 3)
    booking(one, at(5, 10), at(5, 12), relation=Relation.OWN, state=State.NO_SHOW)
    booking(one, at(6, 10), state=State.CANCELLED)

    found = numbers.hours(scope(programme))

    # 21 weekdays less one closed, eight hours, two units; four hours down on the third, on both units.
    usage = Usage(open_hours=320, down_hours=8, booked_hours=6, used_hours=3, external_hours=4, people=2)  # fmt: skip
    assert found.instruments == {one.pk: usage}
    assert found.institutions == {body.pk: usage}
    assert found.cells == {(body.pk, 0): usage}
    assert found.whole == usage


def test_a_booking_over_the_end_of_a_month_is_cut_there(programme):
    one = instrument(host(programme))
    booking(one, at(31, 22, 10), at(1, 1), state=State.COMPLETED)

    found = numbers.hours(scope(programme, [date(2026, 10, 1), *NOV]))

    assert [found.months[n].booked_hours for n in (0, 1)] == [2, 1]


def test_what_is_not_over_is_not_counted(programme):
    one = instrument(host(programme))
    booking(one, at(20, 10), at(20, 14))
    who, _body = member(at=at(20, 12))

    found = numbers.hours(numbers.of_programme(who, programme, NOV))

    assert found.whole.booked_hours == 2
    assert found.whole.open_hours == 14 * 8 + 2


def test_a_withdrawn_instrument_was_open_until_then(programme):
    one = instrument(host(programme), status="withdrawn", withdrawn_at=at(4, 10))

    assert numbers.hours(scope(programme)).instruments[one.pk].open_hours == 16


def test_demand_is_told_by_weekday_and_hour_of_the_place(programme):
    one = instrument(host(programme))
    start = at(4, 10) + timedelta(minutes=30)
    asked = {"requested_at": at(2, 10), "answer_by_at": at(3, 10)}
    booking(one, start, start + timedelta(hours=1), state=State.REFUSED, **asked)
    booking(one, at(11, 10))

    grid = numbers.demand(scope(programme))

    assert grid.hours == {(2, 10): 1.5, (2, 11): 0.5}
    assert grid.people == {(2, 10): 2, (2, 11): 1}


def test_ease_of_access_is_counted_from_requests_and_uses_of_others(programme):
    body, guest = host(programme), registry.organisation()
    one = instrument(body)
    asked = {"requested_at": at(2, 10), "answer_by_at": at(4, 10), "organisation": guest}
    booking(one, at(10, 10), decided_at=at(3, 10), state=State.COMPLETED, score=4, **asked)
    booking(one, at(11, 10), decided_at=at(5, 10), state=State.REFUSED, reason="down", **asked)
    booking(one, at(12, 10), state=State.EXPIRED, **asked)
    booking(one, at(13, 10), decided_at=at(2, 11), relation=Relation.OWN, **asked)

    found = numbers.ease(scope(programme))

    assert (found.prompt.part, found.prompt.whole) == (1, 3)
    assert found.curve is not None
    assert (found.curve.ended, found.curve.going_on) == (2, 1)
    assert found.curve.quantile(0.5).value == 72
    assert found.ahead == [168]
    assert {code: len(asked) for code, asked in found.refusals.items()} == {"down": 1}
    assert found.hosts == {body.pk}
    assert [(one.host_id, one.user_id, one.hours, one.people) for one in found.served] == [
        (body.pk, guest.pk, 1, 1)
    ]
    assert found.concentration == 10_000
    assert (found.score, found.scores, found.scorers) == (4, 1, 1)


def test_instruments_of_another_programme_are_left_out(programme):
    instrument(host(registry.programme()))

    assert scope(programme).instruments == []
    assert numbers.ease(scope(programme)).curve is None


@pytest.mark.parametrize("count", [1, 3])
def test_figures_ask_as_often_for_many_instruments_as_for_one(
    programme, count, django_assert_max_num_queries
):
    body = host(programme)
    for _number in range(count):
        booking(instrument(body), at(4, 10), state=State.COMPLETED)
    chosen = scope(programme)

    with django_assert_max_num_queries(13):
        numbers.hours(chosen)
        numbers.demand(chosen)
        numbers.ease(chosen)


def test_months_end_with_the_one_asked_for():
    assert numbers.months_until(date(2026, 2, 17), 3) == [
        date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1),
    ]  # fmt: skip


def test_measures_have_the_fixed_shape_and_credit_the_cluster_of_the_host(programme):
    body = host(programme)
    row = booking(instrument(body), at(4, 10), at(4, 14), state=State.COMPLETED)
    used(row, 2.5)

    (found,) = measures.used().values(*SHAPE)

    assert found == {
        "cluster_id": programme.clusters.get().pk,
        "organisation_id": body.pk,
        "on": date(2026, 11, 4),
        "quantity": Decimal("2.50"),
        "unit": "hours",
        "role": "host",
        "record": f"facility_use/{row.pk}",
        "evidenced": True,
    }


def test_use_that_was_not_told_has_no_evidence_and_own_use_is_none(programme):
    one = instrument(host(programme))
    booking(one, at(4, 10), at(4, 12), state=State.COMPLETED)
    booking(one, at(5, 10), at(5, 12), state=State.COMPLETED, relation=Relation.OWN)

    assert list(measures.used().values_list("quantity", "evidenced")) == [(Decimal("2.00"), False)]


def test_a_membership_that_ended_before_the_use_credits_nothing(programme):
    body = registry.organisation()
    registry.membership(registry.cluster(programme), body, until_on=date(2026, 11, 3))
    booking(instrument(body), at(4, 10), state=State.COMPLETED)

    assert not measures.used().exists()


def test_a_request_without_an_answer_counts_nothing_beside_one_that_was_answered_in_time(programme):
    one = instrument(host(programme))
    asked = {"requested_at": at(2, 10), "answer_by_at": at(4, 10)}
    booking(one, at(10, 10), decided_at=at(3, 10), state=State.COMPLETED, **asked)
    booking(one, at(12, 10), state=State.EXPIRED, **asked)

    assert sorted(measures.asked().values_list("quantity", flat=True)) == [1, 1]
    assert sorted(measures.answered().values_list("quantity", flat=True)) == [0, 1]
