"""What is found in labelled series, without labels; and what the method does not do."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sankul.engines.composite.tests.oracles import oracle
from sankul.engines.quality import Flag, QualityError, Test, by_event, by_value, detect

Series = tuple[NDArray[Any], NDArray[Any]]
NO_DATA = -9999


def number(text: str) -> float:
    return float("nan") if text in ("", "NULL", "NA") else float(text)


def logan_river(folder: Path) -> dict[str, Series]:
    """Values and technicians' marks; as pyhydroqc, what they took out counts as marked."""
    with (folder / "MainStreet2019.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {}
    for name in ("temp", "cond", "ph", "do", "turb", "stage"):
        raw, kept = (np.array([number(row[key]) for row in rows]) for key in (name, name + "_cor"))
        marked = np.array([row[name + "_qual"] != "NULL" for row in rows])
        found[name] = raw, marked | (raw == NO_DATA) | (kept == NO_DATA) | np.isnan(kept)
    return found


def sandy_creek(folder: Path) -> dict[str, Series]:
    with (folder / "data_sandy_anom.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        name: (
            np.array([number(row[name]) for row in rows]),
            np.array([row[f"label_{name}"] == "1" for row in rows]),
        )
        for name in ("Level", "Cond", "Tur")
    }


def test_labelled_series_are_found_by_one_method_for_all() -> None:
    folder = oracle("water")
    series = {**logan_river(folder), **sandy_creek(folder)}
    found = {
        name: (marked, detect(values).flag > Flag.PASS) for name, (values, marked) in series.items()
    }
    events = {name: by_event(*each).f1 for name, each in found.items()}
    least = {"temp": 0.99, "cond": 0.93, "ph": 0.96, "do": 0.99, "turb": 0.91, "stage": 0.90,
             "Level": 0.40, "Cond": 0.50, "Tur": 0.74}  # fmt: skip
    assert {name: f1 for name, f1 in events.items() if f1 < least[name]} == {}
    assert np.mean(list(events.values())) >= 0.81
    assert np.mean([by_value(*each).f1 for each in found.values()]) >= 0.59


def wave(count: int) -> NDArray[Any]:
    """Two weeks and more of a daily swing with a little noise, every 15 minutes."""
    noise = np.random.default_rng(7).normal(0, 0.02, count)
    return 8 + np.sin(np.arange(count) * 2 * np.pi / 96) + noise


def reasons(values: NDArray[Any]) -> dict[int, str]:
    return {
        int(at): Test(detect(values).test[at]).name for at in np.flatnonzero(detect(values).test)
    }


def test_nothing_is_found_in_an_ordinary_series() -> None:
    assert reasons(wave(1500)) == {}
    assert set(detect(wave(1500)).flag.tolist()) == {Flag.PASS}


def test_each_reason() -> None:
    spike, far, stuck, left, leap = (wave(1500) for _ in range(5))
    spike[700:702] += 4
    assert reasons(spike) == {700: "SPIKE", 701: "SPIKE"}
    far[300] = NO_DATA
    assert reasons(far) == {300: "FAR"}
    stuck[200:240] = stuck[200]
    assert reasons(stuck) == dict.fromkeys(range(200, 240), "FLAT_LINE")
    left[500:700] += 3
    assert reasons(left) == {**dict.fromkeys(range(500, 701), "LEVEL_SHIFT")}
    leap[800:] += 3
    assert reasons(leap) == {800: "LEVEL_SHIFT"}


def test_a_flood_that_rises_and_falls_slowly_is_no_fault() -> None:
    flood = wave(1500)
    flood[600:900] += 30 * np.exp(-(((np.arange(300) - 60) / 40) ** 2))
    assert reasons(flood) == {}


def test_values_among_found_ones_are_suspect() -> None:
    values = wave(1500)
    values[300:340:2] = NO_DATA
    found = reasons(values)
    assert [found[at] for at in range(318, 322)] == ["FAR", "AMONG", "FAR", "AMONG"]
    assert 299 not in found
    assert 339 not in found


def test_missing_values_and_short_series() -> None:
    values = wave(1500)
    values[10] = np.nan
    assert detect(values).flag[9:12].tolist() == [Flag.PASS, Flag.MISSING, Flag.PASS]
    assert detect([1, 2, np.nan]).flag.tolist() == [2, 2, 9]
    assert detect([]).flag.tolist() == []
    with pytest.raises(QualityError, match="one series"):
        detect(np.zeros((2, 50)))


def test_a_constant_series_is_stuck() -> None:
    assert set(detect(np.full(100, 3.0)).flag.tolist()) == {Flag.FAIL}


def test_agreement_by_event_counts_windows_of_overlap() -> None:
    marked = np.array([0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0])
    seen = np.array([0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0])
    # places 3 to 6 are one window of both; 12 is missed; 15 found in vain
    assert by_event(marked, seen) == (4, 1, 1)
    assert by_value(marked, seen) == (1, 2, 3)
    assert by_value(marked, seen).f1 == pytest.approx(2 / 7)
