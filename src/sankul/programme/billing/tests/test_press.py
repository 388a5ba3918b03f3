"""Documents as they are typeset, and typeset again where that was lost."""

from __future__ import annotations

import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from sankul.core.actions import following
from sankul.programme.billing import tasks
from sankul.programme.billing.actions import invoices, press
from sankul.programme.billing.models import Invoice, InvoicePdf
from sankul.programme.billing.queries.invoices import without_pdf
from sankul.programme.billing.rules import Treatment

from . import makers
from .makers import AT

pytestmark = pytest.mark.django_db


def read(pdf: bytes, folder: Path) -> str:
    """The text of a PDF, by poppler."""
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("pdftotext (poppler-utils) is not installed here")
    file = folder / "made.pdf"
    file.write_bytes(pdf)
    done = subprocess.run([program, "-layout", str(file), "-"], capture_output=True, check=True)
    return done.stdout.decode()


def test_a_tax_invoice_says_what_the_rule_asks(tmp_path: Path) -> None:
    host = makers.host("27", prefix="NIR")
    made = makers.invoice(host, makers.payer("29"), "124000.50")
    pdf = press.pdf(made)
    assert pdf.startswith(b"%PDF-")
    assert b"pdfuaid" in pdf
    text = read(pdf, tmp_path)
    for asked in (
        "Tax invoice", "NIR/2627/T00001", "3 Nov 2026", made.supplier_told["gstin"],
        made.recipient_gstin, "Karnataka (code 29)", "998346", "1,24,000.50", "22,320.09",
        "Integrated tax (IGST)", "1,46,321.00", "0.41",
        "Rupees One Lakh Forty Six Thousand Three Hundred Twenty One Only",
        "Tax is payable on reverse charge: No", "Authorised signatory", "IFSC", "1 Oct 2026",
    ):  # fmt: skip
        assert asked in text, asked
    assert "CGST Act, section 170" in text


def test_the_same_document_is_the_same_bytes() -> None:
    made = makers.invoice()
    assert press.pdf(made) == press.pdf(Invoice.objects.get(pk=made.pk))


def test_a_bill_of_supply_says_why_it_is_exempt_and_shows_no_tax(tmp_path: Path) -> None:
    host = makers.host(treatment=Treatment.EXEMPT, exemption="Notification 12/2017, serial 66")
    text = read(press.pdf(makers.invoice(host)), tmp_path)
    assert "Bill of supply" in text
    assert "Exempt supply: Notification 12/2017, serial 66" in text
    assert "CGST" not in text.replace("CGST Act", "")


def test_a_credit_note_names_what_it_corrects(tmp_path: Path) -> None:
    made = makers.invoice(makers.host("04", prefix="CHD"), makers.payer("04"))
    note = invoices.credit(
        actor=None, invoice=made, amounts={made.lines.get().pk: Decimal(100)},
        reason="Two hours too many", at=AT,
    )  # fmt: skip
    text = read(press.pdf(note), tmp_path)
    for asked in ("Credit note", "CHD/2627/T00001 of 3 Nov 2026", "Two hours too many", "Credited",
                  "Union territory tax (UTGST)", "9.00"):  # fmt: skip
        assert asked in text, asked


def test_documents_are_typeset_after_they_were_issued_and_again_where_that_was_lost() -> None:
    made = makers.invoice()
    assert list(without_pdf()) == [made]  # as it stands when a machine died after the commit
    document = press.make(invoice=made, at=AT)
    assert document.name == made.serial.replace("/", "-") + ".pdf"
    assert press.make(invoice=made, at=AT) == document
    assert InvoicePdf.objects.count() == 1
    assert not without_pdf().exists()


def _asked() -> list[int]:
    jobs = ProcrastinateJob.objects.filter(task_name="billing.typeset").order_by("pk")
    return [job.args["invoice_id"] for job in jobs]


def test_news_of_an_invoice_asks_for_its_document_once_and_the_clock_for_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sankul.programme.billing.tasks.timezone.now", lambda: AT)
    made = makers.invoice()
    following.catch_up("billing.documents")
    assert following.catch_up("billing.documents") == 0
    assert _asked() == [made.pk]
    tasks.typeset_missing(timestamp=0)
    assert _asked() == [made.pk, made.pk]
    tasks.typeset(invoice_id=made.pk)
    tasks.typeset(invoice_id=made.pk)
    assert InvoicePdf.objects.get().invoice == made
