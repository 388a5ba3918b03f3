"""How much can at most be overstated: the auditors' bound, over a whole sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .drawing import Sample
from .findings import findings
from .limits import bound
from .population import Population
from .problems import refuse_share


@dataclass(frozen=True, slots=True)
class Overstatement:
    """How much of the total size measure is overstated.

    ``value`` is the estimate and ``upper`` the one-sided upper bound at ``confidence``. ``known``
    was found in records taken with certainty, ``tainted`` counts the others in which an
    overstatement was found, of ``drawn`` drawn by chance.
    """

    value: float
    upper: float
    known: float
    tainted: int
    drawn: int
    confidence: float


def overstatement(
    population: Population,
    sample: Sample,
    stands: Mapping[str, float],
    *,
    confidence: float = 0.95,
    law: Literal["binomial", "poisson"] = "poisson",
) -> Overstatement:
    """Stringer's upper bound on the overstated part of the total size measure.

    Each error of a drawn record is projected by its own sampling interval, size / π, and the basic
    allowance takes the largest interval of any stratum, so that strata sampled more densely do not
    lower it; in a single stratum that is Stringer's bound (see ``stringer``). Errors in records
    taken with certainty are added as they are. Without any error found the bound is 3.0 intervals:
    3.0 / n of the total, the rule of three. Understated claims count as correct.
    """
    refuse_share("confidence", confidence)
    found = findings(population, sample, stands, float("inf"))[sample.rows]
    taint, size = np.clip(1 - found, 0.0, 1.0), population.size[sample.rows]
    certain = sample.certain
    known = float(np.sum(taint[certain] * size[certain]))
    interval = size[~certain] / sample.probability[~certain]
    drawn = int(interval.size)
    projected = interval * taint[~certain]
    basic = float(interval.max()) if drawn else 0.0
    allowed = bound(projected, basic, max(1, drawn), confidence, law)
    possible = known + float(population.size.sum() - size[certain].sum())
    upper = min(known + allowed, possible) if drawn else known
    value = known + float(projected.sum())
    return Overstatement(
        min(value, upper), upper, known, int((projected > 0).sum()), drawn, confidence
    )
