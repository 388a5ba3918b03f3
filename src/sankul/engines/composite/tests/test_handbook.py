"""Worked examples of the OECD/JRC Handbook on Constructing Composite Indicators (2008).

Tables and pages are the Handbook's; figures agree to the digits that it prints. Table A.2 rounds
the logarithms of telephones and electricity, which moves what rests on them in the second digit.
Not here: tables 19 (weights bounded by shares), 20 (no weights are printed for that matrix), 37 and
38's NCMC (the Kemeny order), which are methods that the engine does not have.
"""

import math
from typing import Any

import numpy as np
import pytest

from sankul.engines import composite
from sankul.engines.composite.elicited import principal
from sankul.engines.composite.frame import Table
from sankul.engines.composite.statistical import loading_weights, varimax

from .makers import a_framework, a_package, ran

# Table A.2, p. 152: the first 23 countries. Patents, royalties, internet, exports, telephones
# (log), electricity (log), schooling, university.
TAI: dict[str, list[float | None]] = {
    "Finland": [187, 125.6, 200.2, 50.7, 3.08, 4.15, 10, 27.4],
    "United States": [289, 130, 179.1, 66.2, 3.00, 4.07, 12, 13.9],
    "Sweden": [271, 156.6, 125.8, 59.7, 3.10, 4.14, 11.4, 15.3],
    "Japan": [994, 64.6, 49, 80.8, 3.00, 3.86, 9.5, 10],
    "Korea": [779, 9.8, 4.8, 66.7, 2.97, 3.65, 10.8, 23.2],
    "Netherlands": [189, 151.2, 136, 50.9, 3.02, 3.77, 9.4, 9.5],
    "United Kingdom": [82, 134, 57.4, 61.9, 3.02, 3.73, 9.4, 14.9],
    "Canada": [31, 38.6, 108, 48.7, 2.94, 4.18, 11.6, 14.2],
    "Australia": [75, 18.2, 125.9, 16.2, 2.94, 3.94, 10.9, 25.3],
    "Singapore": [8, 25.5, 72.3, 74.9, 2.95, 3.83, 7.1, 24.2],
    "Germany": [235, 36.8, 41.2, 64.2, 2.94, 3.75, 10.2, 14.4],
    "Norway": [103, 20.2, 193.6, 19, 3.12, 4.39, 11.9, 11.2],
    "Ireland": [106, 110.3, 48.6, 53.6, 2.97, 3.68, 9.4, 12.3],
    "Belgium": [72, 73.9, 58.9, 47.6, 2.91, 3.86, 9.3, 13.6],
    "New Zealand": [103, 13, 146.7, 15.4, 2.86, 3.91, 11.7, 13.1],
    "Austria": [165, 14.8, 84.2, 50.3, 2.99, 3.79, 8.4, 13.6],
    "France": [205, 33.6, 36.4, 58.9, 2.97, 3.80, 7.9, 12.6],
    "Israel": [74, 43.6, 43.2, 45, 2.96, 3.74, 9.6, 11],
    "Spain": [42, 8.6, 21, 53.4, 2.86, 3.62, 7.3, 15.6],
    "Italy": [13, 9.8, 30.4, 51, 3.00, 3.65, 7.2, 13],
    "Czech Republic": [28, 4.2, 25, 51.7, 2.75, 3.68, 9.5, 8.2],
    "Hungary": [26, 6.2, 21.6, 63.5, 2.73, 3.46, 9.1, 7.7],
    "Slovenia": [105, 4, 20.3, 49.5, 2.84, 3.71, 7.1, 10.6],
}
INDICATORS = (
    *("patents", "royalties", "internet", "exports"),
    *("telephones", "electricity", "schooling", "university"),
)
# Human Development Report 2001, technical note 2: the index's own goalposts.
GOALPOSTS = (
    *([0, 994], [0, 272.6], [0, 232.4], [0, 80.8]),
    *([0, math.log10(901)], [math.log10(22), math.log10(6969)], [0.8, 12], [0.1, 27.4]),
)
RAW = {"method": "scaled", "lower": 0, "upper": 100}


def technology(normalise: Any, aggregate: Any, weights: Any = (1,) * 8) -> dict[str, Any]:
    indicators = (
        {"id": name, "goalposts": posts, "weight": float(w), "normalise": normalise}
        for name, posts, w in zip(INDICATORS, GOALPOSTS, weights, strict=True)
    )
    return a_framework(*indicators, step=[{"do": "normalise"}, {"do": "aggregate"} | aggregate])


def ranks(result: composite.Result) -> list[float]:
    return [result.ranks.at(unit, "root") or 0 for unit in TAI]


def raw_table(*names: str) -> Table:
    places = [INDICATORS.index(name) for name in names or INDICATORS]
    values = np.array(list(TAI.values()), dtype=float)[:, places]
    return Table(tuple(TAI), names or INDICATORS, values)


