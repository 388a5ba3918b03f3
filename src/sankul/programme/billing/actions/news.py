"""Charges from what happened: uses, late cancellations, bookings that nobody came for, and orders of samples."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _t

from sankul.core.formats import day, inr_exact
from sankul.core.models import Event
from sankul.programme.billing.models import Charge
from sankul.programme.billing.rules import Cause
from sankul.programme.billing.rules.pricing import Span, charged
from sankul.programme.bookings.models import Booking, Order, Use
from sankul.programme.bookings.rules import OrderState, State
from sankul.programme.facilities.models import Tariff
from sankul.programme.facilities.rules import Relation, UserClass
from sankul.programme.facilities.rules.prices import (
    Line,
    Used,
    estimate,
    estimate_work,
    share_of,
)

from .charges import Priced, Thing, charge

VERBS = ("booking.completed", "booking.cancelled", "booking.no_show", "order.done")
"""The news that may cost somebody something."""


def follow(event: Event) -> Charge | None:
    """The charge that a piece of news makes, if any; the same news again is the same charge."""
    kind, _slash, number = event.subject.partition("/")
    if kind == "booking":
        booking = Booking.objects.filter(pk=int(number)).first()
        return of_booking(booking, event.at) if booking else None
    order = Order.objects.filter(pk=int(number)).first()
    return of_order(order, event.at) if order else None


def of_booking(booking: Booking, at: datetime) -> Charge | None:
    """Charge a booking; see ``thing_of``."""
    thing, host = thing_of(booking), booking.instrument.facility.organisation
    if thing is None:
        return None
    return charge(actor=None, host=host, payer=booking.organisation, thing=thing, at=at)


def thing_of(booking: Booking) -> Thing | None:
    """What a booking costs that was used, cancelled late or not come for, by the tariff in force when it was made.

    None where nothing is due: no tariff, an early cancellation, a share of nothing, or an institution's own instrument, which is
    no supply to anybody (CGST Act, section 7).
    """
    host, tariff = booking.instrument.facility.organisation_id, booking.tariff
    if tariff is None or booking.organisation_id == host:
        return None
    due = _due(booking, tariff)
    if due is None or not any(line.amount_inr for line in due[1]):
        return None
    on = booking.starts_at.astimezone(booking.zone).date()
    return Thing(
        cause=due[0],
        title=f"{booking.instrument.name}, {day(on)}",
        source=f"booking/{booking.pk}",
        sac=tariff.sac,
        tariff=tariff,
        lines=due[1],
        happened_on=on,
        user_class=UserClass(booking.user_class),
        relation=Relation(booking.relation),
    )


def _due(booking: Booking, tariff: Tariff) -> tuple[Cause, list[Priced]] | None:
    match booking.state:
        case State.COMPLETED:
            return Cause.USE, _use_lines(booking, tariff)
        case State.NO_SHOW:
            return Cause.NO_SHOW, _share_lines(booking, tariff, tariff.no_show_percent)
        case State.CANCELLED if booking.is_late:
            share = tariff.cancellation_percent
            return Cause.CANCELLATION, _share_lines(booking, tariff, share)
        case _:
            return None


def _use_lines(booking: Booking, tariff: Tariff) -> list[Priced]:
    use = getattr(booking, "use", None)  # none where the host said so without a start
    used = Span(use.started_at, use.stopped_at) if use and use.stopped_at else None
    span = charged(Span(booking.starts_at, booking.ends_at), used)
    return _estimated(booking, tariff, span, booking.zone, _consumed(use) if use else ())


def _estimated(
    booking: Booking, tariff: Tariff, span: Span, zone: ZoneInfo, used: Iterable[Used] = ()
) -> list[Priced]:
    made = estimate(tariff, span.starts_at, span.ends_at, zone, booking.is_assisted, used)
    return [_priced(line) for line in made.lines]


def _consumed(use: Use) -> list[Used]:
    rows = use.consumptions.all()
    return [
        Used(row.consumable.name, row.quantity, row.consumable.unit_name, row.price_inr)
        for row in sorted(rows, key=lambda row: row.pk)
    ]


def _share_lines(booking: Booking, tariff: Tariff, percent: int) -> list[Priced]:
    """A share of the estimate of the time that was booked, as one line."""
    span = Span(booking.starts_at, booking.ends_at)
    whole = sum(
        (line.amount_inr for line in _estimated(booking, tariff, span, booking.zone)), Decimal(0)
    )
    amount = share_of(whole, percent)
    text = _t("%(percent)d %% of the estimate of %(whole)s") % {
        "percent": percent,
        "whole": inr_exact(whole),
    }
    return [Priced(text, Decimal(1), _t("booking"), amount, amount)]


def of_order(order: Order, at: datetime) -> Charge | None:
    """Charge an order of samples whose results are delivered; None where nothing is due."""
    host, tariff = order.service.facility.organisation, order.tariff
    if order.state != OrderState.DONE or tariff is None or order.organisation_id == host.pk:
        return None
    made = estimate_work(tariff, Decimal(order.samples), order.service.unit_name)
    on = (order.done_at or at).astimezone(ZoneInfo(order.service.facility.timezone)).date()
    thing = Thing(
        cause=Cause.SERVICE,
        title=f"{order.service.name}, {day(on)}",
        source=f"order/{order.pk}",
        sac=tariff.sac,
        tariff=tariff,
        lines=[_priced(line) for line in made.lines],
        happened_on=on,
        user_class=UserClass(order.user_class),
        relation=Relation(order.relation),
    )
    return charge(actor=None, host=host, payer=order.organisation, thing=thing, at=at)


def _priced(line: Line) -> Priced:
    return Priced(str(line.title), line.quantity, str(line.unit), line.rate_inr, line.amount_inr)
