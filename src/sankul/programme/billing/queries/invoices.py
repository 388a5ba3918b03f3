"""Invoices, credit notes, payments and disputes, as the actor may see them; what is owed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from sankul.core.queries import documents
from sankul.core.rules.roles import Actor
from sankul.programme.billing.models import Dispute, Invoice, InvoiceLine, InvoicePdf, Payment
from sankul.programme.billing.rules import DocumentKind, Owed, Paid, Settlement, Tax, settle
from sankul.programme.registry.models import Organisation

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


def settlements(pairs: Iterable[Pair]) -> dict[Pair, Settlement]:
    """What is owed between hosts and payers: two queries, however many pairs."""
    wanted = set(pairs)
    asked, credited, paid = _asked(wanted), _credited(wanted), _paid(wanted)
    return {
        pair: settle(
            [
                Owed(one.pk, one.issued_on, one.total_inr, credited.get(one.pk, ZERO))
                for one in asked[pair]
            ],
            paid[pair],
        )
        for pair in wanted
    }


def settlement(host_id: int, payer_id: int) -> Settlement:
    """What is owed between one host and one payer."""
    return settlements([(host_id, payer_id)])[host_id, payer_id]


def _between(pairs: set[Pair]) -> Q:
    hosts, payers = {host for host, _payer in pairs}, {payer for _host, payer in pairs}
    return Q(host__in=hosts, payer__in=payers)


def _asked(pairs: set[Pair]) -> dict[Pair, list[Invoice]]:
    found: dict[Pair, list[Invoice]] = defaultdict(list)
    rows = Invoice.objects.filter(_between(pairs)).asking().order_by("issued_on", "pk")
    for row in rows.only("pk", "host_id", "payer_id", "issued_on", "total_inr"):
        found[row.host_id, row.payer_id].append(row)
    return found


def _credited(pairs: set[Pair]) -> dict[int, Decimal]:
    found: dict[int, Decimal] = defaultdict(Decimal)
    rows = Invoice.objects.filter(_between(pairs), kind=DocumentKind.CREDIT_NOTE).order_by()
    for original, total in rows.values_list("original_id", "total_inr"):
        if original is not None:
            found[original] += total
    return found


def _paid(pairs: set[Pair]) -> dict[Pair, list[Paid]]:
    found: dict[Pair, list[Paid]] = defaultdict(list)
    for row in Payment.objects.filter(_between(pairs)).order_by("paid_on", "pk"):
        paid = Paid(row.pk, row.paid_on, row.counts_inr, row.invoice_id)
        found[row.host_id, row.payer_id].append(paid)
    return found


@dataclass(frozen=True)
class Account:
    """How a payer stands with a host: what is open, what of it is past due, and what is on account (rupees)."""

    host: Organisation
    payer: Organisation
    owed_inr: Decimal
    overdue_inr: Decimal
    on_account_inr: Decimal

    @property
    def balance_inr(self) -> Decimal:
        """What the payer owes in all; negative where it has paid ahead."""
        return self.owed_inr - self.on_account_inr


def accounts(actor: Actor, today: date, *, receives: bool) -> list[Account]:
    """Accounts with something open or on account: of those who owe the actor's institution, or of what the actor's owes."""
    rows = list(_open_pairs(actor, receives=receives))
    pairs = {(host.pk, payer.pk): (host, payer) for host, payer in rows}
    due = dict(_due(set(pairs)))
    made = [
        Account(*pairs[pair], one.owed_inr, _overdue(one, due, today), one.on_account_inr)
        for pair, one in settlements(pairs).items()
    ]
    moved = [one for one in made if one.owed_inr or one.on_account_inr]
    return sorted(
        moved, key=lambda one: (-one.overdue_inr, -one.owed_inr, one.payer.name, one.host.name)
    )


def _open_pairs(actor: Actor, *, receives: bool) -> set[tuple[Organisation, Organisation]]:
    from . import parties  # noqa: PLC0415  parties reads nothing of this

    own = parties.hosts(actor) if receives else parties.payers(actor)
    side = {"host__in" if receives else "payer__in": own}
    billed = Invoice.objects.filter(**side).order_by().values_list("host", "payer").distinct()
    paid = Payment.objects.filter(**side).order_by().values_list("host", "payer").distinct()
    ids = {*billed, *paid}
    named = Organisation.objects.in_bulk({one for pair in ids for one in pair})
    return {(named[host], named[payer]) for host, payer in ids}


def _due(pairs: set[Pair]) -> QuerySet[Invoice, tuple[int, date | None]]:
    return Invoice.objects.filter(_between(pairs)).asking().values_list("pk", "due_on")


def _overdue(one: Settlement, due: dict[int, date | None], today: date) -> Decimal:
    late = [amount for number, amount in one.open_inr.items() if (due[number] or today) < today]
    return sum(late, ZERO)


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