# Table 15, p. 87: schooling of five countries. Of the distances to a reference, fraction_of_max is
# the ratio to the best.
@pytest.mark.parametrize(
    ("method", "expected", "digits"),
    [
        ("rank", [15, 23, 19, 12, 17], 0),
        ("z_score", [0.26, 1.52, 1.14, -0.06, 0.76], 2),
        ({"method": "min_max", "low": 0, "high": 1}, [0.59, 1.00, 0.88, 0.49, 0.76], 2),
        ("fraction_of_max", [0.83, 1.00, 0.95, 0.79, 0.90], 2),
    ],
)
def test_table_15_normalises_schooling(method: Any, expected: list[float], digits: int) -> None:
    stage = ran(TAI, technology(method, {"method": "arithmetic"})).stages["normalise"]
    found = [stage.at(unit, "schooling") for unit in list(TAI)[:5]]
    assert found == pytest.approx(expected, abs=0.51 * 10**-digits)


# Table 14, p. 83: temperature and humidity in two countries, by the distance to the best performer.
@pytest.mark.parametrize(
    ("temperature", "humidity", "expected"),
    [
        ((35, 39), (75, 50), (0.949, 0.833)),
        ((35.9, 40), (70, 45), (0.949, 0.821)),
        ((95, 102.2), (75, 50), (0.965, 0.833)),
        ((96.62, 104), (70, 45), (0.965, 0.821)),
    ],
)
def test_table_14_shows_that_an_interval_scale_moves_a_ratio(
    temperature: tuple[float, float], humidity: tuple[float, float], expected: tuple[float, float]
) -> None:
    indicators = ({"id": name, "normalise": "fraction_of_max"} for name in ("warm", "humid"))
    values: dict[str, list[float | None]] = {
        unit: [t, h] for unit, t, h in zip("ab", temperature, humidity, strict=True)
    }
    scores = ran(values, a_framework(*indicators)).scores.column("root")
    assert scores == pytest.approx(expected, abs=5e-4)


# Section 6.11, p. 104: 21, 1, 1, 1 beside 6, 6, 6, 6, and each with one more of the second.
def test_the_geometric_mean_rewards_what_is_lacking() -> None:
    indicators = tuple({"id": name, "normalise": RAW} for name in "wxyz")
    values: dict[str, list[float | None]] = {
        "a": [21, 1, 1, 1],
        "a+": [21, 2, 1, 1],
        "b": [6, 6, 6, 6],
        "b+": [6, 7, 6, 6],
    }
    for method, expected in (
        ("arithmetic", [6, 6.25, 6, 6.25]),
        ("geometric", [2.14, 2.54, 6, 6.23]),
    ):
        step = [{"do": "normalise"}, {"do": "aggregate", "method": method}]
        scores = ran(values, a_framework(*indicators, step=step)).scores
        assert scores.column("root") == pytest.approx(expected, abs=6e-3)


# Tables 22 and 23, p. 100: equal weights and those of the budget allocation. The ranks under its
# other weights need more digits of them than are printed.
@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ((1,) * 8, [*range(1, 8), 9, 10, 8, *range(11, 24)]),
        (
            (0.11, 0.11, 0.11, 0.18, 0.10, 0.06, 0.15, 0.18),
            [1, 2, 3, 5, 4, 8, 7, 10, 11, 6, 9, 13, 12, 14, 17, 15, 16, 18, 19, 21, 22, 20, 23],
        ),
    ],
)
def test_table_23_ranks_countries(weights: Any, expected: list[int]) -> None:
    framework = technology("goalposts", {"method": "arithmetic"}, weights)
    assert ranks(ran(TAI, framework)) == expected


# Table 38, p. 116, GME: the geometric mean of raw values.
def test_table_38_ranks_countries_by_the_geometric_mean() -> None:
    result = ran(TAI, technology(RAW, {"method": "geometric"}))
    assert ranks(result) == [
        *(2, 1, 3, 4, 16, 5, 6, 13, 14, 18, 8, 11),
        *(7, 9, 17, 12, 10, 15, 19, 21, 23, 22, 20),
    ]


# Table 6, p. 64: the upper triangle, row by row.
CORRELATIONS = (
    *(0.13, -0.09, 0.45, 0.28, 0.03, 0.22, 0.08),
    *(0.46, 0.25, 0.56, 0.32, 0.30, 0.06),
    *(-0.45, 0.56, 0.84, 0.63, 0.27),
    *(0.00, -0.36, -0.35, -0.03),
    *(0.64, 0.30, 0.33),
    *(0.65, 0.26),
    0.08,
)


