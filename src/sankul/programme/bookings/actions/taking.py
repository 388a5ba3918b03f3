"""Taking a slot: what every booking goes through, and the answer where somebody else was faster."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NotRequired, TypedDict

from django.db import IntegrityError, OperationalError, transaction
from django.utils.translation import gettext as _t
from psycopg import errors
from psycopg.types.range import TimestamptzRange

from sankul.core.actions import events
from sankul.core.models import User
from sankul.core.queries import prepared
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Forbidden, Refused, refused
from sankul.programme.bookings.models import NEVER_TWICE, Booking, Series
from sankul.programme.bookings.queries import availability
from sankul.programme.bookings.rules import (
    BOOK,
    State,
    answer_by,
    named,
    week_of,
    why_not_open,
    why_not_quota,
    why_not_share,
    why_not_times,
)
from sankul.programme.facilities.models import Facility, Instrument
from sankul.programme.facilities.queries.hours import open_and_down
from sankul.programme.facilities.queries.people import qualified
from sankul.programme.facilities.queries.prices import quote, relation_of
from sankul.programme.facilities.rules import Assistance, InstrumentStatus, Relation, UserClass
from sankul.programme.registry.models import Organisation

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_LOCKS = (Instrument, Facility, Organisation)
_LOCKED = f"""
SELECT {", ".join(map(prepared.columns, _LOCKS, ("instrument", "facility", "organisation")))}
FROM {Instrument._meta.db_table} instrument
JOIN {Facility._meta.db_table} facility ON facility.id = instrument.facility_id
JOIN {Organisation._meta.db_table} organisation ON organisation.id = facility.organisation_id
WHERE instrument.id = %s FOR NO KEY UPDATE OF instrument
"""
LOST = (errors.DeadlockDetected, errors.SerializationFailure, errors.LockNotAvailable)


class Taken(Refused):
    """Somebody else has the slot."""


@contextmanager
def polite(reason: StrOrPromise = "") -> Iterator[None]:
    """Where the database finds the slot occupied, or two writers in each other's way, raise ``Taken`` in words."""
    try:
        with transaction.atomic():
            yield
    except (IntegrityError, OperationalError) as error:
        diagnostics = getattr(error.__cause__, "diag", None)
        occupied = getattr(diagnostics, "constraint_name", None) == NEVER_TWICE
        if not occupied and not isinstance(error.__cause__, LOST):
            raise
        raise Taken(
            str(reason) or _t("Somebody else has just taken this slot. Choose another.")
        ) from None


def locked(instrument: Instrument) -> Instrument:
    """The instrument, held to the end of the transaction: who books it, does so one after the other."""
    rows = prepared.rows(_LOCKED, instrument.pk)
    if not rows:
        raise Instrument.DoesNotExist
    found: Instrument
    found, found.facility, found.facility.organisation = prepared.joined(rows[0], *_LOCKS)
    return found


def check(booking: Booking, at: datetime) -> Collection[int]:
    """Raise Refused with the first rule that the booking's time breaks; its instrument is locked, so that it stays so.

    Else the units of the instrument that are down in that time, for ``take``.
    """
    instrument, starts_at, ends_at = booking.instrument, booking.starts_at, booking.ends_at
    terms = availability.terms(instrument)
    but = booking if booking.pk else None
    _why_not_offered(instrument)
    why_not_times(terms, starts_at, ends_at, at).enforce()
    windows, down = open_and_down([instrument], *terms.occupied(starts_at, ends_at))
    why_not_open(windows[instrument.pk], starts_at, ends_at).enforce()
    _why_not_trained(instrument, booking.user, booking.is_assisted, starts_at)
    if terms.quota_minutes_week is not None:
        week = week_of(starts_at, terms.zone)
        booked = availability.minutes_of(booking.user, instrument, week, but)
        why_not_quota(terms, booked, booking.minutes).enforce()
    if booking.relation == Relation.OWN and instrument.facility.outsider_share_percent:
        here = availability.week(instrument, starts_at, but)
        why_not_share(here, booking.minutes, starts_at, at).enforce()
    return down


def _why_not_offered(instrument: Instrument) -> None:
    if instrument.status == InstrumentStatus.WITHDRAWN:
        refused(_t("The instrument is withdrawn. Look for another in the catalogue.")).enforce()
    if not instrument.facility.is_active:
        refused(_t("The facility takes no bookings now.")).enforce()


