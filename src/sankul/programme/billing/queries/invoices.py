"""Invoices, credit notes, payments and disputes, as the actor may see them; what is owed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from sankul.core.queries import documents
from sankul.core.rules.roles import Actor
from sankul.programme.billing.models import Dispute, Invoice, InvoiceLine, InvoicePdf, Payment
from sankul.programme.billing.rules import DocumentKind, Owed, Paid, Settlement, Tax, settle
from sankul.programme.registry.models import Organisation

from . import parties

Pair = tuple[int, int]
"""Host and payer, by their ids."""
ZERO = Decimal("0.00")


def visible(actor: Actor) -> QuerySet[Invoice]:
    """Documents that the actor may see, with host, payer and what they correct."""
    return Invoice.objects.visible_to(actor).select_related("host", "payer", "original")


def detailed(actor: Actor) -> QuerySet[Invoice]:
    """The same with lines, payments, credit notes, disputes and PDF at hand."""
    return (
        visible(actor)
        .select_related("pdf__document", "supplier")
        .prefetch_related(
            Prefetch("lines", InvoiceLine.objects.select_related("charge").order_by("position")),
            Prefetch("payments", Payment.objects.order_by("paid_on", "pk")),
            Prefetch("credit_notes", Invoice.objects.order_by("issued_on", "pk")),
            Prefetch("disputes", Dispute.objects.order_by("-opened_at", "-pk")),
        )
    )


def payments(actor: Actor) -> QuerySet[Payment]:
    """Payments that the actor may see."""
    return Payment.objects.visible_to(actor).select_related("host", "payer", "invoice")


def disputes(actor: Actor) -> QuerySet[Dispute]:
    """Disputes that the actor may see."""
    return Dispute.objects.visible_to(actor).select_related(
        "invoice__host", "invoice__payer", "credit_note"
    )


def without_pdf() -> QuerySet[Invoice]:
    """Issued documents that are not typeset: because their job waits, or because a machine died."""
    return Invoice.objects.filter(pdf=None).order_by("pk")


@dataclass(frozen=True)
class Left:
    """A line of an invoice with what credit notes have left of it: taxable value, and tax."""

    line: InvoiceLine
    taxable_inr: Decimal
    tax: Tax


def left(invoice: Invoice) -> list[Left]:
    """What is left to credit of each line of an invoice: two queries."""
    lines = list(invoice.lines.order_by("position"))
    taken: dict[int, list[InvoiceLine]] = defaultdict(list)
    for row in InvoiceLine.objects.filter(credits__in=lines):
        taken[row.credits_id].append(row)  # type: ignore[index]  # narrowed by the filter
    return [_left(line, taken[line.pk]) for line in lines]


def _left(line: InvoiceLine, taken: Sequence[InvoiceLine]) -> Left:
    def rest(name: str) -> Decimal:
        whole: Decimal = getattr(line, name)
        return whole - sum((getattr(row, name) for row in taken), ZERO)

    tax = Tax(line.tax_percent, rest("cgst_inr"), rest("sgst_inr"), rest("igst_inr"))
    return Left(line, rest("taxable_inr"), tax)


@dataclass
class _Ledger:
    """Documents and payments between hosts and payers, and the days on which documents are due."""

    asked: dict[Pair, list[Owed]]
    paid: dict[Pair, list[Paid]]
    due: dict[int, date | None]

    @property
    def pairs(self) -> set[Pair]:
        return {*self.asked, *self.paid}

    def settled(self, pair: Pair) -> Settlement:
        return settle(self.asked.get(pair, []), self.paid.get(pair, []))

    def overdue(self, settlement: Settlement, today: date) -> Decimal:
        """What is open of documents that were due before a day."""
        late = (
            amount
            for number, amount in settlement.open_inr.items()
            if (self.due[number] or today) < today
        )
        return sum(late, ZERO)


def _ledger(condition: Q) -> _Ledger:
    """Two queries, whatever they find."""
    asked: dict[Pair, list[Owed]] = defaultdict(list)
    due: dict[int, date | None] = {}
    credited: dict[int | None, Decimal] = defaultdict(Decimal)
    rows = Invoice.objects.filter(condition).order_by("issued_on", "pk").values_list(
        "pk", "host", "payer", "kind", "issued_on", "due_on", "total_inr", "original"
    )  # fmt: skip
    found = list(rows)
    for _pk, _host, _payer, kind, _on, _due, total, original in found:
        if kind == DocumentKind.CREDIT_NOTE:
            credited[original] += total
    for pk, host, payer, kind, on, due_on, total, _original in found:
        if kind != DocumentKind.CREDIT_NOTE:
            asked[host, payer].append(Owed(pk, on, total, credited[pk]))
            due[pk] = due_on
    return _Ledger(asked, _paid(condition), due)


def _paid(condition: Q) -> dict[Pair, list[Paid]]:
    found: dict[Pair, list[Paid]] = defaultdict(list)
    for row in Payment.objects.filter(condition).order_by("paid_on", "pk"):
        paid = Paid(row.pk, row.paid_on, row.counts_inr, row.invoice_id)
        found[row.host_id, row.payer_id].append(paid)
    return found


def settlements(pairs: Iterable[Pair]) -> dict[Pair, Settlement]:
    """What is owed between hosts and payers: two queries, however many pairs."""
    wanted = set(pairs)
    hosts, payers = {host for host, _payer in wanted}, {payer for _host, payer in wanted}
    ledger = _ledger(Q(host__in=hosts, payer__in=payers))
    return {pair: ledger.settled(pair) for pair in wanted}


def settlement(host_id: int, payer_id: int) -> Settlement:
    """What is owed between one host and one payer."""
    return settlements([(host_id, payer_id)])[host_id, payer_id]


@dataclass(frozen=True)
class Account:
    """How a payer stands with a host: what is open, what of it is past due, and what is on account (rupees)."""

    host: Organisation
    payer: Organisation
    owed_inr: Decimal
    overdue_inr: Decimal
    on_account_inr: Decimal


@dataclass(frozen=True)
class Accounts:
    """Accounts with something open or on account, those with most overdue first: what the actor's are owed, and what they owe."""

    hosts: list[Organisation]
    payers: list[Organisation]
    owed_to_us: list[Account]
    owed_by_us: list[Account]


