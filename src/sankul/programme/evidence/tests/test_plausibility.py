"""The life of a finding: made once, answered, ruled on, closed by a change with both versions named; and who may see what."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from sankul.core.actions import events, following
from sankul.core.models import Event, User
from sankul.core.queries import documents
from sankul.core.queries.actors import actor as actor_of
from sankul.core.rules.roles import Actor, Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.evidence import tasks
from sankul.programme.evidence.actions import capacities, plausibility
from sankul.programme.evidence.models import Conflict, PlausibilityFinding, Sampled, Verification
from sankul.programme.evidence.queries import plausibility as queries
from sankul.programme.evidence.rules import (
    ANSWER_DAYS,
    PLAUSIBILITY,
    Consequence,
    Doubt,
    VerificationStage,
)
from sankul.programme.evidence.rules import plausibility as rules
from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.rules import ClaimStatus
from sankul.programme.outcomes.tests.makers import attachment, claim
from sankul.programme.registry.models import Cluster, Period, Programme
from sankul.programme.registry.tests import makers

from . import makers as seasons

pytestmark = pytest.mark.django_db
AT, TITLE = makers.AT, "Workshop on clean lakes"
ON_TIME, LATE = AT + timedelta(ANSWER_DAYS), AT + timedelta(ANSWER_DAYS + 1)


@dataclass
class Scene:
    """Two clusters that claim the same event; the second was submitted later."""

    programme: Programme
    period: Period
    here: Cluster
    beside: Cluster
    first: Claim
    second: Claim
    staff: User
    evaluator: User

    def by(self, user: User, days: float = 1) -> Actor:
        """An account at the door, so many days on."""
        return actor_of(user, AT + timedelta(days))

    def check(self, days: float = 0) -> plausibility.Changed:
        """Run the rule on all claims."""
        return plausibility.check_all(
            programme=self.programme, at=AT + timedelta(days), rules=[PLAUSIBILITY["same_event"]]
        )

    @property
    def mine(self) -> PlausibilityFinding:
        """The finding about the second cluster's claim, read anew."""
        return PlausibilityFinding.objects.get(claim=self.second, rule="same_event")


@pytest.fixture
def stage() -> Scene:
    """The same event, claimed by two clusters and found."""
    programme = makers.programme()
    period = makers.period(programme)
    here, beside = makers.cluster(programme), makers.cluster(programme)
    made = Scene(
        programme, period, here, beside, claim(here, title=TITLE),
        claim(beside, title=TITLE, submitted_at=AT + timedelta(hours=1)),
        makers.user_with(Role.CLUSTER_STAFF, beside.scopes[0]),
        makers.user_with(Role.EVALUATOR, programme.scopes[0]),
    )  # fmt: skip
    assert made.check() == plausibility.Changed(found=2)
    return made


def answered(stage: Scene, text: str = "It was held jointly.") -> PlausibilityFinding:
    """The finding with an answer."""
    plausibility.answer(
        actor=stage.by(stage.staff), finding=stage.mine, text=text, at=AT + timedelta(1)
    )
    return stage.mine


def test_a_finding_names_rule_records_figure_period_and_versions(stage: Scene) -> None:
    found = stage.mine
    assert (found.cluster, found.period, found.programme) == (
        stage.beside,
        stage.period,
        stage.programme,
    )
    assert (found.state, found.severity, found.found_at) == (Doubt.OPEN, "high", AT)
    assert found.figure == {"value": "", "times": 2}
    assert found.cited.get().claim == stage.first
    assert found.version == stage.second.events.latest("pgh_id").pgh_id
    assert found.cited.get().version == stage.first.events.latest("pgh_id").pgh_id


def test_the_same_is_found_once(stage: Scene) -> None:
    assert stage.check(1) == plausibility.Changed()
    assert PlausibilityFinding.objects.count() == 2


def test_a_run_is_told_in_the_log_with_the_text_of_the_rules(stage: Scene) -> None:
    event = Event.objects.get(verb="plausibility.checked")
    assert event.subject == f"programme/{stage.programme.pk}"
    assert rules.RULES_DIGEST in event.body
    assert '"found":2' in event.body


def test_a_change_resolves_it_and_both_versions_are_named(stage: Scene) -> None:
    Claim.objects.filter(pk=stage.first.pk).update(title="Another workshop altogether")
    assert stage.check(2) == plausibility.Changed(resolved=2)
    found = stage.mine
    assert (found.state, found.gone_at) == (Doubt.RESOLVED, AT + timedelta(2))
    assert found.gone_version == found.version  # this claim did not change: the other did
    cited = found.cited.get()
    assert cited.version is not None
    assert cited.gone_version is not None
    assert cited.version < cited.gone_version
    assert cited.gone_version == stage.first.events.latest("pgh_id").pgh_id


