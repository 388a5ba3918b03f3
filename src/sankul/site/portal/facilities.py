"""What the site gives away of shared facilities: hours by institution and month, with small figures kept back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sankul.core.exports import Dataset, Field, Type
from sankul.core.rules.roles import Actor
from sankul.programme.bookings.queries import numbers
from sankul.programme.bookings.rules.ease import FEWEST, suppressed
from sankul.programme.registry.models import Programme
from sankul.programme.registry.queries import programmes

MONTHS = 24


def _hours(actor: Actor) -> Iterator[tuple[Any, ...]]:
    """A line for each institution and month, of this month and the 23 before."""
    bounds = numbers.months_until(timezone.localdate(actor.at), MONTHS)
    for programme in programmes.visible(actor):
        yield from _of_programme(actor, programme, bounds)


def _of_programme(
    actor: Actor, programme: Programme, bounds: list[date]
) -> Iterator[tuple[Any, ...]]:
    scope = numbers.of_programme(actor, programme, bounds)
    cells = numbers.hours(scope).cells if scope.instruments else {}
    hidden = suppressed({cell: usage.people for cell, usage in cells.items()})
    hosts = scope.institutions
    for (host, n), usage in cells.items():
        figures = (usage.booked_hours, usage.used_hours, usage.external_hours, usage.people)
        told = (None,) * len(figures) if (host, n) in hidden else figures
        yield (
            programme.slug, programme.is_demonstration, hosts[host].slug, f"{bounds[n]:%Y-%m}",
            round(usage.open_hours, 2), round(usage.down_hours, 2),
            *(None if figure is None else round(figure, 2) for figure in told),
            (host, n) in hidden,
        )  # fmt: skip


FACILITIES = (
    Dataset(
        "facility-hours",
        _("Hours of shared facilities"),
        _("Instruments of each institution by month: hours open, down, booked, used, and booked by other institutions."),
        (
            Field("programme", Type.TEXT, _("short name of the programme")),
            Field("is_demonstration", Type.TRUTH, _("whether the programme is the fictional demonstration")),
            Field("institution", Type.TEXT, _("short name of the institution whose instruments they are")),
            Field("month", Type.TEXT, _("month as 2026-11, in Indian time")),
            Field("open_hours", Type.NUMBER, _("opening hours of all units, less closures")),
            Field("down_hours", Type.NUMBER, _("of these, hours of faults, maintenance and training")),
            Field("booked_hours", Type.NUMBER, _("hours booked, whether or not anybody came")),
            Field("used_hours", Type.NUMBER, _("hours from start to stop, as told at the instrument")),
            Field("external_hours", Type.NUMBER, _("hours booked by other institutions")),
            Field("people", Type.WHOLE, _("people who had an instrument booked")),
            Field("is_suppressed", Type.TRUTH,
                  _("whether figures are kept back: of fewer than %d people, or so that no total gives such away") % FEWEST),
        ),
        _hours,
    ),
)  # fmt: skip
