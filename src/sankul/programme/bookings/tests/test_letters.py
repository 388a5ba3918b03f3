"""Who is told what by mail."""

from __future__ import annotations

import pytest
from django.utils import timezone

from sankul.core.models import Event
from sankul.core.rules.roles import Role
from sankul.programme.bookings import tasks
from sankul.programme.bookings.actions import answers, clock, ending, letters
from sankul.programme.bookings.actions import booking as actions
from sankul.programme.bookings.models import Booking
from sankul.programme.bookings.rules import Reason
from sankul.programme.bookings.rules.news import LETTERS
from sankul.programme.facilities.models import Instrument
from sankul.programme.facilities.tests import makers as facilities
from sankul.programme.registry.tests.makers import cluster, membership, user_with

from . import makers
from .makers import AT, HOUR, TEN

pytestmark = pytest.mark.django_db
FAR = TEN + 240 * HOUR


@pytest.fixture
def instrument() -> Instrument:
    return makers.instrument(needs_approval=True, name="Confocal microscope")


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


def _sent(verb: str, mailoutbox: list) -> list[tuple[str, list[str]]]:  # type: ignore[type-arg]
    mailoutbox.clear()
    for event in Event.objects.filter(verb=verb):
        letters.send(event=event, at=AT)
    return [(one.subject, one.to) for one in mailoutbox]


def test_a_request_goes_to_the_lab_or_without_one_to_the_nodal_officer(
    instrument: Instrument,
    asked: Booking,
    mailoutbox: list,  # type: ignore[type-arg]
) -> None:
    nodal = user_with(Role.NODAL_OFFICER, instrument.facility.organisation.scopes[0])
    assert _sent("booking.requested", mailoutbox) == [
        ("A request: Confocal microscope", [nodal.email])
    ]
    lab = makers.lab(instrument).user
    assert lab is not None
    assert _sent("booking.requested", mailoutbox) == [
        ("A request: Confocal microscope", [lab.email])
    ]
    assert "Answer by: 25 Nov 2026, 07:30" in mailoutbox[0].body
    assert f"/bookings/{asked.pk}/" in mailoutbox[0].body


def test_a_refusal_goes_to_who_asked_with_its_reason(
    instrument: Instrument,
    asked: Booking,
    mailoutbox: list,  # type: ignore[type-arg]
) -> None:
    answers.refuse(
        actor=makers.lab(instrument), booking=asked, reason=Reason.UNSAFE, note="No fumes.", at=AT
    )
    assert _sent("booking.refused", mailoutbox) == [
        ("Not approved: Confocal microscope", [asked.user.email])
    ]
    assert "Reason: a hazard that the lab cannot take\nNote: No fumes." in mailoutbox[0].body


def test_silence_goes_to_the_nodal_officer_and_then_to_the_cluster(
    instrument: Instrument,
    asked: Booking,
    mailoutbox: list,  # type: ignore[type-arg]
) -> None:
    host, home = instrument.facility.organisation, cluster()
    membership(home, host)
    nodal = user_with(Role.NODAL_OFFICER, host.scopes[0])
    staff = user_with(Role.CLUSTER_STAFF, home.scopes[0])
    clock.tick(at=AT + 97 * HOUR)
    assert [to for _s, to in _sent("booking.unanswered_nodal", mailoutbox)] == [[nodal.email]]
    assert [to for _s, to in _sent("booking.unanswered_cluster", mailoutbox)] == [[staff.email]]


def test_who_cancels_is_not_told_and_whose_booking_was_ended_is(
    instrument: Instrument,
    asked: Booking,
    mailoutbox: list,  # type: ignore[type-arg]
) -> None:
    ending.withdraw(instrument_id=instrument.pk, at=AT)
    assert [to for _s, to in _sent("booking.cancelled", mailoutbox)] == [[asked.user.email]]
    actor, body = makers.member()
    other = makers.instrument()
    mine = actions.book(
        actor=actor, instrument=other, organisation=body, starts_at=TEN, ends_at=TEN + HOUR, at=AT
    )
    actions.cancel(actor=actor, booking=mine, at=AT)
    event = Event.objects.filter(subject=f"booking/{mine.pk}", verb="booking.cancelled").get()
    assert letters.send(event=event, at=AT) == 0


def test_nothing_goes_out_for_a_fictional_institution(
    instrument: Instrument,
    asked: Booking,
    mailoutbox: list,  # type: ignore[type-arg]
) -> None:
    host = instrument.facility.organisation
    host.is_demonstration = True
    host.save()
    makers.lab(instrument)
    assert _sent("booking.requested", mailoutbox) == []


def test_those_whom_a_ticket_meets_are_told(
    instrument: Instrument,
    asked: Booking,
    mailoutbox: list,  # type: ignore[type-arg]
) -> None:
    makers.booking(instrument, TEN)
    ticket = facilities.ticket(instrument, title="Laser", blocks_from=FAR, blocks_until=None)
    assert letters.warn(ticket=ticket, at=AT) == 1
    assert mailoutbox[0].to == [asked.user.email]
    assert mailoutbox[0].subject == "Down during your booking: Confocal microscope"


def test_every_letter_is_news_that_an_action_records() -> None:
    recorded = {f"booking.{word}" for word in (
        "confirmed", "requested", "approved", "refused", "expired", "promoted", "cancelled",
        "handed_over", "no_show", "unanswered_remind", "unanswered_nodal", "unanswered_cluster",
    )} | {f"order.{word}" for word in (
        "placed", "accepted", "refused", "done", "unanswered_remind", "unanswered_nodal",
        "unanswered_cluster",
    )}  # fmt: skip
    assert set(LETTERS) == recorded


def test_old_news_is_told_to_nobody(asked: Booking) -> None:
    event = Event.objects.get(verb="booking.requested")
    event.at = timezone.now() - tasks.STALE
    tasks.follow_news([event])
    from procrastinate.contrib.django.models import ProcrastinateJob  # noqa: PLC0415

    assert not ProcrastinateJob.objects.filter(task_name="bookings.tell").exists()
