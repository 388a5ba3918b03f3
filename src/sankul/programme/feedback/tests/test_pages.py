"""The pages of the office and of the evaluator, each as its people meet it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sankul.core.models import Work
from sankul.core.rules.roles import Role
from sankul.programme.feedback.models import Ballot, Group, Invitation, Question, Survey
from sankul.programme.registry.tests import makers as registry

from . import makers
from .test_counting import count
from .test_releasing import counted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests come at the moment of the makers."""
    monkeypatch.setattr("sankul.core.middleware.timezone.now", lambda: makers.AT)


def signed_in(survey: Survey, role: Role) -> Client:
    """A browser of somebody with a role in the survey's programme."""
    client = Client()
    client.force_login(registry.user_with(role, *survey.programme.scopes))
    return client


def office(survey: Survey) -> Client:
    """The programme office."""
    return signed_in(survey, Role.PROGRAMME_OFFICER)


def third_party(survey: Survey) -> Client:
    """The evaluator."""
    return signed_in(survey, Role.EVALUATOR)


def got(client: Client, address: str, status: int = 200) -> str:
    """A page."""
    response = client.get(address)
    assert response.status_code == status, response.content.decode()[:500]
    return response.content.decode()


def key_upload(file: bytes) -> dict[str, Any]:
    """The form with the key."""
    return {"key_file": SimpleUploadedFile("a.key", file), "passphrase": makers.PASSPHRASE}


def test_the_office_makes_a_survey_from_the_one_before() -> None:
    before = makers.draft()
    period = registry.period(before.programme, 2026)
    client = office(before)
    got(client, f"/surveys/new/{before.programme.slug}/")
    form = {
        "period": period.label,
        "closes_on": "2027-05-31",
        "contact": "a@example.org",
        "copies": "on",
    }
    response = client.post(f"/surveys/new/{before.programme.slug}/", form)
    survey = Survey.objects.get(period=period)
    assert response.headers["Location"] == f"/surveys/{survey.pk}/"
    assert survey.groups.count() == 2
    html = got(client, f"/surveys/{survey.pk}/")
    assert "What stands in the way of opening" in html
    assert "Nobody is invited." in html


def test_the_questionnaire_is_built_by_forms() -> None:
    survey = makers.empty(has_hindi=False)
    client, base = office(survey), f"/surveys/{survey.pk}"
    group = {
        "code": "industry",
        "title_en": "Industry",
        "weight": "1",
        "target": "30",
        "position": "1",
    }
    assert client.post(f"{base}/groups/new/", group).status_code == 302
    section = {"title_en": "Access", "per_cluster": "on", "position": "1"}
    assert client.post(f"{base}/sections/new/", section).status_code == 302
    home = survey.sections.get()
    question = {"code": "q1", "kind": "likert", "text_en": "How easy?", "is_scored": "on", "position": "1",
        "labels_en": "\r\n".join(makers.LABELS), "groups": "industry"}  # fmt: skip
    assert client.post(f"{base}/sections/{home.pk}/ask/", question).status_code == 302
    made = Question.objects.get()
    assert (made.labels_en, made.groups, made.is_scored) == (makers.LABELS, ["industry"], True)
    assert "How easy?" in got(client, f"{base}/questions/")
    assert "Very easy" in got(client, f"{base}/questions/{made.pk}/")
    changed = question | {"text_en": "How easy is it?"}
    assert client.post(f"{base}/questions/{made.pk}/", changed).status_code == 302
    assert "Take out" in got(client, f"{base}/drop/question/{made.pk}/")
    client.post(f"{base}/drop/question/{made.pk}/")
    assert not Question.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"labels_en": "One\nTwo"}, "A scale has five labels."),
        ({"kind": "text"}, "An open text has no labels."),
        ({"labels_hi": "एक"}, "As many labels as in English, or none yet."),
        ({"labels_en": "x" * 121}, "A label has at most 120 letters."),
        ({"groups": "martians"}, "Select a valid choice."),
    ],
)
def test_a_wrong_question_is_told_at_its_field(wrong: dict[str, str], said: str) -> None:
    survey = makers.draft()
    home = survey.sections.first()
    given = {"code": "new", "kind": "likert", "text_en": "?", "position": "1"}
    labels = {"labels_en": "\n".join(makers.LABELS)}
    response = office(survey).post(
        f"/surveys/{survey.pk}/sections/{home.pk}/ask/", given | labels | wrong
    )
    assert response.status_code == 422
    assert said in response.content.decode()


