"""Where things that move say they are."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .problems import QualityError
from .words import Flag

EARTH_M: Final = 6_371_000.0  # mean radius
Box = tuple[float, float, float, float]  # west, south, east, north, in degrees


def check_places(
    longitude: ArrayLike,
    latitude: ArrayLike,
    *,
    farthest_m: float | None = None,
    within: Box | None = None,
) -> NDArray[np.int8]:
    """Flags of positions in degrees: QARTOD's location test.

    Fail: not on the globe, outside the box, on its border, or only one coordinate given. Suspect: more than
    ``farthest_m`` from the position before along a great circle (haversine, of a sphere). Missing: none given.
    """
    lon, lat = np.asarray(longitude, np.float64), np.asarray(latitude, np.float64)
    if lon.shape != lat.shape or lon.ndim != 1:
        raise QualityError("places", f"{lon.shape} and {lat.shape}", "equal lengths")
    flags = np.full(len(lon), Flag.PASS, np.int8)
    if farthest_m is not None and len(lon) > 1:
        with np.errstate(invalid="ignore"):
            flags[1:][distance_m(lon[:-1], lat[:-1], lon[1:], lat[1:]) > farthest_m] = Flag.SUSPECT
    wrong = (np.abs(lat) > 90) | (np.abs(lon) > 180)
    if within is not None:
        west, south, east, north = within
        wrong |= ~((lon > west) & (lon < east) & (lat > south) & (lat < north))
    gone = ~np.isfinite(lon), ~np.isfinite(lat)
    flags[wrong | (gone[0] ^ gone[1])] = Flag.FAIL
    flags[gone[0] & gone[1]] = Flag.MISSING
    return flags


def distance_m(
    lon: ArrayLike, lat: ArrayLike, other_lon: ArrayLike, other_lat: ArrayLike
) -> NDArray[np.float64]:
    """Metres between places in degrees along a great circle of a sphere; within 0.6 % of WGS 84."""
    one, two = np.radians(lat), np.radians(other_lat)
    across = np.radians(np.asarray(other_lon, float) - np.asarray(lon, float))
    chord = np.sin((two - one) / 2) ** 2 + np.cos(one) * np.cos(two) * np.sin(across / 2) ** 2
    metres: NDArray[np.float64] = 2 * EARTH_M * np.arcsin(np.sqrt(np.clip(chord, 0, 1)))
    return metres
