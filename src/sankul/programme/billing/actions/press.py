"""Invoices typeset as tagged PDFs (PDF/UA-1), by Typst, with the site's own fonts."""

from __future__ import annotations

import io
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import typst
from django.db import transaction
from django.utils import translation

from sankul.core import formats
from sankul.core.actions import documents
from sankul.core.charts.chart import demonstration_mark
from sankul.core.models import Document
from sankul.engines.pictures.look import FONT_FOLDER
from sankul.programme.billing.models import Invoice, InvoiceLine, InvoicePdf
from sankul.programme.billing.rules import LAW, DocumentKind, Treatment

STANDARD: Final = "ua-1"
Data = dict[str, Any]
DASH = "–"


def make(*, invoice: Invoice, at: datetime) -> Document:
    """The PDF of an issued document: the one that is kept, or made and kept now.

    The same bytes whenever it is made: everything it says was fixed when it was issued.
    """
    held = InvoicePdf.objects.filter(invoice=invoice).select_related("document").first()
    if held is not None:
        return held.document
    made = pdf(invoice)
    name = f"{invoice.serial.replace('/', '-')}.pdf"
    with transaction.atomic():
        document = documents.keep(actor=None, file=io.BytesIO(made), name=name, at=at)
        row, _is_new = InvoicePdf.objects.get_or_create(
            invoice=invoice, defaults={"document": document, "made_at": at}
        )
    return row.document


def pdf(invoice: Invoice) -> bytes:
    """The document typeset, in English, as the law's words are."""
    with tempfile.TemporaryDirectory(prefix="sankul-") as name, translation.override("en"):
        source = Path(name) / "invoice.typ"
        source.write_bytes(files(__package__).joinpath("invoice.typ").read_bytes())
        compiler = typst.Compiler(
            str(source), root=name, font_paths=[str(FONT_FOLDER)], ignore_system_fonts=True
        )
        made = compiler.compile(
            format="pdf",
            sys_inputs={"data": json.dumps(told(invoice), ensure_ascii=False)},
            pdf_standards=[STANDARD],
            timestamp=int(invoice.issued_at.timestamp()),
        )
    if not isinstance(made, bytes):
        raise TypeError("an invoice is one file")
    return made


def told(invoice: Invoice) -> Data:
    """All that the document says (CGST Rules, rules 46, 49 and 53)."""
    lines = list(invoice.lines.order_by("position"))
    rule = LAW.document(invoice.kind, invoice.issued_on)
    return {
        "title": rule.title,
        "copy": "" if invoice.is_credit else "Original for recipient",
        "serial": invoice.serial,
        "issued": formats.day(invoice.issued_on),
        "mark": demonstration_mark() if invoice.host.is_demonstration else "",
        "dates": _dates(invoice),
        "supplier": _party(invoice.supplier_told),
        "recipient": _party(invoice.recipient_told),
        "place": _place(invoice),
        "lines": _lines(invoice, lines),
        "summary": _summary(invoice, lines),
        "sums": _sums(invoice),
        "total": ["Credited" if invoice.is_credit else "Total", _figure(invoice.total_inr)],
        "words": invoice.words,
        "statements": _statements(invoice),
        "bank": [] if invoice.is_credit else _bank(invoice.supplier_told),
        "signatory": invoice.supplier_told["signatory"],
        "notes": [f"{rule.title}: {rule.source}.", f"Place of supply: {invoice.place_source}."],
    }


def _dates(invoice: Invoice) -> list[list[str]]:
    rows = [["Issued", formats.day(invoice.issued_on)]]
    if invoice.due_on:
        rows.append(["Due", formats.day(invoice.due_on)])
    first, last = formats.day(invoice.month), formats.day(invoice.month_ends_on)
    rows.append(["For", f"{first} to {last}"])
    if invoice.original:
        of = f"{invoice.original.serial} of {formats.day(invoice.original.issued_on)}"
        rows.append(["Corrects", of])
    return rows


