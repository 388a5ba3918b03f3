"""One instrument: what it is, what it costs, when it is down, how it is booked, who is trained on it."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import segno
from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from sankul.core import formats
from sankul.core.doors import Request
from sankul.core.ui import (
    Column,
    Crumbs,
    Day,
    Entry,
    Figure,
    Link,
    Money,
    Notice,
    Summary,
    Table,
    Tone,
)
from sankul.programme.facilities.models import Instrument, Service, Tariff, TrainingSession
from sankul.programme.facilities.queries import catalogue, people, prices, records
from sankul.programme.facilities.queries.hours import zone_of
from sankul.programme.facilities.rules import InstrumentStatus, Relation, UserClass
from sankul.programme.facilities.rules import pidinst as rules
from sankul.programme.facilities.rules.listing import Completeness, is_stale
from sankul.programme.facilities.rules.terms import in_words

from .parts import (
    crumbs_to,
    find,
    instrument_href,
    instrument_state,
    local,
    ticket_state,
)


@require_safe
def instrument(request: Request, organisation: str, slug: str) -> HttpResponse:
    """One instrument, withdrawn ones too: photo, specification, tariffs, rules, downtime, training, papers."""
    found = find(request, organisation, slug)
    told = catalogue.told([found])[found.pk]
    may_manage = people.may_manage(request.actor, found.facility)
    own = list(people.organisations_of(request.actor))
    context = {
        "instrument": found,
        "facility": found.facility,
        "state": instrument_state(found),
        "crumbs": Crumbs(crumbs_to(found.facility)),
        "notice": _notice(request, found),
        "summary": _summary(found),
        "specifications": found.specifications.all(),
        "tariffs": _tariffs(request, found),
        "mine": _mine(request, found, own),
        "kept": kept_tariffs(request, found) if may_manage else None,
        "terms": in_words(found),
        "week": week_table(found),
        "tickets": _tickets(request, found),
        "trainings": _trainings(request, found),
        "papers": list(found.acknowledgements.all()[:20]),
        "completeness": _completeness(told),
        "missing": [str(one) for one in told.missing],
        "may_manage": may_manage and found.status != InstrumentStatus.WITHDRAWN,
        "may_report": bool(own) and found.status != InstrumentStatus.WITHDRAWN,
        "is_offered": found.status != InstrumentStatus.WITHDRAWN,
        "qualifications": _qualifications(request, found) if may_manage else None,
        "use_href": use_href(found),
        "is_demonstration": found.organisation.is_demonstration,
    }
    return render(request, "facilities/instrument.html", context)


@require_safe
def pidinst(request: Request, organisation: str, slug: str) -> HttpResponse:
    """The instrument as PIDINST 1.0, at an address that stays."""
    found = find(request, organisation, slug)
    host = found.facility.organisation
    told = rules.Told(
        landing_page=f"{settings.SITE_ADDRESS}{instrument_href(found)}",
        name=found.name,
        owner=host.name,
        owner_ror=host.ror or "",
        owner_contact=found.facility.contact_email,
        pid=found.pid,
        make=found.make,
        model=found.model,
        summary=found.summary,
        serial_number=found.serial_number,
        techniques=[one.name for one in found.techniques.all()],
        commissioned_on=found.commissioned_on,
        withdrawn_on=timezone.localdate(found.withdrawn_at) if found.withdrawn_at else None,
        papers=list(found.acknowledgements.values_list("doi", flat=True)),
    )
    return JsonResponse(rules.record(told), json_dumps_params={"ensure_ascii": False, "indent": 1})


@require_safe
def code(request: Request, organisation: str, slug: str) -> HttpResponse:
    """The QR code that leads to the use of the instrument, as SVG."""
    return HttpResponse(drawn(find(request, organisation, slug)), content_type="image/svg+xml")


def use_href(instrument: Instrument) -> str:
    """Where use of an instrument is started and stopped; the page is kept by those who keep bookings."""
    return f"/use/{instrument.pk}/"


def drawn(instrument: Instrument) -> bytes:
    """The QR code of an instrument, black on white in any colour scheme, with error correction of level Q."""
    made = segno.make(f"{settings.SITE_ADDRESS}{use_href(instrument)}", error="q", micro=False)
    out = io.BytesIO()
    look = {"scale": 5, "border": 4, "light": "#fff", "dark": "#000", "title": instrument.name}
    made.save(out, kind="svg", xmldecl=False, **look)
    return out.getvalue()


def _notice(request: Request, found: Instrument) -> Notice | str:
    if found.withdrawn_at is not None:
        text = _("It was withdrawn on %s and cannot be booked. Its page stays.")
        return Notice(Tone.UNKNOWN, text % formats.day(found.withdrawn_at), title=_("Withdrawn."))
    if found.status == InstrumentStatus.DOWN:
        return Notice(Tone.PROBLEM, _("See the tickets below."), title=_("Out of use now."))
    if is_stale(found.confirmed_at, request.at):
        text = _("Last confirmed on %s. Ask before you plan on it.")
        return Notice(
            Tone.ATTENTION,
            text % formats.day(found.confirmed_at),
            title=_("Not confirmed for more than 180 days."),
        )
    return ""


def _summary(found: Instrument) -> Summary:
    facility, host = found.facility, found.facility.organisation
    mail = facility.contact_email
    entries = [
        Entry(_("Status"), instrument_state(found)),
        Entry(_("Institution"), Link(host.name, reverse("organisation", args=[host.slug]))),
        Entry(
            _("ROR id"),
            Link(f"ror.org/{host.ror}", f"https://ror.org/{host.ror}") if host.ror else "",
        ),
        Entry(_("Place"), facility.place),
        Entry(_("Techniques"), ", ".join(one.name for one in found.techniques.all())),
        Entry(_("Kinds of samples"), ", ".join(found.sample_kinds)),
        Entry(_("Maker and model"), " ".join(filter(None, (found.make, found.model)))),
        Entry(_("Units"), _units(found)),
        Entry(_("Commissioned"), Day(found.commissioned_on) if found.commissioned_on else ""),
        Entry(_("Paid for by"), _funder(found)),
        Entry(_("Persistent identifier"), _pid(found.pid)),
        Entry(_("Contact"), Link(mail, f"mailto:{mail}") if mail else ""),
        Entry(_("Listing confirmed"), Day(found.confirmed_at)),
    ]
    return Summary([entry for entry in entries if entry.value != ""])


def _units(found: Instrument) -> str:
    count = sum(unit.is_active for unit in found.units.all())
    return ngettext("%d", "%d side by side", count) % count


def _funder(found: Instrument) -> Any:
    told = ", ".join(filter(None, (found.funding_agency, found.award_number)))
    if not found.funder_ror:
        return told
    return Link(told or found.funder_ror, f"https://ror.org/{found.funder_ror}")


def _pid(pid: str) -> Any:
    if pid.startswith("10."):
        return Link(pid, f"https://doi.org/{pid}")
    return Link(pid, pid) if pid.startswith("https://") else pid


def _completeness(told: Completeness) -> Figure:
    return Figure(told.share * 100, unit="%", places=0)


def _tariffs(request: Request, found: Instrument) -> Table:
    """The rates of today by class and relation, and those that are planned below."""
    today = timezone.localdate(request.at, zone_of(found.facility))
    rows = list(found.tariffs.all())
    now: dict[str, dict[str, Tariff]] = defaultdict(dict)
    for row in rows:
        if row.holds_on(today):
            now[row.user_class][row.relation] = row
    later = sorted({row.from_on for row in rows if row.from_on > today})
    note = _("Without tax.")
    if later:
        note += " " + _("Other tariffs begin on %s.") % ", ".join(map(formats.day, later))
    return Table(
        _("Rates, ₹ an hour"),
        [
            Column("class", _("User")),
            *(Column(one.value, one.label, numeric=True) for one in Relation),
        ],
        [rates_line(kind, now[kind]) for kind in UserClass if kind in now],
        note=note,
        empty=_("No tariff is set. Ask the facility what use costs."),
    )


def kept_tariffs(request: Request, what: Instrument | Service) -> Table:
    """For those who keep them: every tariff that holds or is planned, each with the way to end it."""
    today = timezone.localdate(request.at, zone_of(what.facility))
    rows = [
        {
            "who": f"{row.get_user_class_display()}, {row.get_relation_display()}",
            "rate": Money(row.rate_inr),
            "from": Day(row.from_on),
            "until": Day(row.until_on) if row.until_on else _("open"),
            "end": Link(_("End it"), reverse("tariff-end", args=[row.pk])),
        }
        for row in what.tariffs.all()
        if row.until_on is None or row.until_on >= today
    ]
    columns = [
        Column("who", _("For")),
        Column("rate", _("Rate"), numeric=True),
        Column("from", _("From"), fold=True),
        Column("until", _("Until"), fold=True),
        Column("end", _("Change"), fold=True),
    ]
    return Table(_("Tariffs that hold or are planned"), columns, rows)


def rates_line(kind: UserClass, held: Mapping[str, Tariff]) -> dict[str, Any]:
    cells = {
        relation.value: Money(held[relation].rate_inr) if relation in held else _("ask")
        for relation in Relation
    }
    return {"class": kind.label, **cells}


def _mine(request: Request, found: Instrument, own: Sequence[Any]) -> list[Summary]:
    """What somebody's own organisations pay, in full."""
    today = timezone.localdate(request.at, zone_of(found.facility))
    told = []
    for one in own[:3]:
        row = prices.rates([found], one, today).get(found.pk)
        told.append(Summary([Entry(_("What %s pays") % one.name, _paid(row))]))
    return told


