"""Typed facts: what the evidence of a kind of claim says, declared once and checked everywhere by that declaration.

A ``Fact`` drives the form, the API's schema, the template and check of imports, the export, the page and the dictionary. In the
database facts are JSON of one spelling: days as ISO 8601, decimals as text, whole numbers as numbers, tables as lists of objects.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from django.utils.translation import gettext as _t

from sankul.core.rules.verdicts import Refused

from .identifiers import SCHEMES

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

TEXT_MAX, LONG_MAX, URL_MAX, ROWS_MAX = 250, 5000, 500, 500
SLUG = re.compile(r"[-a-zA-Z0-9_]{1,120}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?")
COUNTRIES = dict(
    line.split(" ", 1)
    for line in files(__package__).joinpath("countries.txt").read_text("utf-8").splitlines()
)
"""Countries by their codes (ISO 3166-1 alpha-2), with the short names of the time zone database."""


class FactType(StrEnum):
    """What kind of value a fact is."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    DATE = "date"
    WHOLE = "whole"
    DECIMAL = "decimal"
    MONEY = "money"
    PERCENT = "percent"
    CHOICE = "choice"
    URL = "url"
    COUNTRY = "country"
    LANGUAGE = "language"
    IDENTIFIER = "identifier"
    ORGANISATIONS = "organisations"
    TABLE = "table"


@dataclass(frozen=True)
class Fact:
    """One thing that the evidence says: its code, title and type.

    ``required`` facts are asked for before a claim is submitted. ``ask`` helps who fills it in; ``unit`` is told for numbers;
    ``choices`` are the codes of a choice with their titles; ``of`` is the scheme of an identifier, or the columns of a table.
    ``needed_when`` makes it required where another fact has one of some values, as in ``("stage", ("phase_1",))``, or any value,
    as in ``("reach", ())``.
    """

    code: str
    title: StrOrPromise
    type: FactType = FactType.TEXT
    required: bool = True
    ask: StrOrPromise = ""
    unit: StrOrPromise = ""
    choices: tuple[tuple[str, StrOrPromise], ...] = ()
    of: str | tuple[Fact, ...] = ""
    needed_when: tuple[str, tuple[str, ...]] | None = None

    def is_needed(self, given: Mapping[str, Any]) -> bool:
        """Whether a submission must say it, beside the checked facts that are given."""
        if self.required or self.needed_when is None:
            return self.required
        other, values = self.needed_when
        return given.get(other) in values if values else other in given

    @property
    def columns(self) -> tuple[Fact, ...]:
        """The columns of a table; none for any other type."""
        return self.of if isinstance(self.of, tuple) else ()

    @property
    def scheme(self) -> str:
        """The scheme of an identifier; "" for any other type."""
        return self.of if isinstance(self.of, str) else ""


class Problem(NamedTuple):
    """What is wrong with one fact: where (the code; then row from 1 and column in a table), what it is called, and why."""

    place: tuple[str | int, ...]
    title: str
    text: str

    def __str__(self) -> str:
        return f"{self.title}: {self.text}"


