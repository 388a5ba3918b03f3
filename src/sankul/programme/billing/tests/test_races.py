"""Two at once, and machines that die in the middle: committed transactions on a real database."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from sankul.core.models import Event
from sankul.core.rules.verdicts import Refused
from sankul.programme.billing.actions import charges, invoices, payments
from sankul.programme.billing.actions.payments import Money
from sankul.programme.billing.models import Counter, Invoice, InvoiceLine, Payment
from sankul.programme.billing.queries import invoices as queries
from sankul.programme.billing.rules import Mode

from . import makers
from .makers import AT, MONTH, NOVEMBER

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], Any]) -> list[str]:
    """What came of acts that begin at the same moment, each on a connection of its own: "" or the refusal."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> str:
        try:
            barrier.wait(30)
            act()
        except Refused as refusal:
            return refusal.reason
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def killed(act: Callable[[], Any]) -> None:
    """Do something in a process of its own that is killed (SIGKILL) right afterwards."""
    connection.close()
    child = os.fork()
    if not child:
        try:
            act()
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    _pid, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL


def test_eight_who_issue_to_eight_payers_at_once_get_eight_numbers_without_a_gap() -> None:
    host = makers.host(prefix="NIR")
    payers = [makers.payer() for _number in range(8)]
    for payer in payers:
        makers.charge(host, payer)
    said = at_once(
        *(
            lambda payer=payer: invoices.issue(
                actor=None, host=host, payer=payer, month=MONTH, at=NOVEMBER
            )
            for payer in payers
        )
    )
    assert said == [""] * 8
    assert sorted(Invoice.objects.values_list("serial", flat=True)) == [
        f"NIR/2627/T{number:05d}" for number in range(1, 9)
    ]


def test_of_six_who_issue_the_same_draft_at_once_one_does() -> None:
    host, payer = makers.host(), makers.payer()
    makers.charge(host, payer)
    said = at_once(
        *(
            lambda: invoices.issue(actor=None, host=host, payer=payer, month=MONTH, at=NOVEMBER)
            for _number in range(6)
        )
    )
    assert sorted(map(bool, said)) == [False, True, True, True, True, True]
    assert "Nothing is left to bill" in max(said)
    assert Invoice.objects.count() == InvoiceLine.objects.count() == Counter.objects.get().last == 1
    assert Event.objects.filter(verb="invoice.issued").count() == 1


def test_a_charge_is_either_waived_or_billed() -> None:
    host, payer = makers.host(), makers.payer()
    charge = makers.charge(host, payer)
    who = makers.staff(host)
    said = at_once(
        lambda: charges.waive(actor=who, charge=charge, reason="Beam was off", at=AT),
        lambda: invoices.issue(actor=None, host=host, payer=payer, month=MONTH, at=NOVEMBER),
    )
    assert sorted(map(bool, said)) == [False, True]
    charge.refresh_from_db()
    assert (charge.waived_at is None) == InvoiceLine.objects.filter(charge=charge).exists()


def test_two_credit_notes_at_once_never_take_off_more_than_the_line() -> None:
    made = makers.invoice()
    amounts = {made.lines.get().pk: Decimal("600")}
    said = at_once(
        *(
            lambda: invoices.credit(actor=None, invoice=made, amounts=amounts, reason="x", at=AT)
            for _number in range(3)
        )
    )
    assert sorted(map(bool, said)) == [False, True, True]
    assert "is left to credit" in max(said)


def test_a_payment_sent_four_times_at_once_is_recorded_once() -> None:
    made = makers.invoice()
    money = Money(
        amount_inr=Decimal("1180"), paid_on=date(2026, 11, 9), mode=Mode.BANK, reference="U1"
    )

    def pay() -> None:
        payments.record(
            actor=None, host=made.host, payer=made.payer, money=money, at=AT, invoice=made
        )

    said = at_once(pay, pay, pay, pay)
    assert all(it == "" or "just been recorded by somebody else" in it for it in said)
    assert Payment.objects.count() == 1
    assert Event.objects.filter(verb="payment.recorded").count() == 1


def test_a_number_is_not_lost_where_the_transaction_that_took_it_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    host, payer = makers.host(prefix="NIR"), makers.payer()
    makers.charge(host, payer)

    def fails(*_args: object) -> None:
        raise RuntimeError("the machine is on fire")

    with monkeypatch.context() as patch:
        patch.setattr(invoices, "_write_lines", fails)
        with pytest.raises(RuntimeError, match="on fire"):
            invoices.issue(actor=None, host=host, payer=payer, month=MONTH, at=NOVEMBER)
    assert not Invoice.objects.exists()
    made = invoices.issue(actor=None, host=host, payer=payer, month=MONTH, at=NOVEMBER)
    assert made.serial == "NIR/2627/T00001"


def test_a_machine_killed_between_payment_and_invoice_leaves_the_money_on_account() -> None:
    host, payer = makers.host(), makers.payer()
    makers.charge(host, payer)
    money = Money(
        amount_inr=Decimal("1180"), paid_on=date(2026, 11, 2), mode=Mode.BANK, reference="U1"
    )

    def pay() -> Payment:
        return payments.record(actor=None, host=host, payer=payer, money=money, at=NOVEMBER)

    killed(pay)
    assert not Invoice.objects.exists()
    state = queries.settlement(host.pk, payer.pk)
    assert (state.on_account_inr, state.owed_inr) == (Decimal("1180.00"), 0)
    pay()  # whoever does not know whether it was recorded records it again
    assert Payment.objects.count() == 1
    invoices.issue(actor=None, host=host, payer=payer, month=MONTH, at=NOVEMBER)
    state = queries.settlement(host.pk, payer.pk)
    assert (state.on_account_inr, state.owed_inr) == (0, 0)


def test_a_machine_killed_before_the_commit_of_an_invoice_leaves_nothing_of_it() -> None:
    host, payer = makers.host(prefix="NIR"), makers.payer()
    makers.charge(host, payer)

    def half() -> None:
        write = invoices._write_lines

        def dies(*args: Any) -> None:
            write(*args)
            os.kill(os.getpid(), signal.SIGKILL)

        invoices._write_lines = dies  # type: ignore[assignment]
        invoices.issue(actor=None, host=host, payer=payer, month=MONTH, at=NOVEMBER)

    killed(half)
    assert (Invoice.objects.count(), InvoiceLine.objects.count()) == (0, 0)
    made = invoices.issue(actor=None, host=host, payer=payer, month=MONTH, at=NOVEMBER)
    assert made.serial == "NIR/2627/T00001"
