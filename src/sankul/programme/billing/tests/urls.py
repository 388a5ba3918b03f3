"""The area's addresses alone, with plain answers where other areas' pages would be."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from ninja import NinjaAPI

from sankul.core.pages.documents import document
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.billing.api import router

api = NinjaAPI(urls_namespace="billing-tests")
api.add_router("", router)


@api.exception_handler(Refused)
def refused(request: HttpRequest, error: Refused) -> HttpResponse:
    """The reason."""
    status = 403 if isinstance(error, Forbidden) else 409
    return HttpResponse(error.reason, status=status)


def elsewhere(request: HttpRequest, **named: str) -> HttpResponse:
    """A page of another area."""
    return HttpResponse("")


urlpatterns = [
    path("", include("sankul.programme.billing.urls")),
    path("organisations/<slug:slug>/", elsewhere, name="organisation"),
    path("api/", api.urls),
    path("documents/<str:sha256>/", document, name="document"),
]
