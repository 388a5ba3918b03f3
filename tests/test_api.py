"""The JSON API against its own description: as the public and as an officer, no fault and no surprise."""

import io
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from enum import Enum
from functools import cache
from http.cookies import SimpleCookie
from typing import Any, get_args

import pytest
import schemathesis
from django.contrib.auth import SESSION_KEY
from django.core import signals
from django.core.serializers.json import DjangoJSONEncoder
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connection, transaction
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory
from django.utils import timezone
from hypothesis import HealthCheck, settings
from ninja import Schema
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.openapi import from_dict
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from sankul.core.models import User
from sankul.core.queries.actors import actor as actor_of
from sankul.programme.billing.models import Dispute
from sankul.programme.evaluation.models import Run
from sankul.programme.evaluation.rules import RunStatus
from sankul.programme.evidence.models import Check
from sankul.programme.evidence.rules import VerificationStage
from sankul.programme.outcomes.actions import imports
from sankul.programme.registry.models import Cluster
from sankul.site.api import api
from sankul.site.seeds import demonstration

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded", "one_connection")]

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
FEW = settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def one_connection() -> Iterator[None]:
    """Requests through WSGI keep to the connection of the test, whose transaction is rolled back."""
    signals.request_started.disconnect(close_old_connections)
    signals.request_finished.disconnect(close_old_connections)
    yield
    signals.request_started.connect(close_old_connections)
    signals.request_finished.connect(close_old_connections)


handler = cache(get_wsgi_application)


def application(environ: dict[str, Any], start_response: Any) -> Any:
    """The site, made ready when it is first asked: what it serves from a test's folders is not there before."""
    return handler()(environ, start_response)


WIDE = [("POST", "/api/claims"), ("PUT", "/api/claims/{number}")]
"""Operations that take thirty kinds of claims, each with facts of its own: every bound of every fact would be thousands of
requests. ``rules.facts`` meets each bound without a site; here these are met by chance alone.
"""
by_chance = SchemathesisConfig.from_dict(
    {
        "operations": [
            {
                "include-method": method,
                "include-path": path,
                "phases": {"coverage": {"enabled": False}},
            }
            for method, path in WIDE
        ]
    }
)
described = json.loads(json.dumps(api.get_openapi_schema(), cls=DjangoJSONEncoder))
operations = from_dict(described, config=by_chance)
operations.app, operations.location = application, "/api/openapi.json"


@pytest.fixture
def officer() -> dict[str, str]:
    return _signed_in("officer")


@pytest.fixture
def chief() -> dict[str, str]:
    return _signed_in("ceo.udayani")


def _sent(who: dict[str, str]) -> dict[str, dict[str, str]]:
    """The headers as a call takes them: in one with a jar of cookies, a header of cookies would be lost."""
    cookies = SimpleCookie(who.get("Cookie", ""))
    return {
        "headers": {name: value for name, value in who.items() if name != "Cookie"},
        "cookies": {name: one.value for name, one in cookies.items()},
    }


def _meet(case: schemathesis.Case, who: dict[str, str] | None = None) -> None:
    """One request, and nothing left of it: in real life each has the database to itself."""
    with transaction.atomic():
        case.call_and_validate(checks=CHECKS, **_sent(who or {}))
        transaction.set_rollback(True)


@operations.parametrize()
@FEW
def test_the_public_meets_what_the_description_says(case: schemathesis.Case) -> None:
    _meet(case)


@operations.parametrize()
@FEW
def test_an_officer_meets_what_the_description_says(
    case: schemathesis.Case, officer: dict[str, str]
) -> None:
    _meet(case, officer)


@operations.include(method="POST").parametrize()
@FEW
def test_a_chief_writes_as_the_description_says(
    case: schemathesis.Case, chief: dict[str, str]
) -> None:
    _meet(case, chief)