def _paid(row: Tariff | None) -> Any:
    if row is None:
        return _("No tariff is set: ask the facility.")
    told = [_("%s an hour") % formats.inr(row.rate_inr)]
    if row.minimum_inr:
        told.append(_("at least %s") % formats.inr(row.minimum_inr))
    if row.assistance_inr_hour:
        told.append(_("assistance %s an hour") % formats.inr(row.assistance_inr_hour))
    if row.peak_percent and row.peak_from and row.peak_until:
        told.append(
            _("%(percent)d %% more from %(since)s to %(until)s")
            % {
                "percent": row.peak_percent,
                "since": f"{row.peak_from:%H:%M}",
                "until": f"{row.peak_until:%H:%M}",
            }
        )
    if row.cancellation_percent:
        told.append(_("late cancellation %d %%") % row.cancellation_percent)
    if row.no_show_percent:
        told.append(_("not coming %d %%") % row.no_show_percent)
    return "; ".join(told)


def week_table(found: Instrument) -> Table:
    """The hours of the week: its own, else the facility's."""
    openings = list(found.openings.all()) or list(found.facility.openings.all())
    days: dict[str, list[str]] = defaultdict(list)
    for one in openings:
        closes = "24:00" if f"{one.closes:%H:%M}" == "00:00" else f"{one.closes:%H:%M}"
        days[one.get_weekday_display()].append(f"{one.opens:%H:%M}–{closes}")
    return Table(
        _("Hours"),
        [Column("day", _("Day")), Column("hours", _("Open"))],
        [{"day": day, "hours": ", ".join(spans)} for day, spans in days.items()],
        note=_("Local time (%s).") % found.facility.timezone,
        empty=_("No hours are set yet, so that nothing can be booked."),
    )


