"""The area's addresses alone, with plain answers where other areas' pages would be."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from ninja import NinjaAPI

from sankul.core.pages.documents import document
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.evidence.api import router

api = NinjaAPI(urls_namespace="evidence-tests")
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
    path("", include("sankul.programme.evidence.urls")),
    path("claims/<int:number>/", elsewhere, name="claim"),
    path("clusters/<slug:programme>/<slug:slug>/", elsewhere, name="cluster"),
    path("documents/<str:sha256>/", document, name="document"),
    path("work/<int:number>/", elsewhere, name="work"),
    path("accounts/login/", elsewhere, name="account_login"),
    path("api/", api.urls),
]
