"""The funding rule: what is proposed for a cluster, what may be decided, and what a plan must say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _t

from sankul.core.formats import percent
from sankul.core.rules.verdicts import ALLOWED, Verdict, refused

from .phases import Phase
from .words import Outcome


class Terms(NamedTuple):
    """A funding rule as its figures: two probabilities of a score below the threshold, rounds in a row, and what is proposed for
    who cannot be ranked."""

    plan_probability: float
    stop_probability: float
    stop_years: int
    unranked: Outcome


class Proposal(NamedTuple):
    """What the rule proposes, and why in words."""

    outcome: Outcome
    because: str


def proposal(terms: Terms, below: Sequence[float | None]) -> Proposal:
    """What the rule proposes for a cluster whose probabilities were ``below``, this round's first, then those before.

    None stands for a round in which it was not ranked, which breaks a row: funding never ends for what is not known.
    """
    now = below[0] if below else None
    if now is None:
        return Proposal(
            terms.unranked,
            _t("Evidence is missing for a rank, and the rule names this for such a case."),
        )
    row = 0
    for one in below:
        if one is None or one < terms.stop_probability:
            break
        row += 1
    told = {"now": percent(now), "plan": percent(terms.plan_probability)}
    if row >= terms.stop_years:
        words = _t(
            "In %(row)d rounds in a row its score was below the threshold with a probability of %(stop)s or more; "
            "the rule allows fewer than %(years)d."
        )
        return Proposal(
            Outcome.DISCONTINUE,
            words
            % {"row": row, "stop": percent(terms.stop_probability), "years": terms.stop_years},
        )
    if now >= terms.plan_probability:
        words = _t(
            "Its score is below the threshold with a probability of %(now)s; from %(plan)s on the rule asks for a plan."
        )
        return Proposal(Outcome.PLAN, words % told)
    words = _t(
        "Its score is below the threshold with a probability of %(now)s, less than the %(plan)s of the rule."
    )
    return Proposal(Outcome.CONTINUE, words % told)


def why_not_rule_terms(
    *, plan: Decimal, stop: Decimal, years: int, is_apex: bool, version: str
) -> Verdict:
    """Whether a funding rule may be approved with these terms; ``is_apex``: by a decision of the programme's own committee."""
    if not version.strip():
        return refused(_t("Name the version of the rule."))
    if not 0 < plan <= stop <= 1:
        return refused(
            _t(
                "Probabilities lie above 0 and not above 1, and that which ends funding is not the smaller one."
            )
        )
    if years < 2:
        return refused(
            _t(
                "Funding ends after two rounds in a row at the earliest: a failed experiment is accepted."
            )
        )
    if not is_apex:
        return refused(
            _t("A funding rule is approved by a decision of the programme's apex committee.")
        )
    return ALLOWED


class Aim(NamedTuple):
    """A target of an improvement plan: an indicator of the framework, the value to reach, and by which day."""

    indicator: str
    value: float
    due_on: date


def why_not_decide(
    *,
    phase: str,
    outcome: str,
    proposed: str,
    reason: str,
    standing: bool,
    is_changed: bool,
) -> Verdict:
    """Whether a cluster's funding may be decided so.

    ``standing``: it is decided; ``is_changed``: the rule proposes something else since.
    """
    if outcome not in Outcome.values:
        return refused(_t("Choose one of the outcomes that the rule knows."))
    if phase not in (Phase.DECISION, Phase.APPEALS):
        return refused(
            _t("Funding is decided when the evaluation is sealed. The round is in “%s”.")
            % Phase(phase).label
        )
    if phase == Phase.APPEALS and not is_changed:
        return refused(
            _t(
                "The decision is published. It is taken again where an appeal changed what the rule proposes."
            )
        )
    if phase == Phase.DECISION and standing:
        return refused(_t("The funding of this cluster is decided already."))
    if outcome != proposed and not reason.strip():
        return refused(_t("This departs from what the rule proposes. Give the reason in writing."))
    return ALLOWED


def why_not_plan(
    *, outcome: str, targets: Sequence[Aim], known: Sequence[str], today: date
) -> Verdict:
    """Whether these targets make an improvement plan: some, each of an indicator of the framework, dated, each once."""
    if outcome != Outcome.PLAN:
        if targets:
            return refused(_t("Targets belong to an improvement plan."))
        return ALLOWED
    if not targets:
        return refused(_t("An improvement plan has at least one target with its day."))
    codes = [one.indicator for one in targets]
    if strange := sorted(set(codes) - set(known)):
        return refused(_t("The framework has no such indicator: %s.") % ", ".join(strange))
    if len(set(codes)) < len(codes):
        return refused(_t("Each indicator has one target."))
    if any(one.due_on <= today for one in targets):
        return refused(_t("A target's day lies in the future."))
    return ALLOWED
