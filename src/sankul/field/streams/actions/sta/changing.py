"""Changing entities: some of their properties, or all; links to others that exist."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from sankul.core.actions import events
from sankul.core.rules.roles import Actor
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.queries.sta.sources import SOURCES
from sankul.field.streams.rules.odata.bodies import Given

from .amending import amend
from .holding import require_thing, scopes_of, to_change, to_link
from .making import GEOMETRIES, Making, attach
from .places import bounds_of, follow

EMPTY = {"properties": dict}
"""What a property that may be left out is then, if not null."""


@transaction.atomic
def change(
    *,
    given: Given,
    key: int,
    sender: Sender,
    actor: Actor,
    at: datetime,
    is_public: bool | None = None,
) -> None:
    """Change what is given of an entity, and nothing else of it.

    Raises Unknown where the actor may not see it, Forbidden where it may not be changed, Unreadable for a link to nothing, and
    Refused where a rule says no.
    """
    name = given.entity.name
    if name == "Observation":
        amend(given=given, key=key, actor=actor, at=at)
        return
    row = to_change(name, key, actor)
    fields = _fields(given)
    if is_public is not None and hasattr(row, "is_public"):
        fields["is_public"] = is_public
    for column, value in fields.items():
        setattr(row, column, value)
    _relink(given, row, actor)
    if name in GEOMETRIES:
        _set_bounds(row, name)
    row.save()
    _link_many(given, key, Making(sender, actor, at))
    if name == "HistoricalLocation":
        follow(row)
    events.record(
        actor=actor,
        verb=f"{name.lower()}.changed",
        subject=f"{name.lower()}/{key}",
        at=at,
        scopes=scopes_of(name, row),
        data={"changed": sorted({*given.values, *given.links})},
    )


def _fields(given: Given) -> dict[str, Any]:
    columns = SOURCES[given.entity.name].columns
    made = {columns[name][0]: value for name, value in given.values.items()}
    return {
        column: EMPTY[column]() if value is None and column in EMPTY else value
        for column, value in made.items()
    }


def _relink(given: Given, row: Any, actor: Actor) -> None:
    for link in given.entity.links:
        if link.is_many or link.name not in given.links:
            continue
        (target,) = given.links[link.name]
        other = to_link(link.target, int(target), actor, f"{link.name}.@iot.id")  # type: ignore[arg-type]
        if link.target == "Thing":
            require_thing(other, actor)
        setattr(row, SOURCES[given.entity.name].links[link.name], other)


def _link_many(given: Given, key: int, making: Making) -> None:
    for link in given.entity.links:
        if link.is_many and link.name in given.links:
            targets = [int(target) for target in given.links[link.name]]  # type: ignore[arg-type]
            attach(given.entity.name, key, link, targets, making)


def _set_bounds(row: Any, name: str) -> None:
    geometry = GEOMETRIES[name][0]
    for column, value in bounds_of(getattr(row, geometry), row.encoding_type, geometry).items():
        setattr(row, column, value)
