"""The catalogue: one list over all institutions, with the price for oneself and the earliest free slot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, F, Func, IntegerField, QuerySet, Value
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from sankul.core import formats
from sankul.core.doors import Request, asked, csv_download, filtered, listing
from sankul.core.rules.roles import Role
from sankul.core.templatetags.ui import url_or_none
from sankul.core.ui import Column, Link, Money, Pages, Table, Tabs, href_with
from sankul.programme.facilities.models import Instrument
from sankul.programme.facilities.queries import catalogue as queries
from sankul.programme.facilities.queries import earliest, people
from sankul.programme.facilities.queries.catalogue import Asker
from sankul.programme.facilities.queries.hours import zone_of
from sankul.programme.facilities.rules import MANAGE_FACILITY, REPORT, InstrumentStatus, UserClass
from sankul.programme.facilities.rules.listing import is_stale
from sankul.programme.facilities.rules.terms import lasting

from .parts import instrument_href, instrument_state, local, service_href

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SORTS = {"name": "name", "place": "facility__place", "price": "price_inr"}
FILTERS = {
    "technique": "techniques__code",
    "place": "facility__place",
    "most": "price_inr__lte",
}
MOST_INR = (100, 250, 500, 1000, 2000)
LENGTHS = (30, 60, 120, 240, 480)
PAGE_ROWS = 25
CLUSTERS_OFFICE = frozenset({Role.PROGRAMME_OFFICER, Role.CLUSTER_CEO, Role.CLUSTER_STAFF})
BILLED = REPORT.roles | CLUSTERS_OFFICE
"""Who finds something on the pages of billing: payers, hosts, and those who read totals."""
MOST = 500
"""Instruments of which the earliest slot is looked for when the list is sorted by it."""


@dataclass(frozen=True)
class Choice:
    """A filter above the list: its parameter, its label, what can be chosen, and what is."""

    name: str
    label: StrOrPromise
    options: Sequence[tuple[Any, StrOrPromise]]
    chosen: str = ""
    every: StrOrPromise = ""

    def drawn(self) -> SafeString:
        """The options; not drawn by a template, as there may be hundreds."""
        chosen = SafeString(" selected")
        lines = (
            (code, chosen if str(code) == self.chosen else "", label)
            for code, label in self.options
        )
        return format_html_join("", '<option value="{}"{}>{}</option>', lines)


@require_safe
def catalogue(request: Request) -> HttpResponseBase:
    """Instruments on offer: ``?q=``, ``?technique=``, ``?place=``, ``?sample=``, ``?for=``, ``?minutes=``; ``?sort=soonest``."""
    asker, askers = _asker(request)
    text, on = asked(request, "q")[:100], timezone.localdate(request.at)
    rows = _sampled(request, queries.catalogue(request.actor, text, asker=asker, on=on))
    if asked(request, "as") == "csv":
        lines = filtered(request, rows, FILTERS).order_by("pk")
        cells = lines.values_list(*queries.EXPORTED.values(), "price_inr")
        head = [*queries.EXPORTED, "price_inr_hour"]
        return csv_download("instruments.csv", head, cells.iterator(chunk_size=2000))
    minutes = _minutes(request)
    sorts, default = dict(SORTS), "name"
    free: Mapping[int, datetime] = {}
    by_slot = earliest.is_known() and asked(request, "sort").removeprefix("-") == "soonest"
    if by_slot:
        sorts["soonest"] = "soonest"
        free = _free(request, list(queries.bare(filtered(request, rows, FILTERS))[:MOST]), minutes)
        rows = _by_start(rows, free)
    if text:
        sorts["relevance"], default = "rank", "-relevance"
    found = listing(
        request, rows, sorts=sorts, filters=FILTERS, default=default, page_rows=PAGE_ROWS
    )
    if not by_slot:
        free = _free(request, found.rows, minutes)
    context = {
        "found": found,
        "tabs": _tabs(request, "catalogue"),
        "table": _table(request, found.rows, free),
        "pages": Pages(
            request.GET,
            page=found.page,
            last=found.page + found.has_next,
            total=None if found.is_capped else found.total,
        ),
        "choices": _choices(request, askers),
        "csv_href": href_with(request.GET, **{"as": "csv", "page": None}),
        "count": ngettext("%d instrument", "%d instruments", found.total) % found.total,
        "knows_slots": earliest.is_known(),
        "soonest_href": href_with(request.GET, sort="soonest", page=None),
        "is_narrowed": bool(request.GET),
        "is_demonstration": any(row.facility.organisation.is_demonstration for row in found.rows),
    }
    return render(request, "facilities/catalogue.html", context)


def _tabs(request: Request, current: str) -> Tabs:
    """What is shared, and the pages around it that the reader may open; those of higher areas by the names of their addresses."""
    actor = request.actor
    here = {"catalogue": _("Instruments"), "services": _("Services")}
    if actor.scopes(MANAGE_FACILITY):
        here["lab"] = _("My labs")
    if actor.scopes(REPORT):
        here["bookings"] = _("My bookings")
    if actor.roles & BILLED:
        here["billing"] = _("Charges and invoices")
    here["facility-access"] = _("Ease of access in figures")
    links = [Link(label, url_or_none(name), name == current) for name, label in here.items()]
    return Tabs(_("Shared facilities"), [link for link in links if link.href])


def _asker(request: Request) -> tuple[Asker, Choice]:
    own = list(people.organisations_of(request.actor))
    options = [(str(one.pk), one.name) for one in own]
    options += [(kind.value, _("%s from outside") % kind.label) for kind in UserClass]
    chosen = asked(request, "for") or options[0][0]
    found = next((one for one in own if str(one.pk) == chosen), None)
    user_class = chosen if chosen in UserClass.values else UserClass.ACADEMIA
    choice = Choice("for", _("Price for"), options, chosen, every="-")
    return Asker(found, user_class), choice


def _minutes(request: Request) -> int | None:
    wanted = asked(request, "minutes")
    return int(wanted) if wanted in map(str, LENGTHS) else None


def _sampled(request: Request, rows: QuerySet[Instrument]) -> QuerySet[Instrument]:
    wanted = asked(request, "sample")
    return rows.filter(sample_kinds__contains=[wanted]) if wanted else rows


def _free(request: Request, rows: list[Instrument], minutes: int | None) -> Mapping[int, datetime]:
    """When each is free first; what is down is not asked about."""
    usable = [one for one in rows if one.status == InstrumentStatus.IN_SERVICE]
    return earliest.earliest(usable, request.at, minutes)


def _by_start(rows: QuerySet[Instrument], free: Mapping[int, datetime]) -> QuerySet[Any]:
    """The rows with ``soonest``, the place of each in the order of first free slots, to sort by; None where there is none."""
    order = sorted(free, key=lambda pk: (free[pk], pk))
    places = Value(order, ArrayField(BigIntegerField()))
    column = Func(places, F("pk"), function="array_position", output_field=IntegerField())
    return rows.annotate(soonest=column)


def _choices(request: Request, askers: Choice) -> list[Choice]:
    techniques, places, samples = queries.offers(request.actor)
    found = [
        Choice("technique", _("Technique"), techniques, asked(request, "technique")),
        Choice("place", _("Place"), [(one, one) for one in places], asked(request, "place")),
        Choice("sample", _("Sample"), [(one, one) for one in samples], asked(request, "sample")),
        askers,
        Choice(
            "most",
            _("Rate up to"),
            [(str(one), formats.inr(one)) for one in MOST_INR],
            asked(request, "most"),
            every=_("Any"),
        ),
    ]
    if earliest.is_known():
        lengths = [(str(one), lasting(one)) for one in LENGTHS]
        chosen = asked(request, "minutes")
        every = _("Shortest booking")
        found.append(Choice("minutes", _("Free for"), lengths, chosen, every=every))
    return found


def _table(request: Request, rows: list[Instrument], free: Mapping[int, datetime]) -> Table:
    columns = [
        Column("name", _("Instrument"), sort="name"),
        Column("techniques", _("Techniques"), fold=True),
        Column("host", _("Institution"), sort="place", fold=True),
        Column("price", _("Rate for you"), numeric=True, unit=_("₹ an hour"), sort="price"),
        Column("free", _("Free first"), sort="soonest"),
        Column("state", _("State"), fold=True),
    ]
    if not earliest.is_known():
        columns = [one for one in columns if one.key != "free"]
    return Table(
        _("Instruments"),
        columns,
        [_line(request, row, free) for row in rows],
        request.GET,
        hide_caption=True,
        empty=_("No instrument fits. Take a filter away, or search for a technique."),
    )


def _line(request: Request, row: Any, free: Mapping[int, datetime]) -> Mapping[str, Any]:
    techniques = ", ".join(row.technique_names)
    start = free.get(row.pk)
    facility = row.facility
    return {
        "name": Link(row.name, instrument_href(row)),
        "techniques": techniques,
        "host": format_html("{}<br><small>{}</small>", facility.organisation.name, facility.place),
        "price": Money(row.price_inr) if row.price_inr is not None else _("ask"),
        "free": local(start, zone_of(facility)) if start else _("not within its horizon"),
        "state": _state(row, request.at),
    }


def _state(row: Instrument, at: datetime) -> Any:
    if is_stale(row.confirmed_at, at):
        return format_html("{}<br><small>{}</small>", instrument_state(row), _("not confirmed"))
    return instrument_state(row)


@require_safe
def services(request: Request) -> HttpResponse:
    """Services on samples that are sent in: ``?q=``, ``?place=``, ``?for=``."""
    asker, askers = _asker(request)
    text, on = asked(request, "q")[:100], timezone.localdate(request.at)
    rows = queries.services(request.actor, text, asker=asker, on=on).filter(is_active=True)
    found = listing(
        request,
        rows,
        sorts={"name": "name", "days": "turnaround_days", "price": "price_inr"},
        filters={"place": "facility__place"},
    )
    places = [(one, one) for one in queries.offers(request.actor).places]
    context = {
        "found": found,
        "tabs": _tabs(request, "services"),
        "table": _services(request, found.rows),
        "pages": Pages(
            request.GET, page=found.page, last=found.page + found.has_next, total=found.total
        ),
        "choices": [Choice("place", _("Place"), places, asked(request, "place")), askers],
        "count": ngettext("%d service", "%d services", found.total) % found.total,
        "is_narrowed": bool(request.GET),
        "is_demonstration": any(row.facility.organisation.is_demonstration for row in found.rows),
    }
    return render(request, "facilities/services.html", context)


def _services(request: Request, rows: list[Any]) -> Table:
    columns = [
        Column("name", _("Service"), sort="name"),
        Column("host", _("Institution"), fold=True),
        Column("days", _("Usual time"), numeric=True, unit=_("days"), sort="days"),
        Column("price", _("Rate for you"), numeric=True, unit="₹", sort="price"),
        Column("unit", _("Paid by the"), fold=True),
    ]
    lines = [
        {
            "name": Link(row.name, service_href(row)),
            "host": format_html(
                "{}<br><small>{}</small>", row.facility.organisation.name, row.facility.place
            ),
            "days": row.turnaround_days,
            "price": Money(row.price_inr) if row.price_inr is not None else _("ask"),
            "unit": row.unit_name,
        }
        for row in rows
    ]
    empty = _("No service fits. Take a filter away, or search for a technique.")
    return Table(_("Services"), columns, lines, request.GET, hide_caption=True, empty=empty)
