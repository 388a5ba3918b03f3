"""Watching: what came in is put before the detectors of all streams.

    python -m benchmarks.alerts [--quick] [--json FILE] [--data FOLDER]

5,000 streams with a detector each (500 with --quick), one observation of each a minute; levels, rates, forecasts and silence in
equal parts. Beside it stands a watch as one would first write it: for each stream a query for its detector and its state, a query
for what is new, and an update of the state.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from . import figures
from .figures import Table, apart
from .ground import enter, ground

MODULE = "benchmarks.alerts"
START = datetime(2026, 11, 20, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
KINDS: tuple[tuple[str, dict[str, float]], ...] = (
    ("above", {"raise_at": 50, "clear_at": 40, "for_s": 120}),
    ("rate", {"raise_at": 900, "clear_at": 300, "over_s": 60}),
    ("residual", {"raise_at": 12, "clear_at": 6, "least_scale": 0.5, "warm_up": 30}),
    ("absence", {"after_s": 3600}),
)
ROUNDS = 8


def prepared(folder: str, count: int) -> dict[str, Any]:
    """Streams of one thing with a detector each, and an hour of what they said."""
    enter(Path(folder))
    from sankul.field.alerts.actions.watch import watch
    from sankul.field.alerts.models import Detector
    from sankul.field.streams.models import Datastream
    from sankul.field.streams.tests import makers

    thing = makers.thing()
    sensor, measured = makers.sensor(thing), makers.observed_property(thing)
    streams = Datastream.objects.bulk_create(
        Datastream(name=f"Stream {k}", thing=thing, sensor=sensor, observed_property=measured, unit=makers.NTU)
        for k in range(count)
    )  # fmt: skip
    Detector.objects.bulk_create(
        Detector(name="It", stream=one, kind=KINDS[k % 4][0], parameters=KINDS[k % 4][1], cluster=thing.cluster,
                 made_at=START, changed_at=START)
        for k, one in enumerate(streams)
    )  # fmt: skip
    ids = [one.pk for one in streams]
    at = START + 60 * MINUTE
    _send(ids, START, 60)
    seconds = []
    for _part in range(-(-count // 500) + 1):  # detectors that are new come in parts
        began = time.perf_counter()
        watch(at=at)
        seconds.append(time.perf_counter() - began)
    return {"ids": ids, "first": sum(seconds)}


def _send(ids: list[int], start: datetime, per: int, beyond: float = 0.0) -> None:
    """``per`` minutes of each stream; a share of them ``beyond`` what is usual."""
    from sankul.field.streams.actions.ingest import ingest
    from sankul.field.streams.queries.sending import Sender
    from sankul.field.streams.rules import DoorName
    from sankul.field.streams.rules.batches import Batch
    from sankul.field.streams.rules.numbers import micros

    rng = np.random.default_rng(micros(start) % 2**32)
    times = micros(start) + np.arange(per, dtype=np.int64) * 60_000_000
    values = np.round(rng.normal(20, 1, per * len(ids)), 2)
    values[rng.random(len(values)) < beyond] += 60
    batch = Batch(np.repeat(np.array(ids, np.int64), per), np.tile(times, len(ids)), values)
    ingest(batch=batch, sender=Sender(DoorName.COMMAND), at=start + per * MINUTE)


def watched(folder: str, ids: list[int], first: int, beyond: float) -> dict[str, Any]:
    """Seconds of a watch after each minute, best and median of some, the alerts that they raised, and peak memory."""
    enter(Path(folder))
    from sankul.field.alerts.actions.watch import watch

    seconds, raised = [], 0
    for minute in range(first, first + ROUNDS):
        start = START + minute * MINUTE
        _send(ids, start, 1, beyond)
        began = time.perf_counter()
        done = watch(at=start + MINUTE)
        seconds.append(time.perf_counter() - began)
        raised += done.raised if done else 0
    began = time.perf_counter()
    watch(at=START + (first + ROUNDS) * MINUTE)
    idle = time.perf_counter() - began
    return {
        "seconds": sorted(seconds),
        "raised": raised,
        "idle": idle,
        "peak_mib": figures.own_peak_mib(),
    }


def naive(folder: str, ids: list[int], first: int) -> dict[str, Any]:
    """The same by a loop of queries over the streams, without telling anybody: seconds of one minute."""
    enter(Path(folder))
    from django.db import transaction

    from sankul.engines import detectors
    from sankul.field.alerts.models import Detector, DetectorState
    from sankul.field.streams.models import Observation
    from sankul.field.streams.rules.numbers import micros

    start = START + first * MINUTE
    _send(ids, start, 1)
    began = time.perf_counter()
    with transaction.atomic():
        for stream in ids:
            detector = Detector.objects.get(stream=stream)
            state = DetectorState.objects.get(detector=detector)
            rows = list(
                Observation.objects.filter(stream=stream, time__gt=state.upto).order_by("time")
            )
            spec = detectors.spec(detector.kind, detector.parameters)
            after, _found = detectors.advance(
                spec, np.array(state.state), [micros(one.time) for one in rows],
                [one.value for one in rows], [one.flag for one in rows],
            )  # fmt: skip
            state.state, state.upto = after.tolist(), rows[-1].time if rows else state.upto
            state.save(update_fields=["state", "upto"])
        transaction.set_rollback(True)
    return {"seconds": time.perf_counter() - began}


def main() -> int:
    """Run it and print the figures."""
    given = figures.arguments(__doc__ or "").parse_args()
    if given.task:
        name, *rest = json.loads(given.task)
        task: Callable[..., dict[str, Any]] = globals()[name]
        print(json.dumps(task(*rest)))
        return 0
    count = 500 if given.quick else 5000
    table = Table(f"A watch over {count:,} streams, seconds")
    with ground(given.data, "alerts") as folder:
        made = apart(MODULE, "prepared", str(folder), count)
        ids = made["ids"]
        table.add(what="first look of all detectors, with an hour each", best=made["first"])
        for what, first, beyond in (
            ("a minute in which nothing stands out", 60, 0.0),
            ("a minute in which 1 % stand out", 60 + ROUNDS, 0.01),
        ):
            done = apart(MODULE, "watched", str(folder), ids, first, beyond)
            middle = done["seconds"][len(done["seconds"]) // 2]
            table.add(what=what, best=done["seconds"][0], median=middle, raised=done["raised"])
        table.add(what="a minute in which nothing came", best=done["idle"])
        peer = apart(MODULE, "naive", str(folder), ids, 60 + 2 * ROUNDS)
        table.add(what="peer: a loop of queries, raising nothing", best=peer["seconds"])
        table.note = (
            f"Peak memory {done['peak_mib']:.0f} MiB. Alerts are written with their events."
        )
    return figures.finish([table], given.json)


if __name__ == "__main__":
    raise SystemExit(main())
