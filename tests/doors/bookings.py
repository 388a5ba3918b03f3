"""Addresses of bookings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from sankul.core.rules.roles import Scope
from sankul.programme.bookings.models import Booking, CalendarToken, Order, Series, Use, Waiting
from sankul.programme.bookings.rules import (
    ANSWER,
    ANSWER_ESCALATED,
    BOOK,
    RUN,
    SEE_BOOKINGS,
    OrderState,
    State,
)
from sankul.programme.bookings.tests import makers as bookings
from sankul.programme.facilities.models import Instrument
from sankul.programme.facilities.rules import Relation, UserClass
from sankul.programme.facilities.tests import makers as facilities
from sankul.programme.registry.models import Cluster, Organisation, Programme
from sankul.programme.registry.tests import makers
from tests.matrix import Door


@dataclass(frozen=True)
class Place:
    """An institution of a cluster with an instrument, and what others have booked and asked for there."""

    programme: Programme
    cluster: Cluster
    organisation: Organisation
    instrument: Instrument
    booked: Booking
    asked: Booking
    used: Booking
    series: Series
    waiting: Waiting
    order: Order
    token: CalendarToken


def places() -> dict[str, Place]:
    """The own cluster, one beside it, one of another programme."""
    here, there = makers.programme(), makers.programme()
    return {"own": _place(here), "beside": _place(here), "elsewhere": _place(there)}


def _place(programme: Programme) -> Place:
    cluster, host = makers.cluster(programme), makers.organisation()
    makers.membership(cluster, host)
    lab = facilities.facility(host, outsider_share_percent=0)
    facilities.week(lab)
    instrument = facilities.instrument(lab)
    now = timezone.now()
    soon = now.replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
    clock = {"requested_at": now, "answer_by_at": soon}
    used = bookings.booking(instrument, soon - timedelta(days=2, hours=1), state=State.IN_USE)
    Use.objects.create(
        booking=used, started_at=used.starts_at, started_by=used.user, started_via="page"
    )
    series = Series.objects.create(
        instrument=instrument, user=makers.user(), rule="FREQ=DAILY;COUNT=2", starts_at=soon,
        zone="Asia/Kolkata", made_at=now,
    )  # fmt: skip
    return Place(
        programme=programme,
        cluster=cluster,
        organisation=host,
        instrument=instrument,
        booked=bookings.booking(instrument, soon),
        asked=bookings.booking(
            instrument, soon + timedelta(hours=1), state=State.REQUESTED, **clock
        ),
        used=used,
        series=series,
        waiting=Waiting.objects.create(
            instrument=instrument, user=makers.user(), organisation=host, starts_at=soon,
            ends_at=soon + timedelta(hours=1), made_at=now,
        ),
        order=Order.objects.create(
            service=facilities.service(lab), user=makers.user(), organisation=makers.organisation(),
            user_class=UserClass.ACADEMIA, relation=Relation.OUTSIDE, samples=3, note="Soil",
            state=OrderState.REQUESTED, made_at=now, **clock,
        ),
        token=CalendarToken.objects.create(
            user=makers.user(), sha256=f"{makers.user().pk:064d}", made_at=now
        ),
    )  # fmt: skip


def _host(place: Place) -> tuple[Scope, ...]:
    return place.organisation.scopes


def _number(name: str) -> Callable[[Place], dict[str, Any]]:
    return lambda place: {"number": getattr(place, name).pk}


def _named(place: Place) -> dict[str, Any]:
    return {"organisation": place.organisation.slug, "slug": place.instrument.slug}


def _facility(place: Place) -> dict[str, Any]:
    return {"number": place.instrument.facility_id}


def _service(place: Place) -> dict[str, Any]:
    return {"number": place.order.service_id}


def _at_host(name: str, permission: Any, **more: Any) -> list[Door]:
    return [Door("of others", _number(name), needs=(permission,), on=_host, **more)]


BOOKS: Mapping[str, Any] = {"needs": (BOOK,), "on": lambda place: (), "changes": True}
SIGNED = [Door()]
NOBODYS = [Door("of others", lambda place: {"number": place.series.pk}, changes=True)]
DOORS: dict[str, list[Door]] = {
    "calendar/<int:number>/": [Door("", _number("instrument"))],
    "book/<int:number>/": [Door("", _number("instrument"), **BOOKS)],
    "calendar/day/<int:number>/": [Door("", _facility)],
    "bookings/": SIGNED,
    "bookings/<int:number>/": _at_host("booked", SEE_BOOKINGS),
    "bookings/<int:number>/confirm/": _at_host("booked", RUN, changes=True),
    **{
        f"bookings/<int:number>/{word}/": _at_host("booked", RUN, changes=True)
        for word in ("cancel", "move", "hand-over", "release", "start")
    },
    "bookings/<int:number>/rate/": [Door("of others", _number("booked"), changes=True)],
    "bookings/<int:number>/stop/": _at_host("used", RUN, changes=True),
    "kiosk/<int:number>/": [Door("", _facility, needs=(RUN,), on=_host)],
    "use/<int:number>/": [Door("", _number("instrument"))],
    "series/<int:number>/cancel/": NOBODYS,
    "waiting/<int:number>/leave/": [Door("of others", _number("waiting"), changes=True)],
    "requests/": [Door(needs=(ANSWER, ANSWER_ESCALATED), on=lambda place: ())],
    "requests/<int:number>/approve/": _at_host("asked", ANSWER, changes=True),
    "requests/<int:number>/refuse/": _at_host("asked", ANSWER, changes=True),
    "services/<int:number>/order/": [Door("", _service, **BOOKS)],
    "orders/": SIGNED,
    "orders/<int:number>/": _at_host("order", SEE_BOOKINGS),
    **{
        f"orders/<int:number>/{word}/": _at_host("order", RUN, changes=True)
        for word in ("accept", "refuse", "receive", "deliver")
    },
    "orders/<int:number>/cancel/": [Door("of others", _number("order"), changes=True)],
    "calendars/": SIGNED,
    "calendars/<int:number>/revoke/": [Door("of others", _number("token"), changes=True)],
    "calendars/bookings.ics": SIGNED,
    "calendars/<str:secret>.ics": [Door("unknown", lambda place: {"secret": "unknown"})],
    "use-of-facilities/": [Door()],
    "use-of-facilities/<int:number>/": [Door("used", _number("used"))],
    "access-to-facilities/": [Door()],
    "access-to-facilities/<int:number>/": [Door("asked", _number("asked"))],
    "api/instruments/<organisation>/<slug>/free": [
        Door("", _named, lambda place: "?since=2026-11-23&days=1")
    ],
    "api/instruments/<organisation>/<slug>/earliest": [Door("", _named)],
    "api/bookings": [Door(changes=True)],
    "api/bookings/<number>": _at_host("booked", SEE_BOOKINGS),
    **{
        f"api/bookings/<number>/{word}": _at_host("booked", RUN, changes=True)
        for word in ("confirm", "move", "cancel", "start", "stop")
    },
    "api/series": [Door(changes=True)],
    "api/requests": [Door()],
    "api/requests/<number>/approve": _at_host("asked", ANSWER, changes=True),
    "api/requests/<number>/refuse": _at_host("asked", ANSWER, changes=True),
    "api/waiting": [Door(changes=True)],
}
