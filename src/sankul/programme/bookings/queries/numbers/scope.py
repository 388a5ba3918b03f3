"""Which instruments and which months figures are of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef

from sankul.core.rules.roles import Actor
from sankul.programme.bookings.rules import Span
from sankul.programme.facilities.models import Instrument
from sankul.programme.registry.models import Membership, Organisation, Programme

INDIA = ZoneInfo("Asia/Kolkata")
"""Months begin at midnight in India."""


@dataclass(frozen=True)
class Scope:
    """Instruments (with facility and institution at hand), and the first days of months, the last being the end."""

    instruments: list[Instrument]
    bounds: list[date]
    at: datetime

    @cached_property
    def edges(self) -> list[datetime]:
        """The months' bounds as moments; none lies after ``at``, for what is not over is not counted."""
        moments = [datetime.combine(day, time(), INDIA) for day in self.bounds]
        return [min(moment, self.at) for moment in moments]

    @property
    def span(self) -> Span:
        """From the first month's beginning to the end, or to now."""
        return self.edges[0], self.edges[-1]

    @property
    def months(self) -> list[date]:
        """First days of the months."""
        return self.bounds[:-1]

    @property
    def ids(self) -> list[int]:
        """Ids of the instruments."""
        return [one.pk for one in self.instruments]

    @property
    def institutions(self) -> dict[int, Organisation]:
        """The hosts by id, in order of name."""
        found = {
            one.facility.organisation_id: one.facility.organisation for one in self.instruments
        }
        return dict(sorted(found.items(), key=lambda item: item[1].name))

    def only(self, organisation: Organisation) -> Scope:
        """The same months of one institution's instruments."""
        kept = [one for one in self.instruments if one.facility.organisation_id == organisation.pk]
        return Scope(kept, self.bounds, self.at)


def of_programme(actor: Actor, programme: Programme, bounds: list[date]) -> Scope:
    """Instruments of the institutions that were members of the programme's clusters in these months: one query."""
    belonging = Membership.objects.filter(
        organisation=OuterRef("organisation"),
        cluster__programme=programme,
        from_on__lt=bounds[-1],
    ).exclude(until_on__lt=bounds[0])
    rows = (
        Instrument.objects.visible_to(actor)
        .filter(Exists(belonging))
        .select_related("facility__organisation")
        .order_by("facility__organisation__name", "name", "pk")
    )
    return Scope(list(rows), bounds, actor.at)


def first_with_instruments(actor: Actor, programmes: Sequence[Programme]) -> Programme:
    """The first of some programmes (at least one) that has instruments to tell of, else the first: one query."""
    hosts = Instrument.objects.visible_to(actor).order_by().values("organisation")
    rows = Membership.objects.filter(organisation__in=hosts, cluster__programme__in=programmes)
    having = set(rows.values_list("cluster__programme", flat=True).distinct())
    return next((one for one in programmes if one.pk in having), programmes[0])


def months_until(last: date, count: int = 12) -> list[date]:
    """The first days of ``count`` months, that of ``last`` being the last of them, and of the month after."""
    end = last.year * 12 + last.month  # months since the year 0, of the month after
    return [date(n // 12, n % 12 + 1, 1) for n in range(end - count, end + 1)]
