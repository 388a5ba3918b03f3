"""Observations to take away: what is in the files, in which version, over the seam, and what is not made twice."""

import csv
import io
import json
import tracemalloc
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from pyarrow import parquet

from sankul.field.streams.actions import archive
from sankul.field.streams.actions import export as writing
from sankul.field.streams.actions.ingest import ingest
from sankul.field.streams.models import Datastream, Observation, Revision, Version
from sankul.field.streams.queries import export
from sankul.field.streams.queries.export import Asked
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import DoorName, Flag, VersionKind
from sankul.field.streams.rules.batches import Batch
from sankul.field.streams.rules.dictionary import NAMES
from sankul.field.streams.rules.numbers import observation_ids
from sankul.programme.registry.tests import makers as registry

from . import makers
from .makers import NOON

pytestmark = pytest.mark.django_db
DAYS = "from=2026-11-20&to=2026-11-20"


def said(stream: Datastream, *values: float, at: datetime = NOON, every_s: int = 900) -> None:
    rows = [
        (stream.pk, at + timedelta(seconds=every_s * n), value) for n, value in enumerate(values)
    ]
    ingest(batch=Batch.of(*rows), sender=Sender(DoorName.COMMAND), at=registry.AT)


def corrected(stream: Datastream, at: datetime, was: float, becomes: float) -> None:
    """Another value for an observation, as a correction writes it."""
    revision = Revision.objects.create(
        stream=stream, kind=VersionKind.VALUE, reason="Bubble.", made_at=NOON
    )
    rows = Observation.objects.filter(stream=stream, time=at)
    number = rows.get().pk
    for n, value in enumerate((was, becomes)):
        Version.objects.create(
            stream_id=stream.pk, time=at, number=n, observation_id=number, value=value,
            flag=Flag.GOOD, revision=revision if n else None,
        )  # fmt: skip
    rows.update(value=becomes)


def lines(address: str) -> list[dict[str, str]]:
    answer = Client().get(address)
    assert answer.status_code == 200, answer.content
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


def test_a_file_has_every_observation_with_unit_flag_and_time_in_utc() -> None:
    stream = makers.stream(name="=Turbidity")
    makers.gross_range(stream, 0, 5)
    said(stream, 1.5, 7.25)
    found = lines(f"/field/streams/{stream.pk}/observations.csv?{DAYS}")
    assert list(found[0]) == NAMES
    assert [(row["time"], row["value"], row["flag"]) for row in found] == [
        ("2026-11-20T06:30:00Z", "1.5", "1"),
        ("2026-11-20T06:45:00Z", "7.25", "4"),
    ]
    assert found[0]["stream"] == "'=Turbidity"
    assert (found[0]["unit"], found[0]["is_corrected"]) == ("NTU", "false")


def test_days_are_days_in_india() -> None:
    stream = makers.stream()
    said(stream, 1.0, 2.0, at=datetime(2026, 11, 19, 18, 29, 59, tzinfo=UTC), every_s=1)
    found = lines(f"/field/streams/{stream.pk}/observations.csv?{DAYS}")
    assert [row["value"] for row in found] == ["2"]


def test_current_and_as_received_are_two_editions() -> None:
    stream = makers.stream()
    said(stream, 1.5, 2.5)
    corrected(stream, NOON, 1.5, 1.25)
    base = f"/field/streams/{stream.pk}/observations.csv?{DAYS}"
    assert [(row["value"], row["is_corrected"]) for row in lines(base)] == [
        ("1.25", "true"), ("2.5", "false"),
    ]  # fmt: skip
    first = lines(f"{base}&version=received")
    assert [(row["value"], row["is_corrected"]) for row in first] == [
        ("1.5", "true"), ("2.5", "false"),
    ]  # fmt: skip


def test_what_was_withdrawn_is_still_as_received() -> None:
    stream = makers.stream()
    said(stream, 1.5)
    gone = NOON + timedelta(hours=1)
    day = np.array([(gone.date() - date(1970, 1, 1)).days])
    number = int(observation_ids(day, np.array([999]))[0])
    Version.objects.create(
        stream_id=stream.pk, time=gone, number=0, observation_id=number, value=9.5, flag=Flag.GOOD
    )
    base = f"/field/streams/{stream.pk}/observations.csv?{DAYS}"
    assert [row["value"] for row in lines(base)] == ["1.5"]
    assert [row["value"] for row in lines(f"{base}&version=received")] == ["1.5", "9.5"]


def test_a_thing_gives_all_its_streams_and_parquet_the_same_as_csv() -> None:
    stream = makers.stream()
    other = makers.stream(stream.thing)
    said(stream, 1.5, 2.5)
    said(other, 3.5)
    text = lines(f"/field/things/{stream.thing_id}/observations.csv?{DAYS}")
    answer = Client().get(f"/field/things/{stream.thing_id}/observations.parquet?{DAYS}")
    table = parquet.read_table(io.BytesIO(answer.getvalue()))
    for close in answer._resource_closers:
        close()
    assert table.column_names == NAMES
    assert [float(row["value"]) for row in text] == table["value"].to_pylist()
    assert {int(row["stream_id"]) for row in text} == {stream.pk, other.pk}
    told = table.schema.metadata
    assert told[b"licence"] == b"not stated"
    assert json.loads(told[b"streams"])[0]["unit"]["symbol"] == "NTU"
    assert "UTC" in json.loads(told[b"dictionary"])["time"]


