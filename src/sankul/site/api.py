"""The JSON API: the areas' routers under one address, with refusals as problem documents (RFC 9457)."""

from __future__ import annotations

from typing import Any

from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI, Swagger
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema

import sankul
from sankul.core.api import READING
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.field.alerts.api import router as alerts
from sankul.field.streams.api import router as streams
from sankul.field.water.api import router as water
from sankul.programme.billing.api import router as billing
from sankul.programme.bookings.api import router as bookings
from sankul.programme.evaluation.api import router as evaluation
from sankul.programme.evidence.api import router as evidence
from sankul.programme.facilities.api import router as facilities
from sankul.programme.feedback.api import router as feedback
from sankul.programme.indicators.api import router as indicators
from sankul.programme.outcomes.api import router as outcomes
from sankul.programme.panel.api import router as panel
from sankul.programme.portfolio.api import router as portfolio
from sankul.programme.registry.api import router as registry

PROBLEM = {
    "description": "A refusal, as a problem document (RFC 9457)",
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "detail"],
                "properties": {
                    "type": {"type": "string"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                    "places": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["place", "expected"],
                            "properties": {
                                "place": {"type": "string"},
                                "expected": {"type": "string"},
                            },
                        },
                    },
                },
            }
        }
    },
}


class Api(NinjaAPI):
    """The API whose description says of every operation how it refuses."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """The OpenAPI document."""
        schema = super().get_openapi_schema(**options)
        for operations in schema["paths"].values():
            for method, operation in operations.items():
                operation["responses"]["4XX"] = PROBLEM
                if method == "get":
                    operation["security"].append({})  # or the public, without a token
        return schema


api = Api(
    title="Sankul",
    version=sankul.__version__,
    description="Records, frameworks and evaluations of science and technology clusters. "
    "What the public may see needs no account. A program shows a token of its owner's "
    "(Authorization: Bearer sankul_…) and has its owner's roles. "
    "Refusals are problem documents (RFC 9457).",
    auth=READING,
    docs_url="/docs",
    docs=Swagger(settings={"validatorUrl": None}),  # or it would ask a server elsewhere
    openapi_url="/openapi.json",
    urls_namespace="api",
)
for router in (
    registry,
    portfolio,
    outcomes,
    facilities,
    bookings,
    billing,
    indicators,
    evidence,
    feedback,
    panel,
    evaluation,
    streams,
    alerts,
    water,
):
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


@api.exception_handler(DataError)
def unreadable(request: HttpRequest, error: DataError) -> HttpResponse:
    """400: the database cannot hold what was sent."""
    detail = (
        "What was sent cannot be stored or looked for: NUL in a text, or a number out of range."
    )
    return problem(400, "Not readable", detail)


@api.exception_handler(HttpError)
def failed(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Everything else that the framework refuses: a missing CSRF token, a body that is no JSON."""
    return problem(error.status_code, "Refused", error.message)


@api.exception_handler(AuthenticationError)
def unauthenticated(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """401: sign in first, or why the token that was shown is not valid."""
    told = "Sign in first, or show a token." if error.message == "Unauthorized" else error.message
    answer = problem(401, "Not signed in", told)
    answer["WWW-Authenticate"] = "Bearer"
    return answer
