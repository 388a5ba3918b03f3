"""Reading deployments."""

from __future__ import annotations

from django.db.models import OuterRef, QuerySet, Subquery

from sankul.core.rules.roles import Actor
from sankul.programme.portfolio.models import Deployment, UserCount
from sankul.programme.portfolio.queries.words import found

EXPORTED = {
    "programme": "project__programme__slug",
    "is_demonstration": "project__programme__is_demonstration",
    "project": "project__code",
    "number": "pk",
    "title": "title",
    "place": "place",
    "district": "district",
    "state": "state",
    "latitude": "latitude",
    "longitude": "longitude",
    "status": "status",
    "since_on": "since_on",
    "until_on": "until_on",
    "paid_by": "paid_by__name",
    "payment": "payment",
    "users": "users",
    "users_on": "users_on",
}


def with_users(rows: QuerySet[Deployment]) -> QuerySet[Deployment]:
    """The same with the last count: ``users``, as of ``users_on``, by ``users_source``."""
    last = UserCount.objects.filter(deployment=OuterRef("pk")).order_by("-as_of_on", "-pk")[:1]
    return rows.annotate(
        users=Subquery(last.values("users")),
        users_on=Subquery(last.values("as_of_on")),
        users_source=Subquery(last.values("source")),
    ).select_related("cluster", "paid_by")


def visible(actor: Actor, text: str = "") -> QuerySet[Deployment]:
    """Deployments that the actor may see and in which ``text`` is found, with project and last count of users."""
    rows = with_users(found(Deployment.objects.visible_to(actor), text))
    return rows.select_related(
        "cluster__programme", "paid_by", "project__programme", "project__cluster"
    )


def detailed(actor: Actor) -> QuerySet[Deployment]:
    """The same with every count of users."""
    return visible(actor).prefetch_related("user_counts")
