"""Answers to requests, silence, and what time does by itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from sankul.core.models import Event
from sankul.core.rules.roles import Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.bookings.actions import answers, clock, orders, waiting
from sankul.programme.bookings.actions import booking as actions
from sankul.programme.bookings.models import Booking, Order
from sankul.programme.bookings.queries import requests
from sankul.programme.bookings.rules import OrderState, Reason, State, Wait
from sankul.programme.facilities.models import Instrument
from sankul.programme.facilities.tests import makers as facilities
from sankul.programme.registry.tests.makers import actor_with, cluster, membership, user_with

from . import makers
from .makers import AT, HOUR, TEN

pytestmark = pytest.mark.django_db
FAR = TEN + 240 * HOUR


@pytest.fixture
def instrument() -> Instrument:
    return makers.instrument(needs_approval=True)


@pytest.fixture
def asked(instrument: Instrument) -> Booking:
    actor, body = makers.member()
    return actions.book(
        actor=actor,
        instrument=instrument,
        organisation=body,
        starts_at=FAR,
        ends_at=FAR + HOUR,
        at=AT,
    )


def test_the_lab_says_yes(instrument: Instrument, asked: Booking) -> None:
    row = answers.approve(actor=makers.lab(instrument), booking=asked, at=AT + HOUR, note="Welcome")
    assert (row.state, row.decided_at, row.decision_note) == (State.CONFIRMED, AT + HOUR, "Welcome")


def test_the_lab_says_no_with_a_coded_reason(instrument: Instrument, asked: Booking) -> None:
    lab = makers.lab(instrument)
    with pytest.raises(Refused, match="Choose the reason"):
        answers.refuse(actor=lab, booking=asked, reason="because", at=AT)
    with pytest.raises(Refused, match="Tell the other reason"):
        answers.refuse(actor=lab, booking=asked, reason=Reason.OTHER, at=AT)
    row = answers.refuse(actor=lab, booking=asked, reason=Reason.UNSUITABLE, at=AT)
    assert (row.state, row.reason) == (State.REFUSED, Reason.UNSUITABLE)


def test_a_refused_slot_goes_to_who_waits(instrument: Instrument, asked: Booking) -> None:
    actor, body = makers.member()
    row = waiting.join(
        actor=actor,
        instrument=instrument,
        organisation=body,
        starts_at=FAR,
        ends_at=FAR + HOUR,
        at=AT,
    )
    answers.refuse(actor=makers.lab(instrument), booking=asked, reason=Reason.DOWN, at=AT)
    row.refresh_from_db()
    assert row.state == Wait.PROMOTED
    assert row.booking is not None
    assert row.booking.state == State.REQUESTED


def test_of_two_answers_the_second_is_told_that_there_is_one(
    instrument: Instrument, asked: Booking
) -> None:
    lab = makers.lab(instrument)
    answers.approve(actor=lab, booking=asked, at=AT)
    with pytest.raises(Refused, match="needs no answer any more: it is confirmed"):
        answers.refuse(actor=lab, booking=asked, reason=Reason.DOWN, at=AT)


def test_nobody_answers_for_another_host_or_for_oneself(asked: Booking) -> None:
    others = [makers.lab(makers.instrument()), actor_with(Role.PROGRAMME_OFFICER)]
    for actor in [*others, makers.actor_of(asked.user, AT)]:
        with pytest.raises(Forbidden):
            answers.approve(actor=actor, booking=asked, at=AT)


def test_the_cluster_answers_only_what_the_host_left_unanswered(
    instrument: Instrument, asked: Booking
) -> None:
    home = cluster()
    membership(home, instrument.facility.organisation)
    staff = actor_with(Role.CLUSTER_STAFF, home.scopes[0])
    with pytest.raises(Forbidden):
        answers.approve(actor=staff, booking=asked, at=AT)
    assert not requests.waiting(staff).exists()
    clock.tick(at=AT + 96 * HOUR)
    assert list(requests.waiting(staff)) == [asked]
    assert answers.approve(actor=staff, booking=asked, at=AT + 97 * HOUR).state == State.CONFIRMED


def test_silence_is_told_step_by_step_and_each_step_once(asked: Booking) -> None:
    told = [clock.tick(at=AT + hours * HOUR) for hours in (23, 24, 25, 48, 96, 97)]
    steps = [{key: count for key, count in done.items() if count} for done in told]
    assert steps == [{}, {"remind": 1}, {}, {"nodal": 1}, {"cluster": 1}, {}]
    verbs = Event.objects.filter(subject=f"booking/{asked.pk}").order_by("seq")
    assert list(verbs.values_list("verb", flat=True)) == [
        "booking.requested",
        "booking.unanswered_remind",
        "booking.unanswered_nodal",
        "booking.unanswered_cluster",
    ]


def test_a_request_without_an_answer_expires_at_its_start_and_stays_unanswered(
    asked: Booking,
) -> None:
    clock.tick(at=FAR)
    asked.refresh_from_db()
    assert (asked.state, asked.decided_at) == (State.EXPIRED, None)
    with pytest.raises(Refused, match="expired"):
        answers.approve(actor=makers.lab(asked.instrument), booking=asked, at=FAR)


def test_an_answer_after_the_start_comes_too_late(instrument: Instrument, asked: Booking) -> None:
    with pytest.raises(Refused, match="run out without an answer"):
        answers.approve(actor=makers.lab(instrument), booking=asked, at=FAR + HOUR)


def test_a_hold_runs_out_and_its_slot_goes_on(instrument: Instrument) -> None:
    actor, body = makers.member()
    slot: dict[str, Any] = {"organisation": body, "starts_at": TEN, "ends_at": TEN + HOUR}
    hold = actions.hold(actor=actor, instrument=instrument, at=AT, **slot)
    assert clock.tick(at=AT + HOUR / 2).get("holds ended", 0) == 0
    other, theirs = makers.member()
    row = waiting.join(actor=other, instrument=instrument, at=AT, **slot | {"organisation": theirs})
    assert clock.tick(at=AT + HOUR)["holds ended"] == 1
    hold.refresh_from_db()
    row.refresh_from_db()
    assert (hold.state, row.state) == (State.EXPIRED, Wait.PROMOTED)


def test_who_does_not_come_loses_the_rest_of_the_time() -> None:
    instrument = makers.instrument(no_show_minutes=30)
    booking = makers.booking(instrument, TEN, TEN + 3 * HOUR)
    assert clock.tick(at=TEN + 0.4 * HOUR).get("nobody came", 0) == 0
    assert clock.tick(at=TEN + 0.5 * HOUR)["nobody came"] == 1
    booking.refresh_from_db()
    assert booking.state == State.NO_SHOW
    makers.booking(instrument, TEN + HOUR)


def _order(at: datetime = AT) -> Order:
    actor, body = makers.member()
    return orders.place(
        actor=actor,
        service=facilities.service(),
        organisation=body,
        samples=3,
        note="Soil, for lead",
        at=at,
    )


def test_an_order_goes_from_asking_to_results() -> None:
    order = _order()
    lab = makers.actor_of(user_with(Role.LAB_MANAGER, order.scopes[0]), AT)
    with pytest.raises(Refused, match="not “accepted"):
        orders.receive(actor=lab, order=order, at=AT)
    orders.accept(actor=lab, order=order, at=AT)
    orders.receive(actor=lab, order=order, at=AT)
    assert orders.deliver(actor=lab, order=order, at=AT + HOUR).state == OrderState.DONE
    mine = makers.actor_of(order.user, AT)
    with pytest.raises(Refused, match="cannot be cancelled"):
        orders.cancel(actor=mine, order=order, at=AT)
    with pytest.raises(Refused, match="no answer any more"):
        orders.refuse(actor=lab, order=order, reason=Reason.DOWN, at=AT)


def test_an_order_says_what_the_samples_are_and_how_many() -> None:
    actor, body = makers.member()
    service = facilities.service()
    for samples, note, why in [(0, "x", "from 1"), (10_001, "x", "from 1"), (3, " ", "Say what")]:
        with pytest.raises(Refused, match=why):
            orders.place(
                actor=actor, service=service, organisation=body, samples=samples, note=note, at=AT
            )


def test_an_order_without_an_answer_is_told_as_a_request_is() -> None:
    order = _order()
    done = [clock.tick(at=AT + hours * HOUR) for hours in (24, 48, 96, 120)]
    assert [sorted(set(one) & {"remind", "nodal", "cluster"}) for one in done] == [
        ["remind"],
        ["nodal"],
        ["cluster"],
        [],
    ]
    order.refresh_from_db()
    assert order.state == OrderState.REQUESTED


def test_nobody_runs_anothers_order() -> None:
    order, other = _order(), makers.lab(makers.instrument())
    for act in (orders.accept, orders.receive, orders.deliver):
        with pytest.raises(Forbidden):
            act(actor=other, order=order, at=AT)
    with pytest.raises(Forbidden):
        orders.refuse(actor=other, order=order, reason=Reason.DOWN, at=AT)
    with pytest.raises(Forbidden):
        orders.cancel(actor=other, order=order, at=AT)
