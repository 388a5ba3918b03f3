"""How the credit for one result is shared."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _t

from sankul.core.rules.verdicts import ALLOWED, Verdict, refused

from .words import ROLE_WEIGHT, CreditRole


def default_shares(roles: Sequence[CreditRole]) -> list[Decimal]:
    """Shares by declared role, in the proportion of ``ROLE_WEIGHT``; their sum is exactly 1.

    Rounded down to six decimals, with the remainder given to the first. Raises ValueError for an empty list.
    """
    if not roles:
        raise ValueError("a result needs at least one credit")
    total = sum(ROLE_WEIGHT[role] for role in roles)
    unit = Decimal("0.000001")
    shares = [(ROLE_WEIGHT[role] / total // unit) * unit for role in roles]
    shares[0] += 1 - sum(shares)
    return shares


def why_not_shares(shares: Sequence[Decimal]) -> Verdict:
    """Whether the shares of one result may stand: each in (0, 1] to six decimals, together no more than 1."""
    if not shares:
        return refused(_t("A result needs at least one partner to credit."))
    if any(not share.is_finite() or not 0 < share <= 1 for share in shares):
        return refused(_t("Each share lies above 0 and up to 1."))
    if any(share != round(share, 6) for share in shares):
        return refused(_t("A share has at most six decimals."))
    if sum(shares) > 1:
        return refused(_t("The shares of one result add up to more than 1."))
    return ALLOWED
