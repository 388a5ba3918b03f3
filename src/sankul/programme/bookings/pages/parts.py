"""What the area's pages share: states in its words, links, forms that change something."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sankul.core import formats
from sankul.core.doors import Request, accepted
from sankul.core.ui import Crumbs, Link, State, Tone
from sankul.programme.bookings.models import Booking, Order
from sankul.programme.bookings.rules import OrderState
from sankul.programme.bookings.rules import State as Where
from sankul.programme.facilities.models import Instrument

T = TypeVar("T")
asks = require_http_methods(["GET", "HEAD", "POST"])
posts = require_POST
TONES: dict[str, Tone] = {
    Where.HELD: Tone.ATTENTION,
    Where.REQUESTED: Tone.ATTENTION,
    Where.CONFIRMED: Tone.GOOD,
    Where.IN_USE: Tone.GOOD,
    Where.REFUSED: Tone.PROBLEM,
    Where.EXPIRED: Tone.PROBLEM,
    Where.NO_SHOW: Tone.PROBLEM,
    OrderState.REQUESTED: Tone.ATTENTION,
    OrderState.ACCEPTED: Tone.GOOD,
    OrderState.RECEIVED: Tone.GOOD,
    OrderState.DONE: Tone.GOOD,
    OrderState.REFUSED: Tone.PROBLEM,
}


def state_of(row: Booking | Order) -> State:
    """Where a booking or an order stands."""
    return State(TONES.get(row.state, Tone.UNKNOWN), row.get_state_display())


def instrument_href(instrument: Instrument) -> str:
    """The page of an instrument; its facility and host are at hand."""
    host = instrument.facility.organisation
    return reverse("instrument", args=[host.slug, instrument.slug])


def instrument_link(instrument: Instrument) -> Link:
    """An instrument, as a link to its page."""
    return Link(instrument.name, instrument_href(instrument))


def when(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> SafeString:
    """A span on the clock of its place: "24 Nov 2026, 10:00–12:00"."""
    since, until = starts_at.astimezone(zone), ends_at.astimezone(zone)
    form = "H:i" if since.date() == until.date() else "j M Y, H:i"
    return format_html(
        '<time datetime="{}">{}</time>–<time datetime="{}">{}</time>',
        since.isoformat(),
        formats.written(since, "D j M Y, H:i"),
        until.isoformat(),
        formats.written(until, form),
    )


def crumbs(*links: Link) -> Crumbs:
    """The way here by one's own bookings."""
    return Crumbs([Link(_("My bookings"), reverse("bookings")), *links])


def found(row: T | None) -> T:
    """The record, or 404 as if there were none."""
    if row is None:
        raise Http404
    return row


def change(
    request: Request,
    form: forms.Form,
    act: Callable[[dict[str, Any]], tuple[str, str]],
    *,
    heading: str,
    back: str,
    button: str,
    is_demonstration: bool,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Show a form; when it comes back valid, act and go where the action says, with its message.

    A refusal stands above the form with its reason.
    """
    if answer := accepted(request, form, lambda: act(form.cleaned_data)):
        return answer
    context = {
        "form": form,
        "heading": heading,
        "back": back,
        "button": button,
        "is_demonstration": is_demonstration,
        **(more or {}),
    }
    return render(request, "bookings/change.html", context, status=422 if form.errors else 200)
