"""The addresses of water, and the records behind them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sankul.core.rules.roles import PLATFORM, Permission
from sankul.field.water.models import Response, Sample, Source, Village
from sankul.field.water.rules import (
    IMPORT_RIVERS,
    RECORD_WATER,
    RESPOND_WATER,
    SEE_WATER,
    SET_LIMITS,
)
from sankul.field.water.tests import makers as water
from sankul.programme.registry.models import Cluster, Organisation, Programme
from sankul.programme.registry.tests import makers
from tests.matrix import Door, Place


@dataclass(frozen=True)
class Around:
    """A village with a public source, and one that is not, each sampled."""

    programme: Programme
    cluster: Cluster
    organisation: Organisation
    village: Village
    open: Source
    closed: Source
    hidden_village: Village
    sample: Sample
    response: Response


def _place(cluster: Cluster) -> Around:
    village = water.village(cluster)
    shown, hidden = water.source(village), water.source(village, is_public=False)
    water.sample(shown, fluoride="2.2", ph="7.1")
    sample = water.sample(hidden, ecoli="12")
    water.plan(hidden)
    apart = water.village(cluster, body=village.body)
    water.source(apart, is_public=False)
    return Around(
        cluster.programme, cluster, village.body, village, shown, hidden, apart, sample, water.response(hidden)
    )  # fmt: skip


def places() -> dict[str, Place]:
    """The own place, one in a cluster beside, one in another programme."""
    first = makers.cluster()
    return {
        "own": _place(first),
        "beside": _place(makers.cluster(first.programme)),
        "elsewhere": _place(makers.cluster()),
    }


def _number(name: str) -> Callable[[Any], dict[str, Any]]:
    return lambda place: {"number": getattr(place, name).pk}


def _of(record: str, name: str, *needs: Permission, changes: bool = False) -> Door:
    """A record of the village's, for those who hold one of these permissions there."""
    return Door(record, _number(name), needs=needs, on=lambda place: place.village.scopes, changes=changes)  # fmt: skip


def _platform(permission: Permission) -> list[Door]:
    return [Door(needs=(permission,), on=lambda _place: (PLATFORM,), changes=True)]


SOURCE = [Door("public source", _number("open")), _of("source", "closed", SEE_WATER)]

DOORS: dict[str, list[Door]] = {
    "water/": [Door()],
    "water/risks/": [Door()],
    "water/limits/": [Door()],
    "water/limits/new/": _platform(SET_LIMITS),
    "water/rivers/": [Door()],
    "water/rivers/new/": _platform(IMPORT_RIVERS),
    "water/rivers/tables/": [Door(needs=(IMPORT_RIVERS,), on=lambda _place: (PLATFORM,))],
    "water/reports/<str:month>.pdf": [Door(fill=lambda _place: {"month": "2026-10"})],
    "water/places/<int:number>/": SOURCE,
    "water/villages/": [Door(needs=(RECORD_WATER,), on=lambda _place: ())],
    "water/schemes/": [Door()],
    "water/plans/": [Door()],
    "water/villages/<int:number>/": [
        Door("village of a public source", _number("village")),
        _of("village", "hidden_village", SEE_WATER),
    ],
    "water/villages/new/": [
        Door(needs=(RECORD_WATER,), on=lambda _place: (), changes=True),
    ],
    "water/villages/<int:number>/source/": [_of("village", "village", RECORD_WATER, changes=True)],
    "water/sources/<int:number>/": SOURCE,
    "water/sources/<int:number>/sample/": [_of("source", "closed", RECORD_WATER, changes=True)],
    "water/sources/<int:number>/sensor/": [_of("source", "closed", RECORD_WATER, changes=True)],
    "water/sources/<int:number>/plan/": [_of("source", "closed", RECORD_WATER, changes=True)],
    "water/sources/<int:number>/respond/": [_of("source", "closed", RESPOND_WATER, changes=True)],
    "water/samples/<int:number>/": [_of("sample", "sample", SEE_WATER)],
    "water/samples/<int:number>/hand-on/": [_of("sample", "sample", RECORD_WATER, changes=True)],
    "water/samples/<int:number>/results/": [_of("sample", "sample", RECORD_WATER, changes=True)],
    "water/responses/<int:number>/close/": [
        _of("response", "response", RESPOND_WATER, changes=True)
    ],
    "api/water/sources": [Door()],
    "api/water/sources/<number>": SOURCE,
    "api/water/sources/<number>/compliance": SOURCE,
    "api/water/samples": [Door()],
    "api/water/samples/<number>": [_of("sample", "sample", SEE_WATER)],
    "api/water/limits": [Door()],
    "api/water/risks": [Door()],
}