def test_what_was_resolved_and_holds_again_is_the_same_finding_anew(stage: Scene) -> None:
    number = stage.mine.pk
    Claim.objects.filter(pk=stage.first.pk).update(status=ClaimStatus.WITHDRAWN)
    stage.check(2)
    Claim.objects.filter(pk=stage.first.pk).update(status=ClaimStatus.SUBMITTED)
    assert stage.check(3) == plausibility.Changed(reopened=2)
    found = stage.mine
    assert (found.pk, found.state, found.gone_at) == (number, Doubt.OPEN, None)
    assert found.cited.get().gone_version is None
    assert found.events.count() == 3


def test_locking_closes_nothing(stage: Scene) -> None:
    Claim.objects.update(locked_at=AT)
    assert stage.check(2) == plausibility.Changed()
    assert stage.mine.state == Doubt.OPEN


def test_a_rule_that_finds_too_much_changes_nothing_and_says_so(
    stage: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plausibility, "MOST_FOUND", 1)
    Claim.objects.filter(pk=stage.first.pk).update(title="Another")
    claim(stage.here, title="Another")
    claim(stage.here, title="Another")
    assert stage.check(2) == plausibility.Changed(too_loose=("same_event",))
    assert stage.mine.state == Doubt.OPEN


def test_after_a_submission_the_new_claim_and_those_it_touches_are_checked() -> None:
    programme = makers.programme()
    here, beside = makers.cluster(programme), makers.cluster(programme)
    first = claim(here, title=TITLE)
    second = claim(beside, title=TITLE, submitted_at=AT + timedelta(hours=1))
    _tell("claim.submitted", second)
    assert following.catch_up("evidence.plausibility") == 1
    assert set(PlausibilityFinding.objects.values_list("claim", flat=True)) == {first.pk, second.pk}
    Claim.objects.filter(pk=first.pk).update(status=ClaimStatus.WITHDRAWN)
    _tell("claim.withdrawn", first)
    following.catch_up("evidence.plausibility")
    assert set(PlausibilityFinding.objects.values_list("state", flat=True)) == {Doubt.RESOLVED}
    assert following.catch_up("evidence.plausibility") == 0


@transaction.atomic
def _tell(verb: str, about: Claim) -> None:
    events.record(actor=None, verb=verb, subject=about, at=AT)


def test_every_night_all_programmes_are_checked(stage: Scene) -> None:
    PlausibilityFinding.objects.all().delete()
    tasks.check_plausibility(timestamp=0)
    assert PlausibilityFinding.objects.filter(rule="same_event").count() == 2


def test_a_cluster_answers_with_words_and_documents(stage: Scene) -> None:
    paper = makers.document()
    made = plausibility.answer(
        actor=stage.by(stage.staff), finding=stage.mine, text=" It was joint. ", documents=[paper],
        at=AT + timedelta(1),
    )  # fmt: skip
    assert (made.text, made.answered_by, list(made.documents.all())) == (
        "It was joint.", stage.staff, [paper],
    )  # fmt: skip
    assert stage.mine.state == Doubt.ANSWERED
    event = Event.objects.get(verb="plausibility.answered")
    assert set(event.scopes) == {f"{it.kind}:{it.id}" for it in stage.mine.scopes}


def test_a_document_of_an_answer_is_read_by_those_who_see_the_finding(stage: Scene) -> None:
    paper = makers.document()
    plausibility.answer(
        actor=stage.by(stage.staff), finding=stage.mine, text="So", documents=[paper], at=AT
    )
    other = makers.user_with(Role.CLUSTER_STAFF, stage.here.scopes[0])
    seen = [
        documents.readable(stage.by(user)).filter(pk=paper.pk).exists()
        for user in (stage.staff, stage.evaluator, other)
    ]
    assert seen == [True, True, False]
    assert not documents.readable(makers.public()).filter(pk=paper.pk).exists()


def test_an_answer_needs_words(stage: Scene) -> None:
    with pytest.raises(Refused, match="Say in words"):
        answered(stage, " ")


def test_nobody_answers_for_another_cluster(stage: Scene) -> None:
    other = makers.user_with(Role.CLUSTER_STAFF, stage.here.scopes[0])
    for user in (other, stage.evaluator):
        with pytest.raises(Forbidden):
            plausibility.answer(actor=stage.by(user), finding=stage.mine, text="So", at=AT)


