"""Writing expressions, so that reading what was written gives the same tree."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import cast

from .expressions import (
    Call,
    Expression,
    Geometry,
    Literal,
    Logic,
    Membership,
    Negative,
    Not,
    Operation,
    Path,
    Value,
)
from .times import Period, format_instant, format_period


def write(expression: Expression) -> str:
    """The expression as text, with parentheses round every part that has parts."""
    match expression:
        case Literal(value):
            return _literal(value)
        case Path(steps):
            return _path(steps)
        case Call(name, arguments):
            return f"{name}({', '.join(write(one) for one in arguments)})"
        case Operation(operator, left, right):
            return f"({write(left)} {operator} {write(right)})"
        case Logic(operator, operands):
            return f"({f' {operator} '.join(write(one) for one in operands)})"
        case Not(operand):
            return f"(not {write(operand)})"
        case Negative(operand):
            return f"(- {write(operand)})"
        case Membership(item, Path() as options):
            return f"({write(item)} in {write(options)})"
        case Membership(item, options):
            among = cast("tuple[Expression, ...]", options)
            return f"({write(item)} in ({', '.join(write(one) for one in among)}))"


def _path(steps: tuple[str | int, ...]) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f"/{step}" for step in steps)
    return text.removeprefix("/")


def _literal(value: Value) -> str:
    match value:
        case None | bool():
            return "null" if value is None else str(value).lower()
        case str():
            return "'" + value.replace("'", "''") + "'"
        case datetime():
            return format_instant(value)
        case Period():
            return format_period(value.start, value.end)
        case timedelta():
            return f"duration'{_duration(value)}'"
        case Geometry():
            return f"geography'{value.wkt}'"
        case date() | time():
            return value.isoformat()
        case _:
            return repr(value)


def _duration(length: timedelta) -> str:
    sign, length = ("-", -length) if length < timedelta(0) else ("", length)
    return f"{sign}P{length.days}DT{length.seconds}.{length.microseconds:06}S"
