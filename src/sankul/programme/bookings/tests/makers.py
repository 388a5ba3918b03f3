"""Bookings as tests need them."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from psycopg.types.range import TimestamptzRange

from sankul.core.models import User
from sankul.core.queries.actors import actor as actor_of
from sankul.core.rules.roles import Actor, Role
from sankul.programme.bookings.models import Booking
from sankul.programme.bookings.rules import State
from sankul.programme.facilities.models import Instrument
from sankul.programme.facilities.rules import Relation, UserClass
from sankul.programme.facilities.tests import makers as facilities
from sankul.programme.registry.models import Organisation
from sankul.programme.registry.tests import makers

__all__ = ["AT", "HOUR", "TEN", "actor_of", "booking", "instrument", "lab", "member"]

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""A Monday, 07:30 in India: the moment of most tests."""
TEN = datetime(2026, 11, 24, 4, 30, tzinfo=UTC)
"""The next day, 10:00 in India."""
HOUR = timedelta(hours=1)


def instrument(**fields: Any) -> Instrument:
    """An instrument with one unit, open every day from six to ten at night, that keeps nothing for outsiders."""
    place = facilities.facility(outsider_share_percent=0)
    facilities.week(place, opens=time(6), closes=time(22))
    made = facilities.instrument(place, **fields)
    return Instrument.objects.select_related("facility__organisation").get(pk=made.pk)


def member(
    organisation: Organisation | None = None, at: datetime = AT
) -> tuple[Actor, Organisation]:
    """Somebody who books for an organisation."""
    body = organisation or makers.organisation()
    return actor_of(makers.user_with(Role.MEMBER, body.scopes[0]), at), body


def lab(instrument: Instrument, at: datetime = AT) -> Actor:
    """The manager of the lab where an instrument stands."""
    scope = instrument.facility.organisation.scopes[0]
    return actor_of(makers.user_with(Role.LAB_MANAGER, scope), at)


def booking(
    instrument: Instrument,
    starts_at: datetime = TEN,
    ends_at: datetime | None = None,
    *,
    user: User | None = None,
    organisation: Organisation | None = None,
    **fields: Any,
) -> Booking:
    """A confirmed booking of an hour, written as it is, without any rule but the database's."""
    until = ends_at or starts_at + HOUR
    defaults = {
        "user": user or makers.user(),
        "organisation": organisation or makers.organisation(),
        "unit": instrument.units.first(),
        "user_class": UserClass.ACADEMIA,
        "relation": Relation.OUTSIDE,
        "state": State.CONFIRMED,
        "occupied": TimestamptzRange(starts_at, until),
        "made_at": AT,
        "changed_at": AT,
    }
    return Booking.objects.create(
        instrument=instrument, starts_at=starts_at, ends_at=until, **defaults | fields
    )
