from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import translation

from sankul.core import formats


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (0, None, "0"),
        (-0.0, None, "0"),
        (7, None, "7"),
        (999, None, "999"),
        (1000, None, "1,000"),
        (99999, None, "99,999"),
        (100000, None, "1,00,000"),
        (1234567, None, "12,34,567"),
        (12345678901, None, "12,34,56,78,901"),
        (-1234567, None, "−12,34,567"),
        (0.625, None, "0.63"),
        (9.996, None, "10.00"),
        (62.44, None, "62.4"),
        (-62.45, None, "−62.5"),
        (1234.5, None, "1,235"),
        (62.4, 3, "62.400"),
        (-0.001, 1, "0.0"),
        (Decimal("2.50"), 0, "3"),
        (None, None, "not recorded"),
    ],
)
def test_a_number_is_written_in_indian_groups_with_sensible_decimals(value, places, text):
    assert formats.number(value, places) == text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN")])
def test_what_is_not_finite_is_no_figure(value):
    with pytest.raises(ValueError, match="not a figure"):
        formats.number(value)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Decimal(0), "₹ 0"),
        (Decimal("0.50"), "₹ 0.50"),
        (Decimal("812.5"), "₹ 812.50"),
        (Decimal("999.994"), "₹ 999.99"),
        (Decimal("999.995"), "₹ 1,000"),
        (Decimal("1000.49"), "₹ 1,000"),
        (Decimal("99999.49"), "₹ 99,999"),
        (Decimal("99999.5"), "₹ 1 lakh"),
        (Decimal(100000), "₹ 1 lakh"),
        (Decimal(1240000), "₹ 12.4 lakh"),
        (Decimal(94970000), "₹ 9.5 crore"),
        (Decimal(9949999), "₹ 99.5 lakh"),
        (Decimal(9994999), "₹ 99.9 lakh"),
        (Decimal(9995000), "₹ 1 crore"),
        (Decimal(9999999), "₹ 1 crore"),
        (Decimal(10350000), "₹ 1.04 crore"),
        (Decimal(32000000), "₹ 3.2 crore"),
        (Decimal("123456789012"), "₹ 12,346 crore"),
        (Decimal(-1240000), "−₹ 12.4 lakh"),
        (Decimal("-0.001"), "₹ 0"),
        (500, "₹ 500"),
        (None, "not recorded"),
    ],
)
def test_rupees_read_in_lakh_and_crore(amount, text):
    assert formats.inr(amount).replace("\N{NO-BREAK SPACE}", " ") == text


@pytest.mark.parametrize("amount", [1.5, True, "12"])
def test_money_that_is_not_decimal_is_refused(amount):
    with pytest.raises(TypeError, match="money is Decimal"):
        formats.inr(amount)


def test_exact_rupees_keep_their_paise():
    assert formats.inr_exact(Decimal("1240000.5")) == "₹\N{NO-BREAK SPACE}12,40,000.50"
    assert formats.inr_exact(Decimal("-3")) == "−₹\N{NO-BREAK SPACE}3.00"
    assert formats.inr_exact(None) == "not recorded"


@pytest.mark.parametrize(
    ("values", "places"), [([], 0), ([3, 4.0], 0), ([1, 2.4], 2), ([1.5, 62.4], 1), ([-62.45], 1)]
)
def test_a_column_has_as_many_decimals_throughout(values, places):
    assert formats.common_places(values) == places


def test_a_share_reads_as_a_percentage():
    assert formats.percent(0.625) == "63\N{NO-BREAK SPACE}%"
    assert formats.percent(0) == "0\N{NO-BREAK SPACE}%"
    assert formats.percent(Decimal("0.0055"), 1) == "0.6\N{NO-BREAK SPACE}%"
    assert formats.percent(None) == "not recorded"


def test_days_and_moments_are_told_in_indian_time():
    late = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
    assert formats.day(date(2026, 11, 22)) == "22 Nov 2026"
    assert formats.day(late) == "23 Nov 2026"
    assert formats.moment(late) == "23 Nov 2026, 01:30 IST"
    assert formats.day(None) == "not recorded"
    assert formats.moment(None) == "not recorded"


def test_a_day_follows_the_language():
    with translation.override("hi"):
        assert formats.day(date(2026, 3, 2)) == "2 मार्च 2026"


def test_a_date_by_a_form_of_its_own_has_months_that_can_be_told_in_hindi() -> None:
    at = datetime(2026, 11, 3, 9, 5, tzinfo=UTC)
    assert formats.written(at, "D j M Y, H:i") == "Tue 3 Nov 2026, 09:05"
    assert formats.months()[:2] == ["Jan", "Feb"]
    with translation.override("hi"):
        assert formats.written(at, "j M Y, H:i") == "3 नवंबर 2026, 09:05"
        assert formats.months()[10] == "नवंबर"
