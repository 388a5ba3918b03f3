"""Rules as rows of numbers, which compiled loops read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .rules import PERIODS, Rules, Season

OFF: Final = np.nan  # a limit that is not set: no comparison with it is true
ROW: Final = np.dtype(
    [
        *((name, "f8") for name in ("fail_low", "fail_high", "suspect_low", "suspect_high")),
        *((name, "f8") for name in ("spike_suspect", "spike_fail", "rate_suspect", "rate_fail")),
        *((name, "f8") for name in ("flat_tolerance", "spread_suspect", "spread_fail")),
        *((name, "i8") for name in ("season_from", "season_to", "flat_suspect", "flat_fail")),
        *((name, "i8") for name in ("spread_period", "spread_minimum", "gap", "interval")),
        *((name, "u1") for name in ("spike", "spread")),
    ]
)
SEASON: Final = np.dtype(
    [
        ("period", "i8"),
        *((name, "f8") for name in ("low", "high", "suspect_low", "suspect_high")),
        *((name, "f8") for name in ("fail_low", "fail_high")),
    ]
)
Table = tuple[NDArray[Any], NDArray[Any]]


def table(rules: Sequence[Rules]) -> Table:
    """One row (ROW) for each of the rules, and their seasons (SEASON) one after the other."""
    rows = np.zeros(len(rules), ROW)
    seasons: list[tuple[float, ...]] = []
    for row, each in zip(rows, rules, strict=True):
        row["season_from"] = len(seasons)
        seasons += [_season(season) for season in each.climatology]
        row["season_to"] = len(seasons)
        _fill(row, each)
    return rows, np.array(seasons, SEASON)


def _season(season: Season) -> tuple[float, ...]:
    return (
        PERIODS.index(season.period),
        *season.span,
        *season.suspect,
        *(season.fail or (OFF, OFF)),
    )


def _limits(*values: float | None) -> tuple[float, ...]:
    return tuple(OFF if value is None else value for value in values)


def _fill(row: Any, rules: Rules) -> None:
    """The limits of every test; whole numbers of seconds, 0 for a test that is not made."""
    row["interval"] = rules.interval_s or 0
    gross, spike, rate = rules.gross_range, rules.spike, rules.rate_of_change
    fail, suspect = (gross.fail, gross.suspect) if gross else (None, None)
    row["fail_low"], row["fail_high"] = fail or (OFF, OFF)
    row["suspect_low"], row["suspect_high"] = suspect or (OFF, OFF)
    if spike:
        row["spike"] = 1 if spike.method == "average" else 2
        row["spike_suspect"], row["spike_fail"] = _limits(spike.suspect, spike.fail)
    row["rate_suspect"], row["rate_fail"] = (
        _limits(rate.suspect_per_s, rate.fail_per_s) if rate else (OFF, OFF)
    )
    _fill_windows(row, rules)


def _fill_windows(row: Any, rules: Rules) -> None:
    flat, spread = rules.flat_line, rules.attenuated
    if flat:
        row["flat_suspect"], row["flat_fail"] = flat.suspect_s, flat.fail_s
        row["flat_tolerance"] = flat.tolerance
    if spread:
        row["spread"] = 1 if spread.spread == "std" else 2
        row["spread_suspect"], row["spread_fail"] = spread.suspect, spread.fail
        row["spread_period"], row["spread_minimum"] = spread.period_s, spread.minimum
    row["gap"] = rules.gap.fail_s if rules.gap else 0
