"""The desk of those who answer: requests and orders, the most urgent first; made for a phone."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core.doors import Request, pressed
from sankul.core.rules.roles import PLATFORM, require
from sankul.programme.bookings import forms
from sankul.programme.bookings.actions import answers
from sankul.programme.bookings.models import Booking
from sankul.programme.bookings.queries import requests as queries
from sankul.programme.bookings.rules import ANSWER, ANSWER_ESCALATED

from .parts import asks, change, posts

MOST = 50


@login_required
@require_safe
def requests(request: Request) -> HttpResponse:
    """What waits for the reader's answer."""
    if not (request.actor.scopes(ANSWER) or request.actor.scopes(ANSWER_ESCALATED)):
        require(request.actor, ANSWER, PLATFORM)
    found = list(queries.waiting(request.actor)[:MOST])
    orders = list(queries.orders_waiting(request.actor)[:MOST])
    context = {
        "requests": found,
        "orders": orders,
        "readable": set(
            Booking.objects.visible_to(request.actor)
            .filter(pk__in=[row.pk for row in found])
            .values_list("pk", flat=True)
        ),
        "is_demonstration": any(
            row.instrument.facility.organisation.is_demonstration for row in found
        )
        or any(row.service.facility.organisation.is_demonstration for row in orders),
        "late": sum(row.answer_by_at < request.at for row in [*found, *orders] if row.answer_by_at),
        "at": request.at,
    }
    return render(request, "bookings/requests.html", context)


def _asked(request: Request, number: int) -> Booking:
    return get_object_or_404(queries.waiting(request.actor), pk=number)


@posts
def approve(request: Request, number: int) -> HttpResponse:
    """Say yes: one tap."""
    row = _asked(request, number)
    form = forms.ApproveForm(request.POST)
    note = form.cleaned_data["note"] if form.is_valid() else ""
    return pressed(
        request,
        lambda: answers.approve(actor=request.actor, booking=row, at=request.at, note=note),
        _("Approved. The user is told."),
        reverse("requests"),
    )


@asks
def refuse(request: Request, number: int) -> HttpResponse:
    """Say no, and why."""
    row = _asked(request, number)

    def act(given: dict[str, Any]) -> tuple[str, str]:
        answers.refuse(actor=request.actor, booking=row, at=request.at, **given)
        return _("Refused. The user is told the reason."), reverse("requests")

    return change(
        request,
        forms.RefuseForm(request.POST or None),
        act,
        heading=_("Refuse: %s") % row.instrument.name,
        back=reverse("requests"),
        button=_("Refuse"),
        is_demonstration=row.instrument.facility.organisation.is_demonstration,
    )
