"""Billing as people meet it."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.test import Client

from sankul.core.rules.roles import Role, Scope, ScopeKind
from sankul.programme.billing.actions import charges, disputes, invoices
from sankul.programme.billing.models import (
    BillingParty,
    Charge,
    Dispute,
    Invoice,
    Payment,
    Supplier,
)
from sankul.programme.billing.rules import LAW_DIGEST, DisputeState, Treatment
from sankul.programme.registry.models import Organisation
from sankul.programme.registry.tests.makers import cluster, membership, organisation, user_with

from . import makers

pytestmark = [pytest.mark.django_db, pytest.mark.urls("sankul.programme.billing.tests.urls")]


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sankul.core.middleware.timezone.now", lambda: makers.AT)


def signed_in(one: Organisation, role: Role = Role.LAB_MANAGER) -> Client:
    """A browser in which somebody of an organisation signed in."""
    client = Client()
    client.force_login(user_with(role, Scope(ScopeKind.ORGANISATION, one.pk)))
    return client


def text(response: Any) -> str:
    """The page, with spaces that do not break as plain ones."""
    assert response.status_code in (200, 422), response.status_code
    return response.content.decode().replace("\u00a0", " ")


def whole(response: Any) -> bytes:
    """A file that is sent piece by piece."""
    assert response.status_code == 200
    sent: bytes = response.getvalue()
    return sent


def at(one: Organisation, *rest: str) -> str:
    return "/".join(["/billing/institutions", one.slug, *rest]) + "/"


def test_a_draft_shows_what_will_be_said_and_is_issued_once() -> None:
    host, payer = makers.host(prefix="NIR"), makers.payer("29")
    charge = makers.charge(host, payer, "12345.67")
    client = signed_in(host)
    address = at(host, "2026-10", payer.slug)
    page = text(client.get(address))
    for asked in ("₹ 14,568.00", "Rupees Fourteen Thousand Five Hundred Sixty Eight Only", charge.title,
                  "Integrated tax", f'value="{charge.pk}"'):  # fmt: skip
        assert asked in page, asked
    answer = client.post(address, {"seen": str(charge.pk)})
    made = Invoice.objects.get()
    assert answer.headers["Location"] == f"/invoices/{made.pk}/"
    again = client.post(address, {"seen": str(charge.pk)}, follow=True)
    assert "Nothing is left to bill" in text(again)
    assert Invoice.objects.count() == 1


def test_a_draft_that_changed_is_shown_again_instead_of_issued() -> None:
    host, payer = makers.host(), makers.payer()
    first = makers.charge(host, payer)
    makers.charge(host, payer)
    page = signed_in(host).post(
        at(host, "2026-10", payer.slug), {"seen": str(first.pk)}, follow=True
    )
    assert "The draft has changed since you looked at it" in text(page)
    assert not Invoice.objects.exists()


def test_a_host_that_cannot_bill_yet_is_told_what_is_missing() -> None:
    host, payer = organisation(), makers.payer()
    makers.charge(host, payer)
    client = signed_in(host)
    assert "cannot issue invoices yet" in text(client.get(at(host)))
    page = text(client.get(at(host, "2026-10", payer.slug)))
    assert "its nodal officer fills in “How we bill”" in page
    assert "Issue it" not in page


def test_the_nodal_officer_records_details_and_how_the_host_bills() -> None:
    host = organisation()
    client = signed_in(host, Role.NODAL_OFFICER)
    given = {
        "legal_name": "Host", "address": "1 Road", "city": "Pune", "state": "27", "country": "IN",
        "gstin": "27AAPFU0939F1ZV", "from_on": "2026-04-01",
    }  # fmt: skip
    wrong = client.post(at(host, "details"), given | {"gstin": "27AAPFU0939F1ZW"})
    assert wrong.status_code == 422
    assert "is no GSTIN" in text(wrong)
    assert client.post(at(host, "details"), given).status_code == 302
    assert BillingParty.objects.get().gstin == "27AAPFU0939F1ZV"
    terms = {
        "treatment": "taxable",
        "serial_prefix": "NIR",
        "signatory": "A. Person",
        "pay_within_days": "30",
    }
    assert client.post(at(host, "terms"), terms | {"serial_prefix": "1"}).status_code == 422
    assert client.post(at(host, "terms"), terms).status_code == 302
    assert Supplier.objects.get().treatment == Treatment.TAXABLE
    assert signed_in(host).get(at(host, "terms")).status_code == 403


def test_a_charge_is_waived_with_a_reason_that_the_payer_can_read() -> None:
    host, payer = makers.host(), makers.payer()
    charge = makers.charge(host, payer)
    client = signed_in(host)
    address = f"/billing/charges/{charge.pk}/waive/"
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "Beam was off"}).status_code == 302
    charge.refresh_from_db()
    assert charge.waived_reason == "Beam was off"
    assert client.get(address).status_code == 404
    assert "Charges of this month are billed or waived" in text(
        client.get(at(host, "2026-10", payer.slug))
    )


def test_charges_tell_each_side_what_became_of_them() -> None:
    host, payer = makers.host(), makers.payer()
    makers.invoice(host, payer)
    waived = makers.charge(host, payer)
    charges.waive(actor=makers.staff(host), charge=waived, reason="Beam was off", at=makers.AT)
    makers.charge(host, payer)
    other = makers.charge()
    page = text(signed_in(payer, Role.MEMBER).get("/billing/charges/"))
    for asked in ("billed", "waived: Beam was off", "to be billed"):
        assert asked in page, asked
    assert other.title not in page
    assert "Nothing is charged that you may see" in text(Client().get("/billing/charges/"))


def test_something_is_charged_by_hand() -> None:
    host, payer = makers.host(), makers.payer()
    given = {
        "payer": payer.pk, "title": "Course", "sac": "9992", "quantity": "2", "unit": "person",
        "rate_inr": "1500", "happened_on": "2026-10-05",
    }  # fmt: skip
    client = signed_in(host)
    assert client.post(at(host, "charge"), given | {"quantity": "-1"}).status_code == 422
    assert client.post(at(host, "charge"), given).status_code == 302
    assert Charge.objects.get().amount_inr == Decimal("3000.00")


def test_an_invoice_is_seen_by_both_sides_and_by_nobody_else() -> None:
    made = makers.invoice()
    address = f"/invoices/{made.pk}/"
    host = text(signed_in(made.host).get(address))
    payer = text(signed_in(made.payer, Role.MEMBER).get(address))
    assert "Credit note" in host
    assert "Dispute it" not in host
    assert "Dispute it" in payer
    assert f"{address}credit/" not in payer
    assert signed_in(organisation()).get(address).status_code == 404
    assert Client().get(address).status_code == 404
    assert signed_in(made.host, Role.MEMBER).get(address).status_code == 404


def test_the_pdf_is_made_where_it_is_missing_and_read_by_both_sides_only() -> None:
    made = makers.invoice()
    answer = signed_in(made.payer, Role.MEMBER).get(f"/invoices/{made.pk}/pdf/", follow=True)
    assert whole(answer).startswith(b"%PDF-")
    address = answer.redirect_chain[-1][0]
    assert whole(signed_in(made.host).get(address)).startswith(b"%PDF-")
    assert signed_in(organisation()).get(address).status_code == 404


def test_a_payment_is_recorded_on_the_account_and_twice_it_is_one() -> None:
    made = makers.invoice()
    address = at(made.host, "accounts", made.payer.slug)
    given = {
        "amount_inr": "1062", "deducted_inr": "118", "paid_on": "2026-11-10", "mode": "bank",
        "reference": "UTR1", "invoice": made.pk,
    }  # fmt: skip
    client = signed_in(made.host)
    assert client.post(address, given | {"amount_inr": "-5"}).status_code == 422
    assert "future" in text(client.post(address, given | {"paid_on": "2999-01-01"}))
    for _time in range(2):
        assert client.post(address, given).status_code == 302
    assert Payment.objects.get().counts_inr == Decimal("1180.00")
    assert "settled" in text(client.get(f"/invoices/{made.pk}/"))
    theirs = signed_in(made.payer, Role.MEMBER)
    assert "Record a payment" not in text(theirs.get(address))
    assert theirs.post(address, given).status_code == 403
    assert signed_in(organisation()).get(address).status_code == 403


def test_a_dispute_goes_from_the_payer_to_a_credit_note() -> None:
    made = makers.invoice()
    payer, host = signed_in(made.payer, Role.MEMBER), signed_in(made.host)
    assert (
        payer.post(f"/invoices/{made.pk}/dispute/", {"text": "Stopped at noon"}).status_code == 302
    )
    one = Dispute.objects.get()
    address = f"/disputes/{one.pk}/"
    assert "Stopped at noon" in text(host.get(address))
    assert host.post(address, {"do": "answer", "text": ""}).status_code == 422
    assert host.post(address, {"do": "answer", "text": "So it was"}).status_code == 302
    assert payer.post(address, {"do": "answer", "text": "No"}).status_code == 403
    line = made.lines.get()
    credit = f"/invoices/{made.pk}/credit/?dispute={one.pk}"
    assert "At most ₹ 1,000.00" in text(host.get(credit))
    assert host.post(credit, {"reason": "Noon", f"line-{line.pk}": "1000.01"}).status_code == 422
    assert host.post(credit, {"reason": "Noon", f"line-{line.pk}": "250"}).status_code == 302
    one.refresh_from_db()
    assert one.state == DisputeState.UPHELD
    assert "Upheld" in text(payer.get("/disputes/"))


def test_all_that_is_left_of_an_invoice_is_credited_at_once() -> None:
    made = makers.invoice(None, None, "1000.40", "500.00")
    client, address = signed_in(made.host), f"/invoices/{made.pk}/credit/"
    assert "Give an amount to credit" in text(client.post(address, {"reason": "x"}))
    assert client.post(address, {"reason": "Twice", "everything": "on"}).status_code == 302
    assert made.credit_notes.get().total_inr == made.total_inr
    assert "settled" in text(client.get(f"/invoices/{made.pk}/"))


def test_a_dispute_is_turned_down_or_withdrawn() -> None:
    made = makers.invoice()
    member, manager = makers.staff(made.payer, Role.MEMBER), makers.staff(made.host)
    one = disputes.dispute(actor=member, invoice=made, text="x", at=makers.AT)
    disputes.answer(actor=manager, dispute=one, text="It is right", at=makers.AT)
    address = f"/disputes/{one.pk}/"
    assert signed_in(made.host).post(address, {"do": "reject"}).status_code == 302
    two = disputes.dispute(actor=member, invoice=made, text="x", at=makers.AT)
    address = f"/disputes/{two.pk}/"
    assert signed_in(made.payer, Role.MEMBER).post(address, {"do": "withdraw"}).status_code == 302
    states = Dispute.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [DisputeState.REJECTED, DisputeState.WITHDRAWN]


def test_the_month_is_exported_in_the_columns_of_the_return() -> None:
    host, zone = makers.host("27", prefix="NIR"), makers.payer("27", is_sez=True)
    made = makers.invoice(host, makers.payer("29"), "1000.00", "500.00")
    makers.invoice(host, zone)
    invoices.credit(
        actor=None, invoice=made, amounts={made.lines.first().pk: Decimal(100)}, reason="x",  # type: ignore[union-attr]
        at=makers.NOVEMBER,
    )  # fmt: skip
    client = signed_in(host)
    address = at(host, "2026-11")
    answer = client.get(f"{address}?as=csv")
    lines = whole(answer).decode("utf-8-sig").splitlines()
    assert len(lines) == 4
    head = lines[0].split(",")
    rows = [dict(zip(head, line.split(","), strict=True)) for line in lines[1:]]
    note, first, second = rows
    assert (note["document_number"], note["original_number"]) == (
        "NIR/2627/C00001",
        "NIR/2627/T00001",
    )
    assert (note["taxable_value_inr"], note["integrated_tax_inr"]) == ("100.00", "18.00")
    assert (first["place_of_supply"], first["invoice_type"]) == ("29-Karnataka", "Regular")
    assert (first["taxable_value_inr"], first["integrated_tax_inr"]) == ("1500.00", "270.00")
    assert second["invoice_type"] == "SEZ with payment"
    book = openpyxl.load_workbook(io.BytesIO(whole(client.get(f"{address}?as=xlsx"))))
    assert book.worksheets[0].max_row == 4
    assert client.get(f"{address}?as=exe").status_code == 404


def test_the_law_is_public_with_its_sources() -> None:
    page = text(Client().get("/billing/law/"))
    assert "Notification 10/2023-Central Tax, 10 May 2023" in page
    assert "to be confirmed by the host&#x27;s accountant" in page
    assert LAW_DIGEST in page


def test_a_turnover_above_the_threshold_is_told_beside_the_invoice() -> None:
    large = makers.host(turnover_inr=Decimal("50000001"))
    made = makers.invoice(large)
    assert "Electronic invoices" in text(signed_in(large).get(f"/invoices/{made.pk}/"))
    small = makers.invoice(makers.host(turnover_inr=Decimal("50000000")))
    assert "Electronic invoices" not in text(signed_in(small.host).get(f"/invoices/{small.pk}/"))


def test_a_cluster_sees_totals_and_no_document() -> None:
    made = makers.invoice()
    one = cluster()
    membership(one, made.host)
    client = Client()
    client.force_login(user_with(Role.CLUSTER_CEO, one.scopes[0]))
    address = f"/billing/clusters/{one.programme.slug}/{one.slug}/"
    page = text(client.get(f"{address}?year=2026"))
    assert made.host.name in page
    assert made.payer.name not in page
    assert made.serial not in page
    assert client.get(f"/invoices/{made.pk}/").status_code == 404
    assert address in text(client.get("/billing/"))
    assert signed_in(made.host).get(address).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_cost_as_many_queries_for_three_as_for_one(
    rows: int, django_assert_max_num_queries: Any
) -> None:
    host = makers.host()
    for _row in range(rows):
        made = makers.invoice(host)
        makers.payment(made, "500")
        disputes.dispute(
            actor=makers.staff(made.payer, Role.MEMBER), invoice=made, text="x", at=makers.AT
        )
        makers.charge(host, makers.payer())
    client = signed_in(host)
    for address, most in (
        ("/invoices/", 11), ("/disputes/", 5), ("/billing/", 12), (at(host), 12),
        (at(host, "2026-10"), 11), (f"/invoices/{made.pk}/", 12),
        (at(host, "accounts", made.payer.slug), 12),
    ):  # fmt: skip
        with django_assert_max_num_queries(most):
            text(client.get(address))


def test_home_tells_what_is_owed_and_overdue_to_each_side() -> None:
    made = makers.invoice()
    host = text(signed_in(made.host).get("/billing/"))
    assert "What is owed to us" in host
    assert made.payer.name in host
    payer = text(signed_in(made.payer, Role.MEMBER).get("/billing/"))
    assert "What we owe" in payer
    assert made.host.name in payer
    assert "What is owed to us" not in payer
    assert Client().get("/billing/").status_code in (302, 403)


def test_an_invoice_is_overdue_the_day_after_it_was_due(monkeypatch: pytest.MonkeyPatch) -> None:
    made = makers.invoice()  # due 3 Dec
    due = datetime(2026, 12, 3, 12, tzinfo=UTC)
    monkeypatch.setattr("sankul.core.middleware.timezone.now", lambda: due)
    assert "overdue" not in text(signed_in(made.host).get("/invoices/"))
    monkeypatch.setattr("sankul.core.middleware.timezone.now", lambda: due + timedelta(1))
    assert "overdue" in text(signed_in(made.host).get("/invoices/"))
