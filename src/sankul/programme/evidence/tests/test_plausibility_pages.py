"""The pages and the API of plausibility, door by door."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sankul.core.models import User, Work
from sankul.core.rules.roles import Role
from sankul.programme.evidence.actions import plausibility
from sankul.programme.evidence.models import Capacity, PlausibilityFinding
from sankul.programme.evidence.rules import PLAUSIBILITY, Doubt, VerificationStage
from sankul.programme.evidence.tasks import check_plausibility_asked
from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.tests.makers import claim, draft
from sankul.programme.registry.models import Cluster, Period, Programme
from sankul.programme.registry.tests import makers

from . import makers as seasons

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.urls("sankul.programme.evidence.tests.urls"),
]
SECRET = "Secret cooperation with Kundanika"


class Scene:
    """Two clusters that claim the same event, and their people."""

    def __init__(self) -> None:
        self.programme: Programme = makers.programme()
        makers.period(self.programme)
        self.here: Cluster = makers.cluster(self.programme)
        self.beside: Cluster = makers.cluster(self.programme)
        self.first: Claim = claim(self.here, title=SECRET)
        self.second: Claim = claim(
            self.beside, title=SECRET.upper(), submitted_at=makers.AT + timedelta(hours=1)
        )
        self.staff: User = makers.user_with(Role.CLUSTER_STAFF, self.beside.scopes[0])
        self.evaluator: User = makers.user_with(Role.EVALUATOR, self.programme.scopes[0])
        self.officer: User = makers.user_with(Role.PROGRAMME_OFFICER, self.programme.scopes[0])
        plausibility.check_all(programme=self.programme, at=makers.AT)

    @property
    def mine(self) -> PlausibilityFinding:
        """The finding about the second claim."""
        return PlausibilityFinding.objects.get(claim=self.second)


@pytest.fixture
def scene() -> Scene:
    """The same event, claimed by two clusters and found."""
    return Scene()


def _as(client: Client, user: User | None) -> Client:
    client.logout()
    if user:
        client.force_login(user)
    return client


def _text(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, answer.content.decode()[-3000:]
    return answer.content.decode()


def _doors(scene: Scene) -> list[str]:
    """Every door that shows findings."""
    number = scene.mine.pk
    return [
        "/plausibility/", "/plausibility/?as=csv", f"/plausibility/?claim={scene.second.pk}", f"/plausibility/{number}/",
        "/api/plausibility/findings", f"/api/plausibility/findings/{number}",
    ]  # fmt: skip


def _everything(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return b"".join(answer).decode()


def test_no_door_tells_a_cluster_of_another_clusters_claim(client: Client, scene: Scene) -> None:
    _as(client, scene.staff)
    for address in _doors(scene):
        text = _everything(client, address)
        assert SECRET not in text, address
        assert scene.first.reference not in text.replace(scene.second.reference, ""), address
        assert f"/claims/{scene.first.pk}/" not in text, address
        assert "(2 claims do)" not in text
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(client.get("/plausibility/?as=xlsx"))))
    cells = {str(cell) for row in sheet.worksheets[0].values for cell in row}
    assert SECRET.upper() in cells
    assert SECRET not in cells
    found = json.loads(_everything(client, f"/api/plausibility/findings/{scene.mine.pk}"))
    assert (found["others"], found["figure"]) == ([], {})
    assert "which is not public yet" in found["text"]


def test_the_evaluator_is_told_all_of_it(client: Client, scene: Scene) -> None:
    _as(client, scene.evaluator)
    for address in (f"/plausibility/{scene.mine.pk}/", "/plausibility/"):
        assert SECRET in _text(client, address)
    found = json.loads(_everything(client, f"/api/plausibility/findings/{scene.mine.pk}"))
    assert (found["others"], found["figure"]) == ([scene.first.pk], {"value": "", "times": 2})


def test_a_draft_is_nobodys_double_on_any_door(client: Client, scene: Scene) -> None:
    draft(scene.here, title="Draft of a film")
    own = claim(scene.beside, title="Draft of a film")
    plausibility.check_all(programme=scene.programme, at=makers.AT)
    _as(client, scene.staff)
    assert not PlausibilityFinding.objects.filter(claim=own).exists()
    assert "Draft of a film" not in _text(client, "/plausibility/")


@pytest.mark.parametrize("who", ["nobody", "neighbour", "stranger"])
def test_others_find_nothing_there(client: Client, scene: Scene, who: str) -> None:
    users = {
        "nobody": None,
        "neighbour": makers.user_with(Role.CLUSTER_CEO, scene.here.scopes[0]),
        "stranger": makers.user_with(Role.EVALUATOR, makers.programme().scopes[0]),
    }
    _as(client, users[who])
    number = scene.mine.pk
    _text(client, f"/plausibility/{number}/", 404)
    _text(client, f"/api/plausibility/findings/{number}", 404)
    assert SECRET.upper() not in _text(client, "/plausibility/")
    numbers = [one["id"] for one in json.loads(_everything(client, "/api/plausibility/findings"))]
    assert number not in numbers
    for word in ("answer", "rule"):
        assert client.post(f"/plausibility/{number}/{word}/", {}).status_code == 404


def test_the_public_sees_counts_of_open_periods_and_the_rules(client: Client, scene: Scene) -> None:
    assert scene.beside.name not in _text(client, "/plausibility/").split("Published counts")[1]
    Period.objects.update(opened_at=makers.AT)
    text = _text(client, "/plausibility/")
    assert scene.beside.name in text.split("Published counts")[1]
    assert SECRET.upper() not in text
    rules = _text(client, "/plausibility/rules/")
    assert all(rule.why.split("'")[0][:30] in rules for rule in PLAUSIBILITY.values())
    told = json.loads(_everything(client, "/api/plausibility/rules"))
    assert [one["code"] for one in told] == list(PLAUSIBILITY)


def test_a_cluster_answers_with_a_document_and_an_evaluator_rules(
    client: Client, scene: Scene
) -> None:
    number = scene.mine.pk
    _as(client, scene.staff)
    assert "Send the answer" in _text(client, f"/plausibility/{number}/")
    assert "Keep the ruling" not in _text(client, f"/plausibility/{number}/")
    paper = SimpleUploadedFile("list.txt", b"Both clusters held it\n")
    given = {"text": "It was joint", "document": paper}
    answer = client.post(f"/plausibility/{number}/answer/", given)
    assert answer.status_code == 302
    _as(client, scene.evaluator)
    text = _text(client, f"/plausibility/{number}/")
    assert "It was joint" in text
    assert "list.txt" in text
    answer = client.post(
        f"/plausibility/{number}/rule/", {"ruling": "rejected", "reason": "It is one event"}
    )
    assert answer.status_code == 302
    assert scene.mine.state == Doubt.UPHELD
    text = _text(client, f"/plausibility/{number}/")
    assert "It is one event" in text
    assert "Keep the ruling" not in text


def test_what_is_wrong_with_an_answer_or_a_ruling_is_said(client: Client, scene: Scene) -> None:
    number = scene.mine.pk
    _as(client, scene.staff)
    answer = client.post(f"/plausibility/{number}/answer/", {"text": ""})
    assert answer.status_code == 422
    bad = SimpleUploadedFile("run.exe", b"MZ\x90\x00")
    answer = client.post(f"/plausibility/{number}/answer/", {"text": "So", "document": bad})
    assert answer.status_code == 422
    assert scene.mine.state == Doubt.OPEN
    _as(client, scene.evaluator)
    answer = client.post(f"/plausibility/{number}/rule/", {"ruling": "noted", "reason": "So"})
    assert answer.status_code == 422
    assert "The cluster has not answered yet" in answer.content.decode()


def test_roles_are_kept_apart(client: Client, scene: Scene) -> None:
    number = scene.mine.pk
    _as(client, scene.evaluator)
    assert client.post(f"/plausibility/{number}/answer/", {"text": "So"}).status_code == 403
    _as(client, scene.staff)
    given = {"ruling": "dismissed", "reason": "So"}
    assert client.post(f"/plausibility/{number}/rule/", given).status_code == 403
    address = f"/plausibility/{scene.programme.slug}/check/"
    assert client.get(address).status_code == 403
    assert client.post(f"/capacities/{scene.programme.slug}/", {}).status_code == 403


def test_the_api_answers_and_rules(client: Client, scene: Scene) -> None:
    base = f"/api/plausibility/findings/{scene.mine.pk}"

    def send(word: str, given: Any) -> Any:
        return client.post(f"{base}/{word}", json.dumps(given), content_type="application/json")

    _as(client, scene.staff)
    answer = send("answer", {"text": "It was joint"})
    assert (answer.status_code, answer.json()["state"]) == (200, "answered")
    assert send("ruling", {"upheld": False, "reason": "So"}).status_code == 403
    _as(client, scene.evaluator)
    assert send("ruling", {"upheld": False, "reason": " "}).status_code == 409
    answer = send("ruling", {"upheld": True, "reason": "So", "consequence": "returned"})
    assert (answer.status_code, answer.json()["consequence"]) == (200, "returned")
    scene.second.refresh_from_db()
    assert scene.second.status == "returned"


def test_the_list_is_narrowed_by_the_address(client: Client, scene: Scene) -> None:
    def listed(query: str) -> list[Claim]:
        text = _text(client, f"/plausibility/?{query}")
        return [one for one in (scene.first, scene.second) if f"/claims/{one.pk}/" in text]

    _as(client, scene.evaluator)
    assert listed("state=open") == [scene.first, scene.second]
    assert listed(f"cluster={scene.here.slug}") == [scene.first]
    assert listed(f"claim={scene.second.pk}") == [scene.second]
    for query in ("state=dismissed", "rule=jump", "claim=x", "q=nothing"):
        assert listed(query) == []
    assert "No finding fits" in _text(client, "/plausibility/?q=nothing")


def _queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as met:
        _everything(client, address)
    return len(met)


@pytest.mark.parametrize("address", ["/plausibility/", "/api/plausibility/findings"])
def test_queries_do_not_grow_with_rows(client: Client, scene: Scene, address: str) -> None:
    _as(client, scene.evaluator)
    _everything(client, address)
    few = _queries(client, address)
    for _ in range(3):
        claim(scene.here, title=SECRET)
    plausibility.check_all(programme=scene.programme, at=makers.AT)
    assert PlausibilityFinding.objects.count() == 5
    assert _queries(client, address) == few


def test_an_officer_asks_for_a_run_and_follows_it(client: Client, scene: Scene) -> None:
    _as(client, scene.officer)
    PlausibilityFinding.objects.all().delete()
    address = f"/plausibility/{scene.programme.slug}/check/"
    assert "Run all rules" in _text(client, address)
    assert client.post(address).status_code == 302
    asked = Work.objects.get()
    check_plausibility_asked(work_id=asked.pk, programme_id=scene.programme.pk)
    asked.refresh_from_db()
    assert (asked.state, asked.done, asked.total) == ("done", len(PLAUSIBILITY), len(PLAUSIBILITY))
    assert asked.href == "/plausibility/"
    assert PlausibilityFinding.objects.count() == 2
    assert "last run" in _text(client, "/plausibility/")


def test_capacities_are_public_and_declared_by_the_office(client: Client, scene: Scene) -> None:
    address = f"/capacities/{scene.programme.slug}/"
    given = {"of": "institution", "name": "Hall of Science", "amount": "120", "source": "Site plan"}
    _as(client, scene.officer)
    assert client.post(address, given).status_code == 302
    assert client.post(address, given).status_code == 422
    _as(client, None)
    text = _text(client, address)
    assert "Hall of Science" in text
    assert "Declare it" not in text
    made = Capacity.objects.get()
    assert client.get(f"/capacities/{made.pk}/retract/").status_code == 403
    _as(client, scene.officer)
    assert "Take the capacity of Hall of Science back" in _text(
        client, f"/capacities/{made.pk}/retract/"
    )
    assert client.post(f"/capacities/{made.pk}/retract/").status_code == 302
    assert "Hall of Science" not in _text(client, address)


def test_a_verifier_reads_beside_a_claim_what_rules_find_of_it(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: seasons.later(6))
    made = seasons.at_stage(VerificationStage.VERIFYING)
    look = seasons.looks(made)[0]
    one = look.sampled.claim
    found = PlausibilityFinding.objects.create(
        programme=made.programme, cluster=one.cluster, claim=one, rule="royalty_without_licence", key="",
        severity="medium", found_at=makers.AT,
    )  # fmt: skip
    _as(client, look.verifier)
    text = _text(client, f"/verification/checks/{look.pk}/")
    assert "It rests on no licence that stands." in text
    assert f"/plausibility/{found.pk}/" in text


def test_a_rule_that_is_no_more_leaves_its_findings_readable(client: Client, scene: Scene) -> None:
    PlausibilityFinding.objects.filter(pk=scene.mine.pk).update(rule="former")
    _as(client, scene.staff)
    assert "not in force any more" in _text(client, f"/plausibility/{scene.mine.pk}/")
