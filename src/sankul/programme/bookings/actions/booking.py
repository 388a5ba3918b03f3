"""Booking an instrument, moving, handing over, cancelling."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Unpack

from django.db import transaction
from django.utils.translation import gettext as _t

from sankul.core.models import User
from sankul.core.rules.roles import Actor, verdict
from sankul.core.rules.verdicts import Forbidden, Refused, refused
from sankul.programme.bookings.models import Booking
from sankul.programme.bookings.rules import RUN, State, why_not_open
from sankul.programme.facilities.models import Instrument
from sankul.programme.facilities.queries.hours import down_units, open_windows
from sankul.programme.facilities.queries.people import books_for
from sankul.programme.registry.models import Organisation

from . import waiting
from .taking import Wish, check, locked, new, open_state, polite, price, record, take, who_books


def book(
    *,
    actor: Actor,
    instrument: Instrument,
    organisation: Organisation,
    at: datetime,
    **wish: Unpack[Wish],
) -> Booking:
    """Book a slot for oneself, paid by an organisation that one books for.

    It is confirmed, or where the host decides a request that holds the slot until it is answered. Raises ``Taken`` (a Refused)
    where the slot is not free: of any number who ask at once, exactly one has it.
    """
    with polite():
        return _made(actor, instrument, organisation, at, wish)


def hold(
    *,
    actor: Actor,
    instrument: Instrument,
    organisation: Organisation,
    at: datetime,
    **wish: Unpack[Wish],
) -> Booking:
    """Keep a slot for a while (the instrument's ``hold_minutes``), to confirm it or let it go."""
    with polite():
        return _made(actor, instrument, organisation, at, wish, is_hold=True)


def _made(
    actor: Actor,
    instrument: Instrument,
    organisation: Organisation,
    at: datetime,
    wish: Wish,
    *,
    is_hold: bool = False,
) -> Booking:
    who_books(actor, organisation)
    booking = new(actor, locked(instrument), organisation, at, wish, is_hold=is_hold)
    record(actor, f"booking.{booking.state}", booking, at)
    return booking


@transaction.atomic
def confirm(*, actor: Actor, booking: Booking, at: datetime) -> Booking:
    """Turn one's hold into a booking, or into a request where the host decides."""
    row = own(actor, booking)
    if row.state != State.HELD or row.hold_until is None or row.hold_until <= at:
        raise Refused(_t("The slot is no longer held. Book it again."))
    row.hold_until = None
    open_state(row, at=at)
    return _changed(actor, f"booking.{row.state}", row, at)


def move(
    *, actor: Actor, booking: Booking, starts_at: datetime, ends_at: datetime, at: datetime
) -> Booking:
    """Change the time of a booking that has not begun: the old slot is free in the moment the new one is taken."""
    with polite():
        locked(booking.instrument)
        row = own(actor, booking)
        _ahead(row)
        before = row.starts_at, row.ends_at
        row.starts_at, row.ends_at = starts_at, ends_at
        down = check(row, at)
        price(row)
        row.sequence += 1
        if row.state != State.HELD:
            open_state(row, at=at)
            row.reminded_at = row.nodal_at = row.cluster_at = row.decided_at = row.decided_by = None
        take(row, down, at=at)
        record(actor, "booking.moved", row, at)
        waiting.promote(instrument=row.instrument, span=before, at=at)
        return row


def hand_over(*, actor: Actor, booking: Booking, to: User, at: datetime) -> Booking:
    """Give a booking that has not begun to a colleague who books for the same organisation and may use the instrument."""
    with polite():
        instrument = locked(booking.instrument)
        row = own(actor, booking)
        _ahead(row)
        if to.pk == row.user_id:
            raise Refused(_t("It is that person's booking already."))
        if not books_for(to, row.organisation, at):
            raise Refused(_t("The colleague does not book for %s.") % row.organisation)
        row.instrument, row.handed_from, row.user = instrument, row.user, to
        check(row, at)
        return _changed(actor, "booking.handed_over", row, at)


@transaction.atomic
def cancel(*, actor: Actor, booking: Booking, at: datetime, note: str = "") -> Booking:
    """Cancel a booking that has not begun: one's own, or as the host's staff with a reason that the user reads.

    Late (within ``cancel_free_hours`` of the start) a user's cancelling of a confirmed booking may cost what the tariff says.
    """
    locked(booking.instrument)
    row = whole(booking)
    mine = row.user_id == actor.user_id
    if not mine:
        verdict(actor, RUN, *row.scopes).enforce(Forbidden)
        if not note.strip():
            raise Refused(_t("Say why: its user reads it."))
    _ahead(row)
    row.is_late = mine and row.state == State.CONFIRMED and _costs(row, at)
    row.state, row.cancelled_at, row.end_note = State.CANCELLED, at, note.strip()[:500]
    row.hold_until = None
    _changed(actor, "booking.cancelled", row, at, late=row.is_late)
    waiting.promote(instrument=row.instrument, span=(row.starts_at, row.ends_at), at=at)
    return row


@transaction.atomic
def rate(*, actor: Actor, booking: Booking, score: int, note: str, at: datetime) -> Booking:
    """Say, once, how it went: 1 (bad) to 5 (very good)."""
    row = whole(booking)
    if row.user_id != actor.user_id:
        raise Forbidden(_t("Only who used it says how it went."))
    if row.state != State.COMPLETED or row.score is not None:
        raise Refused(_t("A use that has ended is scored once."))
    if not 1 <= score <= 5:
        raise Refused(_t("A score is a number from 1 to 5."))
    row.score, row.score_note, row.changed_at = score, note.strip()[:500], at
    row.save(update_fields=["score", "score_note", "changed_at"])
    record(actor, "booking.scored", row, at, score=score)
    return row


def whole(booking: Booking) -> Booking:
    """The booking as it stands now, held to the end of the transaction."""
    return Booking.objects.whole().select_for_update(of=("self",)).get(pk=booking.pk)


def own(actor: Actor, booking: Booking) -> Booking:
    """The same, if it is the actor's own or the actor runs the host's instruments."""
    row = whole(booking)
    if row.user_id != actor.user_id:
        verdict(actor, RUN, *row.scopes).enforce(Forbidden)
    return row


def _costs(row: Booking, at: datetime) -> bool:
    """Whether cancelling comes late, and the instrument is not down in the booked time."""
    if at <= row.starts_at - timedelta(hours=row.instrument.cancel_free_hours):
        return False
    windows = open_windows([row.instrument], row.starts_at, row.ends_at)[row.instrument_id]
    is_open = why_not_open(windows, row.starts_at, row.ends_at)
    return is_open.allowed and row.unit_id not in down_units(
        [row.instrument], row.starts_at, row.ends_at
    )


def _ahead(row: Booking) -> None:
    if not row.is_ahead:
        refused(
            _t("The booking is %s; only one that has not begun can be changed.")
            % row.get_state_display()
        ).enforce()


def _changed(actor: Actor, verb: str, row: Booking, at: datetime, **data: object) -> Booking:
    row.sequence += 1
    row.changed_at = at
    row.save()
    record(actor, verb, row, at, **data)
    return row
