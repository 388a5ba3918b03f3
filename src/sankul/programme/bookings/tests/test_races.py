"""Many at once: one slot has one booking, whoever asks, and everybody else a polite answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import pairwise
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from sankul.core.models import Event
from sankul.core.rules.roles import Actor
from sankul.core.rules.verdicts import Refused
from sankul.programme.bookings.actions import answers, waiting
from sankul.programme.bookings.actions import booking as actions
from sankul.programme.bookings.models import Booking, Waiting
from sankul.programme.bookings.rules import Reason, State, Wait
from sankul.programme.facilities.models import Instrument
from sankul.programme.registry.models import Organisation

from . import makers
from .makers import AT, HOUR, TEN

pytestmark = pytest.mark.django_db(transaction=True)
Member = tuple[Actor, Organisation]


def _at_once(*acts: Callable[[], Any]) -> Counter[str]:
    """What came of acts that begin at the same moment, each on a connection of its own: "" or the kind of refusal."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> str:
        try:
            barrier.wait(60)
            act()
        except Refused as refusal:
            return type(refusal).__name__
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(len(acts)) as pool:
        return Counter(pool.map(run, acts))


def _booking(who: Member, instrument: Instrument, starts_at: datetime) -> Callable[[], Any]:
    return lambda: actions.book(
        actor=who[0],
        instrument=instrument,
        organisation=who[1],
        starts_at=starts_at,
        ends_at=starts_at + HOUR,
        at=AT,
    )


def test_fifty_who_ask_for_one_slot_get_one_booking_and_forty_nine_polite_answers() -> None:
    instrument, body = makers.instrument(), makers.member()[1]
    people = [makers.member(body) for _ in range(50)]
    said = _at_once(*(_booking(who, instrument, TEN) for who in people))
    assert said == {"": 1, "Taken": 49}
    assert Booking.objects.count() == 1
    assert Event.objects.filter(verb="booking.confirmed").count() == 1


def test_of_slots_that_overlap_in_a_chain_no_two_that_overlap_stand() -> None:
    instrument, body = makers.instrument(units=2), makers.member()[1]
    starts = [TEN + step * HOUR / 2 for step in range(12)]
    people = [makers.member(body) for _ in starts]
    said = _at_once(
        *(_booking(who, instrument, at) for who, at in zip(people, starts, strict=True))
    )
    assert set(said) <= {"", "Taken"}
    rows = list(Booking.objects.order_by("unit", "starts_at"))
    assert len(rows) == said[""]
    for one, next_ in pairwise(rows):
        assert one.unit_id != next_.unit_id or one.ends_at <= next_.starts_at


def test_two_who_swap_their_slots_do_not_lock_each_other() -> None:
    instrument, other = makers.instrument(), makers.instrument()
    asha, bala = makers.member(), makers.member()
    first, second = _booking(asha, instrument, TEN)(), _booking(bala, other, TEN)()
    said = _at_once(
        lambda: actions.move(
            actor=asha[0], booking=first, starts_at=TEN + HOUR, ends_at=TEN + 2 * HOUR, at=AT
        ),
        _booking(bala, instrument, TEN + HOUR),
        lambda: actions.cancel(actor=bala[0], booking=second, at=AT),
        _booking(asha, other, TEN),
    )
    assert set(said) <= {"", "Taken"}
    assert said[""] >= 2


def test_of_two_answers_at_once_one_stands() -> None:
    instrument = makers.instrument(needs_approval=True)
    booking, lab = _booking(makers.member(), instrument, TEN)(), makers.lab(instrument)
    said = _at_once(
        lambda: answers.approve(actor=lab, booking=booking, at=AT),
        lambda: answers.refuse(actor=lab, booking=booking, reason=Reason.DOWN, at=AT),
    )
    assert said == {"": 1, "Refused": 1}
    booking.refresh_from_db()
    assert booking.state in (State.CONFIRMED, State.REFUSED)
    assert Event.objects.filter(verb__in=["booking.approved", "booking.refused"]).count() == 1


def test_a_slot_freed_while_others_ask_for_it_has_one_owner() -> None:
    instrument, asha = makers.instrument(), makers.member()
    booking = _booking(asha, instrument, TEN)()
    waits, others = makers.member(), [makers.member() for _ in range(8)]
    waiting.join(
        actor=waits[0], instrument=instrument, organisation=waits[1], starts_at=TEN,
        ends_at=TEN + HOUR, at=AT,
    )  # fmt: skip
    said = _at_once(
        lambda: actions.cancel(actor=asha[0], booking=booking, at=AT),
        *(_booking(who, instrument, TEN) for who in others),
    )
    assert said == {"": 1, "Taken": 8}
    assert Waiting.objects.get().state == Wait.PROMOTED
    assert Booking.objects.occupying().get().user == waits[0].user
