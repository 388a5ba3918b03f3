"""Rows of units and values, from CSV text or from memory, checked cell by cell."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from .frame import Floats
from .problems import Problems, did_you_mean

_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Row:
    """One record with the place where it stands."""

    place: str
    cells: Mapping[str, Any]


@dataclass(slots=True)
class Sheet:
    """The records of one file, or of one list in memory."""

    name: str
    columns: tuple[str, ...]
    rows: list[Row] = field(default_factory=list)


def from_csv(name: str, text: str, problems: Problems) -> Sheet:
    """The records of a CSV file; a ragged row or a repeated or empty heading is a problem."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    sheet = Sheet(name, ())
    try:
        header = next(reader, None)
        if header is None:
            problems.add(name, "empty", "a line of column names")
            return sheet
        sheet.columns = tuple(column.strip() for column in header)
        _check_header(sheet, problems)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                _add(sheet, cells, reader.line_num, problems)
    except csv.Error as error:
        problems.add(f"{name}:{reader.line_num}", str(error), "well-formed CSV")
    return sheet


def _check_header(sheet: Sheet, problems: Problems) -> None:
    for column in sheet.columns:
        if not column:
            problems.add(f"{sheet.name}:1", "a column without a name", "a name for every column")
    for column in sorted({c for c in sheet.columns if c and sheet.columns.count(c) > 1}):
        problems.add(f"{sheet.name}:1", f'the column "{column}" stands twice', "each column once")


def _add(sheet: Sheet, cells: list[str], line: int, problems: Problems) -> None:
    place = f"{sheet.name}:{line}"
    if len(cells) != len(sheet.columns):
        problems.add(place, f"{len(cells)} cells", f"{len(sheet.columns)}, one a column")
        return
    texts = (cell.strip() for cell in cells)
    sheet.rows.append(Row(place, dict(zip(sheet.columns, texts, strict=True))))


def from_rows(name: str, rows: Iterable[Mapping[str, Any]]) -> Sheet:
    """Records held in memory: mappings from column to text, number or None."""
    records = [Row(f"{name}[{k}]", row) for k, row in enumerate(rows)]
    columns: dict[str, None] = {}
    for record in records:
        columns |= dict.fromkeys(map(str, record.cells))
    return Sheet(name, tuple(columns), records)


def text(cell: object) -> str:
    """A cell as text; None is empty."""
    return "" if cell is None else str(cell).strip()


def number(cell: object, place: str, problems: Problems) -> float:
    """A cell as a number, NaN where empty; anything else is a problem."""
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return math.nan
    value = math.inf
    if isinstance(cell, str):
        if _NUMBER.fullmatch(cell.strip()) is None:
            problems.add(place, f"{cell!r} is not a number", "a number such as 12.5, or nothing")
            return math.nan
        value = float(cell)
    elif not isinstance(cell, bool):
        try:
            value = float(cell)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            problems.add(place, f"{cell!r} is not a number", "a number, or None")
            return math.nan
        if math.isnan(value):
            return math.nan
    if math.isinf(value):
        problems.add(place, f"{cell!r} is not a finite number", "a finite number")
        return math.nan
    return value


def keyed(sheet: Sheet, problems: Problems) -> dict[str, Row]:
    """The records by unit; a record without unit, or a unit twice, is a problem."""
    rows: dict[str, Row] = {}
    if "unit" not in sheet.columns:
        problems.add(sheet.name, 'no column "unit"', 'a column "unit"')
        return rows
    for row in sheet.rows:
        unit = text(row.cells.get("unit"))
        if not unit:
            problems.add(f"{row.place} unit", "empty", "the unit's id")
        elif unit in rows:
            problems.add(f"{row.place} unit", f'"{unit}" stands twice', "every unit once")
        rows.setdefault(unit, row)
    return rows


def check_columns(
    sheet: Sheet, known: Sequence[str], also: Sequence[str], problems: Problems
) -> None:
    """Every column known, and every known column there."""
    for column in sheet.columns:
        if column and column not in known and column not in also:
            expected = did_you_mean(column, known)
            problems.add(f"{sheet.name} {column}", "unknown column", expected)
    for column in known:
        if column not in sheet.columns:
            problems.add(f"{sheet.name} {column}", "missing column", f'a column "{column}"')


def matrix(
    sheet: Sheet,
    units: Sequence[str],
    indicators: Sequence[str],
    problems: Problems,
) -> Floats:
    """Values [units × indicators] of a sheet whose records are exactly those units."""
    rows = keyed(sheet, problems)
    check_columns(sheet, indicators, ("unit", "period"), problems)
    for unit, row in rows.items():
        if unit and unit not in units:
            expected = did_you_mean(unit, units)
            problems.add(f"{row.place} unit", f'"{unit}" is not in units', expected)
    values = np.full((len(units), len(indicators)), np.nan)
    for k, unit in enumerate(units):
        if unit not in rows:
            problems.add(sheet.name, f'no row for unit "{unit}"', "a row (empty cells are allowed)")
            continue
        row = rows[unit]
        for j, indicator in enumerate(indicators):
            cell = row.cells.get(indicator)
            values[k, j] = number(cell, f"{row.place} {indicator}", problems)
    return values
