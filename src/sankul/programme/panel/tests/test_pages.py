"""The pages and the JSON of the panel, each as its people meet it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sankul.core.models import User
from sankul.core.rules.roles import Role
from sankul.programme.panel.actions import panels, scoring
from sankul.programme.panel.models import Panel, Result, Rubric, Score, Visit
from sankul.programme.panel.rules import CRITERIA, PanelStatus
from sankul.programme.registry.tests import makers as registry

from . import makers
from .makers import AT, Jury

pytestmark = pytest.mark.django_db
SECRET = "Seen by expert"


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests come at the moment of the makers."""
    monkeypatch.setattr("sankul.core.middleware.timezone.now", lambda: AT)


def door(user: User | None) -> Client:
    """A browser, signed in."""
    client = Client()
    if user:
        client.force_login(user)
    return client


def got(client: Client, address: str, status: int = 200) -> str:
    """A page."""
    response = client.get(address)
    assert response.status_code == status, response.content.decode()[:500]
    return response.content.decode()


def sent(client: Client, address: str, status: int = 302, **given: Any) -> str:
    """The answer to a form."""
    response = client.post(address, given)
    assert response.status_code == status, response.content.decode()[:800]
    return response.content.decode()


def test_the_office_makes_a_panel_describes_its_levels_and_appoints_members() -> None:
    period = registry.period()
    officer = door(registry.user_with(Role.PROGRAMME_OFFICER, period.programme.scopes[0]))
    experts = [registry.user_with(Role.REVIEWER, period.programme.scopes[0]) for _ in range(3)]
    make = f"/panels/new/{period.programme.slug}/"
    got(officer, make)
    sent(officer, make, period=period.label, least=1, statistic="median")
    panel = Panel.objects.get()
    desk = f"/panels/{panel.pk}/"
    assert "Rubrics are missing" in got(officer, desk)
    levels = {f"level_{n}": text for n, text in enumerate(makers.LEVELS, 1)}
    for code in CRITERIA:
        sent(officer, f"{desk}rubrics/{code}/", **levels)
    same = sent(officer, f"{desk}rubrics/learning/", 422, **levels | {"level_2": levels["level_1"]})
    assert "same description" in same
    assert Rubric.objects.count() == 5
    for user in experts:
        sent(officer, f"{desk}members/", user=user.pk)
    sent(officer, f"{desk}members/", dismiss=panel.members.latest("pk").pk)
    sent(officer, f"{desk}members/", user=experts[2].pk)
    assert "Ready for the scoring" in got(officer, desk)
    decision = registry.decision(registry.meeting(registry.body(period.programme)))
    got(officer, f"{desk}open/")
    sent(officer, f"{desk}open/", decision=decision.pk)
    panel.refresh_from_db()
    assert panel.status == PanelStatus.SCORING
    got(officer, f"{desk}members/", 409)


def test_a_member_keeps_a_draft_without_javascript_and_sends_it() -> None:
    made = makers.at_phase(PanelStatus.SCORING)
    member = door(made.experts[0])
    desk = f"/panels/{made.panel.pk}/"
    address = f"{desk}sheet/{made.clusters[0].slug}/"
    html = got(member, address)
    assert html.count('type="radio"') == 5 * 5
    assert "5: Others learn it here." in html
    sent(member, address, learning_level=4, learning_reason="Two failures were told")
    assert made.score(0).level == 4
    assert "1 of 5" in got(member, desk)
    got(member, f"{desk}send/")
    assert "A score or its reason is missing" in sent(member, f"{desk}send/", 409)
    for cluster in range(2):
        makers.scored(made, 0, cluster)
    sent(member, f"{desk}send/")
    assert "You have sent your scores" in got(member, address)
    sent(member, address, 409, learning_level=1)
    assert sent(member, address, 409, learning_level=9)


def test_a_level_off_the_scale_is_named() -> None:
    made = makers.at_phase(PanelStatus.SCORING)
    address = f"/panels/{made.panel.pk}/sheet/{made.clusters[0].slug}/"
    assert "not one of the available choices" in sent(
        door(made.experts[0]), address, 422, learning_level=9
    )
    assert not Score.objects.exists()


def test_the_sheet_of_a_cluster_of_ones_own_says_why_it_is_shut() -> None:
    made = makers.at_phase(PanelStatus.SCORING)
    registry.post(registry.person(user=made.experts[0]), organisation=made.anchors[0])
    member = door(made.experts[0])
    address = f"/panels/{made.panel.pk}/sheet/{made.clusters[0].slug}/"
    assert "You cannot score this cluster" in got(member, address)
    assert "You cannot score this cluster" in sent(member, address, 409, learning_level=5)


def test_a_conflict_is_declared_on_a_page_of_its_own() -> None:
    made = makers.at_phase(PanelStatus.SCORING)
    member = door(made.experts[0])
    address = f"/panels/{made.panel.pk}/sheet/{made.clusters[0].slug}/recuse/"
    got(member, address)
    sent(member, address, reason="My sister leads it")
    assert "declared that already" in sent(member, address, 422, reason="Again")
    assert "My sister leads it" in got(door(made.officer), f"/panels/{made.panel.pk}/")


