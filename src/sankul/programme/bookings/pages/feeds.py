"""Calendars for calendar programs: the files that they read, and the page where one makes and revokes them."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.dateparse import parse_date
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from sankul.core.doors import Request, asked
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.core.ui import Column, Confirm, Day, Link, Notice, Table
from sankul.programme.bookings.actions import calendars as actions
from sankul.programme.bookings.models import CalendarToken
from sankul.programme.bookings.queries import feeds as queries
from sankul.programme.bookings.rules.calendars import Feed, written
from sankul.programme.facilities.models import Instrument

MOST = timedelta(days=62)
"""The longest span of one file."""
asks = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def calendar(request: Request, secret: str) -> HttpResponse:
    """The calendar that the secret in the address opens, for programs that cannot sign in."""
    token = queries.shown(secret)
    if token is None:
        raise Http404(_("There is no calendar at this address. Copy it whole from your page of calendars."))  # fmt: skip
    actions.note_use(token=token, at=request.at)
    return _answer(request, queries.of_token(token, request.at, _link(request)))


@require_safe
def calendar_span(request: Request) -> HttpResponse:
    """A span of days as a file: ``?from=2026-11-23&until=2026-11-30&instrument=12``; all instruments where none is named.

    Days are of India, ``until`` is not included; without them, it is the week from today. At most 62 days.
    """
    if request.actor.user is None:
        return redirect_to_login(request.get_full_path())
    span = _span(request)
    if isinstance(span, HttpResponse):
        return span
    feed = queries.of_span(request.actor, _chosen(request), span, _link(request))
    return _answer(request, feed)


@asks
def calendars(request: Request) -> HttpResponse:
    """One's calendars; the answer to the form shows the new address once, and is never stored."""
    if request.actor.user is None:
        return redirect_to_login(request.get_full_path())
    chosen = _chosen(request)
    instrument = get_object_or_404(chosen) if chosen is not None else None
    made, problem = _made(request, instrument) if request.method == "POST" else (None, None)
    context = {
        "made": request.build_absolute_uri(reverse("calendar", args=[made.secret])) if made else "",
        "problem": problem,
        "instrument": instrument,
        "table": _table(request),
        "may_make": bool(request.actor.held),
    }
    response = render(request, "bookings/calendars.html", context, status=409 if problem else 200)
    response["Cache-Control"] = "no-store"
    return response


@asks
def calendar_revoke(request: Request, number: int) -> HttpResponse:
    """End a calendar, after asking."""
    if request.actor.user is None:
        return redirect_to_login(request.get_full_path())
    token = get_object_or_404(queries.own(request.actor), pk=number)
    if request.method == "POST":
        actions.revoke(actor=request.actor, token=token, at=request.at)
        messages.success(request, _("The calendar is revoked."))
        return redirect("calendars")
    confirm = Confirm(
        _("Revoke the calendar “%s”?") % _name(token),
        _("Programs that read it find it empty from now on. This cannot be undone."),
        _("Revoke the calendar"),
        reverse("calendars"),
    )
    return render(request, "bookings/confirm_calendar.html", {"confirm": confirm})


def _answer(request: Request, feed: Feed) -> HttpResponse:
    """The file, or 304 where the reader has it already; the tag is that of the bytes."""
    body = written(feed).encode()
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    changed = int(feed.changed_at.timestamp()) if feed.changed_at else None
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="bookings.ics"'
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex"
    response["ETag"] = etag
    if changed is not None:
        response["Last-Modified"] = http_date(changed)
    return get_conditional_response(request, etag, changed, response) or response


def _span(request: Request) -> tuple[datetime, datetime] | HttpResponse:
    zone = ZoneInfo(queries.INDIA)
    today = request.at.astimezone(zone).date()
    try:
        since = parse_date(asked(request, "from") or today.isoformat())
        last = parse_date(asked(request, "until")) if asked(request, "until") else None
    except ValueError:
        since = None
    if since is None or (asked(request, "until") and last is None):
        return _wrong(_("Give days as in ?from=2026-11-23&until=2026-11-30."))
    until = last or since + timedelta(days=7)
    if not timedelta() < until - since <= MOST:
        return _wrong(_("The last day comes after the first, at most 62 days later."))
    start, end = (datetime.combine(day, time(), zone) for day in (since, until))
    return start, end


def _wrong(reason: str) -> HttpResponse:
    return HttpResponse(reason, status=400, content_type="text/plain; charset=utf-8")


def _chosen(request: Request) -> Any:
    """The instrument that the address names, as rows; None where it names none."""
    number = asked(request, "instrument")
    if not number:
        return None
    rows = Instrument.objects.visible_to(request.actor).select_related("facility__organisation")
    return rows.filter(pk=int(number)) if number.isascii() and number.isdigit() and len(number) < 10 else rows.none()  # fmt: skip


def _link(request: Request) -> queries.Link:
    """The whole addresses of bookings, worked out once and filled in."""
    base = request.build_absolute_uri(reverse("booking", args=[0])).rpartition("0")
    return lambda number: f"{base[0]}{number}{base[2]}"


def _made(
    request: Request, instrument: Instrument | None
) -> tuple[actions.Made | None, Notice | None]:
    try:
        return actions.open_(actor=request.actor, instrument=instrument, at=request.at), None
    except Forbidden:
        raise
    except Refused as refusal:
        return None, Notice("problem", refusal.reason, live=True)


def _table(request: Request) -> Table:
    columns = [
        Column("what", _("Calendar of")),
        Column("made", _("Made"), fold=True),
        Column("used", _("Last read")),
        Column("end", _("Revoke")),
    ]
    rows = [
        {
            "what": _name(token),
            "made": Day(token.made_at.date()),
            "used": Day(token.used_at.date()) if token.used_at else _("never"),
            "end": Link(_("Revoke"), reverse("calendar-revoke", args=[token.pk])),
        }
        for token in queries.own(request.actor)
    ]
    empty = _("You have no calendar yet. Make one below, and add its address to your program.")
    return Table(_("Your calendars"), columns, rows, empty=empty)


def _name(token: CalendarToken) -> str:
    return token.instrument.name if token.instrument else _("my own bookings")
