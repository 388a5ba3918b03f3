"""Reading expressions: the grammar of OData as far as OGC 18-088 uses it (clause 9.3.3.5), with ``in`` of OData 4.01."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, time
from functools import lru_cache
from typing import Any, TypeVar

from lark import Lark, Token, Transformer, UnexpectedInput, UnexpectedToken, v_args
from lark.exceptions import VisitError

from .errors import Unreadable
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
)
from .times import INSTANT, parse_duration, parse_instant, parse_time

MOST_CHARACTERS = 8_000
MOST_NODES = 300
"""Bounds of one expression: what is longer is no question that a person asked."""

GRAMMAR = rf"""
?start: disjunction
?disjunction: conjunction (_OR conjunction)*
?conjunction: negation (_AND negation)*
?negation: _NOT negation -> negate
    | comparison
?comparison: sum
    | sum COMPARISON sum -> operation
    | sum _IN "(" sum ("," sum)* ")" -> among
    | sum _IN PATH -> within
?sum: product
    | sum SUM product -> operation
?product: unary
    | product PRODUCT unary -> operation
?unary: "-" unary -> negative
    | atom
?atom: "(" disjunction ")"
    | FUNCTION "(" [disjunction ("," disjunction)*] ")" -> call
    | literal
    | PATH -> path
literal: STRING -> string
    | NUMBER -> number
    | CONSTANT -> constant
    | PERIOD -> period
    | INSTANT -> instant
    | DATE -> date
    | CLOCK -> clock
    | DURATION -> duration
    | GEOGRAPHY -> geography

_OR.4: /or(?=[\s(]|$)/
_AND.4: /and(?=[\s(]|$)/
_NOT.4: /not(?=[\s(]|$)/
_IN.4: /in(?=[\s(]|$)/
COMPARISON.4: /(?:eq|ne|gt|ge|lt|le)(?=[\s('-]|$)/
SUM.4: /(?:add|sub)(?=[\s('-]|$)/
PRODUCT.4: /(?:mul|div|mod)(?=[\s('-]|$)/
STRING: /'(?:[^']|'')*'/
GEOGRAPHY.9: /(?:geography|geometry)'[^']*'/
DURATION.9: /duration'[^']*'/
PERIOD.8: /{INSTANT}\/{INSTANT}/
INSTANT.7: /{INSTANT}/
DATE.6: /\d{{4}}-\d\d-\d\d/
CLOCK.6: /\d\d:\d\d(?::\d\d(?:\.\d+)?)?/
NUMBER.5: /-?(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|INF\b)|NaN\b/
CONSTANT.5: /(?:true|false|null)(?![\w\/@.:-])/
FUNCTION.3: /[a-zA-Z_][\w.]*(?=\()/
PATH: /[^\W\d][\w.:-]*(?:\[\d+\])*(?:\/@?[^\W\d][\w.:-]*(?:\[\d+\])*)*|(?:[^\W\d]\w*\/)*@iot\.id/
%ignore /\s+/
"""
T = TypeVar("T")
CONSTANTS = {"true": True, "false": False, "null": None}


@v_args(inline=True)
class _Build(Transformer[Token, Expression]):
    """Makes the tree while the parser goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.nodes = 0

    def _counted(self, made: Expression) -> Expression:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise Unreadable("expression", f"at most {MOST_NODES} parts")
        return made

    def disjunction(self, *operands: Expression) -> Expression:
        return self._counted(Logic("or", operands))

    def conjunction(self, *operands: Expression) -> Expression:
        return self._counted(Logic("and", operands))

    def negate(self, operand: Expression) -> Expression:
        return self._counted(Not(operand))

    def negative(self, operand: Expression) -> Expression:
        return self._counted(Negative(operand))

    def operation(self, left: Expression, operator: Token, right: Expression) -> Expression:
        return self._counted(Operation(str(operator), left, right))

    def among(self, item: Expression, *options: Expression) -> Expression:
        return self._counted(Membership(item, options))

    def within(self, item: Expression, path: Token) -> Expression:
        return self._counted(Membership(item, _path(path)))

    def call(self, name: Token, *arguments: Expression | None) -> Expression:
        given = tuple(one for one in arguments if one is not None)
        return self._counted(Call(str(name).lower(), given))

    def path(self, token: Token) -> Expression:
        return self._counted(_path(token))

    def string(self, token: Token) -> Expression:
        return self._counted(Literal(token[1:-1].replace("''", "'")))

    def number(self, token: Token) -> Expression:
        return self._counted(Literal(_number(token)))

    def constant(self, token: Token) -> Expression:
        return self._counted(Literal(CONSTANTS[token]))

    def period(self, token: Token) -> Expression:
        return self._counted(Literal(parse_time(token, token)))

    def instant(self, token: Token) -> Expression:
        return self._counted(Literal(parse_instant(token, token)))

    def date(self, token: Token) -> Expression:
        return self._counted(Literal(_existing(date.fromisoformat, token, "a day that exists")))

    def clock(self, token: Token) -> Expression:
        return self._counted(Literal(_existing(time.fromisoformat, token, "a time of day")))

    def duration(self, token: Token) -> Expression:
        return self._counted(Literal(parse_duration(_quoted(token), token)))

    def geography(self, token: Token) -> Expression:
        return self._counted(Literal(Geometry(_quoted(token))))


def parse_expression(text: str, place: str) -> Expression:
    """The expression in ``text``. Raises Unreadable with the place, the position and what was met there."""
    if len(text) > MOST_CHARACTERS:
        raise Unreadable(place, f"at most {MOST_CHARACTERS} characters")
    try:
        return _read(text)
    except UnexpectedInput as error:
        raise Unreadable(place, _expected(error, text)) from None
    except VisitError as error:
        if isinstance(error.orig_exc, Unreadable):
            raise Unreadable(f"{place}, {error.orig_exc.place}", error.orig_exc.expected) from None
        raise
    except Unreadable as error:
        raise Unreadable(f"{place}, {error.place}", error.expected) from None


@lru_cache(maxsize=1)
def _grammar() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer="contextual", maybe_placeholders=True)


@lru_cache(maxsize=512)
def _read(text: str) -> Expression:
    tree: Any = _grammar().parse(text)
    return _Build().transform(tree) if not isinstance(tree, Token) else _path(tree)


def _path(token: str) -> Path:
    steps: list[str | int] = []
    for part in token.split("/"):
        name, *indexes = part.replace("]", "").split("[")
        steps += [name, *(int(index[:9]) for index in indexes)]
    return Path(tuple(steps))


def _number(token: str) -> int | float:
    try:
        value = int(token) if token.lstrip("-").isdigit() else float(token)
    except ValueError:  # more digits than Python turns into a number
        raise Unreadable(token[:20], "a number with fewer digits") from None
    if not math.isfinite(value):
        raise Unreadable(token[:20], "a finite number")
    return value


def _existing(read: Callable[[str], T], token: str, expected: str) -> T:
    try:
        return read(token)
    except ValueError:
        raise Unreadable(token, expected) from None


def _quoted(token: str) -> str:
    return token.partition("'")[2][:-1]


def _expected(error: UnexpectedInput, text: str) -> str:
    at = error.pos_in_stream
    ended = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    if ended or at is None or at < 0:
        return "more: the expression ends too early"
    return f"something else than “{text[at : at + 20]}” at character {at + 1}"
