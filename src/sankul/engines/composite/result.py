"""What a run gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .frame import Table


@dataclass(frozen=True, eq=False)
class Result:
    """Scores, ranks and everything that led to them.

    ``scores`` and ``ranks`` are [units × nodes], NaN where a unit has none; rank 1 is the best,
    ties share the smaller. ``stages`` holds the values after each step by the step's name,
    [units × indicators]; after "aggregate" the nodes follow the indicators. ``contributions``
    gives for each node a table [units × indicators] whose rows sum to the node's scores (see
    ``means`` for what they are under means other than the arithmetic). ``effective_weights`` is
    the share of the root's weight that each node and indicator carries when no value is missing.
    ``coverage`` is the share of indicators with an observed value, by unit. ``not_ranked`` says
    of every unit without a rank at the root the ``reason`` and its ``coverage``. ``log`` lists
    the versions, then every step with its parameters and what it did. ``outranking`` holds, for
    every node under Copeland's rule, the share of weight in which the row's unit is ahead of the
    column's. ``warnings`` say, in words, which steps so few units make fragile, and with them the
    scores and contributions.
    """

    scores: Table
    ranks: Table
    stages: Mapping[str, Table]
    contributions: Mapping[str, Table]
    effective_weights: Mapping[str, float]
    coverage: Mapping[str, float]
    not_ranked: Mapping[str, Mapping[str, Any]]
    log: tuple[Mapping[str, Any], ...]
    root: str
    outranking: Mapping[str, Table] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def units(self) -> tuple[str, ...]:
        """All units, in ascending order of id."""
        return self.scores.units

    def ranking(self) -> tuple[str, ...]:
        """The ranked units, best first; tied units in order of id."""
        ranks = self.ranks.column(self.root)
        ranked = [(r, u) for r, u in zip(ranks, self.units, strict=True) if r == r]  # noqa: PLR0124
        return tuple(unit for _, unit in sorted(ranked))
