"""Whoever is tied to a claim never verifies it: computed from the registry, and declared."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from sankul.core.models import User
from sankul.core.rules.roles import Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.core.tests import makers as core
from sankul.programme.evidence.actions import checks, conflicts
from sankul.programme.evidence.models import Check
from sankul.programme.evidence.queries import checks as desk
from sankul.programme.evidence.queries import conflicts as queries
from sankul.programme.evidence.rules import Finding, Tie, VerificationStage, ties
from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.tests import makers as outcomes
from sankul.programme.registry.rules import BodyKind
from sankul.programme.registry.tests import makers as registry

from . import makers

pytestmark = pytest.mark.django_db
TODAY = registry.TODAY
Tying = Callable[[makers.Season, User], None]


def _post(made: makers.Season, user: User, **fields: object) -> None:
    person = registry.person(user=user)
    registry.post(person, **{"organisation": made.organisations[0]} | fields)


def _works_for_the_credited(made: makers.Season, user: User) -> None:
    _post(made, user)


def _worked_for_it_two_years_ago(made: makers.Season, user: User) -> None:
    _post(made, user, until_on=date(2024, 12, 31))


def _works_in_the_clusters_office(made: makers.Season, user: User) -> None:
    registry.post(registry.person(user=user), cluster=made.clusters[0])


def _is_on_the_clusters_staff(made: makers.Season, user: User) -> None:
    core.grant(user, Role.CLUSTER_STAFF, made.clusters[0].scopes[0])


def _is_nodal_officer_of_the_credited(made: makers.Season, user: User) -> None:
    core.grant(user, Role.NODAL_OFFICER, made.organisations[0].scopes[0])


def _works_for_a_member(made: makers.Season, user: User) -> None:
    employer = registry.organisation()
    registry.membership(made.clusters[0], employer)
    registry.post(registry.person(user=user), organisation=employer)


def _sits_on_a_body_of_the_cluster(made: makers.Season, user: User) -> None:
    body = registry.body(made.programme, cluster=made.clusters[0], kind=BodyKind.OFFICE)
    registry.seat(body, registry.person(user=user))


def _works_for_one_credited_with_the_same(made: makers.Season, user: User) -> None:
    employer = registry.organisation()
    joint = outcomes.claim(made.clusters[1], made.organisations[0], on=date(2025, 6, 1))
    joint.credits.update(share="0.5")
    outcomes.credit(joint, organisation=employer, share="0.5")
    registry.post(registry.person(user=user), organisation=employer)


def _worked_with_who_made_the_claim(made: makers.Season, user: User) -> None:
    maker, employer = registry.user(), registry.organisation()
    for one in (maker, user):
        registry.post(registry.person(user=one), organisation=employer)
    Claim.objects.filter(cluster=made.clusters[0]).update(recorded_by=maker)


def _made_the_claims(made: makers.Season, user: User) -> None:
    Claim.objects.filter(cluster=made.clusters[0]).update(recorded_by=user)


def _declared_it(made: makers.Season, user: User) -> None:
    conflicts.declare(
        actor=made.by(user), programme=made.programme, verifier=user,
        cluster=made.clusters[0], reason="My sister leads it", at=makers.AT,
    )  # fmt: skip


TYING: list[tuple[Tying, Tie]] = [
    (_works_for_the_credited, Tie.EMPLOYMENT),
    (_worked_for_it_two_years_ago, Tie.EMPLOYMENT),
    (_works_in_the_clusters_office, Tie.EMPLOYMENT),
    (_is_on_the_clusters_staff, Tie.EMPLOYMENT),
    (_is_nodal_officer_of_the_credited, Tie.EMPLOYMENT),
    (_works_for_a_member, Tie.MEMBERSHIP),
    (_sits_on_a_body_of_the_cluster, Tie.MEMBERSHIP),
    (_works_for_one_credited_with_the_same, Tie.CO_WORK),
    (_worked_with_who_made_the_claim, Tie.CO_WORK),
    (_made_the_claims, Tie.OWN_CLAIM),
    (_declared_it, Tie.DECLARED),
]
EACH = pytest.mark.parametrize(("tie_to", "tie"), TYING, ids=[it[0].__name__ for it in TYING])


def _ties(user: User, claim: Claim) -> list[Tie]:
    return ties(queries.interests(user.pk, TODAY), queries.parties([claim.pk])[claim.pk])


@EACH
def test_a_tie_is_found_and_only_where_it_is(tie_to: Tying, tie: Tie) -> None:
    made = makers.season(claims=2)
    tied, free = made.verifiers[:2]
    tie_to(made, tied)
    assert _ties(tied, made.claims[0]) == [tie]
    assert _ties(tied, made.claims[3]) == []
    assert _ties(free, made.claims[0]) == []


@EACH
def test_who_is_tied_gets_none_of_those_claims(tie_to: Tying, tie: Tie) -> None:
    made = makers.season()
    tied = made.verifiers[0]
    tie_to(made, tied)
    makers.at_stage(VerificationStage.VERIFYING, made)
    own = Check.objects.filter(verifier=tied)
    assert own.exists()
    assert not own.filter(sampled__cluster=made.clusters[0]).exists()
    actor = made.by(tied)
    found = desk.interests(actor)
    seen = {*desk.own(actor, found), *desk.pool(actor, found)}
    assert {look.sampled.cluster_id for look in seen} == {made.clusters[1].pk}


@EACH
def test_a_tie_that_comes_later_hides_the_claim_and_refuses_its_finding(
    tie_to: Tying, tie: Tie
) -> None:
    made = makers.at_stage(VerificationStage.VERIFYING)
    look = next(it for it in makers.looks(made) if it.sampled.cluster == made.clusters[0])
    assert look.verifier is not None
    tied = look.verifier
    tie_to(made, tied)
    Check.objects.filter(pk=look.pk).update(verifier=tied)
    actor = made.by(tied)
    found = desk.interests(actor)
    assert look not in set(desk.waiting(actor, found))
    assert look not in set(desk.pool(actor, found))
    for act in (checks.take, checks.undo):
        with pytest.raises(Forbidden, match="You cannot verify this claim"):
            act(actor=actor, check=look, at=makers.later(6))
    with pytest.raises(Forbidden, match="You cannot verify this claim"):
        checks.find(actor=actor, check=look, finding=Finding.VERIFIED, at=makers.later(6))


def test_work_of_four_years_ago_and_others_no_longer_bind() -> None:
    made = makers.season(claims=1)
    tied = made.verifiers[0]
    _post(made, tied, from_on=date(2019, 1, 1), until_on=date(2023, 11, 1))
    assert _ties(tied, made.claims[0]) == []


def test_joint_results_from_before_one_came_do_not_bind() -> None:
    made = makers.season(claims=1)
    employer = registry.organisation()
    joint = outcomes.claim(made.clusters[1], made.organisations[0], on=date(2025, 6, 1))
    joint.credits.update(share="0.5")
    outcomes.credit(joint, organisation=employer, share="0.5")
    registry.post(
        registry.person(user=made.verifiers[0]), organisation=employer, from_on=date(2025, 7, 1)
    )
    assert _ties(made.verifiers[0], made.claims[0]) == []


def test_people_who_were_there_one_after_the_other_did_not_work_together() -> None:
    made = makers.season(claims=1)
    maker, employer = registry.user(), registry.organisation()
    registry.post(registry.person(user=maker), organisation=employer, until_on=date(2024, 3, 31))
    registry.post(
        registry.person(user=made.verifiers[0]), organisation=employer, from_on=date(2024, 4, 1)
    )
    Claim.objects.filter(pk=made.claims[0].pk).update(recorded_by=maker)
    assert _ties(made.verifiers[0], made.claims[0]) == []


def test_a_declared_conflict_frees_the_claims_for_others_at_once() -> None:
    made = makers.at_stage(VerificationStage.VERIFYING)
    of_cluster = Check.objects.filter(sampled__cluster=made.clusters[0])
    tied = next(user for user in made.verifiers if of_cluster.filter(verifier=user).exists())
    before = of_cluster.filter(verifier=tied).count()
    _declared_it(made, tied)
    assert Check.objects.filter(verifier=None).count() == before
    other = made.by(next(user for user in made.verifiers if user != tied))
    assert len(desk.pool(other, desk.interests(other))) == before
    left = checks.begin(actor=made.by(made.officer), verification=made.under, at=makers.later(6))
    assert left == 0


def test_claims_that_nobody_may_verify_are_counted_and_stay_nobodys() -> None:
    made = makers.season(verifiers=2)
    for user in made.verifiers:
        _is_on_the_clusters_staff(made, user)
    makers.at_stage(VerificationStage.DRAWN, made)
    left = checks.begin(actor=made.by(made.officer), verification=made.under, at=makers.later(5))
    assert left == 6
    assert not Check.objects.filter(
        sampled__cluster=made.clusters[0], verifier__isnull=False
    ).exists()


def test_a_conflict_is_declared_by_oneself_or_an_officer() -> None:
    made = makers.season(claims=1)
    tied, other = made.verifiers[:2]
    given = {"programme": made.programme, "verifier": tied, "at": makers.AT}
    with pytest.raises(Forbidden):
        conflicts.declare(
            actor=made.by(other), cluster=made.clusters[0], reason="They say so", **given
        )
    found = conflicts.declare(
        actor=made.by(made.officer), organisation=made.organisations[0], reason="Is told", **given
    )
    assert list(queries.visible(made.by(tied))) == [found]
    assert list(queries.visible(made.by(other))) == []
    with pytest.raises(Forbidden):
        conflicts.retract(actor=made.by(tied), conflict=found, at=makers.AT)
    conflicts.retract(actor=made.by(made.officer), conflict=found, at=makers.AT)
    with pytest.raises(Refused, match="taken back already"):
        conflicts.retract(actor=made.by(made.officer), conflict=found, at=makers.AT)
    assert _ties(tied, made.claims[0]) == []


def test_a_conflict_names_one_party_of_the_programme_and_a_reason() -> None:
    made = makers.season(claims=1)
    given = {"actor": made.by(made.officer), "programme": made.programme, "at": makers.AT}
    given["verifier"] = made.verifiers[0]
    cluster, body = made.clusters[0], made.organisations[0]
    for parties, reason, refusal in (
        ({}, "Why", "Name the cluster or the organisation"),
        ({"cluster": cluster, "organisation": body}, "Why", "one of them"),
        ({"cluster": registry.cluster()}, "Why", "another programme"),
        ({"cluster": cluster}, " ", "what ties"),
    ):
        with pytest.raises(Refused, match=refusal):
            conflicts.declare(**given, **parties, reason=reason)
    conflicts.declare(**given, cluster=cluster, reason="Why")
    with pytest.raises(Refused, match="declared already"):
        conflicts.declare(**given, cluster=cluster, reason="Why")
