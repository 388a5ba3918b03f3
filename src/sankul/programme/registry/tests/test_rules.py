from datetime import date

import pytest

from sankul.programme.registry import rules
from sankul.programme.registry.rules import BodyKind, changes, identifiers


@pytest.mark.parametrize(
    ("given", "ror"),
    [
        ("04dese585", "04dese585"),
        ("https://ror.org/04dese585", "04dese585"),
        ("ror.org/02QKHHN56", "02qkhhn56"),
        (" 04DESE585 ", "04dese585"),
        ("04dese586", ""),
        ("04dese58", ""),
        ("14dese585", ""),
        ("04desl585", ""),
        ("https://example.org/04dese585", ""),
        ("", ""),
    ],
)
def test_a_ror_id_stands_only_with_its_check_digits(given: str, ror: str) -> None:
    assert identifiers.ror(given) == ror


def test_every_single_wrong_character_of_a_ror_id_is_found() -> None:
    right = "04dese585"
    wrong = [
        right[:place] + character + right[place + 1 :]
        for place in range(1, 7)
        for character in identifiers.CROCKFORD
        if character != right[place]
    ]
    assert len(wrong) == 186
    assert [text for text in wrong if identifiers.ror(text)] == []


@pytest.mark.parametrize(
    ("given", "orcid"),
    [
        ("0000-0002-1825-0097", "0000-0002-1825-0097"),
        ("https://orcid.org/0000-0002-1694-233X", "0000-0002-1694-233X"),
        ("000000021694233x", "0000-0002-1694-233X"),
        ("0000-0002-1825-0096", ""),
        ("0000-0002-1825-009", ""),
        ("0000-0002-1825-00X7", ""),
        ("", ""),
    ],
)
def test_an_orcid_id_stands_only_with_its_check_digit(given: str, orcid: str) -> None:
    assert identifiers.orcid(given) == orcid


def test_dates_in_order_or_open_are_allowed() -> None:
    day = date(2025, 4, 1)
    assert changes.why_not_dates(day, day)
    assert changes.why_not_dates(None, day)
    assert changes.why_not_dates(day, None)
    assert not changes.why_not_dates(day, date(2025, 3, 31))


def test_an_end_already_set_is_told_with_its_day() -> None:
    verdict = changes.why_not_end(
        from_on=date(2021, 4, 1), until_on=date(2024, 3, 31), on=date(2025, 1, 1)
    )
    assert verdict.reason == "It has ended already, on 31 Mar 2024."


def test_an_end_set_for_later_may_be_brought_forward() -> None:
    assert changes.why_not_end(
        from_on=date(2021, 4, 1), until_on=date(2027, 3, 31), on=date(2025, 1, 1)
    )


def test_an_apex_committee_records_its_own_decisions_and_others_are_recorded_by_office() -> None:
    assert rules.permission_to_decide(BodyKind.APEX) is rules.DECIDE
    assert rules.permission_to_decide(BodyKind.BOARD) is rules.MANAGE_BODIES
