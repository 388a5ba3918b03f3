"""The law of a verification, by literal cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from sankul.programme.evidence.rules import (
    Design,
    Finding,
    Found,
    Interests,
    Parties,
    State,
    Tie,
    VerificationStage,
    agreed,
    quantity_of,
    ties,
    why_not_announce,
    why_not_begin,
    why_not_close,
    why_not_design,
    why_not_draw,
    why_not_estimate,
    why_not_find,
    why_not_plan,
    why_not_redesign,
    why_not_step,
    why_not_undo,
    why_not_verify,
)

ANNOUNCED: dict[str, Any] = {
    "stage": VerificationStage.PLANNED,
    "source": "Kerala lottery KR-700, first prize, www.example.org",
    "closes_on": date(2026, 5, 1),
    "draws_on": date(2026, 5, 8),
    "ends_on": date(2026, 3, 31),
    "today": date(2026, 4, 10),
}
FOUND: dict[str, Any] = {
    "finding": Finding.VERIFIED,
    "claimed": Decimal(100),
    "quantity": None,
    "reason": "",
    "returns": 0,
    "is_third": False,
    "still_claimed": Decimal(100),
}


def test_a_usual_design_is_allowed() -> None:
    assert why_not_design(Design())


def test_a_design_is_refused_with_all_its_faults() -> None:
    wrong = Design(
        precision=Decimal("0.9"), confidence=Decimal("0.3"), expected_overstatement=Decimal(0),
        least_per_stratum=0, certainty_points=Decimal(0), second_share=Decimal(2),
        minutes_per_claim=0, return_days=400,
    )  # fmt: skip
    assert len(why_not_design(wrong).reason.splitlines()) == 8


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("precision", Decimal("0.004")),
        ("confidence", Decimal("0.995")),
        ("expected_overstatement", Decimal(1)),
        ("least_per_stratum", 101),
        ("certainty_points", Decimal("-0.1")),
        ("second_share", Decimal("-0.1")),
        ("minutes_per_claim", 2401),
        ("return_days", 121),
    ],
)
def test_each_part_of_a_design_has_its_limits(name: str, value: Any) -> None:
    assert len(why_not_design(replace(Design(), **{name: value})).reason.splitlines()) == 1


def test_a_step_is_neither_skipped_nor_taken_twice() -> None:
    assert why_not_step(VerificationStage.CLOSED, VerificationStage.CLOSED)
    assert "too early" in why_not_step(VerificationStage.PLANNED, VerificationStage.CLOSED).reason
    assert "done already" in why_not_step(VerificationStage.DRAWN, VerificationStage.CLOSED).reason


def test_a_period_is_verified_once_and_not_after_its_claims_are_locked() -> None:
    assert why_not_plan(exists=False, is_locked=False)
    assert "planned already" in why_not_plan(exists=True, is_locked=False).reason
    assert "locked" in why_not_plan(exists=False, is_locked=True).reason


def test_the_design_stands_once_the_claims_are_closed() -> None:
    assert why_not_redesign(VerificationStage.ANNOUNCED)
    assert "design stands" in why_not_redesign(VerificationStage.CLOSED).reason


def test_a_number_of_the_day_after_the_closing_can_be_announced() -> None:
    assert why_not_announce(**ANNOUNCED)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"stage": VerificationStage.CLOSED}, "done already"),
        ({"source": "  "}, "which public number"),
        ({"closes_on": date(2026, 3, 31)}, "after the period has ended"),
        ({"closes_on": date(2026, 4, 9)}, "has passed"),
        ({"draws_on": date(2026, 5, 1)}, "after the claims have closed"),
    ],
)
def test_an_announcement_is_refused(changed: dict[str, Any], reason: str) -> None:
    assert reason in why_not_announce(**ANNOUNCED | changed).reason


def test_claims_close_on_the_announced_day_and_not_when_there_are_none() -> None:
    given: dict[str, Any] = {
        "stage": VerificationStage.ANNOUNCED,
        "closes_on": date(2026, 5, 1),
        "claims": 9,
    }
    assert why_not_close(**given, today=date(2026, 5, 1))
    assert "1 May 2026" in why_not_close(**given, today=date(2026, 4, 30)).reason
    none = why_not_close(**given | {"claims": 0}, today=date(2026, 5, 1))
    assert "nothing to verify" in none.reason
    early = why_not_close(**given | {"stage": VerificationStage.PLANNED}, today=date(2026, 5, 1))
    assert "too early" in early.reason


@pytest.mark.parametrize("number", ["", "123", "12 345", "12345a", "1" * 81, "१२३४५"])
def test_a_public_number_is_4_to_80_plain_digits(number: str) -> None:
    said = why_not_draw(
        stage=VerificationStage.CLOSED,
        draws_on=date(2026, 5, 8),
        today=date(2026, 5, 8),
        number=number,
    )
    assert "digits alone" in said.reason


def test_a_sample_is_drawn_on_the_announced_day() -> None:
    given: dict[str, Any] = {"draws_on": date(2026, 5, 8), "number": "483920"}
    assert why_not_draw(stage=VerificationStage.CLOSED, today=date(2026, 5, 8), **given)
    assert (
        "8 May 2026"
        in why_not_draw(stage=VerificationStage.CLOSED, today=date(2026, 5, 7), **given).reason
    )
    again = why_not_draw(stage=VerificationStage.DRAWN, today=date(2026, 5, 8), **given)
    assert "done already" in again.reason


def test_a_blind_second_look_needs_two_verifiers() -> None:
    assert why_not_begin(stage=VerificationStage.DRAWN, verifiers=1, is_doubled=False)
    assert why_not_begin(stage=VerificationStage.VERIFYING, verifiers=2, is_doubled=True)
    assert (
        "2 verifiers are needed"
        in why_not_begin(stage=VerificationStage.DRAWN, verifiers=1, is_doubled=True).reason
    )
    assert (
        "too early"
        in why_not_begin(stage=VerificationStage.CLOSED, verifiers=2, is_doubled=True).reason
    )


def test_an_estimate_waits_for_every_finding_and_says_for_which() -> None:
    given: dict[str, Any] = {"open_claims": 0, "disputed": 0, "waiting": 0, "free_on": None}
    assert why_not_estimate(stage=VerificationStage.VERIFYING, **given)
    missing = why_not_estimate(
        stage=VerificationStage.VERIFYING,
        open_claims=3,
        disputed=1,
        waiting=2,
        free_on=date(2026, 6, 1),
    )
    assert missing.reason.splitlines() == [
        "3 claims have no finding yet.",
        "1 claim waits for a third verifier.",
        "2 claims were returned, and their clusters have until 1 Jun 2026.",
    ]
    assert "too early" in why_not_estimate(stage=VerificationStage.DRAWN, **given).reason


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"finding": Finding.PARTLY, "quantity": Decimal(40), "reason": "List of 40"},
        {"finding": Finding.REJECTED, "reason": "No list"},
        {"finding": Finding.RETURNED, "reason": "Page 2 is missing"},
        {
            "finding": Finding.PARTLY, "quantity": Decimal(100), "reason": "As closed",
            "still_claimed": Decimal(120),
        },
    ],
)  # fmt: skip
def test_a_finding_stands(changed: dict[str, Any]) -> None:
    assert why_not_find(**FOUND | changed)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"finding": "fine"}, "Say what you found"),
        ({"finding": Finding.REJECTED, "reason": " "}, "Give the reason"),
        ({"is_third": True}, "last word"),
        ({"finding": Finding.RETURNED, "reason": "?", "returns": 1}, "returned once already"),
        ({"finding": Finding.RETURNED, "reason": "?", "is_third": True}, "third look decides"),
        ({"finding": Finding.PARTLY, "reason": "?"}, "Give the quantity"),
        ({"finding": Finding.PARTLY, "reason": "?", "quantity": Decimal(0)}, "above 0"),
        ({"finding": Finding.PARTLY, "reason": "?", "quantity": Decimal("NaN")}, "above 0"),
        ({"finding": Finding.PARTLY, "reason": "?", "quantity": Decimal("1.00001")}, "4 decimals"),
        ({"finding": Finding.PARTLY, "reason": "?", "quantity": Decimal(100)}, "below what"),
        ({"still_claimed": Decimal(120)}, "More is claimed now"),
    ],
)
def test_a_finding_is_refused(changed: dict[str, Any], reason: str) -> None:
    assert reason in why_not_find(**FOUND | changed).reason


def test_a_finding_says_how_much_stands() -> None:
    given = {"claimed": Decimal(100), "given": Decimal(40)}
    assert quantity_of(Finding.VERIFIED, **given) == 100
    assert quantity_of(Finding.PARTLY, **given) == 40
    assert quantity_of(Finding.REJECTED, **given) == 0
    assert quantity_of(Finding.RETURNED, **given) == 0


def test_two_agree_when_finding_and_quantity_are_the_same() -> None:
    forty = Found(Finding.PARTLY, Decimal(40))
    assert agreed([forty, Found(Finding.PARTLY, Decimal("40.0000"))])
    assert not agreed([forty, Found(Finding.PARTLY, Decimal(41))])
    assert not agreed([forty, Found(Finding.REJECTED, Decimal(0))])


def test_a_finding_is_taken_back_until_another_looked_or_it_is_final() -> None:
    assert why_not_undo(recorded=True, state=State.OPEN, others=0)
    assert "no finding" in why_not_undo(recorded=False, state=State.OPEN, others=0).reason
    assert "Another verifier" in why_not_undo(recorded=True, state=State.OPEN, others=1).reason
    for state in (State.DISPUTED, State.RETURNED, State.SETTLED):
        assert "final" in why_not_undo(recorded=True, state=state, others=0).reason


INTERESTS = Interests(
    clusters={1: Tie.MEMBERSHIP},
    organisations={7: Tie.EMPLOYMENT, 8: Tie.CO_WORK},
    accounts={30: Tie.OWN_CLAIM},
)


@pytest.mark.parametrize(
    ("parties", "expected"),
    [
        (Parties(frozenset({2}), frozenset({9}), 31), []),
        (Parties(frozenset({1, 2}), frozenset({9}), 31), [Tie.MEMBERSHIP]),
        (Parties(frozenset({2}), frozenset({7, 9}), 31), [Tie.EMPLOYMENT]),
        (Parties(frozenset({2}), frozenset({9}), 30), [Tie.OWN_CLAIM]),
        (Parties(frozenset({1}), frozenset({8}), 30), [Tie.OWN_CLAIM, Tie.MEMBERSHIP, Tie.CO_WORK]),
        (Parties(frozenset({2}), frozenset({9}), 0), []),
    ],
)
def test_ties_bind_by_cluster_organisation_and_account(
    parties: Parties, expected: list[Tie]
) -> None:
    assert ties(INTERESTS, parties) == expected
    assert bool(why_not_verify(expected)) == (expected == [])
