"""Sharing out work among verifiers."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from sankul.programme.evidence.rules import shared_out

PEOPLE = st.frozensets(st.integers(0, 4))
WORK = st.dictionaries(st.integers(0, 40), PEOPLE, max_size=25)
LOADS = st.dictionaries(st.integers(0, 4), st.integers(0, 9))


def _loads(given: dict[int, int], before: dict[int, int] | None = None) -> dict[int, int]:
    loads = dict.fromkeys(range(5), 0) | (before or {})
    for who in given.values():
        loads[who] += 1
    return loads


def _unevenness(loads: dict[int, int]) -> int:
    return sum(load**2 for load in loads.values())


@given(WORK, LOADS)
def test_nobody_gets_what_he_must_not_see_and_nothing_is_left_that_somebody_may_take(
    work: dict[int, frozenset[int]], before: dict[int, int]
) -> None:
    found = shared_out(work, before)
    assert all(who in work[task] for task, who in found.items())
    assert found.keys() == {task for task, people in work.items() if people}


@given(st.dictionaries(st.integers(0, 6), st.frozensets(st.integers(0, 2)), max_size=6), LOADS)
def test_no_other_sharing_is_more_even(
    work: dict[int, frozenset[int]], before: dict[int, int]
) -> None:
    before = {who: load for who, load in before.items() if who < 3}
    tasks = [task for task, people in work.items() if people]
    best = min(
        _unevenness(_loads(dict(zip(tasks, choice, strict=True)), before))
        for choice in product(*(sorted(work[task]) for task in tasks))
    )
    assert _unevenness(_loads(shared_out(work, before), before)) == best


@given(st.integers(0, 60), st.integers(1, 5))
def test_where_nobody_has_a_conflict_loads_differ_by_one_at_most(tasks: int, people: int) -> None:
    loads = _loads(shared_out(dict.fromkeys(range(tasks), frozenset(range(people)))))
    busy = [loads[who] for who in range(people)]
    assert max(busy) - min(busy) <= 1


@given(WORK)
def test_the_same_work_is_shared_out_the_same_way(work: dict[int, frozenset[int]]) -> None:
    backwards = dict(reversed(list(work.items())))
    assert shared_out(work) == shared_out(backwards)


def test_a_chain_of_moves_relieves_whoever_alone_may_take_the_rest() -> None:
    work = {1: frozenset({1, 2}), 2: frozenset({2, 3}), 3: frozenset({1}), 4: frozenset({1})}
    assert sorted(_loads(shared_out(work)).values()) == [0, 0, 1, 1, 2]


def test_who_has_much_already_gets_less() -> None:
    found = shared_out(dict.fromkeys(range(4), frozenset({1, 2})), {1: 4})
    assert set(found.values()) == {2}
