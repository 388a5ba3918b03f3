"""Recording billing details, and how a host bills."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.core.actions import events
from sankul.core.actions.constraints import refusing
from sankul.core.formats import day
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.programme.billing.models import BillingParty, Supplier
from sankul.programme.billing.queries import parties
from sankul.programme.billing.rules import KEEP_DETAILS, Treatment, gstin
from sankul.programme.billing.rules.life import why_not_details
from sankul.programme.billing.rules.serials import why_not_prefix
from sankul.programme.registry.models import Organisation


@dataclass(frozen=True, kw_only=True)
class Details:
    """What an organisation says about itself for invoices; see ``models.BillingParty``."""

    legal_name: str
    address: str
    city: str
    postcode: str = ""
    state: str = ""
    country: str = "IN"
    gstin: str = ""
    is_sez: bool = False
    email: str = ""


@transaction.atomic
def record(
    *,
    actor: Actor | None,
    organisation: Organisation,
    details: Details,
    from_on: date,
    at: datetime,
) -> BillingParty:
    """Record billing details that hold from a day; those before end the day before. Documents issued keep what they said.

    Raises Refused where the registration is wrong or of another state, or where the day is not after that of the details before.
    """
    if actor is not None:
        require(actor, KEEP_DETAILS, *organisation.scopes)
    number = _known_gstin(details.gstin)
    host = parties.supplier(organisation)
    why_not_details(
        gstin=number,
        state=details.state,
        country=details.country,
        treatment=host.treatment if host else "",
    ).enforce()
    _end_before(organisation, from_on)
    given = asdict(details) | {"gstin": number}
    made = BillingParty(organisation=organisation, from_on=from_on, **given)
    made.save()
    events.record(
        actor=actor,
        verb="billing_party.recorded",
        subject=made,
        at=at,
        scopes=organisation.scopes,
        data={"organisation": organisation.pk, "from": from_on.isoformat()},
    )
    return made


def _known_gstin(text: str) -> str:
    number = gstin(text)
    if text.strip() and not number:
        raise Refused(
            _t("“%s” is no GSTIN: its form, its state or its check character is wrong.")
            % text.strip()
        )
    return number


def _end_before(organisation: Organisation, from_on: date) -> None:
    Organisation.objects.select_for_update().get(pk=organisation.pk)  # one at a time
    last = organisation.billing_parties.order_by("-from_on").first()
    if last is None:
        return
    if last.from_on >= from_on:
        raise Refused(
            _t("The details on record hold from %s on: the new ones begin later.")
            % day(last.from_on)
        )
    if last.until_on is None or last.until_on >= from_on:
        last.until_on = from_on - timedelta(days=1)
        last.save(update_fields=["until_on"])


@dataclass(frozen=True, kw_only=True)
class Terms:
    """How a host bills; see ``models.Supplier``."""

    treatment: str
    prefix: str
    signatory: str
    exemption: str = ""
    bank: str = ""
    account: str = ""
    ifsc: str = ""
    pay_within_days: int = 30
    turnover_inr: Decimal | None = None
    lut: str = ""
    lut_until_on: date | None = None


@transaction.atomic
def set_terms(
    *, actor: Actor | None, organisation: Organisation, terms: Terms, at: datetime
) -> Supplier:
    """Say how a host bills. Its own billing details come first; a prefix that has numbered a document stays.

    Raises Refused for a prefix that another host has, or that would break the form of serial numbers.
    """
    if actor is not None:
        require(actor, KEEP_DETAILS, *organisation.scopes)
    _check_terms(organisation, terms, at)
    with refusing({"billing_supplier_prefix_key": _("Another institution has this prefix.")}):
        supplier, _is_new = Supplier.objects.update_or_create(
            organisation=organisation, defaults=asdict(terms)
        )
    events.record(
        actor=actor,
        verb="supplier.set",
        subject=supplier,
        at=at,
        scopes=organisation.scopes,
        data={"treatment": terms.treatment, "prefix": terms.prefix},
    )
    return supplier


def _check_terms(organisation: Organisation, terms: Terms, at: datetime) -> None:
    why_not_prefix(terms.prefix).enforce()
    own = parties.known(organisation, at.date())
    if own is None:
        raise Refused(_t("Record the institution's own billing details first."))
    why_not_details(
        gstin=own.gstin, state=own.state, country=own.country, treatment=terms.treatment
    ).enforce()
    if own.country != "IN":
        raise Refused(_t("A host that bills by Indian law is in India."))
    if terms.treatment == Treatment.EXEMPT and not terms.exemption.strip():
        raise Refused(_t("Say by which notification the supplies are exempt."))
    held = parties.supplier(organisation)
    if held and held.prefix != terms.prefix and held.invoices.exists():
        raise Refused(_t("Documents are numbered with %s already: the prefix stays.") % held.prefix)
