"""Figures of shared facilities as pages: what hours are used for, and when people want to come."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core import charts, formats
from sankul.core.charts import Chart, Picture
from sankul.core.doors import Request, asked
from sankul.core.rules.roles import verdict
from sankul.core.ui import Column, Figure, Link, Table, Tabs, Tile, Tiles
from sankul.engines import pictures
from sankul.programme.bookings.queries import numbers as queries
from sankul.programme.bookings.rules import SEE_BOOKINGS
from sankul.programme.bookings.rules.ease import FEWEST, Usage, suppressed
from sankul.programme.registry.models import Organisation, Programme
from sankul.programme.registry.queries import programmes


@dataclass(frozen=True)
class Frame:
    """What both pages share: the programme and what can be chosen, the instruments and months, and the institution chosen."""

    programme: Programme
    choices: list[dict[str, Any]]
    scope: queries.Scope
    institution: Organisation | None

    @property
    def source(self) -> str:
        """Where the numbers come from, and as of when."""
        return _("Bookings and uses recorded in Sankul, %(since)s to %(until)s.") % {
            "since": formats.day(self.scope.bounds[0]),
            "until": formats.day(self.scope.edges[-1]),
        }


def frame(request: Request) -> Frame | None:
    """The frame that the address asks for, or None where there is no programme at all."""
    listed = list(programmes.visible(request.actor))
    if not listed:
        return None
    slug = asked(request, "programme")
    named = next((one for one in listed if one.slug == slug), None)
    if slug and named is None:
        raise Http404
    programme = named or queries.first_with_instruments(request.actor, listed)
    months = _months(request.at.date())
    last = next((m for m in months if f"{m:%Y-%m}" == asked(request, "until")), months[0])
    whole = queries.of_programme(request.actor, programme, queries.months_until(last))
    hosts = whole.institutions
    wanted = asked(request, "institution")
    institution = next((one for one in hosts.values() if one.slug == wanted), None)
    choices = [
        _choice("programme", _("Programme"), ((one.slug, one.name) for one in listed), programme.slug),
        _choice("institution", _("Institution"), [("", _("all")), *((one.slug, one.name) for one in hosts.values())],
                institution.slug if institution else ""),
        _choice("until", _("Twelve months to"), ((f"{m:%Y-%m}", month(m)) for m in months), f"{last:%Y-%m}"),
    ]  # fmt: skip
    scope = whole.only(institution) if institution else whole
    return Frame(programme, choices, scope, institution)


@require_safe
def facility_numbers(request: Request) -> HttpResponse:
    """Hours of a programme's instruments over twelve months: ``?programme=``, ``?institution=``, ``?until=2026-11``."""
    page = frame(request)
    if page is None:
        return render(request, "bookings/no_numbers.html")
    hours, demand = queries.hours(page.scope), queries.demand(page.scope)
    lines = _instruments(request, page, hours) if page.institution else _institutions(page, hours)
    made = [_use_chart(page, lines), _demand_chart(page, demand)]
    if answered := charts.answer(request, made):
        return answered
    context = about(request, page) | {
        "tiles": _tiles(hours.whole),
        "pictures": [Picture(chart) for chart in made],
        "tables": [_table(_("By instrument") if page.institution else _("By institution"), lines),
                   _table(_("By month"), _by_month(page, hours))],
    }  # fmt: skip
    return render(request, "bookings/numbers.html", context)


def about(request: Request, page: Frame) -> dict[str, Any]:
    """What the templates of both pages say."""
    asks = "?" + urlencode(request.GET)
    links = [
        Link(_("Use"), reverse("facility-numbers") + asks, current=request.path == reverse("facility-numbers")),
        Link(_("Ease of access"), reverse("facility-access") + asks,
             current=request.path == reverse("facility-access")),
    ]  # fmt: skip
    return {
        "tabs": Tabs(_("Figures of shared facilities"), links),
        "choices": page.choices,
        "source": page.source,
        "institution": page.institution,
        "is_demonstration": page.programme.is_demonstration,
    }


