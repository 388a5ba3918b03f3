"""Confidence limits of a share, and of how much can at most be overstated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri, stdtrit
from scipy.stats import beta

from .population import Floats
from .problems import SamplingError, refuse_share

NO_HITS: Final = 1e-9  # fewer are rounding


def exact_limits(share: Floats, draws: Floats, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Two-sided limits of shares seen in effective numbers of draws (Clopper and Pearson 1934).

    By the beta distribution, for which neither the draws nor the successes need be whole: Korn and
    Graubard, Confidence intervals for proportions with small expected number of positive counts
    estimated from survey data, Survey Methodology 24 (1998). No draws give 0 to 1; infinitely many
    give the share itself.
    """
    refuse_share("confidence", confidence)
    tail = (1 - confidence) / 2
    share, draws = np.broadcast_arrays(np.asarray(share, float), np.asarray(draws, float))
    many = np.isinf(draws)
    n = np.where(many, 1.0, draws)
    hits = share * n
    # nothing lies below no hits, nor above none but hits: the beta distribution has no such limit
    none, all_hit = hits <= NO_HITS, n - hits <= NO_HITS
    low = np.where(none, 0.0, beta.ppf(tail, np.where(none, 1, hits), n - hits + 1))
    high = np.where(all_hit, 1.0, beta.ppf(1 - tail, hits + 1, np.where(all_hit, 1, n - hits)))
    return np.where(many, share, low), np.where(many, share, high)


def student(confidence: float, degrees: Floats) -> Floats:
    """The two-sided quantile of Student's t; infinite for fewer than one degree of freedom."""
    fine = degrees >= 1
    t: Floats = np.where(fine, stdtrit(np.where(fine, degrees, 1.0), (1 + confidence) / 2), np.inf)
    return t


def upper_errors(
    found: int | NDArray[np.int64],
    sample: int,
    confidence: float = 0.95,
    law: Literal["binomial", "poisson"] = "poisson",
) -> Floats:
    """How many errors in a sample of this size can at most have been expected, given those found.

    One-sided. Poisson: half the chi-square quantile with 2(found + 1) degrees of freedom, the
    auditors' factors 3.00, 4.75, 6.30, 7.76, 9.16 at 95 %. Binomial: sample × Clopper and Pearson's
    upper limit, a little less. With none found this is "the rule of three".
    """
    refuse_share("confidence", confidence)
    k = np.asarray(found)
    if law == "poisson":
        return np.asarray(chdtri(2.0 * (k + 1), 1 - confidence) / 2)
    all_wrong = k >= sample
    limit = beta.ppf(confidence, k + 1, np.where(all_wrong, 1, sample - k))
    return np.asarray(sample * np.where(all_wrong, 1.0, limit))


def stringer(
    taintings: Sequence[float] | Floats,
    *,
    sample: int,
    total: float,
    confidence: float = 0.95,
    law: Literal["binomial", "poisson"] = "poisson",
) -> float:
    """Stringer's upper bound on overstatement in a sample proportional to size.

    total / n × [u(0) + Σ (u(j) − u(j−1)) t(j)], with taintings t (overstated part of what was
    claimed, 0 to 1) in falling order and u = ``upper_errors``: Stringer, Practical aspects of
    statistical sampling in auditing, Proc. Business and Economic Statistics Section, American
    Statistical Association (1963); Bickel, International Statistical Review 60 (1992). In practice
    never below the confidence claimed, often well above.

    Raises SamplingError for taintings outside 0 to 1 or more of them than sampled records.
    """
    tainted = np.asarray(taintings, dtype=np.float64)
    if sample < 1:
        raise SamplingError("stringer sample", str(sample), "1 or more")
    if tainted.size > sample:
        raise SamplingError("stringer taintings", f"{tainted.size}", f"at most {sample}")
    if not ((tainted >= 0) & (tainted <= 1)).all():
        raise SamplingError("stringer taintings", f"{tainted.tolist()}", "numbers from 0 to 1")
    weighted = np.full(tainted.size, total / sample) * tainted
    return bound(weighted, total / sample, sample, confidence, law)


def bound(
    projected: Floats,
    interval: float,
    sample: int,
    confidence: float,
    law: Literal["binomial", "poisson"],
) -> float:
    """Basic allowance of the interval, and increments of the projected errors in falling order.

    Where sampling intervals differ, ``interval`` is the largest and each error has been projected
    by its own: more than Stringer's bound of any mixture would be.
    """
    errors = np.sort(projected[projected > 0])[::-1]
    steps = upper_errors(np.arange(errors.size + 1), sample, confidence, law)
    return float(interval * steps[0] + np.sum(np.diff(steps) * errors))
