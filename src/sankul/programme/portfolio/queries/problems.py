"""Reading problems."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from sankul.core.rules.roles import Actor, verdict
from sankul.programme.portfolio.models import Problem, Project
from sankul.programme.portfolio.queries.words import found
from sankul.programme.portfolio.rules import RECORD_PORTFOLIO

EXPORTED = {
    "programme": "programme__slug",
    "is_demonstration": "programme__is_demonstration",
    "cluster": "cluster__slug",
    "number": "pk",
    "title": "title",
    "owner": "owner__name",
    "sector": "sector",
    "since_on": "since_on",
    "status": "status",
    "status_reason": "status_reason",
    "size_value": "size_value",
    "size_unit": "size_unit",
    "size_on": "size_on",
    "size_source": "size_source",
    "size_url": "size_url",
}


def visible(actor: Actor, text: str = "") -> QuerySet[Problem]:
    """Problems that the actor may see and in which ``text`` is found, with cluster, programme and owner at hand."""
    rows = Problem.objects.visible_to(actor).select_related("cluster", "programme", "owner")
    return found(rows, text)


def detailed(actor: Actor) -> QuerySet[Problem]:
    """The same with focus areas and the projects that the actor may see: three queries, whatever the number of either."""
    projects = Project.objects.visible_to(actor).select_related("cluster", "programme")
    return visible(actor).prefetch_related("focus_areas", Prefetch("projects", projects))


def may_record(actor: Actor, problem: Problem) -> bool:
    """Whether the actor may change the problem."""
    return verdict(actor, RECORD_PORTFOLIO, *problem.scopes).allowed
