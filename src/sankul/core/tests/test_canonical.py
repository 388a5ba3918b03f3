"""One spelling for one value."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sankul.core.rules import canonical
from sankul.core.rules.roles import Role

INDIA = timezone(timedelta(hours=5, minutes=30))

leaves = (
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]))
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=15,
)
finite = st.decimals(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (2**70, "1180591620717411303424"),
        ('क "\\\n\x00', '"क \\"\\\\\\n\\u0000"'),
        (Decimal("1.50"), '"1.5"'),
        (Decimal("1500"), '"1500"'),
        (Decimal("1.5E+3"), '"1500"'),
        (Decimal("0.00"), '"0"'),
        (Decimal("-0"), '"0"'),
        (Decimal("0.0000001"), '"0.0000001"'),
        (Decimal("123456789012345678901234567890.123"), '"123456789012345678901234567890.123"'),
        (date(2026, 11, 22), '"2026-11-22"'),
        (datetime(2026, 11, 22, 12, tzinfo=INDIA), '"2026-11-22T06:30:00+00:00"'),
        (datetime(2026, 11, 22, 6, 30, 0, 5, UTC), '"2026-11-22T06:30:00.000005+00:00"'),
        (Role.CLUSTER_CEO, '"cluster_ceo"'),
        ((1, [2, ()]), "[1,[2,[]]]"),
        ({"b", "a"}, '["a","b"]'),
        (frozenset({3, 1}), "[1,3]"),
        ({"b": 1, "a": {"z": None, "y": True}}, '{"a":{"y":true,"z":null},"b":1}'),
        ({10: "x", 9: "y"}, '{"10":"x","9":"y"}'),
    ],
)
def test_a_value_has_its_spelling(value: Any, text: str) -> None:
    assert canonical.text(value) == text


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (0.5, "float has no canonical form"),
        ({"a": [1, 0.5]}, "float has no canonical form"),
        (b"bytes", "bytes has no canonical form"),
        (object(), "object has no canonical form"),
        (Decimal("NaN"), "NaN has no canonical form"),
        (Decimal("-Infinity"), "-Infinity has no canonical form"),
        (datetime(2026, 11, 22, 12), "a time without its zone has no canonical form"),  # noqa: DTZ001
        ({1: "a", "1": "b"}, "the key 1 is there twice"),
    ],
)
def test_what_has_no_single_spelling_is_refused(value: Any, why: str) -> None:
    with pytest.raises(TypeError, match=why):
        canonical.text(value)


@given(st.dictionaries(st.text(max_size=5), values))
def test_the_order_of_keys_never_matters(value: dict[str, Any]) -> None:
    turned = dict(reversed(value.items()))
    assert canonical.text(value) == canonical.text(turned)


@given(values, values)
def test_two_values_share_a_spelling_only_where_they_are_equal(one: Any, other: Any) -> None:
    same = canonical.text(one) == canonical.text(other)
    assert same == (_typed(one) == _typed(other))


@given(finite, finite)
def test_two_decimals_share_a_spelling_exactly_where_they_are_equal(
    one: Decimal, other: Decimal
) -> None:
    assert (canonical.text(one) == canonical.text(other)) == (one == other)


@given(values)
def test_the_digest_is_of_the_text_in_utf8(value: Any) -> None:
    text = canonical.text(value)
    assert canonical.sha256(text) == canonical.sha256(text.encode())


def test_the_digest_is_sha256() -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert canonical.sha256("") == empty
    assert canonical.sha256(b"") == empty


def _typed(value: Any) -> Any:
    """The value with true and 1 told apart, as Python does not."""
    match value:
        case dict():
            return {key: _typed(item) for key, item in value.items()}
        case list():
            return [_typed(item) for item in value]
    return (type(value), value)
