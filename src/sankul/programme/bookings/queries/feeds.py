"""Calendars: what a person, or an instrument, has booked; whole to those who may see it, free and busy to others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from sankul.core.queries.actors import actor
from sankul.core.rules.roles import PLATFORM, Actor, ScopeKind
from sankul.programme.bookings.models import Booking, CalendarToken
from sankul.programme.bookings.rules import OCCUPYING, SEE_BOOKINGS, Span, State
from sankul.programme.bookings.rules.calendars import STATUS, Entry, Feed
from sankul.programme.facilities.models import Instrument

SINCE = timedelta(days=60)
"""How far back a calendar reaches."""
TAKEN = (*OCCUPYING, State.COMPLETED)
"""States that keep, or kept, the instrument busy: what everybody may know."""
INDIA = "Asia/Kolkata"
COLUMNS = (
    "pk", "uid", "instrument__facility__timezone", "starts_at", "ends_at", "made_at", "changed_at",
    "sequence", "state", "user_id", "user__name", "organisation__name", "purpose",
    "instrument__name", "instrument__facility__name", "instrument__facility__place",
    "instrument__organisation_id", "instrument__organisation__name", "unit__label",
)  # fmt: skip

Link = Callable[[int], str]
"""From a booking's number to the whole address of its page."""


def shown(secret: str) -> CalendarToken | None:
    """The token with this secret, revoked or not, with its person and instrument: one query."""
    rows = CalendarToken.objects.select_related("user", "instrument__facility__organisation")
    return rows.filter(sha256=sha256(secret.encode()).hexdigest()).first()


def own(actor: Actor) -> QuerySet[CalendarToken]:
    """The actor's calendars that are not revoked, newest first."""
    rows = CalendarToken.objects.select_related("instrument__facility__organisation")
    return rows.filter(user_id=actor.user_id or 0, revoked_at=None)


def of_token(token: CalendarToken, at: datetime, link: Link) -> Feed:
    """The calendar that a token opens. Empty, so that copies elsewhere empty themselves, where the token is revoked, the account
    closed, or no role of the person in force any more."""
    reader = actor(token.user, at)
    name = token.instrument.name if token.instrument else _("My bookings of instruments")
    zone = token.instrument.facility.timezone if token.instrument else INDIA
    if token.revoked_at is not None or not reader.held:
        return Feed(name, zone, [])
    if token.instrument is not None:
        rows = Booking.objects.filter(instrument=token.instrument)
        return Feed(name, zone, _entries(reader, rows.filter(ends_at__gte=at - SINCE), link))
    return of_person(reader, link)


def of_person(reader: Actor, link: Link) -> Feed:
    """The actor's own bookings."""
    rows = Booking.objects.filter(user_id=reader.user_id or 0, ends_at__gte=reader.at - SINCE)
    return Feed(_("My bookings of instruments"), INDIA, _entries(reader, rows, link))


def of_span(
    reader: Actor, instruments: QuerySet[Instrument] | None, span: Span, link: Link
) -> Feed:
    """What is booked in a span of time on some instruments, or on all that the actor may see."""
    chosen = instruments if instruments is not None else Instrument.objects.visible_to(reader)
    rows = Booking.objects.filter(
        instrument__in=chosen.order_by(), starts_at__lt=span[1], ends_at__gt=span[0]
    )
    return Feed(_("Bookings of instruments"), INDIA, _entries(reader, rows, link))


def _entries(reader: Actor, rows: QuerySet[Booking], link: Link) -> list[Entry]:
    """Entries in order of time: one query, and no object of a row is made."""
    hosts = _hosts(reader)
    sees_all = PLATFORM in reader.scopes(SEE_BOOKINGS)
    theirs = Q(user_id=reader.user_id) | Q(instrument__organisation__in=hosts)
    if not sees_all:
        public = Q(state__in=TAKEN, instrument__facility__is_active=True)
        rows = rows.filter(theirs | public)
    labels = {state.value: str(state.label) for state in State}
    return [
        _whole(row, link, reader, labels)
        if sees_all or row.user_id == reader.user_id or row.instrument__organisation_id in hosts
        else _busy(row)
        for row in rows.order_by("starts_at", "pk").values_list(*COLUMNS, named=True)
    ]


def _hosts(reader: Actor) -> set[int]:
    """The institutions of whose instruments the actor sees every booking."""
    scopes = reader.scopes(SEE_BOOKINGS)
    return {scope.id for scope in scopes if scope.kind == ScopeKind.ORGANISATION}


def _whole(row: Any, link: Link, reader: Actor, labels: dict[str, str]) -> Entry:
    """One's own, named after the instrument; that of somebody else, after the person."""
    person = f"{row.user__name}, {row.organisation__name}"
    is_own = row.user_id == reader.user_id
    about = [person, row.unit__label, labels[row.state], row.purpose]
    return _entry(
        row,
        row.instrument__name if is_own else f"{row.instrument__name}: {person}",
        "\n".join(part for part in about if part),
        link(row.pk),
    )


def _busy(row: Any) -> Entry:
    """What everybody may know: that it is taken."""
    return _entry(row, _("%s: busy") % row.instrument__name, "", "")


def _entry(row: Any, summary: str, description: str, url: str) -> Entry:
    place = (row.instrument__facility__name, row.instrument__organisation__name)
    return Entry(
        uid=row.uid,
        zone=row.instrument__facility__timezone,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        made_at=row.made_at,
        changed_at=row.changed_at,
        sequence=row.sequence,
        status=STATUS.get(row.state, "CONFIRMED"),
        summary=summary,
        location=", ".join(part for part in (*place, row.instrument__facility__place) if part),
        description=description,
        url=url,
    )
