"""Degenerate input, from files to files: an error that names it, or a documented result.

Whatever the methods, no cell of a result is NaN or infinite, and a unit without a rank is named.
"""

import csv
import json
import math
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from sankul.engines import composite
from sankul.engines.composite.means import AGGREGATORS
from sankul.engines.composite.steps import normalise

from .makers import a_framework, a_package

NEEDED: dict[str, Any] = {
    "target": 6.0,
    "reference": "a",
    "categories": [[-1e301, 10.0], [2, 50.0]],
}
NORMALISED = sorted(normalise.METHODS)
AGGREGATED = [
    {"method": name, "power": 3} if name == "generalised_mean" else {"method": name}
    for name in AGGREGATORS
]
CASES: dict[str, dict[str, list[float | None]]] = {
    "one unit": {"a": [4.0, 6.0]},
    "a constant column": {"a": [4.0, 1.0], "b": [4.0, 2.0], "c": [4.0, 9.0]},
    "nothing but constants": {"a": [4.0, 6.0], "b": [4.0, 6.0]},
    "zeros": {"a": [0.0, 0.0], "b": [0.0, 0.0], "c": [0.0, 1.0]},
    "an indicator that nobody has": {"a": [4.0, None], "b": [5.0, None], "c": [9.0, None]},
    "a unit that has nothing": {"a": [4.0, 6.0], "b": [None, None], "c": [5.0, 9.0]},
    "nothing at all": {"a": [None, None], "b": [None, None]},
    "one value alone": {"a": [4.0, None], "b": [None, None]},
    "below zero": {"a": [-4.0, 6.0], "b": [-1.0, -2.0], "c": [3.0, 5.0]},
    "large": {"a": [1e300, -1e300], "b": [-1e300, 1e300], "c": [1e300, 1e300]},
    "largest": {"a": [1.7e308, -1.7e308], "b": [-1.7e308, 1.7e308], "c": [0.0, 5e-324]},
    "smallest": {"a": [5e-324, 1e-310], "b": [0.0, -5e-324], "c": [1e-300, 0.0]},
}


def a_folder(
    at: Path, values: dict[str, list[float | None]], how: str, aggregate: dict[str, Any]
) -> Path:
    """Files of a package whose two indicators have every key that a method may need."""
    framework = a_framework(*({"id": i, "normalise": how} | NEEDED for i in "xy"))
    framework["step"][1] |= aggregate
    composite.save(a_package(values, framework), at)
    return at


def evaluated(package: Path, out: Path) -> str:
    """What an evaluation of the files refuses, in words; empty where it wrote a sound result."""
    try:
        read = composite.read(package)
        result = composite.run(read.spec, read.frame)
        spread = composite.uncertainty(read.spec, read.frame, draws=16, seed=1)
        indices = composite.sensitivity(read.spec, read.frame, draws=4, seed=1)
        composite.write(read, result, spread, out, sensitivity=indices)
    except composite.PackageError as error:
        return str(error)
    check_sound(out)
    return ""


def check_sound(out: Path) -> None:
    for file in out.rglob("*.csv"):
        with file.open(encoding="utf-8", newline="") as handle:
            rows = list(csv.reader(handle))
        if file.parent.name != "package" and file.name != "sensitivity.csv":
            numbers = [float(cell) for row in rows[1:] for cell in row[1:] if cell]
            assert all(map(math.isfinite, numbers)), file
        assert not {"nan", "inf", "-inf"} & {cell.lower() for row in rows[1:] for cell in row}
    log = json.loads((out / "log.json").read_text(encoding="utf-8"))
    for name in ("scores.csv", "ranks.csv", "intervals.csv"):
        with (out / name).open(encoding="utf-8", newline="") as handle:
            ranked = {row["unit"]: list(row.values())[1] for row in csv.DictReader(handle)}
        assert {unit for unit, cell in ranked.items() if not cell} == set(log["not_ranked"]), name


@pytest.mark.parametrize("case", CASES)
@pytest.mark.filterwarnings("error")
def test_every_method_refuses_by_name_or_gives_a_sound_result(case: str, tmp_path: Path) -> None:
    for number, (how, aggregate) in enumerate(product(NORMALISED, AGGREGATED)):
        package = a_folder(tmp_path / f"p{number}", CASES[case], how, aggregate)
        refused = evaluated(package, tmp_path / f"r{number}")
        if refused:
            assert 'indicator "' in refused or 'node "root"' in refused, (how, aggregate, refused)


