"""Which tax a supply bears: where it is supplied, between states or within one, and how much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from .amounts import ZERO, in_words, rounding, to_paisa
from .law import LAW, RECIPIENT, Rate
from .words import KIND_OF, DocumentKind, Treatment

INDIA = "IN"


@dataclass(frozen=True)
class Party:
    """Who supplies or receives, as it stands on a document; ``state`` is empty where no address is on record."""

    name: str
    address: str = ""
    state: str = ""
    gstin: str = ""
    is_sez: bool = False
    country: str = INDIA

    @property
    def is_abroad(self) -> bool:
        """Whether it is outside India."""
        return self.country != INDIA


@dataclass(frozen=True)
class Supply:
    """Between whom, on which day, and how the supplier is treated; ``has_lut``: it may supply to an SEZ without tax."""

    supplier: Party
    recipient: Party
    treatment: Treatment
    on: date
    has_lut: bool = False


@dataclass(frozen=True)
class Item:
    """One line before tax: an amount for a service of a code. ``charge`` and ``part`` say what it comes from."""

    description: str
    sac: str
    quantity: Decimal
    unit: str
    rate_inr: Decimal
    taxable_inr: Decimal
    charge: int | None = None
    part: int = 0


class Tax(NamedTuple):
    """Tax on one amount, in rupees to the paisa; ``percent`` is that of both halves together."""

    percent: Decimal
    cgst_inr: Decimal
    sgst_inr: Decimal
    igst_inr: Decimal

    @property
    def all_inr(self) -> Decimal:
        """All of it."""
        return self.cgst_inr + self.sgst_inr + self.igst_inr


NO_TAX = Tax(Decimal(0), ZERO, ZERO, ZERO)


class Placed(NamedTuple):
    """The place of supply: a state's code, and the law that says so."""

    state: str
    source: str


@dataclass(frozen=True)
class Totals:
    """Sums of a document in rupees: taxable value and taxes to the paisa, rounded to whole rupees."""

    taxable_inr: Decimal
    cgst_inr: Decimal
    sgst_inr: Decimal
    igst_inr: Decimal
    rounding_inr: Decimal
    total_inr: Decimal

    @property
    def words(self) -> str:
        """The total in words."""
        return in_words(self.total_inr)


@dataclass(frozen=True)
class Computed:
    """A document before it has a serial number: what it is, where supplied, its lines with tax, sums and statements."""

    kind: DocumentKind
    placed: Placed
    between_states: bool
    items: Sequence[tuple[Item, Tax]]
    totals: Totals
    statements: Sequence[str] = field(default_factory=list)


def place_of_supply(supply: Supply) -> Placed:
    """Where a service is supplied (IGST Act, sections 12 and 13), as the row of the law for the recipient's situation says."""
    rule = LAW.place(_situation(supply.recipient), supply.on)
    party = supply.recipient if rule.where == RECIPIENT else supply.supplier
    return Placed(party.state, rule.source)


def _situation(recipient: Party) -> str:
    if recipient.is_abroad:
        return "abroad"
    if recipient.gstin:
        return "registered"
    return "address_on_record" if recipient.state else "no_address"


def is_between_states(supply: Supply, placed: Placed) -> bool:
    """Whether a supply is inter-state: to another state, or to a special economic zone (IGST Act, section 7(3) and 7(5)(b))."""
    return supply.recipient.is_sez or placed.state != supply.supplier.state


def tax_on(amount: Decimal, rate: Rate, *, between_states: bool) -> Tax:
    """Tax on an amount: integrated between states, else central and state halves, each rounded half up to the paisa."""
    if between_states:
        return Tax(rate.igst_percent, ZERO, ZERO, _share(amount, rate.igst_percent))
    half = _share(amount, rate.cgst_percent)
    return Tax(rate.igst_percent, half, _share(amount, rate.sgst_percent), ZERO)


def _share(amount: Decimal, percent: Decimal) -> Decimal:
    return to_paisa(amount * percent / 100)


def compute(supply: Supply, items: Sequence[Item]) -> Computed:
    """The document that bills ``items``. Raises Refused where no rate is on record for a service's code."""
    placed = place_of_supply(supply)
    between = is_between_states(supply, placed)
    taxed = [(item, _tax(supply, item, between)) for item in items]
    return Computed(
        kind=KIND_OF[supply.treatment],
        placed=placed,
        between_states=between,
        items=taxed,
        totals=totals(taxed, supply.on),
        statements=_statements(supply),
    )


def _tax(supply: Supply, item: Item, between: bool) -> Tax:
    if supply.treatment != Treatment.TAXABLE or _is_without_tax(supply):
        return NO_TAX
    return tax_on(item.taxable_inr, LAW.rate(item.sac, supply.on), between_states=between)


def _is_without_tax(supply: Supply) -> bool:
    """To a special economic zone under a letter of undertaking (IGST Act, section 16(3)(a))."""
    return supply.recipient.is_sez and supply.has_lut


def totals(taxed: Sequence[tuple[Item, Tax]], on: date) -> Totals:
    """Sums of lines with their taxes, and what rounds them to whole rupees."""
    taxable = sum((item.taxable_inr for item, _tax in taxed), ZERO)
    cgst, sgst, igst = (
        sum((getattr(tax, name) for _item, tax in taxed), ZERO)
        for name in ("cgst_inr", "sgst_inr", "igst_inr")
    )
    exact = taxable + cgst + sgst + igst
    off = rounding(exact, on)
    return Totals(taxable, cgst, sgst, igst, off, exact + off)


def credit(*, asked: Decimal, taxable_left: Decimal, left: Tax) -> Tax:
    """The tax that a credit of part of a line takes off, never more than is left of it; all that is left for all of the line."""
    if asked == taxable_left:
        return left
    half = left.percent / 2
    return Tax(
        left.percent,
        min(_share(asked, half), left.cgst_inr),
        min(_share(asked, half), left.sgst_inr),
        min(_share(asked, left.percent), left.igst_inr),
    )


def _statements(supply: Supply) -> list[str]:
    names = []
    if supply.treatment == Treatment.UNREGISTERED:
        names.append("not_registered")
    if supply.treatment == Treatment.TAXABLE:
        if supply.recipient.is_sez:
            names.append("sez_without_tax" if supply.has_lut else "sez_with_tax")
        names.append("no_reverse_charge")
    return [LAW.statement(name, supply.on).text for name in names]