def test_table_6_correlates_indicators() -> None:
    found = composite.correlations(raw_table())
    upper = np.triu_indices(8, 1)
    # a logarithm of two decimals is off by up to 0.005, where telephones spread by 0.1
    logs = {INDICATORS.index(name) for name in ("telephones", "electricity")}
    for i, j, expected in zip(*upper, CORRELATIONS, strict=True):
        near = 0.02 if logs & {i, j} else 0.0056
        assert found.r[i, j] == pytest.approx(expected, abs=near)


# Tables 7 and 16, pp. 65 and 90; table 8, p. 69, whose components have another sign.
def test_tables_7_and_8_find_principal_components() -> None:
    found = composite.principal_components(raw_table())
    assert found.eigenvalues == pytest.approx([3.3, 1.7, 1.0, 0.9, 0.5, 0.3, 0.2, 0.1], abs=0.06)
    shares = [41.9, 21.8, 12.3, 11.1, 6.0, 3.7, 2.2, 0.9]
    assert found.explained * 100 == pytest.approx(shares, abs=0.15)
    first = [0.11, 0.56, 0.92, -0.35, 0.76, 0.91, 0.74, 0.36]
    assert found.loadings[:, 0] == pytest.approx(first, abs=6e-3)


# Table 9, p. 71, and table 18, p. 91 (PC): four rotated factors, and the weights from them.
def test_tables_9_and_18_rotate_four_factors_and_weigh_by_them() -> None:
    loadings = composite.principal_components(raw_table()).loadings[:, :4]
    turned = varimax(loadings)
    expected = np.array(
        [
            [0.07, 0.97, 0.06, 0.06],
            [0.13, 0.07, -0.07, 0.93],
            [0.79, -0.21, 0.21, 0.42],
            [-0.64, 0.56, -0.04, 0.36],
            [0.37, 0.17, 0.38, 0.68],
            [0.82, -0.04, 0.25, 0.35],
            [0.88, 0.23, -0.09, 0.09],
            [0.08, 0.04, 0.96, 0.04],
        ]
    )
    found = np.column_stack([_nearest(turned, column) for column in expected.T])
    assert found == pytest.approx(expected, abs=0.03)
    assert (found**2).sum(axis=0) == pytest.approx([2.64, 1.39, 1.19, 1.76], abs=0.04)
    weights = loading_weights(turned)
    expected_weights = [0.17, 0.15, 0.11, 0.07, 0.08, 0.12, 0.14, 0.16]
    assert weights / weights.sum() == pytest.approx(expected_weights, abs=6e-3)


def _nearest(turned: Any, expected: Any) -> Any:
    """The factor most like the expected one; their order and signs are arbitrary."""
    return min([*turned.T, *-turned.T], key=lambda factor: float(np.abs(factor - expected).sum()))


# Section 4.3 and table 11, p. 73: alpha of all indicators, then without each.
def test_table_11_finds_cronbachs_alpha() -> None:
    framework = technology("z_score", {"method": "arithmetic"})
    assert alpha(framework, TAI) == pytest.approx(0.70, abs=5e-3)
    expected = [0.704, 0.645, 0.636, 0.774, 0.603, 0.624, 0.662, 0.706]
    for k, without in enumerate(expected):
        fewer = framework | {
            "indicator": [i for j, i in enumerate(framework["indicator"]) if j != k]
        }
        values = {unit: [*row[:k], *row[k + 1 :]] for unit, row in TAI.items()}
        assert alpha(fewer, values) == pytest.approx(without, abs=1.6e-3)


def alpha(framework: dict[str, Any], values: Any) -> float:
    package = a_package(values, framework)
    result = composite.run(package.spec, package.frame)
    return composite.cronbach_alpha(package.spec, result)["root"].alpha


# Table 35, p. 113, with three decimals of the logarithms, and table 36, p. 114.
FIVE: dict[str, list[float | None]] = {
    "Finland": [187, 125.6, 200.2, 50.7, 3.080, 4.150, 10, 27.4],
    "USA": [289, 130, 179.1, 66.2, 2.997, 4.073, 12, 13.9],
    "Sweden": [271, 156.6, 125.8, 59.7, 3.096, 4.145, 11.4, 15.3],
    "Japan": [994, 64.6, 49, 80.8, 3.003, 3.865, 9.5, 10],
    "Korea": [779, 9.8, 4.8, 66.7, 2.972, 3.653, 10.8, 23.2],
}


def test_table_36_outranks_five_countries() -> None:
    matrix = ran(FIVE, technology(RAW, {"method": "copeland"})).outranking["root"]
    expected = [
        [None, 0.5, 0.375, 0.75, 0.625],
        [0.5, None, 0.5, 0.625, 0.625],
        [0.625, 0.5, None, 0.75, 0.625],
        [0.25, 0.375, 0.25, None, 0.75],
        [0.375, 0.375, 0.375, 0.25, None],
    ]
    assert [[matrix.at(one, other) for other in FIVE] for one in FIVE] == expected


