"""Orders of services: place, follow, answer, deliver."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core.doors import Request, listing, pressed
from sankul.core.rules.roles import require, verdict
from sankul.core.ui import Column, Crumbs, Entry, Link, Moment, Money, Summary, Table
from sankul.programme.bookings import forms
from sankul.programme.bookings.actions import orders as actions
from sankul.programme.bookings.models import Order
from sankul.programme.bookings.rules import BOOK, RUN, OrderState
from sankul.programme.facilities.models import Service
from sankul.programme.facilities.queries.people import organisations_of

from .parts import asks, change, crumbs, posts, state_of


def _rows(request: Request) -> Any:
    rows = Order.objects.visible_to(request.actor)
    return rows.select_related("service__facility__organisation", "user", "organisation")


@login_required
@require_safe
def orders(request: Request) -> HttpResponse:
    """Orders that one may see, the latest first."""
    shown = listing(request, _rows(request), sorts={"made": "made_at"}, default="-made")
    columns = [
        Column("service", _("Service")),
        Column("samples", _("Samples"), numeric=True),
        Column("made", _("Ordered"), fold=True),
        Column("who", _("For"), fold=True),
        Column("state", _("State"), fold=True),
    ]
    lines = [
        {
            "service": Link(row.service.name, reverse("order", args=[row.pk])),
            "samples": row.samples,
            "made": Moment(row.made_at),
            "who": row.organisation.name,
            "state": state_of(row),
        }
        for row in shown.rows
    ]
    empty = _("Nothing is ordered. The catalogue lists services that take samples.")
    table = Table(_("Orders"), columns, lines, hide_caption=True, empty=empty)
    context = {
        "table": table,
        "crumbs": crumbs(),
        "is_demonstration": any(
            row.service.facility.organisation.is_demonstration for row in shown.rows
        ),
    }
    return render(request, "bookings/orders.html", context)


@login_required
@asks
def order_new(request: Request, number: int) -> HttpResponse:
    """Order a service."""
    rows = Service.objects.visible_to(request.actor).select_related("facility__organisation")
    service = get_object_or_404(rows, pk=number)
    organisations = organisations_of(request.actor)
    if not organisations.exists():
        require(request.actor, BOOK)
    form = forms.OrderForm(request.POST or None, organisations=organisations)

    def act(given: dict[str, Any]) -> tuple[str, str]:
        made = actions.place(actor=request.actor, service=service, at=request.at, **given)
        return _("Ordered. Send nothing before the lab accepts."), reverse("order", args=[made.pk])

    return change(
        request,
        form,
        act,
        heading=_("Order: %s") % service.name,
        back=reverse("catalogue"),
        button=_("Order"),
        is_demonstration=service.facility.organisation.is_demonstration,
        more={
            "lede": _("%(lab)s answers within %(hours)d hours; it usually takes %(days)d days.")
            % {
                "lab": service.facility.name,
                "hours": service.facility.answer_within_hours,
                "days": service.turnaround_days,
            }
        },
    )


@require_safe
def order(request: Request, number: int) -> HttpResponse:
    """One order, with what its reader can do."""
    row = get_object_or_404(_rows(request), pk=number)
    runs = verdict(request.actor, RUN, *row.scopes).allowed
    mine = row.user_id == request.actor.user_id
    context = {
        "order": row,
        "is_demonstration": row.service.facility.organisation.is_demonstration,
        "crumbs": Crumbs([Link(_("Orders"), reverse("orders"))]),
        "summary": _summary(row),
        "answers": runs and row.state == OrderState.REQUESTED,
        "receives": runs and row.state == OrderState.ACCEPTED,
        "delivers": runs and row.state == OrderState.RECEIVED,
        "cancels": mine and row.state in (OrderState.REQUESTED, OrderState.ACCEPTED),
    }
    return render(request, "bookings/order.html", context)


def _summary(row: Order) -> Summary:
    host = row.service.facility
    entries = [
        Entry(_("State"), state_of(row)),
        Entry(_("Service"), row.service.name),
        Entry(_("Where"), f"{host.name}, {host.organisation.name}"),
        Entry(_("For"), f"{row.user.name}, {row.organisation.name}"),
        Entry(_("Samples"), row.samples),
        Entry(_("What they are"), row.note),
        Entry(_("Estimate"), Money(row.estimate_inr) if row.estimate_inr is not None else ""),
        Entry(_("Ordered"), Moment(row.made_at)),
        Entry(_("Answer by"), Moment(row.answer_by_at) if row.state == "requested" else ""),
        Entry(_("Answered"), Moment(row.decided_at) if row.decided_at else ""),
        Entry(_("Reason"), row.get_reason_display() if row.reason else ""),
        Entry(_("Note of the lab"), row.decision_note),
        Entry(_("Samples received"), Moment(row.received_at) if row.received_at else ""),
        Entry(_("Results delivered"), Moment(row.done_at) if row.done_at else ""),
    ]
    return Summary([entry for entry in entries if entry.value != ""])


def _step(act: Callable[..., object], told: Callable[[], str]) -> Callable[..., HttpResponse]:
    @posts
    def step(request: Request, number: int) -> HttpResponse:
        row = get_object_or_404(_rows(request), pk=number)
        return pressed(
            request,
            lambda: act(actor=request.actor, order=row, at=request.at),
            told(),
            reverse("order", args=[row.pk]),
        )

    return step


accept = _step(actions.accept, lambda: _("Accepted. The user is told to send the samples."))
receive = _step(actions.receive, lambda: _("The samples are here."))
deliver = _step(actions.deliver, lambda: _("Delivered."))
cancel = _step(actions.cancel, lambda: _("Cancelled."))


@asks
def refuse(request: Request, number: int) -> HttpResponse:
    """Say no, and why."""
    row = get_object_or_404(_rows(request), pk=number)
    require(request.actor, RUN, *row.scopes)

    def act(given: dict[str, Any]) -> tuple[str, str]:
        actions.refuse(actor=request.actor, order=row, at=request.at, **given)
        return _("Refused. The user is told the reason."), reverse("order", args=[row.pk])

    return change(
        request,
        forms.RefuseForm(request.POST or None),
        act,
        heading=_("Refuse: %s") % row.service.name,
        back=reverse("order", args=[row.pk]),
        button=_("Refuse"),
        is_demonstration=row.service.facility.organisation.is_demonstration,
    )
