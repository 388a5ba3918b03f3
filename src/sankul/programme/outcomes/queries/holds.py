"""Reasons of other areas why a claim may not change now, such as a verification that is going on."""

from __future__ import annotations

from collections.abc import Callable

from sankul.core.rules.verdicts import ALLOWED, Verdict
from sankul.programme.outcomes.models import Claim

Hold = Callable[[Claim], Verdict]
HOLDS: dict[str, Hold] = {}


def declare(area: str, hold: Hold) -> None:
    """Have ``hold`` asked before a claim is submitted, amended or withdrawn, and before evidence comes to one that stands."""
    HOLDS[area] = hold


def why_not_touched(claim: Claim) -> Verdict:
    """The first reason why a claim may not change now, or that it may."""
    return next((held for hold in HOLDS.values() if not (held := hold(claim))), ALLOWED)
