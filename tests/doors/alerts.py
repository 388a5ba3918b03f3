"""The addresses of alerts, and the records behind them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sankul.core.rules.roles import Permission
from sankul.field.alerts.models import Action, Alert, Detector, Silence, Webhook
from sankul.field.alerts.rules import ANSWER_ALERTS, SEE_ALERTS, SET_DETECTORS
from sankul.field.alerts.tests import makers as alerts
from sankul.field.streams.models import Datastream
from sankul.field.streams.tests import makers as streams
from sankul.programme.portfolio.tests import makers as portfolio
from sankul.programme.registry.models import Cluster, Organisation, Programme
from sankul.programme.registry.tests import makers
from tests.matrix import Door, Place


@dataclass(frozen=True)
class Around:
    """A deployed thing of an organisation of a cluster, with an alert that somebody is on."""

    programme: Programme
    cluster: Cluster
    organisation: Organisation
    stream: Datastream
    detector: Detector
    group: Detector
    alert: Alert
    action: Action
    silence: Silence
    webhook: Webhook


def _place(cluster: Cluster) -> Around:
    body = makers.organisation()
    used = portfolio.deployment(portfolio.project(cluster))
    thing = streams.thing(cluster=cluster, organisation=body, deployment=used, is_public=False)
    stream = streams.stream(thing)
    detector = alerts.detector(stream)
    alert = alerts.acknowledged(detector)
    return Around(
        cluster.programme, cluster, body, stream, detector, _group(stream), alert, alerts.action(alert),
        alerts.silence(thing, organisation=body), alerts.webhook(cluster=cluster, organisation=body),
    )  # fmt: skip


def places() -> dict[str, Place]:
    """The own place, one in a cluster beside, one in another programme."""
    first = makers.cluster()
    return {
        "own": _place(first),
        "beside": _place(makers.cluster(first.programme)),
        "elsewhere": _place(makers.cluster()),
    }


def _group(stream: Datastream) -> Detector:
    """A detector of many sites, on a stream and two more of its thing."""
    return alerts.network(stream, streams.stream(stream.thing), streams.stream(stream.thing))


def _number(name: str) -> Callable[[Any], dict[str, Any]]:
    return lambda place: {"number": getattr(place, name).pk}


def _of(name: str, *needs: Permission, changes: bool = False) -> list[Door]:
    """A record of the thing's, for those who hold a permission there."""
    return [Door(name, _number(name), needs=needs, on=lambda place: place.alert.scopes, changes=changes)]  # fmt: skip


SEES: list[Door] = [Door(needs=(SEE_ALERTS,), on=lambda _place: ())]
SETS: list[Door] = [Door(needs=(SET_DETECTORS,), on=lambda _place: ())]
DOORS: dict[str, list[Door]] = {
    "alerts/": SEES,
    "alerts/<int:number>/": _of("alert", SEE_ALERTS),
    "alerts/<int:number>/acknowledge/": _of("alert", ANSWER_ALERTS, changes=True),
    "alerts/<int:number>/act/": _of("alert", ANSWER_ALERTS, changes=True),
    "alerts/<int:number>/close/": _of("alert", ANSWER_ALERTS, changes=True),
    "alerts/actions/<int:number>/done/": _of("action", ANSWER_ALERTS, changes=True),
    "alerts/counted/<int:number>/": [Door("counted alert", _number("alert"))],
    "alerts/streams/<int:number>/": _of("stream", SEE_ALERTS),
    "alerts/streams/<int:number>/<str:kind>/": [
        Door(
            "stream",
            lambda place: {"number": place.stream.pk, "kind": "above"},
            needs=(SET_DETECTORS,),
            on=lambda place: place.alert.scopes,
            changes=True,
        )
    ],
    "alerts/detectors/<int:number>/": _of("detector", SET_DETECTORS, changes=True),
    "alerts/detectors/<int:number>/switch/": _of("detector", SET_DETECTORS, changes=True),
    "alerts/groups/": SEES,
    "alerts/groups/new/": [Door(needs=(SET_DETECTORS,), on=lambda _place: (), changes=True)],
    "alerts/groups/<int:number>/": _of("group", SEE_ALERTS),
    "alerts/groups/<int:number>/change/": _of("group", SET_DETECTORS, changes=True),
    "alerts/silences/": SEES,
    "alerts/silences/new/": [Door(needs=(SET_DETECTORS,), on=lambda _place: (), changes=True)],
    "alerts/silences/<int:number>/end/": _of("silence", SET_DETECTORS, changes=True),
    "alerts/webhooks/": SETS,
    "alerts/webhooks/new/": [Door(needs=(SET_DETECTORS,), on=lambda _place: (), changes=True)],
    "alerts/webhooks/<int:number>/stop/": _of("webhook", SET_DETECTORS, changes=True),
    "api/alerts": SEES,
    "api/alerts/<number>": _of("alert", SEE_ALERTS),
    **{
        f"api/alerts/<number>/{word}": _of("alert", ANSWER_ALERTS, changes=True)
        for word in ("acknowledge", "act", "close")
    },
}
