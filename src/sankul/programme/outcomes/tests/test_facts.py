"""Typed facts: one spelling, every problem named, and what a draft still lacks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sankul.programme.outcomes.rules import (
    KINDS,
    Fact,
    FactType,
    Problem,
    WrongFacts,
    checked,
    missing,
)
from sankul.programme.outcomes.rules.facts import COUNTRIES, ROWS_MAX, SPELL
from sankul.programme.outcomes.rules.identifiers import SCHEMES
from sankul.programme.outcomes.tests import makers as made


def spelt(type_: FactType, value: Any, **more: Any) -> Any:
    fact = Fact("it", "It", type_, **more)
    return checked([fact], {"it": value}).get("it")


def refusal(type_: FactType, value: Any, **more: Any) -> str:
    with pytest.raises(WrongFacts) as error:
        spelt(type_, value, **more)
    assert [problem.place for problem in error.value.problems] == [("it",)]
    return error.value.problems[0].text


@pytest.mark.parametrize(
    ("type_", "value", "kept"),
    [
        (FactType.TEXT, "  Lake ", "Lake"),
        (FactType.TEXT, 12, "12"),
        (FactType.DATE, date(2025, 5, 1), "2025-05-01"),
        (FactType.DATE, "2025-05-01", "2025-05-01"),
        (FactType.WHOLE, "12", 12),
        (FactType.WHOLE, Decimal("12.0"), 12),
        (FactType.DECIMAL, "12.50", "12.5"),
        (FactType.DECIMAL, 100, "100"),
        (FactType.MONEY, "12,40,000.50", "1240000.5"),
        (FactType.MONEY, 0, "0"),
        (FactType.PERCENT, "100", "100"),
        (FactType.URL, "https://a.example/x", "https://a.example/x"),
        (FactType.COUNTRY, "in", "IN"),
        (FactType.LANGUAGE, "en-IN", "en-IN"),
        (FactType.ORGANISATIONS, ["iisc", "iisc", "iitb"], ["iisc", "iitb"]),
        (FactType.TEXT, "", None),
        (FactType.DATE, None, None),
    ],
)
def test_a_value_has_one_spelling(type_: FactType, value: Any, kept: Any) -> None:
    assert spelt(type_, value) == kept


@pytest.mark.parametrize(
    ("type_", "value", "why"),
    [
        (FactType.TEXT, "x" * 251, "text of at most 250"),
        (FactType.TEXT, "a\x00b", "text of at most 250"),
        (FactType.TEXT, {"a": 1}, "text is expected"),
        (FactType.TEXT, True, "text is expected"),
        (FactType.DATE, "22/11/2025", "a date is expected, as in 2025-11-22"),
        (FactType.DATE, "2025-02-31", "a date is expected"),
        (FactType.DATE, "20251122", "a date is expected"),
        (FactType.DATE, 5, "a date is expected"),
        (FactType.WHOLE, "1.5", "a whole number of 0 or more"),
        (FactType.WHOLE, -1, "a whole number of 0 or more"),
        (FactType.WHOLE, True, "a number is expected"),
        (FactType.DECIMAL, 1.5, "a number is expected, as text"),
        (FactType.DECIMAL, "NaN", "a number with at most 14 digits"),
        (FactType.DECIMAL, "1e400", "a number with at most 14 digits"),
        (FactType.DECIMAL, "much", "a number is expected, as in 12.5"),
        (FactType.DECIMAL, "-1", "a number of 0 or more"),
        (FactType.MONEY, "1.005", "rupees with at most two decimals"),
        (FactType.PERCENT, "101", "a percentage from 0 to 100"),
        (FactType.URL, "javascript:alert(1)", "a web address is expected"),
        (FactType.URL, "https://user:word@a.example/", "a web address is expected"),
        (FactType.URL, "https://localhost/x", "a web address is expected"),
        (FactType.URL, "https://[x", "a web address is expected"),
        (FactType.COUNTRY, "XX", "the two letters of a country"),
        (FactType.LANGUAGE, "Hindi", "the code of a language"),
        (FactType.ORGANISATIONS, [1], "a list of short names"),
        (FactType.ORGANISATIONS, ["a b"], "a list of short names"),
    ],
)
def test_a_value_of_another_type_is_refused_with_what_was_expected(
    type_: FactType, value: Any, why: str
) -> None:
    assert refusal(type_, value).startswith(why)


def test_a_choice_is_one_of_its_codes() -> None:
    choices = (("a", "Ay"), ("b", "Bee"))
    assert spelt(FactType.CHOICE, "a", choices=choices) == "a"
    assert refusal(FactType.CHOICE, "c", choices=choices) == "one of these is expected: a, b"
    assert refusal(FactType.CHOICE, ["a"], choices=choices).startswith("one of these")


@pytest.mark.parametrize(
    ("scheme", "value", "kept"),
    [
        ("ror", "https://ror.org/04dese585", "04dese585"),
        ("orcid", "0000000218250097", "0000-0002-1825-0097"),
        ("doi", "https://doi.org/10.5555/ABC.1", "10.5555/abc.1"),
        ("patent_in", "2018 4101 2345", "201841012345"),
        ("patent_in", "1234/che/2010", "1234/CHE/2010"),
        ("patent", "us 10000000 b2", "US10000000B2"),
        ("ctri", "ctri/2021/05/033456", "CTRI/2021/05/033456"),
        ("isin", "US0378331005", "US0378331005"),
        ("cin", "U74999MH2020NPL123456", "U74999MH2020NPL123456"),
        ("udyam", "udyam-mh-26-0012345", "UDYAM-MH-26-0012345"),
    ],
)
def test_an_identifier_is_spelt_as_its_scheme_does(scheme: str, value: str, kept: str) -> None:
    assert spelt(FactType.IDENTIFIER, value, of=scheme) == kept


@pytest.mark.parametrize(
    ("scheme", "value"),
    [
        ("ror", "04dese586"),
        ("orcid", "0000-0002-1825-0098"),
        ("doi", "11.5555/abc"),
        ("patent_in", "201891012345"),
        ("patent_in", "1234/XYZ/2010"),
        ("patent", "abc"),
        ("ctri", "CTRI/2021/13/033456"),
        ("isin", "US0378331006"),
        ("cin", "X74999MH2020NPL123456"),
        ("udyam", "UDYAM-MH-26-12345"),
    ],
)
def test_an_identifier_that_fails_its_check_is_refused(scheme: str, value: str) -> None:
    assert refusal(FactType.IDENTIFIER, value, of=scheme).startswith(
        f"this is no {SCHEMES[scheme].title}"
    )


def test_examples_of_schemes_pass_their_own_check() -> None:
    for scheme in SCHEMES.values():
        assert scheme.spell(scheme.example) == scheme.example


def test_every_problem_is_told_at_once_with_its_place() -> None:
    table = [{"institution": "A", "people": "many"}, {"people": 2, "colour": "red"}]
    with pytest.raises(WrongFacts) as error:
        checked(KINDS["training_attendance"].facts, {"attendance": table, "when": 1})
    assert [(one.place, str(one)) for one in error.value.problems] == [
        (("when",), "when: there is no such fact here; there are: attendance"),
        (
            ("attendance", 1, "people"),
            "Attendance by institution, row 1, People: a number is expected, as in 12.5",
        ),
        (
            ("attendance", 2, "colour"),
            (
                "Attendance by institution, row 2, colour: there is no such fact here; "
                "there are: institution, people, women"
            ),
        ),
    ]


@pytest.mark.parametrize("value", ["x", [1], {"a": 1}, [{"institution": "A"}] * (ROWS_MAX + 1)])
def test_a_table_is_a_list_of_rows(value: Any) -> None:
    with pytest.raises(WrongFacts):
        checked(KINDS["training_attendance"].facts, {"attendance": value})


def test_empty_rows_are_left_out() -> None:
    rows = [{"institution": "", "people": None}, {"institution": "A", "people": "3"}]
    found = checked(KINDS["training_attendance"].facts, {"attendance": rows})
    assert found == {"attendance": [{"institution": "A", "people": 3}]}


@pytest.mark.parametrize(
    ("kind", "given", "titles"),
    [
        ("training_attendance", {}, ["Attendance by institution"]),
        ("training_attendance", {"attendance": [{"institution": "A"}]}, ["Attendance by institution"]),
        ("training_attendance", {"attendance": [{"institution": "A", "people": 3}]}, []),
        ("outreach_item", {"medium": "event", "language": "hi"}, []),
        ("outreach_item", {"medium": "blog", "language": "hi"}, ["Where it can be seen"]),
        ("outreach_item", {"medium": "event", "language": "hi", "reach": 9}, ["Who counted the reach"]),
        ("regulatory_stage", {"venture": "V", "product": "P", "stage": "phase_1"}, ["CTRI number"]),
        ("regulatory_stage", {"venture": "V", "product": "P", "stage": "test_licence"},
         ["Class of the medical device", "Licence number"]),
    ],
)  # fmt: skip
def test_a_submission_is_told_what_it_lacks(
    kind: str, given: dict[str, Any], titles: list[str]
) -> None:
    assert [str(fact.title) for fact in missing(KINDS[kind].facts, given)] == titles


@pytest.mark.parametrize(
    ("kind", "given", "problem"),
    [
        ("patent", {"office": "IN", "application_number": "US10000000B2"},
         "Application number: the Indian office gives numbers as in 201841012345"),
        ("global_ranking", {"place": 12, "places": 10}, "Place: a place from 1 to the number of places"),
        ("global_ranking", {"place": 0}, "Place: a place from 1 to the number of places"),
        ("local_content", {"price_inr": "100", "indirect_taxes_inr": "100"},
         "Domestic indirect taxes in it: the taxes are less than the price"),
    ],
)  # fmt: skip
def test_facts_that_contradict_each_other_are_refused(
    kind: str, given: dict[str, Any], problem: str
) -> None:
    with pytest.raises(WrongFacts) as error:
        checked(KINDS[kind].facts, given, KINDS[kind].rule)
    assert str(error.value.problems[0]).startswith(problem)


def some_value(fact: Fact) -> some.SearchStrategy[Any]:
    text = some.text(some.characters(blacklist_categories=["Cs", "Cc"]), max_size=60)
    by_type: dict[FactType, some.SearchStrategy[Any]] = {
        FactType.TEXT: text,
        FactType.LONG_TEXT: text,
        FactType.DATE: some.dates(),
        FactType.WHOLE: some.integers(0, 10**13),
        FactType.DECIMAL: some.decimals(0, 10**10, places=4),
        FactType.MONEY: some.decimals(0, 10**10, places=2),
        FactType.PERCENT: some.decimals(0, 100, places=2),
        FactType.CHOICE: some.sampled_from([code for code, _title in fact.choices] or [""]),
        FactType.URL: some.just("https://a.example/b"),
        FactType.COUNTRY: some.sampled_from(sorted(COUNTRIES)),
        FactType.LANGUAGE: some.sampled_from(["hi", "ta", "en-IN", "pa-Guru"]),
        FactType.ORGANISATIONS: some.lists(some.from_regex(r"[a-z]{1,8}", fullmatch=True)),
    }
    if fact.type == FactType.TABLE:
        return some.lists(some_facts(fact.columns), max_size=4)
    if fact.type == FactType.IDENTIFIER:
        return some.just(SCHEMES[fact.scheme].example)
    return by_type[fact.type]


def some_facts(facts: tuple[Fact, ...]) -> some.SearchStrategy[dict[str, Any]]:
    return some.fixed_dictionaries({}, optional={fact.code: some_value(fact) for fact in facts})


@given(some.data())
def test_what_is_kept_is_kept_as_it_is_the_second_time(data: some.DataObject) -> None:
    kind = data.draw(some.sampled_from(list(KINDS.values())))
    once = checked(kind.facts, data.draw(some_facts(kind.facts)))
    assert checked(kind.facts, once) == once


ANYTHING = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text() | some.dates(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
    max_leaves=8,
)


@given(some.data())
def test_anything_at_all_is_kept_or_refused_with_a_place(data: some.DataObject) -> None:
    kind = data.draw(some.sampled_from(list(KINDS.values())))
    codes = some.sampled_from([fact.code for fact in kind.facts]) | some.text()
    problems: tuple[Problem, ...] = ()
    try:
        checked(kind.facts, data.draw(some.dictionaries(codes, ANYTHING, max_size=4)), kind.rule)
    except WrongFacts as wrong:
        problems = wrong.problems
    assert all(problem.place and problem.text for problem in problems)


def test_every_type_but_tables_can_be_spelt() -> None:
    assert set(SPELL) == set(FactType) - {FactType.TABLE}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_kind_asks_for_something_and_names_things_that_exist(kind: Any) -> None:
    codes = [fact.code for fact in kind.facts]
    assert len(codes) == len(set(codes)) > 0
    assert any(fact.required for fact in kind.facts)
    assert set(kind.rests_on) <= set(KINDS)
    columns = [column for table in kind.facts for column in table.columns]
    for fact in (*kind.facts, *columns):
        assert bool(fact.choices) == (fact.type == FactType.CHOICE), fact.code
        assert fact.type != FactType.IDENTIFIER or fact.scheme in SCHEMES, fact.code
        assert bool(fact.columns) == (fact.type == FactType.TABLE), fact.code
        assert fact.needed_when is None or fact.needed_when[0] in codes, fact.code


@pytest.mark.parametrize("kind", KINDS)
def test_made_up_facts_lack_nothing(kind: str) -> None:
    facts = checked(KINDS[kind].facts, made.facts(kind) | named(kind), KINDS[kind].rule)
    assert missing(KINDS[kind].facts, facts) == []


def named(kind: str) -> dict[str, Any]:
    types = {fact.code: fact.type for fact in KINDS[kind].facts}
    return {code: ["iisc"] for code, it in types.items() if it == FactType.ORGANISATIONS}
