"""The addresses on which a stream is looked after, and the revision, calibration and proposal behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sankul.core.rules.roles import Role
from sankul.field.streams.actions import calibrating, reviewing
from sankul.field.streams.actions.ingest import ingest
from sankul.field.streams.models import Calibration, Datastream, Revision
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import RECORD_STREAMS, DoorName, Flag
from sankul.field.streams.rules.batches import Batch
from sankul.field.streams.tests import makers as streams
from sankul.programme.registry.models import Cluster, Organisation, Programme
from sankul.programme.registry.tests import makers
from tests.matrix import Door, Place


@dataclass(frozen=True)
class Field:
    """A stream of a cluster with a flag that somebody said, and two calibrations between which it drifted."""

    programme: Programme
    cluster: Cluster
    organisation: Organisation
    stream: Datastream
    revision: Revision
    calibration: Calibration


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
    streams.gross_range(stream, 0, 5)
    times = [streams.NOON + k * timedelta(minutes=15) for k in range(3)]
    batch = Batch.of(*((stream.pk, time, 9.0) for time in times))
    ingest(batch=batch, sender=Sender(DoorName.COMMAND), at=makers.AT)
    operator = makers.actor_with(Role.OPERATOR, cluster.scopes[0])
    given: dict[str, Any] = {"actor": operator, "stream": stream, "at": makers.AT}
    said = reviewing.flag(
        **given, since=times[0], until=times[0], flag=Flag.GOOD, reason="A flood."
    )
    calibrating.record(**given, calibrated=times[0] - timedelta(hours=1), read=5, true=5)
    second = calibrating.record(**given, calibrated=times[2], read=6, true=5)
    return Field(cluster.programme, cluster, makers.organisation(), stream, said, second)


NUMBERED: dict[str, Any] = {
    "fill": lambda place: {"number": place.stream.pk},
    "needs": (RECORD_STREAMS,),
}
STRETCH = {"since": "2026-11-20T12:00", "until": "2026-11-20T13:00"}
DOORS: dict[str, list[Door]] = {
    "field/review/": [Door(needs=(RECORD_STREAMS,), on=lambda place: ())],
    "field/streams/<int:number>/review/": [
        Door(
            **NUMBERED,
            changes=True,
            sent=lambda place: STRETCH | {"which": "stretch", "flag": "1", "reason": "Seen."},
        )
    ],
    "field/streams/<int:number>/review/proposals/": [Door(**NUMBERED, changes=True)],
    "field/streams/<int:number>/review/look/": [Door(**NUMBERED, changes=True)],
    "field/streams/<int:number>/review/undo/<int:revision>/": [
        Door(
            fill=lambda place: {"number": place.stream.pk, "revision": place.revision.pk},
            needs=(RECORD_STREAMS,),
            changes=True,
            sent=lambda place: {"reason": "By mistake."},
        )
    ],
    "field/streams/<int:number>/calibrations/": [
        Door(
            **NUMBERED,
            changes=True,
            sent=lambda place: {"calibrated": "2026-11-20T12:20", "read": "7.1", "true": "7"},
        )
    ],
    "field/streams/<int:number>/calibrations/<int:calibration>/": [
        Door(
            fill=lambda place: {"number": place.stream.pk, "calibration": place.calibration.pk},
            needs=(RECORD_STREAMS,),
            changes=True,
            sent=lambda place: {"reason": "Drift."},
        )
    ],
    "field/streams/<int:number>/calibrations/<int:calibration>/remove/": [
        Door(
            fill=lambda place: {"number": place.stream.pk, "calibration": place.calibration.pk},
            needs=(RECORD_STREAMS,),
            changes=True,
        )
    ],
    "field/streams/<int:number>/rules/": [
        Door(
            **NUMBERED,
            changes=True,
            sent=lambda place: {"text": "[gap]\nfail_s = 3600", "reason": "Seen."},
        )
    ],
    "field/streams/<int:number>/rules/again/": [Door(**NUMBERED, changes=True)],
}
