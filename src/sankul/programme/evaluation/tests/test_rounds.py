"""A round from its opening to its close: what each phase waits for, who may move it on, and what stays as it was."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import ProgrammingError

from sankul.core.models import Event
from sankul.core.rules.roles import Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.evaluation.actions import rounds, runs
from sankul.programme.evaluation.models import FundingRule, Pairing, Round, Run, Seal
from sankul.programme.evaluation.queries import rounds as queries
from sankul.programme.evaluation.rules import PHASES, Phase
from sankul.programme.evidence.rules import VerificationStage
from sankul.programme.evidence.tests import makers as evidence
from sankul.programme.indicators.tests import makers as indicators
from sankul.programme.outcomes.models import Claim
from sankul.programme.registry.tests import makers

from .makers import computed, published, round_of_three
from .rounds import AT, DUE, THRESHOLD, at_phase, later, opened, rule, season

pytestmark = pytest.mark.django_db


def test_a_round_goes_through_all_its_phases_to_a_published_evaluation_and_its_close() -> None:
    played = at_phase(Phase.CLOSED)
    found = played.now
    assert found.run is not None
    assert found.run.status == "published"
    found.period.refresh_from_db()
    assert found.period.opened_at == later(25)
    assert not Claim.objects.filter(programme=found.programme, locked_at=None).exists()
    verbs = Event.objects.filter(subject=f"round/{found.pk}").values_list("verb", flat=True)
    assert list(verbs).count("round.moved") == 12
    assert found.deadlines.exclude(left_at=None).count() == 12
    with pytest.raises(Refused, match="Nothing comes after it"):
        rounds.move_on(actor=None, of=found, at=later(50))


@pytest.mark.parametrize(
    ("phase", "days", "words"),
    [
        (Phase.CLAIMS, 1, "claims are not closed"),
        (Phase.SAMPLE, 3, "sample is not drawn"),
        (Phase.VERIFICATION, 5, "sample is not verified"),
    ],
)
def test_the_first_phases_wait_for_the_verification(phase: Phase, days: int, words: str) -> None:
    played = opened()
    stages = {Phase.CLAIMS: VerificationStage.ANNOUNCED, Phase.SAMPLE: VerificationStage.CLOSED}
    evidence.at_stage(stages.get(phase, VerificationStage.VERIFYING), played.season)
    while played.now.phase != phase:
        played.move()
    with pytest.raises(Refused, match=words):
        played.move(days)
    assert played.now.phase == phase


def test_a_round_waits_for_its_framework_its_threshold_and_its_rule() -> None:
    made = season()
    found = rounds.open_(actor=None, period=made.period, due=DUE, at=AT)
    with pytest.raises(Refused, match="no framework") as refusal:
        rounds.move_on(actor=None, of=found, at=AT)
    assert "no funding rule" in refusal.value.reason
    indicators.approved(made.programme)
    with pytest.raises(Refused, match="declares no threshold"):
        rounds.move_on(actor=None, of=found, at=AT)
    source = THRESHOLD.replace('version = "1"', 'version = "2"')
    better = indicators.approved(made.programme, source)
    rule(better.decision)
    with pytest.raises(Refused, match="declares no threshold"):
        rounds.move_on(actor=None, of=found, at=AT)
    only = rounds.bind(
        actor=None, of=found, framework=better, rule=FundingRule.objects.get(), at=AT
    )
    assert rounds.move_on(actor=None, of=only, at=AT).phase == Phase.CLAIMS


def test_scores_of_panel_and_survey_are_waited_for_where_the_framework_uses_them() -> None:
    wanting = THRESHOLD.replace('measure = "outreach_item"', 'measure = "panel_usefulness"', 1)
    wanting = wanting.replace('measure = "own_income"', 'measure = "feedback_score"')
    wanting = wanting.replace('denominator = "operating_cost"\n', "").replace("[0, 1]", "[0, 5]")
    made = season()
    framework = indicators.approved(made.programme, wanting)
    rule(framework.decision)
    found = rounds.open_(actor=None, period=made.period, due=DUE, at=AT)
    rounds.move_on(actor=None, of=found, at=AT)
    made = evidence.at_stage(VerificationStage.ESTIMATED, made)
    for days in (3, 5, 9):
        rounds.move_on(actor=None, of=found, at=later(days))
    with pytest.raises(Refused, match="scores of the expert panel"):
        rounds.move_on(actor=None, of=found, at=later(9))
    told = queries.known(Round.objects.get(), later(9))
    assert (told.wants_survey, told.has_survey) == (True, False)


def test_the_reply_needs_a_preliminary_run_and_a_window_of_a_week() -> None:
    played = at_phase(Phase.FEEDBACK)
    with pytest.raises(Refused, match="No preliminary evaluation"):
        played.move()
    played.compute(9)
    with pytest.raises(Refused, match="Set the last day to 14 Dec 2026 or later"):
        played.move(15)
    assert played.move().phase == Phase.REPLY


def test_a_preliminary_run_rests_on_the_records_as_they_are() -> None:
    played = at_phase(Phase.FEEDBACK)
    played.compute(9)
    found = Claim.objects.filter(pk=played.season.claims[0].pk)
    found.update(status="partly_verified", verified_quantity=Decimal(5), judgement="Fewer")
    with pytest.raises(Refused, match="Records have changed"):
        played.move()


def test_the_window_of_the_reply_stays_open_to_its_last_day() -> None:
    played = at_phase(Phase.REPLY)
    with pytest.raises(Refused, match="open until the end of 12 Dec 2026"):
        played.move(20)
    assert played.move(21).phase == Phase.MODERATION


def test_a_round_waits_for_its_seal_and_for_every_decision() -> None:
    played = at_phase(Phase.SEALING)
    with pytest.raises(Refused, match="not sealed"):
        played.move()
    played.seal()
    assert played.move().phase == Phase.DECISION
    played.decide(played.clusters[0])
    with pytest.raises(Refused, match=played.clusters[1].name):
        played.move()


def test_a_run_is_sealed_once_and_its_seal_stands() -> None:
    played = at_phase(Phase.SEALING)
    seal = played.seal()
    with pytest.raises(IntegrityError), transaction.atomic():
        played.seal()
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        Seal.objects.filter(pk=seal.pk).update(merkle_root="cd" * 32)
    token = makers.document()
    assert Seal.objects.filter(pk=seal.pk).update(timestamp_token=token) == 1


def test_each_phase_is_moved_on_by_its_owner_alone() -> None:
    played = at_phase(Phase.VERIFICATION)
    for role in (Role.PROGRAMME_OFFICER, Role.APEX_MEMBER, Role.CLUSTER_CEO):
        with pytest.raises(Forbidden):
            rounds.move_on(actor=played.by(role, 9), of=played.round, at=later(9))
    stranger = makers.actor_with(Role.EVALUATOR, makers.programme().scopes[0], later(9))
    with pytest.raises(Forbidden):
        rounds.move_on(actor=stranger, of=played.round, at=later(9))
    evaluator = played.by(Role.EVALUATOR, 9)
    assert rounds.move_on(actor=evaluator, of=played.round, at=later(9)).phase == Phase.SCORING


def test_nobody_changes_the_weights_once_the_claims_are_closed() -> None:
    played = opened()
    played.move()
    other = indicators.approved(
        played.season.programme, THRESHOLD.replace('version = "1"', 'version = "2"')
    )
    bound = {"framework": other, "rule": FundingRule.objects.get()}
    apex = played.by(Role.APEX_MEMBER, 1)
    assert rounds.bind(actor=apex, of=played.now, at=later(1), **bound).framework == other
    evidence.at_stage(VerificationStage.CLOSED, played.season)
    for _phase in (Phase.CLAIMS, Phase.SAMPLE):
        with pytest.raises(Refused, match="stand as they were"):
            rounds.bind(actor=apex, of=played.now, at=later(4), **bound)
        if played.now.phase == Phase.CLAIMS:
            played.move()
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        Round.objects.filter(pk=played.round.pk).update(framework=other)


def test_what_is_bound_is_approved_and_the_programmes_own() -> None:
    played = opened()
    rule_ = FundingRule.objects.get()
    draft = indicators.draft(
        played.season.programme, THRESHOLD.replace('version = "1"', 'version = "3"')
    )
    with pytest.raises(Refused, match="not approved"):
        rounds.bind(actor=None, of=played.round, framework=draft, rule=rule_, at=AT)
    foreign = indicators.approved(makers.programme())
    with pytest.raises(Refused, match="another programme"):
        rounds.bind(actor=None, of=played.round, framework=foreign, rule=rule_, at=AT)


def test_a_run_by_another_framework_is_refused_in_a_bound_round() -> None:
    played = at_phase(Phase.FEEDBACK)
    other = indicators.approved(
        played.season.programme, THRESHOLD.replace('version = "1"', 'version = "2"')
    )
    with pytest.raises(Refused, match="bound to another framework"):
        runs.compute(actor=None, period=played.season.period, framework=other, at=later(9))


def test_an_evaluation_in_a_round_is_published_with_it_and_no_sooner() -> None:
    played = at_phase(Phase.FEEDBACK)
    run = played.compute(9)
    with pytest.raises(Refused, match="published with it"):
        runs.publish(actor=played.by(Role.APEX_MEMBER, 9), run=run, at=later(9))
    later_on = at_phase(Phase.PUBLICATION)
    stray = later_on.compute(24)
    with pytest.raises(Refused, match="not the evaluation that the round has sealed"):
        runs.publish(actor=None, run=stray, at=later(25))


def test_a_second_round_and_a_round_of_a_published_period_are_refused() -> None:
    played = opened()
    with pytest.raises(Refused, match="has a round already"):
        rounds.open_(actor=None, period=played.season.period, due=DUE, at=AT)
    period, _clusters = round_of_three()
    published(period)
    with pytest.raises(Refused, match="published already, without a round"):
        rounds.open_(actor=None, period=period, due=DUE, at=AT)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({Phase.SEALING: date(2026, 12, 1)}, "ends before"),
        ({Phase.FRAMEWORK: date(2026, 11, 1)}, "has gone by already"),
        ({Phase.REPLY: date(2026, 12, 5)}, "needs at least 7 days"),
        ({Phase.SCORING: None}, "have no last day: Expert scoring"),
    ],
)
def test_a_calendar_that_cannot_be_kept_is_refused(
    change: dict[str, date | None], words: str
) -> None:
    due = {phase: on for phase, on in (DUE | change).items() if on is not None}  # type: ignore[operator]
    with pytest.raises(Refused, match=words):
        rounds.open_(actor=None, period=makers.period(), due=due, at=AT)
    assert not Round.objects.exists()


def test_only_the_office_of_the_programme_opens_a_round() -> None:
    made = season()
    for role in (Role.EVALUATOR, Role.APEX_MEMBER):
        actor = makers.actor_with(role, made.programme.scopes[0])
        with pytest.raises(Forbidden):
            rounds.open_(actor=actor, period=made.period, due=DUE, at=AT)


@pytest.mark.parametrize(
    ("phase", "due_on", "reason", "words"),
    [
        (Phase.FEEDBACK, date(2026, 12, 5), "Late", "phase is over"),
        (Phase.REPLY, date(2026, 12, 5), "Late", "made longer, not shorter"),
        (Phase.MODERATION, date(2026, 12, 18), " ", "Say why"),
        (Phase.MODERATION, date(2026, 11, 30), "Late", "gone by already"),
        (Phase.MODERATION, date(2026, 12, 18), "Late", "ends before"),
        ("tea", date(2026, 12, 18), "Late", "no such phase"),
    ],
)
def test_a_deadline_that_cannot_be_moved_so_is_refused(
    phase: str, due_on: date, reason: str, words: str
) -> None:
    played = at_phase(Phase.REPLY)
    officer = played.by(Role.PROGRAMME_OFFICER, 11)
    with pytest.raises(Refused, match=words):
        rounds.reschedule(
            actor=officer, of=played.round, phase=phase, due_on=due_on, reason=reason, at=later(11)
        )


def test_a_moved_deadline_is_told_with_its_reason() -> None:
    played = at_phase(Phase.REPLY)
    officer = played.by(Role.PROGRAMME_OFFICER, 11)
    rounds.reschedule(
        actor=officer, of=played.round, phase=Phase.REPLY, due_on=date(2026, 12, 14),
        reason="Two holidays", at=later(11),
    )  # fmt: skip
    assert queries.calendar(played.now)[Phase.REPLY] == date(2026, 12, 14)
    event = Event.objects.get(verb="round.rescheduled")
    assert "Two holidays" in event.body


def test_missed_deadlines_are_named_with_their_days() -> None:
    played = at_phase(Phase.SAMPLE)
    assert queries.late(played.now, later(5)) == []
    assert queries.late(at_phase(Phase.MODERATION).now, later(22)) == []
    found = queries.late(played.now, later(8))
    assert [(one.phase, one.days, one.owner) for one in found] == [
        (Phase.SAMPLE, 3, Role.PROGRAMME_OFFICER)
    ]


def test_before_the_seal_the_evaluator_alone_reads_what_is_computed() -> None:
    played = at_phase(Phase.MODERATION)
    run = played.now.preliminary_id
    seen = {
        role: Run.objects.visible_to(played.by(role, 22)).filter(pk=run).exists()
        for role in (Role.EVALUATOR, Role.PROGRAMME_OFFICER, Role.APEX_MEMBER, Role.CLUSTER_CEO)
    }
    assert list(seen.values()) == [True, False, False, False]
    played.move()
    played.seal()
    played.move()
    for role in (Role.PROGRAMME_OFFICER, Role.APEX_MEMBER):
        assert Run.objects.visible_to(played.by(role, 23)).filter(pk=run).exists()
    assert not Run.objects.visible_to(played.by(Role.CLUSTER_CEO, 23)).exists()


def test_a_period_without_a_round_is_evaluated_as_before() -> None:
    period, _clusters = round_of_three()
    run = computed(period)
    apex = makers.actor_with(Role.APEX_MEMBER, period.programme.scopes[0])
    assert Run.objects.visible_to(apex).get() == run
    assert runs.publish(actor=apex, run=run, at=AT).status == "published"


def test_the_database_lets_a_round_skip_no_phase_and_go_back_to_none() -> None:
    played = at_phase(Phase.SAMPLE)
    for phase in (Phase.CLAIMS, Phase.SCORING):
        with pytest.raises(IntegrityError), transaction.atomic():
            Round.objects.filter(pk=played.round.pk).update(phase=phase)
    with pytest.raises(ProgrammingError, match="Cannot delete"), transaction.atomic():
        Round.objects.filter(pk=played.round.pk).delete()


def test_pairs_of_mentor_and_learner_are_published_with_the_run() -> None:
    played = at_phase(Phase.APPEALS)
    pair = Pairing.objects.get()
    strong, weak = played.clusters
    assert (pair.mentor, pair.learner) == (strong, weak)
    assert pair.points == pytest.approx(0.5 * (80 - 20) + 0.5 * (60 - 15))
    assert [one["indicator"] for one in pair.subjects] == ["items", "own_share"]


def test_who_sees_that_there_is_a_round() -> None:
    played = at_phase(Phase.PUBLICATION)
    assert not Round.objects.visible_to(makers.public()).exists()
    for role in (Role.PROGRAMME_OFFICER, Role.EVALUATOR, Role.APEX_MEMBER, Role.CLUSTER_CEO):
        assert Round.objects.visible_to(played.by(role, 25)).get() == played.round
    played.move()
    assert Round.objects.visible_to(makers.public()).get() == played.round
    assert PHASES.index(Phase.APPEALS) == 11
