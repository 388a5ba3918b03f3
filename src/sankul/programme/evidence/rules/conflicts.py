"""Conflicts of interest: what ties a verifier to a claim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.core.rules.verdicts import ALLOWED, Verdict, refused

COOLING_YEARS = 3
"""For how long a tie that has ended still binds: this house's own choice, as no rule of the programme says it."""


class Tie(TextChoices):
    """What ties a verifier to a claim."""

    OWN_CLAIM = "own_claim", _("recorded the claim")
    EMPLOYMENT = (
        "employment",
        _("works, or worked in the last three years, for one who is credited"),
    )
    MEMBERSHIP = (
        "membership",
        _("works for a member of a credited cluster, or sits on one of its bodies"),
    )
    CO_WORK = (
        "co_work",
        _("worked in the last three years with those who are credited or made the claim"),
    )
    DECLARED = "declared", _("has declared a conflict of interest")


@dataclass(frozen=True)
class Interests:
    """What one account is tied to: ids of clusters, organisations and accounts (who recorded a claim), each with the tie."""

    clusters: Mapping[int, Tie] = field(default_factory=dict)
    organisations: Mapping[int, Tie] = field(default_factory=dict)
    accounts: Mapping[int, Tie] = field(default_factory=dict)


class Parties(NamedTuple):
    """Whose claim it is: the credited clusters and organisations, and the account that recorded it (0: nobody's)."""

    clusters: frozenset[int]
    organisations: frozenset[int]
    account: int


def ties(interests: Interests, parties: Parties) -> list[Tie]:
    """What ties an account to a claim, in the order of ``Tie``; nothing where it may verify it."""
    found = {interests.clusters[one] for one in parties.clusters & interests.clusters.keys()}
    found |= {
        interests.organisations[one]
        for one in parties.organisations & interests.organisations.keys()
    }
    if parties.account in interests.accounts:
        found.add(interests.accounts[parties.account])
    return [tie for tie in Tie if tie in found]


def why_not_verify(found: list[Tie]) -> Verdict:
    """Whether somebody with these ties to a claim may verify it."""
    if not found:
        return ALLOWED
    return refused(
        _t("You cannot verify this claim, because your account %s. It goes to somebody else.")
        % " · ".join(str(tie.label) for tie in found)
    )
