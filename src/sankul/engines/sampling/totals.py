"""Estimated totals by domain and their variances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from .amounts import Amounts
from .drawing import Sample
from .population import Floats, Ints, Population, sums

ROUNDING: Final = 1e-12  # a spread below this share of its terms is rounding


@dataclass(frozen=True, eq=False)
class Drawn:
    """The claims of records drawn by chance, one entry for each record and domain.

    ``c`` is what is claimed and ``y`` what stands, ``pi`` the inclusion probability. ``others`` is
    Σ(1 − π) over all records drawn by chance in a stratum and ``records`` their number.
    """

    domains: int
    strata: int
    domain: Ints
    stratum: Ints
    c: Floats
    y: Floats
    pi: Floats
    others: Floats
    records: Ints

    @classmethod
    def of(cls, population: Population, sample: Sample, found: Floats, amounts: Amounts) -> Drawn:
        """The entries that can be estimated from; ``found[records]`` is NaN where not drawn."""
        chance = np.ones(len(population))
        chance[sample.rows] = sample.probability
        at = (chance < 1)[amounts.record] & (amounts.claimed > 0)
        rows, claimed = amounts.record[at], amounts.claimed[at]
        mixed = sample.rows[~sample.certain]
        strata = len(population.strata)
        return cls(
            domains=len(amounts.domains),
            strata=strata,
            domain=amounts.domain[at],
            stratum=population.stratum[rows],
            c=claimed,
            y=claimed * found[rows],
            pi=chance[rows],
            others=sums(population.stratum[mixed], 1 - chance[mixed], strata),
            records=np.bincount(population.stratum[mixed], minlength=strata),
        )

    def by_domain(self, values: Floats) -> Floats:
        """Sums [domains]."""
        return sums(self.domain, values, self.domains)

    @property
    def pair(self) -> Ints:
        """Where an entry stands among domains × strata."""
        return self.domain * self.strata + self.stratum

    def by_pair(self, values: Floats) -> Floats:
        """Sums [domains × strata], flat."""
        return sums(self.pair, values, self.domains * self.strata)

    @property
    def degrees(self) -> Ints:
        """Entries less strata with entries, by domain."""
        strata = np.unique(self.pair) // self.strata
        found = np.bincount(self.domain, minlength=self.domains)
        return np.asarray(found - np.bincount(strata, minlength=self.domains), dtype=np.int64)

    def effective(self) -> Floats:
        """Kish's effective number of draws by domain: (Σw)² / Σw², w = c/π; 0 without entries."""
        w = self.c / self.pi
        return divide(self.by_domain(w) ** 2, self.by_domain(w**2), 0.0)

    def variance(self, residual: Floats) -> Floats:
        """Hájek's variance of Σ e/π by domain, a domain's e being zero outside it.

        Σ over strata n/(n − 1) Σ (1 − π)(e/π − B)², B = Σ(1 − π)e/π / Σ(1 − π). NaN where the
        stratum of an entry has no other record drawn.
        """
        part = (1 - self.pi) * residual / self.pi
        squares = self.by_pair(part * residual / self.pi).reshape(self.domains, self.strata)
        means = self.by_pair(part).reshape(self.domains, self.strata)
        there = self.by_pair(self.c).reshape(self.domains, self.strata) > 0
        spread = squares - divide(means**2, self.others[None, :], 0.0)
        records = self.records.astype(np.float64)
        factor = divide(records, records - np.float64(1), np.nan)
        spread[spread < ROUNDING * squares] = 0.0
        parts = np.where(there, spread * factor[None, :], 0.0)
        return np.asarray(parts.sum(axis=1))


def horvitz_thompson(drawn: Drawn) -> tuple[Floats, Floats]:
    """Σ y/π by domain, and its variance."""
    return drawn.by_domain(drawn.y / drawn.pi), drawn.variance(drawn.y)


def ratio(drawn: Drawn, claimed: Floats, *, separate: bool) -> tuple[Floats, Floats]:
    """Ratio estimates by domain and their variances; NaN for a domain without entries.

    ``claimed[domains × strata]`` is claimed by all records that may be drawn by chance. Combined:
    C·Σ(y/π)/Σ(c/π). Separate: so in each stratum with entries, the other strata by the combined ratio.
    Residuals are linearised: Σ e/π varies as the estimate does.
    """
    c, y = drawn.c / drawn.pi, drawn.y / drawn.pi
    whole_c = drawn.by_domain(c)
    whole = divide(drawn.by_domain(y), whole_c, np.nan)
    residual = drawn.y - whole[drawn.domain] * drawn.c
    if not separate:
        total = claimed.sum(axis=1)
        factor = divide(total, whole_c, np.nan)
        return total * whole, drawn.variance(residual * factor[drawn.domain])
    pair_c = drawn.by_pair(c)
    own = divide(drawn.by_pair(y), pair_c, np.nan)
    covered = (pair_c > 0).reshape(claimed.shape)
    left = np.where(covered, 0.0, claimed).sum(axis=1)
    parts = np.where(covered, claimed * np.nan_to_num(own).reshape(claimed.shape), 0.0)
    factors = divide(claimed.ravel(), pair_c, 0.0)[drawn.pair]
    linear = factors * (drawn.y - own[drawn.pair] * drawn.c)
    linear += divide(left, whole_c, 0.0)[drawn.domain] * residual
    return parts.sum(axis=1) + left * whole, drawn.variance(linear)


def divide(top: Floats, bottom: Floats, otherwise: float) -> Floats:
    """The quotient, and ``otherwise`` where the divisor is zero."""
    shape = np.broadcast_shapes(top.shape, bottom.shape)
    out = np.full(shape, otherwise)
    return np.asarray(np.divide(top, bottom, out=out, where=np.broadcast_to(bottom != 0, shape)))
