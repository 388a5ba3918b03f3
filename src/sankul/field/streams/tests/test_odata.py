"""The language of requests: what is read, what is refused and where, and that reading never breaks."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sankul.field.streams.rules.odata import (
    ENTITIES,
    Call,
    Expression,
    Geometry,
    Literal,
    Logic,
    Membership,
    Negative,
    Not,
    Operation,
    Options,
    Path,
    Period,
    Unreadable,
    format_instant,
    parse_expression,
    parse_options,
    parse_query,
    parse_resource,
    parse_time,
    write,
)
from sankul.field.streams.rules.odata.resources import Unknown

THING = ENTITIES["Thing"]


def asked(query: str) -> Options:
    return parse_options(parse_query(query), THING)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("1 add result mul 2 sub -1 eq 4", "(((1 add (result mul 2)) sub -1) eq 4)"),
        (
            "14 div (result add 1) mod 3 mul 3 eq 3",
            "((((14 div (result add 1)) mod 3) mul 3) eq 3)",
        ),
        ("a eq 2 and b eq 1 or c eq 1", "(((a eq 2) and (b eq 1)) or (c eq 1))"),
        ("not a lt 1 and not a gt 1", "((not (a lt 1)) and (not (a gt 1)))"),
        ("not (a lt 1 or b)", "(not ((a lt 1) or b))"),
        ("Thing/properties/list[1]/and eq 'it''s'", "(Thing/properties/list[1]/and eq 'it''s')"),
        ("9 in properties/list", "(9 in properties/list)"),
        ("Datastreams/@iot.id in (8,9)", "(Datastreams/@iot.id in (8, 9))"),
        ("nullable eq null", "(nullable eq null)"),
    ],
)
def test_an_expression_is_read_with_the_precedence_of_odata(text: str, meaning: str) -> None:
    assert write(parse_expression(text, "$filter")) == meaning


def test_values_keep_their_types() -> None:
    values = {
        "'a''b'": "a'b",
        "-3": -3,
        "2.5e3": 2500.0,
        "true": True,
        "null": None,
        "2015-03-01T05:30:00.5+05:30": datetime(2015, 3, 1, 0, 0, 0, 500_000, UTC),
        "2010-12-23T10:20:00 07:00": datetime(2010, 12, 23, 3, 20, tzinfo=UTC),
        "duration'P1DT2H'": timedelta(days=1, hours=2),
        "geography'POINT(8 54)'": Geometry("POINT(8 54)"),
    }
    for text, value in values.items():
        assert parse_expression(f"{text} eq a", "$filter") == Operation(
            "eq", Literal(value), Path(("a",))
        )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name eq", "$filter: more: the expression ends too early"),
        ("(name eq 'a'", "$filter: more: the expression ends too early"),
        ("a eq 1 foo", "$filter: something else than “foo” at character 8"),
        ("1; DROP TABLE x", "$filter: something else than “; DROP TABLE x” at character 2"),
        ("a eq 1e999", "$filter, 1e999: a finite number"),
        ("a eq NaN", "$filter, NaN: a finite number"),
        (
            "a eq 2015-02-30T00:00:00Z",
            "$filter, 2015-02-30T00:00:00Z: a day and a time of day that exist",
        ),
        (
            "a eq duration'P1Y'",
            "$filter, duration'P1Y': a duration as in P1DT12H, without months and years",
        ),
        ("a eq " + "(" * 9000, "$filter: at most 8000 characters"),
        ("a" + " add 1" * 400, "$filter, expression: at most 300 parts"),
    ],
)
def test_what_is_no_expression_is_refused_with_its_place(text: str, told: str) -> None:
    with pytest.raises(Unreadable) as refused:
        parse_expression(text, "$filter")
    assert told in str(refused.value)


def test_options_stand_inside_expansions() -> None:
    options = asked(
        "$expand=Datastreams($filter=name%20eq%20'a;b)';$expand=Observations($top=2)),Locations&$top=3"
    )
    streams, locations = options.expand
    assert (streams.name, locations.name, options.top) == ("Datastreams", "Locations", 3)
    assert streams.options.filter == Operation("eq", Path(("name",)), Literal("a;b)"))
    assert streams.options.expand[0].options.top == 2


def test_expansions_by_path_are_one_tree() -> None:
    (streams,) = asked("$expand=Datastreams($top=1),Datastreams/Sensor,Datastreams/Thing").expand
    assert streams.options.top == 1
    assert [link.name for link in streams.options.expand] == ["Sensor", "Thing"]


def test_a_query_may_be_encoded_whole() -> None:
    assert parse_query("%24filter%3Da+eq+%27x%27&$orderBy=id%20desc") == {
        "$filter": "a eq 'x'",
        "$orderby": "id desc",
    }


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("$top=-1", "$top: a number from 0 on"),
        ("$top=x", "$top: a number from 0 on"),
        ("$skip=99999999999", "$skip: at most 10000000"),
        ("$count=maybe", "$count: true or false"),
        ("$top=1&$top=2", "$top: one value: it is given twice"),
        ("$fliter=a", "$fliter: one of"),
        ("$select=colour", "$select: properties of Thing; “colour” is none"),
        ("$expand=Observations", "$expand: links of Thing; “Observations” is none"),
        ("$expand=Datastreams($top=1", "$expand: a closing parenthesis"),
        (
            "$expand=Datastreams/Thing/Datastreams/Thing/Datastreams/Thing/Datastreams",
            "$expand: at most 6 links inside one another",
        ),
        ("$expand=Datastreams($orderby=)", ""),
    ],
)
def test_an_option_that_cannot_be_is_refused_by_name(query: str, told: str) -> None:
    if not told:
        assert asked(query).expand
        return
    with pytest.raises(Unreadable) as refused:
        asked(query)
    assert told in str(refused.value)


def test_a_path_leads_from_entity_to_entity() -> None:
    resource = parse_resource("Things(1)/Datastreams(2)/Observations/$ref")
    assert [(step.name, step.id) for step in resource.steps] == [
        ("Things", 1),
        ("Datastreams", 2),
        ("Observations", None),
    ]
    assert resource.last.is_collection
    assert resource.ending == "$ref"
    deep = parse_resource("Observations(3)/Datastream/Thing/properties/a[1]/b/$value")
    assert (deep.into, deep.ending) == (("properties", "a[1]", "b"), "$value")


@pytest.mark.parametrize(
    "path",
    [
        "Thing(1)",
        "Things(x)",
        "Things(null)",
        "Things/Datastreams",
        "Datastreams(1)/Thing(2)",
        "Things(9223372036854775808)",
        "Things(1)/colour",
        "Things(1)/name/$ref",
        "Things/name",
        "things",
    ],
)
def test_a_path_to_nothing_is_unknown(path: str) -> None:
    with pytest.raises(Unknown):
        parse_resource(path)


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(Unreadable, match="a time with its zone"):
        parse_time("2026-11-22T06:30:00", "phenomenonTime")
    with pytest.raises(Unreadable, match="a period that ends after its start"):
        parse_time("2026-11-22T06:30:00Z/2026-11-22T06:29:00Z", "phenomenonTime")


def test_times_are_written_to_the_millisecond_or_as_finely_as_they_are() -> None:
    assert format_instant(datetime(2015, 3, 1, tzinfo=UTC)) == "2015-03-01T00:00:00.000Z"
    assert format_instant(datetime(2105, 3, 1, 0, 0, 0, 7, UTC)) == "2105-03-01T00:00:00.000007Z"


NAMES = st.from_regex(r"[a-z][A-Za-z0-9_]{0,8}", fullmatch=True).filter(
    lambda name: name not in {"true", "false", "null", "not", "and", "or", "in"}
)
MOMENTS = st.datetimes(
    min_value=datetime(1900, 1, 1),  # noqa: DTZ001  the strategy adds the zone
    max_value=datetime(2105, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)
VALUES: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**18), 10**18),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.text(max_size=12),
    MOMENTS,
    st.tuples(MOMENTS, MOMENTS).map(lambda two: Period(min(two), max(two))),
    st.timedeltas(timedelta(days=-9), timedelta(days=9)),
)
STEPS = st.lists(st.one_of(NAMES, st.integers(0, 99)), max_size=3)
PATHS = st.tuples(NAMES, STEPS).map(lambda two: Path((two[0], *two[1])))
LEAVES: st.SearchStrategy[Expression] = st.one_of(VALUES.map(Literal), PATHS)


def _larger(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    operators = st.sampled_from(["eq", "ne", "lt", "ge", "add", "sub", "mul", "div", "mod"])
    return st.one_of(
        st.builds(Operation, operators, inner, inner),
        st.builds(Logic, st.sampled_from(["and", "or"]), several),
        st.builds(Not, inner),
        st.builds(Negative, PATHS),
        st.builds(Call, st.sampled_from(["substringof", "geo.distance", "now"]), several),
        st.builds(Membership, inner, st.one_of(several, PATHS)),
    )


@given(st.recursive(LEAVES, _larger, max_leaves=12))
def test_what_is_written_is_read_as_the_same_tree(expression: Expression) -> None:
    assert parse_expression(write(expression), "$filter") == expression


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading(text: str) -> None:
    for query in (f"$filter={text}", f"$orderby={text}", f"$expand={text}", text):
        with contextlib.suppress(Unreadable):
            asked(query)
    with contextlib.suppress(Unknown, Unreadable):
        parse_resource(text)


@given(
    st.lists(
        st.sampled_from(
            ["(", ")", ",", ";", "/", "'", "eq", "and", "not", "in", "add", "$filter=", "a", "1"]
        ),
        max_size=14,
    )
)
def test_no_order_of_words_breaks_the_reading(words: list[str]) -> None:
    with contextlib.suppress(Unreadable):
        asked("$expand=Datastreams(" + " ".join(words) + ")&$filter=" + " ".join(words))
