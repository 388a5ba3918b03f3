"""The surveys, and the desk from which one is built and conducted."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from sankul.core import formats
from sankul.core.doors import Request
from sankul.core.rules.roles import Actor, require, verdict
from sankul.core.rules.verdicts import Refused
from sankul.core.ui import (
    Absence,
    Column,
    Crumbs,
    Day,
    Empty,
    Entry,
    Figure,
    Form,
    Link,
    Moment,
    Notice,
    State,
    Step,
    Steps,
    Summary,
    Table,
    Tone,
)
from sankul.programme.feedback import forms
from sankul.programme.feedback.actions import building
from sankul.programme.feedback.models import Survey
from sankul.programme.feedback.queries import invitations, surveys
from sankul.programme.feedback.rules import (
    BUILD,
    CONDUCT,
    WATCH,
    LetterState,
    SurveyStatus,
    problems,
    sealing,
    why_not_open,
    why_not_release,
)

TONES = {
    SurveyStatus.DRAFT: Tone.UNKNOWN,
    SurveyStatus.OPEN: Tone.ATTENTION,
    SurveyStatus.CLOSED: Tone.ATTENTION,
    SurveyStatus.COUNTED: Tone.ATTENTION,
    SurveyStatus.RELEASED: Tone.GOOD,
}
LETTERS = {
    LetterState.QUEUED: Tone.UNKNOWN,
    LetterState.SENDING: Tone.ATTENTION,
    LetterState.SENT: Tone.GOOD,
    LetterState.FAILED: Tone.PROBLEM,
}


@require_safe
def index(request: Request) -> HttpResponse:
    """The surveys that one may see."""
    found = list(surveys.visible(request.actor))
    programmes = list(surveys.programmes_to_build_for(request.actor))
    empty = Empty(
        _("No survey to see yet"),
        _(
            "A survey stands here when its results are released and its period is open to the public."
        ),
    )
    context = {
        "table": _table(found) if found else empty,
        "programmes": programmes,
        "is_demonstration": bool(found) and all(it.programme.is_demonstration for it in found),
    }
    return render(request, "feedback/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def make(request: Request, programme: str) -> HttpResponse:
    """A new survey, filled from the one before where there is one."""
    found = get_object_or_404(surveys.programmes_to_build_for(request.actor), slug=programme)
    sent = request.POST if request.method == "POST" else None
    form = forms.MakeForm(sent, periods=surveys.periods_without(found))
    if form.is_valid() and (survey := _made(request, form)):
        return redirect("survey", survey.pk)
    context = {
        "title": _("A new survey"),
        "form": Form(form),
        "verb": _("Make the survey"),
        "crumbs": Crumbs([Link(_("Surveys"), reverse("surveys"))]),
        "is_demonstration": found.is_demonstration,
    }
    return render(request, "feedback/form.html", context, status=422 if form.errors else 200)


def _made(request: Request, form: forms.MakeForm) -> Survey | None:
    given = form.cleaned_data
    try:
        survey = building.make(
            actor=request.actor,
            period=given["period"],
            closes_on=given["closes_on"],
            contact=given["contact"],
            at=request.at,
        )
        if given["copies"] and (before := surveys.latest_before(survey.period)):
            building.copy(actor=request.actor, survey=survey, source=before, at=request.at)
    except Refused as refusal:
        form.add_error(None, refusal.reason)
        return None
    return survey


@require_safe
def desk(request: Request, number: int) -> HttpResponse:
    """Where a survey stands, what keeps it from moving on, who has answered, and what may be done now."""
    survey = get_object_or_404(surveys.visible(request.actor), pk=number)
    watches = bool(verdict(request.actor, WATCH, *survey.scopes))
    if not watches:
        return redirect("survey-results", survey.pk)
    context = survey_context(request.actor, survey) | {
        "summary": _summary(survey),
        "notice": _notice(request.actor, survey),
        "steps": _steps(survey),
        "rates": rates_table(survey),
        "letters": _letters(survey),
        "waiting": surveys.comments_waiting(survey),
        "today": timezone.localdate(request.at).isoformat(),
    }
    return render(request, "feedback/desk.html", context)


def survey_context(actor: Actor, survey: Survey) -> dict[str, Any]:
    """What every page about a survey knows."""
    return {
        "survey": survey,
        "builds": bool(verdict(actor, BUILD, *survey.scopes)),
        "conducts": bool(verdict(actor, CONDUCT, *survey.scopes)),
        "is_demonstration": survey.programme.is_demonstration,
        "crumbs": Crumbs([Link(_("Surveys"), reverse("surveys"))]),
    }


def watched(request: Request, number: int) -> Survey:
    """A survey for somebody who may see it before its release; Forbidden for others who may see it, else 404."""
    survey: Survey = get_object_or_404(surveys.visible(request.actor), pk=number)
    require(request.actor, WATCH, *survey.scopes)
    return survey


def below(survey: Survey) -> Crumbs:
    """The way to a page below a survey's desk."""
    return Crumbs(
        [
            Link(_("Surveys"), reverse("surveys")),
            Link(survey.title_en, reverse("survey", args=[survey.pk])),
        ]
    )


def _table(found: list[Survey]) -> Table:
    columns = [
        Column("title", _("Survey")),
        Column("programme", _("Programme"), fold=True),
        Column("period", _("Period")),
        Column("state", _("State")),
    ]
    rows = [
        {
            "title": Link(one.title_en, reverse("survey", args=[one.pk])),
            "programme": one.programme,
            "period": one.period,
            "state": State(TONES[SurveyStatus(one.status)], one.get_status_display()),
        }
        for one in found
    ]
    return Table(_("Surveys"), columns, rows, hide_caption=True)


