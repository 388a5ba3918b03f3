"""Who is invited: one by one or by a list; letters to them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sankul.core.actions import work
from sankul.core.doors import Request, listing
from sankul.core.rules.roles import require
from sankul.core.rules.verdicts import Refused
from sankul.core.ui import Column, Confirm, Form, Link, Pages, State, Table, Tone
from sankul.programme.feedback import forms, tasks
from sankul.programme.feedback.actions import inviting, letters, lists
from sankul.programme.feedback.models import Invitation, Survey
from sankul.programme.feedback.queries import invitations
from sankul.programme.feedback.rules import BUILD, Invited

from .surveys import below, survey_context, watched

SORTS = {"name": "name", "group": "group__position", "answered": "is_answered"}
FILTERS = {"group": "group__code", "answered": "is_answered", "cluster": "clusters__slug"}


@require_safe
def people(request: Request, number: int) -> HttpResponse:
    """Everybody invited: ``?q=``, ``?group=``, ``?answered=``, ``?cluster=``; and two ways to invite more."""
    survey = _built(request, number)
    page = listing(
        request,
        invitations.invited_for(survey),
        search=("name", "email", "organisation"),
        sorts=SORTS,
        filters=FILTERS,
    )
    context = survey_context(request.actor, survey) | {
        "page": page,
        "table": _table(request, page.rows, survey),
        "pages": Pages(
            request.GET, page=page.page, last=page.page + page.has_next, total=page.total
        ),
        "groups": survey.groups.all(),
        "upload": Form(forms.UploadForm()),
        "invite": Form(forms.InviteForm(survey=survey)),
        "crumbs": below(survey),
    }
    return render(request, "feedback/people.html", context)


@require_POST
def invite(request: Request, number: int) -> HttpResponse:
    """Invite one person."""
    survey = _built(request, number)
    form = forms.InviteForm(request.POST, survey=survey)
    if form.is_valid():
        given = form.cleaned_data
        one = Invited(
            name=given["name"],
            email=given["email"],
            group_id=given["group"].pk,
            cluster_ids=frozenset(cluster.pk for cluster in given["clusters"]),
            organisation=given["organisation"],
            language=given["language"],
        )
        try:
            inviting.invite(actor=request.actor, survey=survey, people=[one], at=request.at)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("%s is on the list.") % one.name)
            return redirect("survey-people", survey.pk)
    return _again(request, survey, Form(form), _("Invite a person"), _("Invite"))


@require_POST
def upload(request: Request, number: int) -> HttpResponse:
    """Invite everybody on a list, or nobody where anything is wrong with it."""
    survey = _built(request, number)
    form = forms.UploadForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            found = lists.people(form.cleaned_data["file"].read(lists.MAX_BYTES + 1), survey)
            added, changed = inviting.invite(
                actor=request.actor, survey=survey, people=found, at=request.at
            )
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            told = _("%(added)d people were added, %(changed)d changed.")
            messages.success(request, told % {"added": added, "changed": changed})
            return redirect("survey-people", survey.pk)
    return _again(request, survey, Form(form), _("Upload a list"), _("Upload"))


@require_http_methods(["GET", "HEAD", "POST"])
def uninvite(request: Request, number: int, part: int) -> HttpResponse:
    """Take a person out, after asking."""
    survey = _built(request, number)
    found = get_object_or_404(survey.invitations, pk=part)
    back = reverse("survey-people", args=[survey.pk])
    if request.method == "POST":
        inviting.uninvite(actor=request.actor, invitation=found, at=request.at)
        messages.success(request, _("%s is taken out.") % found.name)
        return redirect(back)
    confirm = Confirm(
        _("Take out %s?") % found.name,
        _("Links that were sent to this person stop working."),
        _("Take out"),
        back,
    )
    context = survey_context(request.actor, survey) | {"confirm": confirm, "crumbs": below(survey)}
    return render(request, "feedback/confirm.html", context)


@require_POST
def write(request: Request, number: int) -> HttpResponse:
    """Send invitations (``what=invitations``), reminders, or again what failed; in the background."""
    survey = _built(request, number)
    what = request.POST.get("what", "")
    user = request.actor.user
    if user is None or what not in ("invitations", "reminders", "again", "queued"):
        raise Refused(_("Say what is to be sent."))
    with transaction.atomic():
        total = _asked(request, survey, what)
        asked = work.ask(user=user, title=_("Letters of a survey"), at=request.at, total=total)
        address = request.build_absolute_uri(reverse("answer"))
        tasks.send_letters.defer(work_id=asked.pk, survey_id=survey.pk, address=address)
    return redirect("work", asked.pk)


def _asked(request: Request, survey: Survey, what: str) -> int:
    if what == "again":
        return letters.send_again(actor=request.actor, survey=survey, at=request.at)
    if what == "queued":
        return invitations.queued(survey).count()
    return letters.ask(
        actor=request.actor, survey=survey, reminders=what == "reminders", at=request.at
    )


def _again(request: Request, survey: Survey, form: Form, title: str, verb: str) -> HttpResponse:
    context = survey_context(request.actor, survey) | {
        "title": title,
        "form": form,
        "verb": verb,
        "crumbs": below(survey),
        "is_upload": True,
    }
    return render(request, "feedback/form.html", context, status=422)


def _built(request: Request, number: int) -> Survey:
    survey = watched(request, number)
    require(request.actor, BUILD, *survey.scopes)
    return survey


def _table(request: Request, rows: list[Invitation], survey: Survey) -> Table:
    columns = [
        Column("name", _("Name"), sort="name"),
        Column("email", _("E-mail address"), fold=True),
        Column("group", _("Group"), sort="group"),
        Column("clusters", _("Rates"), fold=True),
        Column("answered", _("Answered"), sort="answered"),
        Column("change", _("Change")),
    ]
    return Table(
        _("Invited"),
        columns,
        [_line(row, survey) for row in rows],
        query=request.GET,
        hide_caption=True,
        empty=_("Nobody is invited yet, or nobody fits the search."),
    )


def _line(row: Invitation, survey: Survey) -> dict[str, Any]:
    out = Link(_("Take out"), reverse("survey-uninvite", args=[survey.pk, row.pk]))
    answered = State(Tone.GOOD, _("yes")) if row.is_answered else State(Tone.UNKNOWN, _("not yet"))
    return {
        "name": row.name,
        "email": row.email,
        "group": row.group,
        "clusters": ", ".join(cluster.name for cluster in row.clusters.all()),
        "answered": answered,
        "change": "" if row.is_answered else out,
    }