def _why_not_trained(
    instrument: Instrument, user: User, is_assisted: bool, starts_at: datetime
) -> None:
    if is_assisted and instrument.assistance == Assistance.NONE:
        refused(_t("No assistance is offered with this instrument.")).enforce()
    if not is_assisted and instrument.assistance == Assistance.REQUIRED:
        refused(_t("The instrument is used with assistance only. Ask for it.")).enforce()
    trained = is_assisted or not instrument.needs_training
    if not trained and instrument.pk not in qualified(user, [instrument], starts_at.date()):
        offered = instrument.assistance == Assistance.OFFERED
        hint = _t(" Or book it with assistance.") if offered else ""
        refused(
            _t(
                "You need a training in force on that day. Ask for a place in the next training, on the "
                "instrument's page."
            )
            + hint
        ).enforce()


def who_books(actor: Actor, organisation: Organisation) -> User:
    """The account of the actor, who books for this organisation; else raise Forbidden."""
    require(actor, BOOK, *organisation.scopes)
    return person(actor)


def person(actor: Actor) -> User:
    """The account of somebody whom a rule has let in; the public raises Forbidden."""
    if actor.user is None:
        raise Forbidden(_t("Sign in first."))
    return actor.user


class Wish(TypedDict):
    """What is asked for."""

    starts_at: datetime
    ends_at: datetime
    is_assisted: NotRequired[bool]
    purpose: NotRequired[str]


def new(
    actor: Actor,
    instrument: Instrument,
    organisation: Organisation,
    at: datetime,
    wish: Wish,
    *,
    series: Series | None = None,
    is_hold: bool = False,
) -> Booking:
    """One more booking by the actor, of an instrument that the caller, who is ``polite``, has locked."""
    booking = Booking(
        instrument=instrument,
        user=actor.user,
        organisation=organisation,
        booked_by=actor.user,
        user_class=UserClass.of(organisation.kind),
        relation=relation_of(instrument.facility.organisation, organisation),
        starts_at=wish["starts_at"],
        ends_at=wish["ends_at"],
        is_assisted=wish.get("is_assisted", False),
        purpose=" ".join(wish.get("purpose", "").split())[:500],
        series=series,
        made_at=at,
    )
    down = check(booking, at)
    open_state(booking, at=at)
    if is_hold:
        booking.state, booking.requested_at, booking.answer_by_at = State.HELD, None, None
        booking.hold_until = at + timedelta(minutes=instrument.hold_minutes)
    price(booking)
    return take(booking, down, at=at)


def take(booking: Booking, down: Collection[int], *, at: datetime) -> Booking:
    """Write a new or moved booking on the first free unit that is not ``down``, where the caller is ``polite``.

    Raises ``Taken`` where there is none.
    """
    terms = availability.terms(booking.instrument)
    span = terms.occupied(booking.starts_at, booking.ends_at)
    booking.occupied = TimestamptzRange(*span)
    but = booking if booking.pk else None
    units = availability.free_units(booking.instrument, span, but, down)
    if not units:
        raise Taken(_nothing_free(booking, at))
    booking.unit = next((one for one in units if one.pk == booking.unit_id), units[0])
    booking.changed_at = at
    booking.save()
    return booking


def _nothing_free(booking: Booking, at: datetime) -> str:
    instrument = booking.instrument
    minutes = round((booking.ends_at - booking.starts_at).total_seconds() / 60)
    first = availability.earliest_slots([instrument], minutes, at).get(instrument.pk)
    hint = (
        _t(" The next free slot as long begins on %s.") % named(first, booking.zone)
        if first
        else ""
    )
    return _t("The slot is taken.") + hint + _t(" You can also wait for it: ask to be told.")


def price(booking: Booking) -> None:
    """Note the tariff in force at the start, and what it estimates. No tariff: nothing is charged."""
    found = quote(
        booking.instrument,
        user_class=booking.user_class,
        relation=booking.relation,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        is_assisted=booking.is_assisted,
    )
    booking.tariff = found.tariff if found else None
    booking.estimate_inr = found.amount_inr if found else None


def open_state(booking: Booking, *, at: datetime) -> None:
    """Confirmed at once, or a request with its clock where the instrument's people decide."""
    if not booking.instrument.needs_approval:
        booking.state = State.CONFIRMED
        return
    hours = booking.instrument.facility.answer_within_hours
    booking.state = State.REQUESTED
    booking.requested_at = at
    booking.answer_by_at = answer_by(at, hours, booking.starts_at)


def record(actor: Actor | None, verb: str, booking: Booking, at: datetime, **data: object) -> None:
    """Tell the event log; the host and the user's organisation read it."""
    events.record(
        actor=actor,
        verb=verb,
        subject=booking,
        at=at,
        scopes=(*booking.scopes, *booking.organisation.scopes),
        data={"state": str(booking.state), "sequence": booking.sequence, **data},
    )
