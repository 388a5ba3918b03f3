"""One ticket, and one training, each with what is done about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from sankul.core.doors import Request
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.core.ui import Column, Confirm, Crumbs, Entry, Link, Moment, State, Summary, Table, Tone
from sankul.programme.facilities import forms
from sankul.programme.facilities.actions import ticket as actions
from sankul.programme.facilities.actions import training as trainings
from sankul.programme.facilities.models import Ticket, TrainingPlace, TrainingSession
from sankul.programme.facilities.queries import people, records
from sankul.programme.facilities.queries.ahead import ahead
from sankul.programme.facilities.queries.hours import zone_of
from sankul.programme.facilities.rules import REPORT, TrainingOutcome

from .endings import affected
from .parts import asks, change, confirm, crumbs_to, instrument_href, local, own_child, ticket_state

TONES = {
    TrainingOutcome.EXPECTED: Tone.UNKNOWN,
    TrainingOutcome.PASSED: Tone.GOOD,
    TrainingOutcome.FAILED: Tone.PROBLEM,
    TrainingOutcome.ABSENT: Tone.ATTENTION,
}


@require_safe
def ticket(request: Request, number: int) -> HttpResponse:
    """One ticket: what happens, from when to when it blocks, who is affected, what was done."""
    found = get_object_or_404(records.tickets(request.actor), pk=number)
    of = found.instrument
    may_manage = people.may_manage(request.actor, of.facility)
    context = {
        "ticket": found,
        "crumbs": Crumbs([*crumbs_to(of.facility), Link(of.name, instrument_href(of))]),
        "summary": _summary(request, found, may_manage),
        "affected": affected(_ahead(request, found)) if may_manage and _blocks(found) else None,
        "may_manage": may_manage and found.resolved_at is None,
        "is_demonstration": of.facility.organisation.is_demonstration,
    }
    return render(request, "facilities/ticket.html", context)


def _blocks(found: Ticket) -> bool:
    return found.blocks_from is not None and found.resolved_at is None


def _ahead(request: Request, found: Ticket) -> Any:
    since = max(found.blocks_from or request.at, request.at)
    until = found.blocks_until
    if until is not None and until <= since:
        return ()
    return ahead(found.instrument, since, until, found.unit)


def _summary(request: Request, found: Ticket, may_manage: bool) -> Summary:
    zone = zone_of(found.instrument.facility)
    opener = found.opened_by.name if may_manage and found.opened_by else ""
    entries = [
        Entry(_("State"), ticket_state(found, request.at)),
        Entry(_("Kind"), found.get_kind_display()),
        Entry(_("Severity"), found.get_severity_display()),
        Entry(_("Instrument"), Link(found.instrument.name, instrument_href(found.instrument))),
        Entry(_("Unit"), found.unit.label if found.unit else ""),
        Entry(_("Opened"), local(found.opened_at, zone)),
        Entry(_("Opened by"), opener),
        Entry(_("Not usable from"), local(found.blocks_from, zone)),
        Entry(_("Not usable until"), local(found.blocks_until, zone)),
        Entry(_("Resolved"), local(found.resolved_at, zone)),
    ]
    return Summary([entry for entry in entries if entry.value != ""])


@asks
def ticket_block(request: Request, number: int) -> HttpResponse:
    """Say from when to when a ticket takes the instrument out of use."""
    found = own_child(request, Ticket.objects.select_related("unit"), number)
    start = {"blocks_from": found.blocks_from, "blocks_until": found.blocks_until}
    form = forms.BlockForm(request.POST or None, instrument=found.instrument, initial=start)

    def act(given: dict[str, Any]) -> object:
        actions.block(actor=request.actor, ticket=found, at=request.at, **given)
        return None

    return _changed(request, form, act, found, _("Out of use: %s") % found.title)


@asks
def ticket_resolve(request: Request, number: int) -> HttpResponse:
    """Say what was done about a ticket."""
    found = own_child(request, Ticket.objects.all(), number)
    form = forms.ResolveForm(request.POST or None)

    def act(given: dict[str, Any]) -> object:
        actions.resolve(actor=request.actor, ticket=found, at=request.at, **given)
        return None

    return _changed(request, form, act, found, _("Resolve: %s") % found.title)


def _changed(
    request: Request,
    form: Any,
    act: Callable[[dict[str, Any]], object],
    found: Ticket,
    heading: str,
) -> HttpResponse:
    back = reverse("ticket", args=[found.pk])
    of = found.instrument.facility
    return change(request, form, act, heading=heading, back=back, facility=of)


@require_safe
def training(request: Request, number: int) -> HttpResponse:
    """One training: when, how many places are left, and for the lab who comes."""
    found = get_object_or_404(records.trainings(request.actor), pk=number)
    of = found.instrument
    may_manage = people.may_manage(request.actor, of.facility)
    user = request.actor.user
    context = {
        "training": found,
        "crumbs": Crumbs([*crumbs_to(of.facility), Link(of.name, instrument_href(of))]),
        "summary": _training(found),
        "is_ahead": found.starts_at > request.at and found.cancelled_at is None,
        "has_place": user is not None and found.taken.filter(user=user).exists(),
        "may_enrol": bool(request.actor.scopes(REPORT)),
        "people": _people(found) if may_manage else None,
        "may_manage": may_manage and found.cancelled_at is None,
        "is_demonstration": of.facility.organisation.is_demonstration,
    }
    return render(request, "facilities/training.html", context)


def _training(found: Any) -> Summary:
    zone = zone_of(found.instrument.facility)
    entries = [
        Entry(_("Instrument"), Link(found.instrument.name, instrument_href(found.instrument))),
        Entry(_("Begins"), local(found.starts_at, zone)),
        Entry(_("Ends"), local(found.ends_at, zone)),
        Entry(_("Places left"), max(found.places - found.count_taken, 0)),
        Entry(_("Trainer"), found.trainer.name if found.trainer else ""),
        Entry(_("Note"), found.note),
        Entry(_("Cancelled"), Moment(found.cancelled_at) if found.cancelled_at else ""),
    ]
    return Summary([entry for entry in entries if entry.value != ""])


def _people(found: TrainingSession) -> Table:
    rows = [
        {
            "who": row.user.name,
            "outcome": State(TONES[TrainingOutcome(row.outcome)], row.get_outcome_display()),
            "judge": Link(_("Record the outcome"), reverse("place-judge", args=[row.pk])),
        }
        for row in found.taken.select_related("user")
    ]
    columns = [
        Column("who", _("Person")),
        Column("outcome", _("Outcome")),
        Column("judge", _("Change"), fold=True),
    ]
    return Table(_("Who comes"), columns, rows, empty=_("Nobody has taken a place yet."))


@require_POST
def training_enrol(request: Request, number: int) -> HttpResponse:
    """Take a place in a training."""
    return _answered(request, number, trainings.enrol, _("You have a place."))


@require_POST
def training_leave(request: Request, number: int) -> HttpResponse:
    """Give one's place back."""
    return _answered(request, number, trainings.leave, _("Your place is free for somebody else."))


