"""People answer by their link: on any phone, in either language, without JavaScript and without a cookie."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from sankul.programme.feedback.models import Ballot, Survey
from sankul.programme.feedback.queries.surveys import questionnaire

from . import makers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    cache.clear()


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests come at the moment of the makers."""
    monkeypatch.setattr("sankul.core.middleware.timezone.now", lambda: makers.AT)


def link(**fields: Any) -> tuple[Survey, str]:
    """An open survey and the token of somebody who rates its two clusters."""
    survey, _file = makers.opened(**fields)
    return survey, makers.ticket(makers.invitation(survey))


def sent(survey: Survey, value: str = "4", **texts: str) -> dict[str, str]:
    """Every scale answered with ``value``, texts by short name."""
    clusters = list(survey.programme.clusters.values_list("pk", flat=True))
    given = {}
    for section in questionnaire(survey).sections:
        for item in section.questions:
            for about in clusters if section.per_cluster else [0]:
                answer = texts.get(item.code, "") if item.kind == "text" else value
                given[f"a-{item.id}-{about}"] = answer
    return given


def page(client: Client, data: dict[str, str], status: int = 200) -> str:
    """What the page says to a POST."""
    response = client.post("/answer/", data)
    assert response.status_code == status
    return response.content.decode()


def test_the_questions_of_the_group_stand_there_for_each_cluster(client: Client) -> None:
    survey, token = link()
    html = client.get(f"/answer/?t={token}").content.decode()
    for cluster in survey.programme.clusters.all():
        assert f"<h3>{cluster.name}</h3>" in html
    assert html.count("How easy is access?") == 2
    assert html.count('type="radio"') == 2 * 2 * 6
    assert html.count("Don&#x27;t know") == 4
    assert "<script" not in html


def test_answering_takes_a_look_back_and_gives_a_receipt(client: Client) -> None:
    survey, token = link()
    data = sent(survey, besides="All <b>well</b>") | {"t": token}
    review = page(client, data | {"to": "review"})
    assert "4 · Easy" in review
    assert "All &lt;b&gt;well" in review
    assert not Ballot.objects.exists()
    hidden = dict(re.findall(r'name="(a-\d+-\d+)" value="([^"]*)"', review))
    thanks = page(client, hidden | {"t": token, "to": "send"})
    assert re.search(r"<code>([2-9A-Z]{5}-){4}[2-9A-Z]{5}</code>", thanks)
    assert Ballot.objects.count() == 1


def test_one_can_go_back_and_change(client: Client) -> None:
    survey, token = link()
    html = page(client, sent(survey, value="2") | {"t": token, "to": "form"})
    assert html.count(" checked") == 4


def test_the_language_is_changed_without_losing_an_answer(client: Client) -> None:
    survey, token = link()
    html = page(client, sent(survey, value="2") | {"t": token, "lang": "hi"})
    assert '<html lang="hi">' in html
    assert "सुविधाएँ मिलना कितना सरल है?" in html
    assert "2 · कठिन" in html
    assert "पता नहीं" in html
    assert html.count(" checked") == 4


def test_the_link_of_a_letter_opens_in_its_language(client: Client) -> None:
    _survey, token = link()
    html = client.get(f"/answer/?t={token}&lang=hi").content.decode()
    assert "विज्ञान करने में सुगमता" in html


def test_where_there_is_no_hindi_none_is_offered(client: Client) -> None:
    _survey, token = link(has_hindi=False)
    assert "हिन्दी" not in client.get(f"/answer/?t={token}").content.decode()


def test_no_cookie_is_set_and_nothing_is_cached(client: Client) -> None:
    survey, token = link()
    response = client.get(f"/answer/?t={token}")
    assert not response.cookies
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "no-referrer"
    assert not client.post("/answer/", sent(survey) | {"t": token, "to": "send"}).cookies


def test_it_works_where_the_browser_keeps_no_cookie() -> None:
    survey, token = link()
    strict = Client(enforce_csrf_checks=True)
    page(strict, sent(survey) | {"t": token, "to": "send"})
    assert Ballot.objects.count() == 1


def test_a_second_tab_is_told_politely(client: Client) -> None:
    survey, token = link()
    data = sent(survey) | {"t": token, "to": "send"}
    page(client, data)
    assert "your answer is counted, once" in page(client, data, status=410)
    assert Ballot.objects.count() == 1


def test_every_link_that_takes_no_answer_gets_one_answer(client: Client) -> None:
    survey, used = link()
    page(client, sent(survey) | {"t": used, "to": "send"})
    late, late_token = link()
    makers.closed(late)
    draft_token = makers.ticket(makers.invitation(makers.draft()))
    pages = set()
    for token in (used, late_token, draft_token, "x" * 43, "", "é%00"):
        response = client.get("/answer/", {"t": token})
        assert response.status_code == 410
        pages.add(response.content)
    assert len(pages) == 1


def test_who_tries_many_links_is_told_to_wait_and_a_good_link_still_works(client: Client) -> None:
    _survey, token = link()
    for number in range(30):
        assert client.get("/answer/", {"t": f"guess-{number}"}).status_code == 410
    response = client.get("/answer/", {"t": "guess"})
    assert (response.status_code, response["Retry-After"]) == (429, "60")
    assert client.get("/answer/", {"t": token}).status_code == 200


def test_nothing_at_all_is_no_answer(client: Client) -> None:
    _survey, token = link()
    assert "Answer one question at least" in page(client, {"t": token, "to": "review"}, 422)
    page(client, {"t": token, "to": "send"}, 422)
    assert not Ballot.objects.exists()


@pytest.mark.parametrize("value", ["6", "-1", "9" * 400, "a", "२", "1.5"])
def test_what_is_no_answer_is_told_at_its_question(client: Client, value: str) -> None:
    survey, token = link()
    html = page(client, sent(survey, value=value) | {"t": token, "to": "review"}, 422)
    assert html.count("Choose one of the answers given.") == 8
    page(client, sent(survey, value=value) | {"t": token, "to": "send"}, 422)
    assert not Ballot.objects.exists()


def test_a_text_too_long_is_told_with_its_length(client: Client) -> None:
    survey, token = link()
    data = sent(survey, besides="क" * 1001) | {"t": token, "to": "review"}
    assert "Shorten this to 1000 letters; it has 1001." in page(client, data, 422)


def test_answers_to_questions_that_were_not_asked_are_ignored(client: Client) -> None:
    survey, token = link()
    other = makers.registry_cluster(survey)
    item = questionnaire(survey).scored[0]
    data = sent(survey) | {f"a-{item.id}-{other.pk}": "1", "t": token, "to": "review"}
    assert f"a-{item.id}-{other.pk}" not in page(client, data)


def test_a_look_at_the_page_of_a_person_uses_five_queries_whatever_is_asked(
    client: Client, django_assert_num_queries: Any
) -> None:
    for clusters in (1, 3):
        _survey, token = link(clusters=clusters)
        with django_assert_num_queries(5):
            client.get(f"/answer/?t={token}")
