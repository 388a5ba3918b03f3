"""Evaluations as JSON."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.http import Http404
from ninja import P, QueryEx, Router, Schema

from sankul.core.doors import Request
from sankul.programme.evaluation.models import Run
from sankul.programme.evaluation.queries import explanations, runs
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