def test_the_office_previews_what_each_group_sees() -> None:
    survey = makers.draft()
    Question.objects.filter(code="partners").update(groups=["industry"])
    client = office(survey)
    scientists = got(client, f"/surveys/{survey.pk}/preview/scientists/")
    industry = got(client, f"/surveys/{survey.pk}/preview/industry/?lang=hi")
    assert "How easy is partners?" not in scientists
    assert "साझेदार मिलना कितना सरल है?" in industry
    assert "<button" not in industry
    got(client, f"/surveys/{survey.pk}/preview/industry/?lang=fr", 404)


def test_a_list_is_uploaded_and_its_faults_are_told() -> None:
    survey = makers.draft()
    client, base = office(survey), f"/surveys/{survey.pk}/people"
    slug = survey.programme.clusters.first().slug
    good = f"name,email,group,clusters\nA Rao,rao@example.org,industry,{slug}\n"
    client.post(f"{base}/upload/", {"file": io.BytesIO(good.encode())})
    assert "A Rao" in got(client, f"{base}/?q=rao")
    bad = io.BytesIO(b"name,email,group,clusters\nB,b@example.org,x,y\n")
    response = client.post(f"{base}/upload/", {"file": bad})
    assert response.status_code == 422
    assert "Line 2: there is no group “x”" in response.content.decode()


def test_a_person_is_invited_and_taken_out() -> None:
    survey = makers.draft()
    client, base = office(survey), f"/surveys/{survey.pk}/people"
    form = {
        "name": "A Rao",
        "email": "rao@example.org",
        "group": survey.groups.first().pk,
        "clusters": survey.programme.clusters.first().pk,
        "language": "en",
    }
    client.post(f"{base}/invite/", form)
    person = Invitation.objects.get()
    assert "Take out A Rao?" in got(client, f"{base}/{person.pk}/out/")
    client.post(f"{base}/{person.pk}/out/")
    assert not Invitation.objects.exists()
    assert client.post(f"{base}/invite/", form | {"email": "none"}).status_code == 422


def test_letters_are_asked_for_and_sent_in_the_background() -> None:
    survey, _file = makers.opened()
    makers.invitation(survey)
    client = office(survey)
    response = client.post(f"/surveys/{survey.pk}/letters/", {"what": "invitations"})
    work = Work.objects.get()
    assert response.headers["Location"] == f"/work/{work.pk}/"
    assert work.total == 1
    assert "Waiting" in got(client, f"/surveys/{survey.pk}/")
    assert client.post(f"/surveys/{survey.pk}/letters/", {"what": "x"}).status_code == 409


def test_the_people_are_listed_in_as_many_queries_at_one_and_at_three(
    django_assert_max_num_queries: Any,
) -> None:
    survey = makers.draft()
    client = office(survey)
    for _number in range(3):
        makers.invitation(survey)
        with django_assert_max_num_queries(13):
            got(client, f"/surveys/{survey.pk}/people/")


def test_the_evaluator_plays_a_survey_through() -> None:
    survey = makers.draft()
    for cluster in survey.programme.clusters.all():
        registry.membership(cluster, registry.organisation(), kind="anchor")
    makers.invitation(survey, "industry")
    client, base = third_party(survey), f"/surveys/{survey.pk}"
    words = {"passphrase": makers.PASSPHRASE, "again": makers.PASSPHRASE}
    response = client.post(f"{base}/key/", words)
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert "no-store" in response.headers["Cache-Control"]
    file = response.content
    assert client.post(f"{base}/open/", key_upload(file)).status_code == 302
    for _number in range(5):
        makers.answered(survey, said={"besides": "Call Prof. Rao"})
    assert "The survey is open" in got(client, f"{base}/")
    client.post(f"{base}/close/")
    assert client.post(f"{base}/count/", key_upload(file)).status_code == 302
    assert "5 texts wait for the moderator" in got(client, f"{base}/")
    for _number in range(5):
        assert "Call Prof. Rao" in got(client, f"{base}/texts/")
        number = survey.comments.filter(state="waiting").first().pk
        decision = {
            "comment": number,
            "decision": "redacted",
            "words": "Prof. Rao",
            "reason": "a name",
        }
        assert client.post(f"{base}/texts/", decision).status_code == 302
    assert "Only the evaluator sees this page" in got(client, f"{base}/results/")
    assert "There is one release." in got(client, f"{base}/release/")
    client.post(f"{base}/release/")
    client.post(f"{base}/key-destroyed/")
    survey.refresh_from_db()
    assert survey.status == "released"
    assert survey.key_destroyed_at
    cluster = survey.programme.clusters.first()
    html = got(client, f"{base}/results/?cluster={cluster.slug}")
    assert "Call █████" in html
    assert "4.00" in html


