"""One facility, one service, the labs that somebody manages, and the sheet of QR codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core.doors import Request
from sankul.core.rules.roles import require
from sankul.core.ui import (
    Column,
    Crumbs,
    Day,
    Entry,
    Figure,
    Link,
    Money,
    State,
    Summary,
    Table,
    Tone,
)
from sankul.programme.facilities.models import Facility, Instrument
from sankul.programme.facilities.queries import catalogue as queries
from sankul.programme.facilities.queries import labs, people
from sankul.programme.facilities.queries.hours import zone_of
from sankul.programme.facilities.rules import MANAGE_FACILITY, UserClass
from sankul.programme.facilities.rules.listing import Completeness, is_stale

from .instruments import drawn, kept_tariffs, rates_line, use_href
from .parts import (
    crumbs_to,
    facility_href,
    find_facility,
    find_service,
    instrument_href,
    instrument_state,
    manages,
    service_href,
)


@require_safe
def facility(request: Request, organisation: str, slug: str) -> HttpResponse:
    """One facility: what stands there, what is done for others, when it is open, how papers thank it."""
    found = find_facility(request, organisation, slug)
    context = {
        "facility": found,
        "crumbs": Crumbs([Link(_("Facilities"), reverse("catalogue"))]),
        "summary": _summary(found),
        "instruments": _instruments(queries.instruments_of(found)),
        "services": _services(found),
        "consumables": _consumables(found),
        "hours": _week(found),
        "closures": _closures(request, found),
        "may_manage": people.may_manage(request.actor, found),
        "is_demonstration": found.organisation.is_demonstration,
    }
    return render(request, "facilities/facility.html", context)


@require_safe
def service(request: Request, organisation: str, facility: str, slug: str) -> HttpResponse:
    """One service: what is done, how long it takes, what it costs."""
    found = find_service(request, organisation, facility, slug)
    today = timezone.localdate(request.at, zone_of(found.facility))
    may_manage = people.may_manage(request.actor, found.facility)
    entries = [
        Entry(_("Techniques"), ", ".join(one.name for one in found.techniques.all())),
        Entry(_("Kinds of samples"), ", ".join(found.sample_kinds)),
        Entry(_("Usual time"), _("%d days") % found.turnaround_days),
        Entry(_("Paid by the"), found.unit_name),
    ]
    context = {
        "service": found,
        "crumbs": Crumbs(crumbs_to(found.facility)),
        "summary": Summary([one for one in entries if one.value]),
        "tariffs": _prices(found, today),
        "kept": kept_tariffs(request, found) if may_manage else None,
        "may_manage": may_manage,
        "edit_href": service_href(found, "edit"),
        "tariff_href": service_href(found, "tariff"),
        "is_demonstration": found.facility.organisation.is_demonstration,
    }
    return render(request, "facilities/service.html", context)


@require_safe
def lab(request: Request) -> HttpResponse:
    """The labs that somebody manages: what each listing lacks, what is down, what is planned."""
    require(request.actor, MANAGE_FACILITY, *request.actor.scopes(MANAGE_FACILITY))
    kept = labs.kept(request.actor)
    told = queries.told(kept)
    context = {
        "facilities": [(one, facility_href(one)) for one in people.managed(request.actor)],
        "table": _kept(request, kept, told),
        "organisations": labs.organisations(request.actor),
        "is_demonstration": any(one.organisation.is_demonstration for one in kept),
    }
    return render(request, "facilities/lab.html", context)


@require_safe
def codes(request: Request, organisation: str, slug: str) -> HttpResponse:
    """A sheet of QR codes, one an instrument, to print and put on."""
    found = find_facility(request, organisation, slug)
    manages(request, found)
    rows = [
        {
            "instrument": one,
            "svg": mark_safe(drawn(one).decode()),  # noqa: S308  drawn by segno, its title escaped
            "href": use_href(one),
        }
        for one in queries.instruments_of(found)
        if one.withdrawn_at is None
    ]
    context = {
        "facility": found,
        "rows": rows,
        "crumbs": Crumbs(crumbs_to(found)),
        "is_demonstration": found.organisation.is_demonstration,
    }
    return render(request, "facilities/codes.html", context)


def _summary(found: Facility) -> Summary:
    host, mail = found.organisation, found.contact_email
    ror = Link(f"ror.org/{host.ror}", f"https://ror.org/{host.ror}") if host.ror else ""
    entries = [
        Entry(_("Institution"), Link(host.name, reverse("organisation", args=[host.slug]))),
        Entry(_("ROR id"), ror),
        Entry(_("Place"), found.place),
        Entry(_("Contact"), Link(mail, f"mailto:{mail}") if mail else ""),
        Entry(_("Answers requests within"), _("%d hours") % found.answer_within_hours),
        Entry(
            _("Kept for other institutions"),
            _("%d %% of the open hours") % found.outsider_share_percent,
        ),
    ]
    return Summary([entry for entry in entries if entry.value != ""])


def _instruments(rows: list[Instrument]) -> Table:
    columns = [
        Column("name", _("Instrument")),
        Column("techniques", _("Techniques"), fold=True),
        Column("state", _("State")),
    ]
    lines = [
        {
            "name": Link(row.name, instrument_href(row)),
            "techniques": ", ".join(one.name for one in row.techniques.all()),
            "state": instrument_state(row),
        }
        for row in rows
    ]
    return Table(
        _("Instruments"), columns, lines, hide_caption=True, empty=_("None is listed yet.")
    )


def _services(found: Facility) -> Table:
    rows = [
        {
            "name": Link(row.name, service_href(row)),
            "days": row.turnaround_days,
            "unit": row.unit_name,
        }
        for row in queries.services_of(found)
    ]
    columns = [
        Column("name", _("Service")),
        Column("days", _("Usual time"), numeric=True, unit=_("days")),
        Column("unit", _("Paid by the"), fold=True),
    ]
    empty = _("Nothing is done on samples that are sent in.")
    return Table(_("Services"), columns, rows, hide_caption=True, empty=empty)


def _consumables(found: Facility) -> Table:
    rows = [
        {"name": row.name, "unit": row.unit_name, "price": Money(row.price_inr)}
        for row in found.consumables.filter(is_active=True)
    ]
    columns = [
        Column("name", _("Consumable")),
        Column("unit", _("Unit")),
        Column("price", _("Price"), numeric=True),
    ]
    return Table(_("Consumables"), columns, rows, note=_("Without tax."))


def _week(found: Facility) -> Table:
    rows: dict[str, list[str]] = {}
    for one in found.openings.filter(instrument__isnull=True):
        closes = "24:00" if f"{one.closes:%H:%M}" == "00:00" else f"{one.closes:%H:%M}"
        rows.setdefault(one.get_weekday_display(), []).append(f"{one.opens:%H:%M}–{closes}")
    return Table(
        _("Hours"),
        [Column("day", _("Day")), Column("hours", _("Open"))],
        [{"day": day, "hours": ", ".join(spans)} for day, spans in rows.items()],
        note=_("Local time (%s).") % found.timezone,
        empty=_("No hours are set yet, so that nothing can be booked."),
    )


def _closures(request: Request, found: Facility) -> Table:
    may_manage = people.may_manage(request.actor, found)
    today = timezone.localdate(request.at, zone_of(found))
    rows = [
        {
            "reason": row.reason,
            "what": row.instrument.name if row.instrument else _("all"),
            "from": Day(row.from_on),
            "until": Day(row.until_on),
            "change": Link(_("Take back"), reverse("closure-reopen", args=[row.pk])),
        }
        for row in found.closures.filter(until_on__gte=today).select_related("instrument")[:40]
    ]
    columns = [
        Column("reason", _("Reason")),
        Column("what", _("Closed"), fold=True),
        Column("from", _("From")),
        Column("until", _("Until")),
    ]
    if may_manage:
        columns.append(Column("change", _("Change"), fold=True))
    return Table(_("Closed on"), columns, rows, empty=_("No closure is planned."))


def _prices(found: Any, today: Any) -> Table:
    held: dict[str, dict[str, Any]] = {}
    for row in found.tariffs.all():
        if row.holds_on(today):
            held.setdefault(row.user_class, {})[row.relation] = row
    relations = [
        ("own", _("Own institution")),
        ("cluster", _("Same cluster")),
        ("outside", _("Outside")),
    ]
    return Table(
        _("Rates, ₹ a %s") % found.unit_name,
        [
            Column("class", _("User")),
            *(Column(one, label, numeric=True) for one, label in relations),
        ],
        [rates_line(kind, held[kind]) for kind in UserClass if kind in held],
        note=_("Without tax."),
        empty=_("No tariff is set. Ask the facility what it costs."),
    )


def _kept(request: Request, rows: list[Any], told: Mapping[int, Completeness]) -> Table:
    columns = [
        Column("name", _("Instrument")),
        Column("facility", _("Facility"), fold=True),
        Column("state", _("State")),
        Column("tickets", _("Open tickets"), numeric=True, fold=True),
        Column("told", _("Complete"), numeric=True, unit="%"),
        Column("missing", _("Missing"), fold=True),
        Column("confirmed", _("Listing"), fold=True),
    ]
    return Table(
        _("Instruments"),
        columns,
        [_kept_line(request, row, told[row.pk]) for row in rows],
        hide_caption=True,
        empty=_("No instrument is listed yet. Enter the first, or import a table."),
    )


def _kept_line(request: Request, row: Any, told: Completeness) -> Mapping[str, Any]:
    stale = is_stale(row.confirmed_at, request.at)
    return {
        "name": Link(row.name, instrument_href(row)),
        "facility": row.facility.name,
        "state": instrument_state(row),
        "tickets": row.open_tickets,
        "told": Figure(told.share * 100, places=0, href=instrument_href(row, "edit")),
        "missing": ", ".join(map(str, told.missing)),
        "confirmed": Link(_("confirm it"), instrument_href(row, "confirm"))
        if stale
        else State(Tone.GOOD, _("confirmed")),
    }
