"""Data arrays (OGC 18-088, clause 12): observations of a few streams, taken in together; a bad row is told, the rest lands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

import numpy as np
from django.db import DataError, connection, transaction
from django.db.models import Q
from numpy.typing import NDArray

from sankul.core.rules.verdicts import Refused
from sankul.field.streams.actions.ingest import ingest
from sankul.field.streams.actions.together import ingest_together
from sankul.field.streams.models import FeatureOfInterest
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules.batches import Batch, Details
from sankul.field.streams.rules.numbers import micros
from sankul.field.streams.rules.odata import ENTITIES, Period, Unreadable
from sankul.field.streams.rules.odata.bodies import Given, read_entity, read_id

from .observing import LARGEST_EXACT, Kept, details_of, number_of, observe, time_of
from .places import cover

MOST_OF_ARRAY = 100_000


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
    if not isinstance(components, list) or not all(
        isinstance(name, str) and name in known for name in components
    ):
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
    if set(map(type, part.rows)) != {list} or set(map(len, part.rows)) != {2}:
        return None
    first, second = zip(*part.rows, strict=True)
    times, values = (first, second) if part.components[0] == "phenomenonTime" else (second, first)
    if set(map(type, times)) != {str} or not set(map(type, values)) <= {int, float}:
        return None
    stamps = _stamps(times)
    try:
        numbers = np.array(values, np.float64)
    except OverflowError:
        return None
    if stamps is None or (np.abs(numbers) > LARGEST_EXACT).any():
        return None
    return stamps, numbers


def _stamps(times: Sequence[str]) -> NDArray[np.int64] | None:
    """Microseconds of times that are all of the form 2026-11-22T06:30:00Z, or all with milliseconds; None if they are not."""
    length = len(times[0])
    if length not in (20, 24) or set(map(len, times)) != {length}:
        return None
    try:
        letters = np.frombuffer("".join(times).encode("ascii"), "S1").reshape(-1, length)
        if not (letters[:, [10, length - 1]] == [b"T", b"Z"]).all():
            return None
        told = letters.view(f"S{length}").ravel().astype(f"S{length - 1}")
        return told.astype("datetime64[us]").astype(np.int64)
    except ValueError:
        return None


def _in_one_batch(
    parts: Sequence[Part], columns: Sequence[Columns], sender: Sender, at: datetime
) -> list[int | str]:
    batch = Batch(
        np.repeat([part.stream_id for part in parts], [len(part.rows) for part in parts]),
        np.concatenate([stamps for stamps, _ in columns]),
        np.concatenate([numbers for _, numbers in columns]),
        needs_feature=True,
    )
    if not len(batch):
        return []
    take_in = ingest if connection.in_atomic_block else ingest_together
    done = take_in(batch=batch, sender=sender, at=at)
    told: list[int | str] = done.ids.tolist()
    for letter in done.letters:
        told[letter.row] = letter.reason
    return told


@dataclass
class Rows:
    """Rows of a part that have more than an instant and a number: those that were read, and what became of the others."""

    part: Part
    sender: Sender
    at: datetime
    told: dict[int, int | str] = field(default_factory=dict)
    read: list[tuple[int, datetime, Given, int | None]] = field(default_factory=list)
    features: dict[Any, int] = field(default_factory=dict)

    def add(self, position: int, row: Any) -> None:
        """Read a row. One over a period is taken in at once, for its key depends on what is there."""
        place = f"{self.part.place}.dataArray[{position}]"
        try:
            given, feature = self._row(row, place)
            time = time_of(given.values.get("phenomenonTime"), self.moment(position))
            if isinstance(time, Period):
                self.told[position] = self.alone(position, given, feature)
            else:
                self.read.append((position, time, given, feature))
        except (Unreadable, Refused) as refused:
            self.told[position] = str(refused)

    def alone(self, position: int, given: Given, feature: int | None) -> int | str:
        """Take in one row by itself, and tell its number or why it was refused."""
        try:
            return observe(
                given=given,
                stream_id=self.part.stream_id,
                feature_id=feature,
                sender=self.sender,
                at=self.moment(position),
            )
        except (Unreadable, Refused, Kept) as refused:
            return str(refused)
        except DataError:
            return f"{given.place}: nothing that cannot be stored, as NUL in a text"

    def moment(self, position: int) -> datetime:
        """When a row without a time was observed: now, each a microsecond after the one before."""
        return self.at + timedelta(microseconds=position)

    def _row(self, row: Any, place: str) -> tuple[Given, int | None]:
        if not isinstance(row, list) or len(row) != len(self.part.components):
            raise Unreadable(place, f"{len(self.part.components)} values")
        named = dict(zip(self.part.components, row, strict=True))
        feature = next((named.pop(key) for key in list(named) if key.startswith("Feature")), None)
        led_by = frozenset({"Datastream"})
        given = read_entity(ENTITIES["Observation"], named, place=place, led_by=led_by)
        return given, None if feature is None else self._feature(feature, place)

    def _feature(self, value: Any, place: str) -> int:
        place = f"{place}.FeatureOfInterest"
        number = read_id(value, place)
        if number not in self.features:
            if not _features_for(self.sender).filter(pk=number).exists():
                raise Unreadable(place, f"one that exists; there is no {number}")
            self.features[number] = number
        return number


def _features_for(sender: Sender) -> Any:
    """The features of interest that somebody may name."""
    if sender.actor is not None:
        return FeatureOfInterest.objects.visible_to(sender.actor)
    own = Q(cluster=sender.device.cluster_id) if sender.device else Q()
    return FeatureOfInterest.objects.filter(own | Q(is_public=True))


def _row_by_row(part: Part, sender: Sender, at: datetime) -> list[int | str]:
    """Rows with more than an instant and a number: each read for itself, then taken in together."""
    rows = Rows(part, sender, at)
    for position, row in enumerate(part.rows):
        rows.add(position, row)
    if rows.read:
        rows.told |= _together(rows)
    return [rows.told[position] for position in range(len(part.rows))]


def _together(rows: Rows) -> dict[int, int | str]:
    batch = _batch(rows)
    try:
        with transaction.atomic():
            done = ingest(batch=batch, sender=rows.sender, at=rows.at)
    except DataError:  # one row cannot be stored: each by itself, to tell which
        return {
            position: rows.alone(position, given, feature)
            for position, _, given, feature in rows.read
        }
    landed = zip(rows.read, done.is_new.tolist(), strict=True)
    for feature in {row[-1] for row, is_new in landed if is_new and row[-1] is not None}:
        cover(stream_id=rows.part.stream_id, feature_id=feature)
    told: dict[int, int | str] = {
        position: number
        for (position, *_), number in zip(rows.read, done.ids.tolist(), strict=True)
    }
    return told | {rows.read[letter.row][0]: letter.reason for letter in done.letters}


def _batch(rows: Rows) -> Batch:
    details: dict[int, Details] = {}
    for row, (_, _, given, feature) in enumerate(rows.read):
        made = details_of(given.values)
        if feature is not None:
            made["feature_id"] = feature
        if made:
            details[row] = cast("Details", made)
    return Batch(
        np.full(len(rows.read), rows.part.stream_id),
        np.array([micros(time) for _, time, _, _ in rows.read], np.int64),
        np.array([number_of(given.values["result"]) for _, _, given, _ in rows.read], np.float64),
        details=details,
        places=[given.place for _, _, given, _ in rows.read],
        needs_feature=True,
    )
