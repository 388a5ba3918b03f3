"""Facilities, their services and what is used up there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sankul.core.actions.rows import write
from sankul.core.rules.roles import Actor, require
from sankul.programme.facilities.models import Consumable, Facility, Service, Technique
from sankul.programme.facilities.rules import MANAGE_FACILITY
from sankul.programme.facilities.rules.hours import why_not_zone
from sankul.programme.facilities.rules.life import why_not_slug
from sankul.programme.registry.models import Organisation

from . import rows

REASONS = {
    "facility_slug_once": _("The institution has another facility of this short name."),
    "facility_on_the_globe": _("Give latitude and longitude both, in degrees."),
    "service_slug_once": _("The facility has another service of this short name."),
    "consumable_name_once": _("The facility has another consumable of this name."),
}


class Told(TypedDict, total=False):
    """What is told of a facility; whatever is left out stays as it was."""

    slug: str
    name: str
    summary: str
    place: str
    latitude: Decimal | None
    longitude: Decimal | None
    timezone: str
    contact_email: str
    answer_within_hours: int
    outsider_share_percent: int
    acknowledgement: str
    is_active: bool


@transaction.atomic
def establish(
    *, actor: Actor, organisation: Organisation, at: datetime, **given: Unpack[Told]
) -> Facility:
    """Enter a facility of an institution. Raises Refused for a short name that is taken and for a zone that does not exist."""
    require(actor, MANAGE_FACILITY, *organisation.scopes)
    made = Facility(organisation=organisation)
    _fill(made, given)
    rows.record(actor, "facility.established", made, at, made.scopes)
    return made


@transaction.atomic
def revise(*, actor: Actor, facility: Facility, at: datetime, **given: Unpack[Told]) -> Facility:
    """Change what is told of a facility. Raises Refused as ``establish`` does."""
    found = rows.facility(actor, facility)
    _fill(found, given)
    rows.record(actor, "facility.revised", found, at, found.scopes)
    return found


class Offered(TypedDict, total=False):
    """What is told of a service; whatever is left out stays as it was."""

    slug: str
    name: str
    summary: str
    sample_kinds: list[str]
    turnaround_days: int
    unit_name: str
    is_active: bool
    techniques: Iterable[Technique]


@transaction.atomic
def offer(*, actor: Actor, facility: Facility, at: datetime, **given: Unpack[Offered]) -> Service:
    """Offer work on samples that are sent in. Raises Refused for a short name that is taken."""
    made = Service(facility=rows.facility(actor, facility))
    return _served(actor, made, dict(given), at, "service.offered")


@transaction.atomic
def revise_service(
    *, actor: Actor, service: Service, at: datetime, **given: Unpack[Offered]
) -> Service:
    """Change what is told of a service."""
    rows.facility(actor, service.facility)
    found = Service.objects.select_related("facility__organisation").get(pk=service.pk)
    return _served(actor, found, dict(given), at, "service.revised")


@transaction.atomic
def stock(
    *,
    actor: Actor,
    facility: Facility,
    name: str,
    unit_name: str,
    price_inr: Decimal,
    at: datetime,
    is_active: bool = True,
) -> Consumable:
    """Set the price of a consumable, by its name. What was used before keeps the price that was noted then."""
    of = rows.facility(actor, facility)
    made = of.consumables.filter(name=name.strip()).first() or Consumable(facility=of)
    told = {"name": name, "unit_name": unit_name, "price_inr": price_inr, "is_active": is_active}
    rows.fill(made, told)
    write(made, reasons=REASONS)
    rows.record(actor, "consumable.priced", made, at, of.scopes, price_inr=price_inr)
    return made


def _fill(made: Facility, given: Told) -> None:
    rows.fill(made, given)
    why_not_slug(made.slug).enforce()
    why_not_zone(made.timezone).enforce()
    write(made, reasons=REASONS)


def _served(actor: Actor, made: Service, given: dict[str, Any], at: datetime, verb: str) -> Service:
    techniques = given.pop("techniques", None)
    if "sample_kinds" in given:
        given["sample_kinds"] = rows.samples(given["sample_kinds"])
    rows.fill(made, given)
    why_not_slug(made.slug).enforce()
    write(made, reasons=REASONS)
    if techniques is not None:
        made.techniques.set(techniques)
    rows.record(actor, verb, made, at, made.scopes)
    return made
