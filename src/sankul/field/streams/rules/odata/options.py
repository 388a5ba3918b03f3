"""Query options (OGC 18-088, clause 9.3): filter, orderby, select, expand with options inside, top, skip, count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import unquote_plus

from .entities import ENTITIES, Entity
from .errors import Unreadable
from .expressions import Expression
from .filters import parse_expression

DEFAULT_TOP = 100
LARGEST_TOP = 10_000
LARGEST_SKIP = 10_000_000
MOST_EXPANDED = 25
DEEPEST = 6
"""Bounds: rows of a page, rows skipped, expanded links in all, and how deep one may stand in another."""
NAMES = frozenset(
    {"$filter", "$orderby", "$select", "$expand", "$top", "$skip", "$count", "$resultformat"}
)


@dataclass(frozen=True)
class Order:
    """One expression to sort by."""

    expression: Expression
    is_descending: bool = False


@dataclass(frozen=True)
class Expand:
    """A link whose entities stand inside, with options of their own."""

    name: str
    options: Options


@dataclass(frozen=True)
class Options:
    """What a request asks of a set or an entity. ``select`` is None where everything is asked for."""

    filter: Expression | None = None
    orderby: tuple[Order, ...] = ()
    select: tuple[str, ...] | None = None
    expand: tuple[Expand, ...] = ()
    top: int | None = None
    skip: int = 0
    count: bool = False
    result_format: str = ""
    given: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def page(self) -> int:
        """Rows of one page: as many as asked for, within what the server gives."""
        return min(DEFAULT_TOP if self.top is None else self.top, LARGEST_TOP)


def parse_query(query: str) -> dict[str, str]:
    """The options in the query part of an address, by their names in lower case. Raises Unreadable for one given twice."""
    found: dict[str, str] = {}
    for part in query.split("&"):
        name, equals, value = part.partition("=")
        if equals:
            name, value = unquote_plus(name), unquote_plus(value)
        else:  # the sign of equality may be encoded too
            name, _, value = unquote_plus(part).partition("=")
        if not name:
            continue
        if name.startswith("$"):
            name = name.lower()
        if name in found:
            raise Unreadable(name, "one value: it is given twice")
        found[name] = value
    return found


def parse_options(given: Mapping[str, str], entity: Entity, *, depth: int = 0) -> Options:
    """The options by name, checked against an entity type. Raises Unreadable with the option's name and what it expects."""
    for name in given:
        if name.startswith("$") and name not in NAMES:
            raise Unreadable(name, f"one of {', '.join(sorted(NAMES))}")
    options = Options(
        filter=parse_expression(given["$filter"], "$filter") if "$filter" in given else None,
        orderby=tuple(_orders(given.get("$orderby", ""))),
        select=_select(given.get("$select"), entity),
        expand=_expand(given.get("$expand", ""), entity, depth),
        top=_number(given, "$top"),
        skip=_skip(given),
        count=_count(given),
        result_format=given.get("$resultformat", ""),
        given=dict(given),
    )
    if depth == 0 and _expanded(options) > MOST_EXPANDED:
        raise Unreadable("$expand", f"at most {MOST_EXPANDED} links in all")
    return options


def split_outside(text: str, separators: str) -> list[str]:
    """The parts of ``text`` between separators that stand outside of quotes and parentheses."""
    parts, start, deep, quoted = [], 0, 0, False
    for position, character in enumerate(text):
        if character == "'":
            quoted = not quoted
        elif quoted:
            continue
        elif character in "()":
            deep += 1 if character == "(" else -1
        elif character in separators and deep == 0:
            parts.append(text[start:position])
            start = position + 1
    return [*parts, text[start:]]


def _orders(text: str) -> Iterator[Order]:
    if not text.strip():
        return
    for part in split_outside(text, ","):
        words = part.strip()
        expression, _, direction = words.rpartition(" ")
        if direction in ("asc", "desc") and expression:
            yield Order(parse_expression(expression, "$orderby"), direction == "desc")
        else:
            yield Order(parse_expression(words, "$orderby"))


def _select(text: str | None, entity: Entity) -> tuple[str, ...] | None:
    if text is None:
        return None
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    known = {"id", "@iot.id", "@iot.selfLink", *entity.property_named, *entity.link_named}
    for name in names:
        if name not in known:
            raise Unreadable("$select", f"properties of {entity.name}; “{name}” is none")
    if not names:
        raise Unreadable("$select", "at least one property")
    return names


def _expand(text: str, entity: Entity, depth: int) -> tuple[Expand, ...]:
    if not text.strip():
        return ()
    if depth >= DEEPEST:
        raise Unreadable("$expand", f"at most {DEEPEST} links inside one another")
    found: dict[str, Options] = {}
    for part in split_outside(text, ","):
        name, options = _expanded_link(part.strip(), entity, depth)
        found[name] = _merged(found[name], options) if name in found else options
    return tuple(Expand(name, options) for name, options in found.items())


def _expanded_link(text: str, entity: Entity, depth: int) -> tuple[str, Options]:
    path, opened, inside = text.partition("(")
    if opened and not inside.endswith(")"):
        raise Unreadable("$expand", f"a closing parenthesis at the end of “{text[:40]}”")
    name, _, rest = path.partition("/")
    link = entity.link_named.get(name)
    if link is None:
        raise Unreadable("$expand", f"links of {entity.name}; “{name[:40]}” is none")
    target = ENTITIES[link.target]
    if rest:
        beyond = _expand(rest + opened + inside, target, depth + 1)
        return name, Options(expand=beyond)
    given = {}
    for part in split_outside(inside[:-1], ";&") if opened else []:
        option, _, value = part.strip().partition("=")
        if option:
            given[option.lower()] = value
    return name, parse_options(given, target, depth=depth + 1)


def _merged(one: Options, other: Options) -> Options:
    """Two expansions of one link: the options of whichever has any, with the links of both."""
    base = one if one.given else other
    links = {expand.name: expand for expand in (*one.expand, *other.expand)}
    return replace(base, expand=tuple(links.values()))


def _expanded(options: Options) -> int:
    return sum(1 + _expanded(expand.options) for expand in options.expand)


def _number(given: Mapping[str, str], name: str) -> int | None:
    if name not in given:
        return None
    text = given[name].strip()
    if not (text.isascii() and text.isdigit()):
        raise Unreadable(name, "a number from 0 on")
    return min(int(text[:18]), 10**18)


def _skip(given: Mapping[str, str]) -> int:
    skip = _number(given, "$skip") or 0
    if skip > LARGEST_SKIP:
        raise Unreadable("$skip", f"at most {LARGEST_SKIP}; narrow with $filter instead")
    return skip


def _count(given: Mapping[str, str]) -> bool:
    text = given.get("$count", "false").strip().lower()
    if text not in ("true", "false"):
        raise Unreadable("$count", "true or false")
    return text == "true"
