"""What the probes of the demonstration's water found in a year and a half, and what was done about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from django.utils import timezone

from sankul.core.models import Document, User
from sankul.field.alerts.models import Action, Alert, Detector, Proof
from sankul.field.alerts.rules import AlertCause, AlertSeverity, AlertState, DetectorKind
from sankul.field.streams.models import Datastream
from sankul.field.streams.queries.reading import read
from sankul.field.streams.rules.numbers import moment

from .registers import Press
from .registry import DOMAIN, kept
from .water_history import Trouble
from .water_sensors import BATTERY, Streams

AGREED = timedelta(hours=24)
"""By when something is to be done, after it was acknowledged."""
TWO_IN_A_ROW = 1.0
"""Seconds that a value has to stand beyond a level: longer than nothing, so that the next value has to be beyond it too."""


class Watch(NamedTuple):
    """A detector that every stream of a property gets."""

    name: str
    kind: DetectorKind
    parameters: dict[str, float]
    severity: AlertSeverity
    guidance: str


WATCHED: dict[str, tuple[Watch, ...]] = {
    "turbidity": (
        Watch("Turbidity above the limit", DetectorKind.ABOVE, {"raise_at": 5.0, "clear_at": 4.0, "for_s": TWO_IN_A_ROW},
              AlertSeverity.URGENT,
              "Look for a burst main or work on the line. Tell people to boil the water until it is clear."),
    ),
    "chlorine": (
        Watch("Too little chlorine", DetectorKind.BELOW, {"raise_at": 0.2, "clear_at": 0.25, "for_s": TWO_IN_A_ROW},
              AlertSeverity.URGENT,
              "Look at the dosing pump and the cylinder. Dose by hand until it works."),
    ),
    BATTERY: (
        Watch("Battery low", DetectorKind.BELOW, {"raise_at": 11.8, "clear_at": 12.2, "for_s": TWO_IN_A_ROW},
              AlertSeverity.NOTICE,
              "Look at the panel: dust, shade, a cable that rats have eaten."),
        Watch("The probe is silent", DetectorKind.ABSENCE, {"after_s": 10_800.0}, AlertSeverity.WARNING,
              "Call the site. Without values nobody knows whether the water is safe: take a sample."),
    ),
}  # fmt: skip
Key = tuple[str, str, DetectorKind]


@dataclass(frozen=True)
class Told:
    """One alert of the story."""

    trouble: Trouble
    acknowledged_minutes: float
    acted_hours: float
    cause: str
    post: str
    what: str
    is_over: bool

    @property
    def kind(self) -> DetectorKind:
        """What kind of detector found it."""
        if self.trouble.how == "silent":
            return DetectorKind.ABSENCE
        return WATCHED[self.trouble.parameter][0].kind


def story(script: dict[str, Any], at: datetime) -> list[Told]:
    """Every alert of water.toml, those that are over first, by their begin."""
    over = [
        Told(Trouble(source, code, _when(when, at), hours, worst), minutes, acted, cause, post, what, True)
        for source, code, worst, when, hours, minutes, acted, cause, post, what in script["alerts"]
    ]  # fmt: skip
    standing = [
        Told(
            Trouble(source, code, _when(ago, at), ago * 24 + 1, worst, how), minutes, 0, "", post, what, False
        )
        for source, code, worst, ago, how, minutes, post, what in script["standing"]
    ]  # fmt: skip
    return sorted(over, key=lambda one: one.trouble.begins_at) + standing


def troubles(script: dict[str, Any], at: datetime) -> list[Trouble]:
    """All that streams do that is not usual."""
    away = [
        Trouble(source, code, at - timedelta(days=30), 720, value, "drift")
        for source, code, value in script["drifting"]
    ]
    return [one.trouble for one in story(script, at)] + away


def _when(told: datetime | float, at: datetime) -> datetime:
    """A moment of the file: a time in India, or so many days ago on the half hour."""
    if isinstance(told, datetime):
        return timezone.make_aware(told)
    step = timedelta(minutes=30)
    return at - timedelta(days=told) - (at - datetime(2026, 1, 1, tzinfo=at.tzinfo)) % step


def watch(streams: Streams, script: dict[str, Any], at: datetime) -> None:
    """Set the detectors, and write what they found and what was done."""
    detectors = _detectors(streams, at)
    told = story(script, at)
    operator = User.objects.get(email=f"operator@{DOMAIN}")
    pairs = [(one, _alert(one, detectors, operator, at)) for one in told]
    Alert.objects.bulk_create(row for _one, row in pairs)
    acted = [(one, row, _action(one, row, operator)) for one, row in pairs if one.what]
    Action.objects.bulk_create(action for _one, _row, action in acted)
    press = Press()
    Proof.objects.bulk_create(
        Proof(
            action=action,
            document=_sheet(press, one, row),
            added_at=row.acted_at,
            added_by=operator,
        )
        for one, row, action in acted
        if row.acted_at
    )


def _detectors(streams: Streams, at: datetime) -> dict[Key, Detector]:
    made: dict[Key, Detector] = {}
    for (source, code), stream in streams.items():
        for watched in WATCHED.get(code, ()):
            if source.startswith("Hema ") and code != BATTERY:
                continue  # rivers have no limit of drinking water
            made[source, code, watched.kind] = _detector(watched, stream, at)
    Detector.objects.bulk_create(made.values())
    return made


def _detector(watched: Watch, stream: Datastream, at: datetime) -> Detector:
    thing = stream.thing
    return Detector(
        name=watched.name, kind=watched.kind, stream=stream, parameters=watched.parameters, severity=watched.severity,
        guidance=watched.guidance, cluster=thing.cluster, organisation=thing.organisation, made_at=at, changed_at=at,
    )  # fmt: skip


def _alert(one: Told, detectors: dict[Key, Detector], operator: User, at: datetime) -> Alert:
    """The alert with its moments: those of the observations as the stream has them, those of people as the story says."""
    detector = detectors[one.trouble.source, one.trouble.parameter, one.kind]
    thing = detector.stream.thing if detector.stream else None
    found = _observed(one, detector, at)
    raised_at = found.began_at + timedelta(minutes=31)
    acknowledged_at = raised_at + timedelta(minutes=one.acknowledged_minutes)
    is_seen = one.acknowledged_minutes > 0
    row = Alert(
        detector=detector, stream=detector.stream, thing=thing, cluster=detector.cluster,
        organisation=detector.organisation, severity=detector.severity, state=AlertState.ACTING if is_seen else AlertState.OPEN,
        began_at=found.began_at, raised_at=raised_at, ended_at=found.ended_at if one.is_over else None, worst=found.worst,
        worst_at=found.worst_at, level=detector.parameters.get("raise_at", detector.parameters.get("after_s")),
        observation_ids=found.ids, acknowledged_at=acknowledged_at if is_seen else None,
        acknowledged_by=operator if is_seen else None,
    )  # fmt: skip
    if one.is_over:
        done_at = found.began_at + timedelta(hours=one.acted_hours or one.trouble.hours)
        row.acted_at = done_at if one.acted_hours else None
        row.state, row.cause, row.closed_by = AlertState.CLOSED, AlertCause(one.cause), operator
        row.closed_at = max(done_at, found.ended_at or done_at) + timedelta(hours=1)
    return row


class Observed(NamedTuple):
    """What a stream shows of a trouble."""

    began_at: datetime
    ended_at: datetime | None
    worst: float
    worst_at: datetime
    ids: list[int]


def _observed(one: Told, detector: Detector, at: datetime) -> Observed:
    begins = one.trouble.begins_at
    if one.kind == DetectorKind.ABSENCE:
        return Observed(begins, None, (at - begins).total_seconds(), at, [])
    until = begins + timedelta(hours=one.trouble.hours + 4)
    rows = read(
        [detector.stream_id or 0],
        begins - timedelta(hours=1),
        min(until, at + timedelta(seconds=1)),
    )
    level = detector.parameters["raise_at"]
    is_above = detector.kind == DetectorKind.ABOVE
    beyond = np.flatnonzero(rows.values > level if is_above else rows.values < level)
    worst = beyond[np.argmax(rows.values[beyond]) if is_above else np.argmin(rows.values[beyond])]
    after = rows.time_us[rows.time_us > rows.time_us[beyond[-1]]]
    return Observed(
        moment(int(rows.time_us[beyond[0]])),
        moment(int(after[0])) if len(after) else None,
        float(rows.values[worst]),
        moment(int(rows.time_us[worst])),
        rows.ids[beyond][:100].tolist(),
    )


def _action(one: Told, row: Alert, operator: User) -> Action:
    begun_at = (row.acknowledged_at or row.raised_at) + timedelta(minutes=5)
    done_at = row.acted_at or (row.closed_at and row.closed_at - timedelta(minutes=30))
    return Action(
        alert=row, what=one.what, owner_post=one.post, due_at=begun_at + AGREED, begun_at=begun_at, begun_by=operator,
        done_at=done_at and max(done_at, begun_at), done_by=operator if done_at else None,
        note=f"{one.what}." if done_at else "",
    )  # fmt: skip


def _sheet(press: Press, one: Told, row: Alert) -> Document:
    """The job sheet that shows what was done."""
    done_at = timezone.localtime(row.acted_at)
    lines = _lines(one, row)
    content = press.pdf(
        title=f"Job sheet: {one.trouble.source}", author=one.post, lines=list(lines)
    )
    return kept(
        content, f"job-sheet-{done_at:%Y-%m-%d}-{row.pk}.pdf", row.acted_at or row.raised_at
    )


def _lines(one: Told, row: Alert) -> Iterator[str]:
    began, done = (timezone.localtime(each) for each in (row.began_at, row.acted_at))
    yield f"Found on {began:%d %b %Y, %H:%M}: {one.trouble.parameter} at {row.worst:g}."
    yield f"Done on {done:%d %b %Y, %H:%M}: {one.what}."
    yield f"By: {one.post}."
