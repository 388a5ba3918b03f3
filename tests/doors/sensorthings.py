"""The addresses of the SensorThings API, and the things behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sankul.field.streams.models import Datastream, Thing
from sankul.field.streams.rules import SEE_STREAMS
from sankul.field.streams.tests import makers as streams
from sankul.programme.registry.models import Cluster, Organisation, Programme
from sankul.programme.registry.tests import makers
from tests.matrix import Door, Place

REST = "sta/v1.1/<path:rest>"


@dataclass(frozen=True)
class Field:
    """A thing that everybody may see and one that is not public, each with a stream."""

    programme: Programme
    cluster: Cluster
    organisation: Organisation
    shown: Datastream
    hidden: Datastream


def places() -> dict[str, Place]:
    """Things of one's own cluster, of one beside it, and of another programme."""
    here, elsewhere = makers.programme(), makers.programme()
    return {
        "own": _field(makers.cluster(here)),
        "beside": _field(makers.cluster(here)),
        "elsewhere": _field(makers.cluster(elsewhere)),
    }


def _field(cluster: Cluster) -> Field:
    return Field(
        programme=cluster.programme,
        cluster=cluster,
        organisation=makers.organisation(),
        shown=streams.stream(streams.thing(cluster=cluster)),
        hidden=streams.stream(streams.thing(cluster=cluster, is_public=False)),
    )


def _shown(place: Any) -> dict[str, Any]:
    return {"rest": f"Things({place.shown.thing_id})/Datastreams"}


def _hidden(place: Any) -> Thing:
    hidden: Thing = place.hidden.thing
    return hidden


SEEN = {"needs": (SEE_STREAMS,), "on": lambda place: _hidden(place).scopes}
DOORS: dict[str, list[Door]] = {
    "sta/v1.1": [Door()],
    "sta/v1.1/": [Door()],
    REST: [
        Door("set", lambda place: {"rest": "Things"}, changes=True, sent=lambda place: {}),
        Door("public thing", _shown),
        Door("thing", lambda place: {"rest": f"Things({_hidden(place).pk})"}, **SEEN),
        Door(
            "its streams",
            lambda place: {"rest": f"Things({_hidden(place).pk})/Datastreams"},
            **SEEN,
        ),
        Door(
            "stream", lambda place: {"rest": f"Datastreams({place.hidden.pk})/Observations"}, **SEEN
        ),
        Door("sensor", lambda place: {"rest": f"Sensors({place.hidden.sensor_id})"}, **SEEN),
    ],
}
