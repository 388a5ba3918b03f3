"""Shares by declared role."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sankul.programme.outcomes.rules import (
    KINDS,
    OUTCOMES,
    CreditRole,
    default_shares,
    why_not_shares,
)

ROLES = some.lists(some.sampled_from(CreditRole), min_size=1, max_size=60)


@given(ROLES)
def test_default_shares_are_positive_and_add_up_to_exactly_one(roles: list[CreditRole]) -> None:
    shares = default_shares(roles)
    assert sum(shares) == 1
    assert why_not_shares(shares).allowed


@given(some.lists(some.decimals(0, 2, places=6), max_size=8))
def test_no_shares_above_one_are_ever_allowed(shares: list[Decimal]) -> None:
    assert not (why_not_shares(shares).allowed and sum(shares) > 1)


def test_one_partner_gets_it_all() -> None:
    assert default_shares([CreditRole.ENABLED]) == [Decimal(1)]


def test_led_and_contributed_share_three_to_two() -> None:
    assert default_shares([CreditRole.LED, CreditRole.CONTRIBUTED]) == [
        Decimal("0.6"),
        Decimal("0.4"),
    ]


def test_nobody_to_credit_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one credit"):
        default_shares([])


def test_every_outcome_has_a_kind_of_claim() -> None:
    assert {kind.outcome for kind in KINDS.values()} == set(OUTCOMES)
