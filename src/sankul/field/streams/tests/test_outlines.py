"""Outlines for maps: GeoJSON is read as RFC 7946 has it, faults are named by place, much becomes little."""

import io
import json
import math
from typing import Any

import pytest

from sankul.core.models import Event
from sankul.core.queries.actors import actor as actor_of
from sankul.core.rules.roles import Actor, Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.core.tests import makers as core_makers
from sankul.field.streams.actions import outlines
from sankul.field.streams.models import Outline
from sankul.field.streams.rules.outlines import MOST_POSITIONS, read
from sankul.programme.registry.models import Cluster
from sankul.programme.registry.tests import makers as registry

SQUARE = [[73.0, 18.0], [74.0, 18.0], [74.0, 19.0], [73.0, 19.0], [73.0, 18.0]]


def body(geometry: Any) -> bytes:
    return json.dumps(geometry).encode()


def area(ring: Any) -> bytes:
    return body({"type": "Polygon", "coordinates": [ring]})


def features(*geometries: Any) -> bytes:
    found = [{"type": "Feature", "properties": {}, "geometry": one} for one in geometries]
    return body({"type": "FeatureCollection", "features": found})


def test_areas_and_lines_of_a_collection_are_lines_to_draw() -> None:
    line = {"type": "LineString", "coordinates": [[73.2, 18.2, 560], [73.4, 18.9, 561]]}
    found = read(features({"type": "MultiPolygon", "coordinates": [[SQUARE]]}, None, line))
    assert found.lines == [SQUARE, [[73.2, 18.2], [73.4, 18.9]]]
    assert found[1:] == (73.0, 18.0, 74.0, 19.0, 7)


def test_a_bare_geometry_and_a_collection_of_geometries_are_taken() -> None:
    parts = {
        "type": "GeometryCollection",
        "geometries": [{"type": "Polygon", "coordinates": [SQUARE]}],
    }
    assert read(body(parts)).lines == [SQUARE] == read(area(SQUARE)).lines


def test_much_is_simplified_to_what_a_screen_shows() -> None:
    turns = [n / 100_000 * 2 * math.pi for n in range(100_000)]
    ring = [[73 + math.cos(t) + 0.01 * math.cos(3000 * t), 18 + math.sin(t)] for t in turns]
    found = read(area([*ring, ring[0]]))
    assert found.given == 100_001
    assert 1_000 < sum(map(len, found.lines)) <= MOST_POSITIONS
    assert found.west == pytest.approx(71.99, abs=0.001)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (b'{"type": "Polygon",\n "coordinates": [}', "Line 2, column"),
        (b"[1, 2]", "one object with a type"),
        (b'{"type": "Topology"}', 'type: "Topology" is no line and no area'),
        (b'{"type": "FeatureCollection"}', "features: expected a list"),
        (body({"type": "Point", "coordinates": [73, 18]}), 'type: "Point" is no line'),
        (features({"type": "Polygon", "coordinates": [SQUARE[:3]]}),
         "features[0].geometry.coordinates[0]: a ring has four positions"),
        (features({"type": "Polygon", "coordinates": [[*SQUARE[:2], [1], *SQUARE[3:]]]}),
         "features[0].geometry.coordinates[0][2]: expected two numbers"),
        (area([[18.0, 73.0], [18.0, 98.0], *SQUARE[2:]]), "longitude first"),
        (area([["73", "18"], *SQUARE[1:]]), "coordinates[0][0]: expected two numbers"),
        (b'{"type": "Polygon", "coordinates": [[[NaN, 1]]]}', "this is no JSON"),
        (body({"type": "LineString", "coordinates": [[73, 18]]}), "two positions or more"),
        (body({"type": "LineString", "coordinates": {"a": 1}}), "coordinates: expected a list"),
        (features(), "no line and no area"),
        (b'{"type":"LineString","crs":{"properties":{"name":"EPSG:32643"}},"coordinates":[]}',
         "crs: RFC 7946"),
        (b" " * (5 * 2**20 + 1), "more than 5 MB"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_place(given: bytes, told: str) -> None:
    with pytest.raises(Refused) as refused:
        read(given)
    assert told in refused.value.reason


def actor(cluster: Cluster, role: Role = Role.OPERATOR) -> Actor:
    return actor_of(registry.user_with(role, cluster.scopes[0]), registry.AT)


def supply(cluster: Cluster, by: Actor, **fields: Any) -> Outline:
    given = {"name": "District", "source": "Survey of the works", "licence": "CC BY 4.0"} | fields
    return outlines.supply(
        actor=by, cluster=cluster, file=io.BytesIO(area(SQUARE)), at=registry.AT, **given
    )


@pytest.mark.django_db
def test_an_outline_is_kept_with_its_source_and_told_in_the_log() -> None:
    cluster = registry.cluster()
    made = supply(cluster, actor(cluster))
    assert (made.west, made.north, made.given) == (73.0, 19.0, 5)
    assert Event.objects.get(verb="outline.supplied").scopes
    outlines.remove(actor=actor(cluster), outline=made, at=registry.AT)
    assert not Outline.objects.exists()


@pytest.mark.django_db
def test_two_outlines_of_one_name_are_refused() -> None:
    cluster = registry.cluster()
    supply(cluster, actor(cluster))
    with pytest.raises(Refused, match="of this name already"):
        supply(cluster, actor(cluster))


@pytest.mark.django_db
def test_without_a_source_or_a_licence_nothing_is_kept() -> None:
    cluster = registry.cluster()
    with pytest.raises(Refused, match=r"Source: .*blank"):
        supply(cluster, actor(cluster), source=" ")
    with pytest.raises(Refused, match=r"Licence: .*blank"):
        supply(cluster, actor(cluster), licence="")


@pytest.mark.django_db
def test_others_may_neither_supply_nor_remove() -> None:
    cluster = registry.cluster()
    made = supply(cluster, actor(cluster))
    nobody = actor_of(core_makers.user(), registry.AT)
    for by in (actor(registry.cluster()), nobody):
        with pytest.raises(Forbidden):
            supply(cluster, by, name="Another")
        with pytest.raises(Forbidden):
            outlines.remove(actor=by, outline=made, at=registry.AT)
