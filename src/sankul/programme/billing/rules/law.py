"""The law of goods and services tax as dated rows: what holds on a day, and by which act, rule or notification.

The rows stand in ``law.toml``. Nothing here knows a rate, a threshold or a deadline.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from importlib.resources import files
from typing import Any, TypeVar

from django.utils.translation import gettext as _t

from sankul.core.formats import day
from sankul.core.rules import canonical
from sankul.core.rules.verdicts import Refused

SUPPLIER, RECIPIENT = "supplier", "recipient"


@dataclass(frozen=True, kw_only=True)
class Row:
    """Something that holds from a day until a day (both included; None is open), with its source.

    ``to_confirm`` says what the host's accountant confirms; empty where the source leaves no doubt.
    """

    title: str
    from_on: date
    until_on: date | None
    source: str
    to_confirm: str

    def holds_on(self, on: date) -> bool:
        """Whether it is the law on a day."""
        return self.from_on <= on and (self.until_on is None or on <= self.until_on)


@dataclass(frozen=True, kw_only=True)
class Rate(Row):
    """Percents of the taxable value on services whose code begins with ``heading``; central and state tax are halves."""

    heading: str
    cgst_percent: Decimal
    sgst_percent: Decimal
    igst_percent: Decimal


@dataclass(frozen=True, kw_only=True)
class Service(Row):
    """A service accounting code (SAC)."""

    code: str


@dataclass(frozen=True, kw_only=True)
class PlaceRule(Row):
    """Whose place is the place of supply in a situation: ``supplier`` or ``recipient``."""

    situation: str
    where: str


@dataclass(frozen=True, kw_only=True)
class Limit(Row):
    """A threshold; the unit ends its name."""

    name: str
    value: Decimal


@dataclass(frozen=True, kw_only=True)
class CreditUntil(Row):
    """The day after the end of a financial year until which a credit note reduces the tax of a supply made in it."""

    month: int
    day: int


@dataclass(frozen=True, kw_only=True)
class DocumentRule(Row):
    """What a document of a kind is called, and the letter that its serial numbers bear."""

    kind: str
    letter: str


@dataclass(frozen=True, kw_only=True)
class Statement(Row):
    """Words that stand on a document where they apply."""

    name: str
    text: str


@dataclass(frozen=True)
class State:
    """A state or union territory by the code that begins a registration number (GSTIN).

    ``has_utgst``: a union territory without legislature, where the state's half is the tax of the UTGST Act.
    """

    code: str
    name: str
    has_utgst: bool


R = TypeVar("R", bound=Row)


@dataclass(frozen=True)
class Law:
    """Everything that ``law.toml`` says."""

    rates: Sequence[Rate]
    services: Sequence[Service]
    places: Sequence[PlaceRule]
    limits: Sequence[Limit]
    credits: Sequence[CreditUntil]
    documents: Sequence[DocumentRule]
    statements: Sequence[Statement]
    states: Mapping[str, State]

    def rate(self, sac: str, on: date) -> Rate:
        """The rate on a service on a day: that of the longest heading that begins its code. Raises Refused if none holds."""
        fitting = [row for row in self.rates if sac.startswith(row.heading)]
        longest = sorted(fitting, key=lambda row: -len(row.heading))
        return _held(longest, on, _t("rate of tax on the service %s") % sac)

    def place(self, situation: str, on: date) -> PlaceRule:
        """Whose place is the place of supply in a situation."""
        rows = [row for row in self.places if row.situation == situation]
        return _held(rows, on, situation)

    def limit(self, name: str, on: date) -> Limit:
        """A threshold on a day."""
        return _held([row for row in self.limits if row.name == name], on, name)

    def document(self, kind: str, on: date) -> DocumentRule:
        """What a document of a kind is called on a day."""
        return _held([row for row in self.documents if row.kind == kind], on, kind)

    def statement(self, name: str, on: date) -> Statement:
        """Words for a document on a day."""
        return _held([row for row in self.statements if row.name == name], on, name)

    def credit_until(self, supplied_on: date, on: date) -> date:
        """The last day for a credit note on a supply, as the law stands on ``on``."""
        row = _held(self.credits, on, _t("last day for credit notes"))
        return date(financial_year(supplied_on) + 1, row.month, row.day)


def financial_year(on: date) -> int:
    """The year in which the Indian financial year of a day began: 31 Mar 2027 belongs to 2026 (General Clauses Act, s. 3(21))."""
    return on.year if on.month >= 4 else on.year - 1


def year_name(year: int) -> str:
    """A financial year in words: 2026-27."""
    return f"{year}-{(year + 1) % 100:02d}"


def _held(rows: Iterable[R], on: date, what: str) -> R:
    for row in rows:
        if row.holds_on(on):
            return row
    told = {"what": what, "day": day(on)}
    raise Refused(_t("No law is on record for the %(what)s on %(day)s.") % told)


def read(source: str) -> Law:
    """The law from the text of its file. Raises ValueError that names the row and what was expected of it."""
    told = tomllib.loads(source)
    law = Law(
        rates=[_rate(*one) for one in _rows(told, "rate")],
        services=[Service(code=_text(*one, "code"), **_dated(*one)) for one in _rows(told, "service")],
        places=[_place(*one) for one in _rows(told, "place")],
        limits=[
            Limit(name=_text(*one, "name"), value=_number(*one, "value"), **_dated(*one))
            for one in _rows(told, "limit")
        ],
        credits=[
            CreditUntil(month=one[1]["month"], day=one[1]["day"], **_dated(*one))
            for one in _rows(told, "credit_until")
        ],
        documents=[
            DocumentRule(kind=_text(*one, "kind"), letter=_text(*one, "letter"), **_dated(*one))
            for one in _rows(told, "document")
        ],
        statements=[
            Statement(name=_text(*one, "name"), text=_text(*one, "text"), **_dated(*one))
            for one in _rows(told, "statement")
        ],
        states={one[1]["code"]: _state(*one) for one in _rows(told, "state")},
    )  # fmt: skip
    _check_once("rate", [(row.heading, row) for row in law.rates])
    _check_once("place", [(row.situation, row) for row in law.places])
    _check_once("limit", [(row.name, row) for row in law.limits])
    _check_once("document", [(row.kind, row) for row in law.documents])
    _check_once("statement", [(row.name, row) for row in law.statements])
    return law


def _rows(told: Mapping[str, Any], name: str) -> list[tuple[str, dict[str, Any]]]:
    return [(f"{name} {number}", row) for number, row in enumerate(told.get(name, []), 1)]


def _text(place: str, row: Mapping[str, Any], key: str) -> str:
    if not isinstance(row.get(key), str) or not row[key].strip():
        raise ValueError(f"{place}: “{key}” is missing or is no text")
    return str(row[key])


def _number(place: str, row: Mapping[str, Any], key: str) -> Decimal:
    try:
        return Decimal(_text(place, row, key))
    except InvalidOperation:
        raise ValueError(f"{place}: “{key}” is no decimal number in quotes") from None


def _dated(place: str, row: Mapping[str, Any]) -> dict[str, Any]:
    begins, ends = row.get("from"), row.get("until")
    if not isinstance(begins, date) or not (ends is None or isinstance(ends, date)):
        raise ValueError(f"{place}: “from” and “until” are days, as in 2017-07-01")
    if ends is not None and ends < begins:
        raise ValueError(f"{place}: it ends before it begins")
    return {
        "title": str(row.get("title", "")),
        "from_on": begins,
        "until_on": ends,
        "source": _text(place, row, "source"),
        "to_confirm": str(row.get("to_confirm", "")),
    }


def _rate(place: str, row: Mapping[str, Any]) -> Rate:
    central, state, integrated = (
        _number(place, row, f"{tax}_percent") for tax in ("cgst", "sgst", "igst")
    )
    if central != state or central + state != integrated:
        raise ValueError(f"{place}: central and state tax are halves of the integrated tax")
    return Rate(
        heading=_text(place, row, "heading"),
        cgst_percent=central,
        sgst_percent=state,
        igst_percent=integrated,
        **_dated(place, row),
    )


def _place(place: str, row: Mapping[str, Any]) -> PlaceRule:
    where = _text(place, row, "where")
    if where not in (SUPPLIER, RECIPIENT):
        raise ValueError(f"{place}: “where” is {SUPPLIER} or {RECIPIENT}")
    return PlaceRule(situation=_text(place, row, "situation"), where=where, **_dated(place, row))


def _state(place: str, row: Mapping[str, Any]) -> State:
    code = _text(place, row, "code")
    if not (len(code) == 2 and code.isdigit()):
        raise ValueError(f"{place}: “code” is two digits in quotes")
    return State(code, _text(place, row, "name"), bool(row.get("utgst", False)))


def _check_once(name: str, keyed: Iterable[tuple[str, Row]]) -> None:
    """Two rows that say the same thing never hold on the same day."""
    seen: dict[str, list[Row]] = {}
    for key, row in keyed:
        for other in seen.setdefault(key, []):
            if row.holds_on(other.from_on) or other.holds_on(row.from_on):
                raise ValueError(
                    f"{name} {key}: two rows hold on {max(row.from_on, other.from_on)}"
                )
        seen[key].append(row)


SOURCE = files(__package__).joinpath("law.toml").read_text("utf-8")
LAW = read(SOURCE)
LAW_DIGEST = canonical.sha256(SOURCE)
"""Which text of the law an invoice was made under."""
