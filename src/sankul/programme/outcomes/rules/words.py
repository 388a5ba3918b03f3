"""The states of a claim and the roles of its partners."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ClaimStatus(TextChoices):
    """Where a claim is in its life."""

    DRAFT = "draft", pgettext_lazy("claim", "Draft")
    SUBMITTED = "submitted", pgettext_lazy("claim", "Submitted")
    RETURNED = "returned", pgettext_lazy("claim", "Returned")
    VERIFIED = "verified", pgettext_lazy("claim", "Verified")
    PARTLY_VERIFIED = "partly_verified", pgettext_lazy("claim", "Partly verified")
    REJECTED = "rejected", pgettext_lazy("claim", "Rejected")
    WITHDRAWN = "withdrawn", pgettext_lazy("claim", "Withdrawn")


JUDGED = frozenset({ClaimStatus.VERIFIED, ClaimStatus.PARTLY_VERIFIED, ClaimStatus.REJECTED})
"""Somebody looked at the evidence and said how much of it is so."""
STANDING = frozenset({ClaimStatus.SUBMITTED}) | JUDGED
"""The claim is before the programme: it is counted, as far as it is evidenced."""
ATTACHABLE = frozenset({ClaimStatus.DRAFT, ClaimStatus.SUBMITTED})
AMENDABLE = JUDGED | {ClaimStatus.RETURNED}
"""States from which a claim goes back to its cluster's desk to be changed."""


class CreditRole(TextChoices):
    """What a partner did for a joint result; the share of the credit goes with it."""

    LED = "led", _("Led")
    CONTRIBUTED = "contributed", _("Contributed")
    ENABLED = "enabled", _("Enabled")


ROLE_WEIGHT = {
    CreditRole.LED: Decimal(3),
    CreditRole.CONTRIBUTED: Decimal(2),
    CreditRole.ENABLED: Decimal(1),
}
"""Relative credit when no shares are agreed: fractional counting, so that one result is never counted twice."""
