"""Tariffs, which begin on a day and never change what was booked before."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TypedDict, Unpack

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.core.actions.rows import write
from sankul.core.formats import day
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.programme.facilities.models import Facility, Instrument, Service, Tariff
from sankul.programme.facilities.queries.hours import zone_of
from sankul.programme.facilities.rules import MANAGE_FACILITY
from sankul.programme.facilities.rules.life import why_not_tariff_end, why_not_tariff_from
from sankul.programme.facilities.rules.prices import why_not_tariff

from . import rows

REASONS = {
    name: _("Another tariff holds in that time.")
    for name in ("tariff_of_instrument_one_at_a_time", "tariff_of_service_one_at_a_time")
}


class Amounts(TypedDict, total=False):
    """What a tariff says (see ``models.Tariff``)."""

    rate_inr: Decimal
    minimum_inr: Decimal
    assistance_inr_hour: Decimal
    peak_percent: int
    peak_from: time | None
    peak_until: time | None
    cancellation_percent: int
    no_show_percent: int
    sac: str


@transaction.atomic
def begin(
    *,
    actor: Actor,
    what: Instrument | Service,
    user_classes: Collection[str],
    relations: Collection[str],
    from_on: date,
    at: datetime,
    **amounts: Unpack[Amounts],
) -> list[Tariff]:
    """Have a tariff begin on a day for every class and relation named; what holds then ends on the day before.

    It holds until a later one begins that is planned already. Raises Refused for a day in the past, where another begins on that
    very day, and for peak hours told by half.
    """
    facility = _facility(actor, what)
    why_not_tariff_from(from_on=from_on, today=_today(facility, at)).enforce()
    if not user_classes or not relations:
        raise Refused(_t("Choose at least one class of users and one relation."))
    made = [
        _begin(what, user_class, relation, from_on, amounts)
        for user_class in user_classes
        for relation in relations
    ]
    told = {"from_on": from_on, "tariffs": [row.pk for row in made]}
    rows.record(actor, "tariff.begun", what, at, facility.scopes, **told)
    return made


@transaction.atomic
def end(*, actor: Actor, tariff: Tariff, on: date, at: datetime) -> Tariff:
    """Have a tariff end on a day: from the next day on there is no price for its class and relation."""
    what = tariff.what
    facility = _facility(actor, what)
    found = Tariff.objects.select_for_update().get(pk=tariff.pk)
    why_not_tariff_end(
        from_on=found.from_on, until_on=found.until_on, ends_on=on, today=_today(facility, at)
    ).enforce()
    found.until_on = on
    found.save(update_fields=["until_on"])
    rows.record(actor, "tariff.ended", what, at, facility.scopes, tariff=found.pk, until_on=on)
    return found


def _facility(actor: Actor, what: Instrument | Service) -> Facility:
    if isinstance(what, Instrument):
        return rows.instrument(actor, what).facility
    require(actor, MANAGE_FACILITY, *what.scopes)
    return rows.facility(actor, what.facility)


def _today(facility: Facility, at: datetime) -> date:
    return timezone.localdate(at, zone_of(facility))


def _begin(
    what: Instrument | Service, user_class: str, relation: str, from_on: date, amounts: Amounts
) -> Tariff:
    own = what.tariffs.filter(user_class=user_class, relation=relation)
    if own.filter(from_on=from_on).exists():
        raise Refused(_t("A tariff begins on %s already. Choose a later day.") % day(from_on))
    before = own.on(from_on).first()
    until_on = before.until_on if before else None
    if before:
        before.until_on = from_on - timedelta(days=1)
        before.save(update_fields=["until_on"])
    elif following := own.filter(from_on__gt=from_on).order_by("from_on").first():
        until_on = following.from_on - timedelta(days=1)
    made = Tariff(
        instrument=what if isinstance(what, Instrument) else None,
        service=what if isinstance(what, Service) else None,
        user_class=user_class,
        relation=relation,
        from_on=from_on,
        until_on=until_on,
    )
    rows.fill(made, amounts)
    why_not_tariff(
        peak_percent=made.peak_percent, peak_from=made.peak_from, peak_until=made.peak_until
    ).enforce()
    write(made, reasons=REASONS)
    return made
