"""The desk of a host, and the home of billing: what is left to bill, who owes what, what we owe."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core import exports
from sankul.core.doors import Request
from sankul.core.formats import inr, number
from sankul.core.rules.roles import require, verdict
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.core.ui import (
    Card,
    Cards,
    Column,
    Day,
    Empty,
    Link,
    Money,
    Notice,
    Table,
    Tile,
    Tiles,
    Tone,
)
from sankul.programme.billing.actions import invoices as actions
from sankul.programme.billing.models import Supplier
from sankul.programme.billing.queries import charges, invoices, parties, register, totals
from sankul.programme.billing.queries.charges import Draft
from sankul.programme.billing.queries.invoices import Account
from sankul.programme.billing.rules import BILL, GOING, KEEP_DETAILS, SEE_BILLED
from sankul.programme.registry.models import Organisation

from .parts import (
    account_href,
    asks,
    crumbs,
    host_link,
    invoice_columns,
    invoice_line,
    lines_table,
    marked,
    month_name,
    month_of,
    month_word,
    own,
    reference_notice,
    rupees,
    today,
    totals_table,
)


@require_safe
def home(request: Request) -> HttpResponse:
    """What the actor's institutions are owed, and what the actor's organisations owe."""
    made = invoices.accounts(request.actor, today(request))
    hosts, payers = made.hosts, made.payers
    seen = list(totals.clusters(request.actor))
    if not hosts and not payers and not seen:
        raise Forbidden(
            _("Billing is open to an institution's lab managers, nodal officer and members. Sign in, or ask yours.")
        )  # fmt: skip
    context = {
        "hosts": Cards([_host_card(one) for one in hosts]) if hosts else None,
        "owed": _accounts(made.owed_to_us, "payer") if hosts else None,
        "owes": _accounts(made.owed_by_us, "host") if payers else None,
        "clusters": [
            Link(one.name, reverse("billing-totals", args=[one.programme.slug, one.slug])) for one in seen
        ],
        "details": [
            Link(one.name, reverse("billing-details", args=[one.slug]))
            for one in parties.keeping(request.actor)
        ],
        "is_demonstration": marked([*hosts, *payers]),
    }  # fmt: skip
    return render(request, "billing/home.html", context)


def _host_card(host: Organisation) -> Card:
    text = _("Months to bill, invoices, payments, disputes and exports")
    return Card(host.name, reverse("billing-host", args=[host.slug]), text)


def _accounts(rows: Sequence[Account], other: str) -> Table:
    """Accounts by the other side."""
    label = _("Who owes") if other == "payer" else _("Owed to")
    columns = [
        Column("who", label),
        Column("owed", _("Open"), numeric=True),
        Column("overdue", _("of it overdue"), numeric=True),
        Column("ahead", _("Paid ahead"), numeric=True, fold=True),
    ]
    lines = [
        {
            "who": Link(getattr(one, other).name, account_href(one.host, one.payer)),
            "owed": Money(one.owed_inr),
            "overdue": Money(one.overdue_inr),
            "ahead": Money(one.on_account_inr),
        }
        for one in rows
    ]
    caption = _("What is owed to us") if other == "payer" else _("What we owe")
    empty = _("Everything is settled.")
    return Table(caption, columns, lines, empty=empty, hide_caption=True)


@require_safe
def host(request: Request, organisation: str) -> HttpResponse:
    """A host's desk: what is left to bill by month, what is owed, what is disputed, and how it bills."""
    found = own(request, organisation, SEE_BILLED)
    on, supplier = today(request), parties.supplier(found)
    every = invoices.accounts(request.actor, on).owed_to_us
    accounts = [one for one in every if one.host == found]
    disputes = invoices.disputes(request.actor).filter(invoice__host=found, state__in=GOING)
    context = {
        "host": found,
        "tiles": _tiles(accounts, disputes.count()),
        "months": _months(found, on),
        "accounts": _accounts(accounts, "payer"),
        "notices": [one for one in (_unready(found, supplier), reference_notice(supplier, on)) if one],
        "links": _links(request, found),
        "crumbs": crumbs(),
        "is_demonstration": found.is_demonstration,
    }  # fmt: skip
    return render(request, "billing/host.html", context)


def _tiles(accounts: Sequence[Account], disputes: int) -> Tiles:
    owed = sum((one.owed_inr for one in accounts), start=0)
    overdue = sum((one.overdue_inr for one in accounts), start=0)
    ahead = sum((one.on_account_inr for one in accounts), start=0)
    return Tiles(
        [
            Tile(_("Owed to us"), inr(owed)),
            Tile(_("of it overdue"), inr(overdue)),
            Tile(_("Paid ahead"), inr(ahead)),
            Tile(_("Disputes open"), number(disputes)),
        ]
    )


def _months(found: Organisation, on: date) -> Table:
    columns = [
        Column("month", _("Month")),
        Column("payers", _("Payers"), numeric=True, fold=True),
        Column("amount", _("Left to bill, without tax"), numeric=True),
        Column("state", _("Ready"), fold=True),
    ]
    rows = [
        {
            "month": Link(month_name(month), reverse("billing-month", args=[found.slug, month_word(month)])),
            "payers": number(payers),
            "amount": Money(amount),
            "state": _("ended") if charges.month_end(month) < on else _("goes on"),
        }
        for month, payers, amount in charges.months(found)
    ]  # fmt: skip
    empty = _("Nothing is left to bill.")
    return Table(_("Left to bill"), columns, rows, empty=empty, hide_caption=True)


def _unready(found: Organisation, supplier: Supplier | None) -> Notice | None:
    if supplier is not None:
        return None
    text = _(
        "The nodal officer records the institution's billing details, then how it bills. Charges are collected meanwhile."
    )
    return Notice(Tone.ATTENTION, text, _("This institution cannot issue invoices yet"))


