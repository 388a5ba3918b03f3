"""What time does by itself: holds run out, silence is told, requests expire, nobody came, the past is not waited for."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from sankul.core.rules.verdicts import Refused
from sankul.programme.bookings.models import Booking, Order, Use, Waiting
from sankul.programme.bookings.rules import Asked, OrderState, State, Step, Wait, steps

from . import orders, use, waiting
from .booking import whole
from .taking import locked, record

FORGOTTEN = timedelta(hours=12)
"""A use that nobody has stopped so long after its booked end is taken to have ended then."""


def tick(*, at: datetime) -> dict[str, int]:
    """Do all that is due at ``at``, each in a transaction of its own; how many of each. Doing it again does nothing."""
    done: Counter[str] = Counter()
    for booking in Booking.objects.filter(state=State.HELD, hold_until__lte=at):
        done["holds ended"] += _expire(booking, at)
    for booking in Booking.objects.filter(state=State.REQUESTED).select_related("instrument"):
        for step in steps(asked(booking, booking.starts_at), at):
            done[step.value] += (
                _expire(booking, at) if step == Step.EXPIRE else _tell(booking, step, at)
            )
    late = F("instrument__no_show_minutes") * timedelta(minutes=1)
    for booking in Booking.objects.filter(state=State.CONFIRMED, starts_at__lte=at - late):
        done["nobody came"] += _released(booking, at)
    done["waits ended"] = _stop_waiting(at)
    for order in Order.objects.filter(state=OrderState.REQUESTED).select_related(
        "service__facility"
    ):
        for step in steps(asked(order, None), at):
            orders.tell(order=order, step=step, at=at)
            done[step.value] += 1
    done["uses ended"] = sum(_close(one, at) for one in _forgotten(at))
    return dict(done)


def asked(row: Booking | Order, starts_at: datetime | None) -> Asked:
    """A request as its clock sees it."""
    return Asked(
        row.requested_at or row.made_at,
        row.answer_by_at or row.made_at,
        starts_at,
        row.reminded_at,
        row.nodal_at,
        row.cluster_at,
    )


@transaction.atomic
def _expire(booking: Booking, at: datetime) -> int:
    locked(booking.instrument)
    row = whole(booking)
    is_hold = row.state == State.HELD and row.hold_until is not None and row.hold_until <= at
    if not is_hold and not (row.state == State.REQUESTED and row.starts_at <= at):
        return 0
    row.state, row.changed_at = State.EXPIRED, at
    row.hold_until = None
    row.sequence += 1
    row.save()
    record(None, "booking.expired", row, at, hold=is_hold)
    waiting.promote(instrument=row.instrument, span=(row.starts_at, row.ends_at), at=at)
    return 1


@transaction.atomic
def _tell(booking: Booking, step: Step, at: datetime) -> int:
    row = whole(booking)
    field = {Step.REMIND: "reminded_at", Step.NODAL: "nodal_at", Step.CLUSTER: "cluster_at"}[step]
    if row.state != State.REQUESTED or getattr(row, field) is not None:
        return 0
    setattr(row, field, at)
    row.save(update_fields=[field])
    record(None, f"booking.unanswered_{step}", row, at)
    return 1


def _released(booking: Booking, at: datetime) -> int:
    try:
        use.release(actor=None, booking=booking, at=at)
    except Refused:
        return 0  # begun in the meantime
    return 1


def _stop_waiting(at: datetime) -> int:
    rows = Waiting.objects.filter(state=Wait.WAITING, starts_at__lte=at)
    return rows.update(state=Wait.PASSED, ended_at=at)


def _forgotten(at: datetime) -> list[Use]:
    rows = Use.objects.filter(stopped_at=None, booking__ends_at__lte=at - FORGOTTEN)
    return list(rows.select_related("booking__instrument"))


@transaction.atomic
def _close(one: Use, at: datetime) -> int:
    row = whole(one.booking)
    if row.state != State.IN_USE:
        return 0
    one.stopped_at = max(row.ends_at, one.started_at)
    one.save(update_fields=["stopped_at"])
    row.state, row.changed_at = State.COMPLETED, at
    row.sequence += 1
    row.save()
    minutes = round((one.stopped_at - one.started_at).total_seconds() / 60)
    record(None, "booking.completed", row, at, minutes=minutes, forgotten=True)
    return 1
