"""What a member does alone: a sheet for each cluster, sending, declaring a conflict, writing down a visit."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from sankul.core.doors import Request
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.core.ui import Confirm, Errors, Field, Link, Notice, Tone
from sankul.programme.feedback.queries import surveys
from sankul.programme.feedback.rules import SurveyStatus
from sankul.programme.panel import forms
from sankul.programme.panel.actions import scoring
from sankul.programme.panel.actions.scoring import Given
from sankul.programme.panel.models import Member, Panel
from sankul.programme.panel.queries import panels as queries
from sankul.programme.panel.queries.ties import of_actor
from sankul.programme.panel.rules import CRITERIA, Criterion, why_not_score
from sankul.programme.registry.models import Cluster

from . import shown

asks = require_http_methods(["GET", "HEAD", "POST"])


class Part(NamedTuple):
    """One criterion of a sheet: its fields, and where the evidence is."""

    criterion: Criterion
    level: Field
    reason: Field
    evidence: list[Link]


@never_cache
@asks
def sheet(request: Request, number: int, cluster: str) -> HttpResponse:
    """A member's own scores of a cluster; what is kept may be incomplete."""
    panel, member = _own(request, number)
    found = shown.of_panel(panel, cluster)
    answer = why_not_score(
        status=panel.status,
        is_sent=member.sent_at is not None,
        tie=of_actor(request.actor, panel).get(found.pk, ""),
    )
    rubrics = {one.criterion: one.levels for one in panel.rubrics.all()}
    scores = queries.own_scores(member, found)
    sent = request.POST if request.method == "POST" else None
    form = forms.SheetForm(sent, panel=panel, rubrics=rubrics, scores=scores)
    if request.method == "POST":
        answer.enforce()
        if form.is_valid() and _kept(request, panel, found, form):
            messages.success(request, _("Your draft is kept. Nobody else sees it."))
            return redirect("panel", panel.pk)
    context = {
        "panel": panel,
        "cluster": found,
        "errors": Errors(form),
        "parts": _parts(request, panel, found, form),
        "notice": None if answer else Notice(Tone.ATTENTION, answer.reason),
        "may_score": bool(answer),
        "visits": queries.visits(request.actor, panel).filter(cluster=found),
        "crumbs": shown.crumbs(panel),
        "is_demonstration": panel.programme.is_demonstration,
    }
    return render(request, "panel/sheet.html", context, status=422 if form.errors else 200)


@asks
def send(request: Request, number: int) -> HttpResponse:
    """Send one's scores, after asking."""
    panel, _member = _own(request, number)
    if request.method == "POST":
        scoring.send(actor=request.actor, panel=panel, at=request.at)
        messages.success(request, _("Your scores are sent."))
        return redirect("panel", panel.pk)
    confirm = Confirm(
        _("Send your scores?"),
        _(
            "They are fixed until the discussion. Nobody sees them before all members have sent theirs."
        ),
        _("Send my scores"),
        reverse("panel", args=[panel.pk]),
        danger=False,
    )
    context = {
        "confirm": confirm,
        "crumbs": shown.crumbs(panel),
        "is_demonstration": panel.programme.is_demonstration,
    }
    return render(request, "panel/confirm.html", context)


@asks
def recuse(request: Request, number: int, cluster: str) -> HttpResponse:
    """Declare a conflict of interest with a cluster."""
    panel, _member = _own(request, number)
    found = shown.of_panel(panel, cluster)
    form = forms.ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            scoring.recuse(
                actor=request.actor,
                panel=panel,
                cluster=found,
                reason=form.cleaned_data["reason"],
                at=request.at,
            )
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            return redirect("panel", panel.pk)
    return shown.form_page(
        request,
        panel,
        form,
        title=_("A conflict of interest with %s") % found,
        lede=_(
            "You do not score the cluster, and take no part in its discussion. It cannot be taken back."
        ),
        verb=_("Declare it"),
    )


@asks
def visit(request: Request, number: int, cluster: str) -> HttpResponse:
    """Write down a site visit."""
    panel, _member = _own(request, number)
    found = shown.of_panel(panel, cluster)
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = forms.VisitForm(*sent)
    if form.is_valid():
        given: dict[str, Any] = form.cleaned_data
        file = given["file"]
        try:
            scoring.visit(
                actor=request.actor,
                panel=panel,
                cluster=found,
                on=given["on"],
                text=given["text"],
                files=[(file, file.name)] if file else [],
                at=request.at,
            )
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            return redirect("panel", panel.pk)
    return shown.form_page(
        request, panel, form, title=_("A site visit: %s") % found, verb=_("Keep it"), is_upload=True
    )


def _own(request: Request, number: int) -> tuple[Panel, Member]:
    panel = shown.seen(request, number)
    member = queries.membership(request.actor, panel)
    if member is None:
        raise Forbidden(
            _("You are no member of this panel. The programme office appoints members.")
        )
    member.panel = panel
    return panel, member


def _kept(request: Request, panel: Panel, cluster: Cluster, form: forms.SheetForm) -> bool:
    given = {
        code: Given(form.cleaned_data[f"{code}_level"], form.cleaned_data[f"{code}_reason"])
        for code in CRITERIA
    }
    try:
        scoring.save(actor=request.actor, panel=panel, cluster=cluster, given=given, at=request.at)
    except Refused as refusal:
        form.add_error(None, refusal.reason)
        return False
    return True


def _parts(request: Request, panel: Panel, cluster: Cluster, form: forms.SheetForm) -> list[Part]:
    proofs = queries.proofs(request.actor, panel, cluster)
    survey = (
        surveys.visible(request.actor)
        .filter(period=panel.period, status=SurveyStatus.RELEASED)
        .first()
    )
    heard = (
        [Link(_("360-degree feedback"), f"{reverse('survey-results', args=[survey.pk])}?cluster={cluster.slug}")]
        if survey
        else []
    )  # fmt: skip
    claims = f"{reverse('claims')}?cluster={cluster.slug}&kind="
    return [
        Part(
            one,
            Field(form[f"{one.code}_level"]),
            Field(form[f"{one.code}_reason"]),
            [
                *(
                    Link(_("%(kind)s: %(found)d verified") % {"kind": it.title, "found": it.found}, claims + it.kind)
                    for it in proofs[one.code]
                ),
                *heard,
            ],
        )
        for one in CRITERIA.values()
    ]  # fmt: skip
