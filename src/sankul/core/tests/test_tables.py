"""Tables that people send: every way in which one can mislead its reader has its own answer."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from sankul.core.tables import Column, Limits, Unreadable, Why, matched, opened
from sankul.core.tables.workbook import letters, number

HEAD = ["Reference", "Date", "Quantity"]
Fill = Callable[[Any], None]


def _read(
    content: bytes, **given: Any
) -> tuple[list[str], list[tuple[int, list[Any]]], tuple[str, ...]]:
    with opened(io.BytesIO(content), **given) as table:
        return table.head, [tuple(row) for row in table.rows], table.notes


def _refused(content: bytes, **given: Any) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        _read(content, **given)
    return caught.value


def _openpyxl(fill: Fill | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Claims"
    sheet.append(HEAD)
    sheet.append(["A-1", date(2025, 5, 10), 12])
    sheet.append([" A-2 ", date(2025, 5, 11), 1234.5])
    if fill:
        fill(sheet)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _xlsxwriter(fill: Callable[[Any, Any], None] | None = None, **options: Any) -> bytes:
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept, options)
    sheet = book.add_worksheet("Claims")
    sheet.write_row(0, 0, HEAD)
    sheet.write_string(1, 0, "A-1")
    sheet.write_datetime(1, 1, date(2025, 5, 10), book.add_format({"num_format": "dd/mm/yyyy"}))
    sheet.write_number(1, 2, 12)
    if fill:
        fill(book, sheet)
    book.close()
    return kept.getvalue()


def _parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _packed(parts: dict[str, bytes]) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return kept.getvalue()


def _changed(name: str, old: bytes, new: bytes, content: bytes | None = None) -> bytes:
    parts = _parts(content or _openpyxl())
    assert old in parts[name]
    return _packed(parts | {name: parts[name].replace(old, new, 1)})


SHEET = "xl/worksheets/sheet1.xml"


def test_a_spreadsheet_of_each_writer_is_read_with_its_lines() -> None:
    head, rows, notes = _read(_openpyxl())
    assert (head, notes) == (HEAD, ())
    assert rows == [
        (2, ["A-1", date(2025, 5, 10), 12.0]),
        (3, [" A-2 ", date(2025, 5, 11), 1234.5]),
    ]
    assert _read(_xlsxwriter())[1] == [(2, ["A-1", date(2025, 5, 10), 12.0])]
    assert _read(_xlsxwriter(constant_memory=True))[1] == [(2, ["A-1", date(2025, 5, 10), 12.0])]


OFFICE = shutil.which("soffice")


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed: soffice is not found")
def test_a_spreadsheet_that_libreoffice_makes_now_is_read(tmp_path: Path) -> None:
    (tmp_path / "given.csv").write_text(
        "Reference,Date,Quantity\nनमस्ते,2025-05-10,1234.5\n", "utf-8"
    )
    subprocess.run(
        [
            str(OFFICE), "--headless", f"-env:UserInstallation=file://{tmp_path}/home",
            "--infilter=CSV:44,34,76", "--convert-to", "xlsx", "--outdir", str(tmp_path),
            str(tmp_path / "given.csv"),
        ],
        check=True, timeout=120, capture_output=True,
    )  # fmt: skip
    rows = _read((tmp_path / "given.xlsx").read_bytes())[1]
    assert rows == [(2, ["नमस्ते", date(2025, 5, 10), 1234.5])]


def test_a_spreadsheet_that_libreoffice_made_is_read() -> None:
    made = Path(__file__).with_name("made-by-libreoffice.xlsx").read_bytes()
    head, rows, _notes = _read(made)
    assert head == HEAD
    assert rows == [
        (2, ["नमस्ते", date(2025, 5, 10), 1234.5]),
        (4, ["A, “B”", date(2025, 5, 11), "12.5%"]),
    ]


def test_a_table_may_begin_anywhere_on_its_sheet() -> None:
    def fill(sheet: Any) -> None:
        sheet.insert_rows(1, 2)
        sheet.insert_cols(1)

    head, rows, _notes = _read(_openpyxl(fill))
    assert head == ["", *HEAD]
    assert rows[0] == (4, ["", "A-1", date(2025, 5, 10), 12.0])


def test_the_place_of_a_cell_is_named_as_the_sender_sees_it() -> None:
    with opened(io.BytesIO(_openpyxl())) as table:
        assert table.place(7, 1) == "B7"
    with opened(io.BytesIO(b"a,b\n1,2\n")) as table:
        assert table.place(7, 1) == "line 7, column 2"


@pytest.mark.parametrize(
    ("place", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")]
)
def test_columns_are_lettered_as_spreadsheets_do(place: int, name: str) -> None:
    assert letters(place) == name
    assert number(name) == place


def _formula(sheet: Any) -> None:
    sheet["C3"] = "=C2*2"


def _merged(sheet: Any) -> None:
    sheet.merge_cells("B2:B3")


def _hidden_row(sheet: Any) -> None:
    sheet.row_dimensions[3].hidden = True


def _hidden_column(sheet: Any) -> None:
    sheet.column_dimensions["B"].hidden = True


def _error(sheet: Any) -> None:
    sheet["C3"] = "#N/A"


def _beside(sheet: Any) -> None:
    sheet["E3"] = "note"


@pytest.mark.parametrize(
    ("fill", "why", "told"),
    [
        (_formula, Why.FORMULA, "Cell C3 holds a formula. Select all cells, copy them, and paste"),
        (_merged, Why.MERGED, "The cells B2:B3 are merged"),
        (_hidden_row, Why.HIDDEN, "Row 3 is hidden. Show all rows"),
        (_hidden_column, Why.HIDDEN, "Column B is hidden. Show all columns"),
        (_error, Why.ERROR_VALUE, "Cell C3 holds an error such as #N/A."),
        (_beside, Why.RAGGED, "Cell E3 stands beside the table"),
    ],
)
def test_what_would_mislead_a_reader_is_refused_with_its_place(
    fill: Fill, why: Why, told: str
) -> None:
    refusal = _refused(_openpyxl(fill))
    assert (refusal.why, refusal.reason[: len(told)]) == (why, told)


@pytest.mark.parametrize(
    "markup",
    [b"<c r='C3'><f>1+1</f><v>2</v></c>", b'<x:c r="C3" xmlns:x="m"><x:f/></x:c>',
     b'<c r="C3" s="0"\n><f t="shared" si="0"/></c>'],
)  # fmt: skip
def test_a_formula_is_found_however_it_is_written(markup: bytes) -> None:
    content = _changed(SHEET, b"</sheetData>", b'<row r="3">' + markup + b"</row></sheetData>")
    refusal = _refused(content)
    assert refusal.why == Why.FORMULA
    assert "Cell C3 holds a formula." in refusal.reason


def test_a_formula_is_found_where_pieces_of_the_stream_meet() -> None:
    def fill(sheet: Any) -> None:
        for line in range(4, 12_000):
            sheet.append([f"Reference number {line} of a long list", date(2025, 5, 10), line])
        sheet["C11999"] = "=1"

    assert "Cell C11999 holds a formula." in _refused(_openpyxl(fill)).reason


def test_text_that_looks_like_markup_is_text() -> None:
    def fill(sheet: Any) -> None:
        sheet["A2"] = '<f>1</f> hidden="1" <mergeCell ref="A1:B2"/> t="e"'

    assert _read(_openpyxl(fill))[1][0][1][0].startswith("<f>1</f>")


def test_formulas_of_choices_and_colours_are_no_formulas_of_cells() -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.data_validation("C2:C9", {"validate": "list", "source": "=Lists!$A$1:$A$3"})
        sheet.conditional_format("C2:C9", {"type": "formula", "criteria": "=$C2>1"})
        book.add_worksheet("Lists").write_column(0, 0, [1, 2, 3])

    assert len(_read(_xlsxwriter(fill), sheet="claims")[1]) == 1
    extension = b"</sheetData><extLst><ext><xm:f xmlns:xm='m'>Lists!A1</xm:f></ext></extLst>"
    assert len(_read(_changed(SHEET, b"</sheetData>", extension))[1]) == 2


@pytest.mark.parametrize(
    "markup", [b"<!-- <f>1</f> -->", b"<![CDATA[<f>1</f>]]>", b"<?hide <f>1</f> ?>"]
)
def test_markup_that_could_hide_something_is_refused(markup: bytes) -> None:
    refusal = _refused(_changed(SHEET, b"<sheetData>", markup + b"<sheetData>"))
    assert refusal.why == Why.BROKEN


def test_entities_are_refused_before_they_are_expanded() -> None:
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><workbook'
    assert _refused(_changed("xl/workbook.xml", b"<workbook", laughs)).why == Why.BROKEN
    assert _refused(_changed(SHEET, b"<worksheet", laughs[:-9] + b"<worksheet")).why == Why.BROKEN


def test_the_sheet_that_was_read_is_named_where_there_are_several() -> None:
    def fill(book: Any, _sheet: Any) -> None:
        book.add_worksheet("Notes").write(0, 0, "Read me")

    assert _read(_xlsxwriter(fill), sheet="notes")[2] == (
        "The sheet “Notes” was read, not: “Claims”.",
    )
    assert _read(_xlsxwriter(fill))[2] == ("The sheet “Claims” was read, not: “Notes”.",)


def test_a_hidden_sheet_is_not_read() -> None:
    def fill(book: Any, sheet: Any) -> None:
        book.add_worksheet("Shown").write(0, 0, "Title")
        sheet.hide()
        book.worksheets()[1].activate()

    assert _read(_xlsxwriter(fill), sheet="Claims")[0] == ["Title"]


def test_macros_are_refused(tmp_path: Path) -> None:
    parts = _parts(_openpyxl())
    assert _refused(_packed(parts | {"xl/vbaProject.bin": b"code"})).why == Why.MACROS
    types = parts["[Content_Types].xml"].replace(b"sheet.main", b"sheet.macroEnabled.main")
    assert _refused(_packed(parts | {"[Content_Types].xml": types})).why == Why.MACROS


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def test_an_encrypted_workbook_and_an_old_one_are_told_apart() -> None:
    encrypted = OLE + "EncryptedPackage".encode("utf-16-le") + bytes(100)
    assert _refused(encrypted).why == Why.ENCRYPTED
    assert "Save it without one" in _refused(encrypted).reason
    assert _refused(OLE + "Workbook".encode("utf-16-le")).why == Why.OLD_FORMAT
    document = _packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"})
    assert _refused(document).why == Why.OLD_FORMAT


def test_an_encrypted_archive_is_refused() -> None:
    content = bytearray(_openpyxl())
    for at in _places(content, b"PK\x03\x04", 6) + _places(content, b"PK\x01\x02", 8):
        content[at] |= 1
    assert _refused(bytes(content)).why == Why.ENCRYPTED


def _places(content: bytearray, mark: bytes, offset: int) -> list[int]:
    found, at = [], content.find(mark)
    while at >= 0:
        found.append(at + offset)
        at = content.find(mark, at + 1)
    return found


def test_a_zip_bomb_is_refused_before_it_is_expanded() -> None:
    bomb = _packed(_parts(_openpyxl()) | {"xl/media/zeros.bin": bytes(64 * 2**20)})
    assert len(bomb) < 2**18
    tracemalloc.start()
    refusal = _refused(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert refusal.why == Why.BOMB
    assert peak < 4 * 2**20


def test_a_bomb_that_lies_about_its_size_is_refused_within_bounded_memory() -> None:
    inside = bytes(64 * 2**20)
    content = _packed(_parts(_openpyxl()) | {"xl/media/zeros.bin": inside})
    crc = struct.pack("<I", zlib.crc32(inside))
    true, said = struct.pack("<I", len(inside)), struct.pack("<I", 100)
    lying = content.replace(crc, struct.pack("<I", zlib.crc32(inside[:100]))).replace(true, said)
    with zipfile.ZipFile(io.BytesIO(lying)) as archive:
        assert archive.getinfo("xl/media/zeros.bin").file_size == 100
    tracemalloc.start()
    refusal = _refused(lying)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert refusal.why in (Why.BOMB, Why.BROKEN)
    assert peak < 8 * 2**20


@pytest.mark.parametrize("cell", [b"XFD2", b"A1048576", b"ZZZ9"])
def test_a_cell_far_away_makes_no_large_table(cell: bytes) -> None:
    row = cell.lstrip(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    far = b'<row r="' + row + b'"><c r="' + cell + b'" t="n"><v>1</v></c></row></sheetData>'
    refusal = _refused(_changed(SHEET, b"</sheetData>", far))
    assert refusal.why == Why.TOO_LARGE
    assert refusal.reason.startswith("The sheet reaches to row ")


def test_more_rows_than_the_limit_are_refused_in_both_formats() -> None:
    few = Limits(rows=2)
    assert len(_read(b"a,b\n1,2\n3,4\n", limits=few)[1]) == 2
    assert _refused(b"a,b\n1,2\n3,4\n5,6\n", limits=few).why == Why.TOO_LARGE
    assert len(_read(_openpyxl(), limits=few)[1]) == 2
    assert _refused(_openpyxl(), limits=Limits(rows=1)).why == Why.TOO_LARGE


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", Why.EMPTY),
        (b"\n\n", Why.EMPTY),
        (b"%PDF-1.7\n", Why.NOT_A_TABLE),
        (b"MZ\x90\x00", Why.NOT_A_TABLE),
        (b"<html><table>", Why.NOT_A_TABLE),
        (b'{"a": 1}', Why.NOT_A_TABLE),
        (b"\x89PNG\r\n", Why.NOT_A_TABLE),
        (b"PK\x03\x04 cut off", Why.BROKEN),
        (_openpyxl()[:3000], Why.BROKEN),
        (_packed({"word/document.xml": b"<w/>"}), Why.NOT_A_TABLE),
    ],
)
def test_a_file_that_is_no_table_is_told_so(content: bytes, why: Why) -> None:
    assert _refused(content).why == why


def test_an_empty_sheet_is_told_so() -> None:
    book = openpyxl.Workbook()
    kept = io.BytesIO()
    book.save(kept)
    assert _refused(kept.getvalue()).why == Why.EMPTY


def test_a_cell_shown_as_a_percentage_is_given_as_it_is_shown() -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_number(2, 2, 0.125, book.add_format({"num_format": "0.0%"}))
        sheet.write_number(3, 2, 0.125, book.add_format({"num_format": '0.0" % of"'}))
        sheet.write_number(4, 2, 0.5, book.add_format({"num_format": 9}))
        for row in (2, 3, 4):
            sheet.write_string(row, 0, "A")

    cells = [cells[2] for _line, cells in _read(_xlsxwriter(fill))[1]]
    assert cells == [12.0, "12.5%", 0.125, "50%"]


TEXT = "Reference,Title\nA-1,नमस्ते é\nA-2,“two”\n"


@pytest.mark.parametrize(
    ("encoding", "notes"),
    [
        ("utf-8", ()),
        ("utf-8-sig", ()),
        ("utf-16", ("Read as UTF-16; check the letters of other scripts in the report.",)),
        ("utf-16-le", ("Read as UTF-16; check the letters of other scripts in the report.",)),
        ("utf-16-be", ("Read as UTF-16; check the letters of other scripts in the report.",)),
    ],
)
def test_a_text_is_read_in_its_encoding(encoding: str, notes: tuple[str, ...]) -> None:
    head, rows, told = _read(TEXT.encode(encoding))
    assert head == ["Reference", "Title"]
    assert rows == [(2, ["A-1", "नमस्ते é"]), (3, ["A-2", "“two”"])]
    assert told == notes


def test_utf_16_with_the_other_mark_is_read() -> None:
    assert _read(b"\xfe\xff" + TEXT.encode("utf-16-be"))[1][0] == (2, ["A-1", "नमस्ते é"])


def test_windows_1252_is_read_and_said() -> None:
    _head, rows, notes = _read("Name,City\nJosé,Orléans “€”\n".encode("cp1252"))
    assert rows == [(2, ["José", "Orléans “€”"])]
    assert notes == ("Read as Windows-1252; check the letters of other scripts in the report.",)


def test_a_text_in_no_encoding_that_is_known_is_refused() -> None:
    assert _refused(b"Name\n\x81\x8d\x8f\xff\n").why == Why.ENCODING
    assert _refused(b"\xff\xfe" + "Name\n".encode("utf-16-le") + b"x").why == Why.ENCODING


def test_a_zero_byte_is_refused_with_its_line() -> None:
    refusal = _refused(b"Name,City\nAsha,Pune\nBi\x00na,Pune\n")
    assert (refusal.why, refusal.reason[:24]) == (Why.NUL, "Line 3 holds a zero byte")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_text_is_read_with_its_delimiter(delimiter: str) -> None:
    text = f'Reference{delimiter}"Title, or; name"\nA-1{delimiter}"with {delimiter} inside"\n'
    head, rows, _notes = _read(text.encode())
    assert head == ["Reference", "Title, or; name"]
    assert rows == [(2, ["A-1", f"with {delimiter} inside"])]


def test_a_text_may_say_its_delimiter_as_spreadsheets_do() -> None:
    head, rows, _notes = _read(b"sep=;\r\nname, first;city\r\nAsha;Pune\r\n")
    assert head == ["name, first", "city"]
    assert rows == [(3, ["Asha", "Pune"])]


def test_a_cell_may_hold_lines_and_the_next_row_keeps_its_line() -> None:
    rows = _read(b'Name,City\r\n"two\r\nlines",Pune\r\n\r\nBina,"say ""so"""\r\n')[1]
    assert rows == [(2, ["two\r\nlines", "Pune"]), (5, ["Bina", 'say "so"'])]


