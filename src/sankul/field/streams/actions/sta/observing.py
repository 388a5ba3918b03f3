"""Observations that come through the SensorThings API, one by one or in arrays: all through ``ingest``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

import numpy as np
from django.db import connection

from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.field.streams.actions.ingest import ingest
from sankul.field.streams.actions.together import ingest_together
from sankul.field.streams.models import WholeObservation
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import RefusalCode
from sankul.field.streams.rules.batches import Batch, Details, Letter
from sankul.field.streams.rules.numbers import micros
from sankul.field.streams.rules.odata import Period, Unreadable
from sankul.field.streams.rules.odata.bodies import Given

from .places import cover

LARGEST_EXACT = 2**53
MOST_OF_ARRAY = 100_000
DETAILS = {"resultTime": "result_at", "parameters": "parameters", "resultQuality": "quality"}


def observe(
    *, given: Given, stream_id: int, feature_id: int | None, sender: Sender, at: datetime
) -> int:
    """Take in one observation and tell its number; one that is there already is the same.

    Raises Unreadable for a stream or a feature that is not there, and Kept for what ``ingest`` refuses: a stream that is not the
    sender's (Forbidden), another result at the same time (Refused).
    """
    details = dict(details_of(given.values))
    if feature_id is not None:
        details["feature_id"] = feature_id
    time, value = time_of(given.values.get("phenomenonTime"), at), number_of(given.values["result"])
    if isinstance(time, Period):
        details["ends_at"] = time.end
        time = free_key(stream_id, time)
    batch = Batch(
        np.array([stream_id]),
        np.array([micros(time)]),
        np.array([value]),
        details={0: cast("Details", details)} if details else {},
        places=[given.place or "Observation"],
        needs_feature=True,
    )
    take_in = ingest if connection.in_atomic_block else ingest_together
    done = take_in(batch=batch, sender=sender, at=at)
    for letter in done.letters:
        raise Kept(refusal(letter))
    if feature_id is not None and done.is_new[0]:
        cover(stream_id=stream_id, feature_id=feature_id)
    return int(done.ids[0])


class Kept(Exception):  # noqa: N818
    """An observation was refused, for the reason of ``refusal``, and is kept as a dead letter."""

    def __init__(self, refusal: Exception) -> None:
        self.refusal = refusal
        super().__init__(str(refusal))


def refusal(letter: Letter) -> Exception:
    """What a row that was refused is told as."""
    if letter.code is RefusalCode.FORBIDDEN:
        return Forbidden(letter.reason)
    if letter.code is RefusalCode.CONFLICT:
        return Refused(letter.reason)
    return Unreadable(letter.place, letter.reason)


def details_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """What an observation has beyond its time and number, as ``ingest`` takes it."""
    details = {key: values[name] for name, key in DETAILS.items() if values.get(name) is not None}
    if isinstance(valid := values.get("validTime"), Period):
        details |= {"valid_from": valid.start, "valid_until": valid.end}
    elif valid is not None:
        details |= {"valid_from": valid}
    if np.isnan(number_of(values["result"])):
        details["result"] = values["result"]
    return details


def number_of(result: Any) -> float:
    """A result as a number, NaN for one that is none or that a float cannot hold exactly."""
    if isinstance(result, bool) or not isinstance(result, int | float):
        return float("nan")
    if isinstance(result, int) and abs(result) > LARGEST_EXACT:
        return float("nan")
    return float(result)


def time_of(given: datetime | Period | None, at: datetime) -> datetime | Period:
    if isinstance(given, Period) and given.start == given.end:
        return given.start
    return given or at


def free_key(stream_id: int, period: Period) -> datetime:
    """The key of an observation over a period: its begin to the millisecond, and microseconds that no other one there has.

    The same period has the same key. Those of instants end in whole microseconds of their own, so a period begins at the first.
    """
    start = period.start.replace(microsecond=period.start.microsecond // 1000 * 1000)
    taken = dict(
        WholeObservation.objects.order_by()
        .filter(stream=stream_id, time__gt=start, time__lt=start + timedelta(milliseconds=1))
        .values_list("time", "ends_at")
    )
    keys = [start + timedelta(microseconds=step) for step in range(1, 1000)]
    same = next((key for key in keys if taken.get(key) == period.end), None)
    return same or next((key for key in keys if key not in taken), keys[-1])
