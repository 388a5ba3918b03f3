"""Makers of the area's records: each writes rows past rights and rules, so that a test states only what it is about."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from sankul.core.rules.roles import Actor, Role, Scope, ScopeKind
from sankul.core.tests.makers import AT, actor_with
from sankul.programme.billing.actions import invoices, payments
from sankul.programme.billing.actions.payments import Money
from sankul.programme.billing.models import BillingParty, Charge, Invoice, Payment, Supplier
from sankul.programme.billing.rules import Cause, Mode, Treatment
from sankul.programme.billing.rules.identifiers import check_character
from sankul.programme.facilities.rules import Relation, UserClass
from sankul.programme.registry.models import Organisation
from sankul.programme.registry.tests import makers

__all__ = [
    "AT",
    "MONTH",
    "charge",
    "details",
    "gstin",
    "host",
    "invoice",
    "payer",
    "payment",
    "staff",
    "supplier",
]

MONTH = date(2026, 10, 1)
"""The month that tests bill: the one before the moment of tests."""
NOVEMBER = datetime(2026, 11, 3, 5, 30, tzinfo=UTC)
"""When it is billed."""
_numbers = count(1)


def gstin(state: str = "27") -> str:
    """A registration number of a state with the right check character, of nobody."""
    first = f"{state}ZZZZZ{next(_numbers) % 10_000:04d}Z1Z"
    return first + check_character(first)


def details(organisation: Organisation, **fields: Any) -> BillingParty:
    """A registered party of Maharashtra since 2020."""
    state = fields.get("state", "27")
    defaults = {
        "legal_name": f"{organisation.name} (registered)",
        "address": "1 Science Road",
        "city": "Pune",
        "postcode": "411001",
        "state": state,
        "gstin": gstin(state) if state else "",
        "from_on": date(2020, 4, 1),
    }
    made = BillingParty(organisation=organisation, **defaults | fields)
    made.save()
    return made


def supplier(organisation: Organisation, **fields: Any) -> Supplier:
    """A host that charges tax, with a prefix of its own."""
    number = next(_numbers)
    defaults = {
        "treatment": Treatment.TAXABLE,
        "prefix": f"H{number % 1000:03d}",
        "signatory": "A. Person, Finance Officer",
        "bank": "Bank of Tests, Pune",
        "account": "000111222333",
        "ifsc": "TEST0000001",
    }
    return Supplier.objects.create(organisation=organisation, **defaults | fields)


def host(state: str = "27", **fields: Any) -> Organisation:
    """An institution that bills, with its details; ``fields`` are those of ``supplier``."""
    made = makers.organisation()
    details(made, state=state)
    supplier(made, **fields)
    return made


def payer(state: str = "27", **fields: Any) -> Organisation:
    """An organisation with billing details."""
    made = makers.organisation()
    details(made, state=state, **fields)
    return made


def charge(
    host: Organisation | None = None,
    payer: Organisation | None = None,
    amount: str = "1000.00",
    **fields: Any,
) -> Charge:
    """An hour of an instrument on 14 Oct 2026."""
    line = {
        "description": "Time",
        "quantity": "1",
        "unit": "hour",
        "rate_inr": amount,
        "amount_inr": amount,
    }
    defaults = {
        "cause": Cause.USE,
        "title": f"Instrument {next(_numbers)}, 14 Oct 2026",
        "user_class": UserClass.ACADEMIA,
        "relation": Relation.OUTSIDE,
        "sac": "998346",
        "lines": [line],
        "amount_inr": Decimal(amount),
        "happened_on": date(2026, 10, 14),
        "recorded_at": AT,
    }
    return Charge.objects.create(host=host or _host(), payer=payer or _payer(), **defaults | fields)


def invoice(
    host: Organisation | None = None, payer: Organisation | None = None, *amounts: str
) -> Invoice:
    """An invoice of October 2026, issued on 3 Nov, for a charge of each amount."""
    host, payer = host or _host(), payer or _payer()
    for amount in amounts or ("1000.00",):
        charge(host, payer, amount)
    return invoices.issue(actor=None, host=host, payer=payer, month=MONTH, at=NOVEMBER)


def payment(invoice: Invoice, amount: str, **fields: Any) -> Payment:
    """A bank transfer for an invoice on 10 Nov 2026."""
    defaults: dict[str, Any] = {
        "amount_inr": Decimal(amount),
        "paid_on": date(2026, 11, 10),
        "mode": Mode.BANK,
        "reference": f"UTR{next(_numbers):06d}",
    }
    money = Money(**defaults | fields)
    return payments.record(
        actor=None, host=invoice.host, payer=invoice.payer, money=money, at=AT, invoice=invoice
    )


def staff(organisation: Organisation, role: Role = Role.LAB_MANAGER, at: datetime = AT) -> Actor:
    """Somebody of an organisation."""
    return actor_with(role, Scope(ScopeKind.ORGANISATION, organisation.pk), at)


# the names above as seen from where a parameter has the same name
_host, _payer = host, payer
