"""What every request passes through: its log line, its actor, refusals as answers."""

import io
import json
import logging
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.test import Client, RequestFactory
from prometheus_client import REGISTRY

from sankul.core.rules.roles import Role, Scope, ScopeKind

from . import makers

pytestmark = [pytest.mark.django_db, pytest.mark.urls("sankul.core.tests.urls")]


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Iterator[list[dict[str, Any]]]:
    """What the site's own log was told, line by line."""
    logger, lines = logging.getLogger("sankul.requests"), []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(json.loads(record.getMessage()))

    handler = Kept()
    logger.addHandler(handler)
    yield lines
    logger.removeHandler(handler)


def _text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_what_a_rule_refuses_is_a_page_with_the_reason(client: Client) -> None:
    answer = client.get("/refuse/")
    assert answer.status_code == 409
    assert "The period is &lt;closed&gt;." in answer.content.decode()
    assert "This cannot be done now" in _text(answer)


def test_what_the_roles_forbid_is_a_page_that_leads_to_signing_in(client: Client) -> None:
    answer = client.get("/forbid/")
    assert answer.status_code == 403
    assert "Sign in first. “Make accounts and grant roles” is open to: Programme officer." in _text(
        answer
    )


def test_what_the_roles_forbid_tells_the_signed_in_who_grants_roles(client: Client) -> None:
    client.force_login(makers.user())
    answer = client.get("/forbid/")
    assert answer.status_code == 403
    assert "The programme office grants roles." in _text(answer)
    client.force_login(makers.user_with(Role.PROGRAMME_OFFICER))
    assert client.get("/forbid/").content == b"allowed"


def test_what_is_missing_or_broken_is_left_to_django(client: Client) -> None:
    client.raise_request_exception = False
    assert client.get("/miss/").status_code == 404
    answer = client.get("/fail/")
    assert answer.status_code == 500
    assert "the disk is full" not in answer.content.decode()


@pytest.mark.parametrize("address", ["/ask/?name=%00", "/ask/?name=a%00b"])
def test_text_that_the_database_cannot_hold_is_a_page_that_says_so(
    client: Client, address: str
) -> None:
    answer = client.get(address)
    assert answer.status_code == 400
    assert "This request cannot be read" in _text(answer)


class Unread(io.RawIOBase):
    """A body that counts what is taken from it."""

    taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        self.taken += len(buffer)
        buffer[:] = b"a" * len(buffer)
        return len(buffer)


def _sent(size: str, accept: str, body: io.RawIOBase) -> Any:
    environ = RequestFactory().post("/who/").environ | {
        "CONTENT_LENGTH": size,
        "CONTENT_TYPE": "multipart/form-data; boundary=b",
        "HTTP_ACCEPT": accept,
        "wsgi.input": body,
    }
    request = WSGIRequest(environ)
    request._dont_enforce_csrf_checks = True
    handler = Client().handler
    handler.load_middleware()
    return handler.get_response(request)


def test_300_mb_are_refused_before_a_byte_is_read_with_a_page_for_browsers() -> None:
    body = Unread()
    answer = _sent(str(300 * 2**20), "text/html,*/*", body)
    assert (answer.status_code, body.taken) == (413, 0)
    assert "What was sent is larger than 60 MB, so none of it was read." in _text(answer)


def test_300_mb_from_a_program_are_refused_with_a_problem_document() -> None:
    body = Unread()
    answer = _sent(str(300 * 2**20), "*/*", body)
    assert (answer.status_code, body.taken) == (413, 0)
    assert answer["Content-Type"] == "application/problem+json"
    assert json.loads(answer.content)["status"] == 413


@pytest.mark.parametrize("size", ["", "0", "many"])
def test_a_body_that_states_no_size_is_not_read_either(size: str) -> None:
    body = Unread()
    assert _sent(size, "*/*", body).status_code == 200
    assert body.taken == 0


def test_a_form_with_more_than_memory_holds_is_told_so(client: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = client.post("/read/", {"detail": "a" * 2000}, headers={"Accept": "text/html"})
    assert answer.status_code == 413
    assert "This is too large" in _text(answer)


def test_the_actor_of_a_request_is_the_account_with_its_roles_in_force(client: Client) -> None:
    user = makers.user(name="Asha")
    makers.grant(user, Role.CLUSTER_CEO, Scope(ScopeKind.CLUSTER, 5))
    makers.grant(user, Role.CLUSTER_CEO, Scope(ScopeKind.CLUSTER, 6), until_on=date(2021, 1, 1))
    assert client.get("/who/").content.decode() == "None [] True"
    client.force_login(user)
    assert client.get("/who/").content.decode() == "Asha ['cluster_ceo cluster 5'] True"


def test_a_request_is_one_line_with_the_id_that_the_answer_carries(
    client: Client, said: list[dict[str, Any]]
) -> None:
    answers = [client.get("/who/"), client.get("/who/")]
    ids = [answer["X-Request-ID"] for answer in answers]
    assert all(re.fullmatch(r"[0-9a-f]{32}", one) for one in ids)
    assert [line["request"] for line in said] == ids
    assert len(set(ids)) == 2
    first = said[0]
    assert first["milliseconds"] >= 0
    told = ("event", "method", "path", "status", "level")
    assert {key: first[key] for key in told} == {
        "event": "answered", "method": "GET", "path": "/who/", "status": 200, "level": "info",
    }  # fmt: skip


@pytest.mark.parametrize(
    "address", ["/who/?email=asha@example.org", "/miss/?token=s3cret", "/no/?q=x"]
)
def test_no_line_holds_what_was_asked_for(
    client: Client, said: list[dict[str, Any]], caplog: pytest.LogCaptureFixture, address: str
) -> None:
    client.get(address)
    everything = json.dumps(said) + caplog.text
    assert said
    assert "asha" not in everything
    assert "s3cret" not in everything
    assert "?" not in everything


def test_an_answer_that_fails_is_logged_with_its_status(
    client: Client, said: list[dict[str, Any]]
) -> None:
    client.raise_request_exception = False
    client.get("/fail/")
    assert [line["status"] for line in said] == [500]


def test_requests_are_counted_by_route_and_never_by_what_a_client_makes_up(client: Client) -> None:
    def count(route: str, method: str, status: str) -> float:
        labels = {"route": route, "method": method, "status": status}
        return REGISTRY.get_sample_value("sankul_requests_total", labels) or 0

    client.get("/roles.csv")
    client.get("/roles.json")
    assert count("roles.<slug:form>", "GET", "200") >= 2
    before = count("(none)", "other", "404")
    client.generic("BREW", "/coffee/1")
    client.generic("BREW2", "/coffee/2")
    assert count("(none)", "other", "404") == before + 2
    assert count("(none)", "BREW", "404") == 0