def test_a_visit_is_written_down_with_a_document() -> None:
    made = makers.at_phase(PanelStatus.SCORING)
    member = door(made.experts[0])
    address = f"/panels/{made.panel.pk}/visits/{made.clusters[0].slug}/"
    got(member, address)
    ahead = (AT + timedelta(days=2)).date().isoformat()
    assert "lies ahead" in sent(member, address, 422, on=ahead, text="x")
    file = SimpleUploadedFile("photos.txt", b"Photographs: none were allowed.\n")
    sent(member, address, on=AT.date().isoformat(), text="It runs at night", file=file)
    document = Visit.objects.get().documents.get()
    assert "It runs at night" in got(door(made.experts[1]), f"/panels/{made.panel.pk}/")
    shown = f"/documents/{document.pk}/"
    answer = door(made.experts[1]).get(shown)
    assert answer.getvalue() == b"Photographs: none were allowed.\n"
    ceo = registry.user_with(Role.CLUSTER_CEO, made.clusters[0].scopes[0])
    assert door(ceo).get(shown).status_code == 404


def test_no_door_shows_anothers_score_before_the_discussion() -> None:
    made = makers.at_phase(PanelStatus.SCORING)
    makers.scored(made, 0)
    number, slug = made.panel.pk, made.clusters[0].slug
    doors = [
        f"/panels/{number}/", f"/panels/{number}/sheet/{slug}/", f"/panels/{number}/discussion/",
        f"/panels/{number}/discussion/{slug}/learning/", f"/panels/{number}/results/",
        f"/panels/{number}/results/?cluster={slug}", "/api/panels", f"/api/panels/{number}/results",
        f"/api/panels/{number}/scores",
    ]  # fmt: skip
    people = [made.officer, made.evaluator, made.experts[1], None]
    for user in people:
        for address in doors:
            answer = door(user).get(address)
            assert SECRET not in answer.content.decode(), (user, address)
            if "discussion" in address or "results" in address or "scores" in address:
                assert answer.status_code in (302, 403, 404), (user, address)
    assert SECRET in got(door(made.experts[0]), doors[1])


def test_the_discussion_shows_letters_and_takes_a_change_with_its_reason() -> None:
    made = makers.at_phase(PanelStatus.DISCUSSION)
    member, number = door(made.experts[0]), made.panel.pk
    html = got(member, f"/panels/{number}/discussion/")
    assert not any(user.name in html for user in made.experts[1:])
    address = f"/panels/{number}/discussion/{made.clusters[0].slug}/learning/"
    assert "needs a reason" not in got(member, address)
    assert "This field is required" in sent(member, address, 422, level=5)
    sent(member, address, level=5, reason="The second report")
    sent(member, address, say="yes", text="Look at the second report")
    html = got(door(made.officer), address)
    assert "3 → 5. The second report" in html
    assert "Look at the second report" in html
    assert "Change my score" not in html
    sent(door(made.officer), address, 422, level=5, reason="x")
    got(door(registry.user()), address, 404)


def test_a_tied_member_sees_nothing_of_that_cluster_in_the_discussion() -> None:
    made = makers.at_phase(PanelStatus.DISCUSSION)
    registry.post(registry.person(user=made.experts[0]), organisation=made.anchors[0])
    member = door(made.experts[0])
    html = got(member, f"/panels/{made.panel.pk}/discussion/")
    assert made.clusters[0].name not in html
    assert made.clusters[1].name in html
    got(member, f"/panels/{made.panel.pk}/discussion/{made.clusters[0].slug}/learning/", 403)


def test_a_member_who_left_a_cluster_to_others_has_a_dash_beside_their_scores() -> None:
    made = makers.at_phase(PanelStatus.SCORING)
    registry.post(registry.person(user=made.experts[0]), organisation=made.anchors[0])
    for place, cluster in ((0, 1), (1, 0), (1, 1), (2, 0), (2, 1)):
        makers.scored(made, place, cluster)
    for place in range(3):
        scoring.send(actor=made.by(made.experts[place]), panel=made.panel, at=AT)
    panels.discuss(actor=made.by(made.evaluator), panel=made.panel, at=AT)
    html = got(door(made.officer), f"/panels/{made.panel.pk}/discussion/")
    assert html.count(f">{made.clusters[0]}: ") == len(CRITERIA)
    assert "–" in html


def test_the_third_party_takes_the_panel_to_its_release() -> None:
    made = makers.at_phase(PanelStatus.DISCUSSION)
    third, desk = door(made.evaluator), f"/panels/{made.panel.pk}/"
    for step in ("close", "release"):
        got(door(made.officer), f"{desk}step/{step}/", 403)
        got(third, f"{desk}step/{step}/")
        sent(third, f"{desk}step/{step}/")
    assert made.now.status == PanelStatus.RELEASED
    got(third, f"{desk}step/burn/", 404)


