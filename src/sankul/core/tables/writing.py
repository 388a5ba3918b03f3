"""Writing spreadsheets row by row, in memory that does not grow with the rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from sankul.core.rules.verdicts import Refused

from .cells import MOST_DIGITS

MOST_ROWS = 200_000
MOST_LETTERS = 32_767
"""What one cell can hold (Excel specifications and limits)."""
CUT = " […]"
WIDTH = 18


@dataclass(frozen=True)
class Formats:
    """How cells look."""

    head: Any
    day: Any
    quiet: Any


def spreadsheet(
    target: Path,
    *,
    title: str,
    head: Sequence[str],
    rows: Iterable[Sequence[Any]],
    about: Callable[[], Iterable[Sequence[str]]],
    mark: Callable[[], str] = str,
) -> Path:
    """Write a table with its heading frozen, and a second sheet with what ``about`` tells of it.

    Text stays text, whatever it begins with: nothing becomes a formula, a link or a number. Days are days, and numbers are
    numbers unless they have more digits than a spreadsheet keeps. ``mark`` is asked when all rows are written: what it says
    stands on every printed page and on top of the second sheet. Raises Refused beyond ``MOST_ROWS`` rows.
    """
    book = new(target)
    sheet = book.add_worksheet(sheet_name(title))
    formats = formats_of(book)
    sheet.set_column(0, max(len(head) - 1, 0), WIDTH)
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(head):
        sheet.write_string(0, column, name, formats.head)
    count = 0
    try:
        for count, row in enumerate(rows, 1):
            if count > MOST_ROWS:
                raise Refused(_too_many())
            for column, value in enumerate(row):
                cell(sheet, count, column, value, formats)
        sheet.autofilter(0, 0, max(count, 1), max(len(head) - 1, 0))
        _about(book, sheet, formats, about(), mark())
    finally:
        book.close()
    return target


def new(target: Path) -> Workbook:
    """A workbook that is written row by row, in which text stays text."""
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    return xlsxwriter.Workbook(
        str(target), {"constant_memory": True, "tmpdir": str(target.parent), **plain}
    )


def formats_of(book: Workbook) -> Formats:
    """The looks of heading, days and side remarks."""
    return Formats(
        head=book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
        day=book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
        quiet=book.add_format({"italic": True, "font_color": "#666666"}),
    )


def sheet_name(title: str) -> str:
    """A title as the name of a sheet: at most 31 letters, none of those that spreadsheets do not allow."""
    return re.sub(r"[\[\]:*?/\\]", " ", title).strip(" '")[:31] or _("Table")


def cell(sheet: Worksheet, row: int, column: int, value: Any, formats: Formats) -> None:
    """Write one value by its type; None leaves the cell empty, a moment is written with its zone, as a text."""
    match value:
        case None | "":
            return
        case bool():
            sheet.write_boolean(row, column, value)
        case datetime():
            sheet.write_string(row, column, value.isoformat())
        case date():
            sheet.write_datetime(row, column, value, formats.day)
        case int() | float() | Decimal():
            _number(sheet, row, column, value)
        case _:
            sheet.write_string(row, column, _fitting(str(value)))


def _number(sheet: Worksheet, row: int, column: int, value: float | Decimal) -> None:
    exact = Decimal(str(value))
    if exact.is_finite() and len(exact.normalize().as_tuple().digits) <= MOST_DIGITS:
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, str(value))


def _fitting(text: str) -> str:
    return text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - len(CUT)] + CUT


def _about(
    book: Workbook, sheet: Worksheet, formats: Formats, rows: Iterable[Sequence[str]], mark: str
) -> None:
    about = book.add_worksheet(_("About"))
    about.set_column(0, 0, 24)
    about.set_column(1, 4, 40)
    row = 0
    if mark:
        about.write_string(0, 0, mark, formats.head)
        for one in (sheet, about):
            one.set_header(f"&L{mark.replace('&', '&&')[:200]}")
        row = 2
    for place, line in enumerate(rows, row):
        look = formats.head if place == row else None
        for column, value in enumerate(line):
            about.write_string(place, column, _fitting(value), look)


def _too_many() -> str:
    return _(
        "A spreadsheet of more than %d rows is slow to open. Take it as CSV or Parquet, or narrow it."
    ) % (MOST_ROWS)
