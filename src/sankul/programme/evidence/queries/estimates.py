"""What stands of the claims, estimated from the sample: by cluster and measure, and as bounds for the evaluation."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import QuerySet

from sankul.core.rules.roles import Actor
from sankul.engines import sampling
from sankul.programme.evidence.models import Estimate, Sampled, Verification
from sankul.programme.evidence.rules import DONE_STAGES
from sankul.programme.registry.models import Period

from .population import Amount, read_amounts, read_population

Bounds = dict[str, dict[int, tuple[float, float]]]
"""Lower and upper limits of credited totals, by measure and cluster id."""
Of = Estimate.Of
TINY = 1e-9


@dataclass(frozen=True)
class Material:
    """What an estimate is made of: the frozen population and amounts, the sample, and the share of each claim that stands."""

    population: sampling.Population
    sample: sampling.Sample
    amounts: Sequence[Amount]
    stands: Mapping[str, float]
    confidence: float


def bounds(period: Period, of: str = Of.QUANTITY) -> Bounds:
    """Limits of what stands of each measure's credited total (or of its credited records) by cluster, once it is estimated.

    What was looked at is known. What was not stands to a share that lies between the limits of that share over all claims of the
    cluster, weighed by points: an index adds up dozens of totals, and limits that hold each of them alone would be far too wide
    for all of them at once.

    Nothing where nothing was sampled, and nothing before the estimate. Findings of the sample are in the caller's value already,
    the share of the rest is not, so that the value may lie outside: the caller widens the limits to hold it.
    """
    rows = Estimate.objects.filter(
        verification__period=period,
        verification__stage__in=DONE_STAGES,
        of__in=(of, Of.POINTS),
        verified__isnull=False,
    ).order_by()
    estimates = list(rows)
    shares = {one.cluster_id: _standing(one) for one in estimates if one.of == Of.POINTS}
    found: Bounds = {}
    for one in estimates:
        if one.of == of and one.cluster_id in shares:
            found.setdefault(one.measure, {})[one.cluster_id] = _ends(one, shares[one.cluster_id])
    return found


def _standing(one: Estimate) -> tuple[float, float]:
    """The limits of the share that stands of what nobody looked at."""
    unseen = one.claimed - one.seen
    if unseen <= TINY or one.low is None or one.high is None:
        return 1.0, 1.0
    low, high = ((end - one.known) / unseen for end in (one.low, one.high))
    return _within(low), _within(high)


def _ends(one: Estimate, shares: tuple[float, float]) -> tuple[float, float]:
    unseen = max(one.claimed - one.seen, 0.0)
    low, high = (one.known + share * unseen for share in shares)
    return low, high


def visible(actor: Actor, verification: Verification) -> QuerySet[Estimate]:
    """The estimates of a verification, as far as the actor may see them."""
    rows = Estimate.objects.visible_to(actor).filter(verification=verification)
    return rows.select_related("cluster")


def estimated(verification: Verification) -> list[Estimate]:
    """The estimates of a verification whose claims are all settled, not stored yet."""
    made = material(verification)
    clusters = {one.slug: one.pk for one in verification.programme.clusters.all()}
    found = [
        *_by_measure(made, Of.QUANTITY, [float(one.credited) for one in made.amounts], made.stands),
        *_by_measure(
            made,
            Of.RECORDS,
            [float(one.records) for one in made.amounts],
            {name: float(share > 0) for name, share in made.stands.items()},
        ),
        *_by_cluster(made),
    ]
    for slug, one in found:
        one.verification, one.cluster_id = verification, clusters[slug]
    return [one for _slug, one in found]


def material(verification: Verification) -> Material:
    """Read back the frozen files and the sample with its findings."""
    population, amounts = read_population(verification), read_amounts(verification)
    name_of = {one.claim: one.id for one in amounts}
    rows = {name_of[one.claim_id]: one for one in verification.sample.all()}
    place = {name: k for k, name in enumerate(population.ids)}
    ids = tuple(sorted(rows, key=place.__getitem__))
    sample = sampling.Sample(
        verification.seed,
        ids,
        np.array([place[name] for name in ids], dtype=np.int64),
        np.array([rows[name].probability for name in ids]),
    )
    stands = {name: _share(rows[name]) for name in ids}
    return Material(population, sample, amounts, stands, float(verification.confidence))


def _share(one: Sampled) -> float:
    return float((one.verified_quantity or 0) / one.quantity)


Found = list[tuple[str, Estimate]]


def _by_measure(
    made: Material, of: str, claimed: Sequence[float], stands: Mapping[str, float]
) -> Found:
    """One estimate for each cluster and measure; what a claim credits to others is in theirs."""
    domains = [f"{one.cluster}|{one.kind}" for one in made.amounts]
    amounts = sampling.Amounts.of(
        made.population, [one.id for one in made.amounts], domains, claimed
    )
    found = sampling.estimate(
        made.population, made.sample, stands, amounts, confidence=made.confidence
    )
    counts, drawn = Counter(domains), set(made.sample.ids)
    seen: dict[str, list[float]] = {name: [] for name in domains}
    for name, one, amount in zip(domains, made.amounts, claimed, strict=True):
        if one.id in drawn:
            seen[name].append(amount)
    return [_estimate(found.of(name), of, counts[name], seen[name]) for name in found.domains]


def _estimate(
    one: sampling.Estimate, of: str, claims: int, seen: Sequence[float]
) -> tuple[str, Estimate]:
    slug, measure = one.domain.split("|")
    made = Estimate(measure=measure, of=of, claims=claims, sampled=len(seen))
    made.claimed, made.seen, made.known = one.claimed, sum(seen), one.known
    if seen and one.claimed and one.basis != "pooled":
        made.verified, made.low, made.high = one.value, one.low, one.high
        made.overstatement = _within(1 - one.value / one.claimed)
        made.overstatement_high = _within(1 - one.low / one.claimed)
    return slug, made


def _by_cluster(made: Material) -> Found:
    """What the claims made by each cluster can move indices by, with Stringer's bound of how much of that is overstated."""
    cluster_of = [made.population.strata[k].split("/")[0] for k in made.population.stratum]
    return [
        (slug, _points(made, np.array([one == slug for one in cluster_of])))
        for slug in sorted(set(cluster_of))
    ]


