"""Local content by the public-procurement order."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from sankul.programme.outcomes.rules.local_content import (
    TERMS,
    Inclusion,
    Input,
    LocalContent,
    SupplierClass,
    local_content,
    terms_on,
)

AFTER_2024 = date(2025, 5, 1)


def content(
    *inputs: Input, price: str = "118", taxes: str = "18", on: date = AFTER_2024
) -> LocalContent:
    return local_content(
        price_inr=Decimal(price), indirect_taxes_inr=Decimal(taxes), inputs=inputs, on=on
    )


def cost(rupees: int, duty: int = 0, how: Inclusion = Inclusion.IMPORTED) -> Input:
    return Input(Decimal(rupees), Decimal(duty), how)


def test_a_product_without_imports_is_wholly_local() -> None:
    assert (content().percent, content().supplier_class) == (100, SupplierClass.CLASS_I)


@pytest.mark.parametrize(
    ("imported", "percent", "supplier"),
    [
        (50, "50.00", SupplierClass.CLASS_I),
        (51, "49.00", SupplierClass.CLASS_II),
        (80, "20.00", SupplierClass.CLASS_II),
        (81, "19.00", SupplierClass.NON_LOCAL),
        (140, "0.00", SupplierClass.NON_LOCAL),
    ],
)
def test_classes_begin_at_fifty_and_twenty_percent(
    imported: int, percent: str, supplier: SupplierClass
) -> None:
    found = content(cost(imported))
    assert (str(found.percent), found.supplier_class) == (percent, supplier)


def test_customs_duty_is_part_of_the_import() -> None:
    assert content(cost(30, duty=6), cost(10)).percent == 54


def test_a_class_is_decided_before_the_percentage_is_rounded() -> None:
    found = content(Input(Decimal("50.004")))
    assert (found.percent, found.supplier_class) == (50, SupplierClass.CLASS_II)


@pytest.mark.parametrize("how", list(Inclusion)[1:])
def test_the_order_of_2024_lets_nothing_from_abroad_count_as_local(how: Inclusion) -> None:
    after = content(cost(60, how=how))
    assert (after.percent, after.left_out_inr) == (40, 0)
    before = content(cost(60, how=how), on=date(2024, 7, 18))
    assert (before.percent, before.left_out_inr) == (100, 60)


def test_there_was_one_class_until_june_2020() -> None:
    assert content(cost(60), on=date(2020, 6, 3)).supplier_class == SupplierClass.NON_LOCAL
    assert content(cost(60), on=date(2020, 6, 4)).supplier_class == SupplierClass.CLASS_II


def test_there_was_no_order_before_june_2017() -> None:
    assert terms_on(date(2017, 6, 15)) == TERMS[0]
    with pytest.raises(ValueError, match="no order on 2017-06-14"):
        terms_on(date(2017, 6, 14))


def test_a_price_that_is_all_tax_is_an_error() -> None:
    with pytest.raises(ValueError, match="lies above 0"):
        content(price="18")


@given(
    price=some.decimals(1, 10**9, places=2),
    tax=some.decimals(0, 1, places=2),
    costs=some.lists(some.decimals(0, 10**9, places=2), max_size=5),
)
def test_local_content_is_a_share_and_more_imports_never_raise_it(
    price: Decimal, tax: Decimal, costs: list[Decimal]
) -> None:
    taxes = (price * tax / 2).quantize(Decimal("0.01"))
    inputs = [Input(one) for one in costs]
    given_ = {"price_inr": price, "indirect_taxes_inr": taxes, "on": AFTER_2024}
    found = local_content(inputs=inputs, **given_)
    more = local_content(inputs=[*inputs, Input(Decimal(1))], **given_)
    assert 0 <= more.percent <= found.percent <= 100


def test_terms_stand_in_order_with_their_source() -> None:
    assert [one.from_on for one in TERMS] == sorted(one.from_on for one in TERMS)
    assert all("P-45021/2/2017" in one.source for one in TERMS)
