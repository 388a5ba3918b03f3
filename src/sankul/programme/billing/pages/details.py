"""Billing details, how a host bills, charges by hand, and waiving."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core.doors import Request, listing
from sankul.core.rules.roles import require
from sankul.core.ui import Column, Day, Link, Pages, State, Table, Tone
from sankul.programme.billing import forms
from sankul.programme.billing.actions import charges, parties
from sankul.programme.billing.actions.charges import Thing
from sankul.programme.billing.models import BillingParty
from sankul.programme.billing.queries import charges as charge_queries
from sankul.programme.billing.queries import parties as queries
from sankul.programme.billing.rules import BILL, KEEP_DETAILS, Cause
from sankul.programme.facilities.queries.prices import relation_of
from sankul.programme.facilities.rules import UserClass
from sankul.programme.registry.models import Organisation

from .parts import asks, change, crumbs, host_link, month_word, own, rupees, today

KEPT = (
    "legal_name", "address", "city", "postcode", "state", "country", "gstin", "is_sez", "email",
)  # fmt: skip
TERMS = (
    "treatment", "exemption", "signatory", "bank", "account", "ifsc", "pay_within_days",
    "turnover_inr", "lut", "lut_until_on",
)  # fmt: skip


@asks
def details(request: Request, organisation: str) -> HttpResponse:
    """Record an organisation's billing details from a day on; those before stay on the documents that they are on."""
    found = own(request, organisation, KEEP_DETAILS)
    held = found.billing_parties.first()
    initial: dict[str, Any] = {name: getattr(held, name) for name in KEPT} if held else {}
    initial |= {"from_on": today(request)}
    form = forms.DetailsForm(request.POST or None, initial=initial)
    return change(
        request, form,
        lambda: parties.record(actor=request.actor, organisation=found, at=request.at, **form.given),
        heading=_("Billing details of %s") % found.name,
        told=_("The billing details are recorded."),
        back=reverse("billing"),
        organisation=found,
        more={
            "lede": _("They stand on every invoice to this organisation, and on those that it issues."),
            "aside": _held(list(found.billing_parties.all())),
            "crumbs": crumbs(),
        },
    )  # fmt: skip


def _held(rows: list[BillingParty]) -> Table:
    columns = [
        Column("name", _("Legal name")),
        Column("gstin", _("GSTIN"), fold=True),
        Column("state", _("State"), fold=True),
        Column("from", _("From")),
        Column("until", _("Until")),
    ]
    lines = [
        {
            "name": row.legal_name,
            "gstin": row.gstin or _("not registered"),
            "state": row.get_state_display() or row.country,
            "from": Day(row.from_on),
            "until": Day(row.until_on) if row.until_on else _("open"),
        }
        for row in rows
    ]
    return Table(_("On record"), columns, lines, empty=_("Nothing is on record yet."))


@asks
def terms(request: Request, organisation: str) -> HttpResponse:
    """Say how a host bills."""
    found = own(request, organisation, KEEP_DETAILS)
    held = queries.supplier(found)
    initial = {name: getattr(held, name) for name in TERMS} if held else {}
    initial |= {"serial_prefix": held.prefix} if held else {}
    form = forms.TermsForm(request.POST or None, initial=initial)
    return change(
        request, form,
        lambda: parties.set_terms(actor=request.actor, organisation=found, at=request.at, **form.given),
        heading=_("How %s bills") % found.name,
        told=_("It holds for the documents that are issued from now on."),
        back=reverse("billing"),
        organisation=found,
        more={
            "lede": _("Ask the accountant where you are not sure: what is issued is never changed."),
            "crumbs": crumbs(),
        },
    )  # fmt: skip


SORTS = {"day": "happened_on", "amount": "amount_inr"}
FILTERS = {"host": "host__slug", "payer": "payer__slug", "cause": "cause"}


