"""The round of the demonstration's last year: published, decided by its rule, contested, corrected, sealed twice."""

from __future__ import annotations

import pytest
from django.utils import timezone

from sankul.core.queries.events import first_break
from sankul.programme.evaluation.models import Objection, Pairing, Round, Run, Trend
from sankul.programme.evaluation.queries import funding, rounds
from sankul.programme.evaluation.rules import Outcome, Phase, Ruling, obstacles

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


@pytest.fixture
def held(seeded: None) -> Round:
    return Round.objects.select_related("period", "programme", "run", "rule", "framework").get()


def test_the_last_year_was_evaluated_in_a_round_that_the_office_can_close(held: Round) -> None:
    assert (held.period.label, held.phase) == ("2025-26", Phase.APPEALS)
    assert obstacles(rounds.known(held, timezone.now())) == []
    assert held.deadlines.exclude(left_at=None).count() == 11
    assert first_break()[1] is None


def test_one_reply_was_dismissed_and_one_appeal_corrected_the_result(held: Round) -> None:
    told = Objection.objects.values_list("cluster__slug", "kind", "ruling").order_by("filed_at")
    assert list(told) == [
        ("vajrapalli", "reply", Ruling.DISMISSED),
        ("meghavan", "appeal", Ruling.UPHELD),
    ]
    first, second = Run.objects.filter(seal__round=held).order_by("computed_at")
    assert (first.status, second.status, held.run) == ("retired", "published", second)
    scores = [one.standings.get(cluster__slug="meghavan").score for one in (first, second)]
    assert scores[0] < scores[1]
    assert set(held.seals.values_list("run", flat=True)) == {first.pk, second.pk}


def test_funding_is_decided_by_the_rule_and_once_against_it_with_a_reason(held: Round) -> None:
    found = {case.cluster.slug: case for case in funding.cases(held)}
    proposed = {slug: case.proposal.outcome for slug, case in found.items()}
    assert proposed["hemakuti"] == proposed["udayani"] == proposed["shailadri"] == Outcome.CONTINUE
    assert proposed["vajrapalli"] == proposed["samudrika"] == proposed["neelgarha"] == Outcome.PLAN
    assert proposed["meghavan"] == Outcome.DISCONTINUE
    decided = {slug: case.decision for slug, case in found.items()}
    departed = [slug for slug, one in decided.items() if one and one.outcome != one.proposed]
    assert departed == ["meghavan"]
    assert decided["meghavan"].reason.startswith("It was launched after the others")
    plans = {slug for slug, one in decided.items() if one and one.targets.exists()}
    assert plans == {"vajrapalli", "samudrika", "neelgarha", "meghavan"}


def test_pairs_and_the_reasons_of_the_change_are_published_with_the_result(held: Round) -> None:
    pairs = Pairing.objects.filter(run=held.run)
    assert ("hemakuti", "samudrika") in pairs.values_list("mentor__slug", "learner__slug")
    trend = Trend.objects.get(run=held.run)
    told = trend.clusters["udayani"]
    parts = sum(told["indicators"].values()) + told["weights"] + told["method"]
    assert parts == pytest.approx(told["after"] - told["before"])
