"""Makers of the area's records: each writes rows directly, past rights and rules."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from sankul.field.streams.tests import makers as streams
from sankul.field.water.models import (
    Plan,
    Response,
    Result,
    RiverImport,
    Sample,
    SensorAt,
    Source,
    Station,
    StationYear,
    Village,
    YearRange,
)
from sankul.field.water.rules import PARAMETERS, Purpose, SampleKind, SourceKind
from sankul.programme.registry.models import Cluster, Organisation
from sankul.programme.registry.rules import OrganisationKind
from sankul.programme.registry.tests import makers

_numbers = count(1)
TAKEN = datetime(2026, 11, 2, 4, 30, tzinfo=UTC)
"""10:00 in India, nineteen days before ``makers.AT``."""


def local_body(**fields: Any) -> Organisation:
    """A gram panchayat."""
    return makers.organisation(**{"kind": OrganisationKind.LOCAL_GOVERNMENT} | fields)


def village(cluster: Cluster | None = None, **fields: Any) -> Village:
    """A village with a local government."""
    cluster = cluster or makers.cluster()
    if "body" not in fields:
        fields["body"] = local_body()
    defaults = {
        "cluster": cluster,
        "name": f"Village {next(_numbers)}",
        "district": "Pune",
        "state": "Maharashtra",
        "people": 1200,
    }
    return Village.objects.create(**defaults | fields)


def source(village_: Village | None = None, **fields: Any) -> Source:
    """A hand pump for drinking, open to the public."""
    defaults = {
        "village": village_ or village(),
        "name": f"Hand pump {next(_numbers)}",
        "kind": SourceKind.HANDPUMP,
        "purpose": Purpose.DRINKING,
        "is_public": True,
    }
    return Source.objects.create(**defaults | fields)


def sample(source_: Source | None = None, taken_at: datetime = TAKEN, **values: Any) -> Sample:
    """A laboratory sample with results by parameter; a text as "<1" is below detection."""
    made = Sample.objects.create(
        source=source_ or source(),
        code=f"W-{next(_numbers)}",
        kind=SampleKind.LABORATORY,
        taken_at=taken_at,
        taken_by="Field officer",
        recorded_at=taken_at,
    )
    Result.objects.bulk_create(
        Result(
            sample=made,
            parameter=name,
            value=Decimal(str(value).removeprefix("<")),
            is_below_detection=str(value).startswith("<"),
        )
        for name, value in values.items()
    )
    return made


def plan(source_: Source | None = None, **fields: Any) -> Plan:
    """A sample every thirty days since October."""
    defaults = {
        "source": source_ or source(),
        "every_days": 30,
        "starts_on": date(2026, 10, 1),
    }
    return Plan.objects.create(**defaults | fields)


def response(source_: Source | None = None, **fields: Any) -> Response:
    """An open response to fluoride."""
    defaults = {
        "source": source_ or source(),
        "parameter": "fluoride",
        "owner": "Executive engineer",
        "action": "A filter is put in",
        "due_on": date(2026, 12, 1),
        "opened_at": TAKEN,
    }
    return Response.objects.create(**defaults | fields)


def sensor(source_: Source, parameter: str, **fields: Any) -> SensorAt:
    """A sensor at a source that sends every half hour."""
    unit = {"name": "", "symbol": PARAMETERS[parameter].unit, "definition": ""}
    thing = streams.thing(cluster=source_.village.cluster)
    stream = streams.stream(thing, unit=unit, expected_every_s=1800, **fields)
    return SensorAt.objects.create(source=source_, parameter=parameter, datastream=stream)


def river_year(**fields: Any) -> StationYear:
    """A year of a river station with its range of oxygen."""
    number = next(_numbers)
    come_by = RiverImport.objects.create(
        name="2023.csv", sha256=f"{number:064}", at=TAKEN, rows=1, kept=1
    )
    station = Station.objects.create(code=str(number), name=f"Weir {number}", state="Goa")
    made = StationYear.objects.create(
        **{"station": station, "year": 2023, "come_by": come_by} | fields
    )
    YearRange.objects.create(
        station_year=made, parameter="oxygen", least=Decimal("5.1"), most=Decimal("7.4")
    )
    return made
