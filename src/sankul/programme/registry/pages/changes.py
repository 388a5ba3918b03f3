"""Changes of the registry as forms: a door asks, an action decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django import forms as django_forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sankul.core.actions import documents
from sankul.core.doors import Request, accepted
from sankul.core.rules.roles import require
from sankul.programme.registry import forms
from sankul.programme.registry.actions import decision, meeting, membership, organisation
from sankul.programme.registry.models import Body, Membership, Organisation
from sankul.programme.registry.pages.clusters import href as cluster_href
from sankul.programme.registry.queries import governance, organisations
from sankul.programme.registry.rules import (
    MANAGE_BODIES,
    MANAGE_MEMBERS,
    REGISTER,
    permission_to_decide,
)

asks = require_http_methods(["GET", "HEAD", "POST"])


def _ask(
    request: Request,
    form: django_forms.Form,
    act: Callable[[dict[str, Any]], tuple[str, str]],
    *,
    heading: str,
    back: str,
    is_demonstration: bool = False,
    found: Sequence[Organisation] = (),
) -> HttpResponse:
    """Show a form; when it comes back valid, act and go where the action says with its message.

    A refusal stands above the form with its reason; ``found`` are organisations to look at before trying again.
    """
    if answer := accepted(request, form, lambda: act(form.cleaned_data)):
        return answer
    context = {
        "form": form,
        "heading": heading,
        "back": back,
        "is_demonstration": is_demonstration,
        "found": found,
    }
    return render(request, "registry/change.html", context, status=422 if form.errors else 200)


@asks
def organisation_register(request: Request) -> HttpResponse:
    """Register an organisation; those that it may be already are shown with links."""
    require(request.actor, REGISTER, *request.actor.scopes(REGISTER))
    form = forms.OrganisationForm(request.POST or None)
    found: list[Organisation] = []
    if not form.is_bound:
        del form.fields["is_distinct"]

    def act(given: dict[str, Any]) -> tuple[str, str]:
        try:
            made = organisation.register(actor=request.actor, at=request.at, **given)
        except organisation.Duplicate as duplicate:
            found.extend(duplicate.found)
            raise
        return _("Registered."), reverse("organisation", args=[made.slug])

    back = reverse("organisations")
    heading = _("Register an organisation")
    return _ask(request, form, act, heading=heading, back=back, found=found)


@asks
def organisation_admit(request: Request, slug: str) -> HttpResponse:
    """Admit an organisation to a cluster."""
    require(request.actor, MANAGE_MEMBERS, *request.actor.scopes(MANAGE_MEMBERS))
    found = get_object_or_404(organisations.visible(request.actor), slug=slug)

    def act(given: dict[str, Any]) -> tuple[str, str]:
        made = membership.admit(actor=request.actor, organisation=found, at=request.at, **given)
        return _("Admitted."), cluster_href(made.cluster)

    return _ask(
        request,
        forms.AdmitForm(request.POST or None, actor=request.actor),
        act,
        heading=_("Admit %s to a cluster") % found.name,
        back=reverse("organisation", args=[slug]),
        is_demonstration=found.is_demonstration,
    )


@asks
def membership_end(request: Request, number: int) -> HttpResponse:
    """End a membership."""
    rows = Membership.objects.select_related("organisation", "cluster__programme")
    found = get_object_or_404(rows, pk=number)
    require(request.actor, MANAGE_MEMBERS, *found.cluster.scopes)

    def act(given: dict[str, Any]) -> tuple[str, str]:
        membership.end(actor=request.actor, membership=found, at=request.at, **given)
        return _("The membership ends on this day."), cluster_href(found.cluster)

    names = {"organisation": found.organisation.name, "cluster": found.cluster.name}
    return _ask(
        request,
        forms.EndForm(request.POST or None),
        act,
        heading=_("End the membership of %(organisation)s in %(cluster)s") % names,
        back=cluster_href(found.cluster),
        is_demonstration=found.cluster.programme.is_demonstration,
    )


@asks
def meeting_hold(request: Request, number: int) -> HttpResponse:
    """Record a meeting of a body, with its minutes."""
    body = get_object_or_404(Body.objects.select_related("programme", "cluster"), pk=number)
    require(request.actor, MANAGE_BODIES, *body.scopes)
    back = reverse("governance", args=[body.programme.slug])

    def act(given: dict[str, Any]) -> tuple[str, str]:
        file = given.pop("minutes")
        minutes = file and documents.keep(
            actor=request.actor, file=file, name=file.name, at=request.at
        )
        meeting.hold(actor=request.actor, body=body, at=request.at, minutes=minutes, **given)
        return _("The meeting is recorded."), back

    return _ask(
        request,
        forms.MeetingForm(request.POST or None, request.FILES or None),
        act,
        heading=_("Record a meeting of %s") % body.name,
        back=back,
        is_demonstration=body.programme.is_demonstration,
    )


@asks
def decision_record(request: Request, number: int) -> HttpResponse:
    """Record a decision taken at a meeting."""
    rows = governance.meetings(request.actor).select_related("body__programme", "body__cluster")
    found = get_object_or_404(rows, pk=number)
    require(request.actor, permission_to_decide(found.body.kind), *found.body.scopes)
    back = reverse("governance", args=[found.body.programme.slug])

    def act(given: dict[str, Any]) -> tuple[str, str]:
        decision.record(actor=request.actor, meeting=found, at=request.at, **given)
        return _("The decision is recorded."), back

    return _ask(
        request,
        forms.DecisionForm(request.POST or None),
        act,
        heading=_("Record a decision of %s") % found,
        back=back,
        is_demonstration=found.body.programme.is_demonstration,
    )