def month(day: date) -> str:
    """A month as Nov 2026."""
    return formats.written(day, "M Y")


def told(value: float | None, *, is_hidden: bool = False, **about: Any) -> Figure:
    """A figure, suppressed or not computable where it is not told."""
    if is_hidden:
        return Figure(None, absent="suppressed")
    return Figure(None, absent="uncomputable") if value is None else Figure(value, **about)


def share(value: float | None, *, is_hidden: bool = False, **about: Any) -> Figure:
    """A share as per cent."""
    text = {} if value is None else {"text": formats.percent(value)}
    return told(value, is_hidden=is_hidden, **text, **about)


@dataclass(frozen=True)
class Row:
    """A line of usage with its name, and whether people are too few to tell it."""

    name: str
    usage: Usage
    href: str = ""
    is_hidden: bool = False


def _months(today: date) -> list[date]:
    """Months that can be the last of twelve, this one first."""
    return list(reversed(queries.months_until(today, 24)[:-1]))


def _choice(
    name: str, label: str, options: Iterable[tuple[str, str]], chosen: str
) -> dict[str, Any]:
    return {"name": name, "label": label, "options": list(options), "chosen": chosen}


def _institutions(page: Frame, hours: queries.Hours) -> list[Row]:
    hidden = _hidden(hours)
    return [
        Row(host.name, hours.institutions[pk], _narrowed(page, host), hours.institutions[pk].is_small or pk in hidden)
        for pk, host in page.scope.institutions.items()
    ]  # fmt: skip


def _hidden(hours: queries.Hours) -> set[int]:
    """Institutions that are not told, so that no total gives a small one away."""
    people = {(pk, 0): usage.people for pk, usage in hours.institutions.items()}
    return {pk for pk, _column in suppressed(people)}


def _instruments(request: Request, page: Frame, hours: queries.Hours) -> list[Row]:
    """Instruments of one institution; its own staff see the small ones too."""
    host = page.institution
    sees = bool(host and verdict(request.actor, SEE_BOOKINGS, *host.scopes))
    people = {(pk, 0): usage.people for pk, usage in hours.instruments.items()}
    hidden = set() if sees else {pk for pk, _column in suppressed(people)}
    return [
        Row(one.name, hours.instruments[one.pk],
            reverse("instrument", args=[one.facility.organisation.slug, one.slug]), one.pk in hidden)
        for one in page.scope.instruments
    ]  # fmt: skip


def _by_month(page: Frame, hours: queries.Hours) -> list[Row]:
    people = {(n, 0): usage.people for n, usage in hours.months.items()}
    hidden = {n for n, _column in suppressed(people)}
    return [
        Row(month(day), hours.months[n], is_hidden=n in hidden)
        for n, day in enumerate(page.scope.months)
    ]


def _narrowed(page: Frame, host: Organisation) -> str:
    asks = {one["name"]: one["chosen"] for one in page.choices} | {"institution": host.slug}
    return f"{reverse('facility-numbers')}?{urlencode(asks)}"


def _tiles(usage: Usage) -> Tiles:
    hidden = usage.is_small
    usable = usage.open_hours - usage.down_hours
    of_usable = _("of %s open hours that were not down") % formats.number(usable, 0)
    return Tiles([
        Tile(_("Booked"), share(usage.booked_share, is_hidden=hidden), of_usable),
        Tile(_("Used"), share(usage.used_share, is_hidden=hidden), _("of the booked hours, by start and stop")),
        Tile(_("By other institutions"), share(usage.external_share, is_hidden=hidden), _("of the booked hours")),
        Tile(_("People"), told(usage.people, is_hidden=hidden), _("who had an instrument booked")),
    ])  # fmt: skip


