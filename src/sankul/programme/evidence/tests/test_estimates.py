"""What stands of the claims, estimated from the sample."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sankul.core.measures import MEASURES
from sankul.programme.evidence.models import Check, Estimate
from sankul.programme.evidence.queries import estimates
from sankul.programme.evidence.rules import Design, Finding, VerificationStage
from sankul.programme.indicators.queries import tallies
from sankul.programme.indicators.rules import Statistic

from . import makers

pytestmark = pytest.mark.django_db
Of = Estimate.Of


def _found(made: makers.Season, number: int, of: str = Of.QUANTITY) -> Estimate:
    return Estimate.objects.get(
        verification=made.verification, cluster=made.clusters[number], of=of
    )


def _some_rejected(made: makers.Season, cluster: int, share: float) -> makers.Season:
    """Of the sampled claims of a cluster this share is rejected, all others are verified."""
    makers.at_stage(VerificationStage.VERIFYING, made)
    own = [it for it in makers.looks(made) if it.sampled.cluster == made.clusters[cluster]]
    for look in own[: round(share * len(own))]:
        makers.find(made, look, Finding.REJECTED)
    makers.finish(made)
    return made


def test_where_every_claim_is_verified_the_total_is_known_without_doubt() -> None:
    made = makers.at_stage(VerificationStage.VERIFYING)
    look = next(it for it in makers.looks(made) if it.sampled.quantity == 4)
    first = made.clusters.index(look.sampled.cluster)
    makers.find(made, look, Finding.PARTLY, quantity=Decimal(1))
    makers.finish(made)
    own = _found(made, first)
    assert (own.claims, own.sampled, own.claimed) == (6, 6, 21)
    assert (own.verified, own.low, own.high) == (18, 18, 18)
    assert own.overstatement == pytest.approx(3 / 21)
    other = _found(made, 1 - first)
    assert (other.verified, other.low, other.high, other.overstatement) == (21, 21, 21, 0)


def test_records_are_estimated_beside_quantities() -> None:
    made = makers.at_stage(VerificationStage.VERIFYING)
    looks = makers.looks(made)
    own = [it for it in looks if it.sampled.cluster == made.clusters[0]]
    most = max(own, key=lambda it: it.sampled.quantity)
    makers.find(made, most, Finding.PARTLY, quantity=Decimal(1))
    own.remove(most)
    makers.find(made, own[0], Finding.REJECTED)
    makers.finish(made)
    found = _found(made, 0, Of.RECORDS)
    assert (found.claimed, found.verified) == (6, 5)


def test_a_sample_gives_limits_that_hold_its_estimate_and_what_is_known() -> None:
    design = Design(precision=Decimal("0.3"), second_share=Decimal(0))
    made = makers.season(claims=40)
    makers.at_stage(VerificationStage.VERIFYING, made, design)
    assert made.under.sample.count() < 80
    own = [it for it in makers.looks(made) if it.sampled.cluster == made.clusters[0]]
    for look in own[::2]:
        makers.find(made, look, Finding.REJECTED)
    makers.finish(made)
    found, other = _found(made, 0), _found(made, 1)
    known = sum(float(it.verified_quantity) for it in made.under.sample.all()
                if it.cluster == made.clusters[0])  # fmt: skip
    assert found.verified is not None
    assert found.low is not None
    assert found.high is not None
    assert known <= found.low < found.verified < found.high < found.claimed
    assert 0.2 < (found.overstatement or 0) < 0.8
    assert other.verified == pytest.approx(other.claimed)
    assert (other.low or 0) < other.claimed
    assert other.overstatement == 0
    assert (other.overstatement_high or 0) > 0


def test_points_say_how_much_of_a_clusters_claims_does_not_stand_in_all() -> None:
    made = _some_rejected(makers.season(), 0, 0.5)
    found = Estimate.objects.filter(of=Of.POINTS)
    shares = {one.cluster_id: one.overstatement for one in found}
    assert shares == {made.clusters[0].pk: pytest.approx(0.5), made.clusters[1].pk: 0}


def test_what_a_claim_credits_to_another_cluster_is_in_that_clusters_total() -> None:
    made = makers.season(claims=1)
    joint = made.claims[0]
    joint.credits.update(share=Decimal("0.6"))
    makers.outcomes.credit(
        joint, cluster=made.clusters[1], organisation=made.organisations[1], share=Decimal("0.4")
    )
    makers.at_stage(VerificationStage.VERIFYING, made)
    look = Check.objects.get(sampled__claim=joint)
    makers.find(made, look, Finding.REJECTED)
    makers.finish(made)
    assert (_found(made, 0).claimed, _found(made, 0).verified) == (0.6, 0)
    assert (_found(made, 1).claimed, _found(made, 1).verified) == (1.4, 1)


def test_bounds_are_there_once_estimated_and_only_for_what_was_sampled() -> None:
    made = makers.at_stage(VerificationStage.VERIFYING)
    assert estimates.bounds(made.period) == {}
    makers.finish(made)
    found = estimates.bounds(made.period)
    assert found == {"outreach_item": {it.pk: (21, 21) for it in made.clusters}}
    records = estimates.bounds(made.period, Of.RECORDS)
    assert records == {"outreach_item": {it.pk: (6, 6) for it in made.clusters}}


def test_the_value_of_the_indicator_holds_the_findings_of_the_sample() -> None:
    made = makers.at_stage(VerificationStage.VERIFYING)
    look = next(it for it in makers.looks(made) if it.sampled.quantity == 6)
    makers.find(made, look, Finding.PARTLY, quantity=Decimal(2))
    makers.finish(made)
    found = tallies.tally(MEASURES["outreach_item"], made.period, {Statistic.SUM})
    assert found[look.sampled.cluster_id].quantity == 17
    assert estimates.bounds(made.period)["outreach_item"][look.sampled.cluster_id] == (17, 17)