@pytest.mark.parametrize(
    ("content", "why", "told"),
    [
        (b"a,b\n1,2\n3\n", Why.RAGGED, "Line 3 has 1 cells where the heading has 2."),
        (b"a,b\n1,2,3\n", Why.RAGGED, "Line 2 has 3 cells where the heading has 2."),
        (b'a,b\n1,"open\n3,4\n', Why.QUOTES, "From line 2 on, the quotation marks do not match"),
        (b'a,b\n1,"x"y\n', Why.QUOTES, "From line 2 on, the quotation marks do not match"),
    ],
)
def test_a_text_whose_rows_are_uneven_is_refused_with_its_line(
    content: bytes, why: Why, told: str
) -> None:
    refusal = _refused(content)
    assert (refusal.why, refusal.reason[: len(told)]) == (why, told)


def test_empty_cells_at_the_end_of_lines_do_no_harm() -> None:
    assert _read(b"a,b,,\n1,2,,\n,,,\n")[1] == [(2, ["1", "2"])]


def test_the_file_stays_open_for_who_opened_it() -> None:
    file = io.BytesIO(b"a,b\n1,2\n")
    with opened(file) as table:
        next(table.rows)
    assert not file.closed


def test_a_large_text_is_read_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("a,b\n")
        file.writelines(f"{line},{'x' * 90}\n" for line in range(150_000))
    tracemalloc.start()
    with path.open("rb") as file, opened(file) as table:
        assert sum(1 for _row in table.rows) == 150_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert path.stat().st_size > 13 * 2**20
    assert peak < 6 * 2**20


COLUMNS = (
    Column("reference", ("your reference",), required=True),
    Column("title", required=True),
    Column("local content percent"),
)


def test_headings_are_matched_whatever_their_case_and_spacing() -> None:
    found = matched([" Title* ", "YOUR_Reference", "Local  content percent"], COLUMNS)
    assert found == {"title": 0, "reference": 1, "local content percent": 2}


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (["reference", "titel"], "“titel” is no column of this table; did you mean “title”?"),
        (["reference", "title", "zebra"], "“zebra” is no column of this table."),
        (["reference", "title", "Title"], "“title” stands twice in the heading."),
        (["reference", "title", " "], "Column 3 has no heading."),
        (["title"], "The heading lacks the column “reference”."),
    ],
)
def test_a_heading_that_does_not_fit_is_refused_by_name(head: list[str], told: str) -> None:
    with pytest.raises(Unreadable) as caught:
        matched(head, COLUMNS)
    assert caught.value.why == Why.HEADING
    assert told in caught.value.reason


def test_everything_wrong_in_a_heading_is_said_at_once() -> None:
    with pytest.raises(Unreadable) as caught:
        matched(["titel", "zebra"], COLUMNS)
    assert caught.value.reason.count("“") >= 5
