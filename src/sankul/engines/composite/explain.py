"""Why a result is what it is: what rests on one indicator, node or unit; two results; one unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from .coherence import few
from .fragile import fragile, fragile_scales
from .frame import Floats, Frame, Table, frozen
from .pipeline import run
from .problems import PackageError
from .ranking import descending_ranks
from .result import Result
from .spec import Spec

__all__ = [
    "Comparison",
    "Point",
    "Profile",
    "Removal",
    "compare",
    "fragile_scales",
    "peers_of",
    "profile",
    "remove_each",
]

FEW_FOR_MEDIANS: Final = 5
FEW_FOR_TAU: Final = 10  # Kendall and Gibbons, Rank Correlation Methods (1990), ch. 4


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two results on the units ranked in both; ranks are taken anew among these.

    ``score_change`` and ``rank_change`` [units] are other less one (a negative change of rank is a
    rise). ``reversed_pairs`` lists the pairs of units whose order turned round; ties do not count.
    ``kendall_tau`` is (concordant − discordant)/pairs, NaN below two units.
    """

    units: tuple[str, ...]
    score_change: Floats
    rank_change: Floats
    reversed_pairs: tuple[tuple[str, str], ...]
    kendall_tau: float
    warnings: tuple[str, ...]

    @property
    def mean_rank_shift(self) -> float:
        """The mean of absolute changes of rank; 0 without units."""
        return float(np.abs(self.rank_change).mean()) if len(self.units) else 0.0


def compare(one: Result, other: Result, *, node: str | None = None) -> Comparison:
    """Scores and ranks of two results at a node (the root unless named)."""
    node = node or one.root
    before = dict(zip(one.units, one.scores.column(node).tolist(), strict=True))
    after = dict(zip(other.units, other.scores.column(node).tolist(), strict=True))
    units = [u for u in before if u in after and not np.isnan([before[u], after[u]]).any()]
    scores = np.array([[before[u], after[u]] for u in units]).reshape(-1, 2)
    ranks = descending_ranks(scores.T)
    order = np.sign(ranks[:, :, None] - ranks[:, None, :])
    product = order[0] * order[1]
    turned = np.argwhere(np.triu(product < 0))
    pairs = len(units) * (len(units) - 1) / 2
    return Comparison(
        units=tuple(units),
        score_change=frozen(scores[:, 1] - scores[:, 0]),
        rank_change=frozen((ranks[1] - ranks[0]).astype(np.float64)),
        reversed_pairs=tuple((units[i], units[j]) for i, j in turned),
        kendall_tau=float(product.sum() / 2 / pairs) if pairs else float("nan"),
        warnings=few(len(units), FEW_FOR_TAU, "Kendall's tau and the mean shift of ranks"),
    )


@dataclass(frozen=True, eq=False)
class Removal:
    """What changes when each thing in turn is left out; ``changes`` by its id.

    ``refused`` says why an evaluation without the thing is not possible (as when an indicator then
    has the same value for every unit).
    """

    changes: dict[str, Comparison]
    refused: dict[str, str]
    warnings: tuple[str, ...]

    def ordered(self) -> tuple[str, ...]:
        """The things on which most rests first: by mean shift of ranks, then by id."""
        return tuple(sorted(self.changes, key=lambda i: (-self.changes[i].mean_rank_shift, i)))


def remove_each(spec: Spec, frame: Frame, what: str) -> Removal:
    """Evaluate without each "indicator", "node" (but the root) or "unit" in turn.

    Without a unit the order of the others may turn round where values are compared with other
    units' (rank reversal); between goalposts it cannot.
    """
    ids = {
        "indicator": [i.id for i in spec.indicators if i.weight > 0],
        "node": [n.id for n in spec.nodes if n.parent is not None and n.weight > 0],
        "unit": list(frame.units) if len(frame.units) > 1 else [],
    }
    if what not in ids:
        raise PackageError.one("remove_each", f"{what!r} is not accepted", ", ".join(ids))
    whole = run(spec, frame)
    changes: dict[str, Comparison] = {}
    refused: dict[str, str] = {}
    for id_ in ids[what]:
        others = [unit for unit in frame.units if unit != id_]
        try:
            if what == "unit":
                changes[id_] = compare(whole, run(spec, frame.select(others)))
            else:
                changes[id_] = compare(whole, run(_weightless(spec, id_), frame))
        except PackageError as error:
            refused[id_] = str(error)
    return Removal(changes, refused, fragile(spec, len(frame.units)))


def _weightless(spec: Spec, id_: str) -> Spec:
    return replace(
        spec,
        nodes=tuple(replace(n, weight=0.0) if n.id == id_ else n for n in spec.nodes),
        indicators=tuple(replace(i, weight=0.0) if i.id == id_ else i for i in spec.indicators),
    )


@dataclass(frozen=True, slots=True)
class Point:
    """One indicator of a unit beside its peers.

    ``value`` and ``median`` (of the peers) are normalised; ``gain`` is their difference times the
    effective weight, in points of the score under an arithmetic mean.
    """

    indicator: str
    value: float
    median: float
    gain: float


@dataclass(frozen=True, eq=False)
class Profile:
    """Where a unit stands above and below the median of its peers, widest first."""

    unit: str
    peers: tuple[str, ...]
    strengths: tuple[Point, ...]
    weaknesses: tuple[Point, ...]
    missing: tuple[str, ...]
    warnings: tuple[str, ...]


def profile(
    result: Result, unit: str, *, peers: Sequence[str] | None = None, most: int = 5
) -> Profile:
    """A unit's strengths and weaknesses against its peers, all other ranked units unless given."""
    stage = result.stages["normalise"]
    _known(stage, [unit, *(peers or ())])
    group = tuple(u for u in (result.ranking() if peers is None else peers) if u != unit)
    own = stage.values[stage.units.index(unit)]
    others = stage.values[[stage.units.index(u) for u in group]]
    points: list[Point] = []
    for k, indicator in enumerate(stage.columns):
        known = others[~np.isnan(others[:, k]), k]
        if np.isnan(own[k]) or not len(known):
            continue
        median = float(np.median(known))
        weight = result.effective_weights[indicator]
        points.append(Point(indicator, float(own[k]), median, (float(own[k]) - median) * weight))
    points.sort(key=lambda point: (-abs(point.gain), point.indicator))
    return Profile(
        unit=unit,
        peers=group,
        strengths=tuple(p for p in points if p.gain > 0)[:most],
        weaknesses=tuple(p for p in points if p.gain < 0)[:most],
        missing=tuple(c for c, v in zip(stage.columns, own, strict=True) if np.isnan(v)),
        warnings=few(len(group), FEW_FOR_MEDIANS, "a median of peers"),
    )


def peers_of(frame: Frame, unit: str, group: str) -> tuple[str, ...]:
    """The other units that have the unit's value in a column of groups of units.csv."""
    if group not in frame.groups:
        raise PackageError.one(
            "peers_of", f'no column of groups "{group}"', ", ".join(frame.groups) or "a column"
        )
    own = dict(zip(frame.units, frame.groups[group], strict=True))
    if unit not in own:
        raise PackageError.one("peers_of", f'no unit "{unit}"', "a unit of the frame")
    return tuple(other for other, name in own.items() if name == own[unit] and other != unit)


def _known(table: Table, units: Sequence[str]) -> None:
    for unit in units:
        if unit not in table.units:
            raise PackageError.one("profile", f'no unit "{unit}"', "a unit of the result")
