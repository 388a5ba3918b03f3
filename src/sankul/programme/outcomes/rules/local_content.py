"""Local content of a product by the public-procurement order, with the classes in force on a day.

Public Procurement (Preference to Make in India) Order 2017, of the Department for Promotion of Industry and Internal Trade,
paragraph 2: the total value of the item, excluding net domestic indirect taxes, less the value of imported content in it,
including all customs duties, as a proportion of the total value. "Total value" is read as the order has just defined it, without
taxes, so that a product without any imported content has 100 %. Ministries prescribe other minima for some goods; these are the
order's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class SupplierClass(StrEnum):
    """The classes of suppliers."""

    CLASS_I = "class_i"
    CLASS_II = "class_ii"
    NON_LOCAL = "non_local"

    @property
    def label(self) -> StrOrPromise:
        """The class in words."""
        return CLASS_LABELS[self]


CLASS_LABELS: dict[SupplierClass, StrOrPromise] = {
    SupplierClass.CLASS_I: _("Class-I local supplier"),
    SupplierClass.CLASS_II: _("Class-II local supplier"),
    SupplierClass.NON_LOCAL: _("Non-local supplier"),
}


class Inclusion(StrEnum):
    """How an input that comes from abroad reached the product."""

    IMPORTED = "imported"
    BOUGHT_LOCALLY = "bought_locally"
    PAID_ABROAD = "paid_abroad"
    REPACKED = "repacked"


INCLUSIONS: tuple[tuple[str, StrOrPromise], ...] = (
    (Inclusion.IMPORTED, _("Imported by the maker")),
    (Inclusion.BOUGHT_LOCALLY, _("Imported, bought from a reseller in India")),
    (Inclusion.PAID_ABROAD, _("Royalty, licence or technical fee paid abroad")),
    (Inclusion.REPACKED, _("Repackaged, refurbished or rebranded import")),
)


@dataclass(frozen=True)
class Terms:
    """What the order says from a day on: least percentages of the classes, what never counts as local, and where it says so."""

    from_on: date
    class_i_percent: Decimal
    class_ii_percent: Decimal | None
    never_local: frozenset[Inclusion]
    source: str


ORDER = "Public Procurement (Preference to Make in India) Order 2017, DPIIT No. P-45021/2/2017"
TERMS = (
    Terms(date(2017, 6, 15), Decimal(50), None, frozenset({Inclusion.IMPORTED}), f"{ORDER}, 15 June 2017"),
    Terms(
        date(2020, 6, 4), Decimal(50), Decimal(20), frozenset({Inclusion.IMPORTED}),
        f"{ORDER}, as revised on 4 June 2020 and 16 September 2020",
    ),
    Terms(
        date(2024, 7, 19), Decimal(50), Decimal(20), frozenset(Inclusion),
        f"{ORDER}, as revised on 19 July 2024",
    ),
)  # fmt: skip
"""The order's terms, oldest first. The 2017 order knew one class of local suppliers; here it is Class I."""


@dataclass(frozen=True)
class Input:
    """An input from abroad in one unit of the product: its cost and the customs duty on it, in rupees, and how it came."""

    cost_inr: Decimal
    customs_duty_inr: Decimal = Decimal(0)
    inclusion: Inclusion = Inclusion.IMPORTED


@dataclass(frozen=True)
class LocalContent:
    """The result with all that it was computed from, in rupees a unit."""

    percent: Decimal
    supplier_class: SupplierClass
    value_inr: Decimal
    imported_inr: Decimal
    left_out_inr: Decimal
    terms: Terms


def terms_on(on: date) -> Terms:
    """The terms in force on a day. Raises ValueError for a day before the order."""
    found = [terms for terms in TERMS if terms.from_on <= on]
    if not found:
        raise ValueError(f"there was no order on {on}")
    return found[-1]


def local_content(
    *, price_inr: Decimal, indirect_taxes_inr: Decimal, inputs: Iterable[Input], on: date
) -> LocalContent:
    """Local content in percent (two decimals, half up) and the supplier's class, by the terms in force on a day.

    ``price_inr`` includes the domestic indirect taxes. Inputs that the day's terms do not exclude are told apart as
    ``left_out_inr``. A product that costs more in imports than its price has 0 %. Raises ValueError where taxes leave no price.
    """
    terms = terms_on(on)
    value = price_inr - indirect_taxes_inr
    if value <= 0:
        raise ValueError("the price net of indirect taxes lies above 0")
    listed = list(inputs)
    excluded = [one for one in listed if one.inclusion in terms.never_local]
    imported = sum((one.cost_inr + one.customs_duty_inr for one in excluded), Decimal(0))
    every = sum((one.cost_inr + one.customs_duty_inr for one in listed), Decimal(0))
    share = max((value - imported) / value, Decimal(0)) * 100
    percent = share.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return LocalContent(percent, _class(share, terms), value, imported, every - imported, terms)


def _class(share: Decimal, terms: Terms) -> SupplierClass:
    if share >= terms.class_i_percent:
        return SupplierClass.CLASS_I
    if terms.class_ii_percent is not None and share >= terms.class_ii_percent:
        return SupplierClass.CLASS_II
    return SupplierClass.NON_LOCAL