def test_what_is_closed_is_not_answered(stage: Scene) -> None:
    ruled(stage, Doubt.DISMISSED)
    with pytest.raises(Refused, match="closed: Dismissed"):
        answered(stage)


def ruled(stage: Scene, state: Doubt, **fields: Any) -> PlausibilityFinding:
    """The finding with a ruling, after an answer."""
    found = answered(stage)
    given: Any = {
        "actor": stage.by(stage.evaluator, 2), "finding": found, "reason": "So it is.", "at": AT + timedelta(2),
    } | fields  # fmt: skip
    act = plausibility.dismiss if state == Doubt.DISMISSED else plausibility.uphold
    return act(**given)


def test_a_finding_is_dismissed_with_a_reason(stage: Scene) -> None:
    ruled(stage, Doubt.DISMISSED)
    found = stage.mine
    assert (found.state, found.reason, found.ruled_by) == (
        Doubt.DISMISSED,
        "So it is.",
        stage.evaluator,
    )
    assert stage.check(3) == plausibility.Changed()


def test_a_finding_is_upheld_and_noted(stage: Scene) -> None:
    ruled(stage, Doubt.UPHELD)
    found = stage.mine
    assert (found.state, found.consequence) == (Doubt.UPHELD, Consequence.NOTED)
    assert Claim.objects.get(pk=stage.second.pk).status == ClaimStatus.SUBMITTED


def test_an_upheld_claim_is_given_back_and_asked_about_anew_if_it_comes_back_so(
    stage: Scene,
) -> None:
    ruled(stage, Doubt.UPHELD, consequence=Consequence.RETURNED)
    returned = Claim.objects.get(pk=stage.second.pk)
    assert (returned.status, returned.judgement) == (ClaimStatus.RETURNED, "So it is.")
    stage.check(3)
    assert (stage.mine.state, stage.mine.gone_at) == (Doubt.UPHELD, AT + timedelta(3))
    Claim.objects.filter(pk=returned.pk).update(status=ClaimStatus.SUBMITTED)
    stage.check(4)
    assert (stage.mine.state, stage.mine.reason) == (Doubt.OPEN, "")


def test_what_was_dismissed_stays_so_when_it_comes_back_the_same(stage: Scene) -> None:
    ruled(stage, Doubt.DISMISSED)
    Claim.objects.filter(pk=stage.first.pk).update(status=ClaimStatus.WITHDRAWN)
    stage.check(3)
    Claim.objects.filter(pk=stage.first.pk).update(status=ClaimStatus.SUBMITTED)
    stage.check(4)
    assert (stage.mine.state, stage.mine.gone_at) == (Doubt.DISMISSED, None)


def test_an_upheld_claim_is_rejected_by_the_way_of_every_judgement(stage: Scene) -> None:
    ruled(stage, Doubt.UPHELD, consequence=Consequence.REJECTED)
    judged = Claim.objects.get(pk=stage.second.pk)
    assert (judged.status, judged.verified_quantity) == (ClaimStatus.REJECTED, Decimal(0))
    assert Event.objects.filter(verb="claim.judged", subject=f"claim/{judged.pk}").exists()


@pytest.mark.parametrize("state", [Doubt.DISMISSED, Doubt.UPHELD])
def test_a_ruling_needs_a_reason(stage: Scene, state: Doubt) -> None:
    with pytest.raises(Refused, match="Give the reason"):
        ruled(stage, state, reason=" ")


@pytest.mark.parametrize("state", [Doubt.DISMISSED, Doubt.UPHELD])
def test_it_is_ruled_on_once(stage: Scene, state: Doubt) -> None:
    ruled(stage, Doubt.DISMISSED)
    act = plausibility.dismiss if state == Doubt.DISMISSED else plausibility.uphold
    with pytest.raises(Refused, match="closed: Dismissed"):
        act(actor=stage.by(stage.evaluator), finding=stage.mine, reason="Again", at=AT)


def test_a_consequence_is_one_of_three(stage: Scene) -> None:
    with pytest.raises(Refused, match="noted, given back or rejected"):
        ruled(stage, Doubt.UPHELD, consequence="fined")


def test_the_cluster_is_heard_before_anything_is_upheld(stage: Scene) -> None:
    given: Any = {"actor": stage.by(stage.evaluator), "finding": stage.mine, "reason": "So"}
    with pytest.raises(Refused, match=r"has not answered yet\. It can until 6 Dec 2026"):
        plausibility.uphold(at=ON_TIME, **given)
    assert plausibility.uphold(at=LATE, **given).state == Doubt.UPHELD