def _links(request: Request, found: Organisation) -> list[Link]:
    links = [
        Link(_("All invoices"), f"{reverse('invoices')}?host={found.slug}"),
        Link(_("Disputes"), reverse("disputes")),
        Link(_("The law in use"), reverse("billing-law")),
    ]
    if verdict(request.actor, BILL, *found.scopes):
        links.insert(0, Link(_("Charge by hand"), reverse("billing-charge", args=[found.slug])))
    if verdict(request.actor, KEEP_DETAILS, *found.scopes):
        links += [
            Link(_("Billing details"), reverse("billing-details", args=[found.slug])),
            Link(_("How we bill"), reverse("billing-terms", args=[found.slug])),
        ]
    return links


@require_safe
def month(request: Request, organisation: str, month: str) -> HttpResponseBase:
    """A month of a host: drafts to look at, documents issued in it, and the export for the accountant."""
    found = own(request, organisation, SEE_BILLED)
    first, on = month_of(month), today(request)
    if form := request.GET.get("as", ""):
        if form not in exports.FORMATS:
            raise Http404
        return exports.answer(register.REGISTER, register.lines(request.actor, found, first), form)
    drafts = charges.drafts(found, first, on)
    rows = list(
        invoices.visible(request.actor).filter(
            host=found, issued_on__range=(first, charges.month_end(first))
        )
    )
    settled = invoices.settlements((row.host_id, row.payer_id) for row in rows)
    issued = [invoice_line(row, settled[row.host_id, row.payer_id], on) for row in rows]
    context = {
        "host": found,
        "month": month_name(first),
        "drafts": _drafts(drafts),
        "issued": Table(
            _("Issued in this month"), invoice_columns(host=False), issued,
            empty=_("No document was issued in this month."), hide_caption=True,
        ),
        "formats": [Link(name.upper(), f"?as={name}") for name in exports.FORMATS],
        "crumbs": crumbs(host_link(found)),
        "is_demonstration": found.is_demonstration,
    }  # fmt: skip
    return render(request, "billing/month.html", context)


def _drafts(drafts: Sequence[Draft]) -> Table:
    columns = [
        Column("payer", _("To")),
        Column("charges", _("Charges"), numeric=True, fold=True),
        Column("total", _("Total with tax"), numeric=True, unit="₹"),
        Column("state", _("May be issued"), fold=True),
    ]
    rows = [
        {
            "payer": Link(
                one.payer.name,
                reverse("billing-draft", args=[one.host.slug, month_word(one.month), one.payer.slug]),
            ),
            "charges": number(len(one.charges)),
            "total": rupees(one.content.computed.totals.total_inr) if one.content else "–",
            "state": _("yes") if one.verdict else one.verdict.reason,
        }
        for one in drafts
    ]  # fmt: skip
    return Table(
        _("Drafts"), columns, rows, hide_caption=True, empty=_("Nothing is left to bill for this month.")
    )  # fmt: skip


@asks
def draft(request: Request, organisation: str, month: str, payer: str) -> HttpResponse:
    """What the invoice of a month would say; issue it."""
    found = own(request, organisation, SEE_BILLED)
    other, first = get_object_or_404(Organisation, slug=payer), month_of(month)
    if request.method == "POST":
        return _issue(request, found, other, first)
    made = charges.draft(found, other, first, today(request))
    may_bill = bool(verdict(request.actor, BILL, *found.scopes))
    content = made.content
    context = {
        "draft": made,
        "month": month_name(first),
        "lines": lines_table(content.computed) if content else None,
        "sums": totals_table(content.computed.totals) if content else None,
        "words": content.computed.totals.words if content else "",
        "statements": content.computed.statements if content else [],
        "charges": _charges(made, may_bill),
        "refusal": None if made.verdict else Notice(Tone.ATTENTION, made.verdict.reason),
        "empty": Empty(_("Nothing to bill"), _("Charges of this month are billed or waived.")),
        "may_issue": may_bill and bool(made.verdict),
        "seen": ",".join(map(str, made.charge_ids)),
        "crumbs": crumbs(
            host_link(found),
            Link(month_name(first), reverse("billing-month", args=[found.slug, month_word(first)])),
        ),
        "is_demonstration": found.is_demonstration,
    }  # fmt: skip
    return render(request, "billing/draft.html", context)


def _charges(made: Draft, may_bill: bool) -> Table:
    columns = [
        Column("what", _("Charge")),
        Column("day", _("Day"), fold=True),
        Column("cause", _("For"), fold=True),
        Column("amount", _("Amount"), numeric=True, unit="₹"),
        *([Column("change", _("Change"))] if may_bill else []),
    ]
    rows = [
        {
            "what": one.title,
            "day": Day(one.happened_on),
            "cause": one.get_cause_display(),
            "amount": rupees(one.amount_inr),
            "change": Link(_("Waive"), reverse("charge-waive", args=[one.pk])),
        }
        for one in made.charges
    ]
    return Table(_("Charges in it"), columns, rows, hide_caption=True)


def _issue(request: Request, found: Organisation, other: Organisation, first: date) -> HttpResponse:
    require(request.actor, BILL, *found.scopes)
    told = request.POST.get("seen", "")
    seen = [int(one[:18]) for one in told.split(",") if one.isascii() and one.isdigit()]
    try:
        made = actions.issue(
            actor=request.actor, host=found, payer=other, month=first, at=request.at, seen=seen
        )
    except Forbidden:
        raise
    except Refused as refusal:
        messages.error(request, refusal.reason)
        return redirect("billing-draft", found.slug, month_word(first), other.slug)
    messages.success(request, _("Issued as %s.") % made.serial)
    return redirect("invoice", made.pk)
