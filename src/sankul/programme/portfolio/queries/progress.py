"""Reading milestones."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from sankul.core.rules.roles import Actor, narrowed
from sankul.programme.portfolio.models import Milestone
from sankul.programme.portfolio.rules import GOING, RECORD_PORTFOLIO


def due(actor: Actor, until: date) -> QuerySet[Milestone]:
    """Milestones not reached and expected until a day, of going projects that the actor keeps; the earliest first."""
    own = narrowed(
        actor, RECORD_PORTFOLIO, cluster="project__cluster", programme="project__programme"
    )
    rows = Milestone.objects.filter(own, done_on__isnull=True, expected_on__lte=until)
    return rows.filter(project__stage__in=GOING).select_related("project__programme")
