"""Using an instrument: start, stop, how it was left, and nobody came."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _t

from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.programme.bookings.models import Booking, Consumption, Use
from sankul.programme.bookings.rules import RUN, Condition, State, Via, named
from sankul.programme.facilities.actions import instrument as instruments
from sankul.programme.facilities.actions import ticket as tickets
from sankul.programme.facilities.models import Consumable
from sankul.programme.facilities.rules import InstrumentStatus, Severity, TicketKind

from . import waiting
from .booking import own
from .taking import locked, person, polite, record

EARLY = timedelta(minutes=15)
"""So long before its time a use may start, where nobody else is in."""


def start(*, actor: Actor, booking: Booking, via: Via, at: datetime) -> Use:
    """Begin: from a quarter of an hour before the booked time until its end, where the instrument is free and works."""
    with polite(_t("The instrument is still in use by somebody else.")):
        locked(booking.instrument)
        row = own(actor, booking)
        _why_not_start(row, at)
        row.state, row.changed_at = State.IN_USE, at
        row.occupied = _begun(row, at)
        row.save()
        use = Use.objects.create(
            booking=row, started_at=at, started_by=person(actor), started_via=via
        )
        record(actor, "booking.started", row, at, via=str(via))
        return use


def _why_not_start(row: Booking, at: datetime) -> None:
    if row.state != State.CONFIRMED:
        raise Refused(
            _t("Only a confirmed booking is begun; this one is %s.") % row.get_state_display()
        )
    if at < row.starts_at - EARLY:
        when = named(row.starts_at - EARLY, row.zone)
        raise Refused(_t("It is too early: it can be begun from %s on.") % when)
    if at >= row.ends_at:
        raise Refused(_t("The booked time is over. Book again."))
    if row.instrument.status == InstrumentStatus.DOWN:
        raise Refused(_t("The instrument is down. Its page says since when, and why."))


def _begun(row: Booking, at: datetime):  # type: ignore[no-untyped-def]
    span = row.occupied
    return type(span)(min(span.lower, at), span.upper)


@transaction.atomic
def stop(
    *,
    actor: Actor,
    use: Use,
    condition: str,
    note: str = "",
    consumed: Mapping[int, Decimal] | None = None,
    at: datetime,
) -> Use:
    """End: what was used up (quantity by number of the consumable), and how the instrument was left.

    A fault opens a ticket, which tells the lab. The rest of the booked time is free at once.
    """
    locked(use.booking.instrument)
    row = own(actor, use.booking)
    if row.state != State.IN_USE:
        raise Refused(_t("Nothing is in use here: the booking is %s.") % row.get_state_display())
    if condition not in Condition.values:
        raise Refused(_t("Say how the instrument was left."))
    if condition != Condition.GOOD and not note.strip():
        raise Refused(_t("Say what was noticed, so that the lab can act."))
    use.stopped_at, use.stopped_by = at, actor.user
    use.condition, use.condition_note = condition, note.strip()[:1000]
    use.save()
    _consume(use, consumed or {})
    row.state, row.changed_at = State.COMPLETED, at
    row.sequence += 1
    row.save()
    if condition == Condition.FAULT:
        _report(actor, row, use.condition_note, at)
    else:
        instruments.confirm_by_use(instrument=row.instrument, at=at)
    minutes = round((at - use.started_at).total_seconds() / 60)
    record(actor, "booking.completed", row, at, minutes=minutes, condition=condition)
    if at < row.ends_at:
        waiting.promote(instrument=row.instrument, span=(at, row.ends_at), at=at)
    return use


def _consume(use: Use, consumed: Mapping[int, Decimal]) -> None:
    wanted = {key: quantity for key, quantity in consumed.items() if quantity}
    rows = Consumable.objects.filter(facility=use.booking.instrument.facility, is_active=True)
    known = rows.in_bulk(list(wanted))
    if missing := sorted(set(wanted) - set(known)):
        raise Refused(
            _t("This facility has no such consumable: %s.") % ", ".join(map(str, missing))
        )
    if any(quantity < 0 for quantity in wanted.values()):
        raise Refused(_t("A quantity is a number above zero."))
    Consumption.objects.bulk_create(
        Consumption(
            use=use, consumable=known[key], quantity=quantity, price_inr=known[key].price_inr
        )
        for key, quantity in wanted.items()
    )


def _report(actor: Actor, row: Booking, note: str, at: datetime) -> None:
    tickets.open_(
        actor=actor,
        instrument=row.instrument,
        kind=TicketKind.FAULT,
        severity=Severity.STOPPED,
        title=_t("Left as not working after a use"),
        text=note,
        at=at,
    )


@transaction.atomic
def release(*, actor: Actor | None, booking: Booking, at: datetime) -> Booking:
    """Nobody came: the rest of the time is free. By the clock (no actor), or by the host's people from the start on."""
    locked(booking.instrument)
    row = Booking.objects.whole().select_for_update(of=("self",)).get(pk=booking.pk)
    if actor is not None:
        require(actor, RUN, *row.scopes)
    patience = timedelta(minutes=row.instrument.no_show_minutes) if actor is None else timedelta()
    if row.state != State.CONFIRMED or at < row.starts_at + patience:
        raise Refused(_t("It is not released: it is %s.") % row.get_state_display())
    row.state, row.changed_at = State.NO_SHOW, at
    row.sequence += 1
    row.save()
    record(actor, "booking.no_show", row, at)
    waiting.promote(instrument=row.instrument, span=(at, row.ends_at), at=at)
    return row
