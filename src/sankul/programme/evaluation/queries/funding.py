"""What the funding rule proposes for each cluster of a round, and what was decided."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import QuerySet

from sankul.programme.evaluation.models import (
    FundingDecision,
    FundingRule,
    Round,
    Run,
    Standing,
    Target,
)
from sankul.programme.evaluation.rules import Outcome, Proposal, RunStatus, Terms, proposal
from sankul.programme.registry.models import Cluster


class Case(NamedTuple):
    """A cluster before the committee: standing, probabilities of this round and those before, what is proposed, and decided."""

    cluster: Cluster
    standing: Standing
    below: list[float | None]
    proposal: Proposal
    decision: FundingDecision | None


def terms(rule: FundingRule) -> Terms:
    """The rule as its figures."""
    return Terms(
        float(rule.plan_probability),
        float(rule.stop_probability),
        rule.stop_years,
        Outcome(rule.unranked),
    )


def cases(found: Round) -> list[Case]:
    """Every cluster of the round's run, best rank first, with what the rule proposes: five queries."""
    if found.run is None or found.rule is None:
        return []
    rows = list(found.run.standings.select_related("cluster"))
    decided = {one.cluster_id: one for one in standing_decisions(found)}
    before = _before(found.run)
    by = terms(found.rule)
    made = []
    for row in rows:
        below = [row.below, *before.get(row.cluster_id, [])]
        made.append(Case(row.cluster, row, below, proposal(by, below), decided.get(row.cluster_id)))
    return made


def standing_decisions(found: Round) -> QuerySet[FundingDecision]:
    """The decisions of a round that stand, with their targets."""
    rows = found.funding_decisions.filter(replaced_at=None).select_related("cluster", "decision")
    return rows.prefetch_related("targets").order_by("cluster__name")


def undecided(found: Round) -> list[str]:
    """Names of clusters whose funding is not decided."""
    return [one.cluster.name for one in cases(found) if one.decision is None]


def changed(found: Round) -> list[str]:
    """Names of clusters for which the rule now proposes something else than when it was decided."""
    return [one.cluster.name for one in cases(found) if is_changed(one)]


def is_changed(case: Case) -> bool:
    """Whether the rule proposes something else than when the decision was taken."""
    return case.decision is not None and case.decision.proposed != case.proposal.outcome


def plans_before(found: Round) -> QuerySet[Target]:
    """The targets of the improvement plans of the round before, which this round's results are held against."""
    earlier = Round.objects.filter(
        programme=found.programme_id, period__starts_on__lt=found.period.starts_on
    ).order_by("-period__starts_on")[:1]
    rows = Target.objects.filter(plan__round__in=earlier.values("pk"), plan__replaced_at=None)
    return rows.select_related("plan__cluster", "plan__round__period").order_by(
        "plan__cluster__name", "due_on", "pk"
    )


def _before(run: Run) -> dict[int, list[float | None]]:
    """Probabilities of the published runs of earlier periods, the latest first, by cluster."""
    rows = Standing.objects.filter(
        run__programme=run.programme_id,
        run__status=RunStatus.PUBLISHED,
        run__period__starts_on__lt=run.period.starts_on,
    ).order_by("-run__period__starts_on")
    found: dict[int, list[float | None]] = {}
    for cluster, below in rows.values_list("cluster", "below"):
        found.setdefault(cluster, []).append(below)
    return found
