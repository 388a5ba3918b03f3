"""The least that Django can do: one view that returns as many bytes as asked, with no middleware, template or query.

Served by the site's own gunicorn settings (``gunicorn -c python:sankul.site.gunicorn benchmarks.bare``), it shows what a page
would cost if the site did nothing at all.
"""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

settings.configure(ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF=__name__, SECRET_KEY="bare")


def page(_request: HttpRequest, size: int) -> HttpResponse:
    """``size`` bytes."""
    return HttpResponse(b"x" * size, content_type="text/html")


urlpatterns = [path("<int:size>", page)]
application = get_wsgi_application()
