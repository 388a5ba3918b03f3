"""Verifiers at work: the sample shared out, findings recorded and taken back, what is left over taken."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t

from sankul.core.actions import events
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.evidence.models import Check, Sampled, Verification
from sankul.programme.evidence.queries import conflicts
from sankul.programme.evidence.rules import (
    PLAN,
    VERIFY,
    Finding,
    Interests,
    Parties,
    State,
    Turn,
    VerificationStage,
    quantity_of,
    shared_out,
    ties,
    why_not_begin,
    why_not_find,
    why_not_undo,
    why_not_verify,
)
from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.rules import STANDING, why_not_judge

from . import settling
from .verifications import held

NOTHING: Mapping[str, str] = {}


@transaction.atomic
def begin(*, actor: Actor | None, verification: Verification, at: datetime) -> int:
    """Give the sample to the verifiers, as evenly as their conflicts allow; how many looks nobody may take is returned.

    Called again, it gives out what is still nobody's, and what somebody can no longer do. Raises Refused before the sample is
    drawn, and with too few verifiers.
    """
    found = held(actor, PLAN, verification)
    day = timezone.localdate(at)
    people = list(conflicts.verifiers(found.programme, day).values_list("pk", flat=True))
    is_doubled = found.sample.filter(is_doubled=True).exists()
    why_not_begin(stage=found.stage, verifiers=len(people), is_doubled=is_doubled).enforce()
    if found.stage == VerificationStage.DRAWN:
        Check.objects.bulk_create(_looks(found.sample.all()), 2000)
        found.stage, found.begun_at = VerificationStage.VERIFYING, at
        found.save(update_fields=["stage", "begun_at"])
    left = _share_out(found, people, day, at)
    _record(actor, "verification.given_out", found, at, verifiers=people, left=left)
    return left


@transaction.atomic
def take(*, actor: Actor, check: Check, at: datetime) -> Check:
    """Take a look that nobody has. Of two who take it at once, one gets it; the other is refused, as is who has a conflict."""
    sampled, check = _held(actor, check)
    if check.verifier_id is not None:
        raise Refused(_t("Somebody else has taken this claim. Take the next one."))
    if sampled.checks.filter(round=check.round, verifier=actor.user_id).exists():
        raise Refused(_t("You have looked at this claim already. It goes to somebody else."))
    check.verifier, check.assigned_at = actor.user, at
    check.save(update_fields=["verifier", "assigned_at"])
    _record(actor, "check.taken", sampled.verification, at, claim=sampled.claim_id)
    return check


@transaction.atomic
def find(
    *,
    actor: Actor,
    check: Check,
    finding: str,
    quantity: Decimal | None = None,
    reason: str = "",
    notes: Mapping[str, str] = NOTHING,
    confirmed: Sequence[str] = (),
    at: datetime,
) -> Check:
    """Record what a verifier found of a claim. It is his alone to see until it is settled.

    Where two look, it is settled when both have found the same, or a third has decided. Raises Refused for a claim that is not
    his, that he has a conflict with, that its cluster has back, that has his finding already; and for a finding without what it
    needs: reason, quantity.
    """
    sampled, check = _held(actor, check)
    if check.verifier_id != actor.user_id:
        raise Refused(_t("This claim is another verifier's."))
    if check.finding:
        raise Refused(_t("Your finding is recorded. Take it back first to change it."))
    claim = Claim.objects.select_for_update().get(pk=sampled.claim_id)
    _check_ready(sampled, claim)
    still = claim.quantity or Decimal(0)
    why_not_find(
        finding=finding,
        claimed=sampled.quantity,
        quantity=quantity,
        reason=reason,
        returns=sampled.round - 1,
        is_third=check.turn == Turn.THIRD,
        still_claimed=still,
    ).enforce()
    _check_judged(claim, finding, quantity, reason)
    check.finding, check.found_at, check.reason = finding, at, reason.strip()
    check.quantity = quantity_of(finding, claimed=still, given=quantity)
    check.notes = {key: text.strip()[:1000] for key, text in notes.items() if text.strip()}
    check.confirmed = list(confirmed)
    check.save(update_fields=["finding", "found_at", "reason", "quantity", "notes", "confirmed"])
    if sampled.state == State.RETURNED:
        sampled.state = State.OPEN
        sampled.save(update_fields=["state"])
    settling.settle_if_final(actor, sampled, at)
    _record(actor, "check.found", sampled.verification, at, claim=claim.pk, turn=check.turn)
    return check


@transaction.atomic
def undo(*, actor: Actor, check: Check, at: datetime) -> Check:
    """Take one's own finding back, until another verifier has looked or it is final."""
    sampled, check = _held(actor, check)
    if check.verifier_id != actor.user_id:
        raise Refused(_t("This claim is another verifier's."))
    beside = sampled.checks.filter(round=check.round).exclude(pk=check.pk).exclude(finding="")
    is_past = check.round != sampled.round
    why_not_undo(
        recorded=bool(check.finding),
        state=State.RETURNED if is_past else sampled.state,
        others=beside.count(),
    ).enforce()
    check.finding, check.found_at, check.quantity = "", None, None
    check.save(update_fields=["finding", "found_at", "quantity"])
    _record(actor, "check.undone", sampled.verification, at, claim=sampled.claim_id)
    return check


