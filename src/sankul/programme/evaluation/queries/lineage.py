"""Lineage: from a value down to the evidence it was computed from, and from a claim up to every figure it moved.

Both read the file of records that the run froze, so that they tell what was evaluated, whatever happened to the records since.
What a reader may not open is named by its record alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Prefetch

from sankul.core.measures import MEASURES
from sankul.core.models import Document
from sankul.core.rules.roles import Actor
from sankul.programme.evaluation.models import Run, Standing, Value
from sankul.programme.evidence.models import Sampled
from sankul.programme.indicators.models import Indicator
from sankul.programme.indicators.rules import Statistic
from sankul.programme.outcomes.models import Attachment, Claim
from sankul.programme.registry.models import Cluster

CLAIM = "claim/"
PAGE = 50
ADDED_UP = frozenset({Statistic.SUM, Statistic.PER_MONTH})


class Source(NamedTuple):
    """A record behind a value, as it was frozen, with what the reader may see of it now."""

    record: str
    organisation: str
    on: date | None
    quantity: float
    role: str
    is_evidenced: bool
    claim: Claim | None
    documents: Sequence[Document]
    sampled: Sampled | None


class Chain(NamedTuple):
    """A value with one page of the records behind it, largest first."""

    run: Run
    value: Value
    indicator: Indicator
    standing: Standing
    sources: list[Source]
    total: int
    page: int

    @property
    def last(self) -> int:
        """The last page."""
        return max(1, -(-self.total // PAGE))


class Moved(NamedTuple):
    """A figure that a claim moved: in which run, whose, by how much of its quantity and by how many points of the score.

    ``share`` is the claim's part of what was added up or counted, ``points`` the part of the value's points that rests on it;
    both are None where a statistic cannot be shared out (a mean, a number of different organisations), and for a denominator.
    """

    run: Run
    cluster: Cluster
    indicator: Indicator
    value: Value
    quantity: float
    is_denominator: bool
    share: float | None
    points: float | None


def down(actor: Actor, run: Run, cluster: Cluster, code: str, page: int = 1) -> Chain:
    """A value of a run down to its evidence. Raises Value.DoesNotExist or Indicator.DoesNotExist."""
    indicator = run.framework.indicators.get(code=code)
    value = run.values.select_related("cluster").get(cluster=cluster, indicator=code)
    rows, total = _frozen(run, indicator.measure, cluster, page)
    claims = _claims(actor, rows)
    sampled = _sampled(actor, claims.values())
    others = _documents(indicator.measure, rows)
    sources = [_source(row, claims, sampled, others) for row in rows]
    standing = run.standings.select_related("cluster").get(cluster=cluster)
    return Chain(run, value, indicator, standing, sources, total, page)


def up(actor: Actor, claim: Claim) -> list[Moved]:
    """Every figure that a claim moved, in the runs that the actor may see, the latest run first."""
    runs = (
        Run.objects.visible_to(actor)
        .filter(
            programme=claim.programme_id,
            period__starts_on__lte=claim.on,
            period__ends_on__gte=claim.on,
        )
        .select_related("programme", "period", "framework", "records")
        .order_by("-computed_at")
    )
    return [moved for run in runs for moved in _moved(run, claim)]


def _moved(run: Run, claim: Claim) -> list[Moved]:
    credited = _credited(run, claim)
    if not credited:
        return []
    clusters = {cluster.slug: cluster for cluster in run.programme.clusters.all()}
    resting = {
        item.code: item
        for item in run.framework.indicators.all()
        if claim.kind in (item.measure, item.denominator)
    }
    values = run.values.filter(indicator__in=resting, cluster__slug__in=credited)
    found = []
    for value in values.select_related("cluster").order_by("cluster__name", "indicator"):
        quantity = credited[value.cluster.slug]
        item = resting[value.indicator]
        found.append(_figure(run, clusters[value.cluster.slug], item, value, quantity, claim.kind))
    return found


def _figure(
    run: Run, cluster: Cluster, item: Indicator, value: Value, quantity: float, kind: str
) -> Moved:
    is_denominator = item.measure != kind
    share = None if is_denominator else _share(item, value, quantity)
    points = (
        share * value.contribution if share is not None and value.contribution is not None else None
    )
    return Moved(run, cluster, item, value, quantity, is_denominator, share, points)


def _share(item: Indicator, value: Value, quantity: float) -> float | None:
    if item.statistic in ADDED_UP:
        return quantity / float(value.quantity) if value.quantity else None
    if item.statistic == Statistic.COUNT:
        return 1 / value.records if value.records and quantity else None
    return None


def _scan(run: Run) -> Any:
    """The run's frozen records, not read yet; None where none were kept."""
    import polars as pl  # noqa: PLC0415  takes longer to load than a page to answer

    if run.records is None:
        return None
    with run.records.open() as file:
        return pl.scan_parquet(file.read())


