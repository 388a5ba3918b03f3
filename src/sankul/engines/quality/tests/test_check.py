"""Flags of one series and of many."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sankul.engines.quality import Flag, QualityError, Rules, Test, check, check_many

MINUTE = 60_000_000
RULES = Rules.from_mapping(
    {
        "gross_range": {"fail": [0, 14], "suspect": [6, 9]},
        "spike": {"suspect": 1, "fail": 2},
        "flat_line": {"suspect_s": 180, "fail_s": 300, "tolerance": 0.01},
        "attenuated": {"suspect": 0.02, "fail": 0.01, "period_s": 600, "minimum": 5},
        "gap": {"fail_s": 120},
        "interval_s": 60,
    }
)


def minutes(count: int) -> Any:
    return np.arange(count) * MINUTE


def test_the_worst_flag_counts_and_the_first_test_that_gave_it() -> None:
    values = [7, 7.1, 12, 7.2, np.nan, 7.3, 15, 7.1]
    made = check(RULES, minutes(8), values)
    assert made.flag.tolist() == [1, 4, 4, 1, 9, 1, 4, 1]
    assert [Test(code).name for code in made.test] == [
        "NONE", "SPIKE", "SPIKE", "NONE", "NONE", "NONE", "GROSS_RANGE", "NONE",
    ]  # fmt: skip


def test_a_missing_value_is_missing_whatever_the_tests_of_time_say() -> None:
    made = check(Rules.from_mapping({"gap": {"fail_s": 60}}), [0, MINUTE], [np.nan, np.inf])
    assert made.flag.tolist() == [Flag.MISSING, Flag.MISSING]


def test_without_rules_nothing_is_evaluated() -> None:
    assert check(Rules(), minutes(2), [1, 2]).flag.tolist() == [2, 2]
    assert check(Rules(), [], []).flag.tolist() == []


@given(
    values=st.lists(st.one_of(st.just(np.nan), st.integers(24, 40).map(lambda n: n / 4)), min_size=4, max_size=50),
    data=st.data(),
)  # fmt: skip
@settings(max_examples=100, deadline=None)
def test_in_batches_as_at_once(values: list[float], data: st.DataObject) -> None:
    # what the last value of a batch is, is known with the next: it is checked again
    time, known = minutes(len(values)), np.array(values)
    at = data.draw(st.integers(1, len(values) - 1))
    whole = check(RULES, time, known)
    since = max(0, at - 1 - RULES.memory_s // 60 - 2)
    head = check(RULES, time[:at], known[:at])
    tail = check(
        RULES, time[at - 1 :], known[at - 1 :], (time[since : at - 1], known[since : at - 1])
    )
    assert np.append(head.flag[:-1], tail.flag).tolist() == whole.flag.tolist()


def test_many_series_as_each_by_itself() -> None:
    rng = np.random.default_rng(3)
    sizes = [0, 1, 2, 5, 40]
    series = [(minutes(n), rng.normal(7, 1, n)) for n in sizes]
    rules = [RULES, Rules.from_mapping({"gross_range": {"fail": [6, 8]}})]
    which = [0, 1, 0, 1, 0]
    made = check_many(
        rules,
        which,
        np.append(0, np.cumsum(sizes)),
        *(np.concatenate(part) for part in zip(*series, strict=True)),
    )
    alone = [check(rules[k], *each).flag for k, each in zip(which, series, strict=True)]
    assert made.flag.tolist() == np.concatenate(alone).tolist()


def test_times_that_do_not_rise_are_named() -> None:
    with pytest.raises(QualityError, match=r"time at place 2: 1970-01-01T00:00:01\.0+ after"):
        check(RULES, [0, 2_000_000, 1_000_000], [1, 2, 3])


def test_arrays_that_do_not_fit_are_named() -> None:
    with pytest.raises(QualityError, match="equal lengths"):
        check(RULES, [0, 1], [1])
    with pytest.raises(QualityError, match="starts: 1 places; expected 2 places from 0 to 2"):
        check_many([RULES], [0], [0], [0, 1], [1, 2])
    with pytest.raises(QualityError, match="starts: places that fall"):
        check_many([RULES], [0, 0, 0], [0, 3, 1, 2], [0, 1], [1, 2])
    with pytest.raises(QualityError, match="rule_of: 0 to 4; expected 0 to 0"):
        check_many([RULES], [0, 4], [0, 1, 2], [0, 1], [1, 2])
