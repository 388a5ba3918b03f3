"""The registry's addresses alone, with the profile page that the site puts together."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path
from django.utils.safestring import mark_safe
from ninja import NinjaAPI

from sankul.programme.registry import pages
from sankul.programme.registry.api import router

api = NinjaAPI(urls_namespace="registry-tests")
api.add_router("", router)


def profile(request: Any, programme: str, slug: str) -> HttpResponse:
    """The profile, with its evaluation when ``?standing`` asks for one."""
    context = pages.cluster_context(request.actor, programme, slug)
    if "standing" in request.GET:
        context["standing"] = mark_safe("<section><h2>Evaluation</h2></section>")
    return render(request, "registry/cluster.html", context)


def document(request: HttpRequest, sha256: str) -> HttpResponse:
    """Any document."""
    return HttpResponse(sha256)


urlpatterns = [
    path("", include("sankul.programme.registry.urls")),
    path("clusters/<slug:programme>/<slug:slug>/", profile, name="cluster"),
    path("documents/<str:sha256>/", document, name="document"),
    path("api/", api.urls),
]
