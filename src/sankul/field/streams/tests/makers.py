"""Makers of the area's records: each writes rows directly, past rights and rules."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any

from django.db import connection

from sankul.core.rules.tokens import PREFIX_LENGTH, digest, new_secret
from sankul.field.streams.models import (
    Datastream,
    Device,
    FeatureOfInterest,
    Location,
    ObservedProperty,
    Outline,
    QualityRule,
    Sensor,
    SpanFile,
    Thing,
)
from sankul.programme.registry.models import Cluster
from sankul.programme.registry.tests import makers

_numbers = count(1)
NTU = {"name": "Nephelometric turbidity unit", "symbol": "NTU", "definition": "ucum:[NTU]"}
POINT = {"type": "Point", "coordinates": [73.85, 18.52]}
"""In Pune."""
BOX = {"west": 73.85, "east": 73.85, "south": 18.52, "north": 18.52}
NOON = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
"""12:00 in India on the day before ``makers.AT``."""


def thing(**fields: Any) -> Thing:
    """A public well of a cluster of its own, unless one is given."""
    if "cluster" not in fields:
        fields["cluster"] = makers.cluster()
    return Thing.objects.create(**{"name": f"Well {next(_numbers)}", "is_public": True} | fields)


def location(thing: Thing | None = None, **fields: Any) -> Location:
    """A point in Pune, held as the thing that stands there."""
    defaults = _held(thing) | {"name": f"Place {next(_numbers)}", "location": POINT} | BOX
    made = Location.objects.create(**defaults | fields)
    if thing:
        thing.locations.add(made)
    return made


def sensor(thing: Thing | None = None, **fields: Any) -> Sensor:
    """A turbidity meter."""
    defaults = _held(thing) | {"name": f"Meter {next(_numbers)}", "metadata": "optical, 90°"}
    return Sensor.objects.create(**defaults | fields)


def observed_property(thing: Thing | None = None, **fields: Any) -> ObservedProperty:
    """Turbidity."""
    definition = "http://vocabs.lter-europe.net/EnvThes/22067"
    defaults = _held(thing) | {"name": "Turbidity", "definition": definition}
    return ObservedProperty.objects.create(**defaults | fields)


def feature(thing: Thing | None = None, **fields: Any) -> FeatureOfInterest:
    """A point in Pune."""
    defaults = _held(thing) | {"name": f"Feature {next(_numbers)}", "feature": POINT} | BOX
    return FeatureOfInterest.objects.create(**defaults | fields)


def stream(thing: Thing | None = None, **fields: Any) -> Datastream:
    """Turbidity in NTU of a public well."""
    of = thing or _thing()
    defaults = {
        "name": f"Turbidity {next(_numbers)}",
        "thing": of,
        "sensor": fields.pop("sensor", None) or sensor(of),
        "observed_property": fields.pop("observed_property", None) or observed_property(of),
        "unit": NTU,
    }
    return Datastream.objects.create(**defaults | fields)


def gross_range(stream: Datastream, low: float, high: float, **fields: Any) -> QualityRule:
    """A rule that fails values outside ``low`` to ``high``."""
    tests = {"gross_range": {"fail": [low, high]}}
    defaults = {"version": 1, "tests": tests, "made_at": makers.AT}
    return QualityRule.objects.create(stream=stream, **defaults | fields)


def device(thing: Thing | None = None, **fields: Any) -> tuple[Device, str]:
    """A device that may send a thing's observations, and its token."""
    of, secret = thing or _thing(), new_secret()
    defaults = {
        "name": f"Gateway {next(_numbers)}",
        "thing": of,
        "cluster": of.cluster,
        "organisation": of.organisation,
        "prefix": secret[:PREFIX_LENGTH],
        "digest": digest(secret),
        "made_at": makers.AT,
    }
    return Device.objects.create(**defaults | fields), secret


def outline(cluster: Cluster, **fields: Any) -> Outline:
    """A line across Pune."""
    defaults = {
        "name": f"Outline {next(_numbers)}",
        "source": "Drawn for a test",
        "licence": "CC0 1.0",
        "lines": [[[73.7, 18.4], [74.0, 18.6]]],
        "given": 2,
        "sha256": "0" * 64,
        "made_at": makers.AT,
    } | {"west": 73.7, "east": 74.0, "south": 18.4, "north": 18.6}
    return Outline.objects.create(cluster=cluster, **defaults | fields)


def forget_partitions() -> None:
    """Drop all partitions: what a test leaves that writes past its transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'streams_observation'::regclass"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP TABLE {name}")
    SpanFile.objects.all().delete()


def _held(thing: Thing | None) -> dict[str, Any]:
    if thing is None:
        return {"is_public": True}
    return {
        "cluster": thing.cluster,
        "organisation": thing.organisation,
        "is_public": thing.is_public,
    }


_thing = thing  # as seen from where a parameter has the same name
