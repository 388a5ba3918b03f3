"""Whether the site works, for those who watch it."""

import hmac
import os

from django.conf import settings
from django.db import connection
from django.db.utils import Error
from django.http import Http404, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

import sankul
from sankul.core.doors import Request
from sankul.core.rules.roles import PLATFORM, Permission, Role, verdict

SEE_METRICS = Permission(
    "site.see_metrics", "See the site's metrics", frozenset({Role.PROGRAMME_OFFICER})
)


@require_safe
def healthz(request: Request) -> JsonResponse:
    """200 with the version when the database answers, 503 otherwise."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return JsonResponse({"status": "database does not answer"}, status=503)
    return JsonResponse({"status": "ok", "version": sankul.__version__})


@require_safe
def metrics(request: Request) -> HttpResponse:
    """Prometheus metrics, for the bearer of ``SANKUL_METRICS_TOKEN`` or a platform officer; 404 to others."""
    if not _has_token(request) and not verdict(request.actor, SEE_METRICS, PLATFORM):
        raise Http404
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _has_token(request: Request) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    wanted = settings.METRICS_TOKEN
    return bool(wanted) and hmac.compare_digest(given.encode(), wanted.encode())
