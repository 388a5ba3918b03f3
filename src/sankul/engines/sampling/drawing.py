"""The draw: seeded by a public number, repeatable by anyone in ten lines of plain Python."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .allocation import Plan
from .inclusion import exact, wanted
from .population import Floats, Ints, Population
from .problems import SamplingError


@dataclass(frozen=True, eq=False)
class Sample:
    """The records drawn, in the population's order.

    ``rows`` are positions in the population. ``probability`` is each record's inclusion
    probability: exact where it could be computed in reasonable time, else the wanted one, which
    differs by less than 0.1 % there. Records of probability 1 are ``certain``.
    """

    seed: str
    ids: tuple[str, ...]
    rows: Ints
    probability: Floats

    @property
    def certain(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Which records were taken whatever the draw."""
        return self.probability >= 1


def seed_of(public_number: str, round_id: str, digest: str) -> str:
    """SHA-256 of "public number|round id|digest of the frozen population", in hexadecimal.

    The public number is one that nobody could know when claims closed: a lottery's result, say.
    Raises SamplingError for an empty part, or one with "|" in it.
    """
    for name, part in (("public number", public_number), ("round id", round_id)):
        if not part.strip() or "|" in part:
            raise SamplingError(f"seed {name}", f"{part!r}", 'text without "|"')
    return hashlib.sha256(f"{public_number}|{round_id}|{digest}".encode()).hexdigest()


def uniforms(seed: str, ids: Sequence[str]) -> Floats:
    """Each record's own random number between 0 and 1, from its id and the seed alone.

    (k + ½) / 2⁵², where k is the first 13 hexadecimal digits of SHA-256 of "seed|id". It depends
    on no other record and no order: Ohlsson's permanent random numbers.
    """
    start = hashlib.sha256(f"{seed}|".encode())

    def word(record: str) -> bytes:
        state = start.copy()
        state.update(record.encode())
        return state.digest()[:8]

    words = np.frombuffer(b"".join(map(word, ids)), dtype=">u8")
    return ((words >> np.uint64(12)).astype(np.float64) + 0.5) / 2.0**52


def draw(population: Population, plan: Plan, *, public_number: str, round_id: str) -> Sample:
    """Draw the planned sample: Pareto πps in each stratum (see ``inclusion``).

    Raises SamplingError when the plan was made for another population.
    """
    if plan.digest != population.digest:
        raise SamplingError(
            "draw plan", f"made for population {plan.digest[:12]}…", f"{population.digest[:12]}…"
        )
    seed = seed_of(public_number, round_id, population.digest)
    u = uniforms(seed, population.ids)
    chosen, chances = [], []
    for rows, stratum in zip(population.rows_by_stratum, plan.strata, strict=True):
        p = wanted(population.size[rows], stratum.sample)
        taken = select(u[rows], p, [population.ids[row] for row in rows.tolist()])
        chosen.append(rows[taken])
        chances.append(_known(p)[taken])
    rows = np.concatenate(chosen)
    order = np.argsort(rows)
    ids = tuple(population.ids[row] for row in rows[order].tolist())
    return Sample(seed, ids, rows[order], np.concatenate(chances)[order])


def select(u: Floats, probability: Floats, ids: Sequence[str]) -> Ints:
    """Positions of the n smallest of odds(u) / odds(p), n = Σp; ties by id; p of 1 first."""
    n = round(float(probability.sum()))
    with np.errstate(divide="ignore", invalid="ignore"):
        q = (u / (1 - u)) * ((1 - probability) / probability)
    if not n:
        return np.empty(0, dtype=np.int64)
    last = np.partition(q, n - 1)[n - 1]
    near = np.flatnonzero(q <= last)
    return np.array(sorted(near.tolist(), key=lambda k: (q[k], ids[k]))[:n], dtype=np.int64)


def _known(probability: Floats) -> Floats:
    """The inclusion probabilities, exact where that is quick."""
    chance = (probability > 0) & (probability < 1)
    computed = exact(probability[chance]) if chance.any() else None
    if computed is None:
        return probability
    found = probability.copy()
    found[chance] = np.minimum(computed, 1 - 1e-15)
    return found
