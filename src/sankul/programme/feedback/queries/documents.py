"""Which documents the survey shows: its release, to whoever may see the released survey."""

from django.db.models import Exists, OuterRef, Q

from sankul.core.queries import documents
from sankul.core.rules.roles import Actor
from sankul.programme.feedback.models import Survey
from sankul.programme.feedback.rules import SurveyStatus


def of_releases(actor: Actor) -> Q:
    """The condition under which a document is shown because a release cites it."""
    seen = Survey.objects.visible_to(actor).filter(status=SurveyStatus.RELEASED).order_by()
    return Q(Exists(seen.filter(release=OuterRef("pk"))))


documents.declare("feedback", of_releases)
