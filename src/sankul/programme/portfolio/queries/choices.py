"""What forms let people choose from."""

from __future__ import annotations

from django.db.models import QuerySet

from sankul.core.rules.roles import Actor, narrowed
from sankul.programme.portfolio.models import Problem
from sankul.programme.portfolio.rules import OWNERS, RECORD_PORTFOLIO
from sankul.programme.registry.models import Cluster, FocusArea, Organisation, Person, Programme


def clusters_to_record(actor: Actor) -> QuerySet[Cluster]:
    """Clusters whose portfolio the actor keeps."""
    own = narrowed(actor, RECORD_PORTFOLIO, cluster="pk", programme="programme")
    return Cluster.objects.filter(own).select_related("programme").order_by("name", "pk")


def clusters(programme: Programme) -> QuerySet[Cluster]:
    """Clusters of a programme."""
    return programme.clusters.order_by("name", "pk")


def organisations(programme: Programme) -> QuerySet[Organisation]:
    """Organisations that can stand in a programme's records: real or fictional as it is."""
    rows = Organisation.objects.filter(is_demonstration=programme.is_demonstration)
    return rows.order_by("name", "pk")


def owners(programme: Programme) -> QuerySet[Organisation]:
    """Organisations that can own a problem."""
    return organisations(programme).filter(kind__in=OWNERS)


def focus_areas(programme: Programme) -> QuerySet[FocusArea]:
    """Subjects that the programme's clusters work on."""
    return programme.focus_areas.order_by("name")


def problems(actor: Actor, programme: Programme) -> QuerySet[Problem]:
    """Problems that a project can address."""
    return Problem.objects.visible_to(actor).filter(programme=programme).order_by("title", "pk")


def people(programme: Programme) -> QuerySet[Person]:
    """People on record in a post of one of the programme's clusters or their members."""
    rows = Person.objects.filter(posts__cluster__programme=programme)
    return rows.distinct().order_by("name", "pk")
