"""The sensors of the demonstration's water: a probe at every source with what it measures, its place, and its quality rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import cos, pi, sin
from typing import Any, Final

from sankul.field.streams.models import (
    Datastream,
    FeatureOfInterest,
    HistoricalLocation,
    Location,
    ObservedProperty,
    QualityRule,
    Sensor,
    Thing,
)
from sankul.field.water.models import SensorAt, Source
from sankul.field.water.rules import PARAMETERS, SourceKind
from sankul.programme.portfolio.models import Deployment

EVERY_S: Final = 1800
BATTERY: Final = "battery"
MIDDLE: Final = (16.28, 77.91)
"""Where the demonstration's region is drawn, in degrees (WGS 84). No such city is there."""
LICENCE: Final = "CC BY 4.0"
DEFINITIONS = "http://qudt.org/vocab/quantitykind/"


@dataclass(frozen=True)
class Meter:
    """What a probe has to measure one property: its name and unit, the words of its kind, and the tests of its values."""

    name: str
    unit: str
    definition: str
    sensor: str
    tests: dict[str, Any]


def _tests(low: float, high: float, spike: float, still: float) -> dict[str, Any]:
    """Gross range, spikes, and lines that are flat for six hours (suspect) or twelve (fail)."""
    return {
        "gross_range": {"fail": [low, high]},
        "spike": {"suspect": spike},
        "flat_line": {"suspect_s": 21_600, "fail_s": 43_200, "tolerance": still},
        "interval_s": EVERY_S,
    }


METERS: Final[dict[str, Meter]] = {
    "turbidity": Meter("Turbidity", "NTU", "Turbidity", "Nephelometer, 90°", _tests(0, 1000, 60, 0.001)),
    "ph": Meter("pH", "", "Acidity", "Glass electrode", _tests(0, 14, 1.5, 0.001)),
    "chlorine": Meter("Free residual chlorine", "mg/L", "MassConcentration", "Amperometric cell", _tests(0, 10, 1.5, 0.001)),
    "conductivity": Meter("Conductivity", "µS/cm", "Conductivity", "Four-electrode cell", _tests(0, 20_000, 400, 0.01)),
    "oxygen": Meter("Dissolved oxygen", "mg/L", "MassConcentration", "Optode", _tests(0, 25, 4, 0.001)),
    BATTERY: Meter("Battery", "V", "Voltage", "Voltmeter", {"gross_range": {"fail": [0, 20]}, "interval_s": EVERY_S}),
}  # fmt: skip
GROUND = ("turbidity", "ph", "conductivity")
MEASURED: Final[dict[str, tuple[str, ...]]] = {
    SourceKind.TAP: ("turbidity", "chlorine", "ph"),
    SourceKind.RIVER: ("turbidity", "ph", "oxygen", "conductivity"),
    SourceKind.BOREWELL: GROUND,
    SourceKind.HANDPUMP: GROUND,
    SourceKind.WELL: GROUND,
    SourceKind.SPRING: GROUND,
}
"""What the probe at a source of a kind measures, beside its own battery."""
Streams = dict[tuple[str, str], Datastream]
"""Streams by name of the source and what is measured."""


def place(sources: list[Source]) -> None:
    """Give every source a place: villages on a ring around the city, their sources some hundred metres apart."""
    villages = {
        number: at for at, number in enumerate(dict.fromkeys(row.village_id for row in sources))
    }
    for number, row in enumerate(sources):
        turn = 2 * pi * villages[row.village_id] / len(villages)
        north = MIDDLE[0] + (0.09 + 0.03 * sin(3 * turn)) * cos(turn) + 0.004 * sin(number)
        east = MIDDLE[1] + (0.10 + 0.03 * cos(2 * turn)) * sin(turn) + 0.004 * cos(2 * number)
        row.latitude, row.longitude = Decimal(f"{north:.5f}"), Decimal(f"{east:.5f}")


