"""Charging, billing, correcting, paying, disputing: one transaction each, with its refusals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from sankul.core.models import Event
from sankul.core.rules.roles import Actor, Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.billing.actions import charges, disputes, invoices, parties, payments
from sankul.programme.billing.actions.charges import Priced, Thing
from sankul.programme.billing.actions.parties import Details, Terms
from sankul.programme.billing.actions.payments import Money
from sankul.programme.billing.models import Charge, Invoice, InvoiceLine, Payment
from sankul.programme.billing.queries import invoices as queries
from sankul.programme.billing.queries.charges import draft, drafts, months
from sankul.programme.billing.rules import Cause, DisputeState, DocumentKind, Mode, Treatment
from sankul.programme.facilities.rules import Relation, UserClass
from sankul.programme.registry.tests.makers import organisation

from . import makers
from .makers import AT, MONTH, NOVEMBER

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 22)


def thing(**fields: object) -> Thing:
    given = {
        "cause": Cause.OTHER,
        "title": "Course in electron microscopy",
        "sac": "9992",
        "happened_on": date(2026, 10, 20),
        "lines": [Priced("Place", Decimal(2), "person", Decimal("1500"), Decimal("3000"))],
        "user_class": UserClass.STARTUP,
        "relation": Relation.CLUSTER,
    }
    return Thing(**given | fields)  # type: ignore[arg-type]


def test_a_month_is_billed_with_its_tax_and_a_serial_number_as_worked_by_hand() -> None:
    host, payer = makers.host("27", prefix="NIR"), makers.payer("27")
    makers.charge(host, payer, "12345.67")
    makers.charge(host, payer, "1000.00", happened_on=date(2026, 10, 31))
    made = invoices.issue(
        actor=makers.staff(host), host=host, payer=payer, month=MONTH, at=NOVEMBER
    )
    assert (made.serial, made.kind, made.year_name) == (
        "NIR/2627/T00001",
        DocumentKind.TAX_INVOICE,
        "2026-27",
    )
    assert (made.issued_on, made.due_on) == (date(2026, 11, 3), date(2026, 12, 3))
    # 13,345.67 + (1,111.11 + 90.00) twice = 15,747.89
    assert (made.taxable_inr, made.cgst_inr, made.sgst_inr, made.igst_inr) == (
        Decimal("13345.67"), Decimal("1201.11"), Decimal("1201.11"), Decimal("0.00"),
    )  # fmt: skip
    assert (made.rounding_inr, made.total_inr) == (Decimal("0.11"), Decimal("15748.00"))
    assert made.words == "Rupees Fifteen Thousand Seven Hundred Forty Eight Only"
    assert [line.position for line in made.lines.all()] == [1, 2]
    assert Event.objects.filter(verb="invoice.issued").get().subject == f"invoice/{made.pk}"


def test_serial_numbers_follow_each_other_in_a_series_of_each_kind_and_year() -> None:
    host = makers.host(prefix="NIR")
    first, second = makers.invoice(host), makers.invoice(host)
    note = invoices.credit(
        actor=None, invoice=first, amounts={first.lines.get().pk: Decimal(1)}, reason="x", at=AT
    )
    payer = makers.payer()
    makers.charge(host, payer, happened_on=date(2027, 4, 10))
    later = invoices.issue(
        actor=None, host=host, payer=payer, month=date(2027, 4, 1),
        at=datetime(2027, 5, 2, tzinfo=UTC),
    )  # fmt: skip
    assert [one.serial for one in (first, second, note, later)] == [
        "NIR/2627/T00001", "NIR/2627/T00002", "NIR/2627/C00001", "NIR/2728/T00001",
    ]  # fmt: skip


def test_what_is_billed_is_not_billed_again_and_what_comes_late_is() -> None:
    host, payer = makers.host(), makers.payer()
    makers.invoice(host, payer)
    with pytest.raises(Refused, match="Nothing is left to bill"):
        invoices.issue(actor=None, host=host, payer=payer, month=MONTH, at=NOVEMBER)
    makers.charge(host, payer, "50.00")
    again = invoices.issue(actor=None, host=host, payer=payer, month=MONTH, at=AT)
    assert again.taxable_inr == Decimal("50.00")


def test_a_month_is_billed_only_after_its_end() -> None:
    host, payer = makers.host(), makers.payer()
    makers.charge(host, payer)
    with pytest.raises(Refused, match="The month has not ended: bill it after 31 Oct 2026"):
        invoices.issue(
            actor=None,
            host=host,
            payer=payer,
            month=MONTH,
            at=datetime(2026, 10, 31, 8, tzinfo=UTC),
        )


def test_a_draft_that_changed_since_it_was_seen_is_not_issued() -> None:
    host, payer = makers.host(), makers.payer()
    makers.charge(host, payer)
    seen = draft(host, payer, MONTH, TODAY).charge_ids
    makers.charge(host, payer)
    with pytest.raises(Refused, match="The draft has changed"):
        invoices.issue(actor=None, host=host, payer=payer, month=MONTH, at=AT, seen=seen)
    assert not Invoice.objects.exists()


def test_a_host_that_has_not_said_how_it_bills_cannot() -> None:
    host, payer = organisation(), makers.payer()
    makers.charge(host, payer)
    with pytest.raises(Refused, match="How we bill"):
        invoices.issue(actor=None, host=host, payer=payer, month=MONTH, at=AT)


def test_a_payer_without_details_is_billed_by_name_where_the_host_is_up_to_fifty_thousand() -> None:
    host, payer = makers.host("29"), organisation()
    makers.charge(host, payer, "1000.00")
    made = invoices.issue(actor=None, host=host, payer=payer, month=MONTH, at=AT)
    assert (made.place_of_supply, made.cgst_inr) == ("29", Decimal("90.00"))
    assert made.recipient_told["name"] == payer.name
    makers.charge(host, payer, "50000.00")
    with pytest.raises(Refused, match=r"rule 46\(e\)"):
        invoices.issue(actor=None, host=host, payer=payer, month=MONTH, at=AT)


def test_details_of_the_day_of_issue_stand_on_the_invoice_and_stay_there() -> None:
    host, payer = makers.host("27"), makers.payer("27")
    made = makers.invoice(host, payer)
    parties.record(
        actor=None, organisation=payer, from_on=date(2026, 11, 10), at=AT,
        details=Details(legal_name="New name", address="2 Road", city="Bengaluru", state="29"),
    )  # fmt: skip
    makers.charge(host, payer)
    moved = invoices.issue(actor=None, host=host, payer=payer, month=MONTH, at=AT)
    made.refresh_from_db()
    assert (made.recipient_told["state"], made.igst_inr) == ("27", 0)
    assert (moved.recipient_told["name"], moved.igst_inr) == ("New name", Decimal("180.00"))


@pytest.mark.parametrize(
    ("treatment", "kind", "serial"),
    [(Treatment.EXEMPT, DocumentKind.BILL_OF_SUPPLY, "NIR/2627/B00001"),
     (Treatment.UNREGISTERED, DocumentKind.BILL, "NIR/2627/U00001")],
)  # fmt: skip
def test_hosts_without_tax_issue_other_documents(
    treatment: Treatment, kind: DocumentKind, serial: str
) -> None:
    host = makers.host(prefix="NIR", treatment=treatment, exemption="Notification 12/2017")
    made = makers.invoice(host, None, "1000.40")
    assert (made.kind, made.serial) == (kind, serial)
    assert (made.tax_inr, made.rounding_inr, made.total_inr) == (0, Decimal("-0.40"), 1000)


def test_drafts_of_a_month_are_made_in_as_many_queries_for_three_payers_as_for_one(
    django_assert_num_queries: object,
) -> None:
    host = makers.host()
    for _number in range(3):
        makers.charge(host, makers.payer())
        with django_assert_num_queries(3):  # type: ignore[operator]
            found = drafts(host, MONTH, TODAY)
    assert [bool(one.verdict) for one in found] == [True] * 3
    assert months(host) == [(MONTH, 3, Decimal("3000.00"))]


def test_issued_documents_are_final_in_the_database() -> None:
    made = makers.invoice()
    line = made.lines.get()
    for change in (
        lambda: Invoice.objects.filter(pk=made.pk).update(total_inr=1),
        lambda: InvoiceLine.objects.filter(pk=line.pk).update(taxable_inr=1),
        lambda: Invoice.objects.filter(pk=made.pk)._raw_delete("default"),
        lambda: Payment.objects.filter(pk=makers.payment(made, "5").pk).update(amount_inr=1),
        lambda: Charge.objects.filter(pk=line.charge_id).update(amount_inr=1),
    ):
        with pytest.raises(DatabaseError, match="pgtrigger"), transaction.atomic():
            change()


def test_the_database_refuses_a_gap_and_lines_that_do_not_add_up() -> None:
    made = makers.invoice()
    columns = [
        f.attname
        for f in Invoice._meta.concrete_fields
        if f.attname not in ("id", "number", "serial")
    ]
    names = ", ".join(columns)
    with pytest.raises(IntegrityError, match="leaves a gap"), transaction.atomic():
        _sql(
            f"INSERT INTO billing_invoice ({names}, number, serial) SELECT {names}, 3, 'X' "
            f"FROM billing_invoice WHERE id = {made.pk}"
        )
    line = [
        f.attname
        for f in InvoiceLine._meta.concrete_fields
        if f.attname not in ("id", "position", "charge_id")
    ]
    names = ", ".join(line)
    one_more = (
        f"INSERT INTO billing_invoiceline ({names}, position) SELECT {names}, 2 "
        f"FROM billing_invoiceline WHERE invoice_id = {made.pk}; SET CONSTRAINTS ALL IMMEDIATE"
    )
    with pytest.raises(IntegrityError, match="do not add up"), transaction.atomic():
        _sql(one_more)


def _sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_charge_is_made_once_for_its_source() -> None:
    host, payer = makers.host(), makers.payer()
    first = charges.charge(actor=None, host=host, payer=payer, thing=thing(source="order/7"), at=AT)
    second = charges.charge(
        actor=None, host=host, payer=payer, thing=thing(source="order/7"), at=AT
    )
    assert first == second
    assert first.amount_inr == Decimal("3000.00")
    assert first.lines == [
        {"description": "Place", "quantity": "2", "unit": "person", "rate_inr": "1500",
         "amount_inr": "3000.00"}
    ]  # fmt: skip


def test_a_charge_below_zero_or_of_nothing_is_refused() -> None:
    host, payer = makers.host(), makers.payer()
    below = [Priced("x", Decimal(1), "h", Decimal(-1), Decimal(-1))]
    for lines in (below, []):
        with pytest.raises(Refused, match="none of them below zero"):
            charges.charge(actor=None, host=host, payer=payer, thing=thing(lines=lines), at=AT)


def test_real_and_fictional_are_not_charged_to_each_other() -> None:
    host, payer = makers.host(), organisation(is_demonstration=True)
    with pytest.raises(Refused, match="Real and fictional never mix"):
        charges.charge(actor=None, host=host, payer=payer, thing=thing(), at=AT)


def test_a_charge_is_waived_with_a_reason_before_it_is_billed() -> None:
    host, payer = makers.host(), makers.payer()
    one = makers.charge(host, payer)
    who = makers.staff(host)
    with pytest.raises(Refused, match="Say why"):
        charges.waive(actor=who, charge=one, reason=" ", at=AT)
    waived = charges.waive(actor=who, charge=one, reason="The beam was unstable", at=AT)
    assert waived.waived_reason == "The beam was unstable"
    with pytest.raises(Refused, match="waived already"):
        charges.waive(actor=who, charge=one, reason="again", at=AT)
    with pytest.raises(Refused, match="Nothing is left"):
        invoices.issue(actor=None, host=host, payer=payer, month=MONTH, at=AT)
    billed = makers.invoice(host, payer).lines.get().charge
    assert billed is not None
    with pytest.raises(Refused, match="credit note"):
        charges.waive(actor=who, charge=billed, reason="too late", at=AT)


def test_credit_notes_take_off_line_by_line_and_never_more_than_is_left() -> None:
    made = makers.invoice(makers.host("27"), makers.payer("27"), "1000.40", "500.00")
    first, second = made.lines.order_by("position")
    who = makers.staff(made.host)

    def credit(amounts: dict[int, Decimal], at: datetime = AT) -> Invoice:
        return invoices.credit(
            actor=who, invoice=made, amounts=amounts, reason="Too many hours", at=at
        )

    part = credit({first.pk: Decimal("400.40")})
    # 9 % of 400.40 = 36.036 each
    assert (part.cgst_inr, part.total_inr) == (Decimal("36.04"), Decimal("472.48"))
    with pytest.raises(Refused, match=r"600\.00 is left to credit"):
        credit({first.pk: Decimal("600.01")})
    with pytest.raises(Refused, match="is not of this invoice"):
        credit({first.pk + 999: Decimal(1)})
    rest = credit({first.pk: Decimal("600.00"), second.pk: Decimal("500.00")})
    assert part.total_inr + rest.total_inr == made.total_inr
    assert rest.rounding_inr == made.rounding_inr != 0
    assert queries.settlement(made.host_id, made.payer_id).owed_inr == 0
    with pytest.raises(Refused, match="another credit note"):
        invoices.credit(actor=who, invoice=rest, amounts={}, reason="x", at=AT)


def test_a_credit_note_after_30_november_of_the_next_year_is_refused() -> None:
    made = makers.invoice()
    line = made.lines.get()
    late = datetime(2027, 12, 1, 6, tzinfo=UTC)
    with pytest.raises(Refused, match=r"until 30 Nov 2027 \(CGST Act, section 34\(2\)\)"):
        invoices.credit(
            actor=None, invoice=made, amounts={line.pk: Decimal(1)}, reason="x", at=late
        )


def test_a_payment_is_recorded_once_for_its_reference() -> None:
    made = makers.invoice()  # 1,180
    who = makers.staff(made.host)
    money = Money(
        amount_inr=Decimal("1062"), deducted_inr=Decimal("118"), paid_on=date(2026, 11, 9),
        mode=Mode.BANK, reference=" utr 77 ",
    )  # fmt: skip

    def pay(money: Money, invoice: Invoice | None = made) -> Payment:
        return payments.record(
            actor=who, host=made.host, payer=made.payer, money=money, invoice=invoice, at=AT
        )

    first = pay(money)
    assert pay(money) == first
    assert (first.reference, first.counts_inr) == ("UTR 77", Decimal("1180.00"))
    assert queries.settlement(made.host_id, made.payer_id).owed_inr == 0
    assert Event.objects.filter(verb="payment.recorded").count() == 1
    other = Money(
        amount_inr=Decimal("5"), paid_on=date(2026, 11, 9), mode=Mode.BANK, reference="UTR 77"
    )
    with pytest.raises(Refused, match="another payer, day or amount"):
        pay(other)
    with pytest.raises(Refused, match="more than zero"):
        pay(Money(amount_inr=Decimal(0), paid_on=TODAY, mode=Mode.BANK, reference="x"))
    with pytest.raises(Refused, match="future"):
        pay(
            Money(
                amount_inr=Decimal(1), paid_on=TODAY + timedelta(1), mode=Mode.BANK, reference="x"
            )
        )
    with pytest.raises(Refused, match="Give the reference"):
        pay(Money(amount_inr=Decimal(1), paid_on=TODAY, mode=Mode.BANK, reference=" "))
    with pytest.raises(Refused, match="not between these two"):
        pay(
            Money(amount_inr=Decimal(1), paid_on=TODAY, mode=Mode.BANK, reference="y"),
            makers.invoice(),
        )


def test_a_dispute_is_answered_and_upheld_by_a_credit_note() -> None:
    made = makers.invoice()
    payer, host = makers.staff(made.payer, Role.MEMBER), makers.staff(made.host)
    opened = disputes.dispute(actor=payer, invoice=made, text="We stopped at noon.", at=AT)
    with pytest.raises(Refused, match="goes on already"):
        disputes.dispute(actor=payer, invoice=made, text="Again", at=AT)
    with pytest.raises(Refused, match="Answer the dispute before"):
        disputes.reject(actor=host, dispute=opened, at=AT)
    answered = disputes.answer(actor=host, dispute=opened, text="The log agrees.", at=AT)
    assert answered.state == DisputeState.ANSWERED
    amounts = {made.lines.get().pk: Decimal("250")}
    settled = disputes.uphold(
        actor=host, dispute=opened, amounts=amounts, reason="Stopped at noon", at=AT
    )
    assert settled.state == DisputeState.UPHELD
    assert settled.credit_note is not None
    assert settled.credit_note.total_inr == Decimal("295.00")
    with pytest.raises(Refused, match="settled"):
        disputes.answer(actor=host, dispute=opened, text="More", at=AT)
    again = disputes.dispute(actor=payer, invoice=made, text="And on Friday", at=AT)
    assert disputes.withdraw(actor=payer, dispute=again, at=AT).state == DisputeState.WITHDRAWN


def test_a_dispute_that_is_answered_can_be_turned_down() -> None:
    made = makers.invoice()
    payer, host = makers.staff(made.payer, Role.MEMBER), makers.staff(made.host)
    with pytest.raises(Refused, match="Say what is wrong"):
        disputes.dispute(actor=payer, invoice=made, text=" ", at=AT)
    opened = disputes.dispute(actor=payer, invoice=made, text="Wrong", at=AT)
    with pytest.raises(Refused, match="Write the answer"):
        disputes.answer(actor=host, dispute=opened, text="", at=AT)
    disputes.answer(actor=host, dispute=opened, text="It is right.", at=AT)
    assert disputes.reject(actor=host, dispute=opened, at=AT).state == DisputeState.REJECTED


def test_strangers_and_the_other_side_may_not_bill_pay_waive_dispute_or_keep_details() -> None:
    made = makers.invoice()
    one = makers.charge(made.host, made.payer)
    theirs, stranger = makers.staff(made.payer), makers.staff(organisation())
    money = Money(amount_inr=Decimal(1), paid_on=TODAY, mode=Mode.BANK, reference="x")
    opened = disputes.dispute(actor=theirs, invoice=made, text="Wrong", at=AT)
    terms = Terms(treatment="taxable", prefix="ABC", signatory="x")
    given = Details(legal_name="x", address="x", city="x", state="27")

    def tried(who: Actor) -> list[Callable[[], object]]:
        return [
            lambda: invoices.issue(actor=who, host=made.host, payer=made.payer, month=MONTH, at=AT),
            lambda: invoices.credit(actor=who, invoice=made, amounts={}, reason="x", at=AT),
            lambda: charges.charge(
                actor=who, host=made.host, payer=made.payer, thing=thing(), at=AT
            ),
            lambda: charges.waive(actor=who, charge=one, reason="x", at=AT),
            lambda: payments.record(
                actor=who, host=made.host, payer=made.payer, money=money, at=AT
            ),
            lambda: disputes.answer(actor=who, dispute=opened, text="x", at=AT),
            lambda: disputes.uphold(actor=who, dispute=opened, amounts={}, reason="x", at=AT),
            lambda: disputes.reject(actor=who, dispute=opened, at=AT),
            lambda: parties.set_terms(actor=who, organisation=made.host, terms=terms, at=AT),
            lambda: parties.record(
                actor=who, organisation=made.host, details=given, from_on=TODAY, at=AT
            ),
        ]

    for who in (theirs, stranger, makers.staff(made.host, Role.MEMBER)):
        for act in tried(who):
            with pytest.raises(Forbidden):
                act()
    for act in (
        lambda: disputes.dispute(actor=makers.staff(made.host), invoice=made, text="x", at=AT),
        lambda: disputes.withdraw(actor=stranger, dispute=opened, at=AT),
    ):
        with pytest.raises(Forbidden):
            act()


def test_details_end_the_day_before_new_ones_and_wrong_ones_are_refused() -> None:
    own = makers.payer("27", from_on=date(2026, 4, 1))
    who = makers.staff(own, Role.NODAL_OFFICER)

    def record(from_on: date, **fields: str) -> None:
        given = {"legal_name": "Name", "address": "Road", "city": "Pune", "state": "27"} | fields
        parties.record(
            actor=who, organisation=own, details=Details(**given), from_on=from_on, at=AT  # type: ignore[arg-type]
        )  # fmt: skip

    record(date(2026, 12, 1))
    first, second = own.billing_parties.order_by("from_on")
    assert (first.until_on, second.until_on) == (date(2026, 11, 30), None)
    with pytest.raises(Refused, match="hold from 1 Dec 2026 on"):
        record(date(2026, 12, 1))
    with pytest.raises(Refused, match="“27AAPFU0939F1ZW” is no GSTIN"):
        record(date(2027, 1, 1), gstin="27AAPFU0939F1ZW")
    with pytest.raises(Refused, match="begins with 27, which is Maharashtra"):
        record(date(2027, 1, 1), gstin="27AAPFU0939F1ZV", state="29")
    with pytest.raises(Refused, match="Choose the state"):
        record(date(2027, 1, 1), state="25")
    assert own.billing_parties.count() == 2


def test_how_a_host_bills_is_checked() -> None:
    own, other = makers.payer("27"), makers.host(prefix="NIR")
    who = makers.staff(own, Role.NODAL_OFFICER)

    def say(**fields: object) -> None:
        given = {"treatment": "taxable", "prefix": "ABC", "signatory": "A. Person"} | fields
        parties.set_terms(actor=who, organisation=own, terms=Terms(**given), at=AT)  # type: ignore[arg-type]

    with pytest.raises(Refused, match="Another institution has this prefix"):
        say(prefix="NIR")
    with pytest.raises(Refused, match="two to four capital letters"):
        say(prefix="abc")
    with pytest.raises(Refused, match="by which notification"):
        say(treatment="exempt")
    say()
    say(prefix="ABD")
    makers.invoice(own)
    with pytest.raises(Refused, match="numbered with ABD already"):
        say(prefix="ABE")
    bare = organisation()
    terms = Terms(treatment="taxable", prefix="AB", signatory="x")
    with pytest.raises(Refused, match="own billing details first"):
        parties.set_terms(actor=None, organisation=bare, terms=terms, at=AT)
    assert other.billing_supplier.prefix == "NIR"


def test_a_payer_and_a_host_see_their_own_documents_and_nobody_else_does() -> None:
    made = makers.invoice()
    makers.invoice()
    for who in (makers.staff(made.host), makers.staff(made.payer, Role.MEMBER)):
        assert list(Invoice.objects.visible_to(who)) == [made]
        assert Charge.objects.visible_to(who).count() == 1
    member_of_host = makers.staff(made.host, Role.MEMBER)
    for stranger in (makers.staff(organisation()), member_of_host):
        assert not Invoice.objects.visible_to(stranger).exists()
        assert not Charge.objects.visible_to(stranger).exists()
        assert not Payment.objects.visible_to(stranger).exists()


def test_a_statement_carries_the_balance_and_accounts_tell_what_is_overdue() -> None:
    made = makers.invoice()  # 1,180, due 3 Dec
    makers.payment(made, "500")
    invoices.credit(
        actor=None, invoice=made, amounts={made.lines.get().pk: Decimal("100")}, reason="x", at=AT
    )
    who = makers.staff(made.host)
    lines = queries.statement(who, made.host, made.payer)
    assert [(one.amount_inr, one.balance_inr) for one in lines] == [
        (Decimal("1180.00"), Decimal("1180.00")),
        (Decimal("-500.00"), Decimal("680.00")),
        (Decimal("-118.00"), Decimal("562.00")),
    ]
    (today,) = queries.accounts(who, TODAY).owed_to_us
    assert (today.owed_inr, today.overdue_inr) == (Decimal("562.00"), 0)
    (later,) = queries.accounts(who, date(2026, 12, 4)).owed_to_us
    assert later.overdue_inr == Decimal("562.00")
    payer = makers.staff(made.payer, Role.MEMBER)
    (owes,) = queries.accounts(payer, TODAY).owed_by_us
    assert owes.host == made.host
    assert queries.accounts(payer, TODAY).owed_to_us == []


def test_money_on_account_settles_the_next_invoice() -> None:
    host, payer = makers.host(), makers.payer()
    money = Money(
        amount_inr=Decimal(2000), paid_on=date(2026, 10, 1), mode=Mode.BANK, reference="A"
    )
    payments.record(actor=None, host=host, payer=payer, money=money, at=AT)
    assert queries.settlement(host.pk, payer.pk).on_account_inr == 2000
    makers.invoice(host, payer)
    after = queries.settlement(host.pk, payer.pk)
    assert (after.owed_inr, after.on_account_inr) == (0, 820)
