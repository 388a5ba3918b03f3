"""Correcting and withdrawing single observations: what was received stays as a version, with who changed it and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from math import isnan
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _t

from sankul.core.actions import events
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.field.streams.actions.spans import opened
from sankul.field.streams.models import (
    Datastream,
    Detail,
    Observation,
    Revision,
    SpanFile,
    Version,
)
from sankul.field.streams.queries.sending import locked
from sankul.field.streams.queries.sta.reading import numbered
from sankul.field.streams.queries.sta.sources import SOURCES
from sankul.field.streams.rules import RECORD_STREAMS, SpanState, VersionKind
from sankul.field.streams.rules.numbers import day_of_id
from sankul.field.streams.rules.odata import Period, Unreadable
from sankul.field.streams.rules.odata.bodies import Given
from sankul.field.streams.rules.odata.resources import Unknown

from .holding import require_thing, to_link
from .observing import free_key, number_of
from .places import cover
from .tallying import recount

CHANGED = "Changed through the SensorThings API"
WITHDRAWN = "Deleted through the SensorThings API"


@transaction.atomic
def amend(*, given: Given, key: int, actor: Actor, at: datetime) -> None:
    """Correct an observation: its result, its times, what it is about. What it was stays as a version.

    Raises Unknown, Forbidden, Unreadable for another Datastream, and Refused where another observation has that time.
    """
    open_again(key, at)
    seen, stream = _to_change(key, actor)
    if any(int(one) != stream.pk for one in given.links.get("Datastream", ())):  # type: ignore[arg-type]
        raise Unreadable("Datastream", "the same one: an observation stays in its stream")
    locked([stream.pk])
    row = Observation.objects.get(pk=key, time=seen["time"])
    detail = Detail.objects.filter(pk=key).first() or Detail(observation_id=key, stream=stream)
    was: dict[str, Any] = {
        "value": row.value,
        "result": detail.result,
        "time": row.time,
        "flag": row.flag,
    }
    _fill(row, detail, given, actor)
    if (row.value, detail.result, row.time) != (was["value"], was["result"], was["time"]):
        revision = _revision(stream, VersionKind.VALUE, CHANGED, was["time"], actor, at)
        _keep(row, was, revision, detail.result)
    _store(row, detail, was["time"], at)
    recount(stream_id=stream.pk, days={was["time"].date(), row.time.date()})
    events.record(
        actor=actor,
        verb="observation.corrected",
        subject=f"observation/{key}",
        at=at,
        scopes=stream.thing.scopes,
        data={"changed": sorted({*given.values, *given.links})},
    )


def withdraw(*, observations: Sequence[Mapping[str, Any]], actor: Actor, at: datetime) -> None:
    """Take observations away, each given by pk, stream_id and time; what they were stays as versions.

    Raises Forbidden where the actor does not record in the scope of one.
    """
    by_stream: dict[int, list[Mapping[str, Any]]] = {}
    for one in observations:
        by_stream.setdefault(one["stream_id"], []).append(one)
    with transaction.atomic():
        for stream_id in sorted(by_stream):
            _withdraw_of(stream_id, by_stream[stream_id], actor, at)


def open_again(key: int, at: datetime) -> None:
    """Open the day of an observation again if it is closed: what lies in a file does not change."""
    moved = Detail.objects.filter(pk=key).values_list("time", flat=True).first()
    day = moved.date() if moved else day_of_id(key)
    if day and SpanFile.objects.filter(start__lte=day, end__gt=day, state=SpanState.CLOSED):
        opened([day], at)


def _withdraw_of(
    stream_id: int, observations: Sequence[Mapping[str, Any]], actor: Actor, at: datetime
) -> None:
    stream = Datastream.objects.select_related("thing__cluster").get(pk=stream_id)
    require_thing(stream.thing, actor)
    locked([stream_id])
    times = [one["time"] for one in observations]
    rows = Observation.objects.filter(stream=stream_id, time__in=times)
    results = dict(
        Detail.objects.filter(stream=stream_id, time__in=times).values_list("pk", "result")
    )
    revision = Revision.objects.create(
        stream=stream, kind=VersionKind.WITHDRAWN, reason=WITHDRAWN, made_by=actor.user, made_at=at
    )
    for row in rows:
        result = results.get(row.pk)
        was = {"value": row.value, "result": result, "time": row.time, "flag": row.flag}
        _keep(row, was, revision, result)
    Detail.objects.filter(pk__in=[row.pk for row in rows]).delete()
    _delete(stream_id, times)
    recount(stream_id=stream_id, days={time.date() for time in times})
    events.record(
        actor=actor,
        verb="observations.withdrawn",
        subject=f"datastream/{stream_id}",
        at=at,
        scopes=stream.thing.scopes,
        data={"observations": [one["pk"] for one in observations]},
    )


def _to_change(key: int, actor: Actor) -> tuple[Mapping[str, Any], Datastream]:
    rows = numbered(SOURCES["Observation"].visible_to(actor), key)
    seen = rows.values("pk", "stream_id", "time").first()
    if seen is None:
        raise Unknown(str(key))
    stream = Datastream.objects.select_related("thing__cluster").get(pk=seen["stream_id"])
    require(actor, RECORD_STREAMS, *stream.thing.scopes)
    return seen, stream


def _fill(row: Observation, detail: Detail, given: Given, actor: Actor) -> None:
    values = given.values
    if "result" in values:
        row.value = number_of(values["result"])
        detail.result = {"result": values["result"]} if isnan(row.value) else None
    if values.get("phenomenonTime") is not None:
        _retime(row, detail, values["phenomenonTime"])
    if "resultTime" in values:
        detail.result_at = values["resultTime"]
    if "validTime" in values:
        valid = values["validTime"]
        is_period = isinstance(valid, Period)
        detail.valid_from = valid.start if is_period else valid
        detail.valid_until = valid.end if is_period else None
    if "parameters" in values:
        detail.parameters = values["parameters"]
    if "resultQuality" in values:
        detail.quality = values["resultQuality"]
    for target in given.links.get("FeatureOfInterest", ()):
        feature = to_link("FeatureOfInterest", int(target), actor, "FeatureOfInterest")  # type: ignore[arg-type]
        detail.feature = feature
        cover(stream_id=row.stream_id, feature_id=feature.pk)


def _retime(row: Observation, detail: Detail, time: datetime | Period) -> None:
    if isinstance(time, Period) and time.end > time.start:
        start = row.time.replace(microsecond=row.time.microsecond // 1000 * 1000)
        if (start, detail.ends_at) != (time.start, time.end):
            row.time, detail.ends_at = free_key(row.stream_id, time), time.end
        return
    row.time = time.start if isinstance(time, Period) else time
    detail.ends_at = None


def _store(row: Observation, detail: Detail, was_at: datetime, at: datetime) -> None:
    """Write the row and its detail; one that is moved is taken away and put in its new day under the same number."""
    if row.time != was_at:
        if Observation.objects.filter(stream=row.stream_id, time=row.time).exists():
            raise Refused(_t("There is another observation of this stream at this time."))
        if not opened([row.time.date()], at):
            raise Refused(_t("Observations of that day are deleted by the retention policy."))
        Detail.objects.filter(pk=row.pk).delete()
        _delete(row.stream_id, [was_at])
        row.is_detailed = True
        Observation.objects.bulk_create([row])
        _save_detail(detail, row)
        return
    has_more = row.is_detailed or _has_more(detail)
    if has_more:
        _save_detail(detail, row)
    Observation.objects.filter(pk=row.pk, time=row.time).update(
        value=row.value, is_detailed=has_more
    )


def _save_detail(detail: Detail, row: Observation) -> None:
    detail.time = row.time
    fields = [field.name for field in Detail._meta.fields if not field.primary_key]
    Detail.objects.bulk_create(
        [detail], update_conflicts=True, update_fields=fields, unique_fields=["observation_id"]
    )


def _has_more(detail: Detail) -> bool:
    own = {"observation_id", "stream_id", "time"}
    return any(
        getattr(detail, field.attname) is not None
        for field in Detail._meta.fields
        if field.attname not in own
    )


def _keep(row: Observation, was: Mapping[str, Any], revision: Revision, result: Any) -> None:
    """Keep an observation as it was received if that is not kept yet, and then as it is from now on."""
    there = Version.objects.filter(stream_id=row.stream_id, time=was["time"])
    last = there.aggregate(last=Max("number"))["last"]
    own = {"stream_id": row.stream_id, "time": was["time"], "observation_id": row.pk}
    versions = []
    if last is None:
        raw = {"value": was["value"], "flag": was["flag"], "result": was["result"]}
        versions.append(Version(**own, number=0, **raw))
        last = 0
    now = {"value": row.value, "flag": row.flag, "result": result}
    versions.append(Version(**own, number=last + 1, **now, revision=revision))
    Version.objects.bulk_create(versions)


def _revision(
    stream: Datastream, kind: VersionKind, reason: str, was_at: datetime, actor: Actor, at: datetime
) -> Revision:
    return Revision.objects.create(
        stream=stream,
        kind=kind,
        reason=reason,
        method={"time": was_at.isoformat()},
        made_by=actor.user,
        made_at=at,
    )


def _delete(stream_id: int, times: Sequence[datetime]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM streams_observation WHERE stream_id = %s AND time = ANY(%s)",
            [stream_id, list(times)],
        )
