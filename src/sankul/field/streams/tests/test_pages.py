"""Pages: a table is sent and told about, what was refused is found and mended."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sankul.core.rules.roles import Role
from sankul.field.streams.actions.ingest import ingest
from sankul.field.streams.models import Datastream, DeadLetter, Observation
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import DoorName
from sankul.field.streams.rules.batches import Batch
from sankul.programme.registry.tests import makers as registry

from . import makers
from .makers import NOON

pytestmark = pytest.mark.django_db


def operator(stream: Datastream) -> Client:
    client = Client()
    client.force_login(registry.user_with(Role.OPERATOR, stream.thing.scopes[0]))
    return client


def refused(stream: Datastream, times: int = 1) -> None:
    for value in range(times + 1):
        batch = Batch.of((stream.pk, NOON, float(value)))
        ingest(batch=batch, sender=Sender(DoorName.COMMAND), at=registry.AT)


def test_a_table_is_sent_and_told_about() -> None:
    stream = makers.stream()
    table = f"stream,time,value\n{stream.pk},2026-11-20 12:00,4.5\n{stream.pk},soon,1\n"
    file = SimpleUploadedFile("table.csv", table.encode())
    answer = operator(stream).post("/streams/upload/", {"file": file, "zone": "Asia/Kolkata"})
    assert answer.status_code == 200
    assert Observation.objects.get().time == NOON
    assert "line 3, column 3" in answer.content.decode()


def test_a_file_that_is_no_table_is_refused_at_the_field() -> None:
    file = SimpleUploadedFile("table.csv", b"stream,when\n1,2\n")
    answer = operator(makers.stream()).post("/streams/upload/", {"file": file, "zone": "UTC"})
    assert answer.status_code == 422
    assert "no column “time”" in answer.content.decode()


def test_what_was_refused_is_listed_and_mended() -> None:
    stream = makers.stream()
    refused(stream)
    client, found = operator(stream), DeadLetter.objects.get()
    assert "another result" in client.get("/streams/refused/").content.decode()
    page = f"/streams/refused/{found.pk}/"
    assert client.post(page, {"do": "replay"}).status_code == 422
    answer = client.post(
        page, {"do": "replay", "time": "2026-11-20 12:05", "note": "A minute lost."}
    )
    assert answer.status_code == 302
    assert Observation.objects.count() == 2
    assert "A minute lost." in client.get(page).content.decode()
    assert "another result" not in client.get("/streams/refused/").content.decode()


def test_putting_away_asks_why() -> None:
    stream = makers.stream()
    refused(stream)
    client, page = operator(stream), f"/streams/refused/{DeadLetter.objects.get().pk}/"
    assert client.post(page, {"do": "put_away"}).status_code == 422
    assert client.post(page, {"do": "put_away", "note": "A test."}).status_code == 302


def test_others_do_not_see_what_was_refused_here() -> None:
    stream = makers.stream()
    refused(stream)
    client = operator(makers.stream())
    assert client.get(f"/streams/refused/{DeadLetter.objects.get().pk}/").status_code == 404
    assert Client().get("/streams/refused/").status_code in (302, 403)


def test_the_list_asks_as_often_for_three_rows_as_for_one(
    django_assert_max_num_queries,  # type: ignore[no-untyped-def]
) -> None:
    stream = makers.stream()
    client = operator(stream)
    refused(stream)
    with django_assert_max_num_queries(10) as one:
        client.get("/streams/refused/")
    refused(stream, 3)
    with django_assert_max_num_queries(len(one)):
        client.get("/streams/refused/")