def opened_to_all(made: Jury) -> Jury:
    made.panel.period.opened_at = AT
    made.panel.period.save()
    return made


def test_released_scores_are_public_once_the_period_is_open_and_name_nobody() -> None:
    made = makers.at_phase(PanelStatus.RELEASED)
    address = f"/panels/{made.panel.pk}/results/"
    got(Client(), address, 404)
    opened_to_all(made)
    html = got(Client(), f"{address}?cluster={made.clusters[0].slug}")
    assert "2.67" in html
    assert "severe" in html
    assert not any(user.name in html or user.email in html for user in made.experts)
    assert SECRET not in html
    result = Result.objects.filter(cluster=made.clusters[0]).first()
    assert result is not None
    answer = Client().get(f"/panels/scores/{result.pk}/")
    assert answer.headers["Location"] == f"{address}?cluster={made.clusters[0].slug}"
    assert Client().get(f"/panels/{made.panel.pk}/").headers["Location"] == address


def test_the_people_of_a_cluster_see_their_own_before() -> None:
    made = makers.at_phase(PanelStatus.RELEASED)
    ceo = door(registry.user_with(Role.CLUSTER_CEO, made.clusters[0].scopes[0]))
    html = got(ceo, f"/panels/{made.panel.pk}/results/")
    assert made.clusters[0].name in html
    assert made.clusters[1].name not in html
    rows = ceo.get(f"/api/panels/{made.panel.pk}/scores").json()
    assert {row["cluster"] for row in rows} == {made.clusters[0].slug}


def test_released_scores_as_json() -> None:
    made = opened_to_all(makers.at_phase(PanelStatus.RELEASED))
    (panel,) = Client().get("/api/panels").json()
    assert (panel["status"], panel["release"]) == ("released", made.panel.release_id)
    rows = Client().get(f"/api/panels/{panel['id']}/results").json()
    found = [row for row in rows if row["criterion"] == "learning"]
    assert [row["score"] for row in found] == ["2.6667", "4.6667"]
    scores = Client().get(f"/api/panels/{panel['id']}/scores").json()
    assert len(scores) == 3 * 2 * 5
    assert set(scores[0]) == {"cluster", "criterion", "member", "level"}


@pytest.mark.parametrize(
    ("address", "who"),
    [("discussion/", "officer"), ("results/", "officer"), ("results/", "public")],
)
def test_queries_do_not_grow_with_clusters(address: str, who: str) -> None:
    found = []
    for clusters in (1, 3):
        made = opened_to_all(makers.at_phase(PanelStatus.RELEASED, makers.jury(clusters)))
        client = door(made.officer if who == "officer" else None)
        got(client, f"/panels/{made.panel.pk}/{address}")
        with CaptureQueriesContext(connection) as counted:
            got(client, f"/panels/{made.panel.pk}/{address}?cluster={made.clusters[0].slug}")
        found.append(len(counted))
    assert found[0] == found[1]


def test_queries_of_desk_and_sheet_do_not_grow_with_clusters() -> None:
    found = []
    for clusters in (1, 3):
        made = makers.at_phase(PanelStatus.SCORING, makers.jury(clusters))
        client = door(made.experts[0])
        with CaptureQueriesContext(connection) as counted:
            got(client, f"/panels/{made.panel.pk}/")
            got(client, f"/panels/{made.panel.pk}/sheet/{made.clusters[0].slug}/")
        found.append(len(counted))
    assert found[0] == found[1]


def test_the_list_of_panels_takes_the_same_queries_for_one_and_three() -> None:
    officer = door(registry.user_with(Role.PROGRAMME_OFFICER))
    found = []
    for more in (1, 2):
        for _ in range(more):
            makers.jury(1)
        with CaptureQueriesContext(connection) as counted:
            got(officer, "/panels/")
        found.append(len(counted))
    assert found[0] == found[1]


def test_the_convenors_desk_takes_the_same_queries_for_three_members_and_six() -> None:
    found = []
    for experts in (3, 6):
        made = makers.at_phase(PanelStatus.SCORING, makers.jury(experts=experts))
        client = door(made.officer)
        with CaptureQueriesContext(connection) as counted:
            got(client, f"/panels/{made.panel.pk}/")
        found.append(len(counted))
    assert found[0] == found[1]
    assert found[0] < 30


def test_the_signed_in_home_tells_whose_turn_it_is() -> None:
    made = makers.jury()
    assert "Expert panel: " in got(door(made.officer), "/dashboard/")
    assert "Expert panel: " not in got(door(made.evaluator), "/dashboard/")
    makers.at_phase(PanelStatus.SCORING, made)
    assert "Score the clusters: " in got(door(made.experts[0]), "/dashboard/")
    assert "Expert panel: " in got(door(made.evaluator), "/dashboard/")
    assert "Expert panel: " not in got(door(made.officer), "/dashboard/")
    makers.discussed(made)
    assert "Discuss the scores: " in got(door(made.experts[0]), "/dashboard/")
