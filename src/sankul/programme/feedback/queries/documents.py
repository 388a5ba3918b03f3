"""Which documents the survey shows: its release, to whoever may see the results of all clusters."""

from django.db.models import Exists, OuterRef, Q

from sankul.core.queries import documents
from sankul.core.rules.roles import Actor, narrowed
from sankul.programme.feedback.models import Survey
from sankul.programme.feedback.rules import SEE_RESULTS, SurveyStatus


def of_releases(actor: Actor) -> Q:
    """The condition under which a document is shown because a release cites it."""
    seen = narrowed(actor, SEE_RESULTS, programme="programme") | Q(period__opened_at__isnull=False)
    released = Survey.objects.filter(seen, status=SurveyStatus.RELEASED).order_by()
    return Q(Exists(released.filter(release=OuterRef("pk"))))


documents.declare("feedback", of_releases)