@pytest.mark.parametrize(
    ("case", "how", "aggregate", "expected"),
    [
        ("one unit", "goalposts", "arithmetic", {"a": 50.0}),
        ("one unit", "goalposts", "copeland", {"a": 0.0}),
        ("a constant column", "goalposts", "arithmetic", {"a": 25.0, "b": 30.0, "c": 65.0}),
        ("an indicator that nobody has", "rank", "geometric", {"a": 1.0, "b": 2.0, "c": 3.0}),
        ("a unit that has nothing", "goalposts", "harmonic", {"a": 48.0, "b": None}),
        ("nothing at all", "min_max", "arithmetic", {"a": None, "b": None}),
        ("below zero", "goalposts", "geometric", {"a": 0.0, "b": 0.0, "c": math.sqrt(1500)}),
        ("large", "min_max", "arithmetic", {"a": 50.0, "b": 50.0, "c": 100.0}),
        ("largest", "borda", "arithmetic", {"a": 1.0, "b": 1.0, "c": 1.0}),
    ],
)
def test_documented_results(
    case: str, how: str, aggregate: str, expected: dict[str, float | None], tmp_path: Path
) -> None:
    package = composite.read(a_folder(tmp_path / "p", CASES[case], how, {"method": aggregate}))
    result = composite.run(package.spec, package.frame)
    for unit, score in expected.items():
        found = result.scores.at(unit, "root")
        assert found == (score if score is None else pytest.approx(score)), unit
        assert (unit in result.not_ranked) == (score is None)


@pytest.mark.parametrize(
    ("case", "how", "aggregate", "words"),
    [
        ("a constant column", "min_max", "arithmetic", 'indicator "x": every unit has the same'),
        ("one unit", "z_score", "arithmetic", 'indicator "x": every unit has the same value, 4'),
        ("one unit", "percentile_rank", "arithmetic", "one unit alone has no percentile rank"),
        ("zeros", "fraction_of_max", "arithmetic", "fraction_of_max has no meaning"),
        ("below zero", "scaled", "geometric", 'meets a value below zero: "x" of unit "a"'),
        ("below zero", "z_score", "harmonic", 'node "root": the harmonic mean meets a value below'),
        ("largest", "min_max", "arithmetic", 'indicator "x": a result too large to be held'),
    ],
)
def test_refusals_name_what_is_wrong(
    case: str, how: str, aggregate: str, words: str, tmp_path: Path
) -> None:
    package = a_folder(tmp_path / "p", CASES[case], how, {"method": aggregate})
    assert words in evaluated(package, tmp_path / "r")
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize("cell", ["inf", "-inf", "nan", "1e309", "-1e400"])
def test_a_cell_that_is_no_finite_number_is_refused_with_its_place(
    cell: str, tmp_path: Path
) -> None:
    package = a_folder(tmp_path / "p", CASES["one unit"], "goalposts", {"method": "arithmetic"})
    (package / "values.csv").write_text(f"unit,x,y\na,{cell},6\n", encoding="utf-8")
    assert f"values.csv:2 x: '{cell}' is not a" in evaluated(package, tmp_path / "r")
    for name in ("values_low", "values_high"):
        with pytest.raises(composite.PackageError, match=rf"{name}\.csv"):
            a_package({"a": [4.0, 6.0]}, **{name: [{"unit": "a", "x": float(cell), "y": 6.0}]})


def test_weights_of_zero_drop_out_and_a_node_without_any_is_refused(tmp_path: Path) -> None:
    values: dict[str, list[float | None]] = {"a": [4.0, 6.0], "b": [5.0, 1.0]}
    framework = a_framework({"id": "x"}, {"id": "y", "weight": 0.0})
    composite.save(a_package(values, framework), tmp_path / "p")
    assert evaluated(tmp_path / "p", tmp_path / "r") == ""
    scores = (tmp_path / "r" / "scores.csv").read_text(encoding="utf-8")
    assert scores == "unit,root\na,40\nb,50\n"
    file = tmp_path / "p" / "framework.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("weight = 1\n", "weight = 0\n"), encoding="utf-8")
    refused = evaluated(tmp_path / "p", tmp_path / "r2")
    assert 'node "root": all weights of its children are zero' in refused
