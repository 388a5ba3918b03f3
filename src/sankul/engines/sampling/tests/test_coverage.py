"""What estimates and limits do over many draws of one population."""

from collections.abc import Iterator

import numpy as np
import pytest

from sankul.engines.sampling import Amounts, Population, Sample, estimate, overstatement, plan
from sankul.engines.sampling.drawing import _known, select
from sankul.engines.sampling.inclusion import wanted

from .makers import found

DRAWS = 400
RNG = np.random.default_rng(11)
SIZE = RNG.lognormal(0, 1, 300)
DOMAINS = [f"d{k}" for k in RNG.integers(0, 6, 300)]
POPULATION = Population.of([f"r{k}" for k in range(300)], [f"s{k % 3}" for k in range(300)], SIZE)
PLAN = plan(POPULATION, sample=60)


def samples(times: int) -> Iterator[Sample]:
    """Many draws; the probabilities are computed once."""
    strata = []
    for rows, stratum in zip(POPULATION.rows_by_stratum, PLAN.strata, strict=True):
        p = wanted(POPULATION.size[rows], stratum.sample)
        strata.append((rows, p, _known(p)))
    rng = np.random.default_rng(12)
    for _ in range(times):
        parts = [
            (rows[taken], known[taken])
            for rows, p, known in strata
            for taken in [select(rng.random(rows.size), p, [str(k) for k in rows])]
        ]
        rows = np.concatenate([part[0] for part in parts])
        order = np.argsort(rows)
        rows = rows[order]
        chance = np.concatenate([part[1] for part in parts])[order]
        yield Sample("seed", tuple(POPULATION.ids[k] for k in rows), rows, chance)


@pytest.mark.parametrize(
    ("rate", "t_covers"), [(0.3, (0.91, 0.97)), (0.02, (0.0, 0.9))], ids=["many", "few"]
)
def test_estimates_are_unbiased_and_exact_limits_cover_where_t_does_not(
    rate: float, t_covers: tuple[float, float]
) -> None:
    stands = np.where(np.random.default_rng(13).random(300) < rate, 0.0, 1.0)
    truth = float(stands @ SIZE)
    amounts = Amounts.of(POPULATION, POPULATION.ids, DOMAINS, SIZE)
    by_domain = np.bincount(amounts.domain, amounts.claimed * stands[amounts.record])
    values, errors, exact, t, domains, bounded = [], [], [], [], [], []
    for sample in samples(DRAWS):
        findings = found(POPULATION, sample, stands)
        made = estimate(POPULATION, sample, findings, method="horvitz_thompson", limits="t")
        values.append(made.value[0])
        errors.append(made.standard_error[0])
        t.append(made.low[0] <= truth <= made.high[0])
        made = estimate(POPULATION, sample, findings)
        exact.append(made.low[0] <= truth <= made.high[0])
        of = estimate(POPULATION, sample, findings, amounts)
        domains.append((of.low <= by_domain + 1e-9) & (by_domain <= of.high + 1e-9))
        bounded.append(overstatement(POPULATION, sample, findings).upper >= SIZE.sum() - truth)
    spread = float(np.std(values))
    assert np.mean(values) == pytest.approx(truth, abs=3 * spread / DRAWS**0.5)
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(spread, rel=0.1)
    assert t_covers[0] <= np.mean(t) <= t_covers[1]
    assert np.mean(exact) >= 0.94
    assert np.mean(domains) >= 0.94
    assert np.mean(domains, axis=0).min() >= 0.91
    assert np.mean(bounded) >= 0.94
