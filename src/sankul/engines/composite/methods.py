"""What a table of methods is made of: functions, and the parameters each accepts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeGuard

REQUIRED: Final = object()


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a method: its kind, its default, and the numbers it may lie between."""

    kind: str
    default: Any = REQUIRED
    least: float = -math.inf
    most: float = math.inf

    @property
    def expected(self) -> str:
        """The accepted values, in words."""
        words = _WORDS[self.kind]
        if self.least > -math.inf and self.most < math.inf:
            return f"{words} from {self.least:g} to {self.most:g}"
        if self.least > -math.inf:
            return f"{words}, {self.least:g} or more"
        return words

    def accepts(self, value: object) -> bool:
        """Whether a value read from a file is of this kind and within bounds."""
        if not _KINDS[self.kind](value):
            return False
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self.least <= value <= self.most
        return True


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether the value is a finite number (a truth value is not)."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_texts(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)


def _is_whole(value: object) -> bool:
    return isinstance(value, int | float) and is_number(value) and value == int(value)


_WORDS: Final = {
    "number": "a finite number",
    "whole": "a whole number",
    "text": "a text",
    "texts": "a list of texts",
    "numbers": "a list of numbers, zero or more",
    "boolean": "true or false",
}
_KINDS: Final[Mapping[str, Callable[[object], bool]]] = {
    "number": is_number,
    "whole": _is_whole,
    "text": lambda value: isinstance(value, str) and bool(value.strip()),
    "texts": _is_texts,
    "numbers": lambda value: (
        isinstance(value, list | tuple) and all(is_number(item) and item >= 0 for item in value)
    ),
    "boolean": lambda value: isinstance(value, bool),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a table of methods.

    ``needs`` names the indicator keys without which the method cannot work (goalposts, target,
    …); ``spread`` says that a column of one repeated value cannot be normalised by it;
    ``rowwise`` that a unit's result depends on its own values alone.
    """

    function: Callable[..., Any]
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    spread: bool = False
    rowwise: bool = False


MethodTable = Mapping[str, Entry]
