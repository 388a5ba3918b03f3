"""The steps of a verification, from the plan to the drawn sample."""

from __future__ import annotations

import csv
import hashlib
import io
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction

from sankul.core.models import Event
from sankul.core.rules.roles import Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.evidence.actions import verifications
from sankul.programme.evidence.models import Verification
from sankul.programme.evidence.queries import population
from sankul.programme.evidence.rules import Design, VerificationStage, recipe
from sankul.programme.outcomes.actions import claims
from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.rules import ClaimStatus
from sankul.programme.outcomes.tests import makers as outcomes
from sankul.programme.registry.tests import makers as registry

from . import makers

pytestmark = pytest.mark.django_db


def test_an_officer_plans_a_verification_and_changes_its_design() -> None:
    made = makers.at_stage(VerificationStage.PLANNED)
    verifications.redesign(
        actor=made.by(made.officer),
        verification=made.under,
        design=Design(precision=Decimal("0.1")),
        at=makers.AT,
    )
    assert made.under.design == Design(precision=Decimal("0.1"))
    assert [it.verb for it in Event.objects.order_by("seq")] == [
        "verification.planned",
        "verification.redesigned",
    ]


@pytest.mark.parametrize("role", [Role.APEX_MEMBER, Role.EVALUATOR, Role.REVIEWER, Role.RESPONDENT])
def test_nobody_else_plans_or_draws(role: Role) -> None:
    made = makers.at_stage(VerificationStage.CLOSED)
    other = registry.actor_with(role, made.programme.scopes[0])
    design = Design()
    with pytest.raises(Forbidden):
        verifications.plan(actor=other, period=made.period, design=design, at=makers.AT)
    with pytest.raises(Forbidden):
        verifications.draw(
            actor=other, verification=made.under, number=makers.NUMBER, at=makers.later(5)
        )


def test_an_officer_of_another_programme_plans_nothing_here() -> None:
    made = makers.season()
    stranger = registry.actor_with(Role.PROGRAMME_OFFICER, registry.programme().scopes[0])
    with pytest.raises(Forbidden):
        verifications.plan(actor=stranger, period=made.period, design=Design(), at=makers.AT)


def test_a_period_is_verified_once() -> None:
    made = makers.at_stage(VerificationStage.PLANNED)
    with pytest.raises(Refused, match="planned already"):
        verifications.plan(
            actor=made.by(made.officer), period=made.period, design=Design(), at=makers.AT
        )


def test_a_design_that_cannot_be_is_refused() -> None:
    made = makers.season()
    with pytest.raises(Refused, match="confidence"):
        verifications.plan(
            actor=made.by(made.officer),
            period=made.period,
            design=Design(confidence=Decimal(1)),
            at=makers.AT,
        )


def test_an_announcement_names_the_number_and_its_day_in_the_log() -> None:
    made = makers.at_stage(VerificationStage.ANNOUNCED)
    assert (made.under.stage, made.under.source) == (VerificationStage.ANNOUNCED, makers.SOURCE)
    event = Event.objects.get(verb="verification.announced")
    assert '"draws":"2026-11-27"' in event.body


def test_claims_do_not_close_before_the_announced_day() -> None:
    made = makers.at_stage(VerificationStage.ANNOUNCED)
    with pytest.raises(Refused, match="25 Nov 2026"):
        verifications.close(
            actor=made.by(made.officer), verification=made.under, at=makers.later(2)
        )


def test_closing_freezes_two_files_that_say_which_claims_there_are_and_whom_they_credit() -> None:
    made = makers.at_stage(VerificationStage.CLOSED)
    found = made.under
    text = population.text_of(found.population)
    assert hashlib.sha256(text.encode()).hexdigest() == found.population_id
    lines = list(csv.DictReader(io.StringIO(text)))
    assert len(lines) == found.claims == 12
    names = sorted({line["stratum"] for line in lines})
    assert names == sorted(f"{cluster.slug}/08" for cluster in made.clusters)
    amounts = list(csv.DictReader(io.StringIO(population.text_of(found.amounts))))
    assert sorted({line["quantity"] for line in amounts}) == [f"{n}.0000" for n in range(1, 7)]
    assert {line["records"] for line in amounts} == {"1"}


def test_drafts_claims_without_documents_and_those_of_other_years_are_not_in_the_population() -> (
    None
):
    made = makers.season()
    cluster, body = made.clusters[0], made.organisations[0]
    outcomes.draft(cluster, body)
    outcomes.claim(cluster, body)
    outcomes.attachment(outcomes.claim(cluster, body, on=date(2024, 5, 10)))
    outcomes.attachment(outcomes.claim(cluster, body, kind="feedback_score"))
    assert len(population.claims(made.period)) == 12


def test_a_claim_for_two_clusters_has_a_line_for_each() -> None:
    made = makers.season(claims=1)
    joint = made.claims[0]
    joint.credits.update(share=Decimal("0.6"))
    outcomes.credit(
        joint,
        cluster=made.clusters[1],
        organisation=made.organisations[1],
        share=Decimal("0.4"),
    )
    found = population.frozen(made.period, makers.DESIGN)
    own = {(one.cluster, one.quantity) for one in found.credited if one.id == found.members[0].id}
    assert own == {
        (made.clusters[0].slug, Decimal("0.6")),
        (made.clusters[1].slug, Decimal("0.4")),
    }