def _party(one: Data) -> Data:
    state = LAW.states.get(one["state"])
    rows = [
        ["State", f"{state.name} (code {state.code})" if state else ""],
        ["Country", "" if one["country"] == "IN" else one["country"]],
        ["GSTIN", one["gstin"] or "not registered"],
    ]
    return {"name": one["name"], "address": one["address"], "facts": rows}


def _place(invoice: Invoice) -> list[list[str]]:
    state = LAW.states[invoice.place_of_supply]
    return [["Place of supply", f"{state.name} (code {state.code})"], ["Why", invoice.reason]]


def half_name(invoice: Invoice) -> str:
    """What the second half of the tax is called at the place of supply: SGST, or UTGST."""
    return "UTGST" if LAW.states[invoice.place_of_supply].has_utgst else "SGST"


def _is_taxed(invoice: Invoice) -> bool:
    return bool(invoice.supplier_told["treatment"] == Treatment.TAXABLE)


def _lines(invoice: Invoice, lines: Sequence[InvoiceLine]) -> Data:
    columns = ["number", "wide", "text", "figure", "figure", "figure"]
    head = ["No.", "Service", "SAC", "Quantity", "Rate ₹", "Value ₹"]
    rows = [
        [
            str(line.position),
            line.description,
            line.sac,
            f"{formats.number(line.quantity, _places(line.quantity))} {line.unit}",
            _figure(line.rate_inr),
            _figure(line.taxable_inr),
        ]
        for line in lines
    ]
    if _is_taxed(invoice):
        columns += ["figure", "figure"]
        head += ["Tax %", "Tax ₹"]
        for row, line in zip(rows, lines, strict=True):
            row += [_plain(line.tax_percent), _figure(line.tax_inr)]
    return {"caption": "Services supplied", "columns": columns, "head": head, "rows": rows}


def _places(quantity: Decimal) -> int:
    return 0 if quantity == quantity.to_integral_value() else 2


def _summary(invoice: Invoice, lines: Iterable[InvoiceLine]) -> Data:
    """Taxable value and taxes by service code and rate."""
    sums: dict[tuple[str, Decimal], list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 4)
    for line in lines:
        amounts = (line.taxable_inr, line.cgst_inr, line.sgst_inr, line.igst_inr)
        key = (line.sac, line.tax_percent)
        sums[key] = [one + more for one, more in zip(sums[key], amounts, strict=True)]
    head = ["SAC", "Tax %", "Value ₹", "CGST ₹", f"{half_name(invoice)} ₹", "IGST ₹"]
    rows = [
        [sac, _plain(percent), *map(_figure, amounts)]
        for (sac, percent), amounts in sorted(sums.items())
    ]
    return {
        "caption": "By service code",
        "columns": ["text", *["figure"] * 5],
        "head": head,
        "rows": rows if _is_taxed(invoice) else [],
    }


def _sums(invoice: Invoice) -> list[list[str]]:
    named = {
        "Taxable value" if _is_taxed(invoice) else "Value": invoice.taxable_inr,
        "Central tax (CGST)": invoice.cgst_inr,
        f"{'Union territory' if half_name(invoice) == 'UTGST' else 'State'} tax "
        f"({half_name(invoice)})": invoice.sgst_inr,
        "Integrated tax (IGST)": invoice.igst_inr,
        "Rounding (CGST Act, section 170)": invoice.rounding_inr,
    }
    always = ("Taxable value", "Value")
    return [[name, _figure(value)] for name, value in named.items() if value or name in always]


def _statements(invoice: Invoice) -> list[str]:
    lines = list(invoice.statements)
    if invoice.kind == DocumentKind.BILL_OF_SUPPLY:
        lines.append(f"Exempt supply: {invoice.supplier_told['exemption']}")
    if invoice.supplier_told["lut"] and invoice.is_sez:
        lines.append(f"Letter of undertaking: {invoice.supplier_told['lut']}")
    return lines


def _bank(one: Data) -> list[list[str]]:
    rows = [["Bank", one["bank"]], ["Account", one["account"]], ["IFSC", one["ifsc"]]]
    return rows if one["account"] else []


def _figure(amount: Decimal) -> str:
    return formats.inr_exact(amount).replace("₹", "").replace(formats.SPACE, "")


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")
