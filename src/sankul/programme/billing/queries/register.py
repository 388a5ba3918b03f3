"""The register of documents for the accountant: one row for each document, service code and rate, as GSTR-1 asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from sankul.core.exports import Dataset, Field, Type
from sankul.core.rules.roles import Actor
from sankul.programme.billing.models import Invoice, InvoiceLine
from sankul.programme.billing.rules import LAW
from sankul.programme.registry.models import Organisation

from . import invoices
from .charges import month_end

REGISTER = Dataset(
    "invoices",
    _("Register of invoices and credit notes"),
    _("Documents issued in a month, one row for each service code and rate, for returns like GSTR-1."),
    (
        Field("gstin_of_recipient", Type.TEXT, _("registration of the recipient; empty where not registered")),
        Field("receiver_name", Type.TEXT, _("name of the recipient")),
        Field("document_type", Type.TEXT, _("tax invoice, bill of supply, bill or credit note")),
        Field("document_number", Type.TEXT, _("serial number")),
        Field("document_date", Type.DATE, _("day of issue")),
        Field("original_number", Type.TEXT, _("of a credit note: the invoice that it corrects")),
        Field("original_date", Type.DATE, _("day of that invoice")),
        Field("document_value_inr", Type.DECIMAL, _("total of the document in rupees, taxes included")),
        Field("place_of_supply", Type.TEXT, _("code and name of the state")),
        Field("reverse_charge", Type.TEXT, _("whether the recipient pays the tax: N")),
        Field("invoice_type", Type.TEXT, _("Regular, SEZ with payment or SEZ without payment")),
        Field("sac", Type.TEXT, _("service code")),
        Field("rate_percent", Type.DECIMAL, _("rate of tax in per cent")),
        Field("taxable_value_inr", Type.DECIMAL, _("rupees")),
        Field("integrated_tax_inr", Type.DECIMAL, _("rupees")),
        Field("central_tax_inr", Type.DECIMAL, _("rupees")),
        Field("state_or_ut_tax_inr", Type.DECIMAL, _("rupees")),
        Field("cess_inr", Type.DECIMAL, _("rupees: none is due on these services")),
        Field("is_demonstration", Type.TRUTH, _("whether it is fictional")),
    ),
    invoices.visible,
)  # fmt: skip


def lines(actor: Actor, host: Organisation, month: date) -> Iterator[Sequence[Any]]:
    """The rows of the documents that a host issued in a month, in order of their numbers: two queries."""
    span = (month, month_end(month))
    rows = invoices.visible(actor).filter(host=host, issued_on__range=span)
    for row in rows.order_by("kind", "number").prefetch_related("lines"):
        for (sac, percent), sums in sorted(_grouped(row.lines.all()).items()):
            yield _line(row, sac, percent, sums)


def _grouped(lines: Any) -> dict[tuple[str, Decimal], list[Decimal]]:
    found: dict[tuple[str, Decimal], list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 4)
    line: InvoiceLine
    for line in lines:
        key = (line.sac, line.tax_percent)
        amounts = (line.taxable_inr, line.igst_inr, line.cgst_inr, line.sgst_inr)
        found[key] = [one + more for one, more in zip(found[key], amounts, strict=True)]
    return found


def _line(row: Invoice, sac: str, percent: Decimal, sums: list[Decimal]) -> Sequence[Any]:
    state = LAW.states[row.place_of_supply]
    original = row.original
    return (
        row.recipient_gstin,
        row.recipient_told["name"],
        str(row.get_kind_display()),
        row.serial,
        row.issued_on,
        original.serial if original else "",
        original.issued_on if original else None,
        row.total_inr,
        f"{state.code}-{state.name}",
        "N",
        _type(row),
        sac,
        percent,
        *sums,
        Decimal(0),
        row.host.is_demonstration,
    )


def _type(row: Invoice) -> str:
    if not row.is_sez:
        return "Regular"
    return "SEZ with payment" if row.igst_inr else "SEZ without payment"
