"""The law of goods and services tax, worked by hand and by properties, without a database."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sankul.core.rules.verdicts import Refused
from sankul.programme.billing.rules import (
    LAW,
    DocumentKind,
    Item,
    Owed,
    Paid,
    Party,
    Supply,
    Treatment,
    compute,
    financial_year,
    gstin,
    in_words,
    serial,
    settle,
    year_name,
)
from sankul.programme.billing.rules.amounts import rounding
from sankul.programme.billing.rules.law import SOURCE, read
from sankul.programme.billing.rules.life import why_not_credit, why_not_details, why_not_recipient
from sankul.programme.billing.rules.serials import why_not_prefix
from sankul.programme.billing.rules.tax import Tax, credit

ON = date(2026, 11, 30)
HOST = Party("Host", "1 Lab Road, Pune", "27", "27AAPFU0939F1ZV")
money = st.decimals("0.01", "9999999", places=2)


def item(amount: str, sac: str = "998346") -> Item:
    value = Decimal(amount)
    return Item("Electron microscope", sac, Decimal(1), "hour", value, value)


def supply(recipient: Party, treatment: Treatment = Treatment.TAXABLE, **more: bool) -> Supply:
    return Supply(HOST, recipient, treatment, ON, **more)


def test_a_registered_recipient_of_the_same_state_pays_central_and_state_tax_in_halves() -> None:
    made = compute(supply(Party("Firm", "Pune", "27", "27AAPFU0939F1ZV")), [item("12345.67")])
    assert made.kind == DocumentKind.TAX_INVOICE
    assert not made.between_states
    assert made.placed.state == "27"
    sums = made.totals
    assert (sums.cgst_inr, sums.sgst_inr, sums.igst_inr) == (
        Decimal("1111.11"), Decimal("1111.11"), Decimal("0.00"),
    )  # fmt: skip
    # 12,345.67 + 2 × 1,111.11 = 14,567.89, to the rupee 14,568
    assert (sums.rounding_inr, sums.total_inr) == (Decimal("0.11"), Decimal("14568.00"))
    assert sums.words == "Rupees Fourteen Thousand Five Hundred Sixty Eight Only"
    assert made.statements == ["Tax is payable on reverse charge: No"]


def test_a_recipient_of_another_state_pays_integrated_tax() -> None:
    made = compute(supply(Party("Firm", "Bengaluru", "29")), [item("1000.00")])
    assert made.between_states
    assert made.placed.state == "29"
    assert "12(2)(b)(i)" in made.placed.source
    assert made.totals.igst_inr == Decimal("180.00")
    assert made.totals.total_inr == Decimal("1180.00")


def test_a_recipient_whose_address_is_not_known_is_supplied_where_the_host_is() -> None:
    made = compute(supply(Party("Firm")), [item("1000.00")])
    assert made.placed.state == "27"
    assert not made.between_states
    assert "12(2)(b)(ii)" in made.placed.source


def test_a_recipient_abroad_is_supplied_where_the_service_is_performed() -> None:
    made = compute(supply(Party("Institute", "Lyon", country="FR")), [item("1000.00")])
    assert made.placed.state == "27"
    assert made.totals.cgst_inr == Decimal("90.00")


def test_a_special_economic_zone_next_door_is_another_state_and_pays_nothing_under_a_letter() -> (
    None
):
    zone = Party("Zone unit", "Pune", "27", "27AAPFU0939F1ZV", is_sez=True)
    with_tax = compute(supply(zone), [item("1000.00")])
    assert with_tax.between_states
    assert with_tax.totals.igst_inr == Decimal("180.00")
    assert "on payment of integrated tax" in with_tax.statements[0]
    without = compute(supply(zone, has_lut=True), [item("1000.00")])
    assert without.totals.total_inr == Decimal("1000.00")
    assert "without payment of integrated tax" in without.statements[0]


@pytest.mark.parametrize(
    ("treatment", "kind"),
    [(Treatment.EXEMPT, DocumentKind.BILL_OF_SUPPLY), (Treatment.UNREGISTERED, DocumentKind.BILL)],
)
def test_exempt_and_unregistered_hosts_charge_no_tax_and_issue_no_tax_invoice(
    treatment: Treatment, kind: DocumentKind
) -> None:
    made = compute(supply(Party("Firm", "Pune", "27"), treatment), [item("999.50")])
    assert made.kind == kind
    assert made.totals.total_inr == Decimal("1000.00")
    assert made.totals.cgst_inr == made.totals.igst_inr == 0
    assert "Tax is payable on reverse charge: No" not in made.statements


def test_a_service_without_a_rate_is_refused_and_named() -> None:
    with pytest.raises(Refused, match="rate of tax on the service 123456 on 30 Nov 2026"):
        compute(supply(Party("Firm", "Pune", "27")), [item("1.00", "123456")])


def test_a_rate_that_changes_is_that_of_the_day_of_the_document() -> None:
    changed = SOURCE.replace(
        'from = 2017-07-01\ncgst_percent = "9"',
        'from = 2017-07-01\nuntil = 2026-11-30\ncgst_percent = "9"', 1,
    ) + (
        '\n[[rate]]\nheading = "9983"\nfrom = 2026-12-01\ncgst_percent = "2.5"\n'
        'sgst_percent = "2.5"\nigst_percent = "5"\nsource = "a notification of a test"\n'
    )  # fmt: skip
    law = read(changed)
    assert law.rate("998346", date(2026, 11, 30)).igst_percent == 18
    assert law.rate("998346", date(2026, 12, 1)).igst_percent == 5


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (('[[rate]]\nheading = "9"\nfrom = 2017-07-01\ncgst_percent = "9"\nsgst_percent = "8"\n'
         'igst_percent = "17"\nsource = "x"'), "rate 1: central and state tax are halves"),
        ('[[rate]]\nheading = "9"\nfrom = 2017-07-01\ncgst_percent = 9', "no text"),
        ('[[service]]\ncode = "9"\nfrom = "2017"\nsource = "x"', "service 1: “from” and “until”"),
        ('[[place]]\nsituation = "a"\nwhere = "moon"\nfrom = 2017-07-01\nsource = "x"', "place 1"),
        ('[[state]]\ncode = "7"\nname = "Delhi"', "state 1: “code” is two digits"),
        (('[[limit]]\nname = "a"\nvalue = "1"\nfrom = 2017-07-01\nsource = "x"\n'
         '[[limit]]\nname = "a"\nvalue = "2"\nfrom = 2020-01-01\nsource = "x"'),
         "limit a: two rows hold on 2020-01-01"),
    ],
)  # fmt: skip
def test_a_wrong_row_of_the_law_is_named(wrong: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read(wrong)


def test_every_row_of_the_law_names_its_source() -> None:
    rows = [*LAW.rates, *LAW.services, *LAW.places, *LAW.limits, *LAW.credits, *LAW.documents,
            *LAW.statements]  # fmt: skip
    assert len(rows) > 30
    assert all(row.source for row in rows)
    assert len(LAW.states) == 37  # 28 states, 8 union territories, other territory
    assert {code for code, state in LAW.states.items() if state.has_utgst} == {
        "04", "26", "31", "35", "38", "97",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("on", "crore"),
    [(date(2020, 10, 1), 500), (date(2021, 3, 31), 100), (date(2021, 4, 1), 50),
     (date(2022, 4, 1), 20), (date(2022, 10, 1), 10), (date(2023, 8, 1), 5), (ON, 5)],
)  # fmt: skip
def test_the_threshold_of_electronic_invoices_fell_step_by_step(on: date, crore: int) -> None:
    assert LAW.limit("e_invoice_turnover_inr", on).value == crore * 10_000_000


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("27AAPFU0939F1ZV", "27AAPFU0939F1ZV"),  # the worked example in common use
        ("27 aapfu0939f1zv", "27AAPFU0939F1ZV"),
        ("27AAPFU0939F1ZW", ""),
        ("28AAPFU0939F1ZV", ""),
        ("27AAPFU0939F1Z", ""),
        ("99AAPFU0939F1ZV", ""),
        ("", ""),
    ],
)
def test_a_registration_number_is_known_by_form_state_and_check_character(
    text: str, known: str
) -> None:
    assert gstin(text) == known


@given(st.integers(0, 14), st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
def test_any_one_wrong_character_of_a_registration_number_is_found(place: int, other: str) -> None:
    right = "27AAPFU0939F1ZV"
    wrong = right[:place] + other + right[place + 1 :]
    assert gstin(wrong) == (right if wrong == right else "")


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "Rupees Zero Only"),
        ("0.50", "Paise Fifty Only"),
        ("1", "Rupees One Only"),
        ("19.05", "Rupees Nineteen and Paise Five Only"),
        ("110", "Rupees One Hundred Ten Only"),
        ("1240000", "Rupees Twelve Lakh Forty Thousand Only"),
        ("10000000", "Rupees One Crore Only"),
        ("123456789.99",
         ("Rupees Twelve Crore Thirty Four Lakh Fifty Six Thousand Seven Hundred Eighty Nine and "
         "Paise Ninety Nine Only")),
        ("1230000000", "Rupees One Hundred Twenty Three Crore Only"),
    ],
)  # fmt: skip
def test_amounts_are_written_in_lakh_and_crore(amount: str, words: str) -> None:
    assert in_words(Decimal(amount)) == words


def test_nothing_less_than_nothing_is_written_in_words() -> None:
    with pytest.raises(ValueError, match="not negative"):
        in_words(Decimal("-1"))


@pytest.mark.parametrize(
    ("total", "off"), [("100.49", "-0.49"), ("100.50", "0.50"), ("100.51", "0.49"), ("100", "0.00")]
)
def test_sums_are_rounded_to_the_rupee_and_fifty_paise_go_up(total: str, off: str) -> None:
    assert rounding(Decimal(total), ON) == Decimal(off)


@given(st.lists(money, min_size=1, max_size=12), st.booleans())
def test_the_tax_of_any_invoice_adds_up_exactly(amounts: list[Decimal], is_near: bool) -> None:
    made = compute(
        supply(Party("Firm", "Somewhere", "27" if is_near else "29")),
        [item(str(a)) for a in amounts],
    )
    sums = made.totals
    assert sums.taxable_inr == sum(amounts)
    assert sums.cgst_inr == sums.sgst_inr
    assert (sums.igst_inr == 0) == is_near or sums.taxable_inr < 1
    assert sum((tax.all_inr for _item, tax in made.items), Decimal(0)) == (
        sums.cgst_inr + sums.sgst_inr + sums.igst_inr
    )
    parts = sums.taxable_inr + sums.cgst_inr + sums.sgst_inr + sums.igst_inr + sums.rounding_inr
    assert parts == sums.total_inr == sums.total_inr.to_integral_value()
    assert Decimal("-0.50") < sums.rounding_inr <= Decimal("0.50")
    for one, tax in made.items:  # a paisa at most from the exact tax, for each half
        assert abs(tax.all_inr - one.taxable_inr * 18 / 100) <= Decimal("0.01")


@given(money, st.lists(st.decimals("0.01", "0.99", places=2), max_size=5))
def test_credits_never_take_off_more_than_the_tax_and_all_of_it_in_the_end(
    amount: Decimal, shares: list[Decimal]
) -> None:
    ((_, tax),) = compute(supply(Party("Firm", "Pune", "27")), [item(str(amount))]).items
    left_amount, left = amount, tax
    for share in [*shares, Decimal(1)]:
        asked = left_amount if share == 1 else (left_amount * share).quantize(Decimal("0.01"))
        taken = credit(asked=asked, taxable_left=left_amount, left=left)
        assert min(taken) >= 0
        left_amount -= asked
        left = Tax(left.percent, left.cgst_inr - taken.cgst_inr, left.sgst_inr - taken.sgst_inr,
                   left.igst_inr - taken.igst_inr)  # fmt: skip
        assert min(left) >= 0
    assert (left_amount, left.all_inr) == (0, 0)


@pytest.mark.parametrize(
    ("on", "year", "name"),
    [(date(2027, 3, 31), 2026, "2026-27"), (date(2026, 4, 1), 2026, "2026-27"),
     (date(2099, 4, 1), 2099, "2099-00")],
)  # fmt: skip
def test_the_financial_year_begins_on_1_april(on: date, year: int, name: str) -> None:
    assert financial_year(on) == year
    assert year_name(year) == name


def test_a_serial_number_names_host_year_and_series_in_sixteen_characters() -> None:
    made = serial(prefix="SHAI", kind=DocumentKind.CREDIT_NOTE, number=12, on=date(2027, 3, 31))
    assert made == "SHAI/2627/C00012"
    with pytest.raises(Refused, match="more than 16 characters"):
        serial(prefix="SHAI", kind=DocumentKind.BILL, number=100_000, on=ON)


@given(st.from_regex(r"[A-Z][A-Z0-9]{1,3}", fullmatch=True), st.sampled_from(DocumentKind.values),
       st.integers(1, 99_999), st.dates(date(2017, 7, 1), date(2090, 3, 31)))  # fmt: skip
def test_every_serial_number_keeps_the_rule(prefix: str, kind: str, number: int, on: date) -> None:
    made = serial(prefix=prefix, kind=DocumentKind(kind), number=number, on=on)
    assert len(made) <= 16
    assert set(made) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-")
    assert why_not_prefix(prefix)


@pytest.mark.parametrize("prefix", ["", "A", "1AB", "abc", "ABCDE", "A-B", "AB\n"])
def test_a_prefix_that_could_break_the_rule_is_refused(prefix: str) -> None:
    assert not why_not_prefix(prefix)


def test_payments_settle_what_they_name_first_and_then_the_oldest() -> None:
    documents = [
        Owed(1, date(2026, 5, 1), Decimal(100)),
        Owed(2, date(2026, 6, 1), Decimal(200), credited_inr=Decimal(50)),
    ]
    named = settle(documents, [Paid(7, date(2026, 6, 5), Decimal(120), document=2)])
    assert named.open_inr == {1: 100, 2: 30}
    free = settle(documents, [Paid(7, date(2026, 6, 5), Decimal(120))])
    assert free.open_inr == {1: 0, 2: 130}
    over = settle(documents, [Paid(7, date(2026, 6, 5), Decimal(300), document=2)])
    assert (over.open_inr, over.on_account_inr) == ({1: 0, 2: 0}, 50)
    assert settle([], [Paid(7, date(2026, 6, 5), Decimal(9))]).on_account_inr == 9


@given(
    st.lists(st.tuples(st.integers(0, 300), money), max_size=8),
    st.lists(st.tuples(st.integers(0, 300), money, st.none() | st.integers(0, 9)), max_size=8),
)
def test_what_is_open_less_what_is_on_account_is_what_was_asked_less_what_was_paid(
    asked: list[tuple[int, Decimal]], paid: list[tuple[int, Decimal, int | None]]
) -> None:
    day = date(2026, 4, 1)
    documents = [Owed(n, day + timedelta(d), a) for n, (d, a) in enumerate(asked)]
    payments = [Paid(n, day + timedelta(d), a, on) for n, (d, a, on) in enumerate(paid)]
    made = settle(documents, payments)
    assert made.owed_inr - made.on_account_inr == (
        sum(one.amount_inr for one in documents) - sum(one.amount_inr for one in payments)
    )
    assert all(value >= 0 for value in made.open_inr.values())
    assert made.on_account_inr >= 0
    assert not (made.owed_inr and made.on_account_inr)


def test_details_that_contradict_each_other_are_refused() -> None:
    assert why_not_details(gstin="27AAPFU0939F1ZV", state="27", country="IN")
    told = why_not_details(gstin="27AAPFU0939F1ZV", state="29", country="IN")
    assert "begins with 27, which is Maharashtra" in told.reason
    assert not why_not_details(gstin="", state="", country="IN")
    assert not why_not_details(gstin="27AAPFU0939F1ZV", state="", country="FR")
    assert not why_not_details(gstin="", state="27", country="IN", treatment=Treatment.EXEMPT)
    assert why_not_details(gstin="", state="27", country="IN", treatment=Treatment.UNREGISTERED)


def test_a_large_invoice_needs_the_recipients_state() -> None:
    assert why_not_recipient(recipient=Party("Firm"), total=Decimal("49999"), on=ON)
    told = why_not_recipient(recipient=Party("Firm"), total=Decimal("50000"), on=ON)
    assert "rule 46(e)" in told.reason
    assert why_not_recipient(recipient=Party("Firm", "Pune", "27"), total=Decimal("50000"), on=ON)


def test_a_credit_note_comes_by_30_november_after_the_year_and_never_for_more_than_is_left() -> (
    None
):
    until = LAW.credit_until(date(2026, 3, 31), date(2026, 11, 30))
    assert until == date(2026, 11, 30)
    assert LAW.credit_until(date(2021, 3, 31), date(2021, 9, 1)) == date(2021, 9, 30)

    def told(
        kind: str = DocumentKind.TAX_INVOICE, asked: str = "10", today: date = ON, why: str = "x"
    ) -> str:
        pairs = [(Decimal(asked), Decimal(10))]
        return why_not_credit(
            kind=kind, amounts=pairs, reason=why, until_on=until, today=today
        ).reason

    assert told() == ""
    assert "another credit note" in told(kind=DocumentKind.CREDIT_NOTE)
    assert "₹ 10.00 is left".replace(" ", "\u00a0", 1) in told(asked="10.01")
    assert "at least one line" in told(asked="0")
    assert "until 30 Nov 2026" in told(today=date(2026, 12, 1))
    assert told(why=" ") == "Say why it is credited."