def _frozen(
    run: Run, measure: str, cluster: Cluster, page: int
) -> tuple[list[dict[str, Any]], int]:
    """One page of the frozen rows of a measure that credit a cluster, the largest first, and how many there are."""
    import polars as pl  # noqa: PLC0415

    scan = _scan(run)
    if scan is None:
        return [], 0
    rows = scan.filter((pl.col("measure") == measure) & (pl.col("cluster") == cluster.slug))
    ordered = rows.sort(["quantity", "record", "organisation"], descending=[True, False, False])
    taken = ordered.slice((page - 1) * PAGE, PAGE)
    found, counted = pl.collect_all([taken, rows.select(pl.len())])
    return found.to_dicts(), int(counted.item())


def _credited(run: Run, claim: Claim) -> dict[str, float]:
    """What the frozen records credit with a claim, by cluster; only what counted."""
    import polars as pl  # noqa: PLC0415

    scan = _scan(run)
    if scan is None:
        return {}
    rows = scan.filter((pl.col("record") == f"{CLAIM}{claim.pk}") & pl.col("evidenced"))
    summed = rows.group_by("cluster").agg(pl.col("quantity").sum()).collect()
    return {row["cluster"]: float(row["quantity"]) for row in summed.to_dicts()}


def _claims(actor: Actor, rows: Iterable[dict[str, Any]]) -> dict[str, Claim]:
    """The claims among the records that the actor may see, with their documents, by record."""
    numbers = {
        int(row["record"].removeprefix(CLAIM)) for row in rows if row["record"].startswith(CLAIM)
    }
    seen = Claim.objects.visible_to(actor).filter(pk__in=numbers)
    attached = Prefetch("attachments", Attachment.objects.select_related("document"))
    found = seen.select_related("cluster", "programme").prefetch_related(attached)
    return {f"{CLAIM}{claim.pk}": claim for claim in found}


def _sampled(actor: Actor, claims: Iterable[Claim]) -> dict[int, Sampled]:
    """The claims that came into a sample, as far as the actor may see it."""
    seen = Sampled.objects.visible_to(actor).filter(claim__in=[claim.pk for claim in claims])
    return {row.claim_id: row for row in seen.select_related("verification__period")}


def _documents(measure: str, rows: Iterable[dict[str, Any]]) -> dict[str, Sequence[Document]]:
    """The documents of records that are no claims."""
    others = [row["record"] for row in rows if not row["record"].startswith(CLAIM)]
    found = MEASURES.get(measure)
    return dict(found.documents(others)) if found and others else {}


def _source(
    row: dict[str, Any],
    claims: dict[str, Claim],
    sampled: dict[int, Sampled],
    others: dict[str, Sequence[Document]],
) -> Source:
    claim = claims.get(row["record"])
    attached = [one.document for one in claim.attachments.all()] if claim else []
    documents = [one for one in attached if one is not None] or others.get(row["record"], ())
    return Source(
        record=row["record"],
        organisation=row["organisation"],
        on=row["on"],
        quantity=float(row["quantity"]),
        role=row["role"],
        is_evidenced=bool(row["evidenced"]),
        claim=claim,
        documents=documents,
        sampled=sampled.get(claim.pk) if claim else None,
    )
