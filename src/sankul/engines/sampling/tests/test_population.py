"""The frozen population and its digest."""

import hashlib
from typing import Any

import pytest

from sankul.engines.sampling import Population, SamplingError


def test_the_text_stands_in_order_of_id_with_numbers_that_read_back_the_same() -> None:
    population = Population.of(["b", "a,1"], ["x", "x"], [0.1, 2], [1e16, 0])
    text = 'id,stratum,size,claimed\n"a,1",x,2.0,0.0\nb,x,0.1,1e+16\n'
    assert population.text() == text
    assert population.digest == hashlib.sha256(text.encode()).hexdigest()


def test_the_digest_does_not_depend_on_the_order_given_and_changes_with_any_figure() -> None:
    one = Population.of(["a", "b"], ["x", "y"], [1, 2])
    assert Population.of(["b", "a"], ["y", "x"], [2, 1]).digest == one.digest
    assert Population.of(["a", "b"], ["x", "y"], [1, 2.0000000000000004]).digest != one.digest
    assert Population.of(["a", "b"], ["x", "y"], [1, 2], [1, 3]).digest != one.digest


REFUSED: list[tuple[Any, Any, Any, Any, str]] = [
    ([], [], [], None, "population: no records"),
    (["a"], ["x", "y"], [1], None, "population strata: 2 values; expected 1 values"),
    (["a"], ["x"], [1], [1, 2], "population claimed: 2 values; expected 1 values"),
    (["a", "a"], ["x", "x"], [1, 1], None, 'population id: "a" stands 2 times'),
    (["a\n"], ["x"], [1], None, r"population id: 'a\\n' in record 1"),
    (["a", ""], ["x", "x"], [1, 1], None, "population id: '' in record 2"),
    (["a"], [""], [1], None, "population stratum: '' in record 1"),
    (["a", "b"], ["x", "x"], [1, 0], None, 'population size of "b": 0.0; expected a finite'),
    (["a"], ["x"], [float("nan")], None, 'population size of "a": nan'),
    (["a"], ["x"], [1], [-1], 'population claimed of "a": -1.0'),
    (["a"], ["x"], [1], [float("inf")], 'population claimed of "a": inf'),
]


@pytest.mark.parametrize(("ids", "strata", "size", "claimed", "message"), REFUSED)
def test_what_is_no_population_is_refused_by_place(
    ids: Any, strata: Any, size: Any, claimed: Any, message: str
) -> None:
    with pytest.raises(SamplingError, match=message):
        Population.of(ids, strata, size, claimed)
