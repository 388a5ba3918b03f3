"""Invoices and credit notes: the list, one document, its PDF, correcting and disputing it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core.doors import Request, asked, csv_download, filtered, listing
from sankul.core.rules.roles import require, verdict
from sankul.core.ui import (
    Column,
    Day,
    Entry,
    Link,
    Notice,
    Pages,
    State,
    Summary,
    Table,
    Tile,
    Tiles,
    Tone,
    href_with,
)
from sankul.programme.billing import forms
from sankul.programme.billing.actions import disputes, press
from sankul.programme.billing.actions import invoices as actions
from sankul.programme.billing.models import Dispute, Invoice, InvoiceLine
from sankul.programme.billing.queries import invoices as queries
from sankul.programme.billing.rules import (
    BILL,
    DISPUTE,
    LAW,
    DisputeState,
    DocumentKind,
    Settlement,
)
from sankul.programme.registry.models import Organisation

from .parts import (
    DISPUTE_TONES,
    account_href,
    asks,
    change,
    crumbs,
    exact,
    host_link,
    invoice_columns,
    invoice_line,
    invoice_link,
    invoice_state,
    line_row,
    marked,
    month_name,
    reference_notice,
    today,
    totals_table,
)

FILTERS = {"host": "host__slug", "payer": "payer__slug", "kind": "kind", "month": "month"}
SORTS = {"issued": "issued_on", "total": "total_inr", "number": "serial"}
EXPORTED = {
    "serial": "serial", "kind": "kind", "issued_on": "issued_on", "due_on": "due_on",
    "host": "host__name", "payer": "payer__name", "recipient_gstin": "recipient_gstin",
    "place_of_supply": "place_of_supply", "taxable_inr": "taxable_inr", "cgst_inr": "cgst_inr",
    "sgst_or_utgst_inr": "sgst_inr", "igst_inr": "igst_inr", "rounding_inr": "rounding_inr",
    "total_inr": "total_inr", "corrects": "original__serial",
}  # fmt: skip


@require_safe
def invoices(request: Request) -> HttpResponseBase:
    """Every document that the actor may see, from both sides."""
    rows = queries.visible(request.actor)
    if request.GET.get("as") == "csv":
        lines = filtered(request, rows, FILTERS).order_by("pk").values_list(*EXPORTED.values())
        return csv_download("invoices.csv", list(EXPORTED), lines.iterator(chunk_size=2000))
    found = listing(
        request, rows, search=("serial", "payer__name", "host__name"), sorts=SORTS, filters=FILTERS,
        default="-issued",
    )  # fmt: skip
    settled = queries.settlements((row.host_id, row.payer_id) for row in found.rows)
    on = today(request)
    table = Table(
        _("Invoices"), invoice_columns(),
        [invoice_line(row, settled[row.host_id, row.payer_id], on) for row in found.rows],
        request.GET, hide_caption=True,
        empty=_("No invoice that you may see. They appear when a month is billed."),
    )  # fmt: skip
    context = {
        "found": found,
        "table": table,
        "pages": Pages(
            request.GET, page=found.page, last=found.page + found.has_next,
            total=None if found.is_capped else found.total,
        ),
        "choices": _choices(request, rows),
        "csv_href": href_with(request.GET, **{"as": "csv", "page": None}),
        "crumbs": crumbs(),
        "is_demonstration": any(row.host.is_demonstration for row in found.rows),
    }  # fmt: skip
    return render(request, "billing/invoices.html", context)


def _choices(request: Request, rows: QuerySet[Invoice]) -> list[dict[str, Any]]:
    """Filters by host, payer and kind, with what can be chosen."""
    plain = rows.order_by()
    hosts = Organisation.objects.filter(pk__in=plain.values("host")).order_by("name")
    payers = Organisation.objects.filter(pk__in=plain.values("payer")).order_by("name")
    return [
        {"name": name, "label": label, "options": options, "chosen": asked(request, name)}
        for name, label, options in (
            ("host", _("From"), [(one.slug, one.name) for one in hosts]),
            ("payer", _("To"), [(one.slug, one.name) for one in payers]),
            ("kind", _("Kind"), DocumentKind.choices),
        )
    ]


@require_safe
def invoice(request: Request, number: int) -> HttpResponse:
    """One document: what it says, what is paid of it, what corrects it, what is disputed."""
    found = get_object_or_404(queries.detailed(request.actor), pk=number)
    settled = queries.settlement(found.host_id, found.payer_id)
    on = today(request)
    context = {
        "invoice": found,
        "state": invoice_state(found, settled, on),
        "tiles": _tiles(found, settled),
        "summary": _summary(found),
        "lines": _lines(found),
        "sums": totals_table(found),
        "around": _around(found),
        "notices": [one for one in (_notice(found), reference_notice(found.supplier, on)) if one],
        "actions": _actions(request, found),
        "crumbs": crumbs(Link(_("Invoices"), reverse("invoices"))),
        "is_demonstration": marked([found.host]),
    }
    return render(request, "billing/invoice.html", context)


def _notice(found: Invoice) -> Notice | None:
    if found.original is None:
        return None
    link = invoice_link(found.original)
    return Notice(Tone.UNKNOWN, link, _("This credit note corrects an invoice: %s") % found.reason)


def _tiles(found: Invoice, settled: Settlement) -> Tiles:
    if found.is_credit:
        return Tiles([Tile(_("Credited"), exact(found.total_inr))])
    left = settled.open_inr.get(found.pk, Decimal(0))
    due = Day(found.due_on)
    return Tiles(
        [
            Tile(_("Total"), exact(found.total_inr)),
            Tile(_("Open"), exact(left)),
            Tile(_("Due"), due),
        ]
    )


def _summary(found: Invoice) -> Summary:
    state = LAW.states[found.place_of_supply]
    entries = [
        Entry(_("From"), _told(found.supplier_told)),
        Entry(_("To"), _told(found.recipient_told)),
        Entry(_("For"), month_name(found.month)),
        Entry(_("Issued"), Day(found.issued_on)),
        Entry(_("Place of supply"), f"{state.name} ({state.code})"),
        Entry(_("By which law"), found.place_source),
    ]
    entries += [Entry(_("Says"), line) for line in found.statements]
    return Summary(entries)


def _told(one: dict[str, Any]) -> str:
    number = f"GSTIN {one['gstin']}" if one["gstin"] else _("not registered")
    return " · ".join(filter(None, (one["name"], one["address"], number)))


def _lines(found: Invoice) -> Table:
    columns = [
        Column("what", _("Service")),
        Column("sac", _("SAC"), fold=True),
        Column("quantity", _("Quantity"), numeric=True, fold=True),
        Column("rate", _("Rate"), numeric=True, unit="₹", fold=True),
        Column("value", _("Value"), numeric=True, unit="₹"),
        Column("percent", _("Tax"), numeric=True, unit="%", fold=True),
        Column("tax", _("Tax"), numeric=True, unit="₹", fold=True),
    ]
    return Table(_("Lines"), columns, [_line(one) for one in found.lines.all()], hide_caption=True)


def _line(one: InvoiceLine) -> dict[str, Any]:
    return line_row(
        one.description, one.sac, one.quantity, one.unit, one.rate_inr, one.taxable_inr,
        one.tax_percent, one.tax_inr,
    )  # fmt: skip


def _around(found: Invoice) -> Table:
    """What has happened to a document since it was issued, in order of day."""
    rows: list[tuple[Any, str, Any, str]] = [
        (one.paid_on, _("Payment"), one.reference, exact(one.counts_inr))
        for one in found.payments.all()
    ]
    rows += [
        (one.issued_on, _("Credit note"), invoice_link(one), exact(one.total_inr))
        for one in found.credit_notes.all()
    ]
    rows += [
        (one.opened_at.date(), _("Dispute"), Link(one.get_state_display(), reverse("dispute", args=[one.pk])), "")
        for one in found.disputes.all()
    ]  # fmt: skip
    columns = [
        Column("what", _("What")),
        Column("on", _("Day"), fold=True),
        Column("which", _("Which")),
        Column("amount", _("Amount"), numeric=True),
    ]
    lines = [
        {"what": what, "on": Day(on), "which": which, "amount": amount}
        for on, what, which, amount in sorted(rows, key=lambda row: row[0])
    ]
    empty = _("No payment names it, nothing corrects it, and nobody disputes it.")
    return Table(_("Since it was issued"), columns, lines, empty=empty, hide_caption=True)


def _actions(request: Request, found: Invoice) -> list[Link]:
    links = [
        Link(_("PDF"), reverse("invoice-pdf", args=[found.pk])),
        Link(_("Statement of account"), account_href(found.host, found.payer)),
    ]
    if found.is_credit:
        return links
    if verdict(request.actor, BILL, found.host_scope):
        links.append(Link(_("Credit note"), reverse("invoice-credit", args=[found.pk])))
    if verdict(request.actor, DISPUTE, found.payer_scope):
        links.append(Link(_("Dispute it"), reverse("invoice-dispute", args=[found.pk])))
    return links


@require_safe
def pdf(request: Request, number: int) -> HttpResponse:
    """The PDF of a document: the one that is kept, made now where its job has not come to it yet."""
    found = get_object_or_404(queries.visible(request.actor), pk=number)
    document = press.make(invoice=found, at=request.at)
    return redirect("document", document.sha256)


@asks
def credit(request: Request, number: int) -> HttpResponse:
    """Correct an invoice by a credit note; with ``?dispute=`` it settles that dispute."""
    found = get_object_or_404(queries.visible(request.actor).select_related("supplier"), pk=number)
    require(request.actor, BILL, found.host_scope)
    disputed = _disputed(found, asked(request, "dispute"))
    form = forms.CreditForm(request.POST or None, left=queries.left(found))

    def act() -> None:
        if disputed is not None:
            disputes.uphold(actor=request.actor, dispute=disputed, at=request.at, **form.given)
        else:
            actions.credit(actor=request.actor, invoice=found, at=request.at, **form.given)

    return change(
        request, form, act,
        heading=_("Credit note on %s") % found.serial,
        told=_("The credit note is issued."),
        back=reverse("invoice", args=[found.pk]),
        organisation=found.host,
        more={
            "lede": _("What is issued never changes: a credit note takes off what was too much, with its tax.")
        },
    )  # fmt: skip


def _disputed(found: Invoice, number: str) -> Dispute | None:
    if not (number.isascii() and number.isdigit()):
        return None
    rows = found.disputes.select_related("invoice__supplier").filter(pk=int(number[:18]))
    return rows.first()


@asks
def dispute_it(request: Request, number: int) -> HttpResponse:
    """Say what is wrong with an invoice."""
    found = get_object_or_404(queries.visible(request.actor), pk=number)
    require(request.actor, DISPUTE, found.payer_scope)
    form = forms.DisputeForm(request.POST or None)
    return change(
        request, form,
        lambda: disputes.dispute(actor=request.actor, invoice=found, at=request.at, **form.cleaned_data),
        heading=_("Dispute %s") % found.serial,
        told=_("The host has your dispute; its answer will stand here."),
        back=reverse("invoice", args=[found.pk]),
        organisation=found.host,
    )  # fmt: skip


@require_safe
def dispute_list(request: Request) -> HttpResponse:
    """Disputes on documents that the actor may see."""
    rows = queries.disputes(request.actor)
    sorts = {"opened": "opened_at", "state": "state"}
    found = listing(
        request, rows, search=("invoice__serial", "text"), sorts=sorts, filters={"state": "state"},
        default="-opened",
    )  # fmt: skip
    columns = [
        Column("invoice", _("Invoice")),
        Column("payer", _("Opened by"), fold=True),
        Column("host", _("Against"), fold=True),
        Column("opened", _("Opened"), sort="opened", fold=True),
        Column("state", _("State"), sort="state"),
    ]
    lines = [
        {
            "invoice": Link(row.invoice.serial, reverse("dispute", args=[row.pk])),
            "payer": row.invoice.payer.name,
            "host": row.invoice.host.name,
            "opened": Day(row.opened_at),
            "state": dispute_state(row),
        }
        for row in found.rows
    ]
    context = {
        "table": Table(
            _("Disputes"), columns, lines, request.GET, hide_caption=True,
            empty=_("No dispute. A payer opens one on the page of an invoice."),
        ),
        "pages": Pages(request.GET, page=found.page, last=found.page + found.has_next),
        "crumbs": crumbs(),
        "is_demonstration": any(row.invoice.host.is_demonstration for row in found.rows),
    }  # fmt: skip
    return render(request, "billing/disputes.html", context)


def dispute_state(one: Dispute) -> State:
    """Where a dispute is."""
    state = DisputeState(one.state)
    return State(DISPUTE_TONES[state], state.label)


@asks
def dispute(request: Request, number: int) -> HttpResponse:
    """One dispute: answered, turned down or upheld by the host, withdrawn by the payer."""
    found = get_object_or_404(queries.disputes(request.actor), pk=number)
    is_host = bool(verdict(request.actor, BILL, found.invoice.host_scope))
    is_payer = bool(verdict(request.actor, DISPUTE, found.invoice.payer_scope))
    form = forms.AnswerForm(request.POST if request.POST.get("do") == "answer" else None)
    if request.method == "POST" and _did(request, found, form):
        return redirect("dispute", found.pk)
    context = {
        "dispute": found,
        "state": dispute_state(found),
        "summary": _dispute_summary(found),
        "form": form if is_host and found.is_going else None,
        "may_reject": is_host and found.state == DisputeState.ANSWERED,
        "may_withdraw": is_payer and found.is_going,
        "credit_href": f"{reverse('invoice-credit', args=[found.invoice_id])}?dispute={found.pk}",
        "crumbs": crumbs(
            host_link(found.invoice.host) if is_host else Link(_("Disputes"), reverse("disputes")),
            invoice_link(found.invoice),
        ),
        "is_demonstration": found.invoice.host.is_demonstration,
    }
    return render(request, "billing/dispute.html", context, status=422 if form.errors else 200)


def _did(request: Request, found: Dispute, form: forms.AnswerForm) -> bool:
    """Do what the button says; whether there is nothing more to ask."""
    given: dict[str, Any] = {"actor": request.actor, "dispute": found, "at": request.at}
    match request.POST.get("do"):
        case "reject":
            disputes.reject(**given)
        case "withdraw":
            disputes.withdraw(**given)
        case _:
            require(request.actor, BILL, found.invoice.host_scope)
            if not form.is_valid():
                return False
            disputes.answer(text=form.cleaned_data["text"], **given)
    return True


def _dispute_summary(found: Dispute) -> Summary:
    entries = [
        Entry(_("Invoice"), invoice_link(found.invoice)),
        Entry(_("Of"), found.invoice.host.name),
        Entry(_("To"), found.invoice.payer.name),
        Entry(_("Opened"), Day(found.opened_at)),
        Entry(_("What is wrong"), found.text),
    ]
    if found.answer:
        entries += [Entry(_("Answer"), found.answer), Entry(_("Answered"), Day(found.answered_at))]
    if found.credit_note:
        entries.append(Entry(_("Credit note"), invoice_link(found.credit_note)))
    if found.settled_at:
        entries.append(Entry(_("Settled"), Day(found.settled_at)))
    return Summary(entries)
