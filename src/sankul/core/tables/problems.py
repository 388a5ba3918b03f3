"""Why a table cannot be read, each reason with a name of its own."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from sankul.core.rules.verdicts import Refused


class Why(StrEnum):
    """The named answers to tables that are not read."""

    NOT_A_TABLE = "not_a_table"
    OLD_FORMAT = "old_format"
    ENCRYPTED = "encrypted"
    MACROS = "macros"
    BOMB = "bomb"
    BROKEN = "broken"
    TOO_LARGE = "too_large"
    EMPTY = "empty"
    FORMULA = "formula"
    MERGED = "merged"
    HIDDEN = "hidden"
    ERROR_VALUE = "error_value"
    ENCODING = "encoding"
    NUL = "nul"
    QUOTES = "quotes"
    RAGGED = "ragged"
    HEADING = "heading"


class Unreadable(Refused):
    """The table is refused as a whole: ``why`` names the reason for programs, the text for people, with the place."""

    def __init__(self, why: Why, reason: str) -> None:
        self.why = why
        super().__init__(reason)


class Problem(NamedTuple):
    """What is wrong at one place of a table: the sender's line, the column, what stands there, and what was expected.

    ``line`` 0 is the table as a whole; ``column`` is empty where the whole line is meant.
    """

    line: int
    column: str
    value: str
    wrong: str
    expected: str
