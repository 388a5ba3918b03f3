"""Messages of devices: one observation or many as JSON, made into a batch."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import orjson
from django.utils.translation import gettext as _t

from sankul.core.tables.cells import Misread

from .batches import Batch, Details
from .clocks import instant
from .numbers import micros

MOST_BYTES = 4 * 2**20
SHAPE = '{"stream": 7, "time": "2026-11-22T06:30:00Z", "value": 4.5}'


class NoMessage(ValueError):  # noqa: N818  told to people, not a fault
    """A message that cannot be read at all: why, and where."""

    def __init__(self, reason: str, place: str = "") -> None:
        self.reason, self.place = reason, place
        super().__init__(f"{place} {reason}".strip())


def batch_of(body: bytes, stream_id: int | None = None) -> tuple[Batch, str]:
    """The batch of a message, and the token that it shows (empty if none): one observation, a list of them, or columns.

    One is {"stream", "time", "value", "unit"}; columns are {"stream", "unit", "times": […], "values": […]}. A token can stand
    beside: {"token", "observations": […]}. Where the topic names the stream, messages need not. Times are ISO 8601 with an
    offset, or microseconds since 1970. Raises NoMessage, with the place.
    """
    if len(body) > MOST_BYTES:
        raise NoMessage(_t("The message is larger than %d MB.") % (MOST_BYTES // 2**20))
    try:
        read = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise NoMessage(_t("This is no JSON: %s.") % error) from None
    told = read.get("token", "") if isinstance(read, dict) else ""
    if isinstance(read, dict) and "values" in read:
        return _columns(read, stream_id), str(told)
    if isinstance(read, dict) and isinstance(read.get("observations"), list):
        read = read["observations"]
    return _rows(read if isinstance(read, list) else [read], stream_id), str(told)


def _rows(rows: list[Any], stream_id: int | None) -> Batch:
    ids, times, values = [], [], []
    details: dict[int, Details] = {}
    units: dict[int, str] = {}
    for number, row in enumerate(rows):
        place = f"[{number}]"
        if not isinstance(row, dict):
            raise NoMessage(_t("Expected: %s.") % SHAPE, place)
        ids.append(_stream(row.get("stream", stream_id), place))
        times.append(_time(row.get("time"), f"{place}.time"))
        values.append(_number(row.get("value"), details, number, place))
        if "unit" in row:
            _name_unit(units, ids[-1], row["unit"], place)
    columns = np.array(ids, np.int64), np.array(times, np.int64), np.array(values, np.float64)
    return Batch(*columns, details, units, [f"[{number}]" for number in range(len(rows))])


def _columns(read: dict[str, Any], stream_id: int | None) -> Batch:
    told, values = read.get("times"), read["values"]
    if not isinstance(told, list) or not isinstance(values, list) or len(told) != len(values):
        raise NoMessage(_t("“times” and “values” are lists of equal length."), "values")
    one = _stream(read.get("stream", stream_id), "stream")
    details: dict[int, Details] = {}
    times = (
        told
        if _are_micros(told)
        else [_time(time, f"times[{row}]") for row, time in enumerate(told)]
    )
    found = (
        values
        if set(map(type, values)) <= {int, float}
        else [_number(value, details, row, f"values[{row}]") for row, value in enumerate(values)]
    )
    units: dict[int, str] = {}
    if "unit" in read:
        _name_unit(units, one, read["unit"], "unit")
    ids = np.full(len(times), one, np.int64)
    return Batch(ids, np.array(times, np.int64), np.array(found, np.float64), details, units)


def _are_micros(told: list[Any]) -> bool:
    """Whether all times are microseconds since 1970."""
    return set(map(type, told)) == {int} and min(told) > -(2**53) and max(told) < 2**53


def _stream(told: Any, place: str) -> int:
    if type(told) is int and 0 < told < 2**31:
        return told
    raise NoMessage(_t("The number of a stream is expected."), f"{place}.stream")


def _time(told: Any, place: str) -> int:
    if type(told) is int and abs(told) < 2**53:
        return told
    try:
        found = datetime.fromisoformat(told) if isinstance(told, str) else None
        if found is not None and found.tzinfo is not None:
            return micros(found)
        return micros(instant("" if told is None else str(told), None))
    except (ValueError, Misread) as error:
        raise NoMessage(str(error), place) from None


def _number(told: Any, details: dict[int, Details], row: int, place: str) -> float:
    """The value; null is a missing one, and text, truth or structure is kept as it is."""
    if type(told) in (int, float):
        return float(told)
    details[row] = {"result": told}
    return float("nan")


def _name_unit(units: dict[int, str], stream_id: int, told: Any, place: str) -> None:
    if units.setdefault(stream_id, str(told)) != str(told):
        raise NoMessage(_t("One stream is told in two units."), f"{place}.unit")
