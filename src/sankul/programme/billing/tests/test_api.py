"""Billing as JSON."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from sankul.core.rules.roles import Role
from sankul.programme.billing.models import Invoice, Payment
from sankul.programme.billing.rules import LAW_DIGEST
from sankul.programme.registry.tests.makers import cluster, membership, organisation, user_with

from . import makers
from .test_pages import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls("sankul.programme.billing.tests.urls")]


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sankul.core.middleware.timezone.now", lambda: makers.AT)


def sent(client: Client, address: str, body: dict[str, Any]) -> Any:
    return client.post(f"/api{address}", body, content_type="application/json")


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("address", "queries"), [("/invoices", 4), ("/charges", 4)])
def test_lists_cost_the_same_however_long(
    rows: int, address: str, queries: int, django_assert_num_queries: Any
) -> None:
    host = makers.host()
    for _row in range(rows):
        makers.invoice(host)
    client = signed_in(host)
    with django_assert_num_queries(queries):
        page = client.get(f"/api{address}").json()
    assert len(page["items"]) == rows


def test_a_month_is_drafted_issued_paid_and_read() -> None:
    host, payer = makers.host("27", prefix="NIR"), makers.payer("29")
    charge = makers.charge(host, payer)
    client = signed_in(host)
    (draft,) = client.get(f"/api/billing/{host.slug}/2026-10/drafts").json()
    assert (draft["total_inr"], draft["may_be_issued"], draft["charges"]) == (
        "1180.00",
        True,
        [charge.pk],
    )
    address = f"/billing/{host.slug}/2026-10/{payer.slug}"
    assert sent(client, address, {"charges": []}).status_code == 409
    made = sent(client, address, {"charges": [charge.pk]})
    assert made.status_code == 201
    assert made.json()["serial"] == "NIR/2627/T00001"
    number = made.json()["id"]
    money = {"amount_inr": "1000.00", "paid_on": "2026-11-22", "reference": "U1", "invoice": number}
    paid = f"/billing/{host.slug}/accounts/{payer.slug}"
    assert sent(client, f"{paid}/payments", money).status_code == 201
    assert sent(client, f"{paid}/payments", money | {"amount_inr": "999.00"}).status_code == 409
    assert Payment.objects.count() == 1
    one = client.get(f"/api/invoices/{number}").json()
    assert (one["open_inr"], one["igst_inr"], one["recipient"]["state"]) == (
        "180.00",
        "180.00",
        "29",
    )
    assert one["law"] == LAW_DIGEST
    statement = signed_in(payer, Role.MEMBER).get(f"/api{paid}").json()
    assert [line["balance_inr"] for line in statement["entries"]] == ["1180.00", "180.00"]
    assert signed_in(organisation()).get(f"/api{paid}").status_code == 404


def test_a_dispute_is_opened_answered_and_upheld() -> None:
    made = makers.invoice()
    payer, host = signed_in(made.payer, Role.MEMBER), signed_in(made.host)
    opened = sent(payer, f"/invoices/{made.pk}/disputes", {"text": "Too much"})
    assert opened.status_code == 201
    address = f"/disputes/{opened.json()['id']}"
    assert sent(host, f"{address}/answer", {"text": "True"}).json()["state"] == "answered"
    assert sent(payer, f"{address}/reject", {}).status_code == 403
    (left,) = host.get(f"/api/invoices/{made.pk}/left").json()
    assert left["left_inr"] == "1000.00"
    body = {"amounts": {left["line"]: "100.00"}, "reason": "True"}
    assert sent(host, f"{address}/uphold", body).json()["state"] == "upheld"
    assert payer.get(f"/api{address}").json()["credit_note"] == Invoice.objects.latest("pk").pk
    assert sent(payer, f"{address}/withdraw", {}).status_code == 409


def test_charges_are_waived_by_the_host_only() -> None:
    one = makers.charge()
    address = f"/charges/{one.pk}/waive"
    assert sent(signed_in(one.payer), address, {"reason": "x"}).status_code == 403
    assert sent(signed_in(organisation()), address, {"reason": "x"}).status_code == 404
    answer = sent(signed_in(one.host), address, {"reason": "Beam was off"})
    assert answer.json()["waived_reason"] == "Beam was off"


def test_a_credit_note_is_issued_by_the_host_only() -> None:
    made = makers.invoice()
    body = {"amounts": {made.lines.get().pk: "1.00"}, "reason": "x"}
    assert sent(signed_in(made.payer), f"/invoices/{made.pk}/credit", body).status_code == 403
    answer = sent(signed_in(made.host), f"/invoices/{made.pk}/credit", body)
    assert (answer.status_code, answer.json()["total_inr"]) == (201, "1.18")


def test_totals_are_for_the_clusters_office_and_the_law_is_for_everybody() -> None:
    made, one = makers.invoice(), cluster()
    membership(one, made.host)
    address = f"/api/billing/clusters/{one.programme.slug}/{one.slug}/2026"
    assert signed_in(made.host).get(address).status_code == 403
    client = Client()
    client.force_login(user_with(Role.CLUSTER_CEO, one.scopes[0]))
    (total,) = client.get(address).json()
    assert (total["host"], Decimal(total["billed_inr"])) == (made.host.slug, Decimal(1180))
    assert Client().get("/api/billing/law").json()["sha256"] == LAW_DIGEST
    assert Client().get("/api/invoices").json()["items"] == []
