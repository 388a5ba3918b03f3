"""Reading a spreadsheet (XLSX): what a reader could be misled by is refused first, with its cell.

The sheet's XML is searched as it streams past, then calamine reads the values. What is searched for cannot be hidden from the
search: comments, character data sections and document types, in which markup could stand, are refused.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any, NamedTuple
from xml.parsers import expat

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from . import archive as zipped
from .problems import Unreadable, Why

if TYPE_CHECKING:
    from .reading import Limits

PERCENT_BUILT_IN = {"9", "10"}
"""Number formats 0 % and 0.00 % (ECMA-376, part 1, 18.8.30)."""
HEAD_PARTS_BYTES = 16 * 2**20
REFERENCES = re.compile(rb"""[\s]r=["']([A-Z]{1,3})([0-9]{1,7})["']""")
ODD = re.compile(
    rb"""<(?:[\w.-]+:)?f[\s/>]|<(?:[\w.-]+:)?mergeCell\s|hidden=["'](?:1|true)|\st=["']e["']|<!|<\?(?!xml )"""
)
NEEDLES = (
    b"<f",
    b":f",
    b"mergeCell",
    b'hidden="1',
    b'hidden="t',
    b"hidden='",
    b'"e"',
    b"'e'",
    b"<!",
    b"<?",
)
"""At least one stands wherever ``ODD`` finds something: looked for first, because that is twenty times as fast."""
CELL = re.compile(rb"""<(?:[\w.-]+:)?c\s[^>]*?\br=["']([A-Z]+[0-9]+)["']""")
CELL_START = re.compile(rb"<(?:[\w.-]+:)?c[\s/>]")
DATA_END = re.compile(rb"</(?:[\w.-]+:)?sheetData\s*>")


class Read(NamedTuple):
    """A sheet that was read."""

    sheet: str
    head: list[str]
    head_line: int
    rows: Iterator[tuple[int, list[Any]]]
    notes: tuple[str, ...]


@dataclass
class Sheet:
    """What a workbook says of one of its sheets."""

    name: str
    relation: str
    is_shown: bool


@dataclass
class Book:
    """What a workbook says of itself, gathered tag by tag."""

    sheets: list[Sheet] = field(default_factory=list)
    targets: dict[str, str] = field(default_factory=dict)
    formats: dict[str, str] = field(default_factory=lambda: dict.fromkeys(PERCENT_BUILT_IN, "%"))
    styles: list[str] = field(default_factory=list)
    is_since_1904: bool = False
    group: str = ""

    def workbook(self, tag: str, given: dict[str, str]) -> None:
        """A tag of the workbook's own part."""
        if tag == "sheet":
            relation = next((given[key] for key in given if key.endswith(":id")), "")
            shown = given.get("state", "visible") == "visible"
            self.sheets.append(Sheet(given.get("name", ""), relation, shown))
        elif tag == "workbookPr":
            self.is_since_1904 = given.get("date1904") in ("1", "true")

    def relation(self, tag: str, given: dict[str, str]) -> None:
        """A tag of the part that says where the sheets are."""
        if tag == "Relationship":
            self.targets[given.get("Id", "")] = given.get("Target", "")

    def style(self, tag: str, given: dict[str, str]) -> None:
        """A tag of the part with the number formats."""
        if tag in ("cellXfs", "cellStyleXfs", "dxfs"):
            self.group = tag
        elif tag == "numFmt":
            self.formats[given.get("numFmtId", "")] = given.get("formatCode", "")
        elif tag == "xf" and self.group == "cellXfs":
            self.styles.append(given.get("numFmtId", ""))

    @property
    def percent_styles(self) -> list[str]:
        """Numbers of the styles that show a share as a percentage."""
        shown = (re.sub(r'"[^"]*"|\\.', "", self.formats.get(code, "")) for code in self.styles)
        return [str(place) for place, code in enumerate(shown) if "%" in code]


def letters(column: int) -> str:
    """The letters of a column that counts from 0: 0 is A, 27 is AB."""
    found = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        found = chr(65 + rest) + found
    return found


def number(column: str) -> int:
    """The reverse: AB is 27."""
    found = 0
    for letter in column:
        found = found * 26 + ord(letter) - 64
    return found - 1


@contextmanager
def opened(file: IO[bytes], wanted: str, limits: Limits) -> Iterator[Read]:
    """A sheet of a workbook; see ``reading.opened``."""
    with zipped.opened(file, limits) as archive:
        names = set(archive.namelist())
        _why_not(archive, names)
        book = _book(archive, names)
        sheet, notes = _chosen(book, wanted)
        percents = _scan(archive, _part(book, sheet, names), book, limits)
    file.seek(0)
    try:
        with CalamineWorkbook.from_filelike(file) as values:
            yield _read(values, sheet.name, percents, book, notes, limits)
    except CalamineError as error:
        raise Unreadable(
            Why.BROKEN, _("The workbook is damaged. Save it again, and send that.")
        ) from error


def _why_not(archive: zipfile.ZipFile, names: set[str]) -> None:
    if "mimetype" in names and b"opendocument" in archive.read("mimetype")[:200]:
        raise Unreadable(
            Why.OLD_FORMAT, _("This is an OpenDocument file. Save it as XLSX, and send it again.")
        )
    if "xl/workbook.xml" not in names:
        raise Unreadable(
            Why.NOT_A_TABLE, _("This is no spreadsheet. Send a spreadsheet as XLSX, or a CSV text.")
        )
    types = archive.read("[Content_Types].xml") if "[Content_Types].xml" in names else b""
    has_macros = any(name.lower().endswith("vbaproject.bin") for name in names)
    if has_macros or b"macroenabled" in types.lower():
        raise Unreadable(
            Why.MACROS,
            _("The workbook contains macros. Save it as XLSX without macros, and send it again."),
        )


def _book(archive: zipfile.ZipFile, names: set[str]) -> Book:
    book = Book()
    _parse(archive, "xl/workbook.xml", book.workbook)
    if "xl/_rels/workbook.xml.rels" in names:
        _parse(archive, "xl/_rels/workbook.xml.rels", book.relation)
    if "xl/styles.xml" in names:
        _parse(archive, "xl/styles.xml", book.style)
    return book


def _parse(archive: zipfile.ZipFile, name: str, start: Any) -> None:
    """Go through a small part of the workbook; document types, and with them entities, are refused."""
    parser = expat.ParserCreate()

    def declared(*_given: Any) -> None:
        raise Unreadable(Why.BROKEN, _("The workbook holds what no spreadsheet program writes."))

    parser.StartDoctypeDeclHandler = declared
    parser.StartElementHandler = lambda tag, given: start(tag.rpartition(":")[2], given)
    try:
        for chunk in zipped.chunks(archive, archive.getinfo(name), HEAD_PARTS_BYTES):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise Unreadable(
            Why.BROKEN, _("The workbook is damaged. Save it again, and send that.")
        ) from error


def _chosen(book: Book, wanted: str) -> tuple[Sheet, tuple[str, ...]]:
    shown = [sheet for sheet in book.sheets if sheet.is_shown]
    if not shown:
        raise Unreadable(Why.EMPTY, _("The workbook has no sheet that is shown."))
    named = [sheet for sheet in shown if wanted and sheet.name.casefold() == wanted.casefold()]
    chosen = (named or shown)[0]
    if len(book.sheets) == 1:
        return chosen, ()
    others = ", ".join(f"“{sheet.name}”" for sheet in book.sheets if sheet is not chosen)
    note = _("The sheet “%(sheet)s” was read, not: %(others)s.")
    return chosen, (note % {"sheet": chosen.name, "others": others},)


def _part(book: Book, sheet: Sheet, names: set[str]) -> str:
    target = book.targets.get(sheet.relation, "")
    name = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
    if name not in names:
        raise Unreadable(Why.BROKEN, _("The workbook is damaged. Save it again, and send that."))
    return name


def _scan(archive: zipfile.ZipFile, name: str, book: Book, limits: Limits) -> set[str]:
    """Search the sheet for what could mislead a reader; the cells shown as percentages."""
    percents: set[str] = set()
    last_row = last_column = 0
    style, in_data = _styled(book.percent_styles), True
    for chunk in _whole_tags(archive, name, limits):
        end = DATA_END.search(chunk) if in_data else None
        data_until = end.start() if end else len(chunk) if in_data else 0
        in_data = in_data and end is None
        if any(needle in chunk for needle in NEEDLES):
            for found in ODD.finditer(chunk):
                _check(chunk, found, data_until)
        places = REFERENCES.findall(chunk)
        if places:
            last_row = max(last_row, *(int(row) for row in {row for _column, row in places}))
            columns = {column for column, _row in places}
            last_column = max(last_column, *(number(column.decode()) for column in columns))
        if style is not None:
            percents.update(cell.decode() for cell in style.findall(chunk))
    _check_size(last_row, last_column + 1, limits)
    return percents


def _styled(styles: list[str]) -> re.Pattern[bytes] | None:
    if not styles:
        return None
    one = "|".join(styles).encode()
    return re.compile(
        rb"""<(?:[\w.-]+:)?c\s(?=[^>]*\ss=["'](?:"""
        + one
        + rb""")["'])[^>]*?r=["']([A-Z]+[0-9]+)["']"""
    )


def _whole_tags(archive: zipfile.ZipFile, name: str, limits: Limits) -> Iterator[bytes]:
    """The sheet in pieces; each but the first begins with the tag of a cell, so that what is found can name its cell."""
    rest = b""
    for chunk in zipped.chunks(archive, archive.getinfo(name), limits.expanded_bytes):
        if not rest and b"\x00" in chunk[:100]:
            raise Unreadable(Why.BROKEN, _("The sheet is not written in UTF-8. Save it again."))
        whole = rest + chunk
        cells = list(CELL_START.finditer(whole, max(0, len(whole) - 70_000)))
        cut = cells[-1].start() if cells else whole.rfind(b"<")
        yield whole[:cut]
        rest = whole[cut:]
    yield rest


def _check(chunk: bytes, found: re.Match[bytes], data_until: int) -> None:
    token, tag = found[0], chunk[chunk.rfind(b"<", 0, found.start() + 1) : found.end()]
    if token.startswith((b"<!", b"<?")):
        raise Unreadable(Why.BROKEN, _("The workbook holds what no spreadsheet program writes."))
    if b"mergeCell" in token:
        raise _merged(chunk[found.start() : found.start() + 200])
    if token.startswith(b"<"):
        if found.start() < data_until:
            raise _formula(_cell_before(chunk, found.end()))
    elif b">" in tag:  # in a text, not in a tag
        return
    elif b"hidden" in token:
        _check_hidden(tag + chunk[found.end() : chunk.find(b">", found.end())])
    elif CELL_START.match(tag):
        raise Unreadable(
            Why.ERROR_VALUE,
            _("Cell %s holds an error such as #N/A. Correct or empty it.")
            % _cell_before(chunk, found.end() + 40),
        )


def _cell_before(chunk: bytes, end: int) -> str:
    cells = CELL.findall(chunk, max(0, end - 70_000), end)
    return cells[-1].decode() if cells else "?"


def _merged(tag: bytes) -> Unreadable:
    area = re.search(rb"""ref=["']([A-Z0-9:]+)["']""", tag)
    return Unreadable(
        Why.MERGED,
        _("The cells %s are merged: unmerge them, and write each value into its own cell.")
        % (area[1].decode() if area else "?"),
    )


def _formula(cell: str) -> Unreadable:
    return Unreadable(
        Why.FORMULA,
        _(
            "Cell %s holds a formula. Select all cells, copy them, and paste them as values "
            "(Paste Special, Values), so that what you see is what is sent."
        )
        % cell,
    )


def _check_hidden(tag: bytes) -> None:
    name = re.match(rb"<(?:[\w.-]+:)?(\w+)", tag)
    if name is None or name[1] not in (b"row", b"col"):
        return
    place = re.search(rb"""\s(?:r|min)=["'](\d+)["']""", tag)
    shown = place[1].decode() if place else "?"
    if name[1] == b"row":
        reason = _("Row %s is hidden. Show all rows (clear the filter), or delete it.") % shown
    else:
        column = letters(int(shown) - 1) if shown.isdigit() else shown
        reason = _("Column %s is hidden. Show all columns, or delete it.") % column
    raise Unreadable(Why.HIDDEN, reason)


def _check_size(rows: int, columns: int, limits: Limits) -> None:
    if rows > limits.rows + 1 or columns > limits.columns or rows * columns > limits.cells:
        raise Unreadable(
            Why.TOO_LARGE,
            _(
                "The sheet reaches to row %(row)d and column %(column)s; %(rows)d rows are read at most. "
                "Delete what stands far below or beside the table, or send it in parts."
            )
            % {"row": rows, "column": letters(columns - 1), "rows": limits.rows},
        )


def _read(
    values: CalamineWorkbook,
    name: str,
    percents: set[str],
    book: Book,
    notes: tuple[str, ...],
    limits: Limits,
) -> Read:
    sheet = values.get_sheet_by_name(name)
    if sheet.start is None:
        raise Unreadable(Why.EMPTY, _("The sheet “%s” is empty.") % name)
    before = [""] * sheet.start[1]
    found = enumerate(sheet.iter_rows(), 1)
    filled = (
        (line, [*before, *cells]) for line, cells in found if any(cell != "" for cell in cells)
    )
    head_line, head = next(filled)
    names = [str(cell) for cell in head]
    while names and not names[-1].strip():
        names.pop()
    return Read(name, names, head_line, _lines(filled, len(names), percents, book), notes)


def _lines(
    rows: Iterator[tuple[int, list[Any]]], width: int, percents: set[str], book: Book
) -> Iterator[tuple[int, list[Any]]]:
    shares = sorted({number(cell.rstrip("0123456789")) for cell in percents})
    for line, found in rows:
        beyond = next((at for at, cell in enumerate(found[width:], width) if cell != ""), None)
        if beyond is not None:
            raise Unreadable(
                Why.RAGGED,
                _("Cell %s stands beside the table: its column has no heading.")
                % f"{letters(beyond)}{line}",
            )
        cells = found[:width]
        for at in shares:
            if at < width and f"{letters(at)}{line}" in percents:
                cells[at] = _percent(cells[at])
        if book.is_since_1904:
            cells = [Since1904(cell) if type(cell) is float else cell for cell in cells]
        yield line, cells


def _percent(cell: Any) -> Any:
    """A cell shown as a percentage holds its hundredth; it is given as it is shown."""
    return f"{(Decimal(repr(cell)) * 100).normalize():f}%" if type(cell) in (float, int) else cell


class Since1904(float):
    """A number in a workbook that counts days from 1 January 1904 (ECMA-376, part 1, 18.17.4.1)."""
