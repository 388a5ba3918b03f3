"""Scoring alone: nobody sees another's scores, and nobody scores what he is tied to."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from sankul.core.rules.roles import PLATFORM, Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.panel.actions import scoring
from sankul.programme.panel.actions.scoring import Given
from sankul.programme.panel.models import Change, Score, Visit
from sankul.programme.panel.queries import panels as queries
from sankul.programme.panel.queries import scores
from sankul.programme.panel.rules import PanelStatus
from sankul.programme.registry.tests import makers as registry

from . import makers
from .makers import AT, Jury

pytestmark = pytest.mark.django_db


def given(made: Jury, place: int = 0, level: int | None = 3, cluster: int = 0) -> None:
    scoring.save(
        actor=made.by(made.experts[place]), panel=made.panel, cluster=made.clusters[cluster],
        given={"learning": Given(level, "Two failures were told")}, at=AT,
    )  # fmt: skip


def altered(made: Jury, place: int = 0, **more: Any) -> Score:
    told = {"level": 1, "reason": "The report says otherwise"} | more
    return scoring.alter(actor=made.by(made.experts[place]), score=made.score(0), at=AT, **told)


def test_a_draft_is_kept_and_may_be_incomplete() -> None:
    made = makers.at_phase(PanelStatus.SCORING)
    given(made, level=None)
    given(made, level=4)
    assert made.score(0).level == 4
    with pytest.raises(Refused, match=r"A score or its reason is missing.*Strategy and governance"):
        scoring.send(actor=made.by(made.experts[0]), panel=made.panel, at=AT)


@pytest.mark.parametrize("level", [0, 6, -1])
def test_a_level_lies_on_the_scale(level: int) -> None:
    made = makers.at_phase(PanelStatus.SCORING)
    with pytest.raises(Refused, match="not on the scale from 1 to 5"):
        given(made, level=level)


def test_nobody_scores_before_or_after_the_scoring() -> None:
    made = makers.jury()
    with pytest.raises(Refused, match="has not begun"):
        given(made)
    made = makers.at_phase(PanelStatus.DISCUSSION)
    with pytest.raises(Refused, match="scoring is over"):
        given(made)


def test_sent_scores_are_fixed_also_in_the_database() -> None:
    made = makers.at_phase(PanelStatus.SCORING)
    for cluster in range(2):
        makers.scored(made, 0, cluster)
    scoring.send(actor=made.by(made.experts[0]), panel=made.panel, at=AT)
    with pytest.raises(Refused, match="You have sent your scores"):
        given(made)
    with pytest.raises(DatabaseError, match="only with a reason"), transaction.atomic():
        Score.objects.filter(pk=made.score(0).pk).update(level=1)
    with pytest.raises(DatabaseError, match="only with a reason"), transaction.atomic():
        made.score(0).delete()


def test_only_members_score_and_only_clusters_of_their_programme() -> None:
    made = makers.at_phase(PanelStatus.SCORING)
    for user in (made.evaluator, made.officer):
        with pytest.raises(Forbidden):
            scoring.save(
                actor=made.by(user), panel=made.panel, cluster=made.clusters[0], given={}, at=AT
            )
    with pytest.raises(Refused, match="another programme"):
        scoring.save(
            actor=made.by(made.experts[0]),
            panel=made.panel,
            cluster=registry.cluster(),
            given={},
            at=AT,
        )
    with pytest.raises(Refused, match="no criterion “speed”"):
        scoring.save(
            actor=made.by(made.experts[0]), panel=made.panel, cluster=made.clusters[0],
            given={"speed": Given(3, "")}, at=AT,
        )  # fmt: skip


def test_who_works_for_an_institution_of_a_cluster_does_not_score_it() -> None:
    made = makers.at_phase(PanelStatus.SCORING)
    person = registry.person(user=made.experts[0])
    registry.post(person, organisation=made.anchors[0])
    with pytest.raises(Refused, match="You cannot score this cluster, because your account works"):
        given(made)
    given(made, cluster=1)


def test_who_left_an_institution_a_year_ago_does_not_score_its_cluster() -> None:
    made = makers.at_phase(PanelStatus.SCORING)
    person = registry.person(user=made.experts[0])
    registry.post(
        person, organisation=made.anchors[0], until_on=AT.date().replace(year=AT.year - 1)
    )
    with pytest.raises(Refused, match="You cannot score this cluster"):
        given(made)


def test_a_tie_that_comes_up_later_drops_the_draft_when_it_is_sent() -> None:
    made = makers.at_phase(PanelStatus.SCORING)
    for cluster in range(2):
        makers.scored(made, 0, cluster)
    registry.post(registry.person(user=made.experts[0]), organisation=made.anchors[0])
    scoring.send(actor=made.by(made.experts[0]), panel=made.panel, at=AT)
    assert set(made.member(0).scores.values_list("cluster", flat=True)) == {made.clusters[1].pk}


def test_a_declared_conflict_takes_the_scores_and_stays() -> None:
    made = makers.at_phase(PanelStatus.SCORING)
    given(made)
    told: dict[str, Any] = {
        "actor": made.by(made.experts[0]), "panel": made.panel, "cluster": made.clusters[0], "at": AT
    }  # fmt: skip
    with pytest.raises(Refused, match="Say what ties you"):
        scoring.recuse(reason=" ", **told)
    scoring.recuse(reason="My sister leads it", **told)
    assert not made.member(0).scores.exists()
    with pytest.raises(Refused, match="declared that already"):
        scoring.recuse(reason="My sister leads it", **told)
    with pytest.raises(Refused, match="has declared a conflict"):
        given(made)


def test_a_conflict_declared_in_the_discussion_strikes_scores_and_keeps_what_they_were() -> None:
    made = makers.at_phase(PanelStatus.DISCUSSION)
    before = made.score(0).level
    scoring.recuse(
        actor=made.by(made.experts[0]), panel=made.panel, cluster=made.clusters[0],
        reason="My sister leads it", at=AT,
    )  # fmt: skip
    assert made.score(0).level is None
    assert Change.objects.get(score=made.score(0)).before == before
    seen = scores.shared(made.by(made.experts[0]), made.now)
    assert {one.cluster_id for one in seen} == {made.clusters[1].pk}


def test_nobody_sees_anothers_score_before_the_discussion() -> None:
    made = makers.at_phase(PanelStatus.SCORING)
    for place in range(3):
        makers.scored(made, place)
    programme = made.panel.programme
    people = [
        made.by(made.officer), made.by(made.evaluator), registry.officer(),
        registry.actor_with(Role.APEX_MEMBER, *programme.scopes),
        registry.actor_with(Role.CLUSTER_CEO, made.clusters[0].scopes[0]), registry.public(),
    ]  # fmt: skip
    for actor in people:
        assert not Score.objects.visible_to(actor).exists()
        assert not scores.may_discuss(actor, made.now)
        assert not scores.released_scores(actor, made.now).exists()
    own = Score.objects.visible_to(made.by(made.experts[0]))
    assert {one.member_id for one in own} == {made.member(0).pk}
    assert not scores.may_discuss(made.by(made.experts[0]), made.now)


def test_progress_is_a_count_without_scores() -> None:
    made = makers.at_phase(PanelStatus.SCORING)
    makers.scored(made, 0)
    found = {one.member.user_id: one for one in queries.progress(made.now, AT.date())}
    assert (found[made.experts[0].pk].given, found[made.experts[0].pk].wanted) == (5, 10)
    assert found[made.experts[1].pk].given == 0


def test_in_the_discussion_members_and_office_see_all_and_others_nothing() -> None:
    made = makers.at_phase(PanelStatus.DISCUSSION)
    for user in (made.experts[0], made.officer, made.evaluator):
        assert len(scores.side_by_side(made.by(user), made.now)) == 2 * 5
    ceo = registry.actor_with(Role.CLUSTER_CEO, made.clusters[0].scopes[0])
    for actor in (ceo, registry.public(), registry.actor_with(Role.REVIEWER, *made.panel.scopes)):
        assert not Score.objects.visible_to(actor).exists()
        assert not scores.may_discuss(actor, made.now)


def test_scores_far_apart_are_flagged() -> None:
    made = makers.at_phase(
        PanelStatus.DISCUSSION, levels=lambda member, cluster, _n: 5 if member or cluster else 2
    )
    wide = [row.is_wide for row in scores.side_by_side(made.by(made.officer), made.now)]
    assert wide == [True] * 5 + [False] * 5


def test_a_changed_score_needs_a_reason_and_keeps_the_old_one() -> None:
    made = makers.at_phase(PanelStatus.DISCUSSION)
    before = made.score(0).level
    with pytest.raises(Refused, match="needs a reason"):
        altered(made, reason=" ")
    with pytest.raises(Refused, match="gave already"):
        altered(made, level=before)
    with pytest.raises(Refused, match="not on the scale"):
        altered(made, level=9)
    altered(made)
    change = Change.objects.get()
    assert (change.before, change.after, made.score(0).level) == (before, 1, 1)
    with pytest.raises(DatabaseError), transaction.atomic():
        change.delete()


def test_nobody_changes_anothers_score_or_one_outside_the_discussion() -> None:
    made = makers.at_phase(PanelStatus.DISCUSSION)
    with pytest.raises(Forbidden, match="by the member who gave it"):
        altered(made, place=1)
    made = makers.at_phase(PanelStatus.CLOSED)
    with pytest.raises(Refused, match="while the panel discusses"):
        altered(made)
    with pytest.raises(Refused, match="Tell the programme office"):
        scoring.recuse(
            actor=made.by(made.experts[0]),
            panel=made.panel,
            cluster=made.clusters[0],
            reason="x",
            at=AT,
        )


def test_comments_are_made_by_members_in_the_discussion() -> None:
    made = makers.at_phase(PanelStatus.DISCUSSION)

    def say(place: int = 0, text: str = "Look at the second report") -> None:
        scoring.say(
            actor=made.by(made.experts[place]), panel=made.panel, cluster=made.clusters[0],
            criterion="learning", text=text, at=AT,
        )  # fmt: skip

    say()
    (row, *_others) = [
        one for one in scores.side_by_side(made.by(made.officer), made.now) if one.remarks
    ]
    assert (row.criterion.code, row.remarks) == ("learning", 1)
    with pytest.raises(Refused, match="Write what you want to say"):
        say(text=" ")
    registry.post(registry.person(user=made.experts[1]), organisation=made.anchors[0])
    with pytest.raises(Refused, match="You take no part"):
        say(1)
    made = makers.at_phase(PanelStatus.SCORING)
    with pytest.raises(Refused, match="while the panel discusses"):
        say()


def test_a_site_visit_is_seen_by_the_panel_and_after_the_release_by_the_cluster() -> None:
    made = makers.at_phase(PanelStatus.SCORING)
    told: dict[str, Any] = {
        "actor": made.by(made.experts[0]), "panel": made.panel, "cluster": made.clusters[0],
        "on": AT.date(), "at": AT,
    }  # fmt: skip
    scoring.visit(text="The laboratory runs at night", **told)
    ceo, beside = (registry.actor_with(Role.CLUSTER_CEO, one.scopes[0]) for one in made.clusters)
    assert Visit.objects.visible_to(made.by(made.experts[1])).count() == 1
    assert not Visit.objects.visible_to(ceo).exists()
    with pytest.raises(Refused, match="Write what was seen"):
        scoring.visit(text="", **told)
    with pytest.raises(Refused, match="lies ahead"):
        scoring.visit(text="x", **told | {"on": AT.date().replace(year=AT.year + 1)})
    makers.discussed(made)
    for phase in (PanelStatus.CLOSED, PanelStatus.RELEASED):
        finish(made, phase)
    with pytest.raises(Refused, match="The panel is closed"):
        scoring.visit(text="x", **told)
    assert Visit.objects.visible_to(ceo).count() == 1
    assert not Visit.objects.visible_to(beside).exists()
    assert not Visit.objects.visible_to(registry.public()).exists()


def finish(made: Jury, phase: PanelStatus) -> None:
    from sankul.programme.panel.actions import panels, releasing  # noqa: PLC0415

    act = panels.close if phase == PanelStatus.CLOSED else releasing.release
    act(actor=made.by(made.evaluator), panel=made.panel, at=AT)


def test_the_platforms_own_officer_is_no_exception() -> None:
    made = makers.at_phase(PanelStatus.SCORING)
    makers.scored(made, 0)
    officer = registry.actor_with(Role.PROGRAMME_OFFICER, PLATFORM)
    assert not Score.objects.visible_to(officer).exists()
