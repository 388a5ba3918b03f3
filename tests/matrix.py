"""Every address × every role × its own and others' records: the walk, and what must be true of the answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver

from sankul.core.models import User
from sankul.core.queries.actors import actor as actor_of
from sankul.core.rules.roles import (
    PERMISSIONS,
    PLATFORM,
    Actor,
    Permission,
    Role,
    Scope,
    verdict,
)
from sankul.programme.registry.models import Cluster, Organisation, Programme
from sankul.programme.registry.tests import makers

from . import golden

NEAREST = {
    **dict.fromkeys(("ceo", "staff", "nodal", "lab manager", "member", "operator"), ("beside",)),
    **dict.fromkeys(("officer", "apex", "evaluator", "reviewer"), ("elsewhere",)),
}
"""Of roles on a cluster or in it what is beside, of those on a programme another one; to others all places are alike."""
ANYWHERE = "any"


class Place(Protocol):
    """Records in one place: of the role's own cluster, of one beside it, or of another programme."""

    @property
    def programme(self) -> Programme: ...
    @property
    def cluster(self) -> Cluster: ...
    @property
    def organisation(self) -> Organisation: ...


Scopes = Callable[[Any], tuple[Scope, ...]]


@dataclass(frozen=True)
class Door:
    """A record behind an address: what fills the address, and who may come in (None: everybody)."""

    record: str = ""
    fill: Callable[[Any], dict[str, Any]] | None = None
    query: Callable[[Any], str] | None = None
    needs: tuple[Permission, ...] | None = None
    on: Scopes = lambda place: place.cluster.scopes
    changes: bool = False
    sent: Callable[[Any], dict[str, str]] | None = None


def routes(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, before + str(pattern.pattern))
        else:
            yield before + str(pattern.pattern)


def filled(route: str, values: dict[str, Any]) -> str:
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values[found[1]]), route)


def _people(own: Place, needed: set[str]) -> dict[str, User | None]:
    """A holder of every role, on the own place where the role is not the whole platform's."""
    programme, cluster = own.programme.scopes[0], own.cluster.scopes[0]
    held = {
        "officer of all": (Role.PROGRAMME_OFFICER, PLATFORM),
        "officer": (Role.PROGRAMME_OFFICER, programme),
        "apex": (Role.APEX_MEMBER, programme),
        "ceo": (Role.CLUSTER_CEO, cluster),
        "staff": (Role.CLUSTER_STAFF, cluster),
        "nodal": (Role.NODAL_OFFICER, own.organisation.scopes[0]),
        "lab manager": (Role.LAB_MANAGER, own.organisation.scopes[0]),
        "member": (Role.MEMBER, own.organisation.scopes[0]),
        "operator": (Role.OPERATOR, cluster),
        "evaluator": (Role.EVALUATOR, programme),
        "reviewer": (Role.REVIEWER, programme),
        "applicant": (Role.APPLICANT, programme),
        "respondent": (Role.RESPONDENT, programme),
    }
    made: dict[str, User | None] = {
        who: makers.user_with(*grant) for who, grant in _different(held, needed).items()
    }
    return made | {"no role": makers.user(), "public": None}


def _different(
    held: dict[str, tuple[Role, Scope]], needed: set[str]
) -> dict[str, tuple[Role, Scope]]:
    """One holder of every set of the permissions that some door needs: whom nothing tells apart, no page can tell apart."""
    alike: dict[tuple[frozenset[str], Scope | None], list[str]] = {}
    for who, (role, scope) in held.items():
        may = frozenset(
            one.code for one in PERMISSIONS.values() if role in one.roles and one.code in needed
        )
        alike.setdefault((may, scope if may else None), []).append(who)
    return {" = ".join(names): held[names[0]] for names in alike.values()}


@dataclass(frozen=True)
class Answer:
    """What one address answered to one person."""

    route: str
    record: str
    method: str
    place: str
    who: str
    said: str
    allowed: bool | None


def _allowed(door: Door, place: Place, actor: Actor) -> bool | None:
    if door.needs is None:
        return None
    if scopes := door.on(place):
        return any(verdict(actor, one, *scopes) for one in door.needs)
    return any(actor.scopes(one) for one in door.needs)


def _said(client: Client, method: str, address: str, sent: dict[str, str]) -> str:
    with transaction.atomic():
        answer = getattr(client, method.lower())(address, sent if method == "POST" else None)
        if answer.streaming:
            answer.getvalue()
        transaction.set_rollback(True)
    target = answer.headers.get("Location", "")
    return "sign in" if target.startswith("/accounts/login/") else str(answer.status_code)


Doors = Mapping[str, Sequence[Door]]


def walk(doors_of: Doors, places: Mapping[str, Place]) -> Iterator[Answer]:
    """What every address answers to everybody, at the own place and at the nearest other one."""
    own = (ANYWHERE, places["own"])
    needed = {one.code for doors in doors_of.values() for door in doors for one in door.needs or ()}
    for who, user in _people(places["own"], needed).items():
        client, actor = Client(raise_request_exception=False), actor_of(user, makers.AT)
        if user:
            client.force_login(user)
        for route, doors in doors_of.items():
            for door in doors:
                for name, place in _visited(who, places) if door.needs and door.fill else [own]:
                    values = door.fill(place) if door.fill else {}
                    address = filled(route, values) + (door.query(place) if door.query else "")
                    sent = door.sent(place) if door.sent else {}
                    for method in ("GET", "POST") if door.changes else ("GET",):
                        said = _said(client, method, address, sent)
                        allowed = _allowed(door, place, actor)
                        yield Answer(route, door.record, method, name, who, said, allowed)


def _visited(who: str, places: Mapping[str, Place]) -> list[tuple[str, Place]]:
    """The own place, and the nearest that is not: who stands before a closed door there, does so farther away too."""
    return [(name, places[name]) for name in ("own", *NEAREST.get(who.partition(" = ")[0], ()))]


def opened(answers: list[Answer]) -> list[Answer]:
    """What opened to somebody whose roles do not cover it."""
    return [one for one in answers if one.allowed is False and one.said[0] in "23"]


def shut(answers: list[Answer]) -> list[Answer]:
    """What did not open to somebody whose roles cover it."""
    return [one for one in answers if one.allowed and one.said in ("401", "403", "404", "sign in")]


def failed(answers: list[Answer]) -> list[Answer]:
    """What broke."""
    return [one for one in answers if one.said.startswith("5")]


def agree(name: str, answers: list[Answer]) -> None:
    """Compare the answers with the table of that name."""
    people = list(dict.fromkeys(one.who for one in answers))
    cells: dict[tuple[str, ...], dict[str, str]] = {}
    for one in answers:
        cells.setdefault((one.route, one.record, one.method, one.place), {})[one.who] = one.said
    rows = [
        (f"/{key[0]}", *key[1:], *(row.get(who, "") for who in people))
        for key, row in cells.items()
    ]
    golden.agree(name, ("address", "record", "method", "place", *people), rows)
