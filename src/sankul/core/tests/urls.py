"""Doors for the tests of what every door passes through."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import path

from sankul.core.doors import Request
from sankul.core.exports import Dataset, Field, Type, download
from sankul.core.models import Grant, User
from sankul.core.pages import work
from sankul.core.rules.roles import PLATFORM, Actor, require
from sankul.core.rules.verdicts import Refused

ROLES = Dataset(
    "roles",
    "Roles",
    "Who holds which role.",
    (
        Field("id", Type.WHOLE, "number"),
        Field("holder", Type.TEXT, "who holds it", "user__name"),
        Field("role", Type.TEXT, "role"),
        Field("scope", Type.DECIMAL, "number of the scope", "scope_id"),
        Field("active", Type.TRUTH, "may sign in", "user__is_active"),
        Field("from_on", Type.DATE, "first day"),
        Field("until_on", Type.DATE, "last day; empty: open"),
    ),
    lambda actor: Grant.objects.filter(user__in=_seen(actor)).order_by("pk"),
)


def _seen(actor: Actor) -> Any:
    return User.objects.filter(is_active=True) if actor.user is None else User.objects.all()


def _refuse(request: HttpRequest) -> HttpResponse:
    raise Refused("The period is <closed>.")


def _forbid(request: Request) -> HttpResponse:
    from sankul.core.actions.accounts import MANAGE_ACCOUNTS  # noqa: PLC0415

    require(request.actor, MANAGE_ACCOUNTS, PLATFORM)
    return HttpResponse("allowed")


def _miss(request: HttpRequest) -> HttpResponse:
    raise Http404


def _fail(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("the disk is full")


def _ask(request: HttpRequest) -> HttpResponse:
    return HttpResponse(User.objects.filter(name=request.GET.get("name", "")).count())


def _who(request: Request) -> HttpResponse:
    held = sorted(f"{held.role} {held.scope.kind} {held.scope.id}" for held in request.actor.held)
    return HttpResponse(f"{request.actor.user} {held} {request.at == request.actor.at}")


def _read(request: Request) -> HttpResponse:
    return HttpResponse(len(request.POST))


def _roles(request: Request, form: str) -> HttpResponseBase:
    return download(ROLES, request.actor, form)


urlpatterns = [
    path("refuse/", _refuse),
    path("forbid/", _forbid),
    path("miss/", _miss),
    path("fail/", _fail),
    path("ask/", _ask),
    path("who/", _who),
    path("read/", _read),
    path("roles.<slug:form>", _roles),
    path("work/<int:number>/", work.work, name="work"),
]
