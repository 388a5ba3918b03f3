"""The ease of access as a page: who serves whom, how soon requests are answered, and one counted record by itself."""

from __future__ import annotations

from statistics import median
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core import charts, formats
from sankul.core.charts import Chart, Picture
from sankul.core.doors import Request
from sankul.core.ui import Column, Explanation, Figure, Formula, Link, Summary, Table, Tile, Tiles
from sankul.core.ui import Entry as Line
from sankul.engines import pictures
from sankul.engines.survival import Quantile, Waiting
from sankul.programme.bookings.models import Booking
from sankul.programme.bookings.queries import numbers as queries
from sankul.programme.bookings.queries.counted import counted
from sankul.programme.bookings.rules import Reason
from sankul.programme.bookings.rules.ease import FEWEST, PROMPT, SERVING, people, suppressed

from .numbers import Frame, about, frame, share, told

SHOWN_HOURS = 14 * 24
HOURS = PROMPT.total_seconds() / 3600
QUARTILES = (0.25, 0.5, 0.75)


@require_safe
def facility_access(request: Request) -> HttpResponse:
    """How easy other institutions get to a programme's instruments: the same parameters as the page of use."""
    page = frame(request)
    if page is None:
        return render(request, "bookings/no_numbers.html")
    ease = queries.ease(page.scope)
    made = [_curve_chart(page, ease.curve)] if ease.curve else []
    if answered := charts.answer(request, made):
        return answered
    context = about(request, page) | {
        "tiles": _tiles(ease),
        "pictures": [Picture(chart) for chart in made],
        "tables": [_waits(ease), _refusals(ease), _hosts(page, ease)],
        "explanation": _explanation(ease),
    }
    return render(request, "bookings/numbers.html", context)


@require_safe
def facility_use(request: Request, number: int) -> HttpResponse:
    """A use or a request that the indicators count, without its person: the end of the way down from a rank."""
    row = get_object_or_404(counted(), pk=number)
    own = Booking.objects.visible_to(request.actor).filter(pk=row.pk).exists()
    context = {
        "record": row,
        "summary": _record(row),
        "href": reverse("booking", args=[row.pk]) if own else "",
        "is_demonstration": row.instrument.facility.organisation.is_demonstration,
    }
    return render(request, "bookings/counted.html", context)


def _tiles(ease: queries.Ease) -> Tiles:
    serving = len(ease.hosts)
    answered = _("of %(whole)s requests; silence counts as no answer") % {
        "whole": formats.number(ease.prompt.whole)
    }
    half = ease.curve.quantile(0.5) if ease.curve else None
    few = 0 < ease.scorers < FEWEST
    return Tiles([
        Tile(_("Institutions that served another"), told(serving), _("the programme asks for %d") % SERVING),
        Tile(_("Half of the requests answered within"), _within(half), _("with the unanswered counted as waiting")),
        Tile(_("Answered within %d hours") % HOURS, share(ease.prompt.value), answered),
        Tile(_("From answer to slot"), told(median(ease.ahead) if ease.ahead else None, places=0, unit="h"),
             _("in the middle of the favourable answers")),
        Tile(_("Score of users"), told(ease.score, is_hidden=few, places=1),
             _("of 5, by %s scores") % formats.number(ease.scores) if ease.scores else _("nobody gave one")),
        Tile(_("Listings complete"), share(ease.completeness), _("of what each listing is asked to tell")),
    ])  # fmt: skip


def _within(found: Quantile | None) -> Any:
    """A quantile with its limits; "not reached" is not "not computable"."""
    if found is None:
        return told(None)
    if found.value is None:
        return _("not reached")
    return Figure(found.value, unit="h", places=0, low=found.low, high=found.high)


def _curve_chart(page: Frame, curve: Waiting) -> Chart:
    steps = [
        pictures.Answered(round(float(hours), 1), *(round(1 - float(one), 4) for one in (left, high, low)))
        for hours, left, low, high in zip(curve.times, curve.shares, curve.low, curve.high, strict=True)
    ]  # fmt: skip
    drawn = pictures.answered_by(steps, until_hours=SHOWN_HOURS, promised_hours=HOURS, gettext=_)
    return charts.told(drawn, {
        "title": _("How soon requests of other institutions are answered"),
        "finding": _finding(curve),
        "source": page.source,
        "demonstration": page.programme.is_demonstration,
    })  # fmt: skip


def _finding(curve: Waiting) -> str:
    return _("Within %(hours)d hours %(share)s are answered; %(waiting)s of %(all)s requests have no answer so far.") % {
        "hours": HOURS, "share": formats.percent(1 - curve.share_at(HOURS)),
        "waiting": formats.number(curve.going_on), "all": formats.number(curve.ended + curve.going_on),
    }  # fmt: skip


