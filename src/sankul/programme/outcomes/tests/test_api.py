"""Claims as JSON."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sankul.core.rules.roles import Role
from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.rules import KINDS
from sankul.programme.outcomes.tests import makers as made
from sankul.programme.registry.models import Cluster, Organisation
from sankul.programme.registry.tests import makers

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.urls("sankul.programme.outcomes.tests.urls"),
]


@pytest.fixture
def cluster() -> Cluster:
    made_cluster = makers.cluster()
    makers.period(made_cluster.programme, opened_at=makers.AT)
    return made_cluster


@pytest.fixture
def member(cluster: Cluster) -> Organisation:
    return makers.membership(cluster, makers.organisation()).organisation


@pytest.fixture
def staff(cluster: Cluster, client: Client) -> Client:
    client.force_login(makers.user_with(Role.CLUSTER_STAFF, cluster.scopes[0]))
    return client


def given(of: Cluster, member: Organisation, **changes: Any) -> dict[str, Any]:
    return {
        "programme": of.programme.slug,
        "cluster": of.slug,
        "kind": "training_event",
        "reference": "T-1",
        "title": "Workshop on water",
        "on": "2025-05-10",
        "quantity": "1",
        "facts": made.facts("training_event"),
        "credits": [{"cluster": of.slug, "organisation": member.slug, "role": "led"}],
    } | changes


def posted(client: Client, body: dict[str, Any]) -> Any:
    return client.post("/api/claims", body, content_type="application/json")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_however_long(
    cluster: Cluster, rows: int, client: Client, django_assert_num_queries: Any
) -> None:
    for _ in range(rows):
        made.claim(cluster)
    with django_assert_num_queries(1):
        answer = client.get("/api/claims").json()
    assert len(answer["items"]) == rows
    assert answer["next"] is None


def test_the_list_is_read_on_by_number(cluster: Cluster, client: Client) -> None:
    numbers = [made.claim(cluster).pk for _ in range(3)]
    first = client.get("/api/claims?limit=2").json()
    assert ([item["id"] for item in first["items"]], first["next"]) == (numbers[:2], numbers[1])
    rest = client.get(f"/api/claims?limit=2&after={first['next']}").json()
    assert ([item["id"] for item in rest["items"]], rest["next"]) == (numbers[2:], None)


def test_the_list_is_filtered(cluster: Cluster, client: Client) -> None:
    wanted = made.claim(cluster, kind="rd_fdi")
    made.claim(cluster)
    asked = f"/api/claims?kind=rd_fdi&cluster={cluster.slug}&status=submitted&from_on=2025-05-10"
    assert [item["id"] for item in client.get(asked).json()["items"]] == [wanted.pk]
    assert client.get("/api/claims?until_on=2025-05-09").json()["items"] == []


def test_one_claim_with_credits_and_documents(
    cluster: Cluster, member: Organisation, client: Client
) -> None:
    claim = made.claim(cluster, member)
    document = made.attachment(claim).document
    answer = client.get(f"/api/claims/{claim.pk}").json()
    assert answer["credits"] == [
        {
            "cluster": cluster.slug,
            "organisation": member.slug,
            "role": "led",
            "share": "1.000000",
            "quantity": "1.0000000000",
        }
    ]
    assert [item["sha256"] for item in answer["documents"]] == [document.sha256]
    assert (answer["unit"], answer["outcome"], answer["is_evidenced"]) == ("count", 8, True)


def test_what_one_may_not_see_is_not_there(cluster: Cluster, client: Client) -> None:
    assert client.get(f"/api/claims/{made.draft(cluster).pk}").status_code == 404
    assert client.get("/api/claims").json()["items"] == []


def test_a_draft_is_recorded_once(cluster: Cluster, member: Organisation, staff: Client) -> None:
    first = posted(staff, given(cluster, member))
    again = posted(staff, given(cluster, member))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert Claim.objects.get().credits.get().share == Decimal(1)


def test_a_draft_is_submitted(cluster: Cluster, member: Organisation, staff: Client) -> None:
    number = posted(staff, given(cluster, member)).json()["id"]
    assert staff.post(f"/api/claims/{number}/submit").json()["status"] == "submitted"
    assert staff.post(f"/api/claims/{number}/submit").status_code == 409


@pytest.mark.parametrize(
    ("changes", "status", "reason"),
    [
        ({"kind": "magic"}, 422, "training_event"),
        ({"cluster": "nowhere"}, 409, "has no cluster “nowhere”"),
        ({"quantity": "0"}, 409, "lies above 0"),
        ({"on": "tomorrow"}, 422, "date"),
        ({"quantity": "much"}, 422, "decimal"),
        ({"quantity": "1e400"}, 409, "14 digits"),
        ({"quantity": "NaN"}, 422, "finite"),
        ({"title": "a\x00b"}, 422, "pattern"),
    ],
)
def test_a_wrong_claim_is_refused_with_the_reason(
    cluster: Cluster,
    member: Organisation,
    staff: Client,
    changes: dict[str, Any],
    status: int,
    reason: str,
) -> None:
    answer = posted(staff, given(cluster, member, **changes))
    assert answer.status_code == status
    assert reason in answer.content.decode()
    assert not Claim.objects.exists()


def test_an_unknown_organisation_is_named(
    cluster: Cluster, member: Organisation, staff: Client
) -> None:
    body = given(cluster, member)
    body["credits"][0]["organisation"] = "nobody"
    assert posted(staff, body).content.decode() == "There is no organisation “nobody”."


def test_the_public_records_nothing(cluster: Cluster, member: Organisation, client: Client) -> None:
    assert posted(client, given(cluster, member)).status_code == 401
    assert client.post(f"/api/claims/{made.draft(cluster).pk}/submit").status_code == 401


def test_staff_of_another_cluster_record_nothing(
    cluster: Cluster, member: Organisation, client: Client
) -> None:
    other = makers.cluster(cluster.programme)
    client.force_login(makers.user_with(Role.CLUSTER_STAFF, other.scopes[0]))
    assert posted(client, given(cluster, member)).status_code == 403


def test_writing_needs_the_token_of_the_session(cluster: Cluster, member: Organisation) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(makers.user_with(Role.CLUSTER_STAFF, cluster.scopes[0]))
    assert posted(strict, given(cluster, member)).status_code == 403
    assert not Claim.objects.exists()


def told(answer: Any) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    return body


def test_facts_come_back_in_their_one_spelling(
    cluster: Cluster, member: Organisation, staff: Client
) -> None:
    rows = [{"institution": " College A ", "people": 20}]
    facts = {"mode": "online", "hours": 6.50, "institutions": rows}
    answer = told(posted(staff, given(cluster, member, facts=facts)))
    assert answer["facts"] == {
        "mode": "online",
        "hours": "6.5",
        "institutions": [{"institution": "College A", "people": 20}],
    }
    assert answer["missing"] == []


def test_a_draft_may_be_incomplete_and_says_what_it_lacks(
    cluster: Cluster, member: Organisation, staff: Client
) -> None:
    body = given(cluster, member, facts={"mode": "online"}, credits=[])
    del body["quantity"]
    answer = posted(staff, body)
    assert answer.status_code == 201
    assert told(answer)["quantity"] is None
    assert told(answer)["missing"] == ["quantity", "fact-hours", "fact-institutions", "partners"]
    refused = staff.post(f"/api/claims/{told(answer)['id']}/submit")
    assert refused.status_code == 409
    assert refused.content.decode().startswith("Still missing: Quantity, Length")


@pytest.mark.parametrize(
    ("facts", "place", "said"),
    [
        ({"hours": "long"}, ["facts", "hours"], "decimal"),
        ({"mode": "by post"}, ["facts", "mode"], "in_person"),
        ({"colour": "red"}, ["facts", "colour"], "not permitted"),
        (
            {"institutions": [{"people": -1}]},
            ["institutions", 0, "people"],
            "greater than or equal",
        ),
    ],
)
def test_a_wrong_fact_is_told_at_its_place(
    cluster: Cluster,
    member: Organisation,
    staff: Client,
    facts: dict[str, Any],
    place: list[Any],
    said: str,
) -> None:
    answer = posted(staff, given(cluster, member, facts=facts))
    assert answer.status_code == 422
    [problem] = told(answer)["detail"]
    assert [one for one in problem["loc"] if one in place] == place
    assert said in problem["msg"]


def test_an_identifier_that_fails_its_check_is_told_at_its_place(
    cluster: Cluster, member: Organisation, staff: Client
) -> None:
    facts = made.facts("patent", member) | {"application_number": "201891012345"}
    answer = posted(staff, given(cluster, member, kind="patent", facts=facts))
    assert answer.status_code == 422
    [problem] = told(answer)["detail"]
    assert problem["loc"] == ["body", "facts", "application_number"]
    assert problem["msg"].startswith("Application number: the Indian office gives numbers as in")


def test_every_kind_is_recorded_and_submitted_with_made_up_facts(
    cluster: Cluster, member: Organisation, staff: Client
) -> None:
    for kind in KINDS.values():
        if kind.code == "feedback_score":
            continue
        facts = made.facts(kind.code, member)
        body = given(cluster, member, kind=kind.code, reference=kind.code, facts=facts)
        answer = posted(staff, body)
        assert answer.status_code == 201, (kind.code, answer.content)
        number = told(answer)["id"]
        assert staff.post(f"/api/claims/{number}/submit").status_code == 200, kind.code


def test_the_dictionary_tells_what_each_kind_asks_for(client: Client) -> None:
    kinds = {one["code"]: one for one in client.get("/api/kinds").json()}
    assert set(kinds) == set(KINDS)
    assert kinds["royalty_receipt"]["rests_on"] == ["licence"]
    assert kinds["outreach_item"]["link_suffices"] is True
    facts = {one["code"]: one for one in kinds["training_attendance"]["facts"]}
    assert [one["code"] for one in facts["attendance"]["columns"]] == [
        "institution",
        "people",
        "women",
    ]


def test_the_description_tells_the_facts_of_each_kind(client: Client) -> None:
    schemas = client.get("/api/openapi.json").json()["components"]["schemas"]
    assert set(schemas["FactsOfTrainingEvent"]["properties"]) == {"mode", "hours", "institutions"}
    assert schemas["FactsOfTrainingEvent"]["additionalProperties"] is False
    mapping = schemas["TrainingEventNewClaim"]["properties"]["kind"]
    assert mapping["const"] == "training_event"


def test_a_claim_names_what_it_rests_on_and_its_project(
    cluster: Cluster, member: Organisation, staff: Client
) -> None:
    event = made.claim(cluster, kind="training_event")
    project = made.project(cluster)
    body = given(
        cluster, member, kind="training_attendance", rests_on=event.pk, project=project.code
    )
    body["facts"] = made.facts("training_attendance")
    answer = told(posted(staff, body))
    assert (answer["rests_on"], answer["project"]) == (event.pk, project.code)
    for wrong in ({"rests_on": 0}, {"project": "nothing"}, {"deployment": 0}):
        refused = posted(staff, body | wrong | {"reference": "T-2"})
        assert (
            refused.status_code,
            b"There is no" in refused.content or b"no project" in refused.content,
        ) == (409, True)


def put(client: Client, number: int, body: dict[str, Any]) -> Any:
    return client.put(f"/api/claims/{number}", body, content_type="application/json")


def test_a_draft_is_said_anew(cluster: Cluster, member: Organisation, staff: Client) -> None:
    number = told(posted(staff, given(cluster, member)))["id"]
    body = given(cluster, member, title="Two workshops", quantity="2")
    for name in ("programme", "cluster", "reference"):
        del body[name]
    answer = told(put(staff, number, body))
    assert (answer["title"], answer["quantity"]) == ("Two workshops", "2.0000")
    refused = put(staff, number, body | {"kind": "patent", "facts": {}})
    assert refused.content.decode() == "The kind of a claim stays: this one is “training_event”."
    staff.post(f"/api/claims/{number}/submit")
    assert put(staff, number, body).status_code == 409


def test_evidence_is_sent_as_a_file_and_as_an_address(cluster: Cluster, staff: Client) -> None:
    claim = made.claim(cluster)
    file = SimpleUploadedFile("list.txt", b"34 came")
    sent = {"file": file, "proves": "It was held"}
    answer = told(staff.post(f"/api/claims/{claim.pk}/documents", sent))
    assert [(one["name"], one["proves"]) for one in answer["documents"]] == [
        ("list.txt", "It was held")
    ]
    link = {"url": "https://media.example/film"}
    answer = told(
        staff.post(f"/api/claims/{claim.pk}/links", link, content_type="application/json")
    )
    assert answer["links"] == [{"url": link["url"], "proves": "", "suffices": True}]
    virus = {"file": SimpleUploadedFile("virus.exe", b"MZ")}
    assert staff.post(f"/api/claims/{claim.pk}/documents", virus).status_code == 409


def test_a_judged_claim_is_amended_and_a_claim_withdrawn(cluster: Cluster, staff: Client) -> None:
    claim = made.claim(cluster)
    Claim.objects.update(status="verified", verified_quantity=1, judged_at=makers.AT)
    address = f"/api/claims/{claim.pk}"
    refused = staff.post(f"{address}/amend", {}, content_type="application/json")
    assert refused.content.decode() == "Say why it is changed after it was judged."
    reason = {"reason": "A new list"}
    answer = told(staff.post(f"{address}/amend", reason, content_type="application/json"))
    assert (answer["status"], answer["verified_quantity"]) == ("draft", None)
    assert told(staff.post(f"{address}/withdraw"))["status"] == "withdrawn"


def test_everybody_reads_what_was_verified_and_the_cluster_why(
    cluster: Cluster, staff: Client
) -> None:
    claim = made.claim(cluster, quantity=Decimal(9))
    Claim.objects.update(
        status="partly_verified",
        verified_quantity=4,
        judged_at=makers.AT,
        judgement="Five are missing",
    )
    own, public = (told(one.get(f"/api/claims/{claim.pk}")) for one in (staff, Client()))
    assert own["verified_quantity"] == public["verified_quantity"] == "4.0000"
    assert public["credits"][0]["quantity"] == "4.0000000000"
    assert (own["judgement"], public["judgement"]) == ("Five are missing", "")


@pytest.mark.parametrize(
    ("asked", "found"),
    [("is_judged=true", 1), ("is_judged=false", 2), ("is_evidenced=true", 1), ("status=rejected", 1),
     ("project=none", 0)],
)  # fmt: skip
def test_the_list_is_filtered_by_what_verification_did(
    cluster: Cluster, client: Client, asked: str, found: int
) -> None:
    made.claim(cluster)
    made.attachment(made.claim(cluster))
    judged = made.claim(cluster)
    fields = {"status": "rejected", "verified_quantity": 0, "judged_at": makers.AT}
    Claim.objects.filter(pk=judged.pk).update(**fields)
    assert len(client.get(f"/api/claims?{asked}").json()["items"]) == found


@pytest.mark.parametrize("verb", ["submit", "amend", "withdraw", "links", "documents"])
def test_staff_of_another_cluster_change_nothing(
    cluster: Cluster, client: Client, verb: str
) -> None:
    claim = made.claim(cluster)
    other = makers.cluster(cluster.programme)
    client.force_login(makers.user_with(Role.CLUSTER_STAFF, other.scopes[0]))
    address = f"/api/claims/{claim.pk}/{verb}"
    if verb == "documents":
        answer = client.post(address, {"file": SimpleUploadedFile("a.txt", b"x")})
    else:
        body = {"url": "https://media.example/film"} if verb == "links" else {}
        answer = client.post(address, body, content_type="application/json")
    assert answer.status_code == 403
