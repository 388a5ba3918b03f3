"""Money: to the paisa, to the rupee, and in words."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from .law import LAW

PAISA = Decimal("0.01")
ZERO = Decimal("0.00")
_ONES = (
    "", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve",
    "Thirteen", "Fourteen", "Fifteen", "Sixteen", "Seventeen", "Eighteen", "Nineteen",
)  # fmt: skip
_TENS = ("", "", "Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety")
_GROUPS = ((10_000_000, "Crore"), (100_000, "Lakh"), (1000, "Thousand"), (100, "Hundred"))


def to_paisa(amount: Decimal) -> Decimal:
    """An amount rounded half up to the paisa."""
    return amount.quantize(PAISA, rounding=ROUND_HALF_UP)


def rounding(total: Decimal, on: date) -> Decimal:
    """What is added to a sum so that it is whole rupees, 50 paise going up (CGST Act, section 170); −0.49 to 0.50."""
    unit = LAW.limit("rounding_inr", on).value
    whole = (total / unit).quantize(Decimal(1), rounding=ROUND_HALF_UP) * unit
    return to_paisa(whole - total)


def in_words(amount: Decimal) -> str:
    """An amount in words with lakh and crore, as invoices bear it: Rupees Twelve Lakh Forty Thousand Only.

    Raises ValueError for a negative amount: what is owed is never less than nothing.
    """
    if amount < 0:
        raise ValueError("an amount in words is not negative")
    paise = int(to_paisa(amount) * 100)
    rupees, rest = divmod(paise, 100)
    if not rest:
        return f"Rupees {_spelt(rupees) or 'Zero'} Only"
    if not rupees:
        return f"Paise {_spelt(rest)} Only"
    return f"Rupees {_spelt(rupees)} and Paise {_spelt(rest)} Only"


def _spelt(number: int) -> str:
    for size, word in _GROUPS:
        if number >= size:
            head, tail = divmod(number, size)
            return " ".join(filter(None, (_spelt(head), word, _spelt(tail))))
    if number < 20:
        return _ONES[number]
    return " ".join(filter(None, (_TENS[number // 10], _ONES[number % 10])))
