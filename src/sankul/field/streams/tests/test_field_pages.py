"""Pages of the field: the fleet on its map and in its list, a thing, a stream, and what is drawn of them."""

import csv
import io
import json
import re
import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from sankul.core.rules.roles import Role
from sankul.field.streams.actions.ingest import ingest
from sankul.field.streams.models import Datastream, Location, Outline, Revision, Thing, Version
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import DoorName, Flag, VersionKind
from sankul.field.streams.rules.batches import Batch
from sankul.programme.registry.tests import makers as registry

from . import makers
from .makers import NOON

pytestmark = pytest.mark.django_db
QUARTER = timedelta(minutes=15)


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests come a quarter of an hour after the last observation."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOON + QUARTER)


def said(stream: Datastream, values: list[float], until: datetime = NOON) -> None:
    """Values every quarter of an hour, the last at ``until``."""
    first = until - QUARTER * (len(values) - 1)
    rows = [(stream.pk, first + QUARTER * n, value) for n, value in enumerate(values)]
    ingest(batch=Batch.of(*rows), sender=Sender(DoorName.COMMAND), at=registry.AT)


def well(lon: float = 73.85, lat: float = 18.52, **fields: Any) -> Datastream:
    """A stream of a well that stands at a place."""
    thing = makers.thing(**fields)
    place = {"west": lon, "east": lon, "south": lat, "north": lat}
    point = {"type": "Point", "coordinates": [lon, lat]}
    makers.location(thing, location=point, **place)
    return makers.stream(thing, expected_every_s=900)


def page(address: str, client: Client | None = None) -> str:
    answer = (client or Client()).get(address)
    assert answer.status_code == 200, answer.content[-2000:]
    return str(answer.content.decode())


def operator(stream: Datastream) -> Client:
    client = Client()
    client.force_login(registry.user_with(Role.OPERATOR, stream.thing.scopes[0]))
    return client


def marks(text: str) -> list[str]:
    """The names of the marks on the wide map."""
    drawn = text.partition('class="picture__wide"')[2].partition('class="picture__narrow"')[0]
    return re.findall(r'<a href="[^"]*" aria-label="([^"]*)"', drawn)


def test_without_things_the_page_teaches() -> None:
    text = page("/field/")
    assert "There is nothing in the field yet" in text
    assert "<svg" not in text.partition("<main")[2].partition("</main>")[0].replace("state", "")


def test_each_thing_stands_on_the_map_and_in_the_list_with_its_state() -> None:
    fine, quiet = well(73.80), well(73.95)
    said(fine, [1.0, 1.1, 1.2])
    said(quiet, [1.0, 1.1], until=NOON - timedelta(days=2))
    text = page("/field/")
    assert sorted(marks(text)) == sorted(
        [f"{fine.thing.name}: Reporting", f"{quiet.thing.name}: Silent"]
    )
    assert text.count(f'href="/field/things/{fine.thing_id}/"') == 3
    assert "1 silent, 1 reporting." in text


def test_a_state_a_word_and_a_part_of_the_map_narrow_map_and_list() -> None:
    fine, quiet = well(73.80, name="Temple well"), well(73.95)
    said(fine, [1.0, 1.1, 1.2])
    said(quiet, [1.0, 1.1], until=NOON - timedelta(days=2))
    for query in ("status=reporting", "q=temple", "box=73.79,18.51,73.81,18.53"):
        text = page(f"/field/?{query}")
        assert "1 thing<" in text
        assert f'href="/field/things/{fine.thing_id}/"' in text
        assert f'href="/field/things/{quiet.thing_id}/"' not in text
    assert "No thing fits" in page("/field/?q=river")


def test_what_is_not_public_is_seen_by_its_own_alone() -> None:
    hidden = well(is_public=False)
    assert hidden.thing.name not in page("/field/")
    assert hidden.thing.name in page("/field/", operator(hidden))
    for address in (
        f"/field/things/{hidden.thing_id}/",
        f"/field/things/{hidden.thing_id}/observations.csv",
        f"/field/streams/{hidden.pk}/",
        f"/field/streams/{hidden.pk}/observations.json",
    ):
        assert Client().get(address).status_code == 404
        assert operator(hidden).get(address).status_code == 200


