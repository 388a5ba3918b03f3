"""Recording what bodies decided."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sankul.core.actions import events
from sankul.core.actions.constraints import refusing
from sankul.core.rules.roles import Actor, require
from sankul.programme.registry.models import Decision, Meeting
from sankul.programme.registry.rules import permission_to_decide


@transaction.atomic
def record(
    *,
    actor: Actor,
    meeting: Meeting,
    reference: str,
    text: str,
    at: datetime,
    subject: str = "",
) -> Decision:
    """Record a decision taken at a meeting; ``subject`` names the record decided on, as in ``framework/3``.

    Those of an apex committee are recorded by its members. Raises Refused when the meeting has a decision of this reference.
    """
    require(actor, permission_to_decide(meeting.body.kind), *meeting.body.scopes)
    with refusing(
        {"decision_reference_once_a_meeting": _("A decision of this meeting has this reference.")}
    ):
        decision = Decision.objects.create(
            meeting=meeting, reference=reference, text=text, subject=subject
        )
    events.record(
        actor=actor,
        verb="decision.recorded",
        subject=decision,
        at=at,
        scopes=meeting.body.scopes,
        data={"meeting": meeting.pk, "reference": reference, "text": text, "on": subject},
    )
    return decision