def _tickets(request: Request, found: Instrument) -> Table:
    zone = zone_of(found.facility)
    rows = [
        {
            "title": Link(row.title, reverse("ticket", args=[row.pk])),
            "kind": row.get_kind_display(),
            "from": local(row.blocks_from, zone),
            "until": local(row.blocks_until, zone) if row.blocks_from else "",
            "state": ticket_state(row, request.at),
        }
        for row in records.recent_tickets(found, request.at)
    ]
    columns = [
        Column("title", _("What")),
        Column("kind", _("Kind"), fold=True),
        Column("from", _("Not usable from"), fold=True),
        Column("until", _("until"), fold=True),
        Column("state", _("State")),
    ]
    return Table(_("Faults and maintenance"), columns, rows, empty=_("Nothing is reported."))


def _trainings(request: Request, found: Instrument) -> Table:
    zone = zone_of(found.facility)
    rows = [
        {
            "at": Link(
                formats.moment(row.starts_at.astimezone(zone)), reverse("training", args=[row.pk])
            ),
            "note": row.note,
            "left": _left(row),
        }
        for row in records.trainings_ahead(found, request.at)
    ]
    columns = [
        Column("at", _("Begins")),
        Column("note", _("Note"), fold=True),
        Column("left", _("Places left"), numeric=True),
    ]
    empty = _("No training is planned. Write to the contact of the facility.")
    return Table(_("Trainings"), columns, rows, empty=empty)


def _left(row: TrainingSession) -> int:
    return int(row.places - row.count_taken)  # type: ignore[attr-defined]


def _qualifications(request: Request, found: Instrument) -> Table:
    today = timezone.localdate(request.at, zone_of(found.facility))
    rows = [
        {
            "who": row.user.name,
            "from": Day(row.from_on),
            "until": Day(row.until_on) if row.until_on else _("open"),
            "revoke": Link(_("Revoke"), reverse("qualification-revoke", args=[row.pk])),
        }
        for row in records.qualifications(found, today)
    ]
    columns = [
        Column("who", _("Person")),
        Column("from", _("From"), fold=True),
        Column("until", _("Until"), fold=True),
        Column("revoke", _("Change")),
    ]
    return Table(_("Who is qualified"), columns, rows, empty=_("Nobody yet."))
