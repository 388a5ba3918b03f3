"""Computing a run: freeze the records, run the engine, store the whole result."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.db import connection, models, transaction
from django.utils.translation import gettext as _

import sankul
from sankul.core.actions import documents, events
from sankul.core.models import Document
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.engines import composite
from sankul.programme.evaluation.models import NodeScore, Round, Run, Standing, Value
from sankul.programme.evaluation.rules import (
    COMPUTE_RUN,
    PUBLISH_RUN,
    RunStatus,
    why_not_by,
    why_not_in_round,
    why_not_publish,
)
from sankul.programme.indicators.models import Framework, Indicator
from sankul.programme.indicators.queries.tallies import Values, measures, snapshot, values
from sankul.programme.indicators.rules import FrameworkStatus
from sankul.programme.registry.models import Period

from . import package as packages
from . import robustness
from .lock import only_one
from .robustness import Progress, Robust

DRAWS = 10_000
SEED = 2020  # the year in which the programme was launched; any number serves, if told beforehand
MAX_FILE_BYTES = 2**40


@dataclass(frozen=True)
class Computed:
    """A result that is not stored yet."""

    found: Values
    package: composite.Package
    result: composite.Result
    uncertainty: composite.Uncertainty | None
    robust: Robust


def evaluations(framework: Framework) -> int:
    """How many evaluations the draws of a run and its sensitivity take, as ``progress`` is told."""
    return robustness.evaluations(composite.parse(framework.source), DRAWS)


def compute(
    *,
    actor: Actor | None,
    period: Period,
    framework: Framework,
    at: datetime,
    draws: int = DRAWS,
    seed: int = SEED,
    progress: Progress | None = None,
) -> Run:
    """Evaluate the clusters of a period by an approved framework and store the run, not yet published.

    All reads see one state of the database. Everything is stored in one transaction at the end: a crash before leaves no trace.
    Raises Refused when the framework is not approved, belongs to another programme, is not the one that the period's round is
    bound to, does not fit the data, or another evaluation of the period is running. ``actor`` None is the operator.
    """
    if actor is not None:
        require(actor, COMPUTE_RUN, *framework.scopes)
    if framework.status == FrameworkStatus.DRAFT:
        raise Refused(_("The framework is not approved yet by the apex committee."))
    if framework.programme_id != period.programme_id:
        raise Refused(_("The framework belongs to another programme."))
    bound = Round.objects.filter(period=period).values_list("framework", flat=True).first()
    why_not_by(bound=bound is not None, is_bound=bound == framework.pk).enforce()
    with (
        only_one(period),
        tempfile.TemporaryDirectory(prefix="sankul-") as folder,
        ThreadPoolExecutor(1) as meanwhile,
    ):
        wanted = packages.wanted(framework)
        with snapshot():
            text = packages.records(period, measures(wanted), Path(folder))
            frozen = meanwhile.submit(packages.frozen, text)
            found = values(period, wanted)
        computed = evaluate(framework, found, draws=draws, seed=seed, progress=progress)
        with frozen.result().open("rb") as file:
            kept = _keep(actor, file, _file_name(period, "records.parquet"), at)
        zipped = _keep(
            actor, packages.zipped(computed.package), _file_name(period, "package.zip"), at
        )
        return _store(actor, period, framework, computed, (zipped, kept), at)


def evaluate(
    framework: Framework,
    found: Values,
    *,
    draws: int,
    seed: int,
    progress: Progress | None = None,
) -> Computed:
    """Run the engine on values: no database, nothing stored."""
    package = packages.assemble(framework, found)
    try:
        result = composite.run(package.spec, package.frame)
        uncertainty = (
            composite.uncertainty(
                package.spec,
                package.frame,
                draws=draws,
                seed=seed,
                progress=progress,
                outranking=False,  # not stored
            )
            if draws and result.ranking()
            else None
        )
        robust = robustness.measured(package, result, draws=draws, seed=seed, progress=progress)
    except composite.PackageError as error:
        raise Refused(str(error)) from error
    return Computed(found, package, result, uncertainty, robust)


@transaction.atomic
def publish(*, actor: Actor | None, run: Run, at: datetime) -> Run:
    """Publish a computed run; the run published before for the same period is retired, not deleted.

    Raises Refused if it is not merely computed, or if records changed since: then the values would no longer open
    down to what they were computed from. Where the period has a round, it is the run that the round has sealed, whatever
    changed since, and the round must be so far.
    """
    if actor is not None:
        require(actor, PUBLISH_RUN, *run.scopes)
    run = Run.objects.select_for_update().select_related("period", "framework").get(pk=run.pk)
    in_round = Round.objects.select_for_update().filter(period=run.period).first()
    if in_round is not None:
        its_run = in_round.run_id == run.pk
        why_not_in_round(phase=in_round.phase, is_its_run=its_run).enforce()
    changed = in_round is None and not is_fresh(run)
    why_not_publish(status=run.status, records_changed=changed).enforce()
    Run.objects.filter(period=run.period, status=RunStatus.PUBLISHED).update(
        status=RunStatus.RETIRED
    )
    run.status, run.published_at = RunStatus.PUBLISHED, at
    run.save(update_fields=["status", "published_at"])
    Period.objects.filter(pk=run.period_id, opened_at=None).update(opened_at=at)
    events.record(
        actor=actor,
        verb="run.published",
        subject=run,
        at=at,
        scopes=run.scopes,
        data={"period": run.period_id, "input_sha256": run.input_sha256},
    )
    return run


def is_fresh(run: Run) -> bool:
    """Whether the run rests on the records as they are now."""
    found = values(run.period, packages.wanted(run.framework))
    return packages.assemble(run.framework, found).digest == run.input_sha256


def _keep(actor: Actor | None, file: IO[bytes], name: str, at: datetime) -> Document:
    return documents.keep(actor=actor, file=file, name=name, at=at, max_bytes=MAX_FILE_BYTES)


def _file_name(period: Period, ending: str) -> str:
    return f"{period.programme.slug}-{period.label}-{ending}"


@transaction.atomic
def _store(
    actor: Actor | None,
    period: Period,
    framework: Framework,
    computed: Computed,
    kept: tuple[Document, Document],
    at: datetime,
) -> Run:
    uncertainty = computed.uncertainty
    run = Run.objects.create(
        programme=period.programme,
        period=period,
        framework=framework,
        computed_at=at,
        computed_by=actor.user if actor else None,
        engine_version=sankul.__version__,
        draws=uncertainty.draws if uncertainty else 0,
        seed=uncertainty.seed if uncertainty else SEED,
        input_sha256=computed.package.digest,
        package=kept[0],
        records=kept[1],
        log=[dict(item) for item in computed.result.log],
    )
    ids = {cluster.slug: cluster.pk for cluster in computed.found.clusters}
    robustness.store(run, computed.package, computed.result, uncertainty, computed.robust, ids)
    _copy(Standing, _standings(run, computed))
    _copy(NodeScore, _node_scores(run, computed))
    _copy(Value, _values(run, computed, list(framework.indicators.all())))
    events.record(
        actor=actor,
        verb="run.computed",
        subject=run,
        at=at,
        scopes=run.scopes,
        data={
            "period": period.pk,
            "framework": framework.sha256,
            "input_sha256": run.input_sha256,
            "engine": run.engine_version,
            "seed": run.seed,
            "draws": run.draws,
        },
    )
    return run


def _standings(run: Run, computed: Computed) -> Iterable[dict[str, Any]]:
    result, uncertainty = computed.result, computed.uncertainty
    ids = {cluster.slug: cluster.pk for cluster in computed.found.clusters}
    for unit in result.units:
        reason = result.not_ranked.get(unit)
        row: dict[str, Any] = {
            "run_id": run.pk,
            "cluster_id": ids[unit],
            "score": result.scores.at(unit, result.root),
            "rank": _whole(result.ranks.at(unit, result.root)),
            "coverage": result.coverage[unit],
            "not_ranked": str(reason["reason"]).partition(":")[0] if reason else "",
            "acceptability": "[]",
        }
        if uncertainty is not None and reason is None:
            row |= _intervals(uncertainty, unit)
        yield row


def _intervals(uncertainty: composite.Uncertainty, unit: str) -> dict[str, Any]:
    k = uncertainty.units.index(unit)
    low, _median, high = (_known(x) for x in uncertainty.score_interval[k].tolist())
    ranks = [_whole(_known(x)) for x in uncertainty.rank_interval[k].tolist()]
    shares = uncertainty.acceptability[k].round(6).tolist()
    below = uncertainty.probability_below
    return {
        "score_low": low,
        "score_high": high,
        "rank_low": ranks[0],
        "rank_median": ranks[1],
        "rank_high": ranks[2],
        "acceptability": str(shares),
        "below": None if below is None else _known(below[k]),
    }


def _node_scores(run: Run, computed: Computed) -> Iterable[dict[str, Any]]:
    result = computed.result
    ids = {cluster.slug: cluster.pk for cluster in computed.found.clusters}
    scores, ranks = result.scores.values.tolist(), result.ranks.values.tolist()
    for k, unit in enumerate(result.units):
        for j, node in enumerate(result.scores.columns):
            yield {
                "run_id": run.pk,
                "cluster_id": ids[unit],
                "node": node,
                "score": _known(scores[k][j]),
                "rank": _whole(_known(ranks[k][j])),
            }


def _values(run: Run, computed: Computed, indicators: list[Indicator]) -> Iterable[dict[str, Any]]:
    found, result = computed.found, computed.result
    on_scale = _lookup(result.stages["normalise"])
    points = _lookup(result.contributions[result.root])
    for cluster in found.clusters:
        for item in indicators:
            tally = found.tallies[item.measure].get(cluster.pk)
            yield {
                "run_id": run.pk,
                "cluster_id": cluster.pk,
                "indicator": item.code,
                "quantity": tally.quantity if tally else 0,
                "records": tally.records if tally else 0,
                "submitted": tally.submitted if tally else 0,
                "is_nil": bool(tally and tally.is_nil),
                "value": found.values[item.code][cluster.pk],
                "denominator": found.denominators[item.denominator][cluster.pk]
                if item.denominator
                else None,
                "normalised": on_scale(cluster.slug, item.code),
                "weight": result.effective_weights[item.code],
                "contribution": points(cluster.slug, item.code),
            }


def _lookup(table: composite.Table) -> Callable[[str, str], float | None]:
    rows = {unit: k for k, unit in enumerate(table.units)}
    columns = {name: j for j, name in enumerate(table.columns)}

    def at(unit: str, column: str) -> float | None:
        k = rows.get(unit)
        return None if k is None else _known(table.values[k, columns[column]])

    return at


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _copy(model: type[models.Model], rows: Iterable[dict[str, Any]]) -> None:
    """Store rows; ``rows`` must not ask the database, whose connection is busy taking them."""
    with connection.cursor() as cursor:
        columns = [f.column for f in model._meta.concrete_fields if f.column and not f.primary_key]
        listed = ", ".join(f'"{column}"' for column in columns)
        with cursor.copy(f'COPY "{model._meta.db_table}" ({listed}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row([row.get(column) for column in columns])
