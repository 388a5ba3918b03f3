"""Where things are and what observations are about: histories of locations, generated features of interest, observed areas."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
import shapely
from django.utils.translation import gettext as _t

from sankul.field.streams.models import (
    Datastream,
    FeatureOfInterest,
    HistoricalLocation,
    Location,
    Thing,
)
from sankul.field.streams.queries.sta.geometry import read_json
from sankul.field.streams.rules.odata import Unreadable
from sankul.field.streams.rules.odata.bodies import is_geo_json

NOWHERE = {"west": None, "east": None, "south": None, "north": None}


def bounds_of(geometry: Any, encoding: str, place: str) -> dict[str, float | None]:
    """The box around a geometry, or no box for what is not GeoJSON. Raises Unreadable for GeoJSON that is none."""
    if not is_geo_json(encoding):
        return dict(NOWHERE)
    read = read_json(geometry)
    if read is None:
        raise Unreadable(place, "GeoJSON (RFC 7946): a geometry or a feature")
    if read.is_empty:
        return dict(NOWHERE)
    west, south, east, north = read.bounds
    return {"west": west, "east": east, "south": south, "north": north}


def locate(*, thing: Thing, locations: Sequence[Location], at: datetime) -> None:
    """Put a thing where these locations say, and keep that it is there from now on (OGC 18-088, clause 8.2.3)."""
    thing.locations.set(locations)
    if locations:
        history = HistoricalLocation.objects.create(thing=thing, time=at)
        history.locations.set(locations)


def follow(history: HistoricalLocation) -> None:
    """Put a thing where its history says, if nothing in it is later."""
    later = HistoricalLocation.objects.filter(thing=history.thing_id, time__gt=history.time)
    if not later.exists():
        history.thing.locations.set(history.locations.all())


class Nowhere(Exception):  # noqa: N818
    """A thing has no location, so what it observes needs a feature of interest."""


def feature_of(stream_id: int) -> int | None:
    """The feature of interest that an observation gets without naming one: where the thing of its stream is.

    None where that is the stream's own. Raises Nowhere.
    """
    stream = Datastream.objects.select_related("feature", "thing").get(pk=stream_id)
    location = _where(stream.thing)
    if location is None:
        if stream.feature_id is None:
            raise Nowhere(
                _t("Name a FeatureOfInterest, or give the Thing a Location to take it from.")
            )
        return None
    own = stream.feature
    if own is not None and own.feature == location.location:
        return None
    feature = _like(location)
    if own is None and not stream.observations.exists():
        stream.feature = feature
        stream.observed_area = _widened(stream.observed_area, feature.feature)
        stream.save(update_fields=["feature", "observed_area"])
        return None
    return feature.pk


def cover(*, stream_id: int, feature_id: int) -> None:
    """Widen a stream's observed area so that it holds a feature of interest."""
    feature = FeatureOfInterest.objects.get(pk=feature_id)
    stream = Datastream.objects.get(pk=stream_id)
    widened = _widened(stream.observed_area, feature.feature)
    if widened != stream.observed_area:
        stream.observed_area = widened
        stream.save(update_fields=["observed_area"])


def _where(thing: Thing) -> Location | None:
    """The location that says where a thing is: as GeoJSON if one does."""
    locations = list(thing.locations.order_by("pk"))
    drawn = [one for one in locations if is_geo_json(one.encoding_type)]
    return next(iter(drawn or locations), None)


def _like(location: Location) -> FeatureOfInterest:
    """The feature of interest made from a location, made if there is none yet."""
    same = {
        "name": location.name,
        "encoding_type": location.encoding_type,
        "feature": location.location,
        "cluster": location.cluster,
        "organisation": location.organisation,
    }
    found = FeatureOfInterest.objects.filter(**same).first()
    return found or FeatureOfInterest.objects.create(
        **same,
        description=location.description,
        is_public=location.is_public,
        west=location.west,
        east=location.east,
        south=location.south,
        north=location.north,
    )


def _widened(area: Any, feature: Any) -> Any:
    """The box around an area and a feature, as GeoJSON."""
    parts = [one for one in (read_json(area), read_json(feature)) if one is not None]
    if not parts or all(one.is_empty for one in parts):
        return area
    return orjson.loads(shapely.to_geojson(shapely.union_all(parts).envelope))
