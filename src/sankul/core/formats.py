"""How numbers, money and dates are written out: Indian digit groups, lakh and crore, 22 Nov 2026.

A value that is None reads "not recorded": a plain fact about a record. A figure that is absent for
a reason of its own says that reason through ``ui.Figure``.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

LAKH = Decimal(100_000)
CRORE = Decimal(10_000_000)
MINUS = "\N{MINUS SIGN}"
SPACE = "\N{NO-BREAK SPACE}"
Text = str | Promise
Number = int | float | Decimal

NOT_RECORDED: Text = _("not recorded")


def number(value: Number | None, places: int | None = None) -> str:
    """The number in Indian digit groups, rounded half up to ``places`` decimals.

    Without ``places``: whole numbers stay whole; others get two decimals below 10, one below 1,000
    and none above. NaN and infinity are no figures and raise ``ValueError``.
    """
    if value is None:
        return str(NOT_RECORDED)
    exact = Decimal(str(value))
    if not exact.is_finite():
        raise ValueError(f"{value} is not a figure; say why it is absent")
    rounded = _round(exact, _sensible(exact) if places is None else places)
    return _signed(rounded, _grouped(abs(rounded)))


def common_places(values: Iterable[Number]) -> int:
    """The decimals that suit a whole column: none when all are whole, else those of the largest."""
    exact = [Decimal(str(value)) for value in values]
    if all(value == value.to_integral_value() for value in exact):
        return 0
    largest = max(map(abs, exact))
    return 2 if largest < 10 else 1


def percent(share: Number | None, places: int = 0) -> str:
    """A share of one as a percentage: 0.625 reads 63 %."""
    if share is None:
        return str(NOT_RECORDED)
    return f"{number(Decimal(str(share)) * 100, places)}{SPACE}%"


def inr(amount: Decimal | int | None) -> str:
    """Rupees to three figures in lakh or crore, in whole rupees below a lakh: ₹ 12.4 lakh.

    Paise are shown below ₹ 1,000. Binary floats are refused with ``TypeError``: money is Decimal.
    """
    if amount is None:
        return str(NOT_RECORDED)
    exact = _money(amount)
    size = abs(exact)
    whole = _round(size, 2 if size < 1000 else 0)
    if whole < LAKH:
        words = _grouped(_round(whole, 0) if whole == whole.to_integral_value() else whole)
        return _signed(whole if exact >= 0 else -whole, f"₹{SPACE}{words}")
    return _signed(exact, f"₹{SPACE}{_scaled(size)}")


def inr_exact(amount: Decimal | int | None) -> str:
    """Rupees to the paisa: ₹ 12,40,000.00."""
    if amount is None:
        return str(NOT_RECORDED)
    exact = _round(_money(amount), 2)
    return _signed(exact, f"₹{SPACE}{_grouped(abs(exact))}")


def day(value: date | datetime | None) -> str:
    """The day, in the reader's language and the site's time zone: 22 Nov 2026."""
    if value is None:
        return str(NOT_RECORDED)
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    return written(value, "j M Y")


def moment(value: datetime | None) -> str:
    """The day and the minute, with the name of the time zone: 22 Nov 2026, 18:36 IST."""
    if value is None:
        return str(NOT_RECORDED)
    local = timezone.localtime(value)
    return f"{written(local, 'j M Y, H:i')} {local.tzname()}"


def written(value: date | datetime, form: str) -> str:
    """A date or time by a form of Django's (``"D j M, H:i"``), on the clock that it has, in the reader's language."""
    # Short Hindi month names are ambiguous (मा could be several), so Hindi gets whole ones.
    whole = form.replace("M", "F") if get_language() == "hi" else form
    return formats.date_format(value, whole)


def months() -> list[str]:
    """The twelve months in the reader's language, as they stand in dates."""
    return [written(date(2000, number, 1), "M") for number in range(1, 13)]


def _money(amount: Decimal | int) -> Decimal:
    if isinstance(amount, bool) or not isinstance(amount, Decimal | int):
        raise TypeError(f"money is Decimal, never {type(amount).__name__}")
    return Decimal(amount)


def _scaled(size: Decimal) -> str:
    lakhs = _three_figures(size / LAKH)
    if lakhs < 100:
        return gettext("%(amount)s lakh") % {"amount": f"{_plain(lakhs)}"}
    return gettext("%(amount)s crore") % {"amount": _plain(_three_figures(size / CRORE))}


def _three_figures(amount: Decimal) -> Decimal:
    return _round(amount, 2 if amount < 10 else 1 if amount < 100 else 0)


def _plain(amount: Decimal) -> str:
    text = _grouped(amount)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _sensible(value: Decimal) -> int:
    if value == value.to_integral_value():
        return 0
    return 2 if abs(value) < 10 else 1 if abs(value) < 1000 else 0


def _round(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _signed(value: Decimal, text: str) -> str:
    return MINUS + text if value < 0 else text


def _grouped(value: Decimal) -> str:
    whole, _dot, fraction = f"{value:f}".partition(".")
    head, tail = whole[:-3], whole[-3:]
    pairs = [head[max(end - 2, 0) : end] for end in range(len(head), 0, -2)][::-1]
    return ",".join([*pairs, tail]) + (f".{fraction}" if fraction else "")
