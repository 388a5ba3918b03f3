"""Templates of tables of claims: every column of a kind with what it means, choices to pick from, and an example."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from sankul.core.tables import writing
from sankul.programme.outcomes.rules import Fact, FactType, Kind
from sankul.programme.outcomes.rules.identifiers import SCHEMES
from sankul.programme.outcomes.rules.imports import EXAMPLE, PARTNERS, Asked, columns
from sankul.programme.registry.models import Cluster

from .imports import organisations

CLAIMS = "Claims"
LINES = 5000
"""Lines that are ready for choices to be picked."""
NUMBERS = frozenset({FactType.WHOLE, FactType.DECIMAL, FactType.MONEY, FactType.PERCENT})
BASE: dict[str, Any] = {
    "reference": f"{EXAMPLE}-1",
    "date": date(2025, 5, 31),
    "quantity": 1,
    "partner_1_role": "led",
    "partner_1_share": 1,
    "links": "https://example.org/page",
    "application_number": "201841012345",
    "indirect_taxes_inr": 34567.5,
}
VALUES: dict[FactType, Any] = {
    FactType.DATE: date(2025, 5, 31),
    FactType.WHOLE: 12,
    FactType.DECIMAL: 1.5,
    FactType.MONEY: 1234567.5,
    FactType.PERCENT: "12.5%",
    FactType.URL: "https://example.org/page",
    FactType.COUNTRY: "IN",
    FactType.LANGUAGE: "hi",
}


def spreadsheet(kind: Kind, cluster: Cluster, target: Path) -> Path:
    """A template for a cluster as XLSX: the table with its example, notes on every column, and the organisations."""
    book = writing.new(target)
    formats = writing.formats_of(book)
    asked = columns(kind)
    sheet = book.add_worksheet(CLAIMS)
    notes = book.add_worksheet(_("Notes")[:31])
    listed = book.add_worksheet("Organisations")
    known = organisations(cluster)
    _table(book, sheet, asked, formats, examples(kind, known), len(known))
    mark = _demonstration(cluster)
    _notes(notes, kind, asked, formats, mark)
    listed.set_column(0, 1, 40)
    for row, names in enumerate([(_("short name"), _("name")), *known]):
        for column, name in enumerate(names):
            listed.write_string(row, column, name, formats.head if row == 0 else None)
    for one in (sheet, notes, listed):
        if mark:
            one.set_header(f"&L{mark}")
    book.close()
    return target


def text(kind: Kind, cluster: Cluster) -> str:
    """The same as CSV: the heading and the example, in UTF-8 with a mark, so that spreadsheets read it."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    asked, known = columns(kind), organisations(cluster)
    writer.writerow([one.name for one in asked])
    writer.writerow(examples(kind, known))
    return "\ufeff" + buffer.getvalue()


def examples(kind: Kind, known: Sequence[tuple[str, str]]) -> list[Any]:
    """What stands in the cells of the example, column by column: a claim that could be submitted."""
    asked = columns(kind)
    given = {one.name: _example(one, known) for one in asked if one.fact is None or one.required}
    for one in asked:
        if one.fact is not None and one.fact.is_needed({k: v for k, v in given.items() if v}):
            given[one.name] = _example(one, known)
    return [given.get(one.name, "") for one in asked]


def _example(one: Asked, known: Sequence[tuple[str, str]]) -> Any:
    if one.name == "partner_1_organisation":
        return known[0][0] if known else ""
    if one.name in BASE:
        return BASE[one.name]
    if one.name == "title":
        return _("An example that is left out: delete it, or leave it")
    return _of_fact(one.fact, known) if one.fact is not None else ""


def _of_fact(fact: Fact, known: Sequence[tuple[str, str]]) -> Any:
    match fact.type:
        case FactType.CHOICE:
            return fact.choices[0][0]
        case FactType.IDENTIFIER:
            return SCHEMES[fact.scheme].example
        case FactType.ORGANISATIONS:
            return "; ".join(slug for slug, _name in known[:2])
        case FactType.TABLE:
            return " | ".join(str(_of_fact(column, known)) for column in fact.columns)
    return VALUES.get(fact.type, _("text"))


def _table(
    book: Workbook,
    sheet: Worksheet,
    asked: Sequence[Asked],
    formats: writing.Formats,
    example: Sequence[Any],
    organisations: int,
) -> None:
    sheet.freeze_panes(1, 1)
    as_text = book.add_format({"num_format": "@"})
    for column, one in enumerate(asked):
        looks = {FactType.DATE: formats.day, None: as_text}.get(_type(one))
        sheet.set_column(column, column, 22, looks)
        star = " *" if one.required else ""
        sheet.write_string(0, column, f"{one.title}{star}", formats.head)
        _choices(sheet, column, one, organisations)
    for column, value in enumerate(example):
        if isinstance(value, str):
            sheet.write_string(1, column, value, formats.quiet) if value else None
        else:
            writing.cell(sheet, 1, column, value, formats)


def _type(one: Asked) -> FactType | None:
    if one.name == "date":
        return FactType.DATE
    if one.name == "quantity" or one.name.endswith("_share"):
        return FactType.DECIMAL
    is_typed = one.fact is not None and one.fact.type in NUMBERS | {FactType.DATE}
    return one.fact.type if one.fact is not None and is_typed else None


def _choices(sheet: Worksheet, column: int, one: Asked, organisations: int) -> None:
    source: Any = list(one.choices)
    if one.name.endswith("_organisation") and organisations:
        source = f"=Organisations!$A$2:$A${organisations + 1}"
    if source:
        told = {"input_title": str(one.title)[:32], "input_message": str(one.ask)[:255]}
        rule = {"validate": "list", "source": source, "error_type": "warning", **told}
        sheet.data_validation(1, column, LINES, column, rule)


def _notes(
    sheet: Worksheet, kind: Kind, asked: Sequence[Asked], formats: writing.Formats, mark: str
) -> None:
    sheet.set_column(0, 1, 28)
    sheet.set_column(2, 2, 9)
    sheet.set_column(3, 3, 90)
    lines = [
        (str(kind.title), "", "", mark),
        ("", "", "", _("One line is one claim. Values only: no formulas, no merged cells, no hidden rows.")),
        ("", "", "", _("Sent again under the same reference, the same content is left as it is; other content is refused.")),
        ("", "", "", _("Up to %d partners. Whoever led was a member of the cluster on that day.") % PARTNERS),
        ("", "", "", _("Columns that you do not need can be deleted; those with * cannot stay empty in a submitted claim.")),
        (_("column"), _("or"), _("needed"), _("what stands there")),
        *((str(one.title), one.name, "*" if one.required else "", str(one.ask)) for one in asked),
    ]  # fmt: skip
    for row, line in enumerate(lines):
        for column, value in enumerate(line):
            if value:
                sheet.write_string(row, column, value, formats.head if row in (0, 5) else None)


def _demonstration(cluster: Cluster) -> str:
    told = _("Demonstration: a fictional programme.")
    return told if cluster.programme.is_demonstration else ""
