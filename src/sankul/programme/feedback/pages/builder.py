"""Building the questionnaire: groups, sections, questions, and how each group will see them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from sankul.core.doors import Request
from sankul.core.rules.roles import require
from sankul.core.rules.verdicts import Refused
from sankul.core.ui import Confirm, Form
from sankul.programme.feedback import forms
from sankul.programme.feedback.actions import building
from sankul.programme.feedback.models import Group, Question, Section, Survey
from sankul.programme.feedback.queries import surveys
from sankul.programme.feedback.rules import BUILD, SCALE, problems

from .answer import LANGUAGES, sheet_of_group
from .surveys import below, survey_context, watched


@require_safe
def questionnaire(request: Request, number: int) -> HttpResponse:
    """All groups, sections and questions of a survey, with what is missing."""
    survey = watched(request, number)
    context = survey_context(request.actor, survey) | {
        "groups": survey.groups.all(),
        "sections": surveys.sections(survey),
        "problems": problems(surveys.questionnaire(survey)),
        "crumbs": below(survey),
    }
    return render(request, "feedback/questionnaire.html", context)


@require_safe
def preview(request: Request, number: int, code: str) -> HttpResponse:
    """The questionnaire as a person of a group sees it (``?lang=hi``), about the first clusters of the programme."""
    survey = watched(request, number)
    group = get_object_or_404(survey.groups, code=code)
    asked = surveys.questionnaire(survey)
    language = request.GET.get("lang", "en")
    if language not in LANGUAGES:
        raise Http404
    clusters = list(survey.programme.clusters.order_by("name", "pk")[:2])
    sheet = sheet_of_group(asked, group, clusters, language)
    with translation.override(language):
        context = {
            "survey": survey,
            "group": group,
            "title": asked.title.in_language(language),
            "intro": asked.intro.in_language(language),
            "parts": sheet.parts(),
            "language": language,
            "scale": SCALE,
            "others": [pair for pair in LANGUAGES.items() if pair[0] != language],
            "is_demonstration": survey.programme.is_demonstration,
        }
        return render(request, "feedback/preview.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def group(request: Request, number: int, part: int = 0) -> HttpResponse:
    """A stakeholder group, new or to change."""
    survey = _built(request, number)
    found = get_object_or_404(survey.groups, pk=part) if part else None
    form = forms.GroupForm(_sent(request), instance=found, initial=_place(survey.groups))

    def keep() -> None:
        building.put_group(
            actor=request.actor, survey=survey, group=found, at=request.at, **form.cleaned_data
        )

    return _put(request, survey, form, keep, _("Stakeholder group"), found)


@require_http_methods(["GET", "HEAD", "POST"])
def section(request: Request, number: int, part: int = 0) -> HttpResponse:
    """A section, new or to change."""
    survey = _built(request, number)
    found = get_object_or_404(survey.sections, pk=part) if part else None
    form = forms.SectionForm(_sent(request), instance=found, initial=_place(survey.sections))

    def keep() -> None:
        building.put_section(
            actor=request.actor, survey=survey, section=found, at=request.at, **form.cleaned_data
        )

    return _put(request, survey, form, keep, _("Section"), found)


@require_http_methods(["GET", "HEAD", "POST"])
def question_new(request: Request, number: int, part: int) -> HttpResponse:
    """A new question of a section."""
    survey = _built(request, number)
    home = get_object_or_404(survey.sections, pk=part)
    return _question(request, survey, home, None)


@require_http_methods(["GET", "HEAD", "POST"])
def question(request: Request, number: int, part: int) -> HttpResponse:
    """A question to change."""
    survey = _built(request, number)
    found = get_object_or_404(
        Question.objects.select_related("section__survey"), pk=part, section__survey=survey
    )
    return _question(request, survey, found.section, found)


@require_http_methods(["GET", "HEAD", "POST"])
def drop(request: Request, number: int, kind: str, part: int) -> HttpResponse:
    """Take a group, section or question out, after asking."""
    survey = _built(request, number)
    rows: dict[str, Any] = {
        "group": survey.groups,
        "section": survey.sections,
        "question": Question.objects.filter(section__survey=survey),
    }
    if kind not in rows:
        raise Http404
    found: Group | Section | Question = get_object_or_404(rows[kind], pk=part)
    back = reverse("survey-questionnaire", args=[survey.pk])
    if request.method == "POST":
        building.drop(actor=request.actor, part=found, at=request.at)
        messages.success(request, _("It is taken out."))
        return redirect(back)
    confirm = Confirm(
        _("Take out “%s”?") % found,
        _("A section goes with its questions. Nobody has been asked yet."),
        _("Take out"),
        back,
    )
    context = survey_context(request.actor, survey) | {"confirm": confirm, "crumbs": below(survey)}
    return render(request, "feedback/confirm.html", context)


def _question(
    request: Request, survey: Survey, home: Section, found: Question | None
) -> HttpResponse:
    groups = list(survey.groups.all())
    form = forms.QuestionForm(
        _sent(request), instance=found, groups=groups, initial=_place(home.questions)
    )

    def keep() -> None:
        building.put_question(
            actor=request.actor, section=home, question=found, at=request.at, **form.cleaned_data
        )

    return _put(request, survey, form, keep, _("Question"), found)


def _put(
    request: Request,
    survey: Survey,
    form: django_forms.ModelForm[Any],
    keep: Callable[[], None],
    title: str,
    found: Any,
) -> HttpResponse:
    if form.is_valid():
        try:
            keep()
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            return redirect("survey-questionnaire", survey.pk)
    context = survey_context(request.actor, survey) | {
        "title": title,
        "form": Form(form),
        "verb": _("Keep"),
        "crumbs": below(survey),
        "drop": reverse("survey-drop", args=[survey.pk, found._meta.model_name, found.pk])
        if found
        else "",
    }
    return render(request, "feedback/form.html", context, status=422 if form.errors else 200)


def _built(request: Request, number: int) -> Survey:
    survey = watched(request, number)
    require(request.actor, BUILD, *survey.scopes)
    return survey


def _sent(request: Request) -> Any:
    return request.POST if request.method == "POST" else None


def _place(rows: Any) -> dict[str, int]:
    return {"position": rows.count() + 1}
