"""What stands in a cell, as text, a number, a percentage or a day; never guessed where it can be read in two ways."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from .workbook import Since1904

MOST_DIGITS = 15
"""Digits that a spreadsheet keeps of a number (IEEE 754 double)."""
GROUPED = re.compile(
    r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})*,\d{3})(?:\.\d+)?", re.ASCII
)
"""1234567.5, 1,234,567.5 and 12,34,567.5."""
MONEY = re.compile(r"^(?:₹|rs\.?|inr)\s*|\s*(?:/-|₹|rs\.?|inr)$", re.IGNORECASE)
ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?)?", re.ASCII)
NUMERIC = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})", re.ASCII)
NAMED = re.compile(r"(\d{1,2})[\s-]([A-Za-z]{3,9})\.?,?[\s-](\d{4})", re.ASCII)
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
FIRST_SERIAL, LAST_SERIAL = 20_000, 80_000
"""Numbers that are taken for days: 3 Oct 1954 to 10 Jan 2119."""
SINCE_1900, SINCE_1904 = date(1899, 12, 30), date(1904, 1, 1)


class Misread(ValueError):  # noqa: N818  told to people, not a fault
    """A cell does not hold what its column is for: what is wrong, and what is expected."""

    def __init__(self, wrong: str, expected: str) -> None:
        self.wrong, self.expected = wrong, expected
        super().__init__(f"{wrong} {expected}")


def shown(cell: Any) -> str:
    """What stands in a cell, short enough for a report."""
    return plain(cell)[:200] if isinstance(cell, str) else str(_unfloated(cell))[:200]


def plain(text: str) -> str:
    """A text without spaces around it, non-breaking ones among them."""
    if text.isascii():
        return text.strip()
    return text.replace("\u00a0", " ").replace("\ufeff", "").strip()


def is_empty(cell: Any) -> bool:
    """Whether nothing stands in a cell."""
    return cell is None or (isinstance(cell, str) and not plain(cell))


def text(cell: Any) -> str:
    """A text, in composed form (Unicode NFC); a whole number stands for its digits. Raises Misread."""
    if isinstance(cell, str):
        found = unicodedata.normalize("NFC", plain(cell))
        if CONTROL.search(found):
            raise Misread(_("It holds control characters."), _("a text"))
        return found.replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, date | time | timedelta):
        raise Misread(
            _("The spreadsheet made a date of it."), _("a text; set the column's format to Text")
        )
    return str(_unfloated(cell))


def number(cell: Any) -> Decimal:
    """A number, also as ₹ 12,34,567.50, Rs 1,200/- or 1,234,567. Raises Misread."""
    if type(cell) in (int, float, Since1904):
        return _exact(cell)
    if not isinstance(cell, str):
        raise Misread(_("This is no number."), _expected_number())
    found = plain(cell)
    if GROUPED.fullmatch(found):
        return Decimal(found.replace(",", ""))
    bare = MONEY.sub("", MONEY.sub("", found)).replace("\N{MINUS SIGN}", "-").replace(" ", "")
    if GROUPED.fullmatch(bare):
        return Decimal(bare.replace(",", ""))
    if re.search(r"lakh|crore|\blac\b|\bcr\b", bare, re.IGNORECASE):
        raise Misread(_("Lakh and crore are words."), _("the number in full, such as 12,40,000"))
    raise Misread(_("This is no number."), _expected_number())


def percent(cell: Any) -> Decimal:
    """A percentage: 12.5 and 12.5 % are twelve and a half per cent, as is a cell shown as 12.5 %. Raises Misread."""
    if isinstance(cell, str) and plain(cell).endswith("%"):
        return number(plain(cell)[:-1])
    return number(cell)


class Days:
    """The days of one column. 03/04/2025 alone can be read in two ways: another day of the column must tell how."""

    def __init__(self) -> None:
        self.first_doubt: tuple[int, str] | None = None
        self._is_told = False

    def read(self, cell: Any, line: int = 0) -> date:
        """A day: a date of the spreadsheet or its serial number, 2025-05-10, 10/05/2025 or 10-May-2025. Raises Misread."""
        if isinstance(cell, datetime):
            return cell.date()
        if isinstance(cell, date):
            return cell
        if type(cell) in (int, float, Since1904):
            return _serial(cell)
        found = plain(cell) if isinstance(cell, str) else ""
        if parts := ISO.fullmatch(found):
            return _day(int(parts[1]), int(parts[2]), int(parts[3]))
        if parts := NAMED.fullmatch(found):
            return _day(int(parts[3]), _month(parts[2]), int(parts[1]))
        if parts := NUMERIC.fullmatch(found):
            return self._numeric(found, int(parts[1]), int(parts[3]), int(parts[4]), line)
        raise Misread(_("This is no day."), _expected_day())

    @property
    def doubt(self) -> tuple[int, str] | None:
        """Line and text of the first day that can be read in two ways, if nothing in the column tells how."""
        return None if self._is_told else self.first_doubt

    def _numeric(self, found: str, day: int, month: int, year: int, line: int) -> date:
        if month > 12 >= day:
            raise Misread(_("There is no month %d.") % month, _expected_day())
        if day > 12:
            self._is_told = True
        elif day != month and self.first_doubt is None:
            self.first_doubt = (line, found)
        return _day(year, month, day)


def _exact(cell: float) -> Decimal:
    if isinstance(cell, float) and (math.isnan(cell) or abs(cell) >= 10**MOST_DIGITS):
        raise Misread(
            _("It has more digits than a spreadsheet keeps."),
            _("the number as a text; set the column's format to Text"),
        )
    return Decimal(repr(float(cell))) if isinstance(cell, float) else Decimal(cell)


def _unfloated(cell: Any) -> Any:
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


def _serial(cell: float) -> date:
    if not float(cell).is_integer() or not FIRST_SERIAL <= cell <= LAST_SERIAL:
        raise Misread(_("This is no day."), _expected_day())
    return (SINCE_1904 if isinstance(cell, Since1904) else SINCE_1900) + timedelta(int(cell))


def _month(name: str) -> int:
    for at, month in enumerate(MONTHS, 1):
        if name.lower() == month or (len(name) < 5 and month.startswith(name.lower()[:3])):
            return at
    raise Misread(_("There is no month “%s”.") % name, _expected_day())


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Misread(_("There is no such day."), _expected_day()) from None


def _expected_number() -> str:
    return _("a number such as 1234567.50 or 12,34,567.50")


def _expected_day() -> str:
    return _("a day such as 2025-05-31, 31/05/2025 or 31-May-2025")
