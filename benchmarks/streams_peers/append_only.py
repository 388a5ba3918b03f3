"""A view that appends what is sent to a table and does nothing else: no rights, no flags, nothing known of what is there.

Served as `append_only:application`; run as a script it makes its table. What a door could do at most on this server.
"""

import os
from typing import Any

import dj_database_url
import django
import orjson
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

settings.configure(
    SECRET_KEY="benchmark",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DATA_UPLOAD_MAX_MEMORY_SIZE=50 * 2**20,
    DATABASES={"default": dj_database_url.parse(os.environ["PEER_URL"], conn_max_age=600)},
)
django.setup()
TABLE = "CREATE TABLE IF NOT EXISTS appended (stream integer, time timestamptz, value float8)"


def one(request: HttpRequest) -> HttpResponse:
    """An observation."""
    sent: dict[str, Any] = orjson.loads(request.body)
    row = [sent["Datastream"]["@iot.id"], sent["phenomenonTime"], sent["result"]]
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO appended VALUES (%s, %s, %s)", row)
    return HttpResponse(status=201)


def many(request: HttpRequest) -> HttpResponse:
    """A data array."""
    with connection.cursor() as cursor, cursor.copy("COPY appended FROM STDIN") as copied:
        for part in orjson.loads(request.body):
            number = part["Datastream"]["@iot.id"]
            lines = [f"{number}\t{time}\t{value}\n" for time, value in part["dataArray"]]
            copied.write("".join(lines))
    return HttpResponse(status=201)


urlpatterns = [path("sta/v1.1/Observations", one), path("sta/v1.1/CreateObservations", many)]
application = get_wsgi_application()
if __name__ == "__main__":
    with connection.cursor() as made:
        made.execute(TABLE)
    print("{}")
