"""How many records are taken from each stratum."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from .inclusion import wanted
from .population import Floats, Ints, Population, sums
from .problems import SamplingError


@dataclass(frozen=True, slots=True)
class Stratum:
    """One stratum of a plan; ``certain`` of its ``sample`` records are taken whatever the draw."""

    name: str
    records: int
    size: float
    claimed: float
    sample: int
    certain: int

    @property
    def census(self) -> bool:
        """Whether every record is taken."""
        return self.sample == self.records


@dataclass(frozen=True, eq=False)
class Plan:
    """A sample size for every stratum of one frozen population.

    ``effective`` is the number of simple draws that estimate the share of the claimed total that
    stands as precisely as this plan, when what stands does not depend on size (see
    ``effective_sample``); infinite when every record is taken.
    """

    digest: str
    strata: tuple[Stratum, ...]
    effective: float

    @property
    def sample(self) -> int:
        """Records to verify in all."""
        return sum(stratum.sample for stratum in self.strata)

    @property
    def counts(self) -> dict[str, int]:
        """Records to verify by stratum."""
        return {stratum.name: stratum.sample for stratum in self.strata}


def plan(
    population: Population,
    *,
    sample: int,
    minimum: int = 2,
    census: Collection[str] = (),
    spread: Mapping[str, float] | None = None,
) -> Plan:
    """Share a sample size out over the strata.

    Proportional to the stratum's total size, or with ``spread``, the standard deviation of the
    share of a claim that stands, by stratum, to total size × spread: Neyman's allocation for
    sampling proportional to size (Cochran, Sampling Techniques, 3rd ed. 1977, 5.5; Särndal,
    Swensson and Wretman 1992, 12.3). Every stratum gets ``minimum`` records (two, without which no variance
    can be estimated) or all it has; every record of a ``census`` stratum is taken. Fractions are
    rounded by largest remainder, ties to the stratum that comes first in the alphabet.

    Raises SamplingError for a sample below what the minimum and census strata need or above the
    population, unknown strata, and a spread that is missing or below zero.
    """
    floor, cap = _bounds(population, minimum, census)
    weight = _weights(population, spread)
    counts = share_out(sample, weight, floor, cap)
    return planned(population, counts)


def planned(population: Population, counts: Ints) -> Plan:
    """The plan with these counts, in the order of ``population.strata``."""
    rows = population.rows_by_stratum
    chances = [wanted(population.size[r], int(n)) for r, n in zip(rows, counts, strict=True)]
    strata = tuple(
        Stratum(
            name,
            int(r.size),
            float(population.size[r].sum()),
            float(population.claimed[r].sum()),
            int(n),
            int((p >= 1).sum()),
        )
        for name, r, n, p in zip(population.strata, rows, counts, chances, strict=True)
    )
    probability = np.empty(len(population))
    for r, p in zip(rows, chances, strict=True):
        probability[r] = p
    return Plan(population.digest, strata, effective_sample(population.claimed, probability))


def effective_sample(claimed: Floats, probability: Floats) -> float:
    """(Σc)² / Σ c²(1/π − 1): draws with replacement of single units of value that tell as much.

    Under the model that the standing share of each claim varies around a common mean with one
    variance s², the ratio estimator's anticipated variance is s² Σ c²(1/π − 1) (Isaki and Fuller,
    J. American Statistical Association 77, 1982), which is s²(Σc)² over this number.
    """
    with np.errstate(divide="ignore"):
        lost = float(np.sum(claimed**2 * (1 / probability - 1), where=claimed > 0))
    return float(claimed.sum()) ** 2 / lost if lost > 0 else float("inf")


def share_out(sample: int, weight: Floats, floor: Ints, cap: Ints) -> Ints:
    """Whole numbers near k·weight within floor and cap that sum to ``sample``.

    k is found by halving, since the sum of clipped shares grows with it.
    """
    if not floor.sum() <= sample <= cap.sum():
        raise SamplingError(
            "plan sample", str(sample), f"{floor.sum()} to {cap.sum()} records, given the minimum"
        )
    low, high = 0.0, 1.0
    while np.clip(high * weight, floor, cap).sum() < sample and high < 1e300:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        if np.clip(middle * weight, floor, cap).sum() < sample:
            low = middle
        else:
            high = middle
    return _rounded(np.clip(high * weight, floor, cap), sample, cap)


def _rounded(shares: Floats, sample: int, cap: Ints) -> Ints:
    whole = np.floor(shares + 1e-9).astype(np.int64)
    while (missing := sample - int(whole.sum())) > 0:
        order = np.argsort(-np.where(whole < cap, shares - whole, -np.inf), kind="stable")
        whole[order[: min(missing, int((whole < cap).sum()))]] += 1
    return whole


def _bounds(population: Population, minimum: int, census: Collection[str]) -> tuple[Ints, Ints]:
    unknown = sorted(set(census) - set(population.strata))
    if unknown:
        raise SamplingError("plan census", f'"{unknown[0]}"', "a stratum of the population")
    if minimum < 1:
        raise SamplingError("plan minimum", str(minimum), "1 or more, since each needs a chance")
    records = np.bincount(population.stratum, minlength=len(population.strata))
    whole = np.array([name in set(census) for name in population.strata])
    return np.where(whole, records, np.minimum(minimum, records)), records


def _weights(population: Population, spread: Mapping[str, float] | None) -> Floats:
    total = sums(population.stratum, population.size, len(population.strata))
    if spread is None:
        return np.asarray(total / total.max())
    for name in population.strata:
        if not (np.isfinite(given := spread.get(name, float("nan"))) and given >= 0):
            raise SamplingError(f'plan spread of "{name}"', f"{given}", "a number, zero or more")
    weight = total * np.array([spread[name] for name in population.strata])
    return np.asarray(weight / weight.max() if weight.max() > 0 else total / total.max())
