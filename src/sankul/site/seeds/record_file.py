"""The file of a programme's public record: its form, and what is wrong with one that does not have it."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from sankul.programme.registry.rules import (
    BodyKind,
    EntityForm,
    FactTopic,
    MembershipKind,
    NameKind,
    OrganisationKind,
    identifiers,
)


class SeedError(ValueError):
    """A seed file that cannot be loaded: every fault on a line of its own, with file, key and what is expected."""


def _known_ror(text: str) -> str:
    if not identifiers.ror(text):
        raise ValueError("a ROR id with right check digits is expected, as in 04dese585")
    return identifiers.ror(text)


Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=50)]
Text = Annotated[str, Field(min_length=1)]
Ror = Annotated[str, AfterValidator(_known_ror)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Source(_Table):
    """Where statements come from; ``on`` is the day it gives for itself."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    url: Annotated[str, Field(pattern=r"^https?://", max_length=500)]
    on: date | None = None


class Named(_Table):
    """A name with its days as far as known."""

    name: Annotated[str, Field(min_length=1, max_length=250)]
    kind: NameKind
    source: str
    from_on: date | None = None
    until_on: date | None = None


class Statement(_Table):
    """A fact of the public record."""

    topic: FactTopic
    statement: Text
    source: str
    unverified: bool = False


class Body(_Table):
    """A committee or an office, without members."""

    kind: BodyKind
    name: Annotated[str, Field(min_length=1, max_length=200)]


class Steward(_Table):
    """The entity that runs a cluster."""

    entity: str
    from_on: date | None = None
    until_on: date | None = None


class Member(_Table):
    """An organisation's membership."""

    organisation: str
    kind: MembershipKind
    from_on: date | None = None
    until_on: date | None = None


class Cluster(_Table):
    """A cluster with all that is published about it."""

    slug: Slug
    name: Annotated[str, Field(min_length=1, max_length=200)]
    place: Annotated[str, Field(min_length=1, max_length=200)]
    region: Annotated[str, Field(max_length=200)] = ""
    launched_on: date | None = None
    website: Annotated[str, Field(pattern=r"^(https?://.*)?$", max_length=200)] = ""
    focus_areas: list[Annotated[str, Field(min_length=1, max_length=120)]] = []
    names: list[Named] = []
    stewards: list[Steward] = []
    members: list[Member] = []
    bodies: list[Body] = []
    facts: list[Statement] = []


class Programme(_Table):
    """The programme itself."""

    slug: Slug
    name: Annotated[str, Field(min_length=1, max_length=200)]
    summary: str
    starts_on: date
    bodies: list[Body] = []
    facts: list[Statement] = []


class Period(_Table):
    """A reporting period, both days included."""

    label: Annotated[str, Field(min_length=1, max_length=20)]
    starts_on: date
    ends_on: date


class Entity(_Table):
    """A legal entity."""

    name: Annotated[str, Field(min_length=1, max_length=250)]
    form: EntityForm
    names: list[Named] = []


class Organisation(_Table):
    """An organisation; its key is its short name in addresses."""

    name: Annotated[str, Field(min_length=1, max_length=250)]
    kind: OrganisationKind
    city: Annotated[str, Field(max_length=120)] = ""
    ror: Ror | None = None


class Record(_Table):
    """The whole file."""

    read_on: date
    programme: Programme
    periods: list[Period]
    clusters: list[Cluster]
    entities: dict[Slug, Entity] = {}
    organisations: dict[Slug, Organisation] = {}
    sources: dict[Slug, Source]

    def as_of(self, source: str) -> date:
        """The day the source gives for itself, else the day it was read."""
        return self.sources[source].on or self.read_on


def read(path: Path) -> Record:
    """The record in a file. Raises SeedError with every fault: the file, the key and what is expected."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        record = Record.model_validate(tables)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SeedError(f"{path.name}: not TOML in UTF-8: {error}") from None
    except ValidationError as error:
        raise SeedError("\n".join(f"{path.name}: {_told(it)}" for it in error.errors())) from None
    if faults := list(_faults(record)):
        raise SeedError("\n".join(f"{path.name}: {fault}" for fault in faults))
    return record


def _told(error: Any) -> str:
    said = error["msg"].removeprefix("Value error, ")
    if error["type"] in ("missing", "extra_forbidden"):
        said = {"missing": "this key is missing", "extra_forbidden": "no such key is known"}[
            error["type"]
        ]
        return f"{_key(error['loc'])}: {said}"
    return f"{_key(error['loc'])}: {said}, not {error['input']!r}"


def _key(location: Iterable[int | str]) -> str:
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return key.removeprefix(".")


def _faults(record: Record) -> Iterator[str]:
    yield from _unknown(record)
    for key, taken in (
        ("clusters: slug", [cluster.slug for cluster in record.clusters]),
        ("periods: label", [period.label for period in record.periods]),
        ("entities: name", [entity.name for entity in record.entities.values()]),
        ("organisations: ror", [it.ror for it in record.organisations.values() if it.ror]),
    ):
        twice = [value for value, times in Counter(taken).items() if times > 1]
        yield from (f"{key} “{value}” stands twice; once is expected" for value in twice)
    for number, period in enumerate(record.periods):
        if period.ends_on <= period.starts_on:
            yield f"periods[{number}].ends_on: a day after {period.starts_on} is expected"


def _unknown(record: Record) -> Iterator[str]:
    for key, table, name, known in _references(record):
        if name not in known:
            yield f"{key}: “{name}” is not among [{table}]; one of its keys is expected"


def _references(record: Record) -> Iterator[tuple[str, str, str, Iterable[str]]]:
    for number, fact in enumerate(record.programme.facts):
        yield f"programme.facts[{number}].source", "sources", fact.source, record.sources
    for entity_key, entity in record.entities.items():
        for number, name in enumerate(entity.names):
            key = f"entities.{entity_key}.names[{number}].source"
            yield key, "sources", name.source, record.sources
    for place, cluster in enumerate(record.clusters):
        for number, name in enumerate(cluster.names):
            yield (
                f"clusters[{place}].names[{number}].source",
                "sources",
                name.source,
                record.sources,
            )
        for number, fact in enumerate(cluster.facts):
            yield (
                f"clusters[{place}].facts[{number}].source",
                "sources",
                fact.source,
                record.sources,
            )
        for number, steward in enumerate(cluster.stewards):
            key = f"clusters[{place}].stewards[{number}].entity"
            yield key, "entities", steward.entity, record.entities
        for number, member in enumerate(cluster.members):
            key = f"clusters[{place}].members[{number}].organisation"
            yield key, "organisations", member.organisation, record.organisations
