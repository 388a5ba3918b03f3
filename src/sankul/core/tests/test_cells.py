"""What stands in a cell: read where it can be read in one way, and never guessed."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sankul.core.tables import cells
from sankul.core.tables.cells import Days, Misread
from sankul.core.tables.workbook import Since1904

DAY = date(2025, 5, 10)
NOON = datetime(2025, 5, 10, 12)  # noqa: DTZ001  spreadsheets know no time zone


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1234567.50", "1234567.50"), ("12,34,567.50", "1234567.50"), ("1,234,567.5", "1234567.5"),
        ("₹ 12,34,567", "1234567"), ("Rs. 1,200/-", "1200"), ("Rs 1,200", "1200"),
        ("INR 12", "12"), ("12 ₹", "12"), (" 12\u00a0", "12"), ("-3.5", "-3.5"), ("\u22123", "-3"),
        ("1,00,00,000", "10000000"), (12, "12"), (12.5, "12.5"), (12.0, "12.0"), (0.1, "0.1"),
        (99999999999999.5, "99999999999999.5"), ("123456789012345678", "123456789012345678"),
    ],
)  # fmt: skip
def test_a_number_is_read(cell: Any, number: str) -> None:
    assert cells.number(cell) == Decimal(number)


@pytest.mark.parametrize(
    "cell",
    ["", "abc", "1,23", "1,2345", "12,34,56", "1.234,50", "1.2.3", "1e5", "NaN", "Infinity", "12%",
     "१२", True, DAY, None, "--1", "$5", "1 200 x"],
)  # fmt: skip
def test_what_is_no_number_is_refused(cell: Any) -> None:
    with pytest.raises(Misread, match=r"This is no number\. a number such as 1234567\.50"):
        cells.number(cell)


def test_numbers_in_words_and_numbers_that_lost_digits_are_refused_by_name() -> None:
    with pytest.raises(Misread, match="Lakh and crore are words"):
        cells.number("12.4 lakh")
    with pytest.raises(Misread, match="more digits than a spreadsheet keeps"):
        cells.number(1234567890123456789.0)


@given(st.decimals(min_value=0, max_value=10**14, places=2))
def test_a_number_in_indian_groups_is_read_back(value: Decimal) -> None:
    whole, _dot, part = f"{value:.2f}".partition(".")
    head, tail = whole[:-3], whole[-3:]
    pairs = [head[max(end - 2, 0) : end] for end in range(len(head), 0, -2)][::-1]
    assert cells.number(",".join([*pairs, tail]) + "." + part) == value


@pytest.mark.parametrize(
    ("cell", "percent"), [("12.5%", "12.5"), ("12.5 %", "12.5"), (12.5, "12.5"), ("100", "100")]
)
def test_a_percentage_is_read_as_it_is_shown(cell: Any, percent: str) -> None:
    assert cells.percent(cell) == Decimal(percent)


@pytest.mark.parametrize(
    "cell",
    [DAY, NOON, "2025-05-10", "2025-05-10 00:00:00", "10-May-2025",
     "10 May 2025", "10 may, 2025", " 10-MAY-2025\u00a0", 45787, 45787.0, Since1904(44325.0)],
)  # fmt: skip
def test_a_day_is_read(cell: Any) -> None:
    days = Days()
    assert days.read(cell) == DAY
    assert days.doubt is None


@pytest.mark.parametrize("text", ["31/05/2025", "31-05-2025", "31.05.2025"])
def test_a_day_above_twelve_tells_the_order(text: str) -> None:
    days = Days()
    assert days.read(text) == date(2025, 5, 31)
    assert days.doubt is None


def test_a_column_of_days_that_can_be_read_in_two_ways_stays_in_doubt() -> None:
    days = Days()
    assert days.read("05/05/2025", 2) == date(2025, 5, 5)
    assert days.doubt is None
    days.read("03/04/2025", 3)
    days.read("04/03/2025", 4)
    assert days.doubt == (3, "03/04/2025")
    days.read("2025-04-03", 5)
    assert days.doubt == (3, "03/04/2025")


def test_another_day_of_the_column_takes_the_doubt_away() -> None:
    days = Days()
    assert days.read("03/04/2025", 2) == date(2025, 4, 3)
    assert days.read("13/04/2025", 3) == date(2025, 4, 13)
    assert days.doubt is None


@pytest.mark.parametrize(
    ("cell", "wrong"),
    [
        ("05/13/2025", "There is no month 13."), ("2025-02-30", "There is no such day."),
        ("30-Feb-2025", "There is no such day."), ("10-Mai-2025", "There is no month “Mai”."),
        ("10/05/25", "This is no day."), ("2025", "This is no day."), (12.5, "This is no day."),
        (3, "This is no day."), (True, "This is no day."), ("yesterday", "This is no day."),
        (time(1, 2), "This is no day."), ("10/05-2025", "This is no day."),
        ("00/00/2025", "There is no such day."), ("2025-05-10 13:00", "This is no day."),
    ],
)  # fmt: skip
def test_what_is_no_day_is_refused(cell: Any, wrong: str) -> None:
    with pytest.raises(Misread) as caught:
        Days().read(cell)
    assert caught.value.wrong == wrong
    assert caught.value.expected == "a day such as 2025-05-31, 31/05/2025 or 31-May-2025"


@given(st.dates(date(1955, 1, 1), date(2099, 12, 31)))
def test_a_day_is_read_back_from_each_way_of_writing_it(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    for cell in (day.isoformat(), f"{day:%d/%m/%Y}", f"{day:%d-%b-%Y}", f"{day:%-d %B %Y}", serial):
        assert Days().read(cell) == day


@pytest.mark.parametrize(
    ("cell", "text"),
    [(" a\u00a0", "a"), (12.0, "12"), (12, "12"), (12.5, "12.5"), (True, "TRUE"), ("e\u0301", "é"),
     ("a\r\nb", "a\nb"), ("नमस्ते", "नमस्ते"), ("\ufeffa", "a")],
)  # fmt: skip
def test_a_text_is_read(cell: Any, text: str) -> None:
    assert cells.text(cell) == text


@pytest.mark.parametrize(
    ("cell", "wrong"),
    [
        (DAY, "The spreadsheet made a date of it."),
        (timedelta(1), "The spreadsheet made a date of it."),
        ("a\x00b", "It holds control characters."),
        ("a\x07b", "It holds control characters."),
    ],
)
def test_what_is_no_text_is_refused(cell: Any, wrong: str) -> None:
    with pytest.raises(Misread) as caught:
        cells.text(cell)
    assert caught.value.wrong == wrong


@pytest.mark.parametrize(
    ("cell", "empty"), [("", True), (" \u00a0", True), (None, True), (0, False), (False, False)]
)
def test_an_empty_cell_is_known(cell: Any, empty: bool) -> None:
    assert cells.is_empty(cell) is empty


def test_what_stands_in_a_cell_is_shown_shortly() -> None:
    assert cells.shown("x" * 500) == "x" * 200
    assert cells.shown(12.0) == "12"
    assert cells.shown(DAY) == "2025-05-10"
