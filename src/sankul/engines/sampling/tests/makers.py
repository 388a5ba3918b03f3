"""Small populations for tests."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sankul.engines import sampling
from sankul.engines.sampling.inclusion import wanted
from sankul.engines.sampling.population import Floats


def a_population(
    sizes: Mapping[str, Sequence[float]], claimed: Sequence[float] | None = None
) -> sampling.Population:
    """Records a0, a1, … of stratum a, and so on, with these sizes."""
    ids = [f"{name}{k}" for name, of in sizes.items() for k in range(len(of))]
    strata = [name for name, of in sizes.items() for _ in of]
    return sampling.Population.of(ids, strata, [x for of in sizes.values() for x in of], claimed)


def a_sample(population: sampling.Population, *ids: str) -> sampling.Sample:
    """These records as if they had been drawn, with the wanted probabilities of so many a stratum."""
    rows = np.array(sorted(population.ids.index(name) for name in ids))
    chance = np.zeros(len(population))
    counts = np.bincount(population.stratum[rows], minlength=len(population.strata))
    for at, count in zip(population.rows_by_stratum, counts, strict=True):
        if count:
            chance[at] = wanted(population.size[at], int(count))
    names = tuple(population.ids[row] for row in rows)
    return sampling.Sample("seed", names, rows, chance[rows])


def found(
    population: sampling.Population, sample: sampling.Sample, stands: Floats | Sequence[float]
) -> dict[str, float]:
    """The findings for a sample, from the true standing share of every record."""
    return {name: float(stands[row]) for name, row in zip(sample.ids, sample.rows, strict=True)}


def drawn(population: sampling.Population, number: Any = 1, **plan: Any) -> sampling.Sample:
    """A sample drawn by a plan."""
    made = sampling.plan(population, **plan)
    return sampling.draw(population, made, public_number=str(number), round_id="round")
