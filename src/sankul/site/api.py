"""The JSON API: the areas' routers under one address, with refusals as problem documents (RFC 9457)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError

import sankul
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.evaluation.api import router as evaluation
from sankul.programme.indicators.api import router as indicators
from sankul.programme.outcomes.api import router as outcomes
from sankul.programme.registry.api import router as registry

api = NinjaAPI(
    title="Sankul",
    version=sankul.__version__,
    description="Records, frameworks and evaluations of science and technology clusters. "
    "What the public may see needs no account. Refusals are problem documents (RFC 9457).",
    docs_url="/docs",
    openapi_url="/openapi.json",
    urls_namespace="api",
)
for router in (registry, outcomes, indicators, evaluation):
    api.add_router("", router)


def problem(status: int, title: str, detail: str, **more: Any) -> JsonResponse:
    """A problem document (RFC 9457): what went wrong, in words that help."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail} | more
    return JsonResponse(body, status=status, content_type="application/problem+json")


@api.exception_handler(Refused)
def refused(request: HttpRequest, error: Refused) -> HttpResponse:
    """403 where roles do not allow it, 409 where a rule refuses."""
    status, title = (403, "Forbidden") if isinstance(error, Forbidden) else (409, "Refused")
    return problem(status, title, error.reason)


@api.exception_handler(Http404)
def missing(request: HttpRequest, error: Http404) -> HttpResponse:
    """404: there is no such thing, or none that one may see."""
    return problem(404, "Not found", "There is no such thing here, or none that you may see.")


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """422: what was sent does not have the form that is expected, place by place."""
    places = [
        {"place": ".".join(map(str, item["loc"])), "expected": item["msg"]} for item in error.errors
    ]
    return problem(422, "Not in the expected form", "See the places.", places=places)


@api.exception_handler(AuthenticationError)
def unauthenticated(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """401: sign in first."""
    return problem(401, "Not signed in", "Sign in first.")
