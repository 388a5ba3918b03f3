"""Verifiers at work."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from sankul.core.models import Event
from sankul.core.rules.roles import Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.evidence.actions import checks, settling
from sankul.programme.evidence.models import Check
from sankul.programme.evidence.queries import checks as queries
from sankul.programme.evidence.queries import progress
from sankul.programme.evidence.rules import Design, Finding, State, Turn, VerificationStage
from sankul.programme.outcomes.actions import claims
from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.rules import ClaimStatus
from sankul.programme.registry.tests import makers as registry

from . import makers

pytestmark = pytest.mark.django_db
TWICE = Design(precision=Decimal("0.005"), second_share=Decimal(1))


def _claim(look: Check) -> Claim:
    return Claim.objects.get(pk=look.sampled.claim_id)


def _state(look: Check) -> str:
    look.sampled.refresh_from_db()
    return str(look.sampled.state)


def _pair(made: makers.Season) -> tuple[Check, Check]:
    first, second = [it for it in makers.looks(made) if it.sampled.position == 1]
    return first, second


def _third(made: makers.Season, first: Check) -> Check:
    third = Check.objects.get(sampled=first.sampled, turn=Turn.THIRD)
    seen = set(Check.objects.filter(sampled=first.sampled).values_list("verifier", flat=True))
    free = next(user for user in made.verifiers if user.pk not in seen)
    return checks.take(actor=made.by(free), check=third, at=makers.later(6))


def test_the_sample_is_shared_out_evenly() -> None:
    made = makers.at_stage(VerificationStage.VERIFYING)
    found = Counter(look.verifier_id for look in makers.looks(made))
    assert found == {user.pk: 4 for user in made.verifiers}


def test_second_looks_go_to_others() -> None:
    made = makers.at_stage(VerificationStage.VERIFYING, design=TWICE)
    looks = makers.looks(made)
    assert len(looks) == 24
    pairs = {(look.sampled_id, look.verifier_id) for look in looks}
    assert len(pairs) == 24
    assert set(Counter(look.verifier_id for look in looks).values()) == {8}


def test_a_sample_is_not_given_out_without_verifiers() -> None:
    made = makers.at_stage(VerificationStage.DRAWN, makers.season(verifiers=1), TWICE)
    with pytest.raises(Refused, match="2 verifiers are needed"):
        checks.begin(actor=made.by(made.officer), verification=made.under, at=makers.later(5))


def test_a_finding_is_recorded_and_the_claim_stays_as_it_is_until_all_is_settled() -> None:
    made = makers.at_stage(VerificationStage.VERIFYING)
    look = makers.find(made, makers.looks(made)[0], Finding.REJECTED)
    assert (look.finding, look.quantity, look.reason) == ("rejected", 0, "The list names fewer")
    assert _claim(look).status == ClaimStatus.SUBMITTED
    assert _state(look) == State.OPEN


def test_the_log_tells_that_a_claim_was_looked_at_and_not_what_was_found() -> None:
    made = makers.at_stage(VerificationStage.VERIFYING)
    makers.find(made, makers.looks(made)[0], Finding.REJECTED)
    event = Event.objects.get(verb="check.found")
    assert "rejected" not in event.body
    assert event.scopes == [f"programme:{made.programme.pk}"]


@pytest.mark.parametrize(
    ("finding", "given", "reason"),
    [
        ("fine", {}, "Say what you found"),
        (Finding.REJECTED, {"reason": ""}, "Give the reason"),
        (Finding.PARTLY, {"quantity": None}, "Give the quantity"),
        (Finding.PARTLY, {"quantity": Decimal(99)}, "lies below"),
    ],
)
def test_a_finding_without_what_it_needs_is_refused(
    finding: str, given: dict[str, Any], reason: str
) -> None:
    made = makers.at_stage(VerificationStage.VERIFYING)
    look = makers.looks(made)[0]
    with pytest.raises(Refused, match=reason):
        makers.find(made, look, finding, **given)
    assert not Check.objects.exclude(finding="").exists()


def test_another_verifiers_claim_is_not_found_taken_nor_undone() -> None:
    made = makers.at_stage(VerificationStage.VERIFYING)
    look = makers.looks(made)[0]
    other = next(user for user in made.verifiers if user.pk != look.verifier_id)
    with pytest.raises(Refused, match="another verifier's"):
        checks.find(actor=made.by(other), check=look, finding=Finding.VERIFIED, at=makers.later(6))
    with pytest.raises(Refused, match="Somebody else"):
        checks.take(actor=made.by(other), check=look, at=makers.later(6))
    with pytest.raises(Refused, match="another verifier's"):
        checks.undo(actor=made.by(other), check=look, at=makers.later(6))


def test_an_officer_and_a_former_evaluator_find_nothing() -> None:
    made = makers.at_stage(VerificationStage.VERIFYING)
    look = makers.looks(made)[0]
    assert look.verifier is not None
    look.verifier.grants.update(until_on=makers.CLOSES_ON)
    for user in (made.officer, look.verifier):
        with pytest.raises(Forbidden):
            checks.find(
                actor=made.by(user), check=look, finding=Finding.VERIFIED, at=makers.later(6)
            )


def test_a_finding_is_recorded_once_and_can_be_taken_back_while_it_is_open() -> None:
    made = makers.at_stage(VerificationStage.VERIFYING)
    look = makers.find(made, next(it for it in makers.looks(made) if it.sampled.quantity == 5))
    with pytest.raises(Refused, match="Take it back first"):
        makers.find(made, look)
    assert look.verifier is not None
    undone = checks.undo(actor=made.by(look.verifier), check=look, at=makers.later(6))
    assert (undone.finding, undone.quantity) == ("", None)
    assert makers.find(made, look, Finding.PARTLY, quantity=Decimal(3)).quantity == 3


def test_a_part_of_what_is_counted_is_whole() -> None:
    made = makers.at_stage(VerificationStage.VERIFYING)
    look = next(it for it in makers.looks(made) if it.sampled.quantity == 5)
    with pytest.raises(Refused, match="whole number"):
        makers.find(made, look, Finding.PARTLY, quantity=Decimal("2.5"))


def test_a_finding_is_not_taken_back_once_the_second_verifier_has_looked() -> None:
    made = makers.at_stage(VerificationStage.VERIFYING, design=TWICE)
    first, second = _pair(made)
    makers.find(made, first, Finding.REJECTED)
    makers.find(made, second)
    assert first.verifier is not None
    with pytest.raises(Refused, match="final"):
        checks.undo(actor=made.by(first.verifier), check=first, at=makers.later(6))


def test_two_who_agree_settle_a_claim_at_once() -> None:
    made = makers.at_stage(VerificationStage.VERIFYING, design=TWICE)
    first, second = _pair(made)
    makers.find(made, first, Finding.REJECTED)
    assert _claim(first).status == ClaimStatus.SUBMITTED
    makers.find(made, second, Finding.REJECTED, reason="No list at all")
    claim = _claim(first)
    assert _state(first) == State.SETTLED
    assert (claim.status, claim.verified_quantity) == (ClaimStatus.REJECTED, 0)
    assert (claim.judgement, claim.judged_by) == ("The list names fewer", first.verifier)


def test_where_two_differ_a_third_decides_with_a_reason() -> None:
    made = makers.at_stage(VerificationStage.VERIFYING, design=TWICE)
    first, second = _pair(made)
    makers.find(made, first, Finding.REJECTED)
    makers.find(made, second)
    assert _state(first) == State.DISPUTED
    assert _claim(first).status == ClaimStatus.SUBMITTED
    third = _third(made, first)
    with pytest.raises(Refused, match="last word"):
        makers.find(made, third)
    makers.find(made, third, reason="The list is on page 4")
    assert _state(first) == State.SETTLED
    assert _claim(first).status == ClaimStatus.VERIFIED


def test_neither_of_two_who_differ_is_the_third() -> None:
    made = makers.at_stage(VerificationStage.VERIFYING, design=TWICE)
    first, second = _pair(made)
    makers.find(made, first, Finding.REJECTED)
    makers.find(made, second)
    third = Check.objects.get(sampled=first.sampled, turn=Turn.THIRD)
    assert first.verifier is not None
    with pytest.raises(Refused, match="looked at this claim already"):
        checks.take(actor=made.by(first.verifier), check=third, at=makers.later(6))


def test_a_returned_claim_goes_to_its_cluster_at_once_and_comes_back_to_the_same_verifier() -> None:
    made = makers.at_stage(VerificationStage.VERIFYING)
    look = makers.find(made, makers.looks(made)[0], Finding.RETURNED, reason="Page 2 is missing")
    claim = _claim(look)
    assert (claim.status, claim.judgement) == (ClaimStatus.RETURNED, "Page 2 is missing")
    assert _state(look) == State.RETURNED
    assert look.verifier is not None
    actor = made.by(look.verifier)
    assert look.sampled_id not in {
        it.sampled_id for it in queries.waiting(actor, queries.interests(actor))
    }
    again = Check.objects.get(sampled=look.sampled, round=2)
    with pytest.raises(Refused, match="has this claim back"):
        makers.find(made, again)
    _sent_again(made, claim)
    assert look.sampled_id in {
        it.sampled_id for it in queries.waiting(actor, queries.interests(actor))
    }
    with pytest.raises(Refused, match="returned once already"):
        makers.find(made, again, Finding.RETURNED)
    makers.find(made, again)
    assert _state(look) == State.OPEN


def _sent_again(made: makers.Season, claim: Claim) -> None:
    """The cluster takes it to its desk and sends it again."""
    staff = registry.actor_with(Role.CLUSTER_STAFF, claim.cluster.scopes[0])
    claims.amend(actor=staff, claim=claim, reason="Page 2 added", at=makers.later(7))
    Claim.objects.filter(pk=claim.pk).update(
        status=ClaimStatus.SUBMITTED, submitted_at=makers.later(7)
    )


def test_more_than_was_claimed_at_closing_is_never_verified() -> None:
    made = makers.at_stage(VerificationStage.VERIFYING)
    look = makers.find(made, makers.looks(made)[0], Finding.RETURNED)
    claim, closed = _claim(look), look.sampled.quantity
    _sent_again(made, claim)
    Claim.objects.filter(pk=claim.pk).update(quantity=closed + 5)
    again = Check.objects.get(sampled=look.sampled, round=2)
    with pytest.raises(Refused, match="More is claimed now"):
        makers.find(made, again)
    found = makers.find(made, again, Finding.PARTLY, quantity=closed)
    assert found.quantity == closed


def test_an_estimate_says_what_is_missing_and_settles_the_rest() -> None:
    made = makers.at_stage(VerificationStage.VERIFYING)
    looks = makers.looks(made)
    evaluator = made.by(made.verifiers[0], 8)
    for look in looks[1:]:
        makers.find(made, look)
    with pytest.raises(Refused, match="1 claim has no finding yet"):
        settling.estimate(actor=evaluator, verification=made.under, at=makers.later(8))
    makers.find(made, looks[0], Finding.RETURNED)
    with pytest.raises(Refused, match="its cluster has until 12 Dec 2026"):
        settling.estimate(actor=evaluator, verification=made.under, at=makers.later(8))
    settling.estimate(actor=evaluator, verification=made.under, at=makers.later(21))
    assert made.under.stage == VerificationStage.ESTIMATED
    lapsed = made.under.sample.get(claim=looks[0].sampled.claim_id)
    assert (lapsed.finding, lapsed.verified_quantity) == (Finding.REJECTED, 0)
    assert set(made.under.sample.values_list("state", flat=True)) == {State.SETTLED}
    others = Claim.objects.exclude(pk=lapsed.claim_id).filter(sampled__isnull=False)
    assert set(others.values_list("status", flat=True)) == {ClaimStatus.VERIFIED}


def test_an_officer_does_not_estimate_and_an_evaluator_does_not_draw() -> None:
    made = makers.at_stage(VerificationStage.VERIFYING)
    with pytest.raises(Forbidden):
        settling.estimate(actor=made.by(made.officer), verification=made.under, at=makers.later(8))


def test_a_disputed_claim_holds_the_estimate_up() -> None:
    made = makers.at_stage(VerificationStage.VERIFYING, design=TWICE)
    first, second = _pair(made)
    makers.find(made, first, Finding.REJECTED)
    makers.find(made, second)
    for look in makers.looks(made)[2:]:
        if not look.finding and look.verifier_id:
            makers.find(made, look)
    reason = progress.why_not_estimated(made.under, makers.later(8)).reason
    assert reason == "1 claim waits for a third verifier."


def test_what_a_verifier_can_no_longer_do_is_given_to_others() -> None:
    made = makers.at_stage(VerificationStage.VERIFYING)
    gone = made.verifiers[0]
    gone.grants.update(until_on=makers.CLOSES_ON)
    left = checks.begin(actor=made.by(made.officer), verification=made.under, at=makers.later(6))
    assert left == 0
    found = Counter(look.verifier_id for look in makers.looks(made))
    assert found == {user.pk: 6 for user in made.verifiers[1:]}


def test_the_claims_are_locked_with_what_was_found_of_them() -> None:
    made = makers.at_stage(VerificationStage.LOCKED)
    assert made.under.stage == VerificationStage.LOCKED
    assert not Claim.objects.filter(locked_at=None).exists()
