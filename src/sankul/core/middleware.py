"""What every request passes through: its log line and measures, and who stands at the door."""

import time
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import DataError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from prometheus_client import Counter, Histogram

from sankul.core.queries.actors import actor
from sankul.core.rules.verdicts import Forbidden, Refused

log = structlog.get_logger("sankul.requests")
GetResponse = Callable[[HttpRequest], HttpResponse]
REQUESTS = Counter("sankul_requests_total", "Requests answered", ["route", "method", "status"])
SECONDS = Histogram("sankul_request_seconds", "Time to answer, in seconds", ["route"])
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class RequestLogMiddleware:
    """One JSON line a request, with an id that the answer carries too; no query string (personal data)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, then log and measure."""
        request_id = uuid.uuid4().hex
        begun = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request=request_id):
            response = self.get_response(request)
            self._tell(request, response, time.perf_counter() - begun)
        response["X-Request-ID"] = request_id
        return response

    def _tell(self, request: HttpRequest, response: HttpResponse, seconds: float) -> None:
        match = request.resolver_match
        route = match.route if match else "(none)"
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(route, method, response.status_code).inc()
        SECONDS.labels(route).observe(seconds)
        log.info(
            "answered",
            method=method,
            path=request.path,
            status=response.status_code,
            milliseconds=round(seconds * 1000, 1),
        )


class SizeMiddleware:
    """Refuses a request that says it is larger than ``REQUEST_MAX_BYTES``, before a byte of its body is read.

    It stands before everything that reads forms. A body whose length is not stated is none (PEP 3333 gives it no end).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or 413."""
        stated = request.META.get("CONTENT_LENGTH") or "0"
        if not stated.isdecimal() or int(stated) <= settings.REQUEST_MAX_BYTES:
            return self.get_response(request)
        return too_large(request)


def too_large(request: HttpRequest) -> HttpResponse:
    """413, as a page for browsers and as a problem document (RFC 9457) for programs."""
    megabytes = settings.REQUEST_MAX_BYTES // 2**20
    reason = _(
        "What was sent is larger than %d MB, so none of it was read. Send the files one by one, or smaller."
    ) % (megabytes)
    if "text/html" in request.headers.get("Accept", ""):
        return render(request, "413.html", {"reason": reason}, status=413)
    body = {"type": "about:blank", "title": "Too large", "status": 413, "detail": reason}
    return JsonResponse(body, status=413, content_type="application/problem+json")


class ActorMiddleware:
    """Sets ``request.actor`` and ``request.at``, and turns a refusal that no view caught into an answer.

    The actor is the account with its roles in force now, looked up on first use.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the actor at hand."""
        at = timezone.now()
        request.at = at  # type: ignore[attr-defined]
        request.actor = SimpleLazyObject(lambda: actor(request.user, at))  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """403 for what the roles do not allow, 409 for what a rule refuses, each with its reason.

        413 for a form too large to hold in memory; 400 where the database cannot hold what was sent: text with NUL, a number
        or a date beyond its range.
        """
        if isinstance(error, RequestDataTooBig):
            return too_large(request)
        if isinstance(error, DataError):
            log.warning("unreadable", path=request.path, error=type(error.__cause__).__name__)
            return render(request, "400.html", status=400)
        if not isinstance(error, Refused):
            return None
        status = 403 if isinstance(error, Forbidden) else 409
        return render(request, f"{status}.html", {"reason": error.reason}, status=status)
