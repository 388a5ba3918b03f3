"""The one view of the service: HTTP to what is asked, what is answered to HTTP."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.views.decorators.csrf import csrf_exempt

from sankul.core.rules.tokens import why_not_change
from sankul.field.streams.rules.odata import Unreadable

from . import batches, multipart
from .access import Caller, caller
from .answers import Answer, Asked, load, problem
from .dispatch import READS, answer, not_allowed, too_deep

METHODS = "GET, HEAD, POST, PATCH, PUT, DELETE, OPTIONS"


@csrf_exempt  # a session alone does not write here
def service(request: HttpRequest, rest: str = "") -> HttpResponse:
    """The SensorThings API: everything below /sta/v1.1."""
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers={"Allow": METHODS})
    who = caller(request)
    answered = _refused(request, who) or _answered(request, rest.strip("/"), who)
    response = HttpResponse(answered.content, status=answered.status, headers=answered.headers)
    if answered.body is not None:
        response["Content-Type"] = answered.kind
    else:
        del response["Content-Type"]
    return response


def _refused(request: HttpRequest, who: Caller) -> Answer | None:
    """401 for a token that is not valid and for writing without one, 403 for writing with one that only reads."""
    if who.why_not:
        return problem(401, "Not signed in", who.why_not)
    if request.method in READS:
        return None
    if who.sender is None:
        return problem(401, "Not signed in", _t("Show a token (Authorization: Bearer …) to write."))
    verdict = why_not_change(reads_only=who.actor.reads_only)
    return None if verdict else problem(403, "Forbidden", verdict.reason)


def _answered(request: HttpRequest, rest: str, who: Caller) -> Answer:
    has_body = request.method in ("POST", "PATCH", "PUT")
    is_mixed = (request.content_type or "").startswith("multipart/")
    try:
        body = load(request.body) if has_body and not is_mixed else None
        asked = _asked(request, rest, who, body)
        if rest != "$batch":
            return answer(asked)
        if request.method != "POST":
            return not_allowed("POST")
        goes_on = "continue-on-error" in request.headers.get("Prefer", "")
        if not is_mixed:
            return batches.batch(asked, goes_on=goes_on)
        kind = request.headers["Content-Type"]
        content, told = multipart.batch(request.body, kind, asked, goes_on=goes_on)
        return Answer(200, content, told)
    except RequestDataTooBig:
        told = _t("The body is larger than %d MB: send what it holds in several requests.")
        return problem(413, "Too large", told % (settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 2**20))
    except RecursionError:
        return too_deep()
    except Unreadable as error:
        return problem(400, "Not readable", str(error), place=error.place, expected=error.expected)


def _asked(request: HttpRequest, rest: str, who: Caller, body: Any) -> Asked:
    return Asked(
        method=str(request.method),
        path=rest,
        query=request.META.get("QUERY_STRING", ""),
        body=body,
        actor=who.actor,
        sender=who.sender,
        at=request.at,  # type: ignore[attr-defined]
        root=request.build_absolute_uri(reverse("streams:sta")),
        is_patch="json-patch" in (request.content_type or ""),
    )