def _answered(
    request: Request, number: int, action: Callable[..., object], told: str
) -> HttpResponse:
    found = get_object_or_404(records.trainings(request.actor), pk=number)
    try:
        action(actor=request.actor, session=found, at=request.at)
    except Forbidden:
        raise
    except Refused as refusal:
        messages.error(request, refusal.reason)
    else:
        messages.success(request, told)
    return redirect("training", number)


@asks
def training_cancel(request: Request, number: int) -> HttpResponse:
    """Call a training off, after asking."""
    found = own_child(request, TrainingSession.objects.all(), number)
    question = Confirm(
        _("Call this training off?"),
        _("Those who took a place have to find another one."),
        _("Call it off"),
        reverse("training", args=[number]),
    )

    def act() -> object:
        return trainings.cancel(actor=request.actor, session=found, at=request.at)

    return confirm(request, question, act, _("Called off."), found.instrument.facility)


@asks
def place_judge(request: Request, number: int) -> HttpResponse:
    """Record how somebody's training ended."""
    rows = TrainingPlace.objects.select_related("user")
    place = get_object_or_404(rows, pk=number)
    session = own_child(request, TrainingSession.objects.all(), place.session_id)
    place.session = session
    form = forms.JudgeForm(request.POST or None)

    def act(given: dict[str, Any]) -> object:
        trainings.judge(actor=request.actor, place=place, at=request.at, **given)
        return None

    return change(
        request,
        form,
        act,
        heading=_("How the training of %s ended") % place.user.name,
        back=reverse("training", args=[session.pk]),
        facility=session.instrument.facility,
    )