def _table(caption: str, rows: Sequence[Row]) -> Table:
    columns = [
        Column("name", _("Name")),
        Column("open", _("Open"), numeric=True, unit="h", fold=True),
        Column("down", _("Down"), numeric=True, unit="h", fold=True),
        Column("booked", _("Booked"), numeric=True, unit="h"),
        Column("used", _("Used"), numeric=True, unit="h", fold=True),
        Column("idle", _("Idle"), numeric=True, unit="h", fold=True),
        Column("external", _("By others"), numeric=True),
    ]
    note = _(
        "Figures of fewer than %d people are suppressed, and where a total would give them away, "
        "the next smallest too."
    )
    empty = _("No institution offers an instrument here yet.")
    return Table(caption, columns, [_line(row) for row in rows], note=note % FEWEST, empty=empty)


def _line(row: Row) -> dict[str, Any]:
    usage, hidden = row.usage, row.is_hidden

    def hours(value: float) -> Figure:
        return told(value, is_hidden=hidden, places=0)

    return {
        "name": Link(row.name, row.href) if row.href else row.name,
        "open": formats.number(usage.open_hours, 0),
        "down": formats.number(usage.down_hours, 0),
        "booked": hours(usage.booked_hours),
        "used": hours(usage.used_hours),
        "idle": hours(usage.idle_hours),
        "external": share(usage.external_share, is_hidden=hidden),
    }


def _use_chart(page: Frame, rows: Sequence[Row]) -> Chart:
    drawn = pictures.use_of_hours([_bar(row) for row in rows], gettext=_)
    return charts.told(drawn, {
        "title": _("What open hours were used for"),
        "finding": _most_idle(rows),
        "source": page.source,
        "demonstration": page.programme.is_demonstration,
    })  # fmt: skip


def _bar(row: Row) -> pictures.Hours:
    if row.is_hidden:
        return pictures.Hours(row.name, None, None, None, None)
    usage = row.usage
    used = min(usage.used_hours, usage.booked_hours)
    parts = (used, usage.booked_hours - used, usage.idle_hours, usage.down_hours)
    return pictures.Hours(row.name, *(round(part, 1) for part in parts))


def _most_idle(rows: Sequence[Row]) -> str:
    known = [row for row in rows if not row.is_hidden and row.usage.booked_share is not None]
    if not known:
        return _("Nothing was open in these months.")
    least = min(known, key=lambda row: row.usage.booked_share or 0)
    most = max(known, key=lambda row: row.usage.booked_share or 0)
    return _("Of the hours that could be used, %(most)s are booked at %(first)s and %(least)s at %(last)s.") % {
        "most": formats.percent(most.usage.booked_share), "first": most.name,
        "least": formats.percent(least.usage.booked_share), "last": least.name,
    }  # fmt: skip


def _demand_chart(page: Frame, demand: queries.Grid) -> Chart:
    cells = [
        pictures.Busy(str(WEEKDAYS[day]), hour, _wanted(demand, (day, hour)))
        for day in range(7)
        for hour in range(24)
    ]
    return charts.told(pictures.week_demand(cells, gettext=_), {
        "title": _("When people want to come"),
        "finding": _busiest(demand),
        "source": page.source,
        "demonstration": page.programme.is_demonstration,
    })  # fmt: skip


def _wanted(demand: queries.Grid, cell: tuple[int, int]) -> float | None:
    if 0 < demand.people.get(cell, 0) < FEWEST:
        return None
    return round(demand.hours.get(cell, 0), 1)


def _busiest(demand: queries.Grid) -> str:
    known = {cell: wanted for cell in demand.hours if (wanted := _wanted(demand, cell)) is not None}
    if not known:
        return _("Too few people asked in these months to tell when.")
    day, hour = max(known, key=lambda cell: (known[cell], cell))
    return _("Most wanted is %(day)s from %(hour)s:00: %(count)s hours.") % {
        "day": WEEKDAYS[day], "hour": f"{hour:02}", "count": formats.number(known[day, hour], 0),
    }  # fmt: skip
