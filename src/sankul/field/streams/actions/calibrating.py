"""Calibrations of sensors, and the drift between two of them taken out as a new version."""

from __future__ import annotations

from datetime import datetime
from math import isfinite
from typing import NamedTuple

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _t
from numpy.typing import NDArray

from sankul.core.actions import events, rows
from sankul.core.models import Document
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.engines import quality
from sankul.field.streams.models import Calibration, Datastream, Revision
from sankul.field.streams.queries.calibrations import before, correction_of
from sankul.field.streams.queries.reading import read
from sankul.field.streams.rules import RECORD_STREAMS, Flag, VersionKind
from sankul.field.streams.rules.numbers import micros
from sankul.field.streams.rules.rows import Rows

from .reviewing import begin, recorded
from .revising import INSTANT, Change, held, write


@transaction.atomic
def record(
    *,
    actor: Actor,
    stream: Datastream,
    calibrated: datetime,
    read: float,
    true: float,
    note: str = "",
    document: Document | None = None,
    at: datetime,
) -> Calibration:
    """Record that the sensor of a stream was calibrated: what it read before that, and what was true.

    Raises Refused for a time to come, figures that are none, and a second calibration at the same time.
    """
    require(actor, RECORD_STREAMS, *stream.thing.scopes)
    if calibrated > at:
        raise Refused(_t("This calibration is in the future."))
    if not (isfinite(read) and isfinite(true)):
        raise Refused(_t("Give two finite numbers."))
    made = Calibration(
        stream=stream, at=calibrated, read=read, true=true, note=note.strip(), document=document,
        made_by=actor.user, made_at=at,
    )  # fmt: skip
    rows.write(
        made, reasons={"calibration_once": _t("There is a calibration at this time already.")}
    )
    scopes, data = stream.thing.scopes, {"calibration": made.pk}
    events.record(
        actor=actor, verb="stream.calibrated", subject=stream, at=at, scopes=scopes, data=data
    )
    return made


@transaction.atomic
def remove(*, actor: Actor, calibration: Calibration, at: datetime) -> None:
    """Take a calibration back that was recorded by mistake. Raises Refused while a correction stands on it."""
    stream = calibration.stream
    require(actor, RECORD_STREAMS, *stream.thing.scopes)
    later = stream.calibrations.filter(at__gt=calibration.at).first()
    for one in (calibration, later):
        if one is not None and correction_of(one):
            raise Refused(_t("A correction stands on this calibration. Undo that first."))
    number = calibration.pk
    calibration.delete()
    scopes, data = stream.thing.scopes, {"calibration": number}
    events.record(
        actor=actor, verb="calibration.removed", subject=stream, at=at, scopes=scopes, data=data
    )


class Correction(NamedTuple):
    """What taking out drift does: the observations, their values after it, and the greatest change."""

    rows: Rows
    values: NDArray[np.float64]

    @property
    def largest(self) -> float:
        """The greatest change of a value, in the unit of the stream."""
        change = np.abs(self.values - self.rows.values)
        return float(np.nanmax(change)) if len(change) else 0.0


def preview(calibration: Calibration) -> Correction:
    """What ``correct`` would do. Raises Refused where there is nothing to correct, with why."""
    since = _why_not(calibration)
    found = read([calibration.stream_id], since, calibration.at + INSTANT)
    return _corrected(found, since, calibration)


@transaction.atomic
def correct(*, actor: Actor, calibration: Calibration, reason: str, at: datetime) -> Revision:
    """Take the drift since the calibration before out of the observations, linear in time, as a new version.

    Flags stay as they are. Raises Refused where there is no calibration before, no gap, nothing to correct, or where the
    stretch is corrected already.
    """
    stream = calibration.stream
    require(actor, RECORD_STREAMS, *stream.thing.scopes)
    since = _why_not(calibration)
    found = held(stream_id=stream.pk, since=since, until=calibration.at, times=None, at=at)
    done = _corrected(found, since, calibration)
    method = {
        "calibration": calibration.pk,
        "start": since.isoformat(),
        "end": calibration.at.isoformat(),
        "gap": calibration.gap,
    }
    made = begin(
        actor=actor,
        stream=stream,
        kind=VersionKind.DRIFT,
        reason=reason,
        rows=done.rows,
        method=method,
        at=at,
    )
    change = Change(done.rows.time_us, done.values, done.rows.flags)
    write(revision=made, change=change)
    return recorded(actor, stream, made, "observations.corrected", at)


def _why_not(calibration: Calibration) -> datetime:
    """The time of the calibration before. Raises Refused where drift cannot be taken out."""
    earlier = before(calibration)
    if earlier is None:
        raise Refused(
            _t("There is no calibration before this one: nobody knows since when it drifted.")
        )
    if calibration.gap == 0:
        raise Refused(_t("The sensor read what was true: there is no drift."))
    if correction_of(calibration):
        raise Refused(_t("The drift up to this calibration is taken out already."))
    return earlier.at


def _corrected(found: Rows, since: datetime, calibration: Calibration) -> Correction:
    """The observations with a value after ``since``, at which the sensor was right, and what they become."""
    is_there = np.isfinite(found.values) & (found.flags != int(Flag.MISSING))
    chosen = found.at(is_there & (found.time_us > micros(since)))
    if not len(chosen.ids):
        raise Refused(_t("There are no observations between these calibrations."))
    drift = quality.Calibration(micros(since), micros(calibration.at), calibration.gap)
    return Correction(chosen, quality.undrifted(chosen.time_us, chosen.values, [drift]))
