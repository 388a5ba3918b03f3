"""The shapes of the area's JSON. Amounts are rupees as decimal texts."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from ninja import Field, Path, Schema

from sankul.programme.billing.models import Invoice, Payment
from sankul.programme.billing.queries.charges import Draft
from sankul.programme.billing.queries.invoices import Entry, Left
from sankul.programme.billing.rules import Cause, DisputeState, DocumentKind, Mode

Number = Annotated[int, Path(description="Number of the record", examples=[12], ge=0, le=2**62)]
Slug = Annotated[str, Path(description="Short name in addresses", examples=["nirmal-institute"])]
Month = Annotated[
    str, Path(description="Month", examples=["2026-10"], pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")
]
Text = Annotated[str, Field(pattern=r"^[^\x00]*$")]
"""Any text that a database can keep."""
Amount = Annotated[Decimal, Field(max_digits=14, decimal_places=2, ge=0)]
LIMIT = 1000


class BillFilter(Schema):
    """Which records: of a host, of a payer, after a number, and no more than a limit."""

    host: Text = Field("", description="Short name of the institution that bills")
    payer: Text = Field("", description="Short name of the organisation that pays")
    after: int = Field(0, ge=0, le=2**62, description="Records with a greater number only")
    limit: int = Field(100, ge=1, le=LIMIT)


class LineOut(Schema):
    """A line of a document, with its tax."""

    id: int
    description: str
    sac: str
    quantity: Decimal
    unit: str
    rate_inr: Decimal
    taxable_inr: Decimal
    tax_percent: Decimal
    cgst_inr: Decimal
    sgst_inr: Decimal
    igst_inr: Decimal
    charge: int | None = Field(alias="charge_id")


class InvoiceOut(Schema):
    """An invoice, bill or credit note."""

    id: int
    kind: DocumentKind
    serial: str
    financial_year: str = Field(alias="year_name")
    host: str = Field(alias="host.slug")
    payer: str = Field(alias="payer.slug")
    month: date = Field(description="First day of the month that is billed")
    issued_on: date
    due_on: date | None
    corrects: int | None = Field(alias="original_id")
    reason: str
    place_of_supply: str = Field(description="Code of the state")
    taxable_inr: Decimal
    cgst_inr: Decimal
    sgst_inr: Decimal = Field(description="Tax of the state or union territory")
    igst_inr: Decimal
    rounding_inr: Decimal
    total_inr: Decimal


class InvoicePage(Schema):
    """Some documents by number; ``next`` is where to go on."""

    items: list[InvoiceOut]
    next: int | None


class PartyOut(Schema):
    """A party as it stands on the document."""

    name: str
    address: str
    state: str
    gstin: str
    country: str


class InvoiceDetailOut(InvoiceOut):
    """A document with its lines and parties, and what is open of it."""

    supplier: PartyOut = Field(alias="supplier_told")
    recipient: PartyOut = Field(alias="recipient_told")
    place_source: str = Field(description="The law by which the place of supply is what it is")
    statements: list[str]
    law: str = Field(description="SHA-256 of the text of the law that it was made under")
    in_words: str = Field(alias="words")
    open_inr: Decimal | None = Field(description="What is open of it; empty for a credit note")
    lines: list[LineOut]

    @staticmethod
    def resolve_lines(row: Invoice) -> list[Any]:
        """Its lines in order."""
        return list(row.lines.all())


class ChargeOut(Schema):
    """Something that is charged."""

    id: int
    host: str = Field(alias="host.slug")
    payer: str = Field(alias="payer.slug")
    cause: Cause
    source: str = Field(description="The record that it comes from, as booking/12")
    title: str
    sac: str
    lines: list[dict[str, str]]
    amount_inr: Decimal = Field(description="Without tax")
    happened_on: date
    is_billed: bool
    waived_at: datetime | None
    waived_reason: str


class ChargePage(Schema):
    """Some charges by number; ``next`` is where to go on."""

    items: list[ChargeOut]
    next: int | None


class DraftOut(Schema):
    """What an invoice would say if it were issued now."""

    payer: str
    charges: list[int]
    kind: DocumentKind | None
    taxable_inr: Decimal | None
    tax_inr: Decimal | None
    total_inr: Decimal | None
    may_be_issued: bool
    why_not: str

    @staticmethod
    def of(draft: Draft) -> dict[str, Any]:
        """A draft as JSON."""
        made = draft.content.computed if draft.content else None
        sums = made.totals if made else None
        return {
            "payer": draft.payer.slug,
            "charges": draft.charge_ids,
            "kind": made.kind if made else None,
            "taxable_inr": sums.taxable_inr if sums else None,
            "tax_inr": sums.cgst_inr + sums.sgst_inr + sums.igst_inr if sums else None,
            "total_inr": sums.total_inr if sums else None,
            "may_be_issued": draft.verdict.allowed,
            "why_not": draft.verdict.reason,
        }


class PaymentOut(Schema):
    """A payment."""

    id: int
    host: str = Field(alias="host.slug")
    payer: str = Field(alias="payer.slug")
    invoice: int | None = Field(alias="invoice_id")
    amount_inr: Decimal
    deducted_inr: Decimal = Field(description="Tax deducted at source")
    paid_on: date
    mode: Mode
    reference: str


class EntryOut(Schema):
    """A line of a statement of account."""

    on: date
    kind: str = Field(description="invoice, credit_note or payment")
    number: int
    name: str
    amount_inr: Decimal = Field(description="Below zero where it takes off")
    balance_inr: Decimal

    @staticmethod
    def of(entry: Entry) -> dict[str, Any]:
        """A line as JSON."""
        what = entry.what
        kind = "payment" if isinstance(what, Payment) else "invoice"
        if isinstance(what, Invoice) and what.is_credit:
            kind = "credit_note"
        return {
            "on": entry.on,
            "kind": kind,
            "number": what.pk,
            "name": str(what),
            "amount_inr": entry.amount_inr,
            "balance_inr": entry.balance_inr,
        }


class StatementOut(Schema):
    """The account between a host and a payer."""

    open_inr: Decimal
    on_account_inr: Decimal
    entries: list[EntryOut]


class DisputeOut(Schema):
    """A dispute."""

    id: int
    invoice: int = Field(alias="invoice_id")
    state: DisputeState
    text: str
    opened_at: datetime
    answer: str
    answered_at: datetime | None
    settled_at: datetime | None
    credit_note: int | None = Field(alias="credit_note_id")


class LeftToCredit(Schema):
    """What credit notes have left of a line, without tax."""

    line: int
    left_inr: Decimal

    @staticmethod
    def of(left: Left) -> dict[str, Any]:
        """A line as JSON."""
        return {"line": left.line.pk, "left_inr": left.taxable_inr}


class RowOut(Schema):
    """A row of the law."""

    title: str
    value: str
    from_on: date
    until_on: date | None
    source: str
    to_confirm: str


class LawOut(Schema):
    """The law that invoices are made under now."""

    sha256: str
    rates: list[RowOut]
    limits: list[RowOut]
    places: list[RowOut]


class TotalOut(Schema):
    """Totals of an institution in a financial year."""

    host: str
    documents: int
    payers: int
    billed_inr: Decimal
    tax_inr: Decimal
    credited_inr: Decimal
    received_inr: Decimal
    waived_inr: Decimal