def test_there_is_nothing_to_close_without_a_claim_that_counts() -> None:
    made = makers.at_stage(VerificationStage.ANNOUNCED, makers.season(claims=0))
    with pytest.raises(Refused, match="nothing to verify"):
        verifications.close(
            actor=made.by(made.officer), verification=made.under, at=makers.later(3)
        )


def test_once_closed_a_cluster_changes_nothing() -> None:
    made = makers.season()
    cluster, body = made.clusters[0], made.organisations[0]
    staff = registry.actor_with(Role.CLUSTER_STAFF, cluster.scopes[0])
    registry.membership(cluster, body)
    bare = outcomes.claim(cluster, body)
    draft = outcomes.draft(cluster, body)
    makers.at_stage(VerificationStage.CLOSED, made)
    with pytest.raises(Refused, match="are closed"):
        claims.withdraw(actor=staff, claim=made.claims[0], at=makers.later(4))
    with pytest.raises(Refused, match="are closed"):
        claims.attach(
            actor=staff, claim=bare, file=io.BytesIO(b"late"), name="late.txt", at=makers.later(4)
        )
    Claim.objects.filter(pk=draft.pk).update(
        facts={"form": "blog", "url": "https://example.org", "language": "en"}
    )
    draft.refresh_from_db()
    with pytest.raises(Refused):
        claims.submit(actor=staff, claim=draft, at=makers.later(4))
    assert set(Claim.objects.exclude(pk=draft.pk).values_list("status", flat=True)) == {
        ClaimStatus.SUBMITTED
    }


def test_claims_of_another_year_and_programme_are_free() -> None:
    makers.at_stage(VerificationStage.CLOSED)
    other = makers.season()
    staff = registry.actor_with(Role.CLUSTER_STAFF, other.clusters[0].scopes[0])
    claims.withdraw(actor=staff, claim=other.claims[0], at=makers.later(4))
    other.claims[0].refresh_from_db()
    assert other.claims[0].status == ClaimStatus.WITHDRAWN


def test_the_frozen_population_cannot_be_changed() -> None:
    made = makers.at_stage(VerificationStage.CLOSED)
    for column, value in (("claims", 5), ("precision", Decimal("0.3")), ("counts", {})):
        with pytest.raises(DatabaseError), transaction.atomic():
            Verification.objects.filter(pk=made.under.pk).update(**{column: value})


def test_a_sample_is_not_drawn_before_the_announced_day_nor_from_other_than_digits() -> None:
    made = makers.at_stage(VerificationStage.CLOSED)
    officer = made.by(made.officer)
    with pytest.raises(Refused, match="27 Nov 2026"):
        verifications.draw(
            actor=officer, verification=made.under, number=makers.NUMBER, at=makers.later(4)
        )
    with pytest.raises(Refused, match="digits alone"):
        verifications.draw(
            actor=officer, verification=made.under, number="KR-48", at=makers.later(5)
        )


def test_a_drawn_number_and_a_claims_chance_cannot_be_changed() -> None:
    made = makers.at_stage(VerificationStage.DRAWN)
    with pytest.raises(DatabaseError), transaction.atomic():
        Verification.objects.filter(pk=made.under.pk).update(number="1")
    one = made.under.sample.first()
    assert one is not None
    with pytest.raises(DatabaseError), transaction.atomic():
        made.under.sample.filter(pk=one.pk).update(probability=0.5)
    with pytest.raises(DatabaseError), transaction.atomic():
        one.delete()


def test_the_second_looks_are_the_share_of_the_sample_that_was_declared() -> None:
    made = makers.at_stage(VerificationStage.DRAWN, design=Design(second_share=Decimal("0.25")))
    sample = made.under.sample
    assert sample.count() == 12
    assert sample.filter(is_doubled=True).count() == 3


def test_claims_worth_much_are_verified_with_certainty() -> None:
    design = Design(
        precision=Decimal("0.5"), certainty_points=Decimal("0.005"), least_per_stratum=1
    )
    made = makers.at_stage(VerificationStage.DRAWN, design=design)
    assert set(made.under.counts) == {f"{cluster.slug}/08/all" for cluster in made.clusters}
    assert {one.probability for one in made.under.sample.all()} == {1.0}


@pytest.mark.parametrize("points", [None, Decimal("0.02")])
def test_anybody_draws_the_same_sample_with_plain_python(
    points: Decimal | None, tmp_path: Path
) -> None:
    design = Design(precision=Decimal("0.4"), least_per_stratum=1, certainty_points=points)
    made = makers.at_stage(VerificationStage.DRAWN, makers.season(claims=9, clusters=3), design)
    found = made.under
    file = tmp_path / "population.csv"
    file.write_text(population.text_of(found.population), "utf-8")
    program = recipe(
        file=str(file),
        number=found.number,
        round_id=verifications.round_id(made.period),
        counts=found.counts,
    )
    command = [sys.executable, "-I", "-c", program]
    run = subprocess.run(command, check=False, capture_output=True, text=True)
    names = {claim.pk: f"{claim.cluster.slug}:{claim.reference}" for claim in made.claims}
    sampled = sorted(names[one.claim_id] for one in found.sample.all())
    assert (run.stderr, run.stdout.splitlines()) == ("", sampled)
    assert 0 < len(sampled) < 27
