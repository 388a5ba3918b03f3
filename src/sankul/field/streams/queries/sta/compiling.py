"""Expressions of requests, compiled to expressions of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, assert_never

from django.db.models import Case, F, Q, TextField, When

from sankul.core.rules.roles import Actor
from sankul.field.streams.models.entities import within
from sankul.field.streams.rules.odata import (
    Call,
    Expression,
    Geometry,
    Kind,
    Literal,
    Logic,
    Membership,
    Negative,
    Not,
    Operation,
    Path,
    Unreadable,
    parse_time,
)
from sankul.field.streams.rules.odata.expressions import COMPARISONS

from . import functions, geometry, moments
from .pieces import (
    Piece,
    Sort,
    Typed,
    as_condition,
    as_number,
    as_text,
    condition,
    given,
    literal,
    number,
    result_json,
    storable,
    text,
)
from .sources import SOURCES, Source

SIGNS = {"eq": "=", "ne": "<>", "lt": "<", "gt": ">", "le": "<=", "ge": ">="}
ARITHMETIC = {
    "add": "({0} + {1})",
    "sub": "({0} - {1})",
    "mul": "({0} * {1})",
    "div": "({0} / NULLIF({1}, 0))",
    "mod": "mod(({0})::numeric, NULLIF(({1})::numeric, 0))::float8",
}


@dataclass(frozen=True)
class Reached:
    """Where a path arrived: the table, the way to it, and what must hold for it to be seen."""

    source: Source
    before: str = ""
    guards: tuple[Q, ...] = ()


class Compiler:
    """Compiles the expressions of one request on entities of one type, for one actor.

    ``is_multiplied`` says that a path led through a link to many, so that a row may come more than once.
    """

    def __init__(self, source: Source, actor: Actor, place: str) -> None:
        self.source, self.actor, self.place = source, actor, place
        self.is_multiplied = False

    def condition(self, expression: Expression) -> Any:
        """The expression as a condition. Raises Unreadable for what is none."""
        return as_condition(self.value(expression), self.place)

    def value(self, expression: Expression) -> Typed:
        """The expression as a value with its sort. Raises Unreadable for what cannot be worked out."""
        match expression:
            case Literal(value):
                return literal(value)
            case Path(steps):
                return self._path(steps)
            case Call():
                return self._call(expression)
            case Logic(operator, operands):
                return self._logic(operator, operands)
            case Not(operand):
                return Typed(Sort.BOOLEAN, condition("(NOT {0})", self.condition(operand)))
            case Negative(operand):
                return number("(- {0})", as_number(self.value(operand), self.place))
            case Operation(operator, left, right):
                return self._operation(operator, self.value(left), self.value(right))
            case Membership(item, options):
                return self._membership(item, options)
            case _:
                assert_never(expression)

    def _logic(self, operator: str, operands: tuple[Expression, ...]) -> Typed:
        made = self.condition(operands[0])
        for operand in operands[1:]:
            made = condition(f"({{0}} {operator.upper()} {{1}})", made, self.condition(operand))
        return Typed(Sort.BOOLEAN, made)

    def _operation(self, operator: str, left: Typed, right: Typed) -> Typed:
        if operator in COMPARISONS:
            return Typed(Sort.BOOLEAN, self._compared(operator, left, right))
        sorts = (left.sort, right.sort)
        sign = {"add": "+", "sub": "-"}.get(operator)
        if sign and sorts == (Sort.TIME, Sort.DURATION):
            return moments.shifted(left, right.sql, sign)
        if operator == "add" and sorts == (Sort.DURATION, Sort.TIME):
            return moments.shifted(right, left.sql, "+")
        if operator == "sub" and sorts == (Sort.TIME, Sort.TIME):
            return moments.apart(left, right)
        if sign and sorts == (Sort.DURATION, Sort.DURATION):
            return Typed(Sort.DURATION, text(ARITHMETIC[operator], left.sql, right.sql).sql)
        numbers = (as_number(one, self.place) for one in (left, right))
        return number(ARITHMETIC[operator], *numbers)

    def _compared(self, operator: str, left: Typed, right: Typed) -> Piece:
        if Sort.NULL in (left.sort, right.sort):
            return self._with_null(operator, right if left.sort is Sort.NULL else left)
        if Sort.TIME in (left.sort, right.sort):
            times = [self._time(one) for one in (left, right)]
            return moments.compared(operator, *times)
        sign, sorts = SIGNS[operator], {left.sort, right.sort}
        alike = left.sort is right.sort
        if alike and left.sort in (Sort.DURATION, Sort.DAY, Sort.CLOCK, Sort.BOOLEAN):
            return condition(f"({{0}} {sign} {{1}})", left.sql, right.sql)
        if Sort.BOOLEAN in sorts:
            truths = (as_condition(one, self.place) for one in (left, right))
            return condition(f"({{0}} {sign} {{1}})", *truths)
        if Sort.NUMBER in sorts or sorts == {Sort.RESULT}:
            numbers = (as_number(one, self.place) for one in (left, right))
            return condition(f"({{0}} {sign} {{1}})", *numbers)
        texts = (as_text(one, self.place) for one in (left, right))
        return condition(f'({{0}} COLLATE "C" {sign} {{1}} COLLATE "C")', *texts)

    def _with_null(self, operator: str, value: Typed) -> Piece:
        word = {"eq": "", "ne": "NOT "}.get(operator)
        if word is None or value.sort is Sort.NULL:
            return condition("NULL::boolean" if word is None else f"({word}true)")
        if value.sort is Sort.RESULT:
            has = "({0} IS NULL AND COALESCE({1} -> 'result', 'null') = 'null')"
            made = condition(has, value.sql, value.beside)
            return made if operator == "eq" else condition("(NOT {0})", made)
        sql = as_text(value, self.place) if value.sort is Sort.JSON else value.sql
        return condition(f"({{0}} IS {word}NULL)", sql)

    def _time(self, value: Typed) -> Typed:
        if isinstance(value.literal, str):
            return literal(parse_time(value.literal, self.place))
        if isinstance(value.literal, date) and value.sort is Sort.DAY:
            raise Unreadable(self.place, "a time with its zone; a day is compared with date(…)")
        return functions.as_time(value, self.place)

    def _membership(self, item: Expression, options: tuple[Expression, ...] | Path) -> Typed:
        value = self.value(item)
        if isinstance(options, Path):
            array = self.value(options)
            if array.sort is not Sort.JSON:
                raise Unreadable(self.place, "a list, or a path to one, after “in”")
            return Typed(Sort.BOOLEAN, self._inside(value, array))
        made = self._compared("eq", value, self.value(options[0]))
        for option in options[1:]:
            made = condition("({0} OR {1})", made, self._compared("eq", value, self.value(option)))
        return Typed(Sort.BOOLEAN, made)

    def _inside(self, value: Typed, array: Typed) -> Piece:
        return condition(
            "(CASE jsonb_typeof({0}) WHEN 'array' THEN {0} @> to_jsonb({1}) END)",
            array.sql,
            value.sql,
        )

    def _call(self, call: Call) -> Typed:
        if call.name in geometry.PREDICATES or call.name in geometry.MEASURES:
            return self._geometry(call)
        arguments = [self.value(one) for one in call.arguments]
        if call.name in moments.RELATIONS:
            arguments = [self._time(one) for one in arguments]
        return functions.call(call.name, arguments, self.place)

    def _geometry(self, call: Call) -> Typed:
        wanted = geometry.ARGUMENTS.get(call.name, 2)
        if len(call.arguments) != wanted:
            raise Unreadable(self.place, f"{wanted} arguments of {call.name}")
        paths = [one for one in call.arguments[:2] if isinstance(one, Path)]
        if len(paths) != 1:
            raise Unreadable(self.place, f"one path to a geometry in {call.name}")
        reached, column = self._to_geometry(paths[0])
        fixed = [self._fixed(one) for one in call.arguments if one is not paths[0]]
        source = reached.source
        values = geometry.answered(
            call.name,
            source.visible_to(self.actor),
            column,
            source.west,
            fixed,
            first=call.arguments[0] is paths[0],
        )
        before = reached.before
        return geometry.looked_up(call.name, values, f"{before}pk", f"{before}{source.west}")

    def _fixed(self, argument: Expression) -> Any:
        value = argument.value if isinstance(argument, Literal) else None
        if isinstance(value, Geometry):
            return geometry.read_wkt(value, self.place)
        if isinstance(value, str) and len(value) == 9 and set(value) <= set("TF*012"):
            return value
        raise Unreadable(self.place, "a geometry as in geography'POINT(8 54)', or nine of TF*012")

    def _to_geometry(self, path: Path) -> tuple[Reached, str]:
        reached, rest = self._walk(path.steps)
        known = reached.source.entity.property_named.get(str(rest[0])) if len(rest) == 1 else None
        if known is None or known.kind is not Kind.GEOMETRY:
            raise Unreadable(self.place, f"a path to a geometry; “{_told(path.steps)}” is none")
        return reached, reached.source.columns[known.name][0]

    def _path(self, steps: tuple[str | int, ...]) -> Typed:
        reached, rest = self._walk(steps)
        name, into = (str(rest[0]), rest[1:]) if rest else ("", ())
        if name in ("id", "@iot.id") and not into:
            return Typed(Sort.NUMBER, self._column(reached, "pk"))
        known = reached.source.entity.property_named.get(name)
        if known is None:
            raise Unreadable(self.place, f"a property; “{_told(steps)}” is none")
        columns = [self._column(reached, one) for one in reached.source.columns[name]]
        return self._property(reached, known.kind, columns, into, _told(steps))

    def _property(
        self,
        reached: Reached,
        kind: Kind,
        columns: list[Any],
        into: tuple[str | int, ...],
        told: str,
    ) -> Typed:
        if kind is Kind.RESULT and into:
            return Typed(Sort.JSON, _deeper(result_json(Typed(Sort.RESULT, *columns)), into))
        if kind in (Kind.JSON, Kind.GEOMETRY):
            return Typed(Sort.JSON, _deeper(columns[0], into) if into else columns[0])
        if into:
            raise Unreadable(self.place, f"a property; “{told}” leads into a value without parts")
        if kind is Kind.TEXT:
            return Typed(Sort.TEXT, columns[0])
        if kind is Kind.RESULT:
            return Typed(Sort.RESULT, *columns)
        is_key = reached.source is SOURCES["Observation"] and kind is Kind.TIME
        key = self._column(reached, "time") if is_key and told.endswith("phenomenonTime") else None
        return Typed(Sort.TIME, columns[0], columns[1] if len(columns) > 1 else None, key)

    def _column(self, reached: Reached, name: str) -> Any:
        made: Any = F(f"{reached.before}{name}")
        for guard in reached.guards:
            made = Case(When(guard, then=made))
        return made

    def _walk(self, steps: tuple[str | int, ...]) -> tuple[Reached, tuple[str | int, ...]]:
        reached = Reached(self.source)
        for position, step in enumerate(steps):
            link = reached.source.entity.link_named.get(str(step))
            if link is None:
                return reached, steps[position:]
            self.is_multiplied |= link.is_many
            reached = self._follow(reached, link.name, link.target)
        raise Unreadable(self.place, f"a property of what “{_told(steps)}” leads to")

    def _follow(self, reached: Reached, name: str, target: str) -> Reached:
        before = f"{reached.before}{reached.source.links[name]}__"
        source = SOURCES[target]
        same = reached.source.thing is not None and source.thing is not None
        guards = reached.guards
        if not same:
            guard = within(self.actor, before + (source.thing or ""))
            guards = (*guards, guard) if guard else guards
        return Reached(source, before, guards)


def _deeper(json: Any, into: tuple[str | int, ...]) -> Piece:
    keys = given([storable(str(step)) for step in into], "text[]")
    return Piece("({0} #> {1})", json, keys, output_field=TextField())


def _told(steps: tuple[str | int, ...]) -> str:
    return "/".join(str(step) for step in steps)[:80]