def test_every_read_of_what_is_there_answers_as_described() -> None:
    known, unlisted = _known(), _unlisted()
    reads = [path for path, one in operations.items() if "get" in set(one)]
    for path in reads:
        collection = path.partition("/{")[0]
        who = _signed_in(READERS.get(collection, "officer"))
        item = unlisted[collection] if collection in unlisted else _first(collection, who)
        fill = {name: known.get(name, item.get(name)) for name in re.findall(r"{(\w+)}", path)}
        if "number" in fill:
            fill["number"] = item.get("id")
        if "slug" in fill:
            fill["slug"] = item["slug"]
        case = operations[path]["GET"].Case(path_parameters=fill)
        answer = case.call_and_validate(checks=CHECKS, **_sent(who))
        assert answer.status_code == 200, (path, fill)
    assert len(reads) > 37


LAB = "hemakuti-institute-of-science"
"""Whose lab manager the demonstration's is."""
READERS = {
    "/api/checks": "verifier.indu",
    "/api/imports": "staff.udayani",
    "/api/bookings": "lab",
    "/api/invoices": "lab",
    "/api/requests": "lab",
    "/api/charges": "lab",
    "/api/billing": "lab",
    "/api/disputes": "lab",
}
"""Who sees what an officer does not: a verifier's looks, tables that somebody sent, what a lab keeps and bills."""


def _known() -> dict[str, Any]:
    """A path's parts that no list of its own tells, and one table of claims."""
    run = Run.objects.select_related("framework", "period").get(
        programme__slug="demonstration", period__label="2025-26", status=RunStatus.PUBLISHED
    )
    value = run.values.filter(cluster__slug="udayani", records__gt=0).first()
    assert value
    return {
        "programme": "demonstration",
        "period": "2025-26",
        "cluster": "udayani",
        "indicator": value.indicator,
    }


def _unlisted() -> dict[str, dict[str, Any]]:
    """A record of what no list of the same address tells: tables, looks when all are done, accounts, disputes."""
    staff = User.objects.get(email__startswith="staff.udayani@")
    sent = imports.receive(
        actor=actor_of(staff, timezone.now()), cluster=Cluster.objects.get(slug="udayani"),
        kind="outreach_item", file=io.BytesIO(b"reference\n"), name="a.csv", at=timezone.now(),
    )  # fmt: skip
    dispute = Dispute.objects.filter(invoice__host__slug=LAB).select_related("invoice__payer")[0]
    return {
        "/api/imports": {"id": sent.pk},
        "/api/checks": {"id": _open_again(User.objects.get(email__startswith="verifier.indu@"))},
        "/api/disputes": {"id": dispute.pk},
        "/api/billing": {
            "organisation": LAB, "month": "2026-04", "payer": dispute.invoice.payer.slug,
        },
        "/api/billing/clusters": {"year": 2026},
        "/api/billing/law": {},
    }  # fmt: skip


def _open_again(verifier: User) -> int:
    """A look of somebody at a claim, in a verification that is taken up again."""
    look = Check.objects.filter(verifier=verifier).select_related("sampled__verification")[0]
    verification = look.sampled.verification
    verification.stage = VerificationStage.VERIFYING
    verification.save(update_fields=["stage"])
    return look.pk


def _first(collection: str, who: dict[str, str]) -> dict[str, Any]:
    """The first of the demonstration's records in a list."""
    case = operations[collection]["GET"].Case(query={"limit": 100})
    found = case.call(**_sent(who)).json()
    items = found["items"] if isinstance(found, dict) else found
    found = [one for one in items if one.get("programme", "demonstration") == "demonstration"]
    assert found, collection
    return dict(found[0])


def _signed_in(who: str) -> dict[str, str]:
    """Headers of a browser in which somebody of the demonstration signed in."""
    client = Client()
    client.force_login(User.objects.get(email__startswith=f"{who}@"))
    request = RequestFactory().get("/")
    token = get_token(request)
    secret = request.META["CSRF_COOKIE"]
    session = client.cookies["sessionid"].value
    return {"Cookie": f"sessionid={session}; csrftoken={secret}", "X-CSRFToken": token}