def test_a_place_that_is_not_public_is_not_told() -> None:
    stream = well()
    Location.objects.update(is_public=False)
    text = page("/field/")
    assert marks(text) == []
    assert "1 has no place." in text
    assert "73.85000" not in page(f"/field/things/{stream.thing_id}/")
    assert "73.85000" in page(f"/field/things/{stream.thing_id}/", operator(stream))


def test_the_fleet_is_exported_as_it_is_listed() -> None:
    said(well(name="=1+1"), [1.0, 1.1, 1.2])
    well()
    answer = Client().get("/field/?as=csv&status=reporting")
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert [(row["name"], row["state"], row["longitude"]) for row in rows] == [
        ("'=1+1", "reporting", "73.85")
    ]
    drawn = Client().get("/field/?picture=fleet&as=svg")
    assert drawn["Content-Type"] == "image/svg+xml"
    assert Client().get("/field/?picture=fleet&as=png").content[:4] == b"\x89PNG"


def test_the_fleet_asks_as_often_for_five_hundred_things_as_for_three(
    django_assert_max_num_queries: Any,
) -> None:
    cluster = registry.cluster()
    for n in range(3):
        said(well(73.7 + n / 10, cluster=cluster), [1.0, 1.1, 1.2])
    with django_assert_max_num_queries(16) as few:
        page("/field/")
    things = Thing.objects.bulk_create(
        Thing(name=f"Bulk {n}", cluster=cluster, is_public=True) for n in range(500)
    )
    edges = [(73.5 + n % 25 / 50, 18.3 + n // 25 / 50) for n in range(500)]
    places = Location.objects.bulk_create(
        Location(name="P", cluster=cluster, is_public=True, location={}, west=x, east=x, south=y, north=y)
        for x, y in edges
    )  # fmt: skip
    through = Thing.locations.through
    through.objects.bulk_create(
        through(thing=thing, location=place) for thing, place in zip(things, places, strict=True)
    )
    with django_assert_max_num_queries(len(few)):
        began = time.process_time()
        text = page("/field/")
        assert time.process_time() - began < 2
    assert "503 things" in text
    found = [re.match(r"(\d+) places", one) for one in marks(text)]
    assert sum(int(one[1]) if one else 1 for one in found) == 503


def test_outlines_of_the_clusters_are_drawn_with_their_source() -> None:
    stream = well()
    makers.outline(stream.thing.cluster)  # type: ignore[arg-type]
    text = page("/field/")
    assert "Drawn for a test (CC0 1.0)" in text


def test_an_outline_is_supplied_and_taken_off() -> None:
    client = operator(well())
    body = {"type": "LineString", "coordinates": [[73.7, 18.4], [74.0, 18.6]]}
    file = io.BytesIO(json.dumps(body).encode())
    file.name = "river.geojson"
    cluster = Thing.objects.get().cluster_id
    sent = {"cluster": cluster, "name": "River", "source": "A survey", "licence": "CC0"}
    assert client.post("/field/outlines/new/", {**sent, "file": file}).status_code == 302
    made = Outline.objects.get()
    assert "A survey" in page("/field/outlines/", client)
    assert "Take River off the maps?" in page(f"/field/outlines/{made.pk}/remove/", client)
    assert client.post(f"/field/outlines/{made.pk}/remove/").status_code == 302
    assert not Outline.objects.exists()


def test_a_file_that_is_no_geojson_is_refused_above_the_form() -> None:
    client = operator(well())
    file = io.BytesIO(b'{"type": "Point", "coordinates": [1, 2]}')
    file.name = "point.geojson"
    sent = {"cluster": Thing.objects.get().cluster_id, "name": "P", "source": "S", "licence": "L"}
    answer = client.post("/field/outlines/new/", {**sent, "file": file})
    assert answer.status_code == 422
    assert "is no line and no area" in answer.content.decode()


def test_a_thing_tells_the_latest_of_every_stream_with_age_and_flag() -> None:
    stream = well()
    makers.gross_range(stream, 0, 1.4)
    said(stream, [1.0, 1.25, 7.5])
    text = page(f"/field/things/{stream.thing_id}/?range=day")
    assert "7.5 NTU" in text
    assert "15\xa0minutes ago" in text
    assert "Fail" in text
    assert "can be measured: most 1.4" in text
    assert f'id="stream-{stream.pk}"' in text
    assert "18.52000° N, 73.85000° E" in text


def test_a_thing_that_said_nothing_in_the_range_says_when_it_last_did() -> None:
    stream = well()
    said(stream, [1.0, 1.1], until=NOON - timedelta(days=40))
    text = page(f"/field/things/{stream.thing_id}/")
    assert "No number in this range:" in text
    assert "11 Oct 2026" in text
    assert f'id="stream-{stream.pk}"' in page(f"/field/things/{stream.thing_id}/?range=all")


def test_days_of_ones_own_are_days_in_india_and_wrong_ones_are_told() -> None:
    stream = well()
    said(stream, [1.0, 1.1, 1.2])
    text = page(f"/field/things/{stream.thing_id}/?from=2026-11-19&to=2026-11-20")
    assert "19 Nov 2026, 00:00 IST to 21 Nov 2026, 00:00 IST" in text
    for query, told in (
        ("from=2026-11-20&to=2026-11-19", "The first day is after the last."),
        ("from=soon&to=2026-11-19", "expected a day as 2026-11-22, not “soon”"),
        ("from=2026-11-20&to=9999-01-01", "years from 1900 to 2105"),
    ):
        assert told in page(f"/field/things/{stream.thing_id}/?{query}")


def test_a_thing_asks_as_often_for_three_streams_as_for_one(
    django_assert_max_num_queries: Any,
) -> None:
    stream = well()
    said(stream, [1.0, 1.1, 1.2])
    with django_assert_max_num_queries(22) as one:
        page(f"/field/things/{stream.thing_id}/")
    for _ in range(2):
        said(makers.stream(stream.thing, expected_every_s=900), [2.0, 2.1])
    with django_assert_max_num_queries(len(one)):
        page(f"/field/things/{stream.thing_id}/")


def test_the_picture_of_a_stream_is_taken_away_with_its_flags() -> None:
    stream = well()
    makers.gross_range(stream, 0, 5)
    said(stream, [1.0, 1.25, 7.5])
    answer = Client().get(
        f"/field/streams/{stream.pk}/?range=day&picture=stream-{stream.pk}&as=csv"
    )
    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    assert rows[1:] == [
        ["2026-11-20 11:30:00+05:30", "1.0", "Good"],
        ["2026-11-20 11:45:00+05:30", "1.25", "Good"],
        ["2026-11-20 12:00:00+05:30", "7.5", "Fail"],
    ]


def test_a_stream_is_paged_through_newest_first_over_its_days() -> None:
    stream = well()
    said(stream, [float(n) for n in range(200)])
    address, seen = f"/field/streams/{stream.pk}/?range=all", []
    for _ in range(20):
        text = page(address)
        table = text.partition('id="observations"')[2].partition("</section>")[0]
        seen += re.findall(r'<td class="num[^"]*">\s*([\d.]+)', table)
        older = re.search(r'rel="next" href="([^"]*)#observations"', table)
        if older is None:
            break
        address = f"/field/streams/{stream.pk}/{older[1].replace('&amp;', '&')}"
    assert [float(one) for one in seen] == [float(n) for n in range(199, -1, -1)]


def test_the_past_of_a_stream_is_told_and_names_are_for_its_own() -> None:
    stream = well()
    said(stream, [1.0])
    by = registry.user_with(Role.OPERATOR, stream.thing.scopes[0])
    by.name = "Asha Rao"
    by.save()
    revision = Revision.objects.create(
        stream=stream, kind=VersionKind.VALUE, reason="Bubble.", made_by=by, made_at=NOON
    )
    Version.objects.create(
        stream_id=stream.pk, time=NOON, number=1, observation_id=1, value=2, flag=Flag.GOOD, revision=revision
    )  # fmt: skip
    text = page(f"/field/streams/{stream.pk}/")
    assert "Bubble. · 1 observations · by a technician" in text
    assert "Asha Rao" not in text
    assert "by Asha Rao" in page(f"/field/streams/{stream.pk}/", operator(stream))


def test_long_ranges_are_drawn_in_steps_from_least_to_greatest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sankul.field.streams.queries.plots.MOST_ROWS", 50)
    stream = well()
    said(stream, [1.0] * 100 + [9.0] + [1.0] * 99)
    text = page(f"/field/streams/{stream.pk}/?range=year")
    assert "1 to 9 NTU. Each step of 12 hours from its least to its greatest value." in text


def test_a_stream_without_observations_says_so() -> None:
    stream = well()
    assert "The stream waits for its first observation." in page(f"/field/streams/{stream.pk}/")
