"""Resource paths (OGC 18-088, clause 9.2): sets, entities, links and properties."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .entities import ENTITIES, SETS, Entity
from .errors import Unreadable

MOST_STEPS = 20
LARGEST_ID = 2**63 - 1
_STEP = re.compile(r"(?P<name>[A-Za-z]+)(?:\((?P<id>[^()]*)\))?")
_INTO = re.compile(r"[^$\[\]/][^\[\]/]*(?:\[\d{1,9}\])*")


@dataclass(frozen=True)
class Step:
    """One step of a path: a link of the entity before (or a set, at the beginning), and the number that chooses of many."""

    name: str
    id: int | None
    entity: Entity
    is_many: bool

    @property
    def is_collection(self) -> bool:
        """Whether it leads to many entities."""
        return self.is_many and self.id is None


@dataclass(frozen=True)
class Resource:
    """What a path names: the steps to it, the property, and the ending ``$ref`` or ``$value``."""

    steps: tuple[Step, ...]
    into: tuple[str, ...] = ()
    ending: str = ""

    @property
    def last(self) -> Step:
        """The step that says what is answered."""
        return self.steps[-1]


class Unknown(Exception):  # noqa: N818
    """The path leads to nothing that there is."""


def parse_resource(path: str) -> Resource:
    """The resource that a path below the service root names, without slashes around it.

    Raises Unknown for names, numbers and orders of steps that do not exist, Unreadable for a path that is too long.
    """
    parts = [part for part in path.strip("/").split("/") if part]
    if len(parts) > MOST_STEPS:
        raise Unreadable("path", f"at most {MOST_STEPS} steps")
    steps: list[Step] = []
    for position, part in enumerate(parts):
        step = _step(part, steps[-1] if steps else None)
        if step is None:
            return _with_tail(tuple(steps), parts[position:])
        steps.append(step)
    return _with_tail(tuple(steps), [])


def _step(part: str, before: Step | None) -> Step | None:
    found = _STEP.fullmatch(part)
    if found is None or (before and before.is_collection):
        return None
    name = found["name"]
    if before is None:
        entity, is_many = SETS.get(name), True
    else:
        link = before.entity.link_named.get(name)
        entity, is_many = (ENTITIES[link.target], link.is_many) if link else (None, False)
    if entity is None or (found["id"] is not None and not is_many):
        return None
    return Step(name, _id(found["id"]), entity, is_many)


def _id(text: str | None) -> int | None:
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,19}", text) or int(text) > LARGEST_ID:
        raise Unknown(text)
    return int(text)


def _with_tail(steps: tuple[Step, ...], tail: list[str]) -> Resource:
    if not steps:
        raise Unknown("/".join(tail))
    if tail == ["$ref"]:
        return Resource(steps, ending="$ref")
    if not tail:
        return Resource(steps)
    ending = "$value" if tail[-1] == "$value" else ""
    into = tuple(tail[: len(tail) - bool(ending)])
    known = steps[-1].entity.property_named.keys() | {"id", "@iot.id", "@iot.selfLink"}
    if steps[-1].is_collection or not into or into[0].split("[")[0] not in known:
        raise Unknown("/".join(tail))
    if not all(_INTO.fullmatch(part) for part in into):
        raise Unknown("/".join(tail))
    return Resource(steps, into, ending)


def steps_into(into: tuple[str, ...]) -> list[str | int]:
    """The keys and numbers of items that lead into a JSON value: ``("properties", "list", 1)`` for properties/list[1]."""
    steps: list[str | int] = []
    for part in into:
        name, *indexes = part.replace("]", "").split("[")
        steps += [name, *(int(index) for index in indexes)]
    return steps
