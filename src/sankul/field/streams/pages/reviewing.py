"""Where technicians review: what waits, one stream on a plot with its flags to say, undoing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sankul.core import formats
from sankul.core.actions import work
from sankul.core.doors import Request, accepted, asked, listing, pressed
from sankul.core.rules.roles import require
from sankul.core.rules.verdicts import Refused
from sankul.core.ui import Column, Day, Link, Pages, Table
from sankul.field.streams import tasks
from sankul.field.streams.actions import reviewing as actions
from sankul.field.streams.forms import FlagForm, ReasonForm
from sankul.field.streams.models import Datastream, DayCount, Proposal, Revision
from sankul.field.streams.queries import reviewing as queries
from sankul.field.streams.queries.proposals import open_proposals
from sankul.field.streams.queries.reading import read
from sankul.field.streams.rules import RECORD_STREAMS
from sankul.field.streams.rules.numbers import midnight, moment
from sankul.field.streams.rules.reviewing import MOST_AT_ONCE
from sankul.field.streams.rules.windows import USUAL, Window, local
from sankul.field.streams.rules.windows import asked as asked_window

from . import review_parts as parts
from .review_plot import Band, ReviewPlot
from .shown import crumbs

SHOWN_PROPOSALS = 50
TICK = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
DIGITS = 17


@require_safe
def queue(request: Request) -> HttpResponse:
    """Days of streams with suspect or failed values that nobody reviewed, most first."""
    require(request.actor, RECORD_STREAMS, *request.actor.scopes(RECORD_STREAMS))
    page = listing(
        request,
        queries.to_review(request.actor),
        search=("stream__name", "stream__thing__name"),
        sorts={"waiting": "waiting", "day": "day", "stream": "stream__name"},
        filters={"stream": "stream", "day": "day"},
        default="-waiting",
    )
    columns = [
        Column("stream", _("Stream"), sort="stream"),
        Column("thing", _("Where"), fold=True),
        Column("day", _("Day (UTC)"), sort="day"),
        Column("waiting", _("To review"), numeric=True, sort="waiting"),
        Column("count", _("Of"), numeric=True, fold=True),
    ]
    table = Table(
        _("To review"),
        columns,
        [_waiting(row) for row in page.rows],
        query=request.GET,
        empty=_(
            "No suspect or failed value waits. New ones come in here by the rules of their streams."
        ),
        hide_caption=True,
    )
    total = None if page.is_capped else page.total
    context = {
        "table": table,
        "crumbs": crumbs(),
        "pages": Pages(request.GET, page=page.page, last=page.page + page.has_next, total=total),
        "query": page.query,
        "is_demonstration": any(parts.is_demonstration(row.stream) for row in page.rows),
    }
    return render(request, "streams/queue.html", context)


def _waiting(row: DayCount) -> dict[str, Any]:
    since = midnight(row.day)
    window = Window(since, since + timedelta(days=1))
    return {
        "stream": Link(row.stream.name, parts.review_href(row.stream_id, window)),
        "thing": row.stream.thing.name,
        "day": Day(row.day),
        "waiting": formats.number(row.waiting),  # type: ignore[attr-defined]
        "count": formats.number(row.count),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: Request, number: int) -> HttpResponse:
    """One stream in a window of time (``?from=…&to=…``): say flags, answer proposals, see what was said."""
    stream = parts.stream_of(request, number)
    window = _window(request, stream)
    initial = {"since": window.since, "until": window.until}
    form = FlagForm(request.POST or None, initial=initial)
    here = parts.review_href(number, window)

    def act() -> tuple[str, str]:
        made = _said(request, stream, window, form)
        told = _("%d observations: said, and kept with your reason.") % made.method["n"]
        return told, here

    if done := accepted(request, form, act):
        return done
    return render(
        request,
        "streams/review.html",
        _context(request, stream, window) | {"form": form},
        status=422 if form.errors else 200,
    )


def _said(request: Request, stream: Datastream, window: Window, form: FlagForm) -> Revision:
    given = form.cleaned_data
    times = None
    since, until = window.since, window.until
    if given["which"] == "ticked":
        times = _numbers(request, "chosen")
        if not times:
            raise Refused(_("Tick observations in the table, or give times."))
        since, until = moment(min(times)), moment(max(times))
    else:
        since, until = given["since"], given["until"] + SECOND - TICK
    return actions.flag(
        actor=request.actor,
        stream=stream,
        since=since,
        until=until,
        times=times,
        flag=form.chosen_flag,
        reason=given["reason"],
        at=request.at,
    )


def _numbers(request: Request, name: str) -> list[int]:
    """The numbers that were ticked; what is none, or no number that is kept anywhere, is left out."""
    given = request.POST.getlist(name)
    return [int(one) for one in given if one.isascii() and one.isdecimal() and len(one) < DIGITS]


@require_POST
def answer(request: Request, number: int) -> HttpResponse:
    """Accept the ticked proposals, or say that they are no fault."""
    stream = parts.stream_of(request, number)
    ticked = _numbers(request, "proposal")
    proposals = list(Proposal.objects.filter(stream=stream, pk__in=ticked))
    back = parts.review_href(number, _window(request, stream)) + "#proposals"
    given: dict[str, Any] = {
        "actor": request.actor, "stream": stream, "proposals": proposals, "at": request.at,
    }  # fmt: skip
    if request.POST.get("do") == "dismiss":
        return pressed(request, lambda: actions.dismiss(**given), _("Put aside: no fault."), back)
    reason = request.POST.get("reason", "").replace("\x00", "")[:1000]
    return pressed(
        request, lambda: actions.accept(**given, reason=reason), _("Flags given as proposed."), back
    )


@require_POST
def look(request: Request, number: int) -> HttpResponse:
    """Look through the window for what stands out by itself, in the background."""
    stream = parts.stream_of(request, number)
    window, user = _window(request, stream), request.actor.user
    if user is None:
        return redirect(parts.review_href(number, window))
    with transaction.atomic():
        title = _("Looking through %s") % stream.name
        begun = work.ask(user=user, title=title, at=request.at, total=1)
        tasks.detect.defer(
            work_id=begun.pk,
            stream_id=stream.pk,
            since=window.since.isoformat(),
            until=(window.until + TICK).isoformat(),
        )
    return redirect("work", begun.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: Request, number: int, revision: int) -> HttpResponse:
    """Give the observations of a revision back what they had before it."""
    stream = parts.stream_of(request, number)
    found = get_object_or_404(stream.revisions.select_related("made_by"), pk=revision)
    form = ReasonForm(request.POST or None)
    back = parts.review_href(number, parts.of_revision(found))

    def act() -> tuple[str, str]:
        made = actions.undo(
            actor=request.actor, revision=found, reason=form.cleaned_data["reason"], at=request.at
        )
        return _("Undone: %d observations are as they were.") % made.method["n"], back

    if done := accepted(request, form, act):
        return done
    context = {
        "form": form,
        "revision": found,
        "told": parts.told(found),
        "back": back,
        "crumbs": parts.crumbs(stream),
        "is_demonstration": parts.is_demonstration(stream),
    }
    status = 422 if form.errors else 200
    return render(request, "streams/undo.html", context, status=status)


def _window(request: Request, stream: Datastream) -> Window:
    last = stream.latest.time or request.at
    usual = Window(last - USUAL, last + SECOND)
    return asked_window(asked(request, "from"), asked(request, "to"), usual)


def _context(request: Request, stream: Datastream, window: Window) -> dict[str, Any]:
    rows = read([stream.pk], window.since, window.until + TICK)
    if len(rows.ids) > MOST_AT_ONCE:
        rows, window = (
            rows.at(slice(0, 0)),
            window._replace(wrong=_("Too many observations. Zoom in.")),
        )
    proposals = list(open_proposals(stream, window)[: SHOWN_PROPOSALS + 1])
    shows = asked(request, "show") if asked(request, "show") in parts.SHOWS else parts.SHOWS[0]
    bands = [Band(one.first, one.last, one.get_reason_display()) for one in proposals]
    plot = ReviewPlot(stream.name, stream.unit_symbol, window, rows, bands)
    return {
        "stream": stream,
        "window": window,
        "plot": plot,
        "tabs": parts.tabs(stream, "review"),
        "crumbs": crumbs(Link(_("To review"), reverse("streams:queue"))),
        "zoom": parts.zoom(request, window),
        "times": {
            name: local(at) for name, at in (("since", window.since), ("until", window.until))
        },
        "shows": parts.shows(request, shows),
        "proposals": parts.proposals(proposals[:SHOWN_PROPOSALS], stream),
        "more_proposals": open_proposals(stream).count(),
        "history": parts.history(stream),
        "is_demonstration": parts.is_demonstration(stream),
    } | parts.observations(request, stream, window, rows, shows)
