"""What a verifier finds of one claim, and when a finding is final."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sankul.core.rules.verdicts import ALLOWED, Verdict, refused

MOST_RETURNS = 1
"""How often a claim is returned for better evidence before it is judged by what there is."""


class Finding(TextChoices):
    """What a verifier finds of a claim."""

    VERIFIED = "verified", pgettext_lazy("finding", "Verified: all of it is proved")
    PARTLY = "partly_verified", pgettext_lazy("finding", "Partly verified: less is proved")
    REJECTED = "rejected", pgettext_lazy("finding", "Rejected: nothing of it is proved")
    RETURNED = "returned", pgettext_lazy("finding", "Returned: better evidence is needed")


class State(TextChoices):
    """Where a claim of the sample is."""

    OPEN = "open", pgettext_lazy("sampled claim", "To be verified")
    DISPUTED = "disputed", pgettext_lazy("sampled claim", "Two verifiers differ")
    RETURNED = "returned", pgettext_lazy("sampled claim", "Returned to its cluster")
    SETTLED = "settled", pgettext_lazy("sampled claim", "Settled")


class Turn(TextChoices):
    """Which look at a claim it is."""

    FIRST = "first", _("first look")
    SECOND = "second", _("second look, blind")
    THIRD = "third", _("third look, where two differ")


class Found(NamedTuple):
    """One verifier's finding: with the quantity that stands by it."""

    finding: Finding
    quantity: Decimal


def quantity_of(finding: str, *, claimed: Decimal, given: Decimal | None) -> Decimal:
    """How much of a claim stands by a finding: all, the part given, or nothing."""
    match finding:
        case Finding.VERIFIED:
            return claimed
        case Finding.PARTLY:
            return given or Decimal(0)
    return Decimal(0)


def why_not_find(
    *,
    finding: str,
    claimed: Decimal,
    quantity: Decimal | None,
    reason: str,
    returns: int,
    is_third: bool,
    still_claimed: Decimal,
) -> Verdict:
    """Whether this can be found of a claim of ``claimed`` when the claims closed, that now claims ``still_claimed``."""
    if finding not in Finding.values:
        return refused(_t("Say what you found: verified, partly verified, rejected or returned."))
    if finding != Finding.VERIFIED and not reason.strip():
        return refused(_t("Give the reason: the cluster and the committee will read it."))
    if is_third and not reason.strip():
        return refused(_t("Say why: two verifiers differed, and yours is the last word."))
    if finding == Finding.RETURNED:
        return _why_not_return(returns, is_third=is_third)
    if finding == Finding.VERIFIED and still_claimed > claimed:
        return refused(
            _t(
                "More is claimed now than when the claims closed. Verify what was claimed then, as a part."
            )
        )
    if finding == Finding.PARTLY:
        return _why_not_part(
            min(claimed, still_claimed), quantity, may_equal=still_claimed > claimed
        )
    return ALLOWED


def _why_not_return(returns: int, *, is_third: bool) -> Verdict:
    if is_third:
        return refused(_t("The third look decides: verified, partly verified or rejected."))
    if returns >= MOST_RETURNS:
        return refused(_t("It was returned once already. Judge it by the evidence there is."))
    return ALLOWED


def _why_not_part(most: Decimal, quantity: Decimal | None, *, may_equal: bool) -> Verdict:
    if quantity is None:
        return refused(_t("Give the quantity that is proved."))
    if not quantity.is_finite() or quantity <= 0 or quantity != round(quantity, 4):
        return refused(_t("The proved quantity lies above 0 and has at most 4 decimals."))
    if quantity > most or (quantity == most and not may_equal):
        return refused(
            _t("The proved part lies below what is claimed. All of it: verified. None: rejected.")
        )
    return ALLOWED


def why_not_undo(*, recorded: bool, state: str, others: int) -> Verdict:
    """Whether a verifier may take his finding back: until the other one has looked, or it is settled."""
    if not recorded:
        return refused(_t("There is no finding to take back."))
    if state != State.OPEN:
        return refused(
            _t("This finding is final: the claim is settled, returned or with a third verifier.")
        )
    if others:
        return refused(_t("Another verifier has looked at it too, so it stays."))
    return ALLOWED


def agreed(found: Sequence[Found]) -> bool:
    """Whether all who looked found the same, with the same quantity."""
    return len(set(found)) == 1
