"""The governance of a programme as a page: its bodies, and for those who may, their meetings and decisions."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core.doors import Request, listing
from sankul.core.rules.roles import Actor, verdict
from sankul.core.ui import Column, Crumbs, Day, Link, Table
from sankul.programme.registry.models import Body, Meeting
from sankul.programme.registry.pages.lists import pages
from sankul.programme.registry.queries import governance as queries
from sankul.programme.registry.queries import programmes
from sankul.programme.registry.queries.clusters import by_topic
from sankul.programme.registry.rules import MANAGE_BODIES, permission_to_decide


@require_safe
def governance(request: Request, programme: str) -> HttpResponse:
    """Bodies and who sits on them, meetings and decisions as far as the actor may see them, and the public record."""
    found = get_object_or_404(programmes.visible(request.actor), slug=programme)
    may_see = queries.may_see(request.actor, found)
    page = listing(
        request, queries.meetings(request.actor, found), sorts={"day": "held_on"}, default="-day"
    )
    context = {
        "programme": found,
        "is_demonstration": found.is_demonstration,
        "crumbs": Crumbs([Link(_("Clusters"), reverse("clusters"))]),
        "bodies": [_body(request.actor, body) for body in queries.bodies(request.actor, found)],
        "may_see": may_see,
        "meetings": [_meeting(request.actor, meeting) for meeting in page.rows],
        "pages": pages(request, page),
        "topics": by_topic(programmes.facts(request.actor, found)),
    }
    return render(request, "registry/governance.html", context)


def _body(actor: Actor, body: Body) -> dict[str, Any]:
    columns = [
        Column("name", _("Person")),
        Column("capacity", _("In the capacity of")),
        Column("from", _("From"), fold=True),
    ]
    rows = [
        {"name": seat.person.name, "capacity": seat.capacity, "from": Day(seat.from_on)}
        for seat in body.seats.all()
    ]
    may_hold = verdict(actor, MANAGE_BODIES, *body.scopes).allowed
    return {
        "body": body,
        "seats": Table(body.name, columns, rows, hide_caption=True),
        "hold_href": reverse("meeting-hold", args=[body.pk]) if may_hold else "",
    }


def _meeting(actor: Actor, meeting: Meeting) -> dict[str, Any]:
    permission = permission_to_decide(meeting.body.kind)
    may_decide = verdict(actor, permission, *meeting.body.scopes).allowed
    return {
        "meeting": meeting,
        "decisions": meeting.decisions.all(),
        "decide_href": reverse("decision-record", args=[meeting.pk]) if may_decide else "",
    }
