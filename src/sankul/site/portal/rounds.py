"""What evaluation rounds add to the signed-in home."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from sankul.core.formats import day
from sankul.core.rules.roles import Actor, ScopeKind, verdict
from sankul.core.ui import State, Task, Tone
from sankul.programme.evaluation.models import Round
from sankul.programme.evaluation.queries import rounds
from sankul.programme.evaluation.rules import (
    CONDUCT,
    DECIDE,
    MODERATE,
    REPLY,
    STEPS,
    ObjectionKind,
    Phase,
    obstacles,
)


def tasks(actor: Actor) -> Iterator[Task]:
    """Rounds in whose phase the actor must act, and windows in which the actor's cluster may reply or appeal."""
    if not any(actor.scopes(one) for one in (CONDUCT, MODERATE, DECIDE, REPLY)):
        return
    for found in rounds.visible(actor).exclude(phase=Phase.CLOSED):
        if task := _of_owner(actor, found) or _of_cluster(actor, found):
            yield task


def _of_owner(actor: Actor, found: Round) -> Task | None:
    """What the owner of the phase does, or that the round waits to be moved on."""
    step = STEPS[Phase(found.phase)]
    if not verdict(actor, step.permission, *found.scopes):
        return None
    if obstacles(rounds.known(found, actor.at)):
        state = State(Tone.ATTENTION, _("waits"))
    else:
        state = State(Tone.GOOD, _("ready to go on"))
    title = _("Evaluation round %(period)s: %(phase)s") % {
        "period": found.period, "phase": found.get_phase_display()}  # fmt: skip
    return Task(title, state, _href(found), step.task)


def _of_cluster(actor: Actor, found: Round) -> Task | None:
    """The window that is open to one's own cluster."""
    kind = rounds.window(found, actor.at)
    own = [scope.id for scope in actor.scopes(REPLY) if scope.kind == ScopeKind.CLUSTER]
    if kind is None or not found.programme.clusters.filter(pk__in=own).exists():
        return None
    if kind == ObjectionKind.REPLY:
        title = _("Read your part of the evaluation %s, and reply") % found.period
    else:
        title = _("Appeal against the evaluation %s, if it is wrong") % found.period
    until = rounds.window_ends_on(found)
    return Task(title, State(Tone.ATTENTION, _("until %s") % day(until)), _href(found))


def _href(found: Round) -> str:
    return reverse("round", args=[found.programme.slug, found.period.label])
