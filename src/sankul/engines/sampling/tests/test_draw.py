"""The draw, and its recomputation by plain Python."""

import hashlib
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sankul.engines.sampling import SamplingError, draw, plan, seed_of, uniforms

from .makers import a_population, drawn

PAGE = Path(__file__).resolve().parents[5] / "docs" / "areas" / "sampling.md"
SIZES = np.random.default_rng(3).lognormal(0, 1.5, 120).tolist()
POPULATION = a_population({"é,1": SIZES[:50], 'b "q"': SIZES[50:110], "c": SIZES[110:]})


def test_the_seed_is_the_digest_of_three_public_texts() -> None:
    assert seed_of("48 17 3", "2026", "ab") == hashlib.sha256(b"48 17 3|2026|ab").hexdigest()


def test_a_records_random_number_comes_from_its_id_and_the_seed_alone() -> None:
    digits = hashlib.sha256(b"seed|r7").hexdigest()[:13]
    expected = (int(digits, 16) + 0.5) / 2**52
    assert uniforms("seed", ["r1", "r7"])[1] == expected
    assert uniforms("seed", ["r7"])[0] == expected


def test_random_numbers_are_uniform() -> None:
    u = uniforms("seed", [f"r{k}" for k in range(20_000)])
    assert np.bincount((u * 10).astype(int)).tolist() == pytest.approx([2000] * 10, abs=150)
    assert 0 < u.min() < u.max() < 1


def test_the_ten_lines_of_the_docs_draw_the_same_sample() -> None:
    code = next(
        block
        for block in re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
        if "def recomputed" in block
    )
    names: dict[str, Any] = {}
    exec(code, names)
    body = [line for line in code.splitlines() if line.strip()]
    assert len(body) <= 20
    for number in ("1", "48 17 3"):
        for size in (12, 40, 119, 120):
            made = plan(POPULATION, sample=size, minimum=1)
            sample = draw(POPULATION, made, public_number=number, round_id="2026")
            again = names["recomputed"](POPULATION.text(), made.counts, number, "2026")
            assert again == sorted(sample.ids)


def test_the_order_of_the_population_does_not_change_the_draw() -> None:
    back = type(POPULATION).of(
        POPULATION.ids[::-1],
        [POPULATION.strata[k] for k in POPULATION.stratum[::-1]],
        POPULATION.size[::-1],
        POPULATION.claimed[::-1],
    )
    assert set(drawn(back, sample=40).ids) == set(drawn(POPULATION, sample=40).ids)


def test_another_public_number_draws_other_records() -> None:
    first, other = (set(drawn(POPULATION, number, sample=20).ids) for number in (1, 2))
    assert len(first & other) < 15


def test_the_sample_has_the_planned_numbers_and_every_certain_record() -> None:
    made = plan(POPULATION, sample=40)
    sample = draw(POPULATION, made, public_number="1", round_id="r")
    counts = np.bincount(POPULATION.stratum[sample.rows])
    assert counts.tolist() == [stratum.sample for stratum in made.strata]
    assert int(sample.certain.sum()) == sum(stratum.certain for stratum in made.strata)
    assert [POPULATION.ids[row] for row in sample.rows] == list(sample.ids)
    assert (np.diff(sample.rows) > 0).all()


def test_records_come_in_as_often_as_their_probability_says() -> None:
    population = a_population({"a": SIZES[:12]})
    made = plan(population, sample=4)
    seen, told = np.zeros(12), np.full(12, np.nan)
    for number in range(3000):
        sample = draw(population, made, public_number=str(number), round_id="r")
        seen[sample.rows] += 1
        told[sample.rows] = sample.probability
    error = np.sqrt(told * (1 - told) / 3000)
    assert (np.abs(seen / 3000 - told) <= 3.5 * error).all()
    assert np.nansum(told) == pytest.approx(4)


def test_a_plan_of_another_population_is_refused() -> None:
    with pytest.raises(SamplingError, match="draw plan: made for population"):
        draw(
            POPULATION,
            plan(a_population({"a": [1.0, 2, 3]}), sample=2),
            public_number="1",
            round_id="r",
        )


@pytest.mark.parametrize(("number", "of"), [("", "r"), ("1|2", "r"), ("1", " ")])
def test_a_seed_that_could_be_read_in_two_ways_is_refused(number: str, of: str) -> None:
    with pytest.raises(SamplingError, match="seed"):
        draw(POPULATION, plan(POPULATION, sample=40), public_number=number, round_id=of)