def _summary(survey: Survey) -> Summary:
    key = bytes(survey.public_key or b"")
    return Summary(
        [
            Entry(_("Programme and period"), f"{survey.programme}, {survey.period}"),
            Entry(
                _("State"), State(TONES[SurveyStatus(survey.status)], survey.get_status_display())
            ),
            Entry(_("Last day to answer"), Day(survey.closes_on)),
            Entry(_("Languages"), _("English and Hindi") if survey.has_hindi else _("English")),
            Entry(_("Fewest answers behind a figure"), survey.threshold),
            Entry(_("Who belongs to two groups"), survey.get_two_groups_display()),
            Entry(
                _("Key of the evaluator"), sealing.fingerprint(key) if key else _("not made yet")
            ),
        ]
    )


def _notice(actor: Actor, survey: Survey) -> Notice:
    match survey.status:
        case SurveyStatus.DRAFT:
            answer = why_not_open(
                status=survey.status,
                problems=problems(surveys.questionnaire(survey)),
                invited=survey.invitations.count(),
                has_key=survey.public_key is not None,
                closes_on=survey.closes_on,
                today=timezone.localdate(actor.at),
            )
            if answer:
                return Notice(
                    Tone.GOOD, _("The evaluator opens it with the key."), title=_("Ready to open")
                )
            return Notice(
                Tone.ATTENTION, answer.reason, title=_("What stands in the way of opening")
            )
        case SurveyStatus.OPEN:
            text = _("It takes answers until %s, and closes by itself in the night after.")
            return Notice(
                Tone.GOOD, text % formats.day(survey.closes_on), title=_("The survey is open")
            )
        case SurveyStatus.CLOSED:
            text = _("The ballots are sealed. The evaluator opens them with the key, all at once.")
            return Notice(Tone.ATTENTION, text, title=_("The ballots wait to be counted"))
        case SurveyStatus.COUNTED:
            answer = why_not_release(status=survey.status, waiting=surveys.comments_waiting(survey))
            text = answer.reason or _("The evaluator may release the results.")
            return Notice(Tone.ATTENTION, text, title=_("Counted, not released"))
    return Notice(Tone.GOOD, _("The results are fixed."), title=_("Released"))


def _steps(survey: Survey) -> Steps:
    said = (
        (_("Made"), survey.made_at),
        (_("Opened"), survey.opened_at),
        (_("Closed"), survey.closed_at),
        (_("Counted"), survey.counted_at),
        (_("Key declared destroyed"), survey.key_destroyed_at),
        (_("Released"), survey.released_at),
        (_("Names and addresses removed"), survey.purged_at),
    )
    return Steps(
        _("The life of the survey"),
        [Step(label, done=at is not None, at=Moment(at) if at else "") for label, at in said],
    )


def rates_table(survey: Survey, *, public: bool = False) -> Table:
    """Invited and answered by group; for the public without groups so small that one learns who has answered."""
    columns = [
        Column("group", _("Group")),
        Column("target", _("Answers wanted"), numeric=True, fold=True),
        Column("invited", _("Invited"), numeric=True),
        Column("answered", _("Answered"), numeric=True),
        Column("rate", _("Rate"), numeric=True, unit="%"),
    ]
    rows = [_rate_line(rate, survey.threshold, public=public) for rate in invitations.rates(survey)]
    empty = _("There is no group yet.")
    return Table(_("Who has answered"), columns, rows, empty=empty, hide_caption=True)


def _rate_line(rate: invitations.Rate, threshold: int, *, public: bool) -> dict[str, Any]:
    hidden = public and rate.is_small(threshold)
    small = Figure(None, absent=Absence.SUPPRESSED)
    share = formats.number(100 * rate.answered / rate.invited, 0) if rate.invited else "–"
    return {
        "group": rate.group,
        "target": formats.number(rate.group.target),
        "invited": small if hidden else formats.number(rate.invited),
        "answered": small if hidden else formats.number(rate.answered),
        "rate": "–" if hidden else share,
    }


def _letters(survey: Survey) -> Table | None:
    found = invitations.letters(survey)
    if not found:
        return None
    columns = [
        Column("round", _("Letters")),
        Column("state", _("State")),
        Column("found", _("In number"), numeric=True),
    ]
    rows = [
        {
            "round": _("Reminder %d") % number if number else _("Invitation"),
            "state": State(LETTERS[LetterState(state)], LetterState(state).label),
            "found": formats.number(count),
        }
        for number, state, count in found
    ]
    return Table(_("Letters"), columns, rows)


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: Request, number: int) -> HttpResponse:
    """The settings of a draft."""
    survey = watched(request, number)
    require(request.actor, BUILD, *survey.scopes)
    sent = request.POST if request.method == "POST" else None
    form = forms.SettingsForm(sent, instance=survey)
    if form.is_valid():
        try:
            building.change(actor=request.actor, survey=survey, at=request.at, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("The settings are kept."))
            return redirect("survey", survey.pk)
    context = survey_context(request.actor, survey) | {
        "title": _("Settings"),
        "form": Form(form),
        "verb": _("Keep the settings"),
        "crumbs": below(survey),
    }
    return render(request, "feedback/form.html", context, status=422 if form.errors else 200)