class WrongFacts(Refused):
    """Facts that are not of their type; ``problems`` are all of them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, problems)))


class _Wrong(Exception):  # noqa: N818
    """One value that is not of its type."""


Rule = Callable[[Mapping[str, Any]], Iterable[Problem]]
"""What must hold between the checked facts of a claim."""


def checked(
    facts: Sequence[Fact], given: Mapping[str, Any], rule: Rule | None = None
) -> dict[str, Any]:
    """The facts that are given, each in its one spelling; what is empty is left out, and what is required may be.

    Raises WrongFacts with every problem: values that are not of their type, facts that are not declared, and what ``rule`` finds.
    """
    problems: list[Problem] = []
    found = _object(facts, given, (), "", problems)
    if not problems and rule is not None:
        problems.extend(rule(found))
    if problems:
        raise WrongFacts(problems)
    return found


def missing(facts: Sequence[Fact], given: Mapping[str, Any]) -> list[Fact]:
    """Required facts that checked facts do not say yet, cells of tables included (as facts of their table's title)."""
    return [
        fact
        for fact in facts
        if (fact.is_needed(given) and fact.code not in given)
        or any(missing(fact.columns, row) for row in _rows(fact, given))
    ]


def _rows(fact: Fact, given: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    rows: Sequence[Mapping[str, Any]] = given.get(fact.code, ()) if fact.columns else ()
    return rows


def _object(
    facts: Sequence[Fact],
    given: Mapping[str, Any],
    place: tuple[str | int, ...],
    called: str,
    problems: list[Problem],
) -> dict[str, Any]:
    known = {fact.code: fact for fact in facts}
    for code in given:
        if code not in known:
            told = _t("there is no such fact here; there are: %s") % ", ".join(known)
            problems.append(Problem((*place, str(code)), f"{called}{code}", told))
    found = {}
    for code, fact in known.items():
        value = _plain(given.get(code))
        if value in ("", [], {}):
            continue
        spelt = _spelt(fact, value, (*place, code), called, problems)
        if spelt not in (None, []):
            found[code] = spelt
    return found


def _plain(value: Any) -> Any:
    if value is None:
        return ""
    return value.strip() if isinstance(value, str) else value


def _spelt(
    fact: Fact, value: Any, place: tuple[str | int, ...], called: str, problems: list[Problem]
) -> Any:
    if fact.type == FactType.TABLE:
        return _table(fact, value, place, f"{called}{fact.title}", problems)
    try:
        return SPELL[fact.type](fact, value)
    except _Wrong as wrong:
        problems.append(Problem(place, f"{called}{fact.title}", str(wrong)))
        return None


def _table(
    fact: Fact, value: Any, place: tuple[str | int, ...], called: str, problems: list[Problem]
) -> list[dict[str, Any]]:
    if not isinstance(value, list | tuple) or not all(isinstance(row, Mapping) for row in value):
        problems.append(Problem(place, called, _t("a list of rows is expected")))
        return []
    if len(value) > ROWS_MAX:
        problems.append(Problem(place, called, _t("at most %d rows are kept") % ROWS_MAX))
        return []
    rows = (
        _object(
            fact.columns,
            row,
            (*place, number),
            _t("%(table)s, row %(row)d, ") % {"table": called, "row": number},
            problems,
        )
        for number, row in enumerate(value, 1)
    )
    return [row for row in rows if row]


def _text(fact: Fact, value: Any) -> str:
    most = LONG_MAX if fact.type == FactType.LONG_TEXT else TEXT_MAX
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise _Wrong(_t("text is expected"))
    text = str(value)
    if "\x00" in text or len(text) > most:
        raise _Wrong(_t("text of at most %d signs is expected") % most)
    return text


def _day(fact: Fact, value: Any) -> str:
    if isinstance(value, date):
        return date(value.year, value.month, value.day).isoformat()
    try:
        return date.fromisoformat(value).isoformat() if len(value) == 10 else _no_day()
    except (TypeError, ValueError):
        return _no_day()


def _no_day() -> str:
    raise _Wrong(_t("a date is expected, as in 2025-11-22"))


def _decimal(fact: Fact, value: Any) -> Decimal:
    if isinstance(value, bool | float) or not isinstance(value, str | int | Decimal):
        raise _Wrong(_t("a number is expected, as text where it is not whole"))
    try:
        number = Decimal(str(value).replace(",", ""))
    except InvalidOperation:
        raise _Wrong(_t("a number is expected, as in 12.5")) from None
    if not number.is_finite() or abs(number) >= Decimal(10) ** 14 or number != round(number, 4):
        raise _Wrong(
            _t("a number with at most 14 digits before the point and 4 after it is expected")
        )
    return number


def _number(fact: Fact, value: Any) -> str:
    number = _decimal(fact, value)
    if number < 0:
        raise _Wrong(_t("a number of 0 or more is expected"))
    if fact.type == FactType.MONEY and number != round(number, 2):
        raise _Wrong(_t("rupees with at most two decimals are expected"))
    if fact.type == FactType.PERCENT and number > 100:
        raise _Wrong(_t("a percentage from 0 to 100 is expected"))
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if number else "0"


def _whole(fact: Fact, value: Any) -> int:
    number = _decimal(fact, value)
    if number < 0 or number != number.to_integral_value():
        raise _Wrong(_t("a whole number of 0 or more is expected"))
    return int(number)


def _choice(fact: Fact, value: Any) -> str:
    codes = [code for code, _title in fact.choices]
    if value not in codes:
        raise _Wrong(_t("one of these is expected: %s") % ", ".join(codes))
    return str(value)


def _country(fact: Fact, value: Any) -> str:
    code = str(value).upper()
    if code not in COUNTRIES:
        raise _Wrong(_t("the two letters of a country are expected, as in IN (ISO 3166-1)"))
    return code


def _language(fact: Fact, value: Any) -> str:
    if not LANGUAGE.fullmatch(str(value)):
        raise _Wrong(_t("the code of a language is expected, as in hi or en-IN (BCP 47)"))
    return str(value)


def _identifier(fact: Fact, value: Any) -> str:
    scheme = SCHEMES[fact.scheme]
    spelt = scheme.spell(str(value)) if isinstance(value, str | int) else ""
    if not spelt or "\x00" in spelt:
        told = _t(
            "this is no %(title)s; it looks like %(example)s, and its check digits must agree"
        )
        raise _Wrong(told % {"title": scheme.title, "example": scheme.example})
    return spelt


def link(value: Any) -> str:
    """A web address as it is kept. Raises ValueError, with the reason, for anything but http and https."""
    text = value.strip() if isinstance(value, str) else ""
    try:
        parts = urlsplit(text)
        fits = parts.scheme in ("http", "https") and "." in (parts.hostname or "")
        fits = fits and not parts.username and parts.port != 0
    except ValueError:
        fits = False
    if not fits or len(text) > URL_MAX or not text.isprintable() or " " in text:
        raise ValueError(_t("a web address is expected, as in https://example.org/page"))
    return text


def _url(fact: Fact, value: Any) -> str:
    try:
        return link(value)
    except ValueError as error:
        raise _Wrong(str(error)) from None


def _organisations(fact: Fact, value: Any) -> list[str]:
    slugs = [value] if isinstance(value, str) else value
    if not isinstance(slugs, list | tuple) or not all(
        isinstance(slug, str) and SLUG.fullmatch(slug) for slug in slugs
    ):
        raise _Wrong(_t("a list of short names of organisations is expected"))
    return list(dict.fromkeys(slugs))


SPELL: dict[FactType, Callable[[Fact, Any], Any]] = {
    FactType.TEXT: _text,
    FactType.LONG_TEXT: _text,
    FactType.DATE: _day,
    FactType.WHOLE: _whole,
    FactType.DECIMAL: _number,
    FactType.MONEY: _number,
    FactType.PERCENT: _number,
    FactType.CHOICE: _choice,
    FactType.URL: _url,
    FactType.COUNTRY: _country,
    FactType.LANGUAGE: _language,
    FactType.IDENTIFIER: _identifier,
    FactType.ORGANISATIONS: _organisations,
}
