"""Verification by sampling: which claims to check, and what the checks tell of all of them.

``plan`` how many records each stratum needs, ``draw`` them by a public number, ``estimate`` what
stands of every total, with limits. Pure arithmetic on arrays: no database, no framework.

>>> from sankul.engines import sampling
>>> population = sampling.Population.of(ids, strata, size)               # doctest: +SKIP
>>> plan = sampling.plan_for(population, half_width=0.1)                 # doctest: +SKIP
>>> sample = sampling.draw(population, plan, public_number="…", round_id="2026")  # doctest: +SKIP
>>> estimates = sampling.estimate(population, sample, findings)          # doctest: +SKIP
"""

from .allocation import Plan, Stratum, plan
from .amounts import Amounts
from .drawing import Sample, draw, seed_of, uniforms
from .estimation import Estimate, Estimates, estimate
from .limits import exact_limits, stringer, upper_errors
from .overstating import Overstatement, overstatement
from .population import Population
from .precision import Expectation, expect, plan_for
from .problems import SamplingError

__all__ = [
    "Amounts",
    "Estimate",
    "Estimates",
    "Expectation",
    "Overstatement",
    "Plan",
    "Population",
    "Sample",
    "SamplingError",
    "Stratum",
    "draw",
    "estimate",
    "exact_limits",
    "expect",
    "overstatement",
    "plan",
    "plan_for",
    "seed_of",
    "stringer",
    "uniforms",
    "upper_errors",
]
