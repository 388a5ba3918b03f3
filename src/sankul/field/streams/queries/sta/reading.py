"""Sets and entities as a request asks for them, with what stands inside: each link one or two queries, however many rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from django.db import connection
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.expressions import RawSQL

from sankul.core.rules.roles import Actor
from sankul.field.streams.models import Detail, Latest
from sankul.field.streams.models.entities import within
from sankul.field.streams.rules.numbers import day_of_id, midnight
from sankul.field.streams.rules.odata import Expand, Options, Order, Path, Step, Unreadable
from sankul.field.streams.rules.odata.entities import Link
from sankul.field.streams.rules.odata.resources import Resource, Unknown
from sankul.field.streams.rules.odata.topics import Change

from .archived import Needed
from .compiling import Compiler
from .pieces import sort_keys
from .rows import Row, Writer, columns_of
from .sources import SOURCES, Source

MOST_ROWS = 100_000
"""Entities of one answer, those inside others among them."""


@dataclass
class Reader:
    """Reads for one request: who asks, and under which address the service lies."""

    actor: Actor
    root: str
    needed: Needed | None = None
    """The days from which a page of observations is filled, if they are known."""
    left: int = field(default=MOST_ROWS)
    sizes: dict[int, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    """How many entities one is with those inside, and itself, by its ``id()``: one that is told many times counts each time."""

    def entity(self, resource: Resource, options: Options) -> dict[str, Any]:
        """The one entity that a path names. Raises Unknown if there is none that the actor may see."""
        source, rows = self._reached(resource.steps)
        found = list(rows.values(*columns_of(source, options))[:1])
        if not found:
            raise Unknown("/".join(step.name for step in resource.steps))
        return self._written(source, options, found)[0]

    def key(self, resource: Resource) -> int:
        """The number of the one entity that a path names. Raises Unknown."""
        _, rows = self._reached(resource.steps)
        found: int | None = rows.values_list("pk", flat=True).first()
        if found is None:
            raise Unknown("/".join(step.name for step in resource.steps))
        return found

    def collection(self, resource: Resource, options: Options) -> dict[str, Any]:
        """A page of the set that a path names, with its count and the address of the next page where they are due.

        Raises Unknown if the path leads through an entity that the actor may not see.
        """
        made, found = self.page(resource, options, [])
        made["value"] = self._written(SOURCES[resource.last.entity.name], options, found)
        return made

    def page(
        self, resource: Resource, options: Options, more: Sequence[str]
    ) -> tuple[dict[str, Any], list[Row]]:
        """A page of the rows of a set, with ``more`` columns; and what is told of it: its count, the address of the next page."""
        source, rows = self._reached(resource.steps)
        narrowed = self._filtered(source, rows, options)
        size, skip = options.page, options.skip
        columns = list(dict.fromkeys([*columns_of(source, options), *more]))
        ordered = self._ordered(source, self._of_days(source, narrowed), options.orderby)
        found: list[Row] = list(ordered.values(*columns)[skip : skip + size + 1]) if size else []
        told: dict[str, Any] = {}
        if options.count:
            told["@iot.count"] = self._count(resource, narrowed, options)
        if len(found) > size:
            told["@iot.nextLink"] = self._next(self._address(resource), options, size)
        return told, found[:size]

    def _of_days(self, source: Source, rows: QuerySet[Any]) -> QuerySet[Any]:
        if self.needed is None or source is not SOURCES["Observation"]:
            return rows
        return rows.filter(time__gte=self.needed.since, time__lt=self.needed.until)

    def links(self, resource: Resource, options: Options) -> dict[str, Any]:
        """The addresses of what a path names (``$ref``): of one entity, or of a page of a set."""
        if not resource.last.is_collection:
            entity = resource.last.entity.plural
            return {"@iot.selfLink": f"{self.root}/{entity}({self.key(resource)})"}
        return self.collection(resource, _only_links(options))

    def narrowed(self, resource: Resource, options: Options) -> QuerySet[Any]:
        """The rows of a set that a filter keeps, for what is done to all of them."""
        source, rows = self._reached(resource.steps)
        return self._filtered(source, rows, options)

    def among(
        self, resource: Resource, options: Options, changes: Sequence[Change]
    ) -> list[dict[str, Any]]:
        """Those of some entities that a path leads to. Raises Unknown if it leads through one that the actor may not see."""
        source, rows = self._reached(resource.steps)
        there = rows.filter(pk__in={one.key for one in changes})
        if source is SOURCES["Observation"]:
            there = there.filter(
                stream__in={one.stream_id for one in changes},
                time__in={one.time for one in changes},
            )
        return self._written(source, options, list(there.values(*columns_of(source, options))))

    def _reached(self, steps: Sequence[Step]) -> tuple[Source, QuerySet[Any]]:
        """The rows that a path leads to; each entity on the way is looked up, so that no path leads round a right."""
        before: tuple[Source, int] | None = None
        for step in steps[:-1]:
            rows = self._step(step, before)
            key = rows.values_list("pk", flat=True).first()
            if key is None:
                raise Unknown(step.name)
            before = SOURCES[step.entity.name], key
        return SOURCES[steps[-1].entity.name], self._step(steps[-1], before)

    def _step(self, step: Step, before: tuple[Source, int] | None) -> QuerySet[Any]:
        source = SOURCES[step.entity.name]
        rows = source.visible_to(self.actor)
        if before is not None:
            link = before[0].entity.link_named[step.name]
            rows = rows.filter(_led(link, before[1]))
        if step.id is None:
            return rows
        return (
            numbered(rows, step.id) if source is SOURCES["Observation"] else rows.filter(pk=step.id)
        )

    def _filtered(self, source: Source, rows: QuerySet[Any], options: Options) -> QuerySet[Any]:
        if options.filter is None:
            return rows
        compiler = Compiler(source, self.actor, "$filter")
        condition = compiler.condition(options.filter)
        if not compiler.is_multiplied:
            return rows.filter(condition)
        manager: Any = source.model._default_manager
        kept = manager.order_by().filter(condition)
        return rows.filter(pk__in=kept.values("pk"))

    def _ordered(
        self, source: Source, rows: QuerySet[Any], orders: Sequence[Order]
    ) -> QuerySet[Any]:
        keys = [
            key.desc() if order.is_descending else key.asc()
            for order in orders
            for key in self._sort_keys(source, order)
        ]
        return rows.order_by(*keys, "pk")

    def _sort_keys(self, source: Source, order: Order) -> list[Any]:
        if source is SOURCES["Observation"] and order.expression == Path(("phenomenonTime",)):
            return [F("time")]
        compiler = Compiler(source, self.actor, "$orderby")
        keys = sort_keys(compiler.value(order.expression), "$orderby")
        return [_first_of(source, key) for key in keys] if compiler.is_multiplied else keys

    def _count(self, resource: Resource, rows: QuerySet[Any], options: Options) -> int:
        if resource.last.entity.name == "Observation" and options.filter is None:
            known = self._known_count(resource)
            if known is not None:
                return known
        return rows.order_by().count()

    def _known_count(self, resource: Resource) -> int | None:
        """How many observations there are, from what is told of their streams."""
        streams = Latest.objects.filter(within(self.actor, "stream__thing__"))
        before = resource.steps[-2] if len(resource.steps) > 1 else None
        if before is not None:
            if before.entity.name != "Datastream" or before.id is None:
                return None
            streams = streams.filter(pk=before.id)
        return int(streams.aggregate(total=Sum("count"))["total"] or 0)

    def _address(self, resource: Resource) -> str:
        parts = [
            step.name if step.id is None else f"{step.name}({step.id})" for step in resource.steps
        ]
        return "/".join((self.root, *parts))

    def _next(self, address: str, options: Options, page: int) -> str:
        given = dict(options.given) | {"$skip": str(options.skip + page)}
        if "$resultformat" in given:
            given["$resultFormat"] = given.pop("$resultformat")
        return f"{address}?{urlencode(given, quote_via=quote, safe='$(),/;=')}"

    def _written(
        self, source: Source, options: Options, rows: Sequence[Row]
    ) -> list[dict[str, Any]]:
        self._spend(len(rows))
        inside: dict[Any, dict[str, Any]] = {row["pk"]: {} for row in rows}
        for expand in options.expand:
            link = source.entity.link_named[expand.name]
            if link.is_many:
                self._put_many(source, link, expand, inside)
            else:
                self._put_one(source, link, expand, rows, inside)
        writer = Writer(source, options, self.root)
        made = [writer.write(row, inside[row["pk"]]) for row in rows]
        if options.expand:
            self._weigh(options, made)
        return made

    def _weigh(self, options: Options, made: Sequence[dict[str, Any]]) -> None:
        total = 0
        for one in made:
            held = [one.get(expand.name) for expand in options.expand]
            inside = [
                each for some in held for each in (some if isinstance(some, list) else [some])
            ]
            size = 1 + sum(self.sizes.get(id(each), (1,))[0] for each in inside)
            self.sizes[id(one)] = size, one
            total += size
        if total > MOST_ROWS:
            raise _too_many()

    def _spend(self, rows: int) -> None:
        self.left -= rows
        if self.left < 0:
            raise _too_many()

    def _put_one(
        self,
        source: Source,
        link: Link,
        expand: Expand,
        rows: Sequence[Row],
        inside: Mapping[Any, dict[str, Any]],
    ) -> None:
        target, column = SOURCES[link.target], f"{source.links[link.name]}_id"
        keys = {row[column] for row in rows if row[column] is not None}
        found = self._filtered(
            target, target.visible_to(self.actor).filter(pk__in=keys), expand.options
        )
        made = list(found.values(*columns_of(target, expand.options))) if keys else []
        written = self._written(target, expand.options, made)
        by_key = {row["pk"]: one for row, one in zip(made, written, strict=True)}
        for row in rows:
            inside[row["pk"]][link.name] = by_key.get(row[column])

    def _put_many(
        self, source: Source, link: Link, expand: Expand, inside: Mapping[Any, dict[str, Any]]
    ) -> None:
        target, options = SOURCES[link.target], expand.options
        rows = target.visible_to(self.actor).filter(_led(link, RawSQL("parent.id", [])))
        narrowed = self._filtered(target, rows, options)
        ordered = self._ordered(target, narrowed, options.orderby)
        columns = columns_of(target, options)
        page = options.page
        asked = ordered.values_list(*columns)[options.skip : options.skip + page + 1]
        pairs = each(list(inside), asked, self.left + 1) if page and inside else []
        grouped: dict[Any, list[Row]] = {key: [] for key in inside}
        for parent, values in pairs:
            grouped[parent].append(dict(zip(columns, values, strict=True)))
        counts = count_each(list(inside), narrowed) if options.count and inside else {}
        kept = {key: found[:page] for key, found in grouped.items()}
        unique = {row["pk"]: row for found in kept.values() for row in found}
        self._spend(len(pairs) - len(unique))
        written = dict(
            zip(unique, self._written(target, options, list(unique.values())), strict=True)
        )
        for key, found in kept.items():
            put = inside[key]
            if options.count:
                put[f"{link.name}@iot.count"] = counts.get(key, 0)
            put[link.name] = [written[row["pk"]] for row in found]
            if len(grouped[key]) > page:
                address = f"{self.root}/{source.entity.plural}({key})/{link.name}"
                put[f"{link.name}@iot.nextLink"] = self._next(address, options, page)


def _too_many() -> Unreadable:
    return Unreadable("$expand", f"at most {MOST_ROWS} entities in one answer; ask for fewer")


def numbered(rows: QuerySet[Any], observation_id: int) -> QuerySet[Any]:
    """The observation of this number: in the day that the number tells, or in that to which it was moved."""
    day = day_of_id(observation_id)
    if day is None:
        return rows.none()
    since = midnight(day)
    there = rows.filter(pk=observation_id, time__gte=since, time__lt=since + timedelta(days=1))
    moved: datetime | None = (
        Detail.objects.filter(pk=observation_id)
        .values_list("time", flat=True)
        .exclude(time__gte=since, time__lt=since + timedelta(days=1))
        .first()
    )
    return there if moved is None else rows.filter(pk=observation_id, time=moved)


def each(
    parents: Sequence[Any], asked: QuerySet[Any], most: int
) -> list[tuple[Any, Sequence[Any]]]:
    """What a query that names ``parent.id`` gives for each parent: pairs of the parent and the values of a row."""
    compiler = asked.query.get_compiler(connection=connection)
    sql, params = compiler.as_sql()
    converters = compiler.get_converters([column for column, _, _ in compiler.select])
    whole = (
        f"SELECT parent.id, child.* FROM unnest(%s::bigint[]) WITH ORDINALITY AS parent(id, at)"
        f" CROSS JOIN LATERAL ({sql}) AS child ORDER BY parent.at LIMIT %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(whole, [list(parents), *params, most])
        rows = cursor.fetchall()
    keys = [row[0] for row in rows]
    values: Any = (row[1:] for row in rows)
    if converters:
        values = compiler.apply_converters(values, converters)
    return list(zip(keys, values, strict=True))


def count_each(parents: Sequence[Any], rows: QuerySet[Any]) -> dict[Any, int]:
    """How many rows a query that names ``parent.id`` has for each parent."""
    sql, params = rows.order_by().values("pk").query.sql_with_params()
    whole = (
        f"SELECT parent.id, (SELECT count(*) FROM ({sql}) AS child)"
        f" FROM unnest(%s::bigint[]) AS parent(id)"
    )
    with connection.cursor() as cursor:
        cursor.execute(whole, [*params, list(parents)])
        return dict(cursor.fetchall())


ABOUT = """
SELECT id FROM streams_datastream WHERE feature_id = {0}
UNION SELECT stream_id FROM streams_detail WHERE feature_id = {0}
"""


def _led(link: Link, parent: Any) -> Q:
    """The filter of what a link leads to from an entity, given by its number or as the ``parent.id`` of another query."""
    if link.target == "Observation" and link.back == "FeatureOfInterest":
        is_number = isinstance(parent, int)
        streams = ABOUT.format("%s" if is_number else "parent.id")
        given = [parent, parent] if is_number else []
        return Q(stream__in=RawSQL(streams, given), feature=parent)  # noqa: S611  our own names
    back = SOURCES[link.target].links[link.back]
    return Q(**{back: parent})


def _first_of(source: Source, key: Any) -> Any:
    manager: Any = source.model._default_manager
    values = manager.order_by().filter(pk=OuterRef("pk")).annotate(sort_key=key)
    return Subquery(values.order_by("sort_key").values("sort_key")[:1])


def _only_links(options: Options) -> Options:
    return Options(
        filter=options.filter,
        orderby=options.orderby,
        select=("@iot.selfLink",),
        top=options.top,
        skip=options.skip,
        count=options.count,
        given=options.given,
    )
