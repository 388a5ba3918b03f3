"""Evaluations as JSON."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import Http404
from ninja import P, QueryEx, Router, Schema

from sankul.core.doors import Request
from sankul.programme.evaluation.models import FundingDecision, Pairing, Robustness, Round, Run
from sankul.programme.evaluation.queries import (
    certainty,
    explanations,
    funding,
    pairings,
    rounds,
    runs,
)
from sankul.programme.indicators.models import Indicator

router = Router(tags=["Evaluation"])


class RunOut(Schema):
    """A published evaluation: what it evaluated, by what, and the digest of its input."""

    programme: str
    is_demonstration: bool
    period: str
    framework: str
    framework_version: str
    computed_at: datetime
    published_at: datetime | None
    engine_version: str
    draws: int
    seed: int
    input_sha256: str

    @staticmethod
    def resolve_programme(run: Run) -> str:
        """Short name of the programme."""
        return run.programme.slug

    @staticmethod
    def resolve_is_demonstration(run: Run) -> bool:
        """Whether it is fictional."""
        return run.programme.is_demonstration

    @staticmethod
    def resolve_period(run: Run) -> str:
        """Label of the period."""
        return run.period.label

    @staticmethod
    def resolve_framework(run: Run) -> str:
        """Identifier of the framework."""
        return run.framework.code

    @staticmethod
    def resolve_framework_version(run: Run) -> str:
        """Version of the framework."""
        return run.framework.version


class StandingOut(Schema):
    """A cluster's place: rank with its 5, 50 and 95 % points, or why it is not ranked."""

    cluster: str
    name: str
    rank: int | None
    rank_low: int | None
    rank_median: int | None
    rank_high: int | None
    score: float | None
    score_low: float | None
    score_high: float | None
    coverage: float
    not_ranked: str

    @staticmethod
    def resolve_cluster(row: Any) -> str:
        """Short name of the cluster."""
        return str(row.cluster.slug)

    @staticmethod
    def resolve_name(row: Any) -> str:
        """Name of the cluster."""
        return str(row.cluster.name)


class RankingOut(Schema):
    """A run with its standings, best first."""

    run: RunOut
    standings: list[StandingOut]


class LikelyOut(Schema):
    """A ranked cluster with the share of draws in which its score is below the threshold."""

    cluster: str
    probability_below: float | None


class IndicesOut(Schema):
    """First-order and total Sobol index of a varied assumption on the mean shift of ranks: value, 5 and 95 % bound."""

    factor: str
    first: tuple[float, float, float] | None
    total: tuple[float, float, float] | None


class RemovalOut(Schema):
    """The ranking without an indicator: mean shift of ranks, pairs that turn round, Kendall's tau; or why not."""

    left_out: str
    shift: float | None = None
    reversed: int | None = None
    tau: float | None = None
    refused: str = ""


class CorrelationOut(Schema):
    """Pearson's correlation of two indicators on the common scale, its p and the number of clusters."""

    one: str
    other: str
    r: float | None
    p: float | None
    n: int


class FlipOut(Schema):
    """A decision and the smallest changes that turn it: of the weights (L1), or of one of the cluster's own values."""

    cluster: str
    over: str | None
    score: float
    bar: float
    distance: float | None
    weights: dict[str, float]
    why_not: str
    indicators: dict[str, float]


class CertaintyOut(Schema):
    """How sure a run is and what drives it; empty where it was computed before this was kept."""

    run: RunOut
    threshold: float | None
    clusters: list[LikelyOut]
    sensitivity: list[IndicesOut]
    sensitivity_draws: int
    sensitivity_exact: bool
    removals: list[RemovalOut]
    correlations: list[CorrelationOut]
    weights: dict[str, float]
    flips: list[FlipOut]


class RecordOut(Schema):
    """A record behind a value."""

    record: str
    on: date
    organisation: str
    role: str
    quantity: str
    unit: str
    evidenced: bool


class ValueOut(Schema):
    """An indicator's value with everything it rests on."""

    indicator: str
    title: str
    unit: str
    measure: str
    statistic: str
    quantity: str
    records: int
    submitted: int
    is_nil: bool
    value: float | None
    denominator: float | None
    normalised: float | None
    weight: float | None
    contribution: float | None
    rows: list[RecordOut]
    more: bool


@router.get("/evaluations", response=list[RunOut], summary="Published evaluations")
def evaluations(request: Request) -> Any:
    """Every published evaluation, the latest period of each programme first."""
    return runs.published(request.actor)[:1000]


@router.get(
    "/evaluations/{programme}/{period}", response=RankingOut, summary="The ranking of a period"
)
def ranking(request: Request, programme: str, period: str) -> Any:
    """The published ranking of a period, with intervals; clusters without a rank come last."""
    run = _run(request, programme, period)
    return {"run": run, "standings": list(runs.standings(run))}


