"""Mail about bookings and orders, one for each reader of each piece of news."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.urls import reverse

from sankul.core.actions import mail
from sankul.core.models import Event, User
from sankul.programme.bookings.models import Booking, Order
from sankul.programme.bookings.queries.people import readers
from sankul.programme.bookings.queries.told import affected
from sankul.programme.bookings.rules.news import LETTERS, To
from sankul.programme.facilities.models import Ticket
from sankul.programme.registry.models import Organisation


def send(*, event: Event, at: datetime) -> int:
    """Mail the news of one event to who reads it, as things stand; how many letters went.

    Nobody is told of what they did themselves, and nothing goes out for a fictional institution.
    """
    letter = LETTERS[event.verb]
    about = _about(event.subject)
    if about is None or _host(about).is_demonstration:
        return 0
    people = [one for one in readers(about, letter.to, at) if not _did(one, event, letter.to)]
    for one in people:
        mail.send(
            user=one, template="bookings/mail/news", context=_context(about) | letter._asdict()
        )
    return len(people)


def warn(*, ticket: Ticket, at: datetime) -> int:
    """Mail everybody whose booking lies in the time that a ticket blocks; how many letters went."""
    host = ticket.instrument.facility.organisation
    if ticket.blocks_from is None or ticket.resolved_at is not None or host.is_demonstration:
        return 0
    since = max(ticket.blocks_from, at)
    found = affected(ticket.instrument, ticket.unit, since, ticket.blocks_until)
    for one in found:
        context = {
            "ticket": ticket,
            "one": one,
            "zone": ZoneInfo(ticket.instrument.facility.timezone),
        }
        mail.send(user=one.user, template="bookings/mail/down", context=context)
    return len(found)


def _did(user: User, event: Event, to: To) -> bool:
    own = user.pk == event.actor_id
    return own and not (to == To.USER and event.verb == "booking.confirmed")


def _about(subject: str) -> Booking | Order | None:
    kind, _slash, number = subject.partition("/")
    if kind == "booking":
        return Booking.objects.whole().filter(pk=number).first()
    rows = Order.objects.select_related("service__facility__organisation", "organisation", "user")
    return rows.filter(pk=number).first()


def _host(about: Booking | Order) -> Organisation:
    facility = about.instrument.facility if isinstance(about, Booking) else about.service.facility
    return facility.organisation


def _context(about: Booking | Order) -> dict[str, object]:
    if isinstance(about, Booking):
        return {
            "about": about,
            "what": about.instrument.name,
            "facility": about.instrument.facility,
            "zone": about.zone,
            "href": reverse("booking", args=[about.pk]),
            "note": about.decision_note or about.end_note,
        }
    return {
        "about": about,
        "what": about.service.name,
        "facility": about.service.facility,
        "zone": ZoneInfo(about.service.facility.timezone),
        "href": reverse("order", args=[about.pk]),
        "note": about.decision_note or about.end_note,
    }
