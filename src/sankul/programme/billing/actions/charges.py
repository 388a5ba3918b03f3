"""Charging, and waiving a charge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _t

from sankul.core.actions import events
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.programme.billing.models import Charge
from sankul.programme.billing.queries import charges as queries
from sankul.programme.billing.rules import BILL, Cause, to_paisa
from sankul.programme.billing.rules.life import why_not_waive
from sankul.programme.facilities.models import Tariff
from sankul.programme.facilities.rules import Relation, UserClass
from sankul.programme.registry.models import Organisation


class Priced(NamedTuple):
    """One line of an estimate: so many units at a rate make an amount, in rupees to the paisa."""

    description: str
    quantity: Decimal
    unit: str
    rate_inr: Decimal
    amount_inr: Decimal


@dataclass(frozen=True, kw_only=True)
class Thing:
    """What is charged: ``source`` names the record that it comes from, which is charged once; empty for one written by hand."""

    cause: Cause
    title: str
    sac: str
    happened_on: date
    lines: Sequence[Priced]
    user_class: UserClass
    relation: Relation
    source: str = ""
    tariff: Tariff | None = None


@transaction.atomic
def charge(
    *, actor: Actor | None, host: Organisation, payer: Organisation, thing: Thing, at: datetime
) -> Charge:
    """Charge a payer for something that a host did; the same source again is the same charge.

    Raises Refused for an amount below zero, no lines, and where one of the two is fictional and the other not.
    """
    if actor is not None:
        require(actor, BILL, *host.scopes)
    if thing.source:
        made = Charge.objects.filter(source=thing.source).first()
        if made is not None:
            return made
    if any(line.amount_inr < 0 or line.quantity < 0 for line in thing.lines) or not thing.lines:
        raise Refused(_t("A charge has lines, none of them below zero."))
    if host.is_demonstration != payer.is_demonstration:
        raise Refused(_t("Real and fictional never mix: one of the two is a demonstration."))
    made = row(host, payer, thing, at)
    made.save()
    events.record(
        actor=actor,
        verb="charge.made",
        subject=made,
        at=at,
        scopes=(*host.scopes, *payer.scopes),
        data={"source": thing.source, "amount_inr": str(made.amount_inr)},
    )
    return made


def row(host: Organisation, payer: Organisation, thing: Thing, at: datetime) -> Charge:
    """The charge as a row that is not written yet."""
    lines = [told(line) for line in thing.lines]
    return Charge(
        host=host,
        payer=payer,
        cause=thing.cause,
        source=thing.source,
        title=thing.title[:250],
        user_class=thing.user_class,
        relation=thing.relation,
        tariff=thing.tariff,
        sac=thing.sac,
        lines=lines,
        amount_inr=sum((Decimal(line["amount_inr"]) for line in lines), Decimal(0)),
        happened_on=thing.happened_on,
        recorded_at=at,
    )


def told(line: Priced) -> dict[str, str]:
    """A line as it is stored: decimals as texts."""
    return {
        "description": line.description,
        "quantity": format(line.quantity.normalize(), "f"),
        "unit": line.unit,
        "rate_inr": format(line.rate_inr, "f"),
        "amount_inr": str(to_paisa(line.amount_inr)),
    }


@transaction.atomic
def waive(*, actor: Actor, charge: Charge, reason: str, at: datetime) -> Charge:
    """Waive a charge that is not billed yet, with the reason that the payer will read."""
    require(actor, BILL, charge.host_scope)
    held = Charge.objects.select_for_update().get(pk=charge.pk)
    why_not_waive(
        is_waived=held.waived_at is not None, is_billed=queries.is_billed(held), reason=reason
    ).enforce()
    held.waived_at, held.waived_by, held.waived_reason = at, actor.user, reason.strip()[:300]
    held.save(update_fields=["waived_at", "waived_by", "waived_reason"])
    events.record(
        actor=actor,
        verb="charge.waived",
        subject=held,
        at=at,
        scopes=(*held.host.scopes, *held.payer.scopes),
        data={"amount_inr": str(held.amount_inr)},
    )
    return held
