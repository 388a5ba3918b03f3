"""The water of one cluster of the demonstration: fourteen villages, forty sources, a year of monthly samples, and their probes.

Values wander a little around what a source of that kind has, the same on every machine; where the story has trouble (water.toml),
a parameter stands above its limit for some months, and somebody deals with it or nobody does.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from django.utils import timezone

from sankul.field.water.models import (
    Custody,
    Plan,
    Response,
    Result,
    Sample,
    Scheme,
    Source,
    Village,
)
from sankul.field.water.rules import Custodian, Purpose, SampleKind, SourceKind
from sankul.programme.portfolio.models import Deployment
from sankul.programme.registry.models import Cluster, Organisation, Programme

from . import water_alerts, water_history, water_sensors

MONTHS, EVERY_DAYS = 12, 30
USUAL: dict[str, tuple[float, float, int]] = {
    "ph": (7.4, 0.3, 1),
    "turbidity": (0.7, 0.25, 2),
    "tds": (380, 90, 0),
    "hardness": (160, 30, 0),
    "fluoride": (0.6, 0.2, 2),
    "nitrate": (22, 12, 1),
    "iron": (0.2, 0.1, 2),
}
"""What water has in most places: the middle, how far it wanders, decimals."""
IN_THE_MORNING = time(9, 40)
RIVER = (("oxygen", 1), ("bod", 1), ("faecal_coliform", 0), ("ph", 1))


@cache
def script() -> dict[str, Any]:
    """What water.toml tells."""
    return tomllib.loads(files(__package__).joinpath("water.toml").read_text("utf-8"))


def fill(programme: Programme, at: datetime) -> None:
    """Write the villages, sources, samples and responses; nothing where that is done already, or there is no such cluster."""
    told = script()
    cluster = Cluster.objects.filter(programme=programme, slug=told["cluster"]).first()
    if cluster is None or Village.objects.filter(cluster=cluster).exists():
        return
    body = Organisation.objects.get(slug=told["body"])
    laboratory = Organisation.objects.get(slug=told["laboratory"])
    sources = _sources(cluster, body)
    days = [timezone.localdate(at) - timedelta(days=3 + EVERY_DAYS * ago) for ago in range(MONTHS)]
    Plan.objects.bulk_create(
        Plan(source=source, every_days=EVERY_DAYS, starts_on=days[-1]) for source in sources
    )
    samples = _samples(sources, laboratory, days)
    Result.objects.bulk_create(
        result for sample, ago in samples for result in _results(sample, ago)
    )
    Response.objects.bulk_create(_responses(sources, days))
    deployment = Deployment.objects.get(title=told["deployment"])
    streams = water_sensors.equip(sources, deployment, since(deployment))
    water_history.fill(streams, water_alerts.troubles(told, at), at)
    water_alerts.watch(streams, told, at)


def since(deployment: Deployment) -> datetime:
    """From when on the probes are there: noon of the deployment's first day."""
    day = deployment.since_on
    if day is None:
        raise ValueError("the deployment is in use")
    return datetime.combine(day, time(12), timezone.get_current_timezone())


def _sources(cluster: Cluster, body: Organisation) -> list[Source]:
    told = script()
    scheme = Scheme.objects.create(cluster=cluster, name=told["scheme"], run_by=body)
    villages = Village.objects.bulk_create(
        Village(
            cluster=cluster, body=body, name=name, people=people, district=told["district"], state=told["state"],
        )
        for name, people, _kinds in told["village"]
    )  # fmt: skip
    made = []
    for village, (name, _people, kinds) in zip(villages, told["village"], strict=True):
        for place, kind in enumerate(kinds):
            number = kinds[: place + 1].count(kind)
            made.append(
                Source(
                    village=village, name=f"{name} {kind} {number}", kind=kind, purpose=Purpose.DRINKING,
                    scheme=scheme if kind == SourceKind.TAP else None, is_public=True,
                )
            )  # fmt: skip
    made += [
        Source(
            village=villages[0], name=row[0], kind=SourceKind.RIVER, purpose=Purpose.SURFACE, is_public=True
        )
        for row in told["rivers"]
    ]  # fmt: skip
    water_sensors.place(made)
    return Source.objects.bulk_create(made)


