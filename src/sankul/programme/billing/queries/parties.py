"""Billing details of organisations, and how hosts bill."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet

from sankul.core.rules.roles import Actor, Permission, narrowed
from sankul.programme.billing.models import BillingParty, Supplier
from sankul.programme.billing.rules import KEEP_DETAILS, SEE_BILLED, SEE_OWED, Party
from sankul.programme.registry.models import Organisation


def known(organisation: Organisation, on: date) -> BillingParty | None:
    """The billing details of an organisation on a day, if it has recorded them."""
    return BillingParty.objects.on(on).filter(organisation=organisation).first()


def told(organisation: Organisation, on: date) -> Party:
    """An organisation as it stands on a document of a day: by its name alone where nothing else is on record."""
    found = known(organisation, on)
    return found.party if found else bare(organisation)


def told_of(organisations: Iterable[Organisation], on: date) -> dict[int, Party]:
    """The same for many, by id: one query."""
    named = {one.pk: bare(one) for one in organisations}
    rows = BillingParty.objects.on(on).filter(organisation__in=named)
    return named | {row.organisation_id: row.party for row in rows}


def bare(organisation: Organisation) -> Party:
    """An organisation by its name and country alone."""
    return Party(organisation.name, country=organisation.country)


def supplier(organisation: Organisation) -> Supplier | None:
    """How an organisation bills, if it has said so."""
    return Supplier.objects.filter(organisation=organisation).first()


def hosts(actor: Actor) -> QuerySet[Organisation]:
    """The actor's institutions that bill or may, by name."""
    return _where(actor, SEE_BILLED)


def payers(actor: Actor) -> QuerySet[Organisation]:
    """The actor's organisations whose bills the actor may see."""
    return _where(actor, SEE_OWED)


def keeping(actor: Actor) -> QuerySet[Organisation]:
    """The organisations whose billing details the actor keeps."""
    return _where(actor, KEEP_DETAILS)


def _where(actor: Actor, permission: Permission) -> QuerySet[Organisation]:
    rows = Organisation.objects.filter(narrowed(actor, permission, organisation="pk"))
    return rows.order_by("name", "pk")
