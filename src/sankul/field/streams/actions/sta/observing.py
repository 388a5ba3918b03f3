"""Observations that come through the SensorThings API, one by one or in arrays: all through ``ingest``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import numpy as np
from django.db import DataError, connection
from numpy.typing import NDArray

from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.field.streams.actions.ingest import ingest
from sankul.field.streams.actions.together import ingest_together
from sankul.field.streams.models import FeatureOfInterest, WholeObservation
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import RefusalCode
from sankul.field.streams.rules.batches import Batch, Details, Letter
from sankul.field.streams.rules.numbers import micros
from sankul.field.streams.rules.odata import ENTITIES, Period, Unreadable
from sankul.field.streams.rules.odata.bodies import Given, read_entity, read_id

from .places import cover, feature_of, settled

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
    feature = feature_id
    if feature is None and not settled([stream_id]):
        feature = feature_of(stream_id, "FeatureOfInterest")
    if feature is not None:
        details["feature_id"] = feature
    time, value = _time(given.values.get("phenomenonTime"), at), number_of(given.values["result"])
    if isinstance(time, Period):
        details["ends_at"] = time.end
        time = free_key(stream_id, time)
    batch = Batch(
        np.array([stream_id]),
        np.array([micros(time)]),
        np.array([value]),
        details={0: cast("Details", details)} if details else {},
        places=[given.place or "Observation"],
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


def _time(given: datetime | Period | None, at: datetime) -> datetime | Period:
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


@dataclass(frozen=True)
class Part:
    """The observations of one stream in a data array: its rows, by the names of ``components``."""

    stream_id: int
    components: Sequence[str]
    rows: Sequence[Sequence[Any]]
    place: str


def read_arrays(body: Any) -> list[Part]:
    """The parts of a data array (OGC 18-088, clause 12.2). Raises Unreadable with the place."""
    if not isinstance(body, list):
        raise Unreadable("body", "a list of Datastreams with their data arrays")
    parts = [_part(one, f"[{position}]") for position, one in enumerate(body)]
    if sum(len(part.rows) for part in parts) > MOST_OF_ARRAY:
        raise Unreadable(
            "body", f"at most {MOST_OF_ARRAY} observations; send them in several requests"
        )
    return parts


def _part(one: Any, place: str) -> Part:
    if not isinstance(one, dict) or not isinstance(one.get("Datastream"), dict):
        raise Unreadable(f"{place}.Datastream", 'a link, as in {"@iot.id": 1}')
    components, rows = one.get("components"), one.get("dataArray")
    known = {"FeatureOfInterest/id", "FeatureOfInterest/@iot.id"}
    known |= ENTITIES["Observation"].property_named.keys()
    if not isinstance(components, list) or not all(name in known for name in components):
        raise Unreadable(f"{place}.components", f"names out of {', '.join(sorted(known))}")
    if "result" not in components or len(set(components)) < len(components):
        raise Unreadable(f"{place}.components", "each name once, and result among them")
    if not isinstance(rows, list):
        raise Unreadable(f"{place}.dataArray", "a list of rows")
    stream_id = read_id(one["Datastream"].get("@iot.id"), f"{place}.Datastream.@iot.id")
    return Part(stream_id, components, rows, place)


def observe_arrays(*, parts: Sequence[Part], sender: Sender, at: datetime) -> list[int | str]:
    """Take in data arrays: for each row the number of its observation, or why it was refused. The rest lands.

    Raises Forbidden if the sender may not write at all.
    """
    plain = [_columns(part) for part in parts]
    if all(columns is not None for columns in plain) and parts:
        return _in_one_batch(parts, cast("list[Columns]", plain), sender, at)
    return [
        made
        for part, columns in zip(parts, plain, strict=True)
        for made in (
            _in_one_batch([part], [columns], sender, at)
            if columns is not None
            else _row_by_row(part, sender, at)
        )
    ]


Columns = tuple[NDArray[np.int64], NDArray[np.float64]]


def _columns(part: Part) -> Columns | None:
    """Microseconds and values of a part that has nothing but instants and numbers; None for one that has more."""
    if sorted(part.components) != ["phenomenonTime", "result"] or not part.rows:
        return None
    if any(type(row) is not list or len(row) != 2 for row in part.rows):
        return None
    first, second = zip(*part.rows, strict=True)
    times, values = (first, second) if part.components[0] == "phenomenonTime" else (second, first)
    if not set(map(type, times)) <= {str} or not set(map(type, values)) <= {int, float}:
        return None
    if not all(len(time) in (20, 24) and time[-1] == "Z" and time[10] == "T" for time in times):
        return None
    try:
        stamps = np.array([time[:-1] for time in times], "datetime64[us]").astype(np.int64)
        numbers = np.array(values, np.float64)
    except (ValueError, OverflowError):
        return None
    return None if (np.abs(numbers) > LARGEST_EXACT).any() else (stamps, numbers)


def _in_one_batch(
    parts: Sequence[Part], columns: Sequence[Columns], sender: Sender, at: datetime
) -> list[int | str]:
    errors: dict[int, str] = {}
    details: dict[int, Details] = {}
    start, known = 0, settled({part.stream_id for part in parts})
    for part in parts:
        feature = None if part.stream_id in known else _feature(part, errors, start)
        if feature is not None:
            rows = range(start, start + len(part.rows))
            details |= {row: cast("Details", {"feature_id": feature}) for row in rows}
        start += len(part.rows)
    batch = Batch(
        np.repeat([part.stream_id for part in parts], [len(part.rows) for part in parts]),
        np.concatenate([stamps for stamps, _ in columns]),
        np.concatenate([numbers for _, numbers in columns]),
        details=details,
    )
    left = _without(batch, errors)
    done = ingest(batch=left.batch, sender=sender, at=at) if len(left.rows) else None
    told: list[int | str] = [errors.get(row, 0) for row in range(len(batch))]
    if done is not None:
        for row, number in zip(left.rows, done.ids.tolist(), strict=True):
            told[row] = number
        for letter in done.letters:
            told[left.rows[letter.row]] = letter.reason
    return told


@dataclass(frozen=True)
class Left:
    """A batch without some rows, and which rows are left."""

    batch: Batch
    rows: Sequence[int]


def _without(batch: Batch, errors: Mapping[int, str]) -> Left:
    if not errors:
        return Left(batch, range(len(batch)))
    rows = [row for row in range(len(batch)) if row not in errors]
    details = {new: batch.details[old] for new, old in enumerate(rows) if old in batch.details}
    return Left(
        Batch(batch.stream_ids[rows], batch.time_us[rows], batch.values[rows], details=details),
        rows,
    )


def _feature(part: Part, errors: dict[int, str], start: int) -> int | None:
    try:
        return feature_of(part.stream_id, "FeatureOfInterest")
    except Unreadable as refused:
        errors |= dict.fromkeys(range(start, start + len(part.rows)), str(refused))
        return None


def _row_by_row(part: Part, sender: Sender, at: datetime) -> list[int | str]:
    """Rows with more than an instant and a number, each for itself."""
    told: list[int | str] = []
    for position, row in enumerate(part.rows):
        place = f"{part.place}.dataArray[{position}]"
        moment = at + timedelta(microseconds=position)
        try:
            told.append(_one_row(part, row, place, sender, moment))
        except (Unreadable, Refused, Kept) as refused:
            told.append(str(refused))
        except DataError:
            told.append(f"{place}: nothing that cannot be stored, as NUL in a text")
    return told


def _one_row(part: Part, row: Any, place: str, sender: Sender, at: datetime) -> int:
    if not isinstance(row, list) or len(row) != len(part.components):
        raise Unreadable(place, f"{len(part.components)} values")
    named = dict(zip(part.components, row, strict=True))
    feature = next((named.pop(key) for key in list(named) if key.startswith("Feature")), None)
    given = read_entity(
        ENTITIES["Observation"], named, place=place, led_by=frozenset({"Datastream"})
    )
    feature_id = None if feature is None else existing_feature(feature, place)
    return observe(
        given=given, stream_id=part.stream_id, feature_id=feature_id, sender=sender, at=at
    )


def existing_feature(value: Any, place: str) -> int:
    """The number of a feature of interest that exists. Raises Unreadable."""
    number = read_id(value, f"{place}.FeatureOfInterest")
    if not FeatureOfInterest.objects.filter(pk=number).exists():
        raise Unreadable(f"{place}.FeatureOfInterest", f"one that exists; there is no {number}")
    return number