def _points(made: Material, own: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Estimate:
    population, sample = _part(made, own)
    stands = {name: made.stands[name] for name in sample.ids}
    total = float(population.size.sum())
    one = Estimate(
        measure="", of=Of.POINTS, claims=len(population), sampled=len(sample.ids), claimed=total
    )
    one.seen = float(population.size[sample.rows].sum())
    if sample.ids:
        found = sampling.estimate(population, sample, stands, confidence=made.confidence).of("")
        most = sampling.overstatement(population, sample, stands, confidence=made.confidence)
        one.known, one.verified = found.known, found.value
        one.low, one.high = found.low, found.high
        one.overstatement = _within(1 - found.value / total)
        one.overstatement_high = _within(max(most.upper / total, one.overstatement))
    return one


def _part(
    made: Material, own: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> tuple[sampling.Population, sampling.Sample]:
    """The strata of one cluster, with their part of the sample."""
    whole = made.population
    rows = np.flatnonzero(own)
    part = sampling.Population.of(
        [whole.ids[k] for k in rows],
        [whole.strata[whole.stratum[k]] for k in rows],
        whole.size[rows],
        whole.claimed[rows],
    )
    keep = own[made.sample.rows]
    at = np.searchsorted(rows, made.sample.rows[keep])
    ids = tuple(name for name, kept in zip(made.sample.ids, keep, strict=True) if kept)
    return part, sampling.Sample(made.sample.seed, ids, at, made.sample.probability[keep])


def _within(share: float) -> float:
    return 0.0 if math.isclose(share, 0.0, abs_tol=1e-12) else min(max(share, 0.0), 1.0)


def agreement(verification: Verification) -> list[tuple[float, float]]:
    """Of every claim that two verifiers looked at: the share that stands by the first and by the second."""
    rows = verification.sample.filter(is_doubled=True).prefetch_related("checks")
    pairs = []
    for one in rows:
        looks = {
            look.turn: look for look in one.checks.all() if look.round == one.round and look.finding
        }
        if {"first", "second"} <= looks.keys():
            first, second = (
                float((looks[turn].quantity or 0) / one.quantity) for turn in ("first", "second")
            )
            pairs.append((first, second))
    return pairs
