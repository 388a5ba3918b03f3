"""Deleting entities, with what cannot be without them (OGC 18-088, table 25)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import ProtectedError, QuerySet
from django.utils.translation import gettext as _t

from sankul.core.actions import events
from sankul.core.rules.roles import Actor
from sankul.core.rules.verdicts import Refused
from sankul.field.streams.models import (
    Datastream,
    DayCount,
    Detail,
    HistoricalLocation,
    SpanFile,
    WholeObservation,
)
from sankul.field.streams.queries.sending import locked
from sankul.field.streams.queries.sta.reading import numbered
from sankul.field.streams.queries.sta.sources import SOURCES
from sankul.field.streams.rules import SpanState
from sankul.field.streams.rules.odata import Unreadable
from sankul.field.streams.rules.odata.resources import Unknown

from .amending import open_again, withdraw
from .holding import require_thing, scopes_of, to_change

MOST_AT_ONCE = 10_000
STREAMS = {"Thing": "thing", "Sensor": "sensor", "ObservedProperty": "observed_property"}
"""What streams hang on, and by which column."""


@transaction.atomic
def remove(*, name: str, key: int, actor: Actor, at: datetime) -> None:
    """Delete an entity, and all that cannot be without it.

    Raises Unknown where the actor may not see it, Forbidden where something that goes with it may not be changed, and Refused
    where observations that go with it lie in closed files.
    """
    if name == "Observation":
        open_again(key, at)
        found = numbered(SOURCES[name].visible_to(actor), key).values("pk", "stream_id", "time")
        withdraw(observations=list(found) or _unknown(key), actor=actor, at=at)
        return
    row = to_change(name, key, actor)
    scopes = scopes_of(name, row)
    if name == "Datastream":
        _remove_streams([row], actor)
    elif name in STREAMS:
        _remove_streams(list(Datastream.objects.filter(**{STREAMS[name]: key})), actor)
    elif name == "Location":
        HistoricalLocation.objects.filter(locations=key).delete()
    elif name == "FeatureOfInterest":
        _remove_about(key, actor, at)
    if name != "Datastream":
        _gone(type(row).objects.filter(pk=row.pk))
    subject = f"{name.lower()}/{key}"
    events.record(
        actor=actor, verb=f"{name.lower()}.deleted", subject=subject, at=at, scopes=scopes
    )


def remove_observations(*, rows: Any, actor: Actor, at: datetime) -> int:
    """Delete observations that a filter found, and tell how many. Raises Unreadable where there are too many for one request."""
    found = list(rows.values("pk", "stream_id", "time")[: MOST_AT_ONCE + 1])
    if len(found) > MOST_AT_ONCE:
        raise Unreadable("$filter", f"a filter that leaves at most {MOST_AT_ONCE} observations")
    withdraw(observations=found, actor=actor, at=at)
    return len(found)


def _unknown(key: int) -> Any:
    raise Unknown(str(key))


def _gone(rows: QuerySet[Any]) -> None:
    """Delete rows. Raises Refused where records that are kept refer to them: alerts, samples."""
    try:
        rows.delete()
    except ProtectedError:
        raise Refused(_t("Records that are kept refer to this. It cannot be deleted.")) from None


def _remove_streams(streams: Sequence[Datastream], actor: Actor) -> None:
    ids = [stream.pk for stream in streams]
    for stream in streams:
        require_thing(stream.thing, actor)
    locked(ids)
    closed = SpanFile.objects.exclude(state=SpanState.OPEN).values_list("start", "end")
    for start, end in closed:
        if DayCount.objects.filter(stream__in=ids, day__gte=start, day__lt=end).exists():
            raise Refused(
                _t(
                    "Observations of this lie in closed files, which are kept. It cannot be deleted."
                )
            )
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM streams_observation WHERE stream_id = ANY(%s)", [ids])
    _gone(Datastream.objects.filter(pk__in=ids))


def _remove_about(feature_id: int, actor: Actor, at: datetime) -> None:
    """Take away the observations of a feature of interest, which then has none."""
    own = Datastream.objects.filter(feature=feature_id)
    rows = WholeObservation.objects.filter(stream__in=own, feature=feature_id)
    columns = ("pk", "stream_id", "time")
    found = list(rows.values(*columns))
    told = Detail.objects.filter(feature=feature_id).exclude(stream__in=own)
    found += [
        {"pk": pk, "stream_id": stream_id, "time": time}
        for pk, stream_id, time in told.values_list(*columns)
    ]
    withdraw(observations=found, actor=actor, at=at)
    own.update(feature=None)