def test_a_cluster_does_not_rule_on_itself(stage: Scene) -> None:
    ceo = makers.user_with(Role.CLUSTER_CEO, stage.beside.scopes[0])
    with pytest.raises(Forbidden):
        ruled(stage, Doubt.DISMISSED, actor=stage.by(ceo))


@pytest.mark.parametrize("which", ["here", "beside"])
def test_whoever_has_a_conflict_with_one_of_the_clusters_does_not_rule(
    stage: Scene, which: str
) -> None:
    Conflict.objects.create(
        programme=stage.programme, verifier=stage.evaluator, cluster=getattr(stage, which),
        reason="My brother works there", declared_at=AT,
    )  # fmt: skip
    for state in (Doubt.DISMISSED, Doubt.UPHELD):
        with pytest.raises(Forbidden, match="has declared a conflict of interest"):
            ruled(stage, state)


def test_a_claim_that_does_not_stand_or_is_locked_can_only_be_noted(stage: Scene) -> None:
    Claim.objects.filter(pk=stage.second.pk).update(locked_at=AT)
    with pytest.raises(Refused, match="does not stand now, or it is locked"):
        ruled(stage, Doubt.UPHELD, consequence=Consequence.REJECTED)
    assert ruled(stage, Doubt.UPHELD).state == Doubt.UPHELD


def _doubted(stage: VerificationStage) -> tuple[seasons.Season, PlausibilityFinding]:
    """A finding about a claim of a season's sample."""
    made = seasons.at_stage(stage)
    sampled = Sampled.objects.filter(verification=made.verification).first()
    one = sampled.claim if sampled else made.claims[0]
    found = PlausibilityFinding.objects.create(
        programme=made.programme, cluster=one.cluster, claim=one, rule="same_event", key="x",
        severity="high", state=Doubt.ANSWERED, found_at=AT,
    )  # fmt: skip
    return made, found


@pytest.mark.parametrize("consequence", [Consequence.RETURNED, Consequence.REJECTED])
def test_what_a_verifier_has_is_his_to_judge(consequence: str) -> None:
    made, found = _doubted(VerificationStage.VERIFYING)
    with pytest.raises(Refused, match="A verifier has this claim"):
        plausibility.uphold(
            actor=made.by(made.verifiers[0]), finding=found, reason="So", consequence=consequence, at=AT
        )  # fmt: skip


def test_once_the_claims_are_closed_nothing_is_given_back() -> None:
    made, found = _doubted(VerificationStage.CLOSED)
    given: Any = {"actor": made.by(made.verifiers[0]), "finding": found, "reason": "So", "at": AT}
    with pytest.raises(Refused, match="The claims of the period are closed"):
        plausibility.uphold(consequence=Consequence.RETURNED, **given)
    plausibility.uphold(consequence=Consequence.REJECTED, **given)
    assert Claim.objects.get(pk=found.claim_id).status == ClaimStatus.REJECTED
    assert Verification.objects.get().is_closed


@pytest.mark.django_db(transaction=True)
def test_of_two_rulings_at_once_one_is_kept() -> None:
    made, found = _doubted(VerificationStage.PLANNED)

    def rule(user: User) -> str:
        try:
            plausibility.dismiss(actor=made.by(user), finding=found, reason="So", at=AT)
        except Refused as refusal:
            return refusal.reason
        finally:
            connection.close()
        return "kept"

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(rule, made.verifiers[:2]))
    assert said == ["This finding is closed: Dismissed.", "kept"]


def test_a_finding_tells_each_reader_no_more_than_he_may_see(stage: Scene) -> None:
    def text(user: User) -> tuple[str, list[Claim], int, Any]:
        actor = stage.by(user)
        told = queries.told(actor, list(queries.visible(actor).filter(pk=stage.mine.pk)))[0]
        return told.text, list(told.others), told.hidden, dict(told.figure)

    apart = "Another cluster's claim, which is not public yet, has the same kind, day and title."
    assert text(stage.staff) == (apart, [], 1, {})
    whole = (
        f"“{TITLE}” ({stage.here.name}, {stage.first.reference}) has the same kind, day and title (2 claims do).",
        [stage.first], 0, {"value": "", "times": 2},
    )  # fmt: skip
    assert text(stage.evaluator) == whole
    Period.objects.update(opened_at=AT)
    assert text(stage.staff) == whole


def test_versions_of_claims_that_one_may_not_see_are_not_told(stage: Scene) -> None:
    Claim.objects.filter(pk=stage.first.pk).update(status=ClaimStatus.WITHDRAWN)
    stage.check(2)
    own = [row.claim for row in queries.versions(stage.by(stage.staff), stage.mine)]
    both = queries.versions(stage.by(stage.evaluator), stage.mine)
    assert own == [stage.second]
    assert [row.claim for row in both] == [stage.second, stage.first]
    assert [row.changed for row in both] == [False, True]


