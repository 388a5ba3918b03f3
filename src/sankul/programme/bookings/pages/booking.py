"""One's own bookings, one booking, and what can be done with it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core import formats
from sankul.core.doors import Request, asked, listing, pressed
from sankul.core.rules.roles import require, verdict
from sankul.core.ui import Column, Entry, Link, Moment, Money, Pages, Summary, Table, Tabs
from sankul.programme.bookings import forms
from sankul.programme.bookings.actions import booking as actions
from sankul.programme.bookings.actions import series as all_of
from sankul.programme.bookings.actions import use as using
from sankul.programme.bookings.models import Booking, Series
from sankul.programme.bookings.queries import calendar as queries
from sankul.programme.bookings.queries import requests
from sankul.programme.bookings.rules import RUN, State, lasting

from .parts import asks, change, crumbs, found, instrument_link, posts, state_of, when


@login_required
@require_safe
def bookings(request: Request) -> HttpResponse:
    """One's own bookings: ahead, or ``?past=1``; and what one waits for."""
    past = asked(request, "past") == "1"
    rows = queries.mine(request.actor, past=past)
    shown = listing(request, rows, sorts={"when": "starts_at"}, default="-when" if past else "when")
    context = {
        "tabs": Tabs(
            _("My bookings"),
            [
                Link(_("Ahead"), reverse("bookings"), current=not past),
                Link(_("Past"), reverse("bookings") + "?past=1", current=past),
                Link(_("Orders of services"), reverse("orders")),
                Link(_("Calendar feeds"), reverse("calendars")),
            ],
        ),
        "table": _table(shown.rows),
        "pages": Pages(
            request.GET, page=shown.page, last=max(1, -(-shown.total // 50)), total=shown.total
        ),
        "waits": [] if past else list(queries.waits(request.actor)),
        "to_answer": requests.waiting(request.actor).count(),
        "past": past,
        "total": shown.total,
        "is_demonstration": any(
            row.instrument.facility.organisation.is_demonstration for row in shown.rows
        ),
    }
    return render(request, "bookings/bookings.html", context)


def _table(rows: list[Booking]) -> Table:
    columns = [
        Column("instrument", _("Instrument")),
        Column("when", _("When")),
        Column("host", _("Where"), fold=True),
        Column("state", _("State"), fold=True),
    ]
    lines = [
        {
            "instrument": Link(row.instrument.name, reverse("booking", args=[row.pk])),
            "when": when(row.starts_at, row.ends_at, row.zone),
            "host": row.instrument.facility.organisation.name,
            "state": state_of(row),
        }
        for row in rows
    ]
    empty = _("Nothing is booked. Look for an instrument in the catalogue, and choose a free slot.")
    return Table(_("Bookings"), columns, lines, hide_caption=True, empty=empty)


@require_safe
def booking(request: Request, number: int) -> HttpResponse:
    """One booking, with what its reader can do."""
    row = found(queries.one(request.actor, number))
    mine = row.user_id == request.actor.user_id
    runs = verdict(request.actor, RUN, *row.scopes).allowed
    use = getattr(row, "use", None)
    context = {
        "booking": row,
        "is_demonstration": row.instrument.facility.organisation.is_demonstration,
        "crumbs": crumbs(),
        "summary": _summary(row),
        "mine": mine,
        "runs": runs,
        "use": use,
        "answers": runs and row.state == State.REQUESTED,
        "changes": (mine or runs) and row.is_ahead,
        "begins": (mine or runs) and row.state == State.CONFIRMED,
        "ends": (mine or runs) and row.state == State.IN_USE,
        "rates": mine and row.state == State.COMPLETED and row.score is None,
        "rate_form": forms.RateForm(),
        "left_of_series": queries.series_left(row.series, request.at) if row.series and mine else 0,
    }
    return render(request, "bookings/booking.html", context)


def _summary(row: Booking) -> Summary:
    use = getattr(row, "use", None)
    zone = row.zone
    entries = [
        Entry(_("State"), state_of(row)),
        Entry(_("Instrument"), instrument_link(row.instrument)),
        Entry(_("When"), when(row.starts_at, row.ends_at, zone)),
        Entry(_("Clock of"), row.instrument.facility.timezone),
        Entry(_("Length"), lasting(row.minutes)),
        Entry(
            _("Where"),
            f"{row.instrument.facility.name}, {row.instrument.facility.organisation.name}",
        ),
        Entry(_("Unit"), row.unit.label),
        Entry(_("For"), f"{row.user.name}, {row.organisation.name}"),
        Entry(_("Class"), f"{row.get_user_class_display()}, {row.get_relation_display()}"),
        Entry(_("Purpose"), row.purpose),
        Entry(_("Assistance"), _("by the lab") if row.is_assisted else ""),
        Entry(_("Estimate"), _estimate(row)),
        Entry(_("Held until"), Moment(row.hold_until) if row.hold_until else ""),
        Entry(_("Answer by"), Moment(row.answer_by_at) if row.state == State.REQUESTED else ""),
        Entry(_("Answered"), Moment(row.decided_at) if row.decided_at else ""),
        Entry(_("Reason"), row.get_reason_display() if row.reason else ""),
        Entry(_("Note of the lab"), row.decision_note),
        Entry(_("Handed over by"), row.handed_from.name if row.handed_from else ""),
        Entry(
            _("Used"), when(use.started_at, use.stopped_at, zone) if use and use.stopped_at else ""
        ),
        Entry(_("Left"), use.get_condition_display() if use and use.condition else ""),
        Entry(_("Cancelled"), Moment(row.cancelled_at) if row.cancelled_at else ""),
        Entry(_("Late"), _("yes: the tariff may charge it") if row.is_late else ""),
        Entry(_("Why it ended"), row.end_note),
        Entry(_("Score"), formats.number(row.score) if row.score else ""),
    ]
    return Summary([entry for entry in entries if entry.value != ""])


def _estimate(row: Booking) -> Any:
    if row.estimate_inr is None:
        return _("no tariff is set: nothing is charged")
    return Money(row.estimate_inr)


def _own(request: Request, number: int) -> Booking:
    return found(queries.one(request.actor, number))


def _back(row: Booking) -> str:
    return reverse("booking", args=[row.pk])


@posts
def confirm(request: Request, number: int) -> HttpResponse:
    """Confirm a slot that is held."""
    row = _own(request, number)
    return pressed(
        request,
        lambda: actions.confirm(actor=request.actor, booking=row, at=request.at),
        _("The slot is yours."),
        _back(row),
    )


@asks
def cancel(request: Request, number: int) -> HttpResponse:
    """Cancel a booking, after being asked."""
    row = _own(request, number)

    def act(given: dict[str, Any]) -> tuple[str, str]:
        actions.cancel(actor=request.actor, booking=row, at=request.at, **given)
        return _("Cancelled."), _back(row)

    return _change(request, row, forms.NoteForm(request.POST or None), act, _("Cancel it"), {
        "lede": _("Free of charge until %d hours before the start.")
        % row.instrument.cancel_free_hours})  # fmt: skip


@asks
def move(request: Request, number: int) -> HttpResponse:
    """Move a booking to another time."""
    row = _own(request, number)
    initial = {
        "starts_at": row.starts_at.astimezone(row.zone).strftime("%Y-%m-%dT%H:%M"),
        "minutes": round(row.minutes),
    }
    form = forms.MoveForm(request.POST or None, instrument=row.instrument, initial=initial)

    def act(_given: dict[str, Any]) -> tuple[str, str]:
        slot = form.slot()
        actions.move(actor=request.actor, booking=row, at=request.at, **slot)
        return _("Moved."), _back(row)

    return _change(request, row, form, act, _("Move it"))


@asks
def hand_over(request: Request, number: int) -> HttpResponse:
    """Hand a booking to a colleague."""
    row = _own(request, number)

    def act(given: dict[str, Any]) -> tuple[str, str]:
        actions.hand_over(actor=request.actor, booking=row, to=given["to"], at=request.at)
        return _("Handed over."), reverse("bookings")

    return _change(request, row, forms.HandForm(request.POST or None), act, _("Hand it over"))


def _change(
    request: Request,
    row: Booking,
    form: Any,
    act: Any,
    button: str,
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    if request.actor.user_id != row.user_id:
        require(request.actor, RUN, *row.scopes)
    return change(
        request,
        form,
        act,
        heading=f"{button}: {row.instrument.name}",
        back=_back(row),
        button=button,
        is_demonstration=row.instrument.facility.organisation.is_demonstration,
        more=more,
    )


@posts
def rate(request: Request, number: int) -> HttpResponse:
    """Say how it went."""
    row = _own(request, number)
    form = forms.RateForm(request.POST)
    if not form.is_valid():
        return redirect("booking", row.pk)
    given = form.cleaned_data
    return pressed(
        request,
        lambda: actions.rate(actor=request.actor, booking=row, at=request.at, **given),
        _("Thank you. The lab sees the mean of scores, and your note."),
        _back(row),
    )


@posts
def release(request: Request, number: int) -> HttpResponse:
    """Nobody came: the lab gives the rest of the time free."""
    row = _own(request, number)
    return pressed(
        request,
        lambda: using.release(actor=request.actor, booking=row, at=request.at),
        _("The rest of the time is free."),
        _back(row),
    )


@posts
def cancel_series(request: Request, number: int) -> HttpResponse:
    """Cancel what is left of a series."""
    rows = Series.objects.select_related("instrument")
    row = get_object_or_404(rows, pk=number, user_id=request.actor.user_id or 0)
    return pressed(
        request,
        lambda: all_of.cancel(actor=request.actor, series=row, at=request.at),
        _("What was left of the series is cancelled."),
        reverse("bookings"),
    )
