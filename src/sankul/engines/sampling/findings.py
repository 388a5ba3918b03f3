"""What verification found, checked and put beside the population."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .drawing import Sample
from .population import Floats, Population
from .problems import SamplingError


def findings(
    population: Population, sample: Sample, stands: Mapping[str, float], at_most: float
) -> Floats:
    """The standing share of every record of the population, NaN where it was not drawn.

    Raises SamplingError unless each record drawn, and no other, has a share from 0 to ``at_most``.
    """
    drawn = set(sample.ids)
    for name, share in stands.items():
        if name not in drawn:
            raise SamplingError(f'finding of "{name}"', "not in the sample", "a record drawn")
        if not 0 <= share <= at_most:
            raise SamplingError(f'finding of "{name}"', f"{share}", f"0 to {at_most:g}")
    missing = next((name for name in sample.ids if name not in stands), None)
    if missing is not None:
        raise SamplingError("findings", f'none for "{missing}"', "one for every record drawn")
    found = np.full(len(population), np.nan)
    found[sample.rows] = [stands[name] for name in sample.ids]
    return found


def pooled_share(population: Population, sample: Sample, found: Floats) -> float:
    """The standing share of the size measure, over all records drawn by chance."""
    weight = (population.size[sample.rows] / sample.probability)[~sample.certain]
    if not weight.size:
        return float("nan")
    return float(np.average(found[sample.rows][~sample.certain], weights=weight))
