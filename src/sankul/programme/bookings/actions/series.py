"""Repeated bookings: all of a rule's slots, or those that are free, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _t

from sankul.core.rules.roles import Actor
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.bookings.models import Booking, Series
from sankul.programme.bookings.queries import availability
from sankul.programme.bookings.rules import AHEAD, named, recurrence
from sankul.programme.facilities.models import Instrument
from sankul.programme.registry.models import Organisation

from . import booking as single
from .taking import Wish, locked, new, polite, record, who_books


@dataclass(frozen=True)
class Made:
    """A series: what was booked, and what was not with the reason."""

    series: Series
    bookings: list[Booking]
    left_out: list[tuple[datetime, str]]


def book(
    *,
    actor: Actor,
    instrument: Instrument,
    organisation: Organisation,
    wish: Wish,
    rule: str,
    skips: bool,
    at: datetime,
) -> Made:
    """Book every slot of a recurrence rule, the first as wished, each as long as it.

    Slots that cannot be had are left out where ``skips``; else nothing is booked, and the refusal names every one of them.
    """
    with polite():
        user = who_books(actor, organisation)
        row = locked(instrument)
        zone = availability.terms(row).zone
        if wish["ends_at"] <= wish["starts_at"]:
            raise Refused(_t("The end must be after the start."))
        starts = recurrence.starts(rule, wish["starts_at"], zone)
        series = Series.objects.create(
            instrument=row,
            user=user,
            rule=rule,
            starts_at=starts[0],
            zone=zone.key,
            made_at=at,
        )
        made = Made(series, [], [])
        for start in starts:
            _one(actor, row, organisation, wish, start, made, at)
        _judge(made, zone, skips=skips)
        for booking in made.bookings:
            record(actor, f"booking.{booking.state}", booking, at, series=series.pk)
        return made


def _one(
    actor: Actor,
    instrument: Instrument,
    organisation: Organisation,
    wish: Wish,
    start: datetime,
    made: Made,
    at: datetime,
) -> None:
    length = wish["ends_at"] - wish["starts_at"]
    slot: Wish = {**wish, "starts_at": start, "ends_at": start + length}
    try:
        with polite():
            booking = new(actor, instrument, organisation, at, slot, series=made.series)
    except Refused as refusal:
        made.left_out.append((start, refusal.reason))
    else:
        made.bookings.append(booking)


def _judge(made: Made, zone: ZoneInfo, *, skips: bool) -> None:
    if made.bookings and (skips or not made.left_out):
        return
    told = "; ".join(f"{named(start, zone)}: {why}" for start, why in made.left_out)
    raise Refused(_t("Nothing was booked, as these slots cannot be had. %s") % told)


@transaction.atomic
def cancel(*, actor: Actor, series: Series, at: datetime, note: str = "") -> list[Booking]:
    """Cancel what of a series has not begun."""
    locked(series.instrument)
    if series.user_id != actor.user_id:
        raise Forbidden(
            _t("Only who made the series cancels it; its single bookings the host can.")
        )
    rows = Booking.objects.filter(series=series, state__in=AHEAD, starts_at__gt=at)
    found = list(rows.select_related("instrument"))
    if not found:
        raise Refused(_t("Nothing of the series is left to cancel."))
    return [single.cancel(actor=actor, booking=row, at=at, note=note) for row in found]
