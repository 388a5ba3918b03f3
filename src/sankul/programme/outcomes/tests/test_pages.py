"""Claims and nil returns as people meet them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sankul.core import measures
from sankul.core.models import User
from sankul.core.rules.roles import Role
from sankul.programme.outcomes.models import Claim, NilReturn
from sankul.programme.outcomes.rules import KINDS
from sankul.programme.outcomes.tests import makers as made
from sankul.programme.registry.models import Cluster, Organisation, Period
from sankul.programme.registry.tests import makers

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.urls("sankul.programme.outcomes.tests.urls"),
]


class Scene(NamedTuple):
    """A cluster with one member, its staff and its CEO, in a period that is over and open."""

    cluster: Cluster
    member: Organisation
    period: Period
    staff: User
    ceo: User


@pytest.fixture
def scene() -> Scene:
    cluster = makers.cluster()
    member = makers.organisation()
    makers.membership(cluster, member)
    return Scene(
        cluster,
        member,
        makers.period(cluster.programme, opened_at=makers.AT),
        makers.user_with(Role.CLUSTER_STAFF, cluster.scopes[0]),
        makers.user_with(Role.CLUSTER_CEO, cluster.scopes[0]),
    )


@pytest.fixture
def staff(scene: Scene, client: Client) -> Client:
    client.force_login(scene.staff)
    return client


@pytest.fixture
def ceo(scene: Scene, client: Client) -> Client:
    client.force_login(scene.ceo)
    return client


def text(response: Any) -> str:
    return response.content.decode()


def filled(scene: Scene, **changes: Any) -> dict[str, Any]:
    return {
        "cluster": scene.cluster.pk,
        "reference": "T-1",
        "title": "Workshop on water",
        "on": "2025-05-10",
        "quantity": "1",
        "fact-mode": "in_person",
        "fact-hours": "6.5",
        "fact-institutions-TOTAL_FORMS": "3",
        "fact-institutions-INITIAL_FORMS": "0",
        "fact-institutions-0-institution": "College A",
        "fact-institutions-0-people": "20",
        "fact-institutions-2-institution": "College B",
        "partners-TOTAL_FORMS": "2",
        "partners-INITIAL_FORMS": "0",
        "partners-0-organisation": scene.member.name,
        "partners-0-cluster": scene.cluster.pk,
        "partners-0-role": "led",
        "partners-1-cluster": scene.cluster.pk,
        "partners-1-role": "led",
        "draft": "yes",
    } | changes


NEW = "/claims/new/?kind=training_event"


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_however_long(
    scene: Scene, rows: int, client: Client, django_assert_num_queries: Any
) -> None:
    for _ in range(rows):
        made.attachment(made.claim(scene.cluster))
    with django_assert_num_queries(3):
        page = client.get("/claims/")
    assert text(page).count("Film about water") == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_one_claim_costs_the_same_whatever_it_holds(
    scene: Scene, rows: int, client: Client, django_assert_num_queries: Any
) -> None:
    claim = made.claim(scene.cluster)
    claim.credits.update(share=Decimal("0.1"))
    for _ in range(rows):
        other = makers.cluster(scene.cluster.programme)
        made.credit(claim, cluster=other, organisation=makers.organisation(), share=Decimal("0.2"))
        made.attachment(claim)
    with django_assert_num_queries(5):
        page = client.get(f"/claims/{claim.pk}/")
    assert text(page).count("20.0") == rows


def test_the_public_sees_submitted_claims_of_open_periods_only(
    scene: Scene, client: Client
) -> None:
    shown = made.claim(scene.cluster)
    hidden = [
        made.draft(scene.cluster),
        made.claim(scene.cluster, on=date(2024, 5, 10)),
        made.claim(scene.cluster, status="withdrawn"),
    ]
    page = text(client.get("/claims/"))
    assert shown.title in page
    assert client.get(f"/claims/{shown.pk}/").status_code == 200
    for claim in hidden:
        assert claim.title not in page
        assert client.get(f"/claims/{claim.pk}/").status_code == 404


def test_staff_see_their_own_drafts_and_not_those_of_another_cluster(
    scene: Scene, staff: Client
) -> None:
    own = made.draft(scene.cluster)
    foreign = made.draft(makers.cluster(scene.cluster.programme))
    page = text(staff.get("/claims/?status=draft"))
    assert own.title in page
    assert foreign.title not in page
    assert staff.get(f"/claims/{foreign.pk}/edit/").status_code == 404


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=RIVER", {"River film"}),
        ("q=ref-2", {"Talk"}),
        ("kind=training_event", {"Talk"}),
        ("evidence=present", {"River film"}),
        ("evidence=missing", {"Talk"}),
        ("status=submitted", {"River film", "Talk"}),
        ("cluster=nowhere", set()),
        ("q=-2", set()),
        ("sort=-quantity", {"River film", "Talk"}),
        ("sort=-quantity&kind=outreach_item", {"River film"}),
        ("page=2", set()),
    ],
)
def test_the_list_is_searched_and_filtered_in_the_address_bar(
    scene: Scene, client: Client, query: str, expected: set[str]
) -> None:
    made.attachment(made.claim(scene.cluster, title="River film"))
    made.claim(scene.cluster, title="Talk", reference="ref-2", kind="training_event")
    page = text(client.get(f"/claims/?{query}"))
    assert {title for title in ("River film", "Talk") if f">{title}</a>" in page} == expected


def test_the_newest_claim_comes_first(scene: Scene, client: Client) -> None:
    made.claim(scene.cluster, title="Earlier", on=date(2025, 5, 1))
    made.claim(scene.cluster, title="Later", on=date(2025, 6, 1))
    page = text(client.get("/claims/"))
    assert page.index("Later") < page.index("Earlier")


def test_the_export_holds_what_the_list_finds(scene: Scene, client: Client) -> None:
    made.claim(
        scene.cluster,
        title="=SUM(A1)",
        kind="rd_fdi",
        quantity=Decimal("12.5"),
        reference="F-1",
        facts={"investor": "Lake AG", "country": "CH"},
    )
    made.claim(scene.cluster)
    response = client.get("/claims/?kind=rd_fdi&as=csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    lines = response.getvalue().decode("utf-8-sig").splitlines()
    assert lines == [
        (
            "programme,is_demonstration,cluster,reference,kind,title,detail,on,quantity,unit,status,is_evidenced,"
            "verified_quantity,investor,country,filing"
        ),
        (
            f"{scene.cluster.programme.slug},False,{scene.cluster.slug},F-1,rd_fdi,"
            "'=SUM(A1),,2025-05-10,12.5000,INR,submitted,False,,Lake AG,CH,"
        ),
    ]
    whole = client.get("/claims/?q=SUM&as=csv").getvalue().decode("utf-8-sig").splitlines()
    assert whole[0].endswith("verified_quantity,facts")
    assert whole[1].endswith(',"{""country"": ""CH"", ""investor"": ""Lake AG""}"')


def test_a_claim_tells_everything_about_itself(scene: Scene, client: Client) -> None:
    claim = made.claim(
        scene.cluster, scene.member, kind="royalty_receipt", quantity=Decimal(1_240_000)
    )
    document = made.attachment(claim, proves="The bank's receipt").document
    page = text(client.get(f"/claims/{claim.pk}/"))
    for told in (
        "This claim counts.",
        "12.4 lakh",
        scene.member.name,
        "The bank&#x27;s receipt",
        document.sha256,
        "royalty_receipt",
        "9 · Patents commercialised and earning royalty",
    ):
        assert told in page, told
    assert "History" not in page


def test_a_claim_without_document_says_that_it_does_not_count(scene: Scene, client: Client) -> None:
    claim = made.claim(scene.cluster)
    assert "This claim does not count." in text(client.get(f"/claims/{claim.pk}/"))


def test_kinds_are_chosen_first_and_feedback_is_not_among_them(staff: Client) -> None:
    page = text(staff.get("/claims/new/"))
    assert "?kind=training_event" in page
    assert "feedback_score" not in page


def test_the_public_is_told_to_sign_in(client: Client) -> None:
    response = client.get("/claims/new/")
    assert response.status_code == 403
    assert "Sign in first." in text(response)


def test_a_draft_is_recorded_and_the_form_suggests_a_reference(scene: Scene, staff: Client) -> None:
    assert 'name="reference" value="20' in text(staff.get(NEW))
    response = staff.post(NEW, filled(scene))
    claim = Claim.objects.get()
    assert response["Location"] == f"/claims/{claim.pk}/"
    assert (claim.status, claim.reference, claim.kind) == ("draft", "T-1", "training_event")
    page = text(staff.get(f"/claims/{claim.pk}/"))
    assert "The draft is saved." in page
    assert "Drafted" in page
    assert scene.staff.name in page


def test_a_claim_is_recorded_with_documents_and_submitted_at_once(
    scene: Scene, staff: Client
) -> None:
    files = [SimpleUploadedFile("a.txt", b"34 came"), SimpleUploadedFile("b.csv", b"who\nIIX\n")]
    staff.post(NEW, filled(scene, documents=files, proves="34 people came", submit="yes"))
    claim = Claim.objects.get()
    assert (claim.status, claim.is_evidenced) == ("submitted", True)
    assert claim.facts == {
        "mode": "in_person",
        "hours": "6.5",
        "institutions": [
            {"institution": "College A", "people": 20},
            {"institution": "College B"},
        ],
    }
    assert set(claim.attachments.values_list("document__name", "proves")) == {
        ("a.txt", "34 people came"),
        ("b.csv", "34 people came"),
    }


def test_sending_the_form_twice_makes_one_claim(scene: Scene, staff: Client) -> None:
    staff.post(NEW, filled(scene))
    staff.post(NEW, filled(scene))
    assert Claim.objects.count() == 1


def test_what_is_wrong_is_said_above_the_form_and_what_was_typed_stays(
    scene: Scene, staff: Client
) -> None:
    response = staff.post(NEW, filled(scene, quantity="1.5", title="Kept title"))
    assert response.status_code == 422
    page = text(response)
    assert "The quantity is a whole number: events held." in page
    assert 'value="Kept title"' in page
    assert not Claim.objects.exists()


def test_a_wrong_partner_is_named_by_its_row(scene: Scene, staff: Client) -> None:
    page = text(staff.post(NEW, filled(scene, **{"partners-0-share": "1.5"})))
    assert "Partner 1, Share: Ensure this value is less than or equal to 1." in page


def test_more_partners_keep_what_was_typed(scene: Scene, staff: Client) -> None:
    page = text(staff.post(NEW, filled(scene, title="Kept title", more="partners")))
    assert "Partner 4" in page
    assert 'value="Kept title"' in page
    assert not Claim.objects.exists()


def test_rows_begin_with_ones_own_cluster_and_its_members(scene: Scene, staff: Client) -> None:
    other = makers.organisation(name="Aaa College")
    makers.cluster(scene.cluster.programme, name="Aaa Cluster")
    page = text(staff.get(NEW))
    assert page.count(f'<option value="{scene.cluster.pk}" selected>') == 3
    assert page.count('<option value="led" selected>') == 1
    assert page.index(scene.member.name) < page.index(other.name)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_form_costs_the_same_whoever_there_is(
    scene: Scene, rows: int, staff: Client, django_assert_num_queries: Any
) -> None:
    for _ in range(rows):
        makers.membership(makers.cluster(scene.cluster.programme), makers.organisation())
    with django_assert_num_queries(8):
        staff.get(NEW)


def test_a_file_that_is_refused_leaves_the_draft(scene: Scene, staff: Client) -> None:
    virus = SimpleUploadedFile("virus.exe", b"MZ\x00")
    response = staff.post(NEW, filled(scene, documents=virus, submit="yes"), follow=True)
    claim = Claim.objects.get()
    assert claim.status == "draft"
    assert response.redirect_chain == [(f"/claims/{claim.pk}/edit/", 302)]
    assert "“virus.exe” is not a file of a kind that is kept here" in text(response)


def test_a_refused_submission_leaves_the_draft_and_says_why(scene: Scene, staff: Client) -> None:
    made.nil_return(scene.cluster, scene.period, "training_event")
    response = staff.post(NEW, filled(scene, submit="yes"), follow=True)
    assert Claim.objects.get().status == "draft"
    assert "The draft is saved, but not submitted:" in text(response)


def test_a_draft_is_changed(scene: Scene, staff: Client) -> None:
    claim = made.draft(scene.cluster, scene.member, kind="training_event")
    page = text(staff.get(f"/claims/{claim.pk}/edit/"))
    assert f'value="{claim.title}"' in page
    staff.post(f"/claims/{claim.pk}/edit/", filled(scene, title="Better title", quantity="2"))
    claim.refresh_from_db()
    assert (claim.title, claim.quantity) == ("Better title", 2)


def test_a_submitted_claim_is_not_changed(scene: Scene, staff: Client) -> None:
    claim = made.claim(scene.cluster, scene.member)
    response = staff.post(f"/claims/{claim.pk}/edit/", filled(scene))
    assert response.status_code == 422
    assert "Only a draft can be changed." in text(response)


def test_submitting_asks_first(scene: Scene, staff: Client) -> None:
    facts = made.facts("outreach_item")
    claim = made.draft(scene.cluster, scene.member, facts=facts)
    page = text(staff.get(f"/claims/{claim.pk}/submit/"))
    assert f"Submit “{claim.title}”?" in page
    claim.refresh_from_db()
    assert claim.status == "draft"
    staff.post(f"/claims/{claim.pk}/submit/")
    claim.refresh_from_db()
    assert claim.status == "submitted"


def test_a_refusal_answers_with_its_reason(scene: Scene, staff: Client) -> None:
    claim = made.claim(scene.cluster)
    response = staff.post(f"/claims/{claim.pk}/submit/")
    assert response.status_code == 409
    assert "Only a draft can be submitted." in text(response)


def test_withdrawing_asks_first_by_name(scene: Scene, staff: Client) -> None:
    claim = made.claim(scene.cluster)
    assert f"Withdraw “{claim.title}”?" in text(staff.get(f"/claims/{claim.pk}/withdraw/"))
    staff.post(f"/claims/{claim.pk}/withdraw/")
    claim.refresh_from_db()
    assert claim.status == "withdrawn"


@pytest.mark.parametrize("verb", ["edit", "attach", "submit", "withdraw", "amend"])
def test_others_cannot_change_a_claim_that_they_see(
    scene: Scene, client: Client, verb: str
) -> None:
    claim = made.claim(scene.cluster)
    client.force_login(
        makers.user_with(Role.CLUSTER_CEO, makers.cluster(scene.cluster.programme).scopes[0])
    )
    assert client.get(f"/claims/{claim.pk}/").status_code == 200
    assert client.get(f"/claims/{claim.pk}/{verb}/").status_code == 403
    assert client.post(f"/claims/{claim.pk}/{verb}/").status_code == 403


def test_a_document_is_attached_to_a_submitted_claim(scene: Scene, staff: Client) -> None:
    claim = made.claim(scene.cluster)
    file = SimpleUploadedFile("list.pdf", b"%PDF-1.7 list")
    staff.post(f"/claims/{claim.pk}/attach/", {"documents": file, "proves": "It was held"})
    attachment = claim.attachments.get()
    assert (attachment.document.name, attachment.proves) == ("list.pdf", "It was held")


def test_attaching_nothing_is_an_error(scene: Scene, staff: Client) -> None:
    claim = made.claim(scene.cluster)
    response = staff.post(f"/claims/{claim.pk}/attach/", {"proves": "It was held"})
    assert response.status_code == 422
    assert "There is a problem" in text(response)


def test_a_document_is_taken_from_a_draft(scene: Scene, staff: Client) -> None:
    row = made.attachment(made.draft(scene.cluster))
    page = text(staff.get(f"/attachments/{row.pk}/detach/"))
    assert f"Take “{row.document.name}” from “{row.claim.title}”?" in page
    staff.post(f"/attachments/{row.pk}/detach/")
    assert not row.claim.attachments.exists()


def test_the_nil_page_tells_zero_from_missing(scene: Scene, ceo: Client) -> None:
    made.attachment(made.claim(scene.cluster))
    made.nil_return(scene.cluster, scene.period, "rd_fdi")
    page = text(ceo.get("/nil-returns/"))
    assert "Missing is not zero" in page
    assert page.count("Missing: nobody knows") == 27
    assert page.count("Zero: declared on 22 Nov 2026") == 1
    assert page.count("Claimed and documented") == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_the_nil_page_costs_the_same_however_much_was_claimed(
    scene: Scene, rows: int, ceo: Client, django_assert_num_queries: Any
) -> None:
    for _ in range(rows):
        made.claim(scene.cluster)
    with django_assert_num_queries(7):
        ceo.get("/nil-returns/")


def test_a_ceo_declares_and_retracts_in_one_click_each(scene: Scene, ceo: Client) -> None:
    here = f"/nil-returns/?cluster={scene.cluster.slug}&period=2025-26"
    assert ceo.post(here, {"kind": "rd_fdi"})["Location"] == here
    nil = NilReturn.objects.get()
    assert (nil.kind, nil.period) == ("rd_fdi", scene.period)
    assert ceo.post(f"/nil-returns/{nil.pk}/retract/")["Location"] == here
    assert not NilReturn.objects.exists()


def test_staff_cannot_declare(staff: Client) -> None:
    assert staff.get("/nil-returns/").status_code == 403


def test_nothing_can_be_declared_in_a_period_that_runs(scene: Scene, ceo: Client) -> None:
    makers.period(scene.cluster.programme, year=2026)
    page = text(ceo.get("/nil-returns/?period=2026-27"))
    assert "Declare none" not in page
    response = ceo.post("/nil-returns/?period=2026-27", {"kind": "rd_fdi"})
    assert response.status_code == 409
    assert "The period is not over" in text(response)


@pytest.mark.parametrize("asked", ["cluster=somebody-else", "period=1999-00"])
def test_nothing_is_declared_for_another_than_was_asked_for(
    scene: Scene, ceo: Client, asked: str
) -> None:
    assert ceo.post(f"/nil-returns/?{asked}", {"kind": "rd_fdi"}).status_code == 404
    assert not scene.cluster.nil_returns.exists()


def test_the_ceo_of_another_cluster_cannot_retract(scene: Scene, client: Client) -> None:
    nil = made.nil_return(scene.cluster, scene.period)
    client.force_login(
        makers.user_with(Role.CLUSTER_CEO, makers.cluster(scene.cluster.programme).scopes[0])
    )
    assert client.post(f"/nil-returns/{nil.pk}/retract/").status_code == 404
    assert NilReturn.objects.exists()


def test_pages_of_a_fictional_programme_are_marked(client: Client) -> None:
    programme = makers.programme(is_demonstration=True)
    makers.period(programme, opened_at=makers.AT)
    claim = made.claim(makers.cluster(programme))
    client.force_login(makers.user_with(Role.CLUSTER_CEO, claim.cluster.scopes[0]))
    for address in (
        "/claims/",
        f"/claims/{claim.pk}/",
        f"/claims/{claim.pk}/withdraw/",
        "/claims/new/",
        NEW,
        "/nil-returns/",
    ):
        assert "A fictional programme" in text(client.get(address))


def test_an_incomplete_draft_is_kept_and_its_page_says_what_is_missing(
    scene: Scene, staff: Client
) -> None:
    empty = {"quantity": "", "fact-mode": "", "partners-0-organisation": ""}
    rows = {f"fact-institutions-{row}-institution": "" for row in (0, 2)}
    sent = filled(scene, **empty, **rows)
    del sent["fact-institutions-0-people"]
    address = staff.post(NEW, sent)["Location"]
    page = text(staff.get(address))
    for field, title in (
        ("quantity", "Quantity"),
        ("fact-mode", "How it was held"),
        ("fact-institutions", "Institutions that took part"),
        ("partners", "A partner to credit"),
    ):
        assert f'<a href="{address}edit/#id_{field}">{title}</a>' in page
        assert f'id="id_{field}"' in text(staff.get(f"{address}edit/"))
    assert "Length" in page
    assert "missing" in page


def test_a_complete_draft_says_that_nothing_is_missing(scene: Scene, staff: Client) -> None:
    address = staff.post(NEW, filled(scene))["Location"]
    assert "nothing is missing" not in text(staff.get(address))  # no evidence yet
    assert 'href="#attach"' in text(staff.get(address))
    staff.post(f"{address}attach/", {"documents": SimpleUploadedFile("a.txt", b"34 came")})
    assert "nothing is missing" in text(staff.get(address))


def test_a_draft_is_resumed_as_it_was_left(scene: Scene, staff: Client) -> None:
    address = staff.post(NEW, filled(scene))["Location"]
    page = text(staff.get(f"{address}edit/"))
    for kept in (
        'name="fact-hours" value="6.5"',
        '<option value="in_person" selected>',
        'name="fact-institutions-1-institution" value="College B"',
        f'name="partners-0-organisation" value="{scene.member.name}"',
    ):
        assert kept in page, kept


def test_wrong_facts_are_told_at_their_fields(scene: Scene, staff: Client) -> None:
    wrong = {"fact-hours": "long", "fact-institutions-2-people": "many"}
    response = staff.post(NEW, filled(scene, **wrong))
    page = text(response)
    assert response.status_code == 422
    assert 'href="#id_fact-hours">Length (hours): a number is expected, as in 12.5</a>' in page
    assert "Institutions that took part, row 3, People: a number is expected" in page
    assert 'id="id_fact-institutions-2-people-error"' in page
    assert not Claim.objects.exists()


def test_more_rows_of_a_table_keep_what_was_typed(scene: Scene, staff: Client) -> None:
    page = text(staff.post(NEW, filled(scene, more="fact-institutions")))
    assert 'name="fact-institutions-4-institution"' in page
    assert 'value="College B"' in page
    assert not Claim.objects.exists()


def test_rows_that_did_not_come_are_missed(scene: Scene, staff: Client) -> None:
    sent = filled(scene)
    del sent["fact-institutions-TOTAL_FORMS"]
    response = staff.post(NEW, sent)
    assert response.status_code == 422
    assert "Institutions that took part: ManagementForm" in text(response)


@pytest.mark.parametrize("write", [str.upper, lambda name: f"  {name} "])
def test_a_partner_is_found_by_any_spelling_of_its_name(
    scene: Scene, staff: Client, write: Any
) -> None:
    staff.post(NEW, filled(scene, **{"partners-0-organisation": write(scene.member.name)}))
    assert Claim.objects.get().credits.get().organisation == scene.member


def test_a_partner_is_found_by_an_alias_and_by_its_short_name(scene: Scene, staff: Client) -> None:
    makers.name("The Old College", organisation=scene.member)
    for number, called in enumerate(("the old college", scene.member.slug)):
        sent = filled(scene, reference=f"A-{number}", **{"partners-0-organisation": called})
        staff.post(NEW, sent)
    assert set(Claim.objects.values_list("credits__organisation", flat=True)) == {scene.member.pk}


def test_an_unknown_partner_is_named_with_what_to_do(scene: Scene, staff: Client) -> None:
    page = text(staff.post(NEW, filled(scene, **{"partners-0-organisation": "Nobody"})))
    assert "Partner 1, Organisation: No organisation is called “Nobody”." in page


def test_two_partners_of_one_name_are_told_apart(scene: Scene, staff: Client) -> None:
    for slug in ("north", "south"):
        twin = makers.organisation(name="City College", slug=slug)
        makers.membership(scene.cluster, twin)
    page = text(staff.post(NEW, filled(scene, **{"partners-0-organisation": "City College"})))
    assert "Write one of: City College (north); City College (south)." in page
    assert '<option value="City College (south)">' in page
    staff.post(NEW, filled(scene, **{"partners-0-organisation": "City College (south)"}))
    assert Claim.objects.get().credits.get().organisation.slug == "south"


def test_organisations_among_the_facts_are_named_by_line(scene: Scene, staff: Client) -> None:
    address = "/claims/new/?kind=academic_partnership"
    facts = {"fact-agreement": "MoU 7", "fact-output": "course", "fact-partners": "Nobody\n"}
    page = text(staff.post(address, filled(scene, **facts)))
    assert "No organisation is called “Nobody”." in page
    facts["fact-partners"] = f"{scene.member.name}\n\n"
    staff.post(address, filled(scene, **facts))
    assert Claim.objects.get().facts["partners"] == [scene.member.slug]


def test_attendance_names_the_event_that_it_rests_on(scene: Scene, staff: Client) -> None:
    event = made.claim(scene.cluster, kind="training_event", reference="E-7")
    address = "/claims/new/?kind=training_attendance"
    rows = {"fact-attendance-TOTAL_FORMS": "1", "fact-attendance-INITIAL_FORMS": "0"}
    assert '<option value="E-7">' in text(staff.get(address))
    page = text(staff.post(address, filled(scene, rests_on="E-8", **rows)))
    assert "No claim that it could rest on has this reference." in page
    staff.post(address, filled(scene, rests_on=f"#{event.pk}", **rows))
    claim = Claim.objects.get(kind="training_attendance")
    assert claim.rests_on == event
    assert claim.title in text(staff.get(f"/claims/{event.pk}/"))
    assert event.title in text(staff.get(f"/claims/{claim.pk}/"))


def test_a_claim_names_a_project_of_ones_own_and_its_deployment(
    scene: Scene, staff: Client
) -> None:
    project = made.project(scene.cluster)
    deployment = made.deployment(project)
    foreign = made.project(makers.cluster(scene.cluster.programme))
    assert foreign.title not in text(staff.get(NEW))
    staff.post(NEW, filled(scene, project=project.pk, deployment=deployment.pk))
    claim = Claim.objects.get()
    assert (claim.project, claim.deployment) == (project, deployment)
    assert project.title in text(staff.get(f"/claims/{claim.pk}/"))


def test_phones_offer_the_camera_and_files_can_be_dropped(staff: Client) -> None:
    page = text(staff.get(NEW))
    assert 'accept="image/*" capture="environment"' in page
    assert 'accept=".pdf,.png' in page
    assert "data-drop" in page
    assert "core/js/attach.js" in page


def test_a_photo_and_a_web_address_are_evidence_too(scene: Scene, staff: Client) -> None:
    claim = made.claim(scene.cluster)
    photo = SimpleUploadedFile("image.jpg", b"\xff\xd8\xff\xe0 list")
    url = "https://media.example/film"
    staff.post(f"/claims/{claim.pk}/attach/", {"photo": photo, "url": url})
    assert set(claim.attachments.values_list("document__name", "url")) == {
        ("image.jpg", ""),
        (None, url),
    }
    assert f'<a href="{url}">{url}</a>' in text(staff.get(f"/claims/{claim.pk}/"))


def test_a_wrong_web_address_is_refused_at_its_field(scene: Scene, staff: Client) -> None:
    claim = made.claim(scene.cluster)
    response = staff.post(f"/claims/{claim.pk}/attach/", {"url": "javascript:alert(1)"})
    assert response.status_code == 422
    assert "Web address: a web address is expected" in text(response)


def test_what_a_claim_is_worth_is_told_to_its_cluster_only(
    scene: Scene, staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []

    def fifteen(*asked: Any) -> list[measures.Worth]:
        told.append(asked)
        return [measures.Worth("Items", Decimal(15), "Small framework")]

    monkeypatch.setattr(measures, "_WORTHS", [fifteen])
    claim = made.claim(scene.cluster, quantity=Decimal(4))
    claim.credits.update(share=Decimal("0.5"))
    assert "15 points of 100" in text(staff.get(f"/claims/{claim.pk}/"))
    assert told == [("outreach_item", scene.cluster, date(2025, 5, 10), Decimal(2))]
    assert "points of 100" not in text(Client().get(f"/claims/{claim.pk}/"))


def judged(claim: Claim, status: str, quantity: int, **fields: Any) -> Claim:
    by = makers.user(name="Evaluator Eka")
    told = {"judged_at": makers.AT, "judged_by": by, "judgement": "Two names are missing"}
    Claim.objects.filter(pk=claim.pk).update(
        status=status, verified_quantity=quantity, **told | fields
    )
    return claim


def test_a_judgement_is_public_but_not_its_reason(scene: Scene, staff: Client) -> None:
    claim = judged(made.claim(scene.cluster, quantity=Decimal(9)), "partly_verified", 4)
    own, public = (text(one.get(f"/claims/{claim.pk}/")) for one in (staff, Client()))
    for page in (own, public):
        assert "Partly verified" in page
        assert "4 of 9 claimed" in page
    assert "Two names are missing" in own
    assert "Evaluator Eka" in own
    assert "Two names are missing" not in public
    assert "Evaluator Eka" not in public


def test_a_judged_claim_is_taken_back_to_the_desk(scene: Scene, staff: Client) -> None:
    claim = judged(made.claim(scene.cluster, scene.member), "verified", 1)
    assert f"/claims/{claim.pk}/amend/" in text(staff.get(f"/claims/{claim.pk}/"))
    assert "Two names are missing" in text(staff.get(f"/claims/{claim.pk}/amend/"))
    refused = staff.post(f"/claims/{claim.pk}/amend/", {"reason": ""})
    assert refused.status_code == 422
    assert "Say why it is changed after it was judged." in text(refused)
    response = staff.post(f"/claims/{claim.pk}/amend/", {"reason": "A new list"})
    assert response["Location"] == f"/claims/{claim.pk}/edit/"
    claim.refresh_from_db()
    assert claim.status == "draft"


def test_a_locked_claim_offers_no_change(scene: Scene, staff: Client) -> None:
    claim = judged(made.claim(scene.cluster), "verified", 1)
    Claim.objects.update(locked_at=makers.AT)
    page = text(staff.get(f"/claims/{claim.pk}/"))
    assert "Locked for good" in page
    assert not any(
        f"/claims/{claim.pk}/{verb}/" in page for verb in ("amend", "withdraw", "attach")
    )


def test_local_content_is_told_with_its_steps(scene: Scene, client: Client) -> None:
    facts = made.facts("local_content") | {
        "price_inr": "118",
        "indirect_taxes_inr": "18",
        "inputs": [{"input": "Chip", "how": "imported", "country": "JP", "cost_inr": "51"}],
    }
    claim = made.claim(scene.cluster, kind="local_content", facts=facts)
    page = text(client.get(f"/claims/{claim.pk}/"))
    for told in ("49.00", "Class-II local supplier", "19 July 2024", "Chip", "Japan"):
        assert told in page, told


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "feedback_score"])
def test_every_kind_has_a_form_and_a_page(scene: Scene, staff: Client, kind: str) -> None:
    assert staff.get(f"/claims/new/?kind={kind}").status_code == 200
    claim = made.draft(scene.cluster, kind=kind, facts=made.facts(kind, scene.member))
    for address in ("", "edit/"):
        assert staff.get(f"/claims/{claim.pk}/{address}").status_code == 200
