"""What the evaluator does: the key, opening, closing, counting, moderating, releasing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from sankul.core.doors import Request
from sankul.core.rules.roles import require
from sankul.core.rules.verdicts import Refused
from sankul.core.ui import Confirm, Form
from sankul.programme.feedback import forms
from sankul.programme.feedback.actions import counting, moderation, releasing, running
from sankul.programme.feedback.models import Survey
from sankul.programme.feedback.rules import CONDUCT, CommentState, SurveyStatus

from .surveys import below, survey_context, watched


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def key(request: Request, number: int) -> HttpResponse:
    """Make the key of a draft: the answer to the POST is the key file itself, which is kept nowhere here."""
    survey = _conducted(request, number)
    form = forms.NewKeyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            file = running.make_key(
                actor=request.actor,
                survey=survey,
                passphrase=form.cleaned_data["passphrase"],
                at=request.at,
            )
        except Refused as refusal:
            form.add_error("passphrase", refusal.reason)
        else:
            response = HttpResponse(file, content_type="application/octet-stream")
            name = f"survey-{survey.programme.slug}-{survey.period.label}.key"
            response["Content-Disposition"] = f'attachment; filename="{name}"'
            return response
    return _shown(
        request,
        survey,
        form,
        title=_("The key that opens the answers"),
        lede=_(
            "Answers are sealed with a key of which only you hold the half that opens them. Keep the file at two places that the "
            "site's operators cannot reach, and the passphrase apart from it. If both copies are lost, the answers are lost. "
            "Made again, the key before is void."
        ),
        verb=_("Make the key and download it"),
    )


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def open_(request: Request, number: int) -> HttpResponse:
    """Open a complete survey, showing that the key is at hand."""
    survey = _conducted(request, number)
    return _with_key(
        request,
        survey,
        running.open_,
        told=_("The survey is open: letters can be sent."),
        title=_("Open the survey"),
        lede=_(
            "From then on nothing can be changed. You show the key file, so that no survey is opened whose answers nobody could "
            "count; it is read and not kept."
        ),
        verb=_("Open the survey"),
    )


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def count(request: Request, number: int) -> HttpResponse:
    """Count a closed survey with the key."""
    survey = _conducted(request, number)
    return _with_key(
        request,
        survey,
        counting.count,
        told=_("The ballots are counted and destroyed."),
        title=_("Count the ballots"),
        lede=_(
            "All ballots are opened in memory at once and tabulated; figures with too few answers behind them are never written "
            "down. Then the ballots are destroyed: this is done once."
        ),
        verb=_("Count"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def close(request: Request, number: int) -> HttpResponse:
    """Close an open survey, after asking."""
    survey = _conducted(request, number)
    return _confirmed(
        request,
        survey,
        running.close,
        Confirm(
            _("Close the survey?"),
            _("Nobody can answer any more, and it is not opened again."),
            _("Close"),
            reverse("survey", args=[survey.pk]),
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def destroyed(request: Request, number: int) -> HttpResponse:
    """Note that the key file and its copies are destroyed."""
    survey = _conducted(request, number)
    return _confirmed(
        request,
        survey,
        running.note_key_destroyed,
        Confirm(
            _("Have you destroyed the key file and all its copies?"),
            _(
                "Whoever has the key and an old backup of the site could open ballots in it. You declare that nobody has it."
            ),
            _("Yes, they are destroyed"),
            reverse("survey", args=[survey.pk]),
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def release(request: Request, number: int) -> HttpResponse:
    """Release the results, after asking."""
    survey = _conducted(request, number)
    return _confirmed(
        request,
        survey,
        releasing.release,
        Confirm(
            _("Release the results?"),
            _(
                "The table becomes a fixed document, the scores of the groups are recorded for the evaluation, and the clusters "
                "see their results. There is one release."
            ),
            _("Release"),
            reverse("survey-results", args=[survey.pk]),
            danger=False,
        ),
    )


@require_POST
def extend(request: Request, number: int) -> HttpResponse:
    """Move the last day to answer."""
    survey = _conducted(request, number)
    form = forms.ExtendForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Give the last day as a date."))
    running.extend(
        actor=request.actor, survey=survey, closes_on=form.cleaned_data["closes_on"], at=request.at
    )
    messages.success(request, _("The last day is moved."))
    return redirect("survey", survey.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def comments(request: Request, number: int) -> HttpResponse:
    """The next text that waits for a decision, and how many are left."""
    survey = _conducted(request, number)
    waiting = survey.comments.filter(state=CommentState.WAITING)
    found = waiting.select_related("question", "cluster", "group").first()
    if found is None or survey.status != SurveyStatus.COUNTED:
        return redirect("survey", survey.pk)
    if request.method == "POST" and request.POST.get("comment") != str(found.pk):
        found = get_object_or_404(survey.comments, pk=request.POST.get("comment") or 0)
    form = forms.CommentForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        given = form.cleaned_data
        try:
            moderation.decide(
                actor=request.actor,
                comment=found,
                decision=given["decision"],
                words=given["words"],
                reason=given["reason"],
                at=request.at,
            )
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            return redirect("survey-comments", survey.pk)
    context = survey_context(request.actor, survey) | {
        "comment": found,
        "left": waiting.count(),
        "form": Form(form),
        "crumbs": below(survey),
    }
    return render(request, "feedback/comments.html", context, status=422 if form.errors else 200)


def _with_key(
    request: Request, survey: Survey, act: Callable[..., Any], *, told: str, **words: str
) -> HttpResponse:
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = forms.KeyForm(*sent)
    if form.is_valid():
        try:
            act(actor=request.actor, survey=survey, at=request.at, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, told)
            return redirect("survey", survey.pk)
    return _shown(request, survey, form, **words)


def _confirmed(
    request: Request, survey: Survey, act: Callable[..., Any], confirm: Confirm
) -> HttpResponse:
    if request.method == "POST":
        act(actor=request.actor, survey=survey, at=request.at)
        return redirect("survey", survey.pk)
    context = survey_context(request.actor, survey) | {"confirm": confirm, "crumbs": below(survey)}
    return render(request, "feedback/confirm.html", context)


def _shown(
    request: Request, survey: Survey, form: django_forms.Form, *, title: str, lede: str, verb: str
) -> HttpResponse:
    context = survey_context(request.actor, survey) | {
        "title": title,
        "lede": lede,
        "form": Form(form),
        "verb": verb,
        "crumbs": below(survey),
        "is_upload": True,
    }
    return render(request, "feedback/form.html", context, status=422 if form.errors else 200)


def _conducted(request: Request, number: int) -> Survey:
    survey = watched(request, number)
    require(request.actor, CONDUCT, *survey.scopes)
    return survey
