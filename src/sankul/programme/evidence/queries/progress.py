"""How far a verification is, and what it waits for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, F, Max, Q
from django.utils import timezone

from sankul.core.rules.verdicts import Verdict
from sankul.programme.evidence.models import Check, Sampled, Verification
from sankul.programme.evidence.rules import State, why_not_estimate
from sankul.programme.outcomes.rules import STANDING


class Missing(NamedTuple):
    """Claims that an estimate waits for: without a finding, disputed, returned and perhaps coming back."""

    open_claims: int
    disputed: int
    waiting: int
    last_returned_at: datetime | None


class Load(NamedTuple):
    """How much a verifier has had, and how much of it is done."""

    name: str
    looks: int
    done: int


class Progress(NamedTuple):
    """How far a verification is: claims by state, looks by verifier, looks that are nobody's."""

    states: dict[str, int]
    loads: Sequence[Load]
    unassigned: int

    @property
    def claims(self) -> int:
        """Claims in the sample."""
        return sum(self.states.values())


def missing(verification: Verification, at: datetime) -> Missing:
    """What an estimate still waits for: two queries."""
    since = at - timedelta(days=verification.return_days)
    this_round = Q(checks__round=F("round"))
    rows = verification.sample.annotate(
        looks=Count("checks", filter=this_round),
        found=Count("checks", filter=this_round & ~Q(checks__finding="")),
    )
    stands = Q(claim__status__in=STANDING)
    away = Q(state=State.RETURNED) & ~stands & Q(returned_at__gt=since)
    unseen = Q(state=State.OPEN) & (Q(found__lt=F("looks")) | Q(looks=0))
    counted = Sampled.objects.filter(pk__in=rows.filter(unseen).values("pk")).count()
    totals = verification.sample.aggregate(
        back=Count("pk", filter=Q(state=State.RETURNED) & stands),
        disputed=Count("pk", filter=Q(state=State.DISPUTED)),
        waiting=Count("pk", filter=away),
        last=Max("returned_at", filter=away),
    )
    return Missing(counted + totals["back"], totals["disputed"], totals["waiting"], totals["last"])


def why_not_estimated(verification: Verification, at: datetime) -> Verdict:
    """Whether the totals can be estimated now, or all that is missing."""
    found = missing(verification, at)
    free_on = None
    if found.last_returned_at is not None:
        free = found.last_returned_at + timedelta(days=verification.return_days)
        free_on = timezone.localdate(free)
    return why_not_estimate(
        stage=verification.stage,
        open_claims=found.open_claims,
        disputed=found.disputed,
        waiting=found.waiting,
        free_on=free_on,
    )


def progress(verification: Verification) -> Progress:
    """How far it is, without a word of what was found: three queries."""
    counted = verification.sample.order_by().values("state").annotate(claims=Count("pk"))
    states = {row["state"]: row["claims"] for row in counted}
    looks = Check.objects.filter(sampled__verification=verification)
    rows = (
        looks.filter(verifier__isnull=False)
        .order_by()
        .values("verifier", "verifier__name")
        .annotate(looks=Count("pk"), done=Count("pk", filter=~Q(finding="")))
    )
    loads = [
        Load(row["verifier__name"], row["looks"], row["done"])
        for row in rows.order_by("verifier__name", "verifier")
    ]
    return Progress(
        {state: states.get(state, 0) for state in State.values},
        loads,
        looks.filter(verifier=None).count(),
    )
