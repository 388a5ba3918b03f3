"""Everybody in the demonstration, as ``cast.toml`` names them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from django.utils.text import slugify

from sankul.programme.registry.rules import MembershipKind, OrganisationKind

YEARS = ("2023-24", "2024-25", "2025-26")


@dataclass(frozen=True)
class City:
    """A cluster of the story: what it is called, how much it does, documents and earns in each year, and why."""

    slug: str
    name: str
    short: str
    place: str
    region: str
    launched_on: date
    entity: str
    form: str
    ceo: tuple[str, ...]
    focus: tuple[str, ...]
    level: tuple[float, ...]
    evidence: tuple[float, ...]
    income: tuple[float, ...]
    score: tuple[float, ...]
    story: str


@dataclass(frozen=True)
class Belonging:
    """An organisation's membership of a cluster."""

    city: str
    kind: MembershipKind
    since: date


@dataclass(frozen=True)
class Body:
    """An organisation of the story."""

    slug: str
    name: str
    kind: OrganisationKind
    country: str
    belongs: tuple[Belonging, ...]

    def leads_in(self, city: str, on: date) -> bool:
        """Whether it is a member (not merely a partner) of the cluster on that day."""
        return any(
            one.city == city and one.kind != MembershipKind.PARTNER and one.since <= on
            for one in self.belongs
        )

    def belongs_to(self, city: str) -> bool:
        """Whether it is ever a member or a partner of the cluster."""
        return any(one.city == city for one in self.belongs)


@cache
def script() -> dict[str, Any]:
    """The file as it stands."""
    return tomllib.loads(files(__package__).joinpath("cast.toml").read_text("utf-8"))


@cache
def cities() -> tuple[City, ...]:
    """The eight clusters."""
    return tuple(_city(row) for row in script()["cluster"])


def _city(row: dict[str, Any]) -> City:
    fields: dict[str, Any] = {
        key: tuple(it) if isinstance(it, list) else it for key, it in row.items()
    }
    return City(**fields)


@cache
def bodies() -> tuple[Body, ...]:
    """The organisations."""
    launched = {city.slug: city.launched_on for city in cities()}
    return tuple(
        Body(
            slug=slugify(row["name"]),
            name=row["name"],
            kind=OrganisationKind(row["kind"]),
            country=row.get("country", "IN"),
            belongs=tuple(
                Belonging(city, kind, max(row.get("since", launched[city]), launched[city]))
                for kind in MembershipKind
                for city in row.get(kind.value, ())
            ),
        )
        for row in script()["organisation"]
    )
