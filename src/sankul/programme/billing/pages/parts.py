"""What the area's pages share: links, states in words, tables, and the form that changes something."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sankul.core import formats
from sankul.core.doors import Request, accepted
from sankul.core.rules.roles import Permission, require
from sankul.core.ui import Column, Crumbs, Day, Link, Notice, State, Table, Tone
from sankul.programme.billing.models import Invoice, Supplier
from sankul.programme.billing.rules import LAW, Computed, DisputeState, Settlement
from sankul.programme.billing.rules.life import needs_reference
from sankul.programme.registry.models import Organisation

asks = require_http_methods(["GET", "HEAD", "POST"])
DISPUTE_TONES = {
    DisputeState.OPEN: Tone.ATTENTION,
    DisputeState.ANSWERED: Tone.UNKNOWN,
    DisputeState.UPHELD: Tone.GOOD,
    DisputeState.REJECTED: Tone.UNKNOWN,
    DisputeState.WITHDRAWN: Tone.UNKNOWN,
}
exact = formats.inr_exact


def today(request: Request) -> date:
    """The day in India."""
    return timezone.localdate(request.at)


def month_name(month: date) -> str:
    """A month in words: October 2026."""
    return formats.written(month, "F Y")


def month_word(month: date) -> str:
    """A month in addresses: 2026-10."""
    return f"{month:%Y-%m}"


def own(request: Request, slug: str, permission: Permission) -> Organisation:
    """An organisation on which the actor holds a permission."""
    found = get_object_or_404(Organisation, slug=slug)
    require(request.actor, permission, *found.scopes)
    return found


def host_link(organisation: Organisation) -> Link:
    """A host's desk."""
    return Link(organisation.name, reverse("billing-host", args=[organisation.slug]))


def invoice_link(invoice: Invoice) -> Link:
    """A document."""
    return Link(invoice.serial, reverse("invoice", args=[invoice.pk]))


def account_href(host: Organisation, payer: Organisation) -> str:
    """The statement of account between a host and a payer."""
    return reverse("billing-account", args=[host.slug, payer.slug])


def crumbs(*links: Link) -> Crumbs:
    """The way here."""
    return Crumbs([Link(_("Billing"), reverse("billing")), *links])


def invoice_state(invoice: Invoice, settlement: Settlement | None, on: date) -> State:
    """Whether a document is paid, open or past due; a credit note is none of them."""
    if invoice.is_credit:
        return State(Tone.UNKNOWN, _("credit note"))
    left = settlement.open_inr.get(invoice.pk, Decimal(0)) if settlement else invoice.total_inr
    if not left:
        return State(Tone.GOOD, _("settled"))
    if invoice.due_on and invoice.due_on < on:
        return State(Tone.PROBLEM, _("overdue"))
    part = left < invoice.total_inr
    return State(Tone.ATTENTION, _("partly paid") if part else _("open"))


def invoice_columns(*, host: bool = True, payer: bool = True) -> list[Column]:
    """The columns of documents."""
    sides = [
        *([Column("host", _("From"), fold=True)] if host else []),
        *([Column("payer", _("To"), fold=True)] if payer else []),
    ]
    return [
        Column("serial", _("Number")),
        *sides,
        Column("kind", _("Kind"), fold=True),
        Column("issued", _("Issued"), sort="issued", fold=True),
        Column("total", _("Total"), numeric=True, unit="₹", sort="total"),
        Column("state", _("State")),
    ]


def invoice_line(invoice: Invoice, settlement: Settlement | None, on: date) -> Mapping[str, Any]:
    """A document as a row; its host and payer are at hand."""
    return {
        "serial": invoice_link(invoice),
        "host": invoice.host.name,
        "payer": invoice.payer.name,
        "kind": invoice.get_kind_display(),
        "issued": Day(invoice.issued_on),
        "total": rupees(-invoice.total_inr if invoice.is_credit else invoice.total_inr),
        "state": invoice_state(invoice, settlement, on),
    }


def rupees(amount: Decimal) -> str:
    """An amount to the paisa without the sign of the rupee, for columns that have it in their head."""
    return exact(amount).replace(f"₹{formats.SPACE}", "")


