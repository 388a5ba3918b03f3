"""The addresses of billing, and the records behind them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sankul.core.rules.roles import Role, Scope
from sankul.programme.billing.actions import disputes
from sankul.programme.billing.models import Charge, Dispute, Invoice
from sankul.programme.billing.rules import (
    BILL,
    DISPUTE,
    KEEP_DETAILS,
    SEE_BILLED,
    SEE_OWED,
    SEE_TOTALS,
)
from sankul.programme.billing.tests import makers as billing
from sankul.programme.registry.models import Cluster, Organisation, Programme
from sankul.programme.registry.tests import makers
from tests.matrix import Door, Place


@dataclass(frozen=True)
class Around:
    """An organisation that bills one and owes another, with a dispute on each side."""

    programme: Programme
    cluster: Cluster
    organisation: Organisation
    charge: Charge
    issued: Invoice
    received: Invoice
    against_us: Dispute
    ours: Dispute


def _place(cluster: Cluster) -> Around:
    own = billing.host()
    issued, received = billing.invoice(own), billing.invoice(None, own)
    return Around(
        cluster.programme,
        cluster,
        own,
        billing.charge(own, billing.payer()),
        issued,
        received,
        _disputed(issued),
        _disputed(received),
    )


def _disputed(invoice: Invoice) -> Dispute:
    who = billing.staff(invoice.payer, Role.MEMBER)
    return disputes.dispute(actor=who, invoice=invoice, text="Too much", at=billing.AT)


def places() -> dict[str, Place]:
    """The own place, one in a cluster beside, one in another programme."""
    first = makers.cluster()
    return {
        "own": _place(first),
        "beside": _place(makers.cluster(first.programme)),
        "elsewhere": _place(makers.cluster()),
    }


def _ours(place: Around) -> tuple[Scope, ...]:
    return place.organisation.scopes


def _nowhere(_place: Around) -> tuple[Scope, ...]:
    return ()


def _number(name: str) -> Callable[[Around], dict[str, Any]]:
    return lambda place: {"number": getattr(place, name).pk}


def _host(place: Around) -> dict[str, Any]:
    return {"organisation": place.organisation.slug}


def _month(place: Around) -> dict[str, Any]:
    return {"organisation": place.organisation.slug, "month": "2026-10"}


def _draft(place: Around) -> dict[str, Any]:
    return _month(place) | {"payer": place.charge.payer.slug}


def _of_host(place: Around) -> dict[str, Any]:
    return {"organisation": place.organisation.slug, "payer": place.issued.payer.slug}


def _of_payer(place: Around) -> dict[str, Any]:
    return {"organisation": place.received.host.slug, "payer": place.organisation.slug}


def _cluster(place: Around) -> dict[str, Any]:
    return {"programme": place.programme.slug, "cluster": place.cluster.slug}


AT = "billing/institutions/<slug:organisation>/"

DOORS: dict[str, list[Door]] = {
    "billing/": [Door(needs=(SEE_BILLED, SEE_OWED, SEE_TOTALS), on=_nowhere)],
    "billing/law/": [Door()],
    "billing/clusters/<slug:programme>/<slug:cluster>/": [
        Door("totals", _cluster, needs=(SEE_TOTALS,))
    ],
    "billing/charges/": [Door()],
    "billing/charges/<int:number>/waive/": [
        Door("charge of ours", _number("charge"), needs=(BILL,), on=_ours, changes=True)
    ],
    AT: [Door("host", _host, needs=(SEE_BILLED,), on=_ours)],
    f"{AT}details/": [Door("own", _host, needs=(KEEP_DETAILS,), on=_ours, changes=True)],
    f"{AT}terms/": [Door("own", _host, needs=(KEEP_DETAILS,), on=_ours, changes=True)],
    f"{AT}charge/": [Door("host", _host, needs=(BILL,), on=_ours, changes=True)],
    f"{AT}accounts/<slug:payer>/": [
        Door("owed to us", _of_host, needs=(SEE_BILLED,), on=_ours, changes=True),
        Door("owed by us", _of_payer, needs=(SEE_OWED,), on=_ours),
    ],
    f"{AT}<month:month>/": [Door("host", _month, needs=(SEE_BILLED,), on=_ours)],
    f"{AT}<month:month>/<slug:payer>/": [
        Door("draft", _draft, needs=(SEE_BILLED,), on=_ours, changes=True)
    ],
    "invoices/": [Door()],
    "invoices/<int:number>/": [
        Door("issued by us", _number("issued"), needs=(SEE_BILLED,), on=_ours),
        Door("received by us", _number("received"), needs=(SEE_OWED,), on=_ours),
    ],
    "invoices/<int:number>/pdf/": [
        Door("issued by us", _number("issued"), needs=(SEE_BILLED,), on=_ours),
        Door("received by us", _number("received"), needs=(SEE_OWED,), on=_ours),
    ],
    "invoices/<int:number>/credit/": [
        Door("issued by us", _number("issued"), needs=(BILL,), on=_ours, changes=True)
    ],
    "invoices/<int:number>/dispute/": [
        Door("received by us", _number("received"), needs=(DISPUTE,), on=_ours, changes=True)
    ],
    "disputes/": [Door()],
    "disputes/<int:number>/": [
        Door(
            "against us",
            _number("against_us"),
            needs=(BILL,),
            on=_ours,
            changes=True,
            sent=lambda _place: {"do": "answer", "text": "So it was"},
        ),
        Door(
            "of ours",
            _number("ours"),
            needs=(DISPUTE,),
            on=_ours,
            changes=True,
            sent=lambda _place: {"do": "withdraw"},
        ),
    ],
    "api/invoices": [Door()],
    "api/invoices/<number>": [
        Door("issued by us", _number("issued"), needs=(SEE_BILLED,), on=_ours),
        Door("received by us", _number("received"), needs=(SEE_OWED,), on=_ours),
    ],
    "api/invoices/<number>/left": [
        Door("issued by us", _number("issued"), needs=(SEE_BILLED,), on=_ours)
    ],
    "api/invoices/<number>/credit": [
        Door("issued by us", _number("issued"), needs=(BILL,), on=_ours, changes=True)
    ],
    "api/invoices/<number>/disputes": [
        Door("received by us", _number("received"), needs=(DISPUTE,), on=_ours, changes=True)
    ],
    "api/charges": [Door()],
    "api/charges/<number>/waive": [
        Door("charge of ours", _number("charge"), needs=(BILL,), on=_ours, changes=True)
    ],
    "api/billing/<organisation>/<month>/drafts": [
        Door("host", _month, needs=(SEE_BILLED,), on=_ours)
    ],
    "api/billing/<organisation>/<month>/<payer>": [
        Door("draft", _draft, needs=(BILL,), on=_ours, changes=True)
    ],
    "api/billing/<organisation>/accounts/<payer>": [
        Door("owed to us", _of_host, needs=(SEE_BILLED,), on=_ours),
        Door("owed by us", _of_payer, needs=(SEE_OWED,), on=_ours),
    ],
    "api/billing/<organisation>/accounts/<payer>/payments": [
        Door("owed to us", _of_host, needs=(BILL,), on=_ours, changes=True)
    ],
    "api/billing/clusters/<programme>/<cluster>/<year>": [
        Door("totals", lambda place: _cluster(place) | {"year": 2026}, needs=(SEE_TOTALS,))
    ],
    "api/billing/law": [Door()],
    "api/disputes/<number>": [
        Door("against us", _number("against_us"), needs=(SEE_BILLED,), on=_ours),
        Door("of ours", _number("ours"), needs=(SEE_OWED,), on=_ours),
    ],
    "api/disputes/<number>/answer": [
        Door("against us", _number("against_us"), needs=(BILL,), on=_ours, changes=True)
    ],
    "api/disputes/<number>/uphold": [
        Door("against us", _number("against_us"), needs=(BILL,), on=_ours, changes=True)
    ],
    "api/disputes/<number>/reject": [
        Door("against us", _number("against_us"), needs=(BILL,), on=_ours, changes=True)
    ],
    "api/disputes/<number>/withdraw": [
        Door("of ours", _number("ours"), needs=(DISPUTE,), on=_ours, changes=True)
    ],
}
