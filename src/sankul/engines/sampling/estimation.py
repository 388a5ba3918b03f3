"""What stands of the amounts claimed, estimated from the records verified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from .amounts import Amounts
from .drawing import Sample
from .findings import findings, pooled_share
from .limits import exact_limits, student
from .population import Floats, Ints, Population, sums
from .problems import SamplingError, refuse_share
from .totals import Drawn, divide, horvitz_thompson, ratio

Method = Literal["ratio", "separate_ratio", "horvitz_thompson"]
Limits = Literal["exact", "t"]
METHODS: Final = ("ratio", "separate_ratio", "horvitz_thompson")
LIMITS: Final = ("exact", "t")


@dataclass(frozen=True, slots=True)
class Estimate:
    """One domain; for the fields see ``Estimates``."""

    domain: str
    claimed: float
    checked: int
    known: float
    value: float
    standard_error: float
    degrees_of_freedom: int
    low: float
    high: float
    basis: str


@dataclass(frozen=True, eq=False)
class Estimates:
    """What stands, by domain; every array is [domains] in the order of ``domains``.

    ``claimed`` is the total claimed, ``checked`` the number of records verified, ``known`` what was
    found to stand in these. ``value`` is the estimated total that stands, with its
    ``standard_error`` (NaN where a stratum has a single drawn record) and ``degrees_of_freedom``
    (records drawn by chance less the strata they come from). ``low`` and ``high`` never leave what
    is possible: ``known``, and ``known`` plus all that was not checked.

    ``basis`` tells what the value rests on: "census" (every record was verified), "sample", or
    "pooled" (records of the domain were left to chance and none was drawn: the value then assumes
    the standing share of all records together, and the limits are all that is possible).
    """

    domains: tuple[str, ...]
    claimed: Floats
    checked: Ints
    known: Floats
    value: Floats
    standard_error: Floats
    degrees_of_freedom: Ints
    low: Floats
    high: Floats
    basis: tuple[str, ...]
    confidence: float
    method: str
    limits: str

    def of(self, domain: str) -> Estimate:
        """The estimate for one domain."""
        k = self.domains.index(domain)
        return Estimate(
            domain,
            float(self.claimed[k]),
            int(self.checked[k]),
            float(self.known[k]),
            float(self.value[k]),
            float(self.standard_error[k]),
            int(self.degrees_of_freedom[k]),
            float(self.low[k]),
            float(self.high[k]),
            self.basis[k],
        )


def estimate(
    population: Population,
    sample: Sample,
    stands: Mapping[str, float],
    amounts: Amounts | None = None,
    *,
    method: Method = "ratio",
    limits: Limits = "exact",
    confidence: float = 0.95,
    at_most: float = 1.0,
) -> Estimates:
    """Estimate what stands of the amounts in every domain; without ``amounts``, of all claimed.

    ``stands`` gives for every record of the sample, by id, the verified quantity over the claimed
    one: 1 where all of it stands, 0 where nothing does, never above ``at_most``.

    Methods, each of which adds what the records taken with certainty showed:

    - "ratio", the combined ratio estimator: C · Σ(y/π) / Σ(c/π), with C the domain's claimed total;
    - "separate_ratio": the same within each stratum where the domain has drawn records; the
      domain's other strata take the combined ratio;
    - "horvitz_thompson": Σ y/π (Horvitz and Thompson, J. American Statistical Association 47, 1952).

    Variances are Hájek's for fixed-size sampling with unequal probabilities, for ratios on the
    residuals y − R·c scaled by C / Σ(c/π) (Hájek 1964; Rosén 1997; Särndal, Swensson and Wretman
    1992, 5.6 and 7.3). For equal sizes they are exactly N²(1 − n/N)s²/n.

    Limits: "t" takes value ± t × standard error; it is too short where few errors were found, and
    of no length where none was. "exact" takes Clopper and Pearson's limits of the share that stands
    at Korn and Graubard's effective number of draws (see ``exact_limits``), which is never more
    than unequal weights leave of the entries (Kish), over the share that is not known.

    Raises SamplingError for a record without a finding, a finding outside 0 to ``at_most`` or for a
    record that was not drawn, and an unknown method.
    """
    refuse_share("confidence", confidence)
    _refuse_word("method", method, METHODS)
    _refuse_word("limits", limits, LIMITS)
    found = findings(population, sample, stands, at_most)
    frame = _Frame.of(population, sample, found, amounts or Amounts.whole(population))
    value, variance = frame.totals(method)
    pooled = (frame.chance.sum(axis=1) > 0) & (frame.drawn.by_domain(frame.drawn.c) == 0)
    value = np.where(
        pooled, frame.chance.sum(axis=1) * pooled_share(population, sample, found), value
    )
    low, high = frame.limits(value, variance, limits, confidence, at_most)
    census = frame.unchecked == 0
    top = frame.known + at_most * np.maximum(frame.claimed - frame.seen, 0.0)
    clipped = [
        np.where(census, frame.known, np.clip(x, frame.known, top))
        for x in (
            frame.certain + value,
            np.where(pooled, -np.inf, frame.certain + low),
            np.where(pooled, np.inf, frame.certain + high),
        )
    ]
    error = np.where(census, 0.0, np.where(pooled, np.nan, np.sqrt(variance)))
    basis = np.where(census, "census", np.where(pooled, "pooled", "sample"))
    return Estimates(
        domains=frame.domains,
        claimed=frame.claimed,
        checked=frame.checked,
        known=frame.known,
        value=clipped[0],
        standard_error=error,
        degrees_of_freedom=frame.drawn.degrees,
        low=np.minimum(clipped[1], clipped[0]),
        high=np.maximum(clipped[2], clipped[0]),
        basis=tuple(basis.tolist()),
        confidence=confidence,
        method=method,
        limits=limits,
    )


def _refuse_word(name: str, word: str, known: tuple[str, ...]) -> None:
    if word not in known:
        raise SamplingError(f"estimate {name}", f'"{word}"', "one of " + ", ".join(known))


@dataclass(frozen=True, eq=False)
class _Frame:
    """Sums by domain. ``chance[domains × strata]`` is claimed by records not taken with certainty."""

    domains: tuple[str, ...]
    claimed: Floats
    checked: Ints
    unchecked: Ints
    known: Floats
    seen: Floats
    certain: Floats
    chance: Floats
    drawn: Drawn

    @classmethod
    def of(cls, population: Population, sample: Sample, found: Floats, amounts: Amounts) -> _Frame:
        domains, strata = len(amounts.domains), len(population.strata)
        sure = np.zeros(len(population), dtype=np.bool_)
        sure[sample.rows] = sample.certain
        certain, claimed = sure[amounts.record], amounts.claimed
        seen = ~np.isnan(found[amounts.record])
        stands = claimed * np.nan_to_num(found[amounts.record])
        pair = amounts.domain * strata + population.stratum[amounts.record]
        chance = sums(pair, np.where(certain, 0.0, claimed), domains * strata)

        def by(values: Floats) -> Floats:
            return sums(amounts.domain, values, domains)

        return cls(
            domains=amounts.domains,
            claimed=by(claimed),
            checked=by(seen.astype(float)).astype(np.int64),
            unchecked=by((~seen & (claimed > 0)).astype(float)).astype(np.int64),
            known=by(stands),
            seen=by(np.where(seen, claimed, 0.0)),
            certain=by(np.where(certain, stands, 0.0)),
            chance=chance.reshape(domains, strata),
            drawn=Drawn.of(population, sample, found, amounts),
        )

    def totals(self, method: Method) -> tuple[Floats, Floats]:
        """What stands of the claims left to chance, and its variance."""
        if method == "horvitz_thompson":
            return horvitz_thompson(self.drawn)
        return ratio(self.drawn, self.chance, separate=method == "separate_ratio")

    def limits(
        self, value: Floats, variance: Floats, limits: Limits, confidence: float, at_most: float
    ) -> tuple[Floats, Floats]:
        """Limits of what stands of the claims left to chance; not yet clipped."""
        degrees = self.drawn.degrees.astype(float)
        t = student(confidence, degrees)
        if limits == "t":
            fine = np.isfinite(t) & np.isfinite(variance)
            width = np.where(fine, t, np.inf)
            width[fine] *= np.sqrt(variance[fine])
            return value - width, value + width
        most = self.chance.sum(axis=1) * at_most
        share = np.clip(divide(value, most, 0.0), 0.0, 1.0)
        share = np.nan_to_num(share)
        entries = np.bincount(self.drawn.domain, minlength=self.drawn.domains)
        narrow = student(confidence, (entries - 1).astype(np.float64))
        draws = self._draws(share, divide(variance, most**2, np.nan))
        fine = np.isfinite(t) & np.isfinite(narrow)
        draws[fine] *= (narrow[fine] / t[fine]) ** 2
        low, high = exact_limits(share, draws, confidence)
        return low * most, high * most

    def _draws(self, share: Floats, variance: Floats) -> Floats:
        """Effective numbers of draws: as the variance tells, at most what the weights leave."""
        known = divide(self.drawn.by_domain(self.drawn.c), self.chance.sum(axis=1), 0.0)
        most = divide(self.drawn.effective(), 1 - known, np.inf)
        with np.errstate(divide="ignore", invalid="ignore"):
            told = share * (1 - share) / variance
        return np.where(np.isfinite(told) & (told > 0), np.minimum(told, most), most)
