"""The sample size for a wished precision, before any work starts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from .allocation import Plan, plan
from .limits import exact_limits
from .population import Population
from .problems import SamplingError, refuse_share


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a plan is expected to tell of the total that stands.

    ``half_width`` is the longer side of the confidence interval over the expected total;
    ``overstated_at_most`` the share of the claimed total that could still be overstated if no
    error at all were found (two-sided limit at the same confidence).
    """

    sample: int
    half_width: float
    overstated_at_most: float


def expect(plan: Plan, *, overstatement: float = 0.05, confidence: float = 0.95) -> Expectation:
    """The precision that a plan would have if this share of the claimed total does not stand.

    The claims' standing shares are taken as all or nothing, the widest spread that a mean allows,
    and the interval is the one that ``estimate`` gives (``exact_limits``), so that a plan for rare
    errors is not too small, as the normal approximation's would be.
    """
    if not 0 <= overstatement < 1:
        raise SamplingError("overstatement", f"{overstatement}", "0 or more and below 1")
    stands = 1 - overstatement
    draws = np.array([plan.effective, plan.effective])
    low, high = exact_limits(np.array([stands, 1.0]), draws, confidence)
    width = max(stands - low[0], high[0] - stands) / stands
    return Expectation(plan.sample, float(width), float(1 - low[1]))


def plan_for(
    population: Population,
    *,
    half_width: float,
    overstatement: float = 0.05,
    confidence: float = 0.95,
    minimum: int = 2,
    census: Collection[str] = (),
    spread: Mapping[str, float] | None = None,
) -> Plan:
    """The smallest plan whose expected half-width (see ``expect``) is no more than wished.

    ``half_width`` is relative to the total expected to stand. Found by halving the sample size;
    the strata share it as in ``plan``. Where nothing short of every record is precise enough, the
    plan takes every record.
    """
    refuse_share("half_width", half_width)
    records = np.bincount(population.stratum)

    def made(sample: int) -> Plan:
        return plan(population, sample=sample, minimum=minimum, census=census, spread=spread)

    def fine(given: Plan) -> bool:
        expected = expect(given, overstatement=overstatement, confidence=confidence)
        return expected.half_width <= half_width

    low, high = _least(population, minimum, census), int(records.sum())
    best = made(high)
    while low < high:
        middle = (low + high) // 2
        tried = made(middle)
        low, high, best = (low, middle, tried) if fine(tried) else (middle + 1, high, best)
    return best if best.sample == high else made(high)


def _least(population: Population, minimum: int, census: Collection[str]) -> int:
    records = np.bincount(population.stratum)
    whole = np.array([name in set(census) for name in population.strata])
    return int(np.where(whole, records, np.minimum(minimum, records)).sum())
