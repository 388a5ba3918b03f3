"""The population of a verification: which claims it holds, how far each can move an index, and what each credits to whom."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, Sum

from sankul.core.models import Document
from sankul.engines import sampling
from sankul.programme.evidence.models import Verification
from sankul.programme.evidence.rules import Design
from sankul.programme.indicators.queries.frameworks import in_force
from sankul.programme.indicators.queries.worth import Slope, slopes
from sankul.programme.indicators.rules import Statistic
from sankul.programme.outcomes.models import Claim, Credit
from sankul.programme.outcomes.rules import KINDS, RECORDED_BY, ClaimStatus
from sankul.programme.registry.models import Period

FLOOR_POINTS = 0.01
"""The least size of a claim, so that each has a chance: one that cannot move an index today may serve another tomorrow."""
CERTAIN = "/all"
AMOUNTS_HEAD = ("id", "claim", "kind", "cluster", "quantity", "credited", "records")


class Member(NamedTuple):
    """A claim of the population: its id there, its number, kind, claiming cluster and claimed quantity."""

    id: str
    claim: int
    kind: str
    cluster: str
    quantity: Decimal


class Credited(NamedTuple):
    """What a claim credits to a cluster, in how many records."""

    id: str
    cluster: str
    quantity: Decimal
    records: int


class Frozen(NamedTuple):
    """A population as it is when the claims close: its claims, what they credit, and what a sample is drawn from."""

    members: list[Member]
    credited: list[Credited]
    population: sampling.Population | None

    @property
    def census(self) -> list[str]:
        """The strata of which every claim is verified."""
        return census(self.population) if self.population else []


def claims(period: Period) -> list[Member]:
    """Claims of a period that count and that nobody has judged yet, but for those that the evaluator himself records."""
    rows = Claim.objects.filter(
        programme=period.programme_id,
        on__range=(period.starts_on, period.ends_on),
        status=ClaimStatus.SUBMITTED,
        is_evidenced=True,
    ).exclude(kind__in=RECORDED_BY)
    columns = ("cluster__slug", "reference", "pk", "kind", "quantity")
    return [
        Member(_id(slug, reference, number), number, kind, slug, quantity)
        for slug, reference, number, kind, quantity in rows.order_by("pk").values_list(*columns)
    ]


def frozen(period: Period, design: Design) -> Frozen:
    """The population of a period as it is now: four queries, and what each kind is worth to each cluster."""
    members = claims(period)
    credited = _credited(members)
    if not members:
        return Frozen([], [], None)
    sizes = _sizes(period, members, credited)
    population = sampling.Population.of(
        [one.id for one in members],
        [_stratum(one, sizes[one.id], design) for one in members],
        [sizes[one.id] for one in members],
    )
    return Frozen(members, credited, population)


def plan(population: sampling.Population, design: Design) -> sampling.Plan:
    """The smallest plan that is as exact as the design wishes."""
    return sampling.plan_for(
        population,
        half_width=float(design.precision),
        overstatement=float(design.expected_overstatement),
        confidence=float(design.confidence),
        minimum=design.least_per_stratum,
        census=census(population),
    )


def census(population: sampling.Population) -> list[str]:
    """The strata of which every claim is verified."""
    return [name for name in population.strata if name.endswith(CERTAIN)]


def amounts_text(found: Frozen) -> str:
    """The file of what the claims credit to whom (CSV): one line for each claim and credited cluster."""
    by_id = {one.id: one for one in found.members}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(AMOUNTS_HEAD)
    for one in sorted(found.credited):
        claim = by_id[one.id]
        plain = (f"{claim.quantity:f}", f"{one.quantity:f}")
        writer.writerow((one.id, claim.claim, claim.kind, one.cluster, *plain, one.records))
    return out.getvalue()


def read_population(verification: Verification) -> sampling.Population:
    """The population that was frozen, from its file."""
    rows = list(_rows(verification.population))
    return sampling.Population.of(
        [row["id"] for row in rows],
        [row["stratum"] for row in rows],
        [float(row["size"]) for row in rows],
        [float(row["claimed"]) for row in rows],
    )


class Amount(NamedTuple):
    """A line of the frozen amounts."""

    id: str
    claim: int
    kind: str
    cluster: str
    quantity: Decimal
    credited: Decimal
    records: int


def read_amounts(verification: Verification) -> list[Amount]:
    """What the claims credited to whom when they closed, from its file."""
    return [
        Amount(
            row["id"], int(row["claim"]), row["kind"], row["cluster"],
            Decimal(row["quantity"]), Decimal(row["credited"]), int(row["records"]),
        )
        for row in _rows(verification.amounts)
    ]  # fmt: skip


def text_of(document: Document | None) -> str:
    """The text of a frozen file; nothing where none is frozen yet."""
    if document is None:
        return ""
    with document.open() as file:
        content: bytes = file.read()
    return content.decode()


def _rows(document: Document | None) -> Iterable[dict[str, str]]:
    return csv.DictReader(io.StringIO(text_of(document)))


def _id(slug: str, reference: str, number: int) -> str:
    return f"{slug}:{reference}" if reference.isprintable() else f"{slug}:claim {number}"


def _stratum(one: Member, size: float, design: Design) -> str:
    name = f"{one.cluster}/{KINDS[one.kind].outcome:02d}"
    from_points = design.certainty_points
    return name + CERTAIN if from_points is not None and size >= from_points else name


def _credited(members: list[Member]) -> list[Credited]:
    """What the claims credit to each cluster, all its organisations together."""
    ids = {one.claim: one.id for one in members}
    rows = Credit.objects.filter(claim__in=ids).order_by().values("claim", "cluster__slug")
    return [
        Credited(ids[row["claim"]], row["cluster__slug"], row["total"], row["records"])
        for row in rows.annotate(total=Sum("quantity"), records=Count("pk"))
    ]


def _sizes(period: Period, members: list[Member], credited: list[Credited]) -> Mapping[str, float]:
    """How many points of an index each claim can move, over all clusters that it credits; never less than the floor.

    By the framework in force, whichever way the points go; two queries for each cluster at most, and one.
    """
    kinds = {one.id: one.kind for one in members}
    sizes: dict[str, float] = dict.fromkeys(kinds, 0.0)
    framework = in_force(period.programme)
    if framework is not None:
        found = {
            one.slug: slopes(framework, period, one) for one in period.programme.clusters.all()
        }
        fresh = _fresh(members)
        for one in credited:
            moved = found[one.cluster].get(kinds[one.id], [])
            share = fresh.get((one.cluster, kinds[one.id]), 1.0)
            sizes[one.id] += sum(_points(slope, one, share) for slope in moved)
    return {name: max(round(size, 6), FLOOR_POINTS) for name, size in sizes.items()}


def _fresh(members: list[Member]) -> dict[tuple[str, str], float]:
    """How many organisations there are for each credited record, by cluster and kind."""
    rows = Credit.objects.filter(claim__in=[one.claim for one in members]).order_by()
    counted = rows.values("cluster__slug", "kind").annotate(
        records=Count("pk"), bodies=Count("organisation", distinct=True)
    )
    return {(row["cluster__slug"], row["kind"]): row["bodies"] / row["records"] for row in counted}


def _points(slope: Slope, one: Credited, fresh: float) -> float:
    """Points that a claim's credit to a cluster can move; where organisations are counted, its part of one of them."""
    points = slope.points(one.quantity)
    if points is None:
        return 0.0
    if slope.statistic == Statistic.ORGANISATIONS:
        return abs(float(points)) * one.records * fresh
    return abs(float(points)) * (one.records if slope.is_by_record else 1)
