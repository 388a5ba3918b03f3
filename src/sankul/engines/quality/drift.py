"""Linear drift of a sensor between two calibrations, taken out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .checking import series_of
from .problems import QualityError


class Calibration(NamedTuple):
    """A sensor in use from ``start_us`` to ``end_us`` (microseconds of UTC), calibrated at both.

    ``gap`` is what the sensor read at the end minus what was true, in the series' unit: how far it
    had drifted since the start.
    """

    start_us: int
    end_us: int
    gap: float


def undrifted(
    time_us: ArrayLike, values: ArrayLike, calibrations: Iterable[Calibration]
) -> NDArray[np.float64]:
    """Values less ``gap`` × (time − start) / (end − start) within each calibration, both ends included.

    Linear in time, as hydrologists correct (Wagner and others, Guidelines and standard procedures for
    continuous water-quality monitors, USGS Techniques and Methods 1–D3, 2006). Other values stay as
    they are; a value at the end of one calibration and the start of the next is corrected by the first.

    Raises QualityError for calibrations that end before they start, overlap, or have no finite gap.
    """
    time, known = series_of(time_us, values)
    corrected, until = known.copy(), -(2**63)
    for each in sorted(calibrations):
        _refuse(each, until)
        inside = (time >= each.start_us) & (time <= each.end_us) & (time != until)
        share = (time[inside] - each.start_us) / (each.end_us - each.start_us)
        corrected[inside] = known[inside] - each.gap * share
        until = each.end_us
    return corrected


def _refuse(calibration: Calibration, until: int) -> None:
    start, end, gap = calibration
    if end <= start:
        raise QualityError("calibration", f"from {start} to {end}", "an end after the start")
    if start < until:
        wrong = f"begins at {start}, before the one before ends at {until}"
        raise QualityError("calibration", wrong, "calibrations that do not overlap")
    if not np.isfinite(gap):
        raise QualityError("calibration.gap", str(gap), "a finite number")
