"""The addresses of the site."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from sankul.core.pages import documents, gallery, work
from sankul.site import health
from sankul.site.api import api
from sankul.site.portal import dashboard, datasets, pages, tokens

urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.home, name="home"),
    path(
        "", include("sankul.field.streams.urls")
    ),  # first: what devices send is most of what is asked
    path("api/", api.urls),
    path("method/", pages.method, name="method"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("data/", datasets.index, name="data"),
    path("data/<slug:slug>.<slug:form>", datasets.file, name="dataset"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("account/tokens/", tokens.tokens, name="tokens"),
    path("account/tokens/<int:number>/revoke/", tokens.token_revoke, name="token-revoke"),
    path("documents/<str:sha256>/", documents.document, name="document"),
    path("work/<int:number>/", work.work, name="work"),
    path("clusters/<slug:programme>/<slug:slug>/", pages.cluster, name="cluster"),
    path("", include("sankul.programme.registry.urls")),
    path("", include("sankul.programme.portfolio.urls")),
    path("", include("sankul.programme.outcomes.urls")),
    path("", include("sankul.programme.facilities.urls")),
    path("", include("sankul.programme.bookings.urls")),
    path("", include("sankul.programme.billing.urls")),
    path("", include("sankul.programme.indicators.urls")),
    path("", include("sankul.programme.evidence.urls")),
    path("", include("sankul.programme.feedback.urls")),
    path("", include("sankul.programme.panel.urls")),
    path("", include("sankul.programme.evaluation.urls")),
    path("", include("sankul.programme.reports.urls")),
    path("", include("sankul.field.alerts.urls")),
    path("", include("sankul.field.water.urls")),
    path("api", RedirectView.as_view(pattern_name="api:openapi-view"), name="api-docs"),
    path("ui/", gallery.gallery, name="gallery"),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("favicon.ico", RedirectView.as_view(url=f"{settings.STATIC_URL}core/mark.svg")),
    path("healthz", health.healthz, name="healthz"),
    path("metrics", health.metrics, name="metrics"),
]
