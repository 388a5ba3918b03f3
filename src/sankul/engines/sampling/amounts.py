"""What records claim in each domain for which a total is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .population import Floats, Ints, Population, sums
from .problems import SamplingError


@dataclass(frozen=True, eq=False)
class Amounts:
    """Claimed amounts by record and domain (cluster × indicator); make them by ``Amounts.of``.

    ``record[entries]`` are rows of the population, ``domain[entries]`` positions in ``domains``,
    ``claimed[entries]`` amounts of zero or more. A record may count in several domains.
    """

    domains: tuple[str, ...]
    record: Ints
    domain: Ints
    claimed: Floats

    @classmethod
    def of(
        cls,
        population: Population,
        record: Sequence[str],
        domain: Sequence[str],
        claimed: Sequence[float] | Floats,
    ) -> Amounts:
        """Checked amounts, by the records' ids; domains in alphabetical order.

        Several amounts of one record in one domain are added up. Raises SamplingError for a record
        outside the population and an amount that is no finite number of zero or more.
        """
        amounts = np.array(claimed, dtype=np.float64)
        _refuse(population, record, domain, amounts)
        row = {name: k for k, name in enumerate(population.ids)}
        labels = tuple(sorted(set(domain)))
        code = {label: k for k, label in enumerate(labels)}
        rows = np.fromiter((row[name] for name in record), np.int64, len(record))
        codes = np.fromiter((code[label] for label in domain), np.int64, len(domain))
        pairs, at = np.unique(rows * len(labels) + codes, return_inverse=True)
        summed = sums(at, amounts, pairs.size)
        return cls(labels, pairs // max(1, len(labels)), pairs % max(1, len(labels)), summed)

    @classmethod
    def whole(cls, population: Population) -> Amounts:
        """One domain, "", with every record's claimed amount."""
        records = len(population)
        rows = np.arange(records, dtype=np.int64)
        return cls(("",), rows, np.zeros(records, dtype=np.int64), population.claimed)


def _refuse(
    population: Population, record: Sequence[str], domain: Sequence[str], amounts: Floats
) -> None:
    if not len(record) == len(domain) == amounts.size:
        wrong = f"{len(record)} records, {len(domain)} domains, {amounts.size} amounts"
        raise SamplingError("amounts", wrong, "columns of one length")
    known = set(population.ids)
    unknown = next((name for name in record if name not in known), None)
    if unknown is not None:
        raise SamplingError("amounts record", f'"{unknown}"', "an id of the population")
    wrong_at = np.flatnonzero(~(np.isfinite(amounts) & (amounts >= 0)))
    if wrong_at.size:
        place = f'amounts claimed of "{record[int(wrong_at[0])]}"'
        raise SamplingError(place, f"{amounts[wrong_at[0]]}", "a finite number, zero or more")
