"""Calendars: what a person, or an instrument, has booked; whole to those who may see it, free and busy to others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

from django.db.models import BigIntegerField, CharField, F, Func, Q, QuerySet
from django.db.models.functions import Cast
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
    "pk", "key", "instrument__facility__timezone", "starts_s", "ends_s", "made_s", "changed_s",
    "sequence", "state", "instrument_id", "user_id", "user__name", "organisation__name", "purpose",
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
    """Entries in order of time: one query, and no object of a row or of a moment is made."""
    hosts = _hosts(reader)
    sees_all, me = PLATFORM in reader.scopes(SEE_BOOKINGS), reader.user_id
    if not sees_all:
        theirs = Q(user_id=me) | Q(instrument__organisation__in=hosts)
        public = Q(state__in=TAKEN, instrument__facility__is_active=True)
        rows = rows.filter(theirs | public)
    labels = {state.value: str(state.label) for state in State}
    busy = _busy()
    return [
        _whole(row, link, me, labels)
        if sees_all or row.user_id == me or row.instrument__organisation_id in hosts
        else busy(row)
        for row in _told(rows)
    ]


def _told(rows: QuerySet[Booking]) -> Iterable[Any]:
    """The columns of an entry; moments as whole seconds since 1970."""
    seconds = {
        f"{name}_s": _seconds(f"{name}_at") for name in ("starts", "ends", "made", "changed")
    }
    told = rows.annotate(key=Cast("uid", CharField()), **seconds)
    return told.order_by("starts_at", "pk").values_list(*COLUMNS, named=True)


def _seconds(column: str) -> Func:
    template = "FLOOR(EXTRACT(EPOCH FROM %(expressions)s))::bigint"
    return Func(F(column), template=template, output_field=BigIntegerField())


def _hosts(reader: Actor) -> set[int]:
    """The institutions of whose instruments the actor sees every booking."""
    scopes = reader.scopes(SEE_BOOKINGS)
    return {scope.id for scope in scopes if scope.kind == ScopeKind.ORGANISATION}


def _whole(row: Any, link: Link, me: int | None, labels: dict[str, str]) -> Entry:
    """One's own, named after the instrument; that of somebody else, after the person."""
    person = f"{row.user__name}, {row.organisation__name}"
    is_own = row.user_id == me
    about = [person, row.unit__label, labels[row.state], row.purpose]
    return _entry(
        row,
        row.instrument__name if is_own else f"{row.instrument__name}: {person}",
        _location(*_place(row)),
        "\n".join(part for part in about if part),
        link(row.pk),
    )


def _busy() -> Callable[[Any], Entry]:
    """What everybody may know: that it is taken. The words are worked out once an instrument."""
    words = _("%s: busy")

    @cache
    def about(instrument: int, name: str, *place: str) -> tuple[str, str]:
        return words % name, _location(*place)

    def told(row: Any) -> Entry:
        summary, location = about(row.instrument_id, row.instrument__name, *_place(row))
        return _entry(row, summary, location)

    return told


def _place(row: Any) -> tuple[str, str, str]:
    return (
        row.instrument__facility__name,
        row.instrument__organisation__name,
        row.instrument__facility__place,
    )


def _location(*place: str) -> str:
    return ", ".join(part for part in place if part)


def _entry(row: Any, summary: str, location: str, description: str = "", url: str = "") -> Entry:
    return Entry(
        row.key,
        row.instrument__facility__timezone,
        row.starts_s,
        row.ends_s,
        row.made_s,
        row.changed_s,
        row.sequence,
        STATUS.get(row.state, "CONFIRMED"),
        summary,
        location,
        description,
        url,
    )
