"""Recording meetings of bodies, with their minutes."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sankul.core.actions import events
from sankul.core.actions.constraints import refusing
from sankul.core.models import Document
from sankul.core.rules.roles import Actor, require
from sankul.programme.registry.models import Body, Meeting
from sankul.programme.registry.rules import MANAGE_BODIES
from sankul.programme.registry.rules.changes import why_not_hold


@transaction.atomic
def hold(
    *,
    actor: Actor,
    body: Body,
    held_on: date,
    title: str,
    at: datetime,
    minutes: Document | None = None,
) -> Meeting:
    """Record a meeting that a body has held; ``minutes`` is the document kept before (``core.actions.documents``).

    Raises Refused when the day lies in the future or the body has a meeting on it.
    """
    require(actor, MANAGE_BODIES, *body.scopes)
    why_not_hold(held_on=held_on, today=timezone.localdate(at)).enforce()
    with refusing({"meeting_once_a_day": _("A meeting of this body on this day is recorded.")}):
        meeting = Meeting.objects.create(body=body, held_on=held_on, title=title, minutes=minutes)
    events.record(
        actor=actor,
        verb="meeting.held",
        subject=meeting,
        at=at,
        scopes=body.scopes,
        data={"held_on": held_on, "title": title, "minutes": minutes.pk if minutes else None},
    )
    return meeting
