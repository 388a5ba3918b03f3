"""How easy access is for other institutions: who serves whom, how soon requests are answered, and why they are refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from django.db.models import Avg, Count, F, Q, QuerySet, Sum

from sankul.engines.survival import Waiting, waiting
from sankul.programme.bookings.models import Booking, Order
from sankul.programme.bookings.rules import OrderState, State
from sankul.programme.bookings.rules.ease import (
    HOUR,
    Asked,
    Share,
    ahead,
    concentration,
    prompt,
    refusals,
    waits,
)
from sankul.programme.facilities.models import Instrument
from sankul.programme.facilities.queries import catalogue
from sankul.programme.facilities.rules import Relation

from .scope import Scope

CAME = (State.IN_USE, State.COMPLETED)


@dataclass(frozen=True)
class Served:
    """What one institution did for another: hours of instruments, and by how many people."""

    host_id: int
    user_id: int
    hours: float
    people: int


@dataclass(frozen=True)
class Ease:
    """Access of other institutions over some months; ``scores`` are mean, number and people of users' scores (1 to 5)."""

    asked: Sequence[Asked]
    served: Sequence[Served]
    listings: Mapping[int, Decimal]
    score: float | None
    scores: int
    scorers: int
    at: datetime

    @cached_property
    def curve(self) -> Waiting | None:
        """Kaplan–Meier estimate of the hours from request to answer."""
        return waiting(*waits(self.asked, self.at))

    @cached_property
    def prompt(self) -> Share:
        """Requests answered within 48 hours."""
        return prompt(self.asked, self.at)

    @cached_property
    def ahead(self) -> list[float]:
        """Hours from answer to slot, sorted."""
        return sorted(ahead(self.asked))

    @property
    def refusals(self) -> dict[str, list[Asked]]:
        """Refused requests by the code of the reason."""
        return refusals(self.asked)

    @property
    def hosts(self) -> set[int]:
        """Institutions that served another."""
        return {one.host_id for one in self.served}

    @property
    def concentration(self) -> float | None:
        """Herfindahl–Hirschman index of hours over the institutions that came, 0 to 10,000."""
        totals: dict[int, float] = {}
        for one in self.served:
            totals[one.user_id] = totals.get(one.user_id, 0) + one.hours
        return concentration(totals.values())

    @property
    def completeness(self) -> float | None:
        """Mean share of what is asked that the listings tell."""
        found = self.listings.values()
        return float(sum(found)) / len(found) if found else None

    def of(self, host_id: int) -> Ease:
        """The same for one institution, without scores and listings, which are counted for all."""
        return Ease(
            [one for one in self.asked if one.host_id == host_id],
            [one for one in self.served if one.host_id == host_id],
            {}, None, 0, 0, self.at,
        )  # fmt: skip


def ease(scope: Scope) -> Ease:
    """Five queries, whatever the number of requests."""
    offered = Instrument.objects.offered().filter(pk__in=scope.ids)
    scored = _bookings(scope).filter(score__isnull=False)
    told = scored.aggregate(Avg("score"), Count("score"), people=Count("user", distinct=True))
    return Ease(
        [*_asked_slots(scope), *_asked_services(scope)],
        _served(scope),
        catalogue.shares(offered),
        told["score__avg"],
        told["score__count"],
        told["people"],
        scope.at,
    )


def _bookings(scope: Scope) -> QuerySet[Booking]:
    """Bookings of other institutions that began in the months."""
    since, until = scope.span
    rows = Booking.objects.filter(
        instrument__in=scope.ids, starts_at__gte=since, starts_at__lt=until
    )
    return rows.exclude(relation=Relation.OWN).order_by()


def _served(scope: Scope) -> list[Served]:
    rows = (
        _bookings(scope)
        .filter(state__in=CAME)
        .values_list("instrument__organisation", "organisation")
        .annotate(time=Sum(F("ends_at") - F("starts_at")), people=Count("user", distinct=True))
    )
    return [Served(host, user, time / HOUR, people) for host, user, time, people in rows]


def _asked_slots(scope: Scope) -> list[Asked]:
    """Requests for slots made in the months; a refusal or an acceptance is an answer, a cancelling before one is none."""
    since, until = scope.span
    rows = Booking.objects.filter(
        instrument__in=scope.ids, requested_at__gte=since, requested_at__lt=until
    )
    columns = ("instrument__organisation", "user", "requested_at", "decided_at", "cancelled_at",
               "starts_at", "state", "reason")  # fmt: skip
    return [
        Asked(*row) for row in rows.exclude(relation=Relation.OWN).order_by().values_list(*columns)
    ]


def _asked_services(scope: Scope) -> list[Asked]:
    """Orders of services made in the months; one cancelled before an answer says not when, and is left out."""
    since, until = scope.span
    rows = Order.objects.filter(
        service__facility__in={one.facility_id for one in scope.instruments},
        requested_at__gte=since, requested_at__lt=until,
    ).exclude(Q(relation=Relation.OWN) | Q(state=OrderState.CANCELLED, decided_at=None))  # fmt: skip
    columns = (
        "service__facility__organisation",
        "user",
        "requested_at",
        "decided_at",
        "state",
        "reason",
    )
    return [
        Asked(host, user, requested_at, decided_at, None, None, state, reason)
        for host, user, requested_at, decided_at, state, reason in rows.order_by().values_list(
            *columns
        )
    ]
