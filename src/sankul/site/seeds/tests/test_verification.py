"""The demonstration's years are verified, and the sample finds what the story tells."""

from __future__ import annotations

import pytest

from sankul.core.queries.events import first_break
from sankul.programme.evidence.models import Check, Estimate, Verification
from sankul.programme.evidence.queries import estimates
from sankul.programme.evidence.queries import verifications as queries
from sankul.programme.evidence.rules import Finding, State, VerificationStage
from sankul.programme.outcomes.models import Claim, Credit
from sankul.programme.registry.models import Programme
from sankul.site.seeds import demonstration
from sankul.site.seeds.demonstration.evidence import FORMER_EMPLOYER

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


@pytest.fixture
def programme(seeded: None) -> Programme:
    return Programme.objects.get(slug="demonstration")


def test_two_years_are_locked_and_the_last_is_estimated(programme: Programme) -> None:
    found = programme.verifications.order_by("period__starts_on")
    assert list(found.values_list("period__label", "stage")) == [
        ("2023-24", VerificationStage.LOCKED),
        ("2024-25", VerificationStage.LOCKED),
        ("2025-26", VerificationStage.ESTIMATED),
    ]
    for one in found:
        assert set(one.sample.values_list("state", flat=True)) == {State.SETTLED}
        assert 300 < one.sample.count() < 700


def test_a_second_time_finds_it_done(programme: Programme) -> None:
    before = Check.objects.count()
    demonstration.verify(programme)
    assert Check.objects.count() == before


def test_the_sample_finds_the_cluster_that_overclaims(programme: Programme) -> None:
    for one in programme.verifications.all():
        rows = one.estimates.filter(of=Estimate.Of.POINTS).order_by("-overstatement")
        assert rows[0].cluster.slug == "vajrapalli"
        rejected = one.sample.filter(cluster__slug="vajrapalli", finding=Finding.REJECTED)
        assert rejected.exists()


def test_claims_are_judged_as_they_were_found_and_the_log_holds(programme: Programme) -> None:
    sampled = Verification.objects.get(period__label="2025-26").sample
    for one in sampled.select_related("claim"):
        assert one.claim.status == one.finding
        assert one.claim.verified_quantity == one.verified_quantity
    assert first_break()[1] is None
    locked = Claim.objects.filter(locked_at__isnull=False)
    assert not locked.filter(on__gte="2025-04-01").exists()


def test_whoever_worked_for_an_institution_verifies_none_of_its_claims(
    programme: Programme,
) -> None:
    own = Check.objects.filter(verifier__email="verifier.indu@sankul.example")
    assert own.count() > 50
    tied = Credit.objects.filter(organisation__slug=FORMER_EMPLOYER).values("claim")
    assert not own.filter(sampled__claim__in=tied).exists()


def test_two_verifiers_agree_more_than_chance_and_bounds_are_handed_on(
    programme: Programme,
) -> None:
    last = Verification.objects.get(period__label="2025-26")
    alpha = queries.alpha(last)
    assert alpha is not None
    assert alpha.value > 0
    found = estimates.bounds(last.period)
    assert len(found) > 20
    assert all(low <= high for column in found.values() for low, high in column.values())
