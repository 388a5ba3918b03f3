"""django-ogc-sensorthings as its own documentation sets it up, with data arrays; the database's address is in PEER_URL.

Served as `ogc_sensorthings:application`; run as a script it makes its tables.
"""

import os
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.urls import include, path

_place = urlsplit(os.environ["PEER_URL"])
_told = {name: values[0] for name, values in parse_qs(_place.query).items()}
settings.configure(
    SECRET_KEY="benchmark",
    ALLOWED_HOSTS=["127.0.0.1"],
    USE_TZ=True,
    ROOT_URLCONF=__name__,
    DATA_UPLOAD_MAX_MEMORY_SIZE=50 * 2**20,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": _place.path.strip("/"),
            "USER": unquote(_place.username or ""),
            "PASSWORD": unquote(_place.password or ""),
            "HOST": _told.get("host", _place.hostname or ""),
            "PORT": _told.get("port", _place.port or ""),
            "CONN_MAX_AGE": 600,
        }
    },
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "sensorthings.versions.v1_1",
        "sensorthings.versions.v1_1.backends.django",
        "sensorthings.versions.v1_1.extensions.dataarray",
    ],
    SENSORTHINGS_V1_1_ID_TYPE=UUID,
    SENSORTHINGS_V1_1_ID_DELIMITER="'",
    SENSORTHINGS_V1_1_SERVICE_URL="http://127.0.0.1/sta",
    SENSORTHINGS_V1_1_BACKEND_ADAPTER="sensorthings.versions.v1_1.backends.django.adapter.DjangoBackendAdapter",
)
django.setup()


urlpatterns = [path("sta/", include("sensorthings.versions.v1_1.urls"))]
application = get_wsgi_application()
if __name__ == "__main__":
    call_command("migrate", verbosity=0, interactive=False)
    print("{}")