def _samples(
    sources: list[Source], laboratory: Organisation, days: list[date]
) -> list[tuple[Sample, int]]:
    """A sample of every source in every month with its way to the laboratory, and how many months ago it was."""
    zone = timezone.get_current_timezone()
    ages = [ago for ago in range(len(days)) for _source in sources]
    samples = Sample.objects.bulk_create(
        Sample(
            source=source, code=f"HW-{days[ago]:%y%m}-{place + 1:02}", kind=SampleKind.LABORATORY, laboratory=laboratory,
            taken_by="Field officer, water laboratory", taken_at=datetime.combine(days[ago], IN_THE_MORNING, zone),
            recorded_at=datetime.combine(days[ago], IN_THE_MORNING, zone) + timedelta(hours=8),
        )
        for ago in range(len(days)) for place, source in enumerate(sources)
    )  # fmt: skip
    Custody.objects.bulk_create(step for sample in samples for step in _way(sample))
    return list(zip(samples, ages, strict=True))


def _way(sample: Sample) -> Iterator[Custody]:
    yield Custody(sample=sample, step=Custodian.TAKEN, at=sample.taken_at, holder=sample.taken_by)
    yield Custody(
        sample=sample, step=Custodian.RECEIVED, at=sample.taken_at + timedelta(hours=5),
        holder="Sample desk of the laboratory", temperature_c=Decimal(str(round(4 + 3 * _chance(sample.code), 1))),
    )  # fmt: skip


def _results(sample: Sample, ago: int) -> Iterator[Result]:
    source = sample.source
    if source.purpose == Purpose.SURFACE:
        row = next(row for row in script()["rivers"] if row[0] == source.name)
        for (name, places), middle in zip(RIVER, row[1:], strict=True):
            wandered = middle * (0.9 + 0.2 * _chance(sample.code, name))
            yield _result(sample, name, wandered, places)
        return
    troubled = {row["parameter"]: row["value"] for row in _troubles(source) if _stood(row, ago)}
    for name, (middle, spread, places) in USUAL.items():
        usual = middle + spread * (2 * _chance(sample.code, name) - 1)
        yield _result(sample, name, troubled.get(name, usual), places)
    germs = troubled.get("ecoli")
    yield Result(
        sample=sample, parameter="ecoli", value=Decimal(germs or 1), is_below_detection=germs is None
    )  # fmt: skip
    if source.kind == SourceKind.TAP:
        usual = 0.3 + 0.3 * _chance(sample.code, "chlorine")
        yield _result(sample, "chlorine", troubled.get("chlorine", usual), 2)


def _result(sample: Sample, parameter: str, value: float, places: int) -> Result:
    return Result(sample=sample, parameter=parameter, value=round(Decimal(str(value)), places))


def _troubles(source: Source) -> list[dict[str, Any]]:
    return [row for row in script()["trouble"] if row["source"] == source.name]


def _stood(row: dict[str, Any], ago: int) -> bool:
    since, until = row["months"]
    return bool(until <= ago <= since)


def _responses(sources: list[Source], days: list[date]) -> Iterator[Response]:
    zone = timezone.get_current_timezone()
    for source in sources:
        for row in _troubles(source):
            if "who" not in row:
                continue
            since, until = row["months"]
            begun = datetime.combine(days[since], time(17, 0), zone)
            closed = datetime.combine(days[until - 1], time(17, 0), zone) if until else None
            yield Response(
                source=source, parameter=row["parameter"], owner=row["who"], action=row["action"],
                due_on=days[since] + timedelta(days=150), opened_at=begun, closed_at=closed, cause=row.get("cause", ""),
            )  # fmt: skip


def _chance(*words: str) -> float:
    """A number from 0 to below 1 that the words alone decide."""
    return int.from_bytes(sha256("|".join(words).encode()).digest()[:6]) / 2**48
