"""The addresses of field systems, and the refused observations behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sankul.field.streams.models import DeadLetter
from sankul.field.streams.rules import RECORD_STREAMS, DoorName, RefusalCode
from sankul.field.streams.tests import makers as streams
from sankul.programme.registry.models import Cluster, Organisation, Programme
from sankul.programme.registry.tests import makers
from tests.matrix import Door, Place


@dataclass(frozen=True)
class Field:
    """A stream of a cluster, and an observation of it that was refused."""

    programme: Programme
    cluster: Cluster
    organisation: Organisation
    letter: DeadLetter


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
    return Field(cluster.programme, cluster, makers.organisation(), letter)


ANYWHERE: dict[str, Any] = {"needs": (RECORD_STREAMS,), "on": lambda place: ()}
DOORS: dict[str, list[Door]] = {
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