def voted(orders: dict[str, int], normalise: Any, method: str) -> composite.Package:
    """Countries put in order by so many indicators each, best first."""
    letters = sorted(next(iter(orders)))
    indicators = (
        {"id": order, "weight": float(count), "normalise": normalise}
        for order, count in orders.items()
    )
    step = [{"do": "normalise"}, {"do": "aggregate", "method": method}]
    values: dict[str, list[float | None]] = {
        unit: [float(len(letters) - order.index(unit)) for order in orders] for unit in letters
    }
    return a_package(values, a_framework(*indicators, step=step))


def borda(orders: dict[str, int]) -> list[float]:
    package = voted(orders, "borda", "arithmetic")
    scores = composite.run(package.spec, package.frame).scores.column("root")
    return [round(float(score) * sum(orders.values()), 9) for score in scores]


def copeland(orders: dict[str, int]) -> composite.Result:
    package = voted(orders, RAW, "copeland")
    return composite.run(package.spec, package.frame)


TABLE_25 = {"abcd": 3, "acbd": 5, "bdca": 7, "cbda": 6}
TABLE_28 = {"abc": 23, "bca": 17, "bac": 2, "cab": 10, "cba": 8}
TABLE_31 = {"cbad": 3, "badc": 2, "adcb": 2}


def test_tables_26_and_27_apply_borda_and_condorcet_to_21_indicators() -> None:
    assert borda(TABLE_25) == [24, 44, 38, 20]
    result = copeland(TABLE_25)
    matrix = result.outranking["root"].values * 21
    assert np.nan_to_num(matrix) == pytest.approx(
        np.array([[0, 8, 8, 8], [13, 0, 10, 21], [13, 11, 0, 14], [13, 0, 7, 0]])
    )
    assert result.ranking() == ("c", "b", "d", "a")


def test_tables_29_and_30_show_condorcets_cycle() -> None:
    assert borda(TABLE_28) == [58, 69, 53]
    result = copeland(TABLE_28)
    matrix = result.outranking["root"].values * 60
    assert np.nan_to_num(matrix) == pytest.approx(np.array([[0, 33, 25], [27, 0, 42], [35, 18, 0]]))
    assert result.ranks.column("root").tolist() == [1, 1, 1]  # each beats one: no way out


def test_tables_32_and_33_show_bordas_rank_reversal() -> None:
    assert borda(TABLE_31) == [13, 12, 11, 6]
    package = voted(TABLE_31, "borda", "arithmetic")
    removal = composite.remove_each(package.spec, package.frame, "unit")
    assert removal.changes["d"].reversed_pairs == (("a", "b"), ("a", "c"), ("b", "c"))
    assert borda({"cba": 3, "bac": 2, "acb": 2}) == [6, 7, 8]


def test_table_34_cannot_be_solved() -> None:
    orders = {"abc": 1, "cab": 1, "bca": 1}
    assert borda(orders) == [3, 3, 3]
    assert copeland(orders).ranks.column("root").tolist() == [1, 1, 1]


# Box 7, p. 82: eight people by height and by weight; 22 concordant pairs of 28.
def test_box_7_compares_two_rankings() -> None:
    one, other = (
        ran({u: [9.0 - r] for u, r in zip("abcdefgh", by, strict=True)}, a_framework({"id": "x"}))
        for by in ((1, 2, 3, 4, 5, 6, 7, 8), (3, 4, 1, 2, 5, 7, 8, 6))
    )
    found = composite.compare(one, other)
    assert found.kendall_tau == pytest.approx(4 * 22 / 56 - 1)
    assert len(found.reversed_pairs) == 6


# Saaty, European Journal of Operational Research 48 (1990) 9, table 2: buying a house.
HOUSE = """
1    5    3    7  6    6    1/3  1/4
1/5  1    1/3  5  3    3    1/5  1/7
1/3  3    1    6  3    4    6    1/5
1/7  1/5  1/6  1  1/3  1/4  1/7  1/8
1/6  1/3  1/3  3  1    1/2  1/5  1/6
1/6  1/3  1/4  4  2    1    1/5  1/6
3    5    1/6  7  5    5    1    1/2
4    7    5    8  6    6    2    1
"""


def test_saatys_house_is_weighed_by_the_analytic_hierarchy_process() -> None:
    rows = [line.split() for line in HOUSE.strip().splitlines()]
    matrix = np.array([[fraction(cell) for cell in row] for row in rows])
    weights, ratio = principal(matrix)
    expected = [0.173, 0.054, 0.188, 0.018, 0.031, 0.036, 0.167, 0.333]
    assert weights == pytest.approx(expected, abs=5e-4)
    assert ratio == pytest.approx(0.169, abs=5e-4)


def fraction(cell: str) -> float:
    above, _, below = cell.partition("/")
    return float(above) / float(below or 1)
