"""Reading lessons."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from sankul.core.models import Document
from sankul.core.queries import documents
from sankul.core.rules.roles import Actor, verdict
from sankul.programme.portfolio.models import Lesson, LessonCredit, Milestone, Project
from sankul.programme.portfolio.models.lessons import TOLD
from sankul.programme.portfolio.queries.words import found
from sankul.programme.portfolio.rules import RECORD_PORTFOLIO

EXPORTED = {
    "programme": "programme__slug",
    "is_demonstration": "programme__is_demonstration",
    "cluster": "cluster__slug",
    "number": "pk",
    "title": "title",
    "sector": "sector",
    "on": "on",
    "project": "project__code",
    **{part: part for part in TOLD},
    "report_url": "report_url",
    "shared_at": "shared_at",
}


def visible(actor: Actor, text: str = "") -> QuerySet[Lesson]:
    """Lessons that the actor may see and in which ``text`` is found, with cluster and programme at hand."""
    return found(Lesson.objects.visible_to(actor).select_related("cluster", "programme"), text)


def detailed(actor: Actor) -> QuerySet[Lesson]:
    """The same with credits, report and project: two queries, whatever the number of credits.

    ``shows_project`` tells whether the actor may see the project too.
    """
    projects = Project.objects.visible_to(actor).filter(pk=OuterRef("project"))
    credited = LessonCredit.objects.select_related("organisation", "cluster__programme", "person")
    return (
        visible(actor)
        .annotate(shows_project=Exists(projects))
        .select_related("project__programme", "report")
        .prefetch_related(Prefetch("credits", credited))
    )


def may_record(actor: Actor, lesson: Lesson) -> bool:
    """Whether the actor may change and share the lesson."""
    return verdict(actor, RECORD_PORTFOLIO, *lesson.scopes).allowed


def _documents(actor: Actor) -> Q:
    reports = Lesson.objects.visible_to(actor).filter(report__isnull=False)
    projects = Project.objects.visible_to(actor)
    proofs = Milestone.objects.filter(project__in=projects, proof__isnull=False)
    shown = Document.objects.filter(
        Q(pk__in=reports.values("report")) | Q(pk__in=proofs.values("proof"))
    )
    return Q(pk__in=shown.values("pk"))


documents.declare("portfolio", _documents)
