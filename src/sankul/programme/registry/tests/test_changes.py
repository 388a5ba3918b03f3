from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sankul.core.models import Event
from sankul.core.rules.roles import Role
from sankul.programme.registry.models import Decision, Meeting, Membership, Organisation
from sankul.programme.registry.tests import makers

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.urls("sankul.programme.registry.tests.urls"),
]


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(makers.user_with(Role.PROGRAMME_OFFICER))
    return client


def text(response: Any) -> str:
    return response.content.decode()


def test_an_organisation_is_registered_by_form(officer: Client) -> None:
    assert "None of those found" not in text(officer.get("/organisations/register/"))
    response = officer.post(
        "/organisations/register/",
        {"name": "Indian Institute of Science", "kind": "academia", "country": "IN"},
    )
    assert response["Location"] == "/organisations/indian-institute-of-science/"
    assert Event.objects.get().verb == "organisation.registered"


def test_a_duplicate_is_shown_with_its_link_and_a_way_on(officer: Client) -> None:
    makers.organisation(name="Panjab University", slug="panjab")
    given = {"name": "Punjab University", "kind": "academia", "country": "IN"}
    response = officer.post("/organisations/register/", given)
    assert response.status_code == 422
    page = text(response)
    assert "may be registered already" in page
    assert '<a href="/organisations/panjab/">Panjab University</a>' in page
    assert "None of those found" in page
    response = officer.post("/organisations/register/", given | {"is_distinct": "on"})
    assert response["Location"] == "/organisations/punjab-university/"


def test_a_wrong_field_is_told_at_the_field(officer: Client) -> None:
    response = officer.post(
        "/organisations/register/", {"name": "", "kind": "academia", "country": "India"}
    )
    assert response.status_code == 422
    page = text(response)
    assert 'href="#id_name"' in page
    assert "two capital letters of ISO 3166" in page


def test_an_organisation_never_takes_the_address_of_a_page(officer: Client) -> None:
    officer.post(
        "/organisations/register/", {"name": "Register", "kind": "industry", "country": "IN"}
    )
    assert Organisation.objects.get().slug == "register-2"


@pytest.mark.parametrize("way", ["get", "post"])
def test_the_public_meets_a_refusal_on_every_form(way: str, client: Client) -> None:
    meeting = makers.meeting()
    membership = makers.membership(makers.cluster(), makers.organisation())
    addresses = [
        "/organisations/register/",
        f"/organisations/{membership.organisation.slug}/admit/",
        f"/memberships/{membership.pk}/end/",
        f"/bodies/{meeting.body_id}/hold/",
    ]
    for address in addresses:
        assert getattr(client, way)(address).status_code == 403, address
    assert getattr(client, way)(f"/meetings/{meeting.pk}/decide/").status_code == 404


def test_staff_admit_to_their_own_cluster_only(client: Client) -> None:
    own, other, organisation = makers.cluster(), makers.cluster(), makers.organisation()
    client.force_login(makers.user_with(Role.CLUSTER_STAFF, own.scopes[0]))
    address = f"/organisations/{organisation.slug}/admit/"
    given = {"cluster": other.pk, "kind": "member", "from_on": "2024-04-01"}
    assert client.post(address, given).status_code == 422
    response = client.post(address, given | {"cluster": own.pk})
    assert response["Location"] == f"/clusters/{own.programme.slug}/{own.slug}/"
    assert Membership.objects.get().from_on == date(2024, 4, 1)
    assert "in these days already" in text(client.post(address, given | {"cluster": own.pk}))


def test_a_membership_is_ended_by_form(officer: Client) -> None:
    membership = makers.membership(makers.cluster(), makers.organisation())
    address = f"/memberships/{membership.pk}/end/"
    profile = f"/clusters/{membership.cluster.programme.slug}/{membership.cluster.slug}/"
    assert f'href="{address}"' in text(officer.get(profile))
    assert "ends before it begins" in text(officer.post(address, {"on": "2020-01-01"}))
    assert officer.post(address, {"on": "2026-03-31"})["Location"] == profile
    membership.refresh_from_db()
    assert membership.until_on == date(2026, 3, 31)


def test_a_meeting_is_recorded_with_its_minutes(
    officer: Client, settings: Any, tmp_path: Any
) -> None:
    body = makers.body()
    settings.STORAGES = {
        **settings.STORAGES,
        "documents": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        },
    }
    minutes = SimpleUploadedFile("minutes.pdf", b"%PDF-1.7 minutes")
    response = officer.post(
        f"/bodies/{body.pk}/hold/",
        {"held_on": "2026-09-15", "title": "Third meeting", "minutes": minutes},
    )
    governance = f"/governance/{body.programme.slug}/"
    assert response["Location"] == governance
    kept = Meeting.objects.get().minutes
    assert kept is not None
    assert kept.media_type == "application/pdf"
    assert f'href="/documents/{kept.sha256}/"' in text(officer.get(governance))


def test_minutes_of_a_kind_that_is_not_kept_are_refused(officer: Client) -> None:
    body = makers.body()
    minutes = SimpleUploadedFile("minutes.pdf", b"MZ not a PDF")
    response = officer.post(
        f"/bodies/{body.pk}/hold/", {"held_on": "2026-09-15", "title": "X", "minutes": minutes}
    )
    assert "not a file of a kind that is kept" in text(response)
    assert not Meeting.objects.exists()


def test_an_apex_member_records_a_decision_by_form(client: Client) -> None:
    meeting = makers.meeting()
    scope = meeting.body.scopes[0]
    client.force_login(makers.user_with(Role.APEX_MEMBER, scope))
    address = f"/meetings/{meeting.pk}/decide/"
    governance = f"/governance/{meeting.body.programme.slug}/"
    assert f'href="{address}"' in text(client.get(governance))
    wrong = client.post(address, {"reference": "D1", "text": "Approved.", "subject": "the frame"})
    assert "Give kind and number" in text(wrong)
    given = {"reference": "D1", "text": "Approved.", "subject": "framework/3"}
    assert client.post(address, given)["Location"] == governance
    assert Decision.objects.get().subject == "framework/3"


def test_an_officer_sees_the_meeting_and_decides_nothing(officer: Client) -> None:
    meeting = makers.meeting()
    address = f"/meetings/{meeting.pk}/decide/"
    page = text(officer.get(f"/governance/{meeting.body.programme.slug}/"))
    assert meeting.title in page
    assert address not in page
    assert officer.post(address, {"reference": "D1", "text": "X"}).status_code == 403