def test_a_signed_in_browser_is_known_to_the_api() -> None:
    case = operations["/api/claims"]["GET"].Case(query={"status": "draft", "limit": 5})
    assert case.call(**_sent(_signed_in("officer"))).json()["items"]
    assert case.call().json()["items"] == []
    client = Client(headers=_signed_in("officer"))
    assert SESSION_KEY not in client.session
    drafts = client.get("/api/claims?status=draft&limit=5").json()["items"]
    assert {one["status"] for one in drafts} == {"draft"}
    assert Client().get("/api/claims?status=draft").json()["items"] == []


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/claims/0", 404),
        ("/api/claims/first", 422),
        ("/api/claims?limit=0", 422),
        ("/api/claims?limit=1001", 422),
        ("/api/claims?from_on=2026-02-31", 422),
        ("/api/claims?kind=%00", 422),
        ("/api/clusters?q=%00", 400),
        ("/api/programmes/a%00b", 400),
        ("/api/evaluations/demonstration/1999-00", 404),
        ("/api/evaluations/demonstration/2025-26/udayani/nothing", 404),
        ("/api/evaluations/demonstration/2025-26/udayani/nothing?limit=1001", 422),
        ("/api/frameworks/demonstration/nothing/1/indicators", 404),
        ("/api/organisations?offset=99999999999999999999", 400),
    ],
)
def test_a_refusal_is_a_problem_document(client: Client, address: str, status: int) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert (told["status"], told["type"]) == (status, "about:blank")
    assert told["title"]
    assert told["detail"]
    if status == 422:
        assert all(place["place"] and place["expected"] for place in told["places"])


def test_writing_needs_an_account_and_the_token_of_ones_own_page() -> None:
    answer = Client().post("/api/claims", {}, content_type="application/json")
    assert (answer.status_code, answer.json()["title"]) == (401, "Not signed in")
    headers = _signed_in("ceo.udayani")
    del headers["X-CSRFToken"]
    strict = Client(enforce_csrf_checks=True, headers=headers)
    answer = strict.post("/api/claims", {}, content_type="application/json")
    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"


def test_every_operation_is_described_with_its_title_and_its_refusals(client: Client) -> None:
    described = client.get("/api/openapi.json").json()
    assert described["openapi"].startswith("3.")
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (path, method)
            assert operation["description"], (path, method)
            assert "4XX" in operation["responses"], (path, method)


def test_the_pages_about_the_api_come_from_this_site_alone(client: Client) -> None:
    answer = client.get("/api/docs")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "//" not in re.sub(r"https?://127\.0\.0\.1\S*", "", page).replace("</", "")
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", page, re.DOTALL)
    assert scripts
    for attributes, body in scripts:
        if "src=" in attributes:
            assert re.search(r'src="/static/', attributes)
            assert not body.strip()
        else:
            assert 'type="application/json"' in attributes
            assert json.loads(body)["validatorUrl"] is None
    assert " style=" not in page
    assert "<style" not in page
    assert not re.search(r"\son\w+=", page)
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]


def test_the_demonstration_says_so_in_every_answer_about_it(client: Client) -> None:
    run = client.get(f"/api/evaluations/{demonstration.SLUG}/2025-26").json()["run"]
    assert run["is_demonstration"] is True
    assert connection.settings_dict["NAME"].endswith("_seeded")


def test_no_two_schemas_share_a_name() -> None:
    """Of two, the description would hold the last for both."""
    names: dict[str, set[str]] = defaultdict(set)
    waiting: list[Any] = list(Schema.__subclasses__())
    met: set[Any] = set()
    while waiting:
        one = waiting.pop()
        if one in met:
            continue
        met.add(one)
        if get_args(one):
            waiting += get_args(one)
        elif isinstance(one, type) and issubclass(one, Schema | Enum):
            waiting += one.__subclasses__()
            if issubclass(one, Schema):
                waiting += [field.annotation for field in one.model_fields.values()]
            if one.__module__.startswith("sankul"):
                names[one.__name__].add(one.__module__)
    assert "VerificationStage" in names
    assert {name: where for name, where in names.items() if len(where) > 1} == {}