def test_what_the_columns_mean_is_csv_on_the_web() -> None:
    thing = makers.thing(properties={"licence": "CC BY 4.0"})
    stream = makers.stream(thing)
    answer = Client().get(f"/field/streams/{stream.pk}/observations.csv?{DAYS}")
    link = answer["Link"]
    answer.getvalue()
    address = link.partition("<http://testserver")[2].partition(">")[0]
    told = Client().get(address).json()
    assert told["dc:license"] == "CC BY 4.0"
    assert [one["name"] for one in told["tableSchema"]["columns"]] == NAMES
    assert told["dc:temporal"] == "2026-11-19T18:30:00Z/2026-11-20T18:30:00Z"


def test_the_same_question_gives_a_file_of_the_same_name() -> None:
    stream = makers.stream()
    answer = Client().get(f"/field/streams/{stream.pk}/observations.csv?{DAYS}")
    answer.getvalue()
    name = f"stream-{stream.pk}_20261119T183000Z_20261120T183000Z_current.csv"
    assert name in answer["Content-Disposition"]


def test_closed_days_have_an_etag_and_open_ones_none(settings: Any, tmp_path: Path) -> None:
    settings.DATA = tmp_path
    stream = makers.stream()
    said(stream, 1.5)
    address = f"/field/streams/{stream.pk}/observations.csv?from=2026-11-20&to=2026-11-20"
    opened = Client().get(address)
    before = opened.getvalue()
    assert "ETag" not in opened
    archive.close_ended(at=NOON + timedelta(days=3), kept_open_days=1)
    closed = Client().get(address)
    assert closed.getvalue() == before
    again = Client().get(address, headers={"If-None-Match": closed["ETag"]})
    assert again.status_code == 304
    said(stream, 2.5, at=NOON + timedelta(hours=1))
    assert "ETag" not in Client().get(address)


def test_wrong_days_are_refused_with_the_reason() -> None:
    stream = makers.stream()
    answer = Client().get(
        f"/field/streams/{stream.pk}/observations.csv?from=2026-11-31&to=2026-12-01"
    )
    assert answer.status_code == 409
    assert "expected a day as 2026-11-22" in answer.content.decode()
    page = Client().get(f"/field/streams/{stream.pk}/data/?from=2026-11-31")
    assert page.status_code == 422


def test_too_much_for_one_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "MOST_ROWS", 1)
    stream = makers.stream()
    said(stream, 1.5, 2.5)
    answer = Client().get(f"/field/streams/{stream.pk}/observations.csv?{DAYS}")
    assert answer.status_code == 409
    assert "These are 2 observations" in answer.content.decode()
    assert (
        "Take a shorter time"
        in Client().get(f"/field/streams/{stream.pk}/data/?{DAYS}").content.decode()
    )


def test_much_goes_through_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "CHUNK_ROWS", 2_000)
    stream = makers.stream()
    for day in range(10):
        said(
            stream,
            *map(float, range(2_000)),
            at=datetime(2026, 11, 1 + day, tzinfo=UTC),
            every_s=40,
        )
    wanted = Asked(
        stream.thing,
        [stream],
        datetime(2026, 11, 1, tzinfo=UTC),
        datetime(2026, 11, 11, tzinfo=UTC),
    )
    tracemalloc.start()
    sizes = [len(piece) for piece in export.csv_lines(wanted)]
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(sizes) == 11
    assert sum(sizes) > 1_000_000
    assert most < 4_000_000


def test_an_export_goes_on_where_it_broke_off(settings: Any, tmp_path: Path) -> None:
    settings.DATA = tmp_path / "data"
    stream = makers.stream()
    said(stream, 1.5)
    said(stream, 2.5, at=NOON - timedelta(days=30))
    wanted = Asked(stream.thing, [stream], NOON - timedelta(days=31), NOON + timedelta(days=1))
    folder = tmp_path / "out"
    made = list(writing.to_folder(asked=wanted, folder=folder, form="parquet"))
    assert [one.path.name for one in made] == [
        f"stream-{stream.pk}_20261020T063000Z_20261101T000000Z_current.parquet",
        f"stream-{stream.pk}_20261101T000000Z_20261121T063000Z_current.parquet",
    ]
    archive.close_ended(at=NOON + timedelta(days=60), kept_open_days=1)
    list(writing.to_folder(asked=wanted, folder=folder, form="parquet"))
    assert [
        one.is_new for one in writing.to_folder(asked=wanted, folder=folder, form="parquet")
    ] == [False, False]
    made[0].path.unlink()
    again = list(writing.to_folder(asked=wanted, folder=folder, form="parquet"))
    assert [one.is_new for one in again] == [True, False]
    assert not list(folder.glob("*.part"))
    rows = [parquet.read_table(one.path)["value"].to_pylist() for one in again]
    assert rows == [[2.5], [1.5]]


def test_a_thing_that_is_not_there_is_not_found() -> None:
    assert Client().get("/field/things/999999/observations.csv").status_code == 404
    assert Client().get(f"/field/streams/{makers.stream().pk}/observations.xml").status_code == 404
