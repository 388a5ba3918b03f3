"""The index, limits, best use, risks, plans and dirt, from values alone."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sankul.field.water.rules import (
    PARAMETERS,
    Bound,
    Finding,
    Index,
    Standing,
    Uncomputable,
    best_use,
    judged,
    water_quality_index,
    why_not_limit,
)
from sankul.field.water.rules.advice import ADVICE, OTHERWISE, advice
from sankul.field.water.rules.dirt import Pair, why_doubt_pair, why_not_pair
from sankul.field.water.rules.index import SUB_INDICES
from sankul.field.water.rules.limits import compliance, exceedance_load, excesses
from sankul.field.water.rules.plans import due_on
from sankul.field.water.rules.risk import Judged, known, risks
from sankul.field.water.rules.use import Ranges

DAY = date(2026, 6, 1)
PH = Bound("ph", Decimal("8.5"), None, date(2012, 5, 1), low=Decimal("6.5"))
FLUORIDE = Bound("fluoride", Decimal(1), Decimal("1.5"), date(2012, 5, 1))
CHLORINE = Bound("chlorine", Decimal("0.2"), None, date(2012, 5, 1), is_least=True)
ECOLI = Bound("ecoli", Decimal(0), None, date(2012, 5, 1))
BOUNDS = [PH, FLUORIDE, CHLORINE, ECOLI]


def test_the_worked_example_of_the_index() -> None:
    # Krishna at Rajapur weir
    found = water_quality_index({"bod": 2.2, "oxygen": 5.5, "faecal_coliform": 6, "ph": 7.6})
    assert isinstance(found, Index)
    assert found.value == pytest.approx(83.17, abs=0.005)
    assert found.grade == "A"


@pytest.mark.parametrize(
    ("parameter", "value", "expected"),
    [
        ("oxygen", 2.6, 26.58), ("oxygen", 6.5, 103.45), ("oxygen", 9.1, 76.54),
        ("faecal_coliform", 0, 97.2), ("faecal_coliform", 1000, 17.4),
        ("faecal_coliform", 100_000, 3.58), ("faecal_coliform", 100_001, 2),
        ("ph", 1.9, 0), ("ph", 5, 52.85), ("ph", 7.3, 101.88), ("ph", 10, 18.46), ("ph", 12, 0.17), ("ph", 12.1, 0),
        ("bod", 0, 96.67), ("bod", 10, 26.67), ("bod", 30, 2), ("bod", 31, 2),
    ],
)  # fmt: skip
def test_sub_indices_at_their_seams(parameter: str, value: float, expected: float) -> None:
    assert SUB_INDICES[parameter](value) == pytest.approx(expected, abs=0.005)


def test_grades() -> None:
    def grade(**values: float) -> str:
        found = water_quality_index(values)
        assert isinstance(found, Index)
        return found.grade

    assert grade(oxygen=5, faecal_coliform=500, ph=8.0, bod=6) == "B"
    assert grade(oxygen=4, faecal_coliform=5000, ph=8.0, bod=8) == "C"
    assert grade(oxygen=0.5, faecal_coliform=500_000, ph=9.5, bod=40) == "D/E"


@given(
    st.fixed_dictionaries(
        {
            name: st.one_of(st.none(), st.floats(0, 9))
            for name in ("oxygen", "faecal_coliform", "ph", "bod")
        }
    )
)
@settings(deadline=None)
def test_there_is_never_a_partial_index(values: dict[str, float | None]) -> None:
    found = water_quality_index(values)
    lacking = tuple(
        name for name in ("oxygen", "faecal_coliform", "ph", "bod") if values[name] is None
    )
    assert isinstance(found, Uncomputable) == bool(lacking)
    if isinstance(found, Uncomputable):
        assert found.missing == lacking


def test_no_index_where_no_sub_index_is_published() -> None:
    found = water_quality_index({"bod": 2, "oxygen": 9.2, "faecal_coliform": 6, "ph": 7})
    assert found == Uncomputable(beyond=("oxygen",))


@pytest.mark.parametrize(
    ("parameter", "value", "standing", "excess"),
    [
        ("fluoride", "0.9", Standing.ACCEPTABLE, "0"),
        ("fluoride", "1.0", Standing.ACCEPTABLE, "0"),
        ("fluoride", "1.2", Standing.PERMISSIBLE, "0"),
        ("fluoride", "3.0", Standing.UNSAFE, "1"),
        ("ph", "6.5", Standing.ACCEPTABLE, "0"),
        ("ph", "5.2", Standing.UNSAFE, "0.25"),
        ("ph", "10.2", Standing.UNSAFE, "0.2"),
        ("chlorine", "0.3", Standing.ACCEPTABLE, "0"),
        ("chlorine", "0.1", Standing.UNSAFE, "1"),
        ("chlorine", "0", Standing.UNSAFE, "1"),
        ("ecoli", "0", Standing.ACCEPTABLE, "0"),
        ("ecoli", "12", Standing.UNSAFE, "12"),
        ("iron", "2", Standing.UNJUDGED, "0"),
    ],
)
def test_values_beside_limits(parameter: str, value: str, standing: Standing, excess: str) -> None:
    found = judged(parameter, Decimal(value), DAY, BOUNDS)
    assert (found.standing, found.excess) == (standing, Decimal(excess))


def test_the_limit_of_the_day_counts() -> None:
    before = Bound("iron", Decimal("0.3"), None, date(2012, 5, 1), date(2015, 5, 31))
    after = Bound("iron", Decimal(1), None, date(2015, 6, 1))
    value = Decimal("0.6")
    assert judged("iron", value, date(2015, 5, 31), [before, after]).standing == Standing.UNSAFE
    assert judged("iron", value, date(2015, 6, 1), [before, after]).standing == Standing.ACCEPTABLE
    assert judged("iron", value, date(2012, 4, 30), [before, after]).standing == Standing.UNJUDGED


def test_below_detection_tells_only_what_the_method_can() -> None:
    fine, coarse = Decimal("0.5"), Decimal(2)
    below = {"is_below_detection": True}
    assert judged("fluoride", fine, DAY, BOUNDS, **below).standing == Standing.ACCEPTABLE
    assert judged("fluoride", coarse, DAY, BOUNDS, **below).standing == Standing.UNJUDGED
    assert judged("ecoli", Decimal(1), DAY, BOUNDS, **below).standing == Standing.ACCEPTABLE
    assert judged("chlorine", Decimal("0.1"), DAY, BOUNDS, **below).standing == Standing.UNSAFE


def test_compliance_and_load() -> None:
    good, bad = Finding(Standing.ACCEPTABLE), Finding(Standing.UNSAFE, None, Decimal("0.5"))
    none = Finding(Standing.UNJUDGED)
    assert compliance([[good, good], [good, bad], [none], []]) == (1, 2)
    assert exceedance_load([good, bad, none]) == Decimal("0.25")
    assert exceedance_load([none]) is None


def test_limits_that_cannot_be() -> None:
    given: dict[str, object] = {
        "acceptable": Decimal(1), "permissible": Decimal("1.5"), "is_least": False, "source": "IS 10500:2012",
        "last_from_on": None, "from_on": DAY,
    }  # fmt: skip
    assert why_not_limit(**given).allowed  # type: ignore[arg-type]
    for change, told in (
        ({"source": " "}, "Name the source"),
        ({"permissible": Decimal("0.5")}, "stricter"),
        ({"last_from_on": DAY}, "there already"),
    ):
        assert told in why_not_limit(**{**given, **change}).reason  # type: ignore[arg-type]


def test_best_use_by_the_worst_of_the_year() -> None:
    good: Ranges = {
        "total_coliform": (2.0, 40.0), "ph": (7.0, 8.0), "oxygen": (6.5, 8.0), "bod": (1.0, 2.0),
    }  # fmt: skip
    assert best_use(good).met == ("A", "B", "C")
    assert best_use({**good, "oxygen": (4.5, 8.0)}).met == ("C",)
    assert best_use({**good, "oxygen": (4.5, 8.0)}).failing["A"] == ("oxygen",)
    assert best_use({**good, "bod": (1.0, None)}).met == ()
    assert best_use({**good, "bod": (None, 2.0)}).met == ("A", "B", "C")
    lacking = best_use({"ph": (7.0, 8.0)})
    assert lacking.met == ()
    assert lacking.missing["A"] == ("total_coliform", "oxygen", "bod")


def at(day: int) -> datetime:
    return datetime(2026, 6, day, 9, tzinfo=UTC)


def result(day: int, value: str, parameter: str = "fluoride", source: int = 1) -> Judged:
    number = Decimal(value)
    return Judged(source, parameter, at(day), number, judged(parameter, number, DAY, BOUNDS))


def test_a_risk_stands_since_the_first_of_an_unbroken_row() -> None:
    rows = [result(9, "2"), result(1, "2"), result(3, "1"), result(5, "1.8"), result(7, "1.9")]
    (found,) = risks(rows)
    assert (found.since, found.last.value) == (at(5), Decimal(2))
    assert risks([*rows, result(10, "1.1")]) == []
    unjudged = Judged(1, "fluoride", at(11), Decimal(9), Finding(Standing.UNJUDGED))
    assert len(risks([*rows, unjudged])) == 1


def test_risks_are_by_source_and_parameter_the_oldest_first() -> None:
    found = risks([result(5, "2"), result(2, "7", "ecoli"), result(4, "2", source=2)])
    assert [(one.source, one.parameter) for one in found] == [
        (1, "ecoli"),
        (2, "fluoride"),
        (1, "fluoride"),
    ]


@pytest.mark.parametrize(
    ("last", "due"),
    [
        (None, date(2026, 6, 1)),
        (date(2026, 5, 30), date(2026, 6, 1)),
        (date(2026, 6, 1), date(2026, 6, 8)),
        (date(2026, 6, 7), date(2026, 6, 8)),
        (date(2026, 6, 10), date(2026, 6, 15)),
    ],
)
def test_samples_are_due_on_the_days_of_the_plan(last: date | None, due: date) -> None:
    assert due_on(date(2026, 6, 1), 7, last) == due


def test_dirt_is_named() -> None:
    def pair(least: str | None, most: str | None) -> Pair:
        return Pair(*(None if one is None else Decimal(one) for one in (least, most)))

    assert why_not_pair("ph", pair("7", "8")) == ""
    assert "14.2" in why_not_pair("ph", pair("7", "14.2"))
    assert "above maximum" in why_not_pair("oxygen", pair("8", "6"))
    assert why_not_pair("oxygen", pair("8", None)) == ""
    assert "95" in why_not_pair("oxygen", pair(None, "95"))
    assert "hardly" in why_doubt_pair("ph", pair("2.5", "8"))
    assert why_doubt_pair("ph", pair("3", "8")) == ""


def test_advice_is_there_in_both_languages() -> None:
    assert set(ADVICE) <= set(PARAMETERS)
    for told in (*ADVICE.values(), OTHERWISE):
        assert told.english.isascii()
        assert any("\u0900" <= letter <= "\u097f" for letter in told.hindi)
    assert advice("tds") == OTHERWISE
    assert advice("nitrate").boil is False


@pytest.mark.parametrize("parameter", ["turbidity", "ph", "chlorine", "ecoli", "nitrate"])
def test_the_excess_of_an_array_is_that_of_each_value(parameter: str) -> None:
    bound = {
        "turbidity": Bound("turbidity", Decimal(1), Decimal(5), DAY),
        "ph": Bound("ph", Decimal("8.5"), None, DAY, low=Decimal("6.5")),
        "chlorine": Bound("chlorine", Decimal("0.2"), None, DAY, is_least=True),
        "ecoli": Bound("ecoli", Decimal(0), None, DAY),
        "nitrate": Bound("nitrate", Decimal(45), None, DAY),
    }[parameter]
    values = [0.0, 0.05, 0.2, 0.7, 1.0, 5.0, 5.5, 6.4, 6.5, 8.5, 9.1, 45.0, 60.0]
    singly = [float(judged(parameter, Decimal(str(one)), DAY, [bound]).excess) for one in values]
    assert excesses(bound, np.array(values)).tolist() == pytest.approx(singly)


def test_silence_is_never_safety() -> None:
    at = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
    day = timedelta(days=1)

    def told(**said: Any) -> str:
        given = {"is_unsafe": False, "tested_at": at - day, "silent_since": None, "at": at}
        return known(**given | said)

    assert told() == "safe"
    assert told(silent_since=at - day) == "silent"
    assert told(tested_at=None) == "untested"
    assert told(tested_at=at - 184 * day) == "long_ago"
    assert told(is_unsafe=True, silent_since=at - day) == "unsafe"