def test_only_the_own_findings_are_seen(stage: Scene) -> None:
    other = makers.user_with(Role.CLUSTER_STAFF, stage.here.scopes[0])
    far = makers.user_with(Role.EVALUATOR, makers.programme().scopes[0])
    counts = [
        queries.visible(stage.by(user)).count()
        for user in (stage.staff, other, stage.evaluator, far)
    ]
    assert counts == [1, 1, 2, 0]
    assert queries.visible(makers.public()).count() == 0


def test_the_public_is_told_counts_of_open_periods_alone(stage: Scene) -> None:
    assert queries.published() == []
    Period.objects.update(opened_at=AT)
    names = sorted([stage.here.name, stage.beside.name])
    assert [(row.cluster, row.states) for row in queries.published()] == [
        (name, {"open": 1}) for name in names
    ]


def test_a_capacity_is_declared_once_and_taken_back() -> None:
    officer, programme = makers.officer(), makers.programme()
    given: Any = {
        "actor": officer,
        "programme": programme,
        "of": "institution",
        "source": "Plan",
        "at": AT,
    }
    made = capacities.declare(name="Hall", amount=120, **given)
    with pytest.raises(Refused, match="declared already"):
        capacities.declare(name="HALL", amount=130, **given)
    capacities.retract(actor=officer, capacity=made, at=AT)
    with pytest.raises(Refused, match="taken back already"):
        capacities.retract(actor=officer, capacity=made, at=AT)
    capacities.declare(name="HALL", amount=130, **given)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"of": "city"}, "For a city"),
        ({"of": "facility", "name": "Microscope"}, "For a facility"),
        ({"name": ""}, "For an institution"),
        ({"of": "moon"}, "of an institution, a facility or a city"),
        ({"amount": 0}, "above zero"),
        ({"source": " "}, "Name the source"),
        ({"source_url": "javascript:alert(1)"}, "begins with https"),
    ],
)
def test_a_capacity_that_does_not_fit_together_is_refused(fields: Any, why: str) -> None:
    given: Any = {"of": "institution", "name": "Hall", "amount": 120, "source": "Plan"} | fields
    with pytest.raises(Refused, match=why):
        capacities.declare(actor=makers.officer(), programme=makers.programme(), at=AT, **given)


def test_the_cluster_of_a_capacity_is_of_the_programme() -> None:
    with pytest.raises(Refused, match="belongs to another programme"):
        capacities.declare(
            actor=None, programme=makers.programme(), of="city", cluster=makers.cluster(),
            amount=5, source="Census", at=AT,
        )  # fmt: skip


def test_capacities_are_declared_by_the_programme_office() -> None:
    programme = makers.programme()
    evaluator = makers.actor_with(Role.EVALUATOR, programme.scopes[0])
    with pytest.raises(Forbidden):
        capacities.declare(
            actor=evaluator, programme=programme, of="institution", name="Hall", amount=1, source="Plan", at=AT
        )  # fmt: skip


RULE = """
[[rule]]
code = "one"
title = "One"
says = "One"
apart = "One"
severity = "high"
check = "same_event"
kinds = ["patent"]
why = "So"
"""


def test_rules_are_read_with_their_kinds() -> None:
    assert rules.read(RULE)["one"].kinds == ("patent",)
    assert "patent" in rules.read(RULE.replace('["patent"]', '["*"]'))["one"].kinds


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('why = "So"', "", "rule one: “why” is missing"),
        ('"high"', '"grave"', "rule one: “severity” is one of high, medium, low"),
        ('["patent"]', '["pattent"]', "rule one: there is no kind “pattent”"),
        ('["patent"]', "[]", "rule one: “kinds” is missing"),
        ('why = "So"', 'why = "So"\nweight = 1', "rule one: “weight” is not known"),
        ("\n[[rule]]", RULE + "\n[[rule]]", "rule one: there are two of that code"),
    ],
)
def test_a_fault_in_the_rules_is_named(old: str, new: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        rules.read(RULE.replace(old, new, 1))


def test_evidence_that_comes_to_a_claim_is_looked_at_too(stage: Scene) -> None:
    shared = makers.document()
    attachment(stage.first, shared)
    attachment(stage.second, shared)
    _tell("claim.document_attached", stage.second)
    following.catch_up("evidence.plausibility")
    found = PlausibilityFinding.objects.filter(rule="same_document")
    assert set(found.values_list("claim", flat=True)) == {stage.first.pk, stage.second.pk}