def _held(actor: Actor, check: Check) -> tuple[Sampled, Check]:
    """The claim of the sample and the look at it, held until the commit, once the actor may verify it now."""
    require(actor, VERIFY, *check.sampled.verification.scopes)
    rows = Sampled.objects.select_related("verification__programme", "verification__period")
    sampled = rows.select_for_update(of=("self",)).get(pk=check.sampled_id)
    check = Check.objects.select_for_update().get(pk=check.pk)
    if sampled.verification.stage != VerificationStage.VERIFYING:
        raise Refused(_t("This verification is not going on now."))
    found = conflicts.interests(actor.user_id or 0, timezone.localdate(actor.at))
    parties = conflicts.parties([sampled.claim_id])[sampled.claim_id]
    why_not_verify(ties(found, parties)).enforce(Forbidden)
    return sampled, check


def _check_judged(claim: Claim, finding: str, quantity: Decimal | None, reason: str) -> None:
    """What is found can be judged so later: a part of things or people is whole."""
    if finding != Finding.RETURNED:
        why_not_judge(
            claim.kind_of,
            status=claim.status,
            to=finding,
            claimed=claim.quantity or Decimal(0),
            quantity=quantity if finding == Finding.PARTLY else None,
            reason=reason,
        ).enforce()


def _check_ready(sampled: Sampled, claim: Claim) -> None:
    if sampled.state == State.SETTLED:
        raise Refused(_t("This claim is settled."))
    if claim.status not in STANDING:
        raise Refused(
            _t("The cluster has this claim back. It can be looked at when it is sent again.")
        )


def _looks(sample: Iterable[Sampled]) -> list[Check]:
    """One look at every claim, two at some."""
    return [
        Check(sampled=one, turn=turn)
        for one in sample
        for turn in ((Turn.FIRST, Turn.SECOND) if one.is_doubled else (Turn.FIRST,))
    ]


def _share_out(found: Verification, people: list[int], day: date, at: datetime) -> int:
    """Give every open look to somebody; how many are nobody's in the end."""
    rows = Check.objects.filter(sampled__verification=found, finding="").select_for_update()
    open_looks = list(rows.select_related("sampled").order_by("sampled__position", "pk"))
    parties = conflicts.parties({look.sampled.claim_id for look in open_looks})
    ties_of = {who: conflicts.interests(who, day) for who in people}
    free = {
        look.pk: frozenset(_free(people, ties_of, parties[look.sampled.claim_id]))
        for look in open_looks
    }
    lost = [it for it in open_looks if it.verifier_id and it.verifier_id not in free[it.pk]]
    for look in lost:
        look.verifier_id = None
    Check.objects.filter(pk__in=[look.pk for look in lost]).update(verifier=None)
    seen = _seen(found)
    for turn in Turn:
        _give(open_looks, turn, free, seen, at)
    Check.objects.bulk_update(open_looks, ["verifier", "assigned_at"], 1000)
    return sum(look.verifier_id is None for look in open_looks)


def _free(
    people: Iterable[int], ties_of: Mapping[int, Interests], parties: Parties
) -> Iterable[int]:
    return (who for who in people if not ties(ties_of[who], parties))


def _seen(found: Verification) -> defaultdict[tuple[int, int], set[int]]:
    """Who has a look at which claim in which round."""
    seen: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
    rows = Check.objects.filter(sampled__verification=found, verifier__isnull=False)
    for sampled, number, who in rows.values_list("sampled", "round", "verifier"):
        seen[sampled, number].add(who)
    return seen


def _give(
    looks: Sequence[Check],
    turn: Turn,
    free: Mapping[int, frozenset[int]],
    seen: defaultdict[tuple[int, int], set[int]],
    at: datetime,
) -> None:
    by_number = {look.pk: look for look in looks if look.turn == turn and look.verifier_id is None}
    eligible = {
        number: free[number] - seen[look.sampled_id, look.round]
        for number, look in by_number.items()
    }
    load = Counter(look.verifier_id for look in looks if look.verifier_id is not None)
    for number, who in shared_out(eligible, load).items():
        look = by_number[number]
        look.verifier_id, look.assigned_at = who, at
        seen[look.sampled_id, look.round].add(who)


def _record(actor: Actor | None, verb: str, found: Verification, at: datetime, **told: Any) -> None:
    """Tell the log that it was done, and never what was found: others read the log."""
    events.record(actor=actor, verb=verb, subject=found, at=at, scopes=found.scopes, data=told)
