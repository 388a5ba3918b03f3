"""Spreadsheets that are written: what was text is text, what was a day is a day, and memory does not grow with the rows."""

from __future__ import annotations

import tracemalloc
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sankul.core.rules.verdicts import Refused
from sankul.core.tables import opened, writing

DAY = date(2025, 5, 10)
HEAD = ("a", "b")


def _write(path: Path, rows: Iterable[Sequence[Any]], mark: str = "", title: str = "Rows") -> Path:
    return writing.spreadsheet(
        path / "made.xlsx", title=title, head=HEAD, rows=rows, about=lambda: [("a", "first")],
        mark=lambda: mark,
    )  # fmt: skip


def _cells(path: Path) -> list[Any]:
    return [one for line in openpyxl.load_workbook(path).worksheets[0].iter_rows(2) for one in line]


@pytest.mark.parametrize(
    "text",
    ["=1+1", "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "{=1}", "https://example.org",
     "007", "1e5", "TRUE", "#N/A"],
)  # fmt: skip
def test_text_stays_text_whatever_it_begins_with(tmp_path: Path, text: str) -> None:
    path = _write(tmp_path, [(text, "")])
    with path.open("rb") as file, opened(file) as table:
        assert next(table.rows).cells == [text, ""]
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    assert b"<f" not in sheet
    assert b"hyperlink" not in sheet


def test_values_are_written_by_their_type(tmp_path: Path) -> None:
    moment = datetime(2025, 5, 10, 6, 30, tzinfo=UTC)
    rows = [(12, Decimal("1234567.5")), (DAY, None), (True, 0.5), (moment, "")]
    cells = _cells(_write(tmp_path, rows))
    assert [(one.data_type, one.value) for one in cells[:3]] == [
        ("n", 12), ("n", 1234567.5), ("d", datetime(2025, 5, 10)),  # noqa: DTZ001
    ]  # fmt: skip
    assert cells[2].number_format == "yyyy-mm-dd"
    assert [one.value for one in cells[4:7]] == [True, 0.5, "2025-05-10T06:30:00+00:00"]


def test_a_number_with_more_digits_than_a_spreadsheet_keeps_is_a_text(tmp_path: Path) -> None:
    exact = [Decimal("123456789012345"), Decimal("1234567890123456.5")]
    cells = _cells(_write(tmp_path, [exact]))
    assert [(one.data_type, str(one.value)) for one in cells] == [
        ("n", "123456789012345"), ("s", "1234567890123456.5"),
    ]  # fmt: skip


def test_a_text_too_long_for_a_cell_says_that_it_is_cut(tmp_path: Path) -> None:
    whole, cut = _cells(_write(tmp_path, [("x" * 32_767, "y" * 32_768)]))
    assert whole.value == "x" * 32_767
    assert cut.value == "y" * 32_763 + " […]"


def test_control_characters_do_no_harm(tmp_path: Path) -> None:
    path = _write(tmp_path, [("a\x01b", "नमस्ते\nसब")])
    with path.open("rb") as file, opened(file) as table:
        assert next(table.rows).cells == ["a\x01b", "नमस्ते\nसब"]


def test_the_demonstration_is_marked_on_every_page(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(_write(tmp_path, [("a", "b")], "Demonstration: fictional & free"))
    assert book["About"]["A1"].value == "Demonstration: fictional & free"
    for sheet in book:
        assert sheet.oddHeader.left.text == "Demonstration: fictional && free"


def test_what_is_not_marked_has_no_mark(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(_write(tmp_path, []))
    assert book["About"]["A1"].value == "a"
    assert book["Rows"].oddHeader.left.text is None


@pytest.mark.parametrize(
    ("title", "name"),
    [("a/b: [c]?*\\", "a b"), ("x" * 40, "x" * 31), ("'", "Table"), ("दावे", "दावे")],
)
def test_any_title_names_a_sheet(tmp_path: Path, title: str, name: str) -> None:
    made = openpyxl.load_workbook(_write(tmp_path, [], title=title)).sheetnames[0]
    assert " ".join(made.split()) == " ".join(name.split()) or made.startswith(name)


def test_more_rows_than_a_spreadsheet_can_do_with_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "MOST_ROWS", 2)
    _write(tmp_path, [("a", "b")] * 2)
    with pytest.raises(Refused, match="A spreadsheet of more than 2 rows is slow to open"):
        _write(tmp_path, [("a", "b")] * 3)


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    peaks = []
    for count in (500, 5000):
        tracemalloc.start()
        _write(tmp_path, ((f"row {line} {'x' * 200}", DAY) for line in range(count)))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 2**20
