"""What is owed: documents and payments between a host and a payer, the oldest settled first.

Nothing of it is stored. A payment that names a document goes there first; what is left, and payments that name none, go to the
oldest document that is open; what is left then stands on account until there is one. So a payment recorded before its invoice,
or whose invoice was never issued because a machine died, is not lost: it is on account, and settles the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from .amounts import ZERO


class Owed(NamedTuple):
    """An invoice or bill: its number, its day and what it asks, less what credit notes took off (not below zero)."""

    number: int
    on: date
    amount_inr: Decimal
    credited_inr: Decimal = ZERO


class Paid(NamedTuple):
    """A payment, with tax deducted at source counted as paid; ``document`` is the number of the one that it names."""

    number: int
    on: date
    amount_inr: Decimal
    document: int | None = None


@dataclass(frozen=True)
class Settlement:
    """What is open of each document by its number, and what stands on account; rupees, never negative."""

    open_inr: dict[int, Decimal]
    on_account_inr: Decimal

    @property
    def owed_inr(self) -> Decimal:
        """All that is open."""
        return sum(self.open_inr.values(), ZERO)


def settle(documents: Sequence[Owed], payments: Sequence[Paid]) -> Settlement:
    """Who owes what: the sum of what is open, less what is on account, is what was asked less what was credited and paid."""
    ordered = sorted(documents, key=lambda one: (one.on, one.number))
    open_inr = {one.number: one.amount_inr - one.credited_inr for one in ordered}
    rest = ZERO
    for paid in sorted(payments, key=lambda one: (one.on, one.number)):
        rest += _taken(
            open_inr, [paid.document] if paid.document in open_inr else [], paid.amount_inr
        )
    return Settlement(open_inr, _taken(open_inr, list(open_inr), rest))


def _taken(open_inr: dict[int, Decimal], numbers: Sequence[int | None], amount: Decimal) -> Decimal:
    """Take an amount off documents in turn; what is left of it."""
    for number in numbers:
        if number is not None:
            part = min(amount, open_inr[number])
            open_inr[number] -= part
            amount -= part
    return amount
