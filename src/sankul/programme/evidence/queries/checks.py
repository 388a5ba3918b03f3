"""A verifier's work: his own checks, and those that wait for anybody."""

from __future__ import annotations

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.lookups import GreaterThanOrEqual
from django.utils import timezone

from sankul.core.rules.roles import Actor, narrowed
from sankul.core.rules.verdicts import Forbidden
from sankul.programme.evidence.models import Check, CheckQuerySet
from sankul.programme.evidence.rules import (
    VERIFY,
    Interests,
    State,
    VerificationStage,
    ties,
    why_not_verify,
)
from sankul.programme.outcomes.models import Attachment, Claim, Credit
from sankul.programme.outcomes.rules import STANDING, ClaimStatus

from . import conflicts

READY = Q(sampled__state__in=(State.OPEN, State.DISPUTED)) | Q(
    sampled__state=State.RETURNED, sampled__claim__status=ClaimStatus.SUBMITTED
)
"""The claim can be looked at now: not while its cluster has it back."""


def interests(actor: Actor) -> Interests:
    """What the actor is tied to now."""
    return conflicts.interests(actor.user_id or 0, timezone.localdate(actor.at))


def entitled(actor: Actor) -> CheckQuerySet:
    """Checks in programmes whose claims the actor may verify, while the verification goes on."""
    programme = narrowed(actor, VERIFY, programme="sampled__verification__programme")
    rows = Check.objects.filter(programme, sampled__verification__stage=VerificationStage.VERIFYING)
    return rows.select_related(
        "sampled__claim__cluster", "sampled__claim__programme", "sampled__verification__period",
        "sampled__verification__programme",
    )  # fmt: skip


def mine(actor: Actor, number: int) -> Check:
    """One of the actor's own checks. Raises Check.DoesNotExist for any other, and Forbidden where he has a conflict by now."""
    found = entitled(actor).of(actor).get(pk=number)
    parties = conflicts.parties([found.sampled.claim_id])[found.sampled.claim_id]
    why_not_verify(ties(interests(actor), parties)).enforce(Forbidden)
    return found


def own(actor: Actor, found: Interests) -> CheckQuerySet:
    """The actor's own checks of claims that he has no conflict with, in the order of work."""
    rows = entitled(actor).of(actor).filter(conflicts.without(found, "sampled__claim"))
    return rows.order_by("sampled__verification", "sampled__position", "pk")


def waiting(actor: Actor, found: Interests) -> CheckQuerySet:
    """The actor's own checks that want a finding now."""
    return own(actor, found).open().filter(READY)


def recorded(actor: Actor, found: Interests) -> CheckQuerySet:
    """The actor's own findings, the latest first."""
    return own(actor, found).exclude(finding="").order_by("-found_at", "-pk")


def pool(actor: Actor, found: Interests) -> CheckQuerySet:
    """Checks that nobody has yet and that the actor may take: no conflict, and no look at the claim in this round before."""
    seen = Check.objects.filter(
        sampled=OuterRef("sampled"), round=OuterRef("round"), verifier=actor.user_id
    )
    rows = entitled(actor).filter(conflicts.without(found, "sampled__claim"), READY, verifier=None)
    return rows.filter(~Exists(seen)).order_by("sampled__verification", "sampled__position", "pk")


def claim(check: Check) -> Claim:
    """The claim of a check with all that is shown beside it: three queries."""
    rows = Claim.objects.select_related("cluster", "programme", "rests_on", "recorded_by")
    rows = rows.prefetch_related(
        Prefetch("credits", Credit.objects.select_related("cluster__programme", "organisation")),
        Prefetch("attachments", Attachment.objects.select_related("document")),
    )
    return rows.get(pk=check.sampled.claim_id)


def same_before(found: Claim, *, most: int = 8) -> QuerySet[Claim]:
    """Earlier claims of the same cluster and kind that stand, those with the likest titles first: what this may repeat."""
    rows = Claim.objects.filter(
        cluster=found.cluster_id, kind=found.kind, status__in=STANDING, on__lte=found.on
    ).exclude(pk=found.pk)
    likeness = TrigramSimilarity("title", found.title)
    rows = rows.filter(GreaterThanOrEqual(likeness, 0.3))
    return rows.order_by(likeness.desc(), "-on", "-pk")[:most]


def differing(third: Check) -> CheckQuerySet:
    """What the two found between whom a third decides."""
    rows = Check.objects.filter(sampled=third.sampled, round=third.round).exclude(pk=third.pk)
    return rows.exclude(finding="").order_by("turn")
