"""The statement of account between a host and a payer, where payments are recorded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from sankul.core.doors import Request
from sankul.core.rules.roles import require, verdict
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.core.ui import Column, Day, Table, Tile, Tiles
from sankul.programme.billing import forms
from sankul.programme.billing.actions import payments
from sankul.programme.billing.models import Invoice
from sankul.programme.billing.queries import invoices as queries
from sankul.programme.billing.queries.invoices import Entry
from sankul.programme.billing.rules import BILL, SEE_BILLED, SEE_OWED, Settlement
from sankul.programme.registry.models import Organisation

from .parts import asks, crumbs, exact, host_link, invoice_link, today


@asks
def account(request: Request, organisation: str, payer: str) -> HttpResponse:
    """Everything between a host and a payer with the balance after each, and the form that records a payment."""
    host = get_object_or_404(Organisation, slug=organisation)
    other = get_object_or_404(Organisation, slug=payer)
    is_host = bool(verdict(request.actor, SEE_BILLED, *host.scopes))
    if not is_host and not verdict(request.actor, SEE_OWED, *other.scopes):
        require(request.actor, SEE_BILLED, *host.scopes)
    entries = queries.statement(request.actor, host, other)
    if not entries and not is_host:
        raise Http404
    form = _form(request, host, other, entries)
    if form is not None and form.is_bound and form.is_valid() and _paid(request, host, other, form):
        return redirect(request.path)
    context = {
        "host": host,
        "payer": other,
        "tiles": _tiles(queries.settlement(host.pk, other.pk)),
        "table": _table(entries),
        "form": form,
        "crumbs": crumbs(*([host_link(host)] if is_host else [])),
        "is_demonstration": host.is_demonstration,
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "billing/account.html", context, status=status)


def _form(
    request: Request, host: Organisation, payer: Organisation, entries: Sequence[Entry]
) -> forms.PaymentForm | None:
    if request.method == "POST":
        require(request.actor, BILL, *host.scopes)
    elif not verdict(request.actor, BILL, *host.scopes):
        return None
    asking = [
        one.what for one in entries if isinstance(one.what, Invoice) and not one.what.is_credit
    ]
    return forms.PaymentForm(
        request.POST or None, invoices=asking, initial={"paid_on": today(request)}
    )


def _paid(
    request: Request, host: Organisation, payer: Organisation, form: forms.PaymentForm
) -> bool:
    try:
        payments.record(actor=request.actor, host=host, payer=payer, at=request.at, **form.given)
    except Forbidden:
        raise
    except Refused as refusal:
        form.add_error(None, refusal.reason)
        return False
    messages.success(request, _("The payment is recorded."))
    return True


def _tiles(settled: Settlement) -> Tiles:
    return Tiles(
        [
            Tile(_("Open"), exact(settled.owed_inr)),
            Tile(_("On account"), exact(settled.on_account_inr), _("paid, and not used by an invoice yet")),
        ]
    )  # fmt: skip


def _table(entries: Sequence[Entry]) -> Table:
    columns = [
        Column("what", _("What")),
        Column("on", _("Day"), fold=True),
        Column("kind", _("Kind"), fold=True),
        Column("amount", _("Amount"), numeric=True),
        Column("balance", _("Balance"), numeric=True),
    ]
    rows = [_row(one) for one in entries]
    empty = _("Nothing has been billed or paid between the two.")
    return Table(_("Statement of account"), columns, rows, empty=empty, hide_caption=True)


def _row(one: Entry) -> dict[str, Any]:
    what = one.what
    return {
        "what": invoice_link(what) if isinstance(what, Invoice) else what.reference,
        "on": Day(one.on),
        "kind": what.get_kind_display() if isinstance(what, Invoice) else _("Payment"),
        "amount": exact(one.amount_inr),
        "balance": exact(one.balance_inr),
    }