@router.get(
    "/evaluations/{programme}/{period}/certainty",
    response=CertaintyOut,
    summary="How sure a ranking is, and what drives it",
)
def sureness(request: Request, programme: str, period: str) -> Any:
    """Probabilities below the threshold, sensitivity, removals, correlations, weights, and what would turn decisions."""
    run = _run(request, programme, period)
    kept = Robustness.objects.filter(run=run).first() or Robustness(run=run)
    return {
        "run": run,
        **{name: getattr(kept, name) for name in _KEPT},
        "sensitivity_draws": kept.sensitivity_draws or 0,
        "sensitivity_exact": bool(kept.sensitivity_exact),
        "clusters": [
            {"cluster": row.cluster.slug, "probability_below": row.below}
            for row in runs.standings(run)
            if row.rank is not None
        ],
        "flips": [
            {
                **{name: getattr(flip, name) for name in _TURNED},
                "cluster": flip.cluster.slug,
                "over": flip.over.slug if flip.over else None,
            }
            for flip in certainty.flips(run)
        ],
    }


_KEPT = ("threshold", "sensitivity", "removals", "correlations", "weights")
_TURNED = ("score", "bar", "distance", "weights", "why_not", "indicators")


@router.get(
    "/evaluations/{programme}/{period}/{cluster}/{indicator}",
    response=ValueOut,
    summary="One value down to its records",
)
def value(
    request: Request,
    programme: str,
    period: str,
    cluster: str,
    indicator: str,
    offset: QueryEx[int, P(ge=0, le=10_000_000)] = 0,
    limit: QueryEx[int, P(ge=1, le=1000)] = 100,
) -> Any:
    """A value, what it was computed from, and the records behind it (``offset`` and ``limit`` page them)."""
    run = _run(request, programme, period)
    row = run.values.filter(cluster__slug=cluster, indicator=indicator).first()
    item = Indicator.objects.filter(framework=run.framework, code=indicator).first()
    if row is None or item is None:
        raise Http404
    lines = list(explanations.records(run, row.cluster, item.measure)[offset : offset + limit + 1])
    return {
        **{name: getattr(row, name) for name in _COPIED},
        "quantity": f"{row.quantity:f}",
        "title": item.title,
        "unit": item.unit,
        "measure": item.measure,
        "statistic": item.statistic,
        "rows": [_record(line) for line in lines[:limit]],
        "more": len(lines) > limit,
    }


_COPIED = ("indicator", "records", "submitted", "is_nil", "value", "denominator", "normalised",
           "weight", "contribution")  # fmt: skip


def _run(request: Request, programme: str, period: str) -> Run:
    try:
        return runs.find(request.actor, programme, period)
    except Run.DoesNotExist:
        raise Http404 from None


def _record(line: dict[str, Any]) -> dict[str, Any]:
    return line | {
        "organisation": line["organisation__slug"],
        "quantity": f"{line['quantity']:f}",
        "on": line["on"],
    }


class PhaseOut(Schema):
    """A phase of a round: its last day, and when it was in fact left."""

    phase: str
    due_on: date
    left_at: datetime | None


class DecisionOut(Schema):
    """What was decided on a cluster's funding beside what the rule proposed, with the targets of its improvement plan."""

    cluster: str
    proposed: str
    proposed_because: str
    outcome: str
    reason: str
    targets: list[dict[str, Any]]


class PairOut(Schema):
    """A cluster that may learn from another, what, and the points of the index between them."""

    mentor: str
    learner: str
    points: float
    subjects: list[dict[str, Any]]


class RoundOut(Schema):
    """A round: the phase it is in, and its calendar."""

    programme: str
    is_demonstration: bool
    period: str
    phase: str
    phases: list[PhaseOut]


class WholeRoundOut(RoundOut):
    """A round with what was decided, once its result is open to the reader; empty lists before."""

    input_sha256: str
    decisions: list[DecisionOut]
    pairings: list[PairOut]


@router.get("/rounds", response=list[RoundOut], summary="Evaluation rounds")
def list_rounds(request: Request) -> list[dict[str, Any]]:
    """Published rounds, and those in which the reader has a part."""
    found = rounds.visible(request.actor).prefetch_related("deadlines")
    return [_round(one) for one in found]


@router.get("/rounds/{programme}/{period}", response=WholeRoundOut, summary="An evaluation round")
def get_round(request: Request, programme: str, period: str) -> dict[str, Any]:
    """A round with decisions and pairs of mentor and learner."""
    try:
        found = rounds.find(request.actor, programme, period)
    except Round.DoesNotExist:
        raise Http404 from None
    run = Run.objects.visible_to(request.actor).filter(rounds=found).first()
    return _round(found) | {
        "input_sha256": run.input_sha256 if run else "",
        "decisions": [_decision(one) for one in funding.standing_decisions(found)] if run else [],
        "pairings": [_pair(one) for one in pairings.pairings(run)] if run else [],
    }


def _round(found: Round) -> dict[str, Any]:
    return {
        "programme": found.programme.slug,
        "is_demonstration": found.programme.is_demonstration,
        "period": found.period.label,
        "phase": found.phase,
        "phases": list(found.deadlines.all()),
    }


def _decision(one: FundingDecision) -> dict[str, Any]:
    names = ("proposed", "proposed_because", "outcome", "reason")
    return {name: getattr(one, name) for name in names} | {
        "cluster": one.cluster.slug,
        "targets": [
            {"indicator": it.indicator, "start": it.start, "value": it.value, "due_on": it.due_on}
            for it in one.targets.all()
        ],
    }


def _pair(one: Pairing) -> dict[str, Any]:
    return {
        "mentor": one.mentor.slug,
        "learner": one.learner.slug,
        "points": one.points,
        "subjects": one.subjects,
    }
