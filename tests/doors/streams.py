"""The addresses of field systems, and the refused observations behind them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sankul.field.streams.models import Datastream, DeadLetter, Outline
from sankul.field.streams.rules import RECORD_STREAMS, SEE_STREAMS, DoorName, RefusalCode
from sankul.field.streams.tests import makers as streams
from sankul.programme.registry.models import Cluster, Organisation, Programme
from sankul.programme.registry.tests import makers
from tests.matrix import Door, Place


@dataclass(frozen=True)
class Field:
    """A stream of a cluster, an observation of it that was refused, a stream that is not public, an outline."""

    programme: Programme
    cluster: Cluster
    organisation: Organisation
    letter: DeadLetter
    shown: Datastream
    hidden: Datastream
    outline: Outline


def places() -> dict[str, Place]:
    """Streams of one's own cluster, of one beside it, and of another programme."""
    here, elsewhere = makers.programme(), makers.programme()
    return {
        "own": _field(makers.cluster(here)),
        "beside": _field(makers.cluster(here)),
        "elsewhere": _field(makers.cluster(elsewhere)),
    }


def _field(cluster: Cluster) -> Field:
    stream = streams.stream(streams.thing(cluster=cluster))
    payload = {"stream": stream.pk, "time": streams.NOON.isoformat(), "value": 4.5}
    letter = DeadLetter.objects.create(
        door=DoorName.MQTT,
        code=RefusalCode.UNIT,
        reason="The unit is FNU.",
        payload=payload,
        stream=stream,
        cluster=cluster,
        received_at=makers.AT,
    )
    hidden = streams.stream(streams.thing(cluster=cluster, is_public=False))
    outline = streams.outline(cluster)
    return Field(cluster.programme, cluster, makers.organisation(), letter, stream, hidden, outline)


SEEN: dict[str, Any] = {
    "needs": (SEE_STREAMS,),
    "on": lambda place: place.hidden.thing.scopes,
}


def _of_thing(stream: Datastream) -> dict[str, Any]:
    return {"number": stream.thing_id}


def _of_stream(stream: Datastream) -> dict[str, Any]:
    return {"number": stream.pk}


def _seen(fill: Callable[[Datastream], dict[str, Any]], **more: str) -> list[Door]:
    """Doors to a public stream or its thing, open to all, and to one that is not public."""
    return [
        Door("public", lambda place: fill(place.shown) | more),
        Door("not public", lambda place: fill(place.hidden) | more, **SEEN),
    ]


ANYWHERE: dict[str, Any] = {"needs": (RECORD_STREAMS,), "on": lambda place: ()}
DOORS: dict[str, list[Door]] = {
    "field/": [Door()],
    "field/things/<int:number>/": _seen(_of_thing),
    "field/things/<int:number>/data/": _seen(_of_thing),
    "field/things/<int:number>/observations.<slug:form>": _seen(_of_thing, form="json"),
    "field/streams/<int:number>/": _seen(_of_stream),
    "field/streams/<int:number>/data/": _seen(_of_stream),
    "field/streams/<int:number>/observations.<slug:form>": _seen(_of_stream, form="csv"),
    "field/outlines/": [Door(**ANYWHERE)],
    "field/outlines/new/": [Door(**ANYWHERE, changes=True, sent=lambda place: {})],
    "field/outlines/<int:number>/remove/": [
        Door(
            fill=lambda place: {"number": place.outline.pk},
            needs=(RECORD_STREAMS,),
            changes=True,
            sent=lambda place: {"confirmed": "yes"},
        )
    ],
    "streams/upload/": [Door(**ANYWHERE)],
    "streams/refused/": [Door(**ANYWHERE)],
    "streams/refused/<int:number>/": [
        Door(
            fill=lambda place: {"number": place.letter.pk},
            needs=(RECORD_STREAMS,),
            changes=True,
            sent=lambda place: {"do": "replay"},
        )
    ],
}
