"""Inclusion probabilities proportional to size, wanted and exact.

Pareto πps sampling (Rosén, Asymptotic theory for order sampling, and On sampling with probability
proportional to size, J. Statistical Planning and Inference 62, 1997) takes the n records with the
smallest odds of a uniform random number over the odds of the wanted probability. Its inclusion
probabilities are near the wanted ones, not equal to them; ``exact`` tells them.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .population import Floats
from .problems import SamplingError

WORK: Final = 20_000_000  # additions that ``exact`` may take; about a tenth of a second
_TAIL: Final = 34.0  # exp(-34) is below the rounding error of a probability


def wanted(size: Floats, sample: int) -> Floats:
    """The probabilities n·x / Σx; 1 for records so large that they are taken with certainty.

    Records whose n·x reaches Σx are set aside, n falls by their number, and the rest is looked at
    anew (Särndal, Swensson and Wretman, Model Assisted Survey Sampling, 1992,
    3.6.2). Sums are exactly rounded, so that every machine finds the same. A sample as large as
    the population takes all.
    """
    found = np.ones(size.size)
    left = np.arange(size.size)
    while left.size and sample:
        sizes = size[left]
        total = math.fsum(sizes.tolist())
        large = sample * sizes >= total
        if not large.any():
            found[left] = sample * sizes / total
            return found
        sample -= int(large.sum())
        left = left[~large]
    if left.size:
        raise SamplingError("size", "some vanish beside the largest", "sizes within 15 digits")
    return found


def exact(probability: Floats) -> Floats | None:
    """The inclusion probabilities of a Pareto πps sample; None where that takes too long.

    ``probability`` holds wanted probabilities strictly between 0 and 1 that sum to a whole number n.
    With Q = odds(U) / odds(p) a record comes in when fewer than n of the others have a smaller Q:
    π_i = ∫ f_i(t) P(at most n − 1 of the others ≤ t) dt, where P(Q_j ≤ t) = τ_j t / (1 + τ_j t) and
    τ = p / (1 − p). In y = log t the integrand is smooth and dies out on both sides, so that the
    trapezoidal rule converges faster than any power of its step. The number of others is a sum of
    independent indicators; leaving out each record in turn is done by halving, never by dividing.
    Compare Aires, Methodology and Computing in Applied Probability 1 (1999).
    """
    records, sample = probability.size, round(float(probability.sum()))
    logs = np.log(probability) - np.log1p(-probability)
    at = _points(logs, probability)
    if at.size * records * sample * max(1.0, math.log2(records)) > WORK:
        return None
    share = 1 / (1 + np.exp(-(at[:, None] + logs[None, :])))
    none_yet = np.zeros((at.size, sample))
    none_yet[:, 0] = 1.0
    found = np.empty(records)
    _leave_out(share, np.arange(records), none_yet, found, float(at[1] - at[0]))
    return found


def _points(logs: Floats, probability: Floats) -> Floats:
    """Where the integrand is taken: a step well below the spread of the threshold."""
    spread = float(np.sum(probability * (1 - probability)))
    step = min(0.25, 0.5 / math.sqrt(spread)) if spread > 0 else 0.25
    return np.arange(-_TAIL - logs.max(), _TAIL - logs.min() + step, step)


def _leave_out(
    share: Floats, records: NDArray[np.intp], others: Floats, found: Floats, step: float
) -> None:
    """Integrate for each record; ``others[points × count]`` counts all but ``records``, below n."""
    if records.size == 1:
        p = share[:, records[0]]
        found[records[0]] = step * float(np.sum(p * (1 - p) * others.sum(axis=1)))
        return
    half = records.size // 2
    for kept, counted in ((records[:half], records[half:]), (records[half:], records[:half])):
        more = others.copy()
        for record in counted:
            p = share[:, record, None]
            moved = more * p
            more -= moved
            more[:, 1:] += moved[:, :-1]
        _leave_out(share, kept, more, found, step)
