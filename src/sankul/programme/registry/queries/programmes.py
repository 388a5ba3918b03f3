"""Reading programmes with their periods."""

from __future__ import annotations

from django.db.models import QuerySet

from sankul.core.rules.roles import Actor, narrowed
from sankul.programme.registry.models import Fact, Programme
from sankul.programme.registry.rules import SEE_REGISTRY


def visible(actor: Actor) -> QuerySet[Programme]:
    """Programmes, open to everybody: the real ones first."""
    return Programme.objects.filter(narrowed(actor, SEE_REGISTRY)).order_by(
        "is_demonstration", "name"
    )


def facts(actor: Actor, programme: Programme) -> QuerySet[Fact]:
    """Statements of the public record on a programme itself, open to everybody."""
    return programme.facts.filter(narrowed(actor, SEE_REGISTRY), cluster=None)