def lines_table(computed: Computed) -> Table:
    """The lines of a document, with their taxes."""
    columns = [
        Column("what", _("Service")),
        Column("sac", _("SAC"), fold=True),
        Column("quantity", _("Quantity"), numeric=True, fold=True),
        Column("rate", _("Rate"), numeric=True, unit="₹", fold=True),
        Column("value", _("Value"), numeric=True, unit="₹"),
        Column("percent", _("Tax"), numeric=True, unit="%", fold=True),
        Column("tax", _("Tax"), numeric=True, unit="₹", fold=True),
    ]
    rows = [
        line_row(item.description, item.sac, item.quantity, item.unit, item.rate_inr,
                 item.taxable_inr, tax.percent, tax.all_inr)
        for item, tax in computed.items
    ]  # fmt: skip
    return Table(_("Lines"), columns, rows, hide_caption=True)


class Sums(Protocol):
    """What a document adds up to; an invoice has it, and so has a draft's totals."""

    @property
    def taxable_inr(self) -> Decimal: ...
    @property
    def cgst_inr(self) -> Decimal: ...
    @property
    def sgst_inr(self) -> Decimal: ...
    @property
    def igst_inr(self) -> Decimal: ...
    @property
    def rounding_inr(self) -> Decimal: ...
    @property
    def total_inr(self) -> Decimal: ...


def totals_table(sums: Sums) -> Table:
    """Sums of a document; those that are nothing are left out."""
    named = [
        (_("Value"), sums.taxable_inr),
        (_("Central tax"), sums.cgst_inr),
        (_("State or union territory tax"), sums.sgst_inr),
        (_("Integrated tax"), sums.igst_inr),
        (_("Rounding to the rupee"), sums.rounding_inr),
        (_("Total"), sums.total_inr),
    ]
    columns = [Column("what", _("Sum")), Column("amount", _("Amount"), numeric=True)]
    last = len(named) - 1
    rows = [
        {"what": what, "amount": exact(amount)}
        for place, (what, amount) in enumerate(named)
        if amount or place in (0, last)
    ]
    return Table(_("Sums"), columns, rows, hide_caption=True)


def line_row(
    what: str, sac: str, quantity: Decimal, unit: str, rate: Decimal, value: Decimal,
    percent: Decimal, tax: Decimal,
) -> dict[str, Any]:  # fmt: skip
    """One line as a row."""
    return {
        "what": what,
        "sac": sac,
        "quantity": f"{formats.number(quantity, 0 if quantity == int(quantity) else 2)} {unit}",
        "rate": rupees(rate),
        "value": rupees(value),
        "percent": f"{percent.normalize():f}",
        "tax": rupees(tax),
    }


def reference_notice(supplier: Supplier | None, on: date) -> Notice | None:
    """Told where a host's turnover asks for electronic invoices, which Sankul does not report."""
    if supplier is None or not needs_reference(
        treatment=supplier.treatment, turnover=supplier.turnover_inr, on=on
    ):
        return None
    limit = LAW.limit("e_invoice_turnover_inr", on)
    text = _(
        "The turnover on record is above %(limit)s (%(source)s): invoices to registered recipients are reported to an "
        "invoice registration portal, whose number and code stand on them. Sankul does not report them: the accountant does, "
        "from the export of the month."
    ) % {"limit": formats.inr(limit.value), "source": limit.source}  # fmt: skip
    return Notice(Tone.ATTENTION, text, _("Electronic invoices"))


def change(
    request: Request,
    form: forms.Form,
    act: Callable[[], object],
    *,
    heading: str,
    told: str,
    back: str,
    organisation: Organisation,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Show a form; when it comes back valid, act and go back with the message. A refusal stands above the form."""

    def go() -> tuple[str, str]:
        act()
        return told, back

    if answer := accepted(request, form, go):
        return answer
    context = {
        "form": form,
        "heading": heading,
        "back": back,
        "is_demonstration": organisation.is_demonstration,
        **(more or {}),
    }
    return render(request, "billing/change.html", context, status=422 if form.errors else 200)


def month_of(word: str) -> date:
    """The first day of a month from an address; 404 for no month."""
    try:
        return date.fromisoformat(f"{word}-01")
    except ValueError:
        raise Http404 from None


def marked(rows: Sequence[Organisation]) -> bool:
    """Whether one of the organisations is fictional."""
    return any(one.is_demonstration for one in rows)