def test_a_wrong_key_is_told_at_the_form() -> None:
    survey, file = makers.opened()
    makers.answered(survey)
    makers.closed(survey)
    client = third_party(survey)
    response = client.post(
        f"/surveys/{survey.pk}/count/", key_upload(file) | {"passphrase": "wrong passphrase"}
    )
    assert response.status_code == 422
    assert "The passphrase does not open this key file." in response.content.decode()
    big = SimpleUploadedFile("a.key", b"x" * 5000)
    response = client.post(f"/surveys/{survey.pk}/count/", key_upload(file) | {"key_file": big})
    assert "no key file" in response.content.decode()
    assert Ballot.objects.count() == 1


def test_two_passphrases_that_differ_make_no_key() -> None:
    survey = makers.draft()
    response = third_party(survey).post(
        f"/surveys/{survey.pk}/key/", {"passphrase": makers.PASSPHRASE, "again": "x"}
    )
    assert response.status_code == 422
    assert "The two passphrases differ." in response.content.decode()


def test_the_last_day_is_moved_by_a_form() -> None:
    survey, _file = makers.opened()
    client = third_party(survey)
    client.post(f"/surveys/{survey.pk}/extend/", {"closes_on": "2026-12-24"})
    assert "24 Dec 2026" in got(client, f"/surveys/{survey.pk}/")
    response = client.post(f"/surveys/{survey.pk}/extend/", {"closes_on": "never"})
    assert response.status_code == 409


PAGES = ("", "questions/", "people/", "settings/", "key/", "open/", "close/", "count/", "texts/",
    "release/", "results/")  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", [Role.APEX_MEMBER, Role.REVIEWER, Role.RESPONDENT])
def test_before_the_release_a_survey_is_not_there_for_others(page: str, role: Role) -> None:
    survey = counted()
    got(signed_in(survey, role), f"/surveys/{survey.pk}/{page}", 404)


@pytest.mark.parametrize(
    "page", ["key/", "open/", "close/", "count/", "texts/", "release/", "results/"]
)
def test_the_office_meets_a_reason_at_the_doors_of_the_evaluator(page: str) -> None:
    survey = counted()
    assert "Evaluator" in got(office(survey), f"/surveys/{survey.pk}/{page}", 403)


@pytest.mark.parametrize("page", ["people/", "settings/", "groups/new/", "sections/new/"])
def test_the_evaluator_meets_a_reason_at_the_doors_of_the_office(page: str) -> None:
    survey = makers.draft()
    assert "Programme officer" in got(third_party(survey), f"/surveys/{survey.pk}/{page}", 403)


def released() -> Survey:
    """A released survey whose period is not open."""
    from sankul.programme.feedback.actions import releasing  # noqa: PLC0415

    survey = counted()
    return releasing.release(actor=makers.evaluator(survey), survey=survey, at=makers.AT)


def test_a_cluster_sees_its_own_results_and_no_other() -> None:
    survey = released()
    own, other = survey.programme.clusters.order_by("pk")
    client = Client()
    client.force_login(registry.user_with(Role.CLUSTER_CEO, own.scopes[0]))
    html = got(client, f"/surveys/{survey.pk}/results/?cluster={other.slug}")
    assert own.name in html
    assert other.name not in html
    assert "suppressed" in html
    assert client.get(f"/surveys/{survey.pk}/").headers["Location"].endswith("/results/")


def test_the_public_sees_results_once_the_period_is_open() -> None:
    survey = released()
    got(Client(), f"/surveys/{survey.pk}/results/", 404)
    survey.period.opened_at = makers.AT
    survey.period.save()
    html = got(Client(), f"/surveys/{survey.pk}/results/")
    assert all(cluster.name in html for cluster in survey.programme.clusters.all())


def test_a_receipt_is_looked_up_and_tells_nothing_else() -> None:
    survey, file = makers.opened()
    _person, receipt = makers.answered(survey)
    makers.closed(survey)
    count(survey, file)
    got(Client(), f"/surveys/{survey.pk}/receipts/", 404)
    for cluster in survey.programme.clusters.all():
        registry.membership(cluster, registry.organisation())
    from sankul.programme.feedback.actions import releasing  # noqa: PLC0415

    releasing.release(actor=makers.evaluator(survey), survey=survey, at=makers.AT)
    html = got(Client(), f"/surveys/{survey.pk}/receipts/?receipt={receipt.lower()}")
    assert "is in the count" in html
    assert "No ballot with this receipt" in got(
        Client(), f"/surveys/{survey.pk}/receipts/?receipt=AAAAA"
    )


def test_groups_so_small_that_one_learns_who_answered_are_not_shown_to_the_public() -> None:
    survey = released()
    survey.period.opened_at = makers.AT
    survey.period.save()
    html = got(Client(), f"/surveys/{survey.pk}/results/")
    assert Group.objects.get(survey=survey, code="industry").title_en in html
    assert html.count("suppressed (fewer than 5)") >= 2
