"""Agreement with the reference results of the Asia–Europe connectivity index."""

import csv
import math
import tomllib
from typing import Any

import numpy as np
import pytest

from sankul.engines import composite

from .oracles import oracle, reference

STAGES = {
    "denominate": "denominated.csv",
    "impute": "imputed.csv",
    "treat": "treated.csv",
    "normalise": "normalised.csv",
    "aggregate": "aggregated.csv",
}


@pytest.fixture(scope="module")
def package() -> composite.Package:
    return composite.read(oracle("asem") / "package")


@pytest.fixture(scope="module")
def result(package: composite.Package) -> composite.Result:
    return composite.run(package.spec, package.frame)


@pytest.mark.parametrize("do", STAGES)
def test_every_cell_of_every_stage_agrees(do: str, result: composite.Result) -> None:
    expected = reference("asem", STAGES[do])
    stage = result.stages[do]
    assert set(stage.units) == set(expected)
    for unit, row in expected.items():
        assert set(row) - {"unit"} == set(stage.columns)
        for column, cell in row.items():
            if column == "unit":
                continue
            found = stage.at(unit, column)
            if cell in ("", "NA"):
                assert found is None, (unit, column)
            else:
                close = math.isclose(found, float(cell), rel_tol=1e-9, abs_tol=1e-12)
                assert close, (unit, column, found, cell)


def test_scores_and_ranks_agree(result: composite.Result) -> None:
    for unit, row in reference("asem", "results.csv").items():
        assert result.ranks.at(unit, "Index") == int(row["Rank"])
        for node in result.scores.columns:
            assert result.scores.at(unit, node) == pytest.approx(float(row[node]), rel=1e-9)


def test_published_figures(result: composite.Result) -> None:
    assert round(result.scores.at("CHE", "Index"), 2) == 68.38
    assert round(result.scores.at("NLD", "Index"), 2) == 64.82
    assert round(result.scores.at("DNK", "Index"), 2) == 64.80
    assert round(result.scores.at("IND", "Index"), 2) == 39.79
    assert result.ranks.at("IND", "Index") == 45
    assert result.ranking()[:3] == ("CHE", "NLD", "DNK")


def test_the_log_tells_which_indicators_were_winsorised_at_how_many_points(
    result: composite.Result,
) -> None:
    treated = next(entry for entry in result.log if entry["do"] == "treat")["done"]
    for indicator, row in reference("asem", "treatment.csv").items():
        done = treated[indicator]
        skewness = float(row["check_SkewKurt0.Skew"])
        assert done["before"]["skewness"] == pytest.approx(skewness, rel=1e-9)
        kurtosis = float(row["check_SkewKurt0.Kurt"])
        assert done["before"]["excess_kurtosis"] == pytest.approx(kurtosis, rel=1e-9)
        assert done["winsorised_points"] == int(row["winsorise.nwin"] or 0)


def test_contributions_sum_to_the_scores(result: composite.Result) -> None:
    for node, table in result.contributions.items():
        sums = table.values.sum(axis=1)
        assert sums == pytest.approx(result.scores.column(node), rel=1e-12)


def test_weight_noise_keeps_switzerland_first(package: composite.Package) -> None:
    spread = composite.uncertainty(package.spec, package.frame, draws=200, seed=1)
    first = spread.units.index("CHE")
    assert spread.acceptability[first, 0] == 1.0
    assert list(spread.rank_interval[first]) == [1, 1, 1]


def on_own_goalposts(method: str) -> composite.Package:
    """The index denominated and normalised alone; goalposts are the extremes of all countries."""
    folder = oracle("asem") / "package"
    content = tomllib.loads((folder / "framework.toml").read_text(encoding="utf-8"))
    denominated = reference("asem", STAGES["denominate"])
    for indicator in content["indicator"]:
        cells = [row[indicator["id"]] for row in denominated.values()]
        known = [float(cell) for cell in cells if cell not in ("", "NA")]
        indicator["goalposts"] = [min(known), max(known)]
    content["step"] = [
        {"do": "denominate"},
        {"do": "normalise", "method": method},
        {"do": "aggregate"},
    ]
    tables: list[Any] = []
    for name in ("units.csv", "values.csv"):
        with (folder / name).open(encoding="utf-8-sig", newline="") as file:
            tables.append(list(csv.DictReader(file)))
    return composite.Package.from_parts(content, *tables)


def reordered(package: composite.Package, units: list[str], dropped: str) -> bool | None:
    """Whether the others change their order; None where an indicator does not vary among so few."""
    frames = [package.frame.select(units), package.frame.select([u for u in units if u != dropped])]
    try:
        one, other = (composite.run(package.spec, frame) for frame in frames)
    except composite.PackageError:
        return None
    return bool(composite.compare(one, other).reversed_pairs)


@pytest.mark.parametrize(("method", "turned", "of"), [("min_max", 21, 87), ("goalposts", 0, 100)])
def test_of_eight_countries_dropping_one_reorders_the_rest_unless_goalposts_are_fixed(
    method: str, turned: int, of: int
) -> None:
    package = on_own_goalposts(method)
    rng = np.random.default_rng(8)
    eights = [
        sorted(rng.choice(package.frame.units, 8, replace=False).tolist()) for _ in range(100)
    ]
    found = [reordered(package, units, str(rng.choice(units))) for units in eights]
    assert (found.count(True), found.count(True) + found.count(False)) == (turned, of)
