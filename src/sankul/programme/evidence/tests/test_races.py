"""Two at once, and connections that die in the middle: committed transactions on a real database."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from sankul.core.models import Event
from sankul.core.rules.roles import Role
from sankul.core.rules.verdicts import Refused
from sankul.programme.evidence.actions import checks, settling, verifications
from sankul.programme.evidence.models import Check, Estimate, Sampled
from sankul.programme.evidence.queries import population
from sankul.programme.evidence.rules import Finding, VerificationStage
from sankul.programme.outcomes.actions import claims
from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.rules import ClaimStatus
from sankul.programme.registry.tests import makers as registry

from . import makers

pytestmark = pytest.mark.django_db(transaction=True)


def _at_once(*acts: Callable[[], Any]) -> list[str]:
    """What came of acts that begin at the same moment, each on a connection of its own: "" or the refusal."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> str:
        try:
            barrier.wait(30)
            act()
        except Refused as refusal:
            return refusal.reason
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def _dies_before_the_commit(act: Callable[[], Any]) -> None:
    def dying() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            act()
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(OperationalError):
        dying()
    connection.close()


def test_of_two_who_take_the_same_claim_one_gets_it() -> None:
    made = makers.at_stage(VerificationStage.VERIFYING)
    look = makers.looks(made)[0]
    Check.objects.filter(pk=look.pk).update(verifier=None)
    takers = [made.by(user) for user in made.verifiers[:2]]
    said = _at_once(
        *(lambda actor=actor: checks.take(actor=actor, check=look, at=makers.later(6))
          for actor in takers)
    )  # fmt: skip
    assert sorted(bool(it) for it in said) == [False, True]
    assert "Somebody else has taken this claim" in max(said)
    assert Check.objects.get(pk=look.pk).verifier_id == takers[said.index("")].user_id


def test_a_finding_sent_twice_at_once_is_recorded_once() -> None:
    made = makers.at_stage(VerificationStage.VERIFYING)
    look = makers.looks(made)[0]
    said = _at_once(
        lambda: makers.find(made, look), lambda: makers.find(made, look, Finding.REJECTED)
    )
    assert sorted(bool(it) for it in said) == [False, True]
    assert Event.objects.filter(verb="check.found").count() == 1


def test_a_claim_withdrawn_while_claims_close_is_out_of_the_population_or_stays() -> None:
    made = makers.at_stage(VerificationStage.ANNOUNCED)
    claim = made.claims[0]
    staff = registry.actor_with(Role.CLUSTER_STAFF, claim.cluster.scopes[0])
    said = _at_once(
        lambda: claims.withdraw(actor=staff, claim=claim, at=makers.later(3)),
        lambda: verifications.close(
            actor=made.by(made.officer), verification=made.under, at=makers.later(3)
        ),
    )
    withdrawn = Claim.objects.get(pk=claim.pk).status == ClaimStatus.WITHDRAWN
    frozen = {one.claim for one in population.read_amounts(made.under)}
    assert said[1] == ""
    assert withdrawn == (said[0] == "")
    assert (claim.pk in frozen) != withdrawn


def test_a_draw_that_dies_leaves_no_sample_and_can_be_done_again() -> None:
    made = makers.at_stage(VerificationStage.CLOSED)
    actor, found = made.by(made.officer), made.under

    def draw() -> None:
        verifications.draw(
            actor=actor, verification=found, number=makers.NUMBER, at=makers.later(5)
        )

    _dies_before_the_commit(draw)
    assert not Sampled.objects.exists()
    assert made.under.stage == VerificationStage.CLOSED
    draw()
    assert Sampled.objects.count() == 12


def test_an_estimate_that_dies_judges_no_claim_and_can_be_done_again() -> None:
    made = makers.at_stage(VerificationStage.VERIFYING)
    for look in makers.looks(made):
        makers.find(made, look)
    actor, found = made.by(made.verifiers[0], 8), made.under

    def estimate() -> None:
        settling.estimate(actor=actor, verification=found, at=makers.later(8))

    _dies_before_the_commit(estimate)
    assert not Estimate.objects.exists()
    assert not Claim.objects.filter(status=ClaimStatus.VERIFIED).exists()
    estimate()
    assert made.under.stage == VerificationStage.ESTIMATED