@require_safe
def charge_list(request: Request) -> HttpResponse:
    """What is charged, from both sides: billed, waived with its reason, or still to be billed."""
    found = listing(
        request, charge_queries.visible(request.actor),
        search=("title", "host__name", "payer__name"), sorts=SORTS, filters=FILTERS, default="-day",
    )  # fmt: skip
    columns = [
        Column("what", _("What")),
        Column("host", _("Charged by"), fold=True),
        Column("payer", _("Charged to"), fold=True),
        Column("cause", _("For"), fold=True),
        Column("day", _("Day"), sort="day", fold=True),
        Column("amount", _("Amount, without tax"), numeric=True, unit="₹", sort="amount"),
        Column("state", _("State")),
    ]
    empty = _("Nothing is charged that you may see. Uses of instruments are charged as they end.")
    context = {
        "found": found,
        "table": Table(
            _("Charges"), columns, [_charge_row(row) for row in found.rows], request.GET,
            hide_caption=True, empty=empty,
        ),
        "pages": Pages(
            request.GET, page=found.page, last=found.page + found.has_next,
            total=None if found.is_capped else found.total,
        ),
        "crumbs": crumbs(),
        "is_demonstration": any(row.host.is_demonstration for row in found.rows),
    }  # fmt: skip
    return render(request, "billing/charges.html", context)


def _charge_row(row: Any) -> dict[str, Any]:
    return {
        "what": row.title,
        "host": row.host.name,
        "payer": row.payer.name,
        "cause": row.get_cause_display(),
        "day": Day(row.happened_on),
        "amount": rupees(row.amount_inr),
        "state": _charge_state(row),
    }


def _charge_state(row: Any) -> State:
    """Where a charge stands; of a waived one, why."""
    if row.waived_at is not None:
        return State(Tone.UNKNOWN, _("waived: %s") % row.waived_reason)
    if row.is_billed:
        return State(Tone.GOOD, _("billed"))
    return State(Tone.ATTENTION, _("to be billed"))


@asks
def charge(request: Request, organisation: str) -> HttpResponse:
    """Charge something by hand: a course, a workshop, what no booking tells of."""
    found = own(request, organisation, BILL)
    form = forms.ChargeForm(
        request.POST or None, host=found, initial={"happened_on": today(request)}
    )
    return change(
        request, form,
        lambda: charges.charge(
            actor=request.actor, host=found, payer=form.cleaned_data["payer"],
            thing=_thing(found, form), at=request.at,
        ),
        heading=_("Charge by hand"),
        told=_("It is charged, and stands in the draft of its month."),
        back=reverse("billing-host", args=[found.slug]),
        organisation=found,
        more={"crumbs": crumbs(host_link(found))},
    )  # fmt: skip


def _thing(host: Organisation, form: forms.ChargeForm) -> Thing:
    data = form.cleaned_data
    return Thing(
        cause=Cause.OTHER,
        title=data["title"],
        sac=data["sac"],
        happened_on=data["happened_on"],
        lines=[form.line],
        user_class=UserClass.of(data["payer"].kind),
        relation=relation_of(host, data["payer"]),
    )


@asks
def waive(request: Request, number: int) -> HttpResponse:
    """Waive a charge, with the reason."""
    found = get_object_or_404(charge_queries.visible(request.actor), pk=number)
    require(request.actor, BILL, found.host_scope)
    if found.waived_at is not None:
        raise Http404
    month = month_word(found.happened_on)
    form = forms.WaiveForm(request.POST or None)
    return change(
        request, form,
        lambda: charges.waive(actor=request.actor, charge=found, at=request.at, **form.cleaned_data),
        heading=_("Waive the charge “%s”") % found.title,
        told=_("The charge is waived."),
        back=reverse("billing-draft", args=[found.host.slug, month, found.payer.slug]),
        organisation=found.host,
        more={
            "crumbs": crumbs(
                host_link(found.host),
                Link(found.payer.name, reverse("billing-draft", args=[found.host.slug, month, found.payer.slug])),
            )
        },
    )  # fmt: skip