def accounts(actor: Actor, today: date) -> Accounts:
    """The accounts of the actor's institutions and organisations: five queries, however many there are."""
    hosts, payers = list(parties.hosts(actor)), list(parties.payers(actor))
    ledger = _ledger(Q(host__in=hosts) | Q(payer__in=payers))
    named = Organisation.objects.in_bulk({one for pair in ledger.pairs for one in pair})
    made = sorted(_moved(ledger, named, today), key=_most_urgent)
    ours, theirs = {one.pk for one in hosts}, {one.pk for one in payers}
    return Accounts(
        hosts,
        payers,
        [one for one in made if one.host.pk in ours],
        [one for one in made if one.payer.pk in theirs],
    )


def _moved(ledger: _Ledger, named: dict[int, Organisation], today: date) -> Iterator[Account]:
    for pair in ledger.pairs:
        one = ledger.settled(pair)
        if one.owed_inr or one.on_account_inr:
            host, payer = named[pair[0]], named[pair[1]]
            late = ledger.overdue(one, today)
            yield Account(host, payer, one.owed_inr, late, one.on_account_inr)


def _most_urgent(one: Account) -> tuple[Decimal, Decimal, str, str]:
    return -one.overdue_inr, -one.owed_inr, one.payer.name, one.host.name


@dataclass(frozen=True)
class Entry:
    """A line of a statement of account: an invoice asks (+), a credit note or a payment takes off (−)."""

    on: date
    what: Invoice | Payment
    amount_inr: Decimal
    balance_inr: Decimal


def statement(actor: Actor, host: Organisation, payer: Organisation) -> list[Entry]:
    """Everything between a host and a payer in order of day, with the balance after each."""
    between = Q(host=host, payer=payer)
    rows: list[tuple[date, int, Invoice | Payment, Decimal]] = [
        (one.issued_on, 0, one, -one.total_inr if one.is_credit else one.total_inr)
        for one in visible(actor).filter(between)
    ]
    rows += [(one.paid_on, 1, one, -one.counts_inr) for one in payments(actor).filter(between)]
    balance, made = ZERO, []
    for on, _order, what, amount in sorted(rows, key=lambda row: (row[0], row[1], row[2].pk)):
        balance += amount
        made.append(Entry(on, what, amount, balance))
    return made


def _documents(actor: Actor) -> Q:
    seen = Invoice.objects.visible_to(actor).order_by()
    return Q(Exists(InvoicePdf.objects.filter(document=OuterRef("pk"), invoice__in=seen)))


documents.declare("billing", _documents)