def equip(sources: list[Source], deployment: Deployment, at: datetime) -> Streams:
    """Put a probe at every source, in use from a moment on."""
    body = sources[0].village.body
    held = {"cluster": deployment.cluster, "organisation": body, "is_public": True}
    sensors = {
        code: Sensor(name=meter.sensor, encoding_type="text/html", metadata=meter.sensor, **held)
        for code, meter in METERS.items()
    }
    properties = {
        code: ObservedProperty(name=meter.name, definition=DEFINITIONS + meter.definition, **held)
        for code, meter in METERS.items()
    }
    Sensor.objects.bulk_create(sensors.values())
    ObservedProperty.objects.bulk_create(properties.values())
    things = Thing.objects.bulk_create(
        Thing(
            name=row.name, description=f"Probe at a {row.get_kind_display().lower()} of {row.village.name}",
            deployment=deployment, properties={"licence": LICENCE}, **held,
        )
        for row in sources
    )  # fmt: skip
    features = _stand(things, sources, held, at)
    streams = Datastream.objects.bulk_create(
        Datastream(
            name=f"{METERS[code].name}, {source.name}", thing=thing, sensor=sensors[code], observed_property=properties[code],
            feature=feature, unit=_unit(code), expected_every_s=EVERY_S,
        )
        for source, thing, feature in zip(sources, things, features, strict=True)
        for code in (*MEASURED[source.kind], BATTERY)
    )  # fmt: skip
    codes = [(source, code) for source in sources for code in (*MEASURED[source.kind], BATTERY)]
    _rule(streams, codes, at)
    SensorAt.objects.bulk_create(
        SensorAt(source=source, parameter=code, datastream=stream)
        for stream, (source, code) in zip(streams, codes, strict=True)
        if code in PARAMETERS
    )
    return {
        (source.name, code): stream for stream, (source, code) in zip(streams, codes, strict=True)
    }


def _stand(
    things: list[Thing], sources: list[Source], held: dict[str, Any], at: datetime
) -> list[FeatureOfInterest]:
    """Where the probes stand, and stood since; and what their observations are about."""
    points = [_point(row) for row in sources]
    boxes = [_box(point["coordinates"]) for point in points]
    locations = Location.objects.bulk_create(
        Location(name=row.name, location=point, **box, **held)
        for row, point, box in zip(sources, points, boxes, strict=True)
    )
    Thing.locations.through.objects.bulk_create(
        Thing.locations.through(thing=thing, location=location)
        for thing, location in zip(things, locations, strict=True)
    )
    since = HistoricalLocation.objects.bulk_create(
        HistoricalLocation(thing=thing, time=at) for thing in things
    )
    HistoricalLocation.locations.through.objects.bulk_create(
        HistoricalLocation.locations.through(historicallocation=row, location=location)
        for row, location in zip(since, locations, strict=True)
    )
    return FeatureOfInterest.objects.bulk_create(
        FeatureOfInterest(name=row.name, feature=point, **box, **held)
        for row, point, box in zip(sources, points, boxes, strict=True)
    )


def _point(source: Source) -> dict[str, Any]:
    return {
        "type": "Point",
        "coordinates": [float(source.longitude or 0), float(source.latitude or 0)],
    }


def _box(at: list[float]) -> dict[str, float]:
    return {"west": at[0], "east": at[0], "south": at[1], "north": at[1]}


def _unit(code: str) -> dict[str, str]:
    unit = METERS[code].unit
    name = unit or "pH"
    return {"name": name, "symbol": unit or "pH", "definition": f"ucum:{unit or '[pH]'}"}


def _rule(streams: list[Datastream], codes: list[tuple[Source, str]], at: datetime) -> None:
    QualityRule.objects.bulk_create(
        QualityRule(
            stream=stream, version=1, tests=METERS[code].tests, reason="As deployed", made_at=at
        )
        for stream, (_source, code) in zip(streams, codes, strict=True)
    )
