"""Moving detectors on over what was observed: one of them, or many of one kind at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import kernels
from .specs import DIRECTIONS, Above, Absence, Rate, Residual, Spec

BEGAN: Final = kernels.BEGAN
ENDED: Final = kernels.ENDED
SECOND: Final = 1_000_000
State = NDArray[np.float64]
OUT: Final = np.dtype(
    [
        ("what", "i8"), ("detector", "i8"), ("row", "i8"), ("at_us", "i8"),
        ("began_us", "i8"), ("worst", "f8"), ("worst_us", "i8"),
    ],
    align=True,
)  # fmt: skip


class Event(NamedTuple):
    """``what`` a detector found (BEGAN or ENDED) by the observation at ``at_us``.

    It lasts since ``began_us``; ``worst`` is the value farthest out until then, of ``worst_us``: of a rate, the rate in an hour;
    of a silence, its length in seconds.
    """

    what: int
    at_us: int
    began_us: int
    worst: float
    worst_us: int


class Found(NamedTuple):
    """What many detectors found: in columns, by detector and time. ``rows`` are places in what was handed in, −1 of the clock."""

    detectors: NDArray[np.int64]
    rows: NDArray[np.int64]
    events: list[Event]


class Span(NamedTuple):
    """Which rows belong to each detector: from ``first`` to before ``last``."""

    first: NDArray[np.int64]
    last: NDArray[np.int64]


def fresh(spec: Spec, since_us: int | None = None) -> State:
    """The state of a detector that has seen nothing. Silence is counted from ``since_us`` on, else from the first observation."""
    state = np.zeros(spec.size)
    if isinstance(spec, Absence):
        state[1] = np.nan if since_us is None else since_us
    if isinstance(spec, Rate):
        state[5:] = np.nan
    return state


def advance(
    spec: Spec, state: State, time_us: ArrayLike, values: ArrayLike, flags: ArrayLike
) -> tuple[State, list[Event]]:
    """A detector after some observations, and what it found in them; ``state`` is left as it was.

    Times rise, and lie after those before. A series in parts gives what it gives at once. Flags are those of QARTOD: what failed
    or is missing raises nothing and ends nothing.
    """
    time = np.asarray(time_us, np.int64)
    span = Span(np.zeros(1, np.int64), np.array([len(time)]))
    states = state[None].copy()
    found = advance_many([spec], states, span, time, values, flags)
    return states[0], found.events


def advance_many(
    specs: Sequence[Spec],
    states: NDArray[np.float64],
    span: Span,
    time_us: ArrayLike,
    values: ArrayLike,
    flags: ArrayLike,
    now_us: int | None = None,
) -> Found:
    """Many detectors of one kind over their rows; ``states`` (a row each) are moved on in place.

    ``now_us`` is the clock, by which silence is noticed (None: only by what came after it).
    """
    time = np.ascontiguousarray(time_us, np.int64)
    known = np.ascontiguousarray(values, np.float64)
    flag = np.ascontiguousarray(flags, np.int64)
    out = np.zeros(int((span.last - span.first).sum()) * 2 + len(specs), OUT)
    if not specs:
        return _told(out[:0])
    if isinstance(specs[0], Absence):
        after = np.array([each.after_s * SECOND for each in specs if isinstance(each, Absence)])
        clock = np.iinfo(np.int64).min // 4 if now_us is None else now_us
        n = kernels.absences(after, states, *span, time, flag, clock, out)
    else:
        n = _kernel(specs[0])(_rows(specs), states, *span, time, known, flag, out)
    return _told(out[:n])


def _kernel(spec: Spec) -> Callable[..., int]:
    if isinstance(spec, Rate):
        return kernels.rates
    return kernels.residuals if isinstance(spec, Residual) else kernels.levels


def _rows(specs: Sequence[Spec]) -> NDArray[np.float64]:
    return np.array([_row(spec) for spec in specs])


def _row(spec: Spec) -> list[float]:
    if isinstance(spec, Rate):
        direction = DIRECTIONS[spec.direction]
        return [spec.raise_at, spec.clear_at, 0.0, direction, spec.over_s * SECOND]
    if isinstance(spec, Residual):
        forecast = [spec.smooth, spec.season_smooth, spec.warm_up, spec.least_scale]
        return [spec.raise_at, spec.clear_at, spec.for_s * SECOND, *forecast]
    if isinstance(spec, Above):
        sign = -1.0 if spec.code == "below" else 1.0
        return [spec.raise_at * sign, spec.clear_at * sign, spec.for_s * SECOND, sign]
    raise TypeError(f"{type(spec).__name__} reads no values")


def _told(out: NDArray[Any]) -> Found:
    columns = [out[name].tolist() for name in Event._fields]
    events = [Event(*row) for row in zip(*columns, strict=True)]
    return Found(out["detector"].copy(), out["row"].copy(), events)
