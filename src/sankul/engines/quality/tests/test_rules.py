"""Reading rules: what is wrong is named by its place; the canonical form is one."""

from typing import Any

import pytest

from sankul.engines.quality import QualityError, Rules

WHOLE: dict[str, Any] = {
    "gross_range": {"fail": [0, 14], "suspect": [6, 9]},
    "climatology": [{"period": "month", "span": [6, 9], "suspect": [6.5, 8.5], "fail": [5, 10]}],
    "spike": {"suspect": 0.5, "fail": 1},
    "rate_of_change": {"suspect_per_s": 0.01},
    "flat_line": {"suspect_s": 3600, "fail_s": 7200, "tolerance": 0.001},
    "attenuated": {"suspect": 0.02, "fail": 0.01, "period_s": 86400, "spread": "range"},
    "gap": {"fail_s": 3600},
    "interval_s": 900,
}


def test_rules_read_back_from_their_mapping_are_the_same() -> None:
    rules = Rules.from_mapping(WHOLE)
    assert Rules.from_mapping(rules.mapping) == rules
    assert Rules.from_mapping(rules.mapping).digest == rules.digest


def test_the_digest_follows_the_meaning_not_the_spelling() -> None:
    one = Rules.from_mapping({"gap": {"fail_s": 60}, "spike": {"suspect": 1}})
    other = Rules.from_mapping(
        {"spike": {"method": "average", "suspect": 1.0}, "gap": {"fail_s": 60}}
    )
    assert one.digest == other.digest
    assert one.canonical == (
        '{"gap":{"fail_s":60},"scheme":1,"spike":{"method":"average","suspect":1.0}}'
    )
    assert one.digest != Rules.from_mapping({"gap": {"fail_s": 61}, "spike": {"suspect": 1}}).digest


def test_how_far_back_the_tests_look() -> None:
    assert Rules.from_mapping({"gap": {"fail_s": 60}}).memory_s == 0
    assert Rules.from_mapping(WHOLE).memory_s == 86_400


@pytest.mark.parametrize(
    ("change", "place", "expected"),
    [
        ({"grossrange": {}}, "rules.grossrange", "gross_range"),
        ({"scheme": 2}, "rules.scheme", "expected 1"),
        ({"gross_range": {"suspect": [0, 1]}}, "rules.gross_range.fail", "not given"),
        ({"gross_range": {"fail": [3, 1]}}, "rules.gross_range.fail", "the lower first"),
        ({"gross_range": {"fail": [0, float("inf")]}}, "rules.gross_range.fail[1]", "finite"),
        ({"gross_range": {"fail": [0, 5], "suspect": [1, 6]}}, "rules.gross_range.suspect", "within"),
        ({"spike": {}}, "rules.spike", "suspect, fail or both"),
        ({"spike": {"suspect": 2, "fail": 1}}, "rules.spike.fail", "no less"),
        ({"spike": {"suspect": 2, "method": "mean"}}, "rules.spike.method", "differential"),
        ({"rate_of_change": {"suspect_per_s": 0}}, "rules.rate_of_change.suspect_per_s", "above 0"),
        ({"flat_line": {"suspect_s": 9, "fail_s": 5, "tolerance": 1}}, "rules.flat_line.fail_s", "no less"),
        ({"flat_line": {"suspect_s": True, "fail_s": 5}}, "rules.flat_line.suspect_s", "whole number"),
        ({"attenuated": {"suspect": 1, "fail": 2, "period_s": 9}}, "rules.attenuated.fail", "0 to suspect"),
        ({"gap": 60}, "rules.gap", "a table"),
        ({"climatology": [{"period": "moon"}]}, "rules.climatology[0].period", "month"),
        ({"interval_s": 1.5}, "rules.interval_s", "whole number"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(change: dict[str, Any], place: str, expected: str) -> None:
    with pytest.raises(QualityError) as caught:
        Rules.from_mapping(change)
    assert caught.value.place == place
    assert expected in str(caught.value)
