"""The phases of a round, and who answers for each: the table that everything about a round is read from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sankul.core.rules.roles import Permission, Role

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Phase(TextChoices):
    """Where a round is; each phase ends when its work is done, and the next begins."""

    FRAMEWORK = "framework", pgettext_lazy("phase", "Framework and funding rule")
    CLAIMS = "claims", pgettext_lazy("phase", "Claims")
    SAMPLE = "sample", pgettext_lazy("phase", "Drawing of the sample")
    VERIFICATION = "verification", pgettext_lazy("phase", "Verification")
    SCORING = "scoring", pgettext_lazy("phase", "Expert scoring")
    FEEDBACK = "feedback", pgettext_lazy("phase", "360-degree feedback")
    REPLY = "reply", pgettext_lazy("phase", "Right of reply")
    MODERATION = "moderation", pgettext_lazy("phase", "Moderation")
    SEALING = "sealing", pgettext_lazy("phase", "Sealing")
    DECISION = "decision", pgettext_lazy("phase", "Decision of the apex committee")
    PUBLICATION = "publication", pgettext_lazy("phase", "Publication")
    APPEALS = "appeals", pgettext_lazy("phase", "Appeals")
    CLOSED = "closed", pgettext_lazy("phase", "Closed")


PHASES = tuple(Phase)
TIMED = PHASES[:-1]
"""Phases that have a deadline: all but the last, which has no end."""
UNBOUND = frozenset({Phase.FRAMEWORK, Phase.CLAIMS})
"""Before the claims close: the framework and the funding rule may still be named anew."""
HEARD = frozenset({Phase.REPLY, Phase.MODERATION, Phase.SEALING, Phase.DECISION, Phase.PUBLICATION})
"""Clusters may read their own part of the preliminary evaluation."""
SEALED = frozenset(PHASES[PHASES.index(Phase.DECISION) :])
"""The result is sealed: the office and the committee may read it."""
PUBLIC = frozenset({Phase.APPEALS, Phase.CLOSED})
"""The result is published, and nobody is kept from it."""
WINDOW_PHASES = frozenset({Phase.REPLY, Phase.APPEALS})
"""Phases in which clusters act, each to the end of its last day."""
WINDOW_DAYS = 7
"""Least number of days that clusters have to reply or to appeal."""

CONDUCT = Permission(
    "evaluation.conduct_round",
    _("Open a round, set its deadlines and move it on in the office's phases"),
    frozenset({Role.PROGRAMME_OFFICER}),
)
MODERATE = Permission(
    "evaluation.moderate_round",
    _("Move a round on in the evaluator's phases, and rule on what clusters contest"),
    frozenset({Role.EVALUATOR}),
)
SEAL = Permission("evaluation.seal", _("Seal a round"), frozenset({Role.EVALUATOR}))
DECIDE = Permission(
    "evaluation.decide_round",
    _("Decide on funding, publish a round and decide appeals"),
    frozenset({Role.APEX_MEMBER}),
)
REPLY = Permission(
    "evaluation.reply",
    _("Read the own part of an evaluation before it is published, contest it and appeal"),
    frozenset({Role.CLUSTER_CEO}),
)


class Step(NamedTuple):
    """A phase, whose work it is, what it takes to move on from it, and what has to be done in it."""

    phase: Phase
    owner: Role
    permission: Permission
    task: StrOrPromise


STEPS: dict[Phase, Step] = {
    step.phase: step
    for step in (
        Step(
            Phase.FRAMEWORK,
            Role.APEX_MEMBER,
            DECIDE,
            _(
                "The apex committee approves the framework and the funding rule. Both are bound to the round."
            ),
        ),
        Step(
            Phase.CLAIMS,
            Role.PROGRAMME_OFFICER,
            CONDUCT,
            _("Clusters submit their claims until the announced day."),
        ),
        Step(
            Phase.SAMPLE,
            Role.PROGRAMME_OFFICER,
            CONDUCT,
            _("The sample is drawn by the announced public number."),
        ),
        Step(
            Phase.VERIFICATION,
            Role.EVALUATOR,
            MODERATE,
            _("Verifiers look at the sample, and what stands of all claims is estimated."),
        ),
        Step(
            Phase.SCORING,
            Role.EVALUATOR,
            MODERATE,
            _("Experts score independently, discuss, and their scores are released."),
        ),
        Step(
            Phase.FEEDBACK,
            Role.EVALUATOR,
            MODERATE,
            _("The survey is counted and released, and a preliminary evaluation is computed."),
        ),
        Step(
            Phase.REPLY,
            Role.CLUSTER_CEO,
            CONDUCT,
            _("Each cluster reads its own part of the preliminary evaluation, and may contest it."),
        ),
        Step(
            Phase.MODERATION,
            Role.EVALUATOR,
            MODERATE,
            _("The evaluator rules on what was contested, and computes the final evaluation."),
        ),
        Step(
            Phase.SEALING,
            Role.EVALUATOR,
            MODERATE,
            _("The final evaluation is sealed with everything it rests on."),
        ),
        Step(
            Phase.DECISION,
            Role.APEX_MEMBER,
            DECIDE,
            _("The apex committee decides on the funding of every cluster."),
        ),
        Step(
            Phase.PUBLICATION,
            Role.APEX_MEMBER,
            DECIDE,
            _("The apex committee publishes the evaluation with its decisions."),
        ),
        Step(
            Phase.APPEALS,
            Role.APEX_MEMBER,
            CONDUCT,
            _("Clusters may appeal. The apex committee decides appeals with reasons."),
        ),
    )
}
"""The table of transitions: from each phase to the one after it, by whom."""


def mover(step: Step) -> Role:
    """Who moves the round on from a phase."""
    return min(step.permission.roles)


def following(phase: str) -> Phase | None:
    """The phase after this one, None after the last."""
    place = PHASES.index(Phase(phase)) + 1
    return PHASES[place] if place < len(PHASES) else None


def is_before(phase: str, other: Phase) -> bool:
    """Whether one phase comes before another."""
    return PHASES.index(Phase(phase)) < PHASES.index(other)
