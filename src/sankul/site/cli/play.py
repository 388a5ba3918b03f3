"""A day of the demonstration's water, played in minutes: what is sent, what is found, and what people do about it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta

from sankul.site.cli.data import console, refusals

# The line above sets Django up, so it stays before the rest.
# isort: split
from django.utils import timezone

from sankul.core.formats import moment
from sankul.core.rules.verdicts import Refused
from sankul.field.alerts.actions.watch import watch
from sankul.field.alerts.models import Action, Alert
from sankul.field.alerts.rules import AlertState
from sankul.field.streams.actions import device
from sankul.field.streams.cli import broker
from sankul.field.streams.models import Device, Latest
from sankul.programme.portfolio.models import Deployment
from sankul.site.seeds.demonstration import water
from sankul.site.seeds.demonstration.registry import DEMONSTRATION_PASSWORD, DOMAIN
from sankul.site.seeds.demonstration.water_live import Probe, go_on, probes
from sankul.site.seeds.demonstration.water_play import (
    STEPS,
    Day,
    Event,
    OverHttp,
    Way,
    over_mqtt,
)

NAME = "A played day"
LANDED_S = 5.0
"""How long what a broker has may take to be in the store."""
TITLES = {
    AlertState.OPEN: "raised, and nobody has seen it yet",
    AlertState.ACKNOWLEDGED: "acknowledged",
    AlertState.ACTING: "being dealt with",
    AlertState.CLOSED: "closed with its cause",
}


def play(minutes: float, follows: str, site: str) -> None:
    """Play a day in so many minutes, whose hours are those of a day (yesterday), and tell what happens.

    After the day it goes on for as long again, while the alert waits for somebody.
    """
    with refusals():
        deployment = Deployment.objects.filter(title=water.script()["deployment"]).first()
        if deployment is None:
            raise Refused(
                "The demonstration with its forty sources is not here: make run loads it."
            )
        if minutes <= 0:
            raise Refused("--minutes: a day takes longer than no time.")
        go_on(deployment.title, timezone.now())
        found = probes(deployment.title)
        with _device(deployment) as token, _way(site, token, found) as way:
            day = Day(found, _event(found), _day(follows), way)
            _play(day, minutes * 60 / STEPS, site)


def _day(told: str) -> date:
    if not told:
        return timezone.localdate() - timedelta(days=1)
    try:
        return date.fromisoformat(told)
    except ValueError:
        raise Refused(f"--from: {told!r} is no day; as in 2026-11-20.") from None


def _event(found: list[Probe]) -> Event:
    source, parameter, worst, begins = water.script()["played"]
    stream = next(one for one in found if (one.source, one.parameter) == (source, parameter))
    return Event(stream.stream_id, worst, begins)


@contextmanager
def _device(deployment: Deployment) -> Iterator[str]:
    """The token of a device that may send for the deployment, revoked at the end."""
    at = timezone.now()
    for left in Device.objects.filter(name=NAME, deployment=deployment, revoked_at=None):
        device.revoke(actor=None, device=left, at=at)  # of a play that was killed
    if deployment.cluster is None:
        raise Refused("The deployment is in no cluster's region.")
    made = device.make(
        actor=None, name=NAME, cluster=deployment.cluster, deployment=deployment, at=at
    )
    try:
        yield made.secret
    finally:
        device.revoke(actor=None, device=made.device, at=timezone.now())


@contextmanager
def _way(site: str, token: str, found: list[Probe]) -> Iterator[Way]:
    """By MQTT where a broker listens and what it gets is taken in, else by HTTP; says which."""
    host, port = _broker()
    with suppress(OSError), over_mqtt(host, port, token) as way:
        probe = next(one for one in found if one.parameter == "ph")
        if _lands(way, probe):
            console.print(f"By MQTT, through the broker at {host}:{port}.")
            yield way
            return
    told = f"No broker takes it in at {host}:{port}: by HTTP, to {site}/sta/v1.1."
    console.print(told, soft_wrap=True)
    yield OverHttp(site, token)


def _broker() -> tuple[str, int]:
    if told := os.environ.get("SANKUL_MQTT"):
        host, _, port = told.rpartition(":")
        return host, int(port) if port.isdecimal() else 1883
    return broker.HOST, broker.port()


def _lands(way: Way, probe: Probe) -> bool:
    """Whether a value that is handed to a broker comes to the store."""
    day = Day([probe], Event(0, 0, timezone.now().time()), timezone.localdate(), way)
    at = timezone.now()
    way.send(day.rows(0, at))
    until = time.monotonic() + LANDED_S
    while time.monotonic() < until:
        if Latest.objects.filter(stream=probe.stream_id, time=at).exists():
            return True
        time.sleep(0.1)
    return False


def _play(day: Day, step_s: float, site: str) -> None:
    console.print(
        f"A day of {len({one.source for one in day.probes})} sources in {step_s * STEPS / 60:g} minutes. Every value has the"
        " moment at which it is sent."
    )
    console.print(
        f"Sign in at {site} as operator@{DOMAIN} (password {DEMONSTRATION_PASSWORD}) to answer what comes."
    )
    told = _Teller(site)
    try:
        for step in range(STEPS):
            _stepped(day, step, step_s, told)
        for step in range(STEPS, 2 * STEPS):
            if day.is_closed or day.alert is None:
                break
            if step == STEPS:
                console.print("The day is over. The water stays as it is while the alert waits.")
            _stepped(day, step, step_s, told)
    except OSError as error:
        raise Refused(
            f"{site} does not take it in: {error}. Is the site running (make run)?"
        ) from None
    console.print("The play is over." if day.is_closed else "The play is over; the alert waits on.")


def _stepped(day: Day, step: int, step_s: float, told: _Teller) -> None:
    began = time.monotonic()
    day.step(step, timezone.now(), lambda at: watch(at=at))
    told.tell(day, step)
    time.sleep(max(0.0, began + step_s - time.monotonic()))


class _Teller:
    """Tells what is new."""

    def __init__(self, site: str) -> None:
        self._site = site
        self._said: set[str] = set()

    def tell(self, day: Day, step: int) -> None:
        """Tell the hour of the played day every three hours, and every turn of the alert."""
        if step % 6 == 0 and step < STEPS:
            console.print(f"[dim]{day.clock(step):%H:%M} of the played day[/dim]")
        if step == day.event.step:
            self._once("event", f"{day.clock(step):%H:%M}: {self._name(day)} rises.")
        found = day.alert
        if found is None:
            return
        for line in self._of(found):
            self._once(line, line)

    def _of(self, found: Alert) -> Iterator[str]:
        yield f"Alert {found.pk} is {TITLES[AlertState(found.state)]}: {self._site}/alerts/{found.pk}/"
        for action in Action.objects.filter(alert=found):
            yield f"  {action.owner_post}: {action.what}, by {moment(action.due_at)}"
            if action.done_at:
                yield f"  done: {action.note or action.what}"
        if found.ended_at:
            yield f"  The water is good again since {moment(found.ended_at)}: it can be closed."

    def _name(self, day: Day) -> str:
        one = next(one for one in day.probes if one.stream_id == day.event.stream_id)
        return f"{one.parameter} at {one.source}"

    def _once(self, key: str, line: str) -> None:
        if key not in self._said:
            self._said.add(key)
            console.print(line, markup=False, soft_wrap=True)