def _waits(ease: queries.Ease) -> Table:
    columns = [
        Column("share", _("Share of requests")),
        Column("value", _("Answered within"), numeric=True, unit="h"),
        Column("low", _("At least"), numeric=True, unit="h"),
        Column("high", _("At most"), numeric=True, unit="h"),
    ]
    found = [(one, ease.curve.quantile(one)) for one in QUARTILES] if ease.curve else []
    rows = [
        {"share": formats.percent(one), "value": _limit(it.value), "low": _limit(it.low), "high": _limit(it.high)}
        for one, it in found
    ]  # fmt: skip
    note = _(
        "Kaplan–Meier estimate with its limits (95 %). “Not reached” where silence keeps the curve "
        "from falling so far."
    )
    empty = _("No institution asked another in these months.")
    return Table(_("Time from request to answer"), columns, rows, note=note, empty=empty)


def _limit(hours: float | None) -> str:
    return _("not reached") if hours is None else formats.number(hours, 0)


def _refusals(ease: queries.Ease) -> Table:
    columns = [Column("reason", _("Reason")), Column("count", _("Refusals"), numeric=True)]
    rows = [
        {
            "reason": Reason(code).label if code else _("none given"),
            "count": told(len(asked), is_hidden=people(asked) < FEWEST),
        }
        for code, asked in ease.refusals.items()
    ]
    empty = _("No request of another institution was refused in these months.")
    return Table(_("Why requests were refused"), columns, rows, empty=empty)


def _hosts(page: Frame, ease: queries.Ease) -> Table:
    columns = [
        Column("name", _("Institution")),
        Column("requests", _("Requests"), numeric=True, fold=True),
        Column("prompt", _("Answered within %d hours") % HOURS, numeric=True),
        Column("served", _("Institutions served"), numeric=True),
        Column("hours", _("Their hours"), numeric=True, unit="h", fold=True),
        Column("concentration", _("Concentration"), numeric=True, fold=True),
    ]
    each = {pk: ease.of(pk) for pk in page.scope.institutions}
    askers = suppressed({(pk, 0): people(one.asked) for pk, one in each.items()})
    guests = suppressed({(pk, 0): sum(it.people for it in one.served) for pk, one in each.items()})
    rows = [
        _host(host.name, each[pk], few_ask=(pk, 0) in askers, few_come=(pk, 0) in guests)
        for pk, host in page.scope.institutions.items()
    ]
    note = _(
        "Concentration is the Herfindahl–Hirschman index of hours over the institutions that came: "
        "10,000 is one alone."
    )
    empty = _("No institution offers an instrument here yet.")
    return Table(_("By institution"), columns, rows, note=note, empty=empty)


def _host(name: str, ease: queries.Ease, *, few_ask: bool, few_come: bool) -> dict[str, Any]:
    hours = sum(one.hours for one in ease.served)
    return {
        "name": name,
        "requests": told(len(ease.asked), is_hidden=few_ask),
        "prompt": share(ease.prompt.value, is_hidden=few_ask),
        "served": told(len(ease.served), is_hidden=few_come),
        "hours": told(hours, is_hidden=few_come, places=0),
        "concentration": told(ease.concentration, is_hidden=few_come, places=0),
    }


def _explanation(ease: queries.Ease) -> Explanation:
    curve = ease.curve
    return Explanation(_("How these figures come about"), [
        Formula(
            _("Time from request to answer"),
            formula="S(t) = ∏ (1 − dᵢ ÷ nᵢ)",
            inputs={_("answered"): formats.number(curve.ended if curve else 0),
                    _("unanswered so far"): formats.number(curve.going_on if curve else 0)},
            note=_("Kaplan and Meier 1958. A request without an answer counts as waiting until now, also where its slot went "
                   "by; one that its user took back, until then. Limits on the scale of log(−log) with Greenwood's variance."),
        ),
        Formula(
            _("Answered within %d hours") % HOURS,
            share(ease.prompt.value),
            formula=_("answered in time ÷ (answered + waiting longer)"),
            inputs={_("answered in time"): formats.number(ease.prompt.part),
                    _("answered or waiting longer"): formats.number(ease.prompt.whole)},
            note=_("Requests that still wait within that time are not counted yet."),
        ),
        Formula(
            _("Institutions that served another"),
            told(len(ease.hosts)),
            note=_("Institutions on whose instruments somebody of another institution worked in these months."),
        ),
    ])  # fmt: skip


def _record(row: Booking) -> Summary:
    host = row.instrument.facility.organisation
    used = getattr(row, "use", None)
    entries = [
        Line(_("Instrument"), Link(row.instrument.name, reverse("instrument", args=[host.slug, row.instrument.slug]))),
        Line(_("Institution that served"), Link(host.name, reverse("organisation", args=[host.slug]))),
        Line(_("For"), f"{row.get_user_class_display()}, {row.get_relation_display()}"),
        Line(_("Day"), formats.day(row.starts_at.astimezone(row.zone).date())),
        Line(_("Booked"), _("%s h") % formats.number(row.minutes / 60, 1)),
        Line(_("State"), row.get_state_display()),
    ]  # fmt: skip
    if used and used.stopped_at:
        hours = (used.stopped_at - used.started_at).total_seconds() / 3600
        entries.append(Line(_("Used, by start and stop"), _("%s h") % formats.number(hours, 1)))
    if row.requested_at:
        entries.append(Line(_("Asked"), formats.moment(row.requested_at)))
        answer = formats.moment(row.decided_at) if row.decided_at else _("none so far")
        entries.append(Line(_("Answer"), answer))
    return Summary(entries)
