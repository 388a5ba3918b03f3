"""The clock of bookings, and letters about their news."""

from collections.abc import Sequence
from datetime import timedelta

import structlog
from django.utils import timezone
from procrastinate.contrib.django import app

from sankul.core.actions import following
from sankul.core.models import Event
from sankul.programme.bookings.actions import clock, ending, letters
from sankul.programme.bookings.rules.news import LETTERS
from sankul.programme.facilities.models import Ticket

log = structlog.get_logger("sankul.tasks")
STALE = timedelta(days=2)
"""News older than this is told to nobody: it was read from the log when the site had stood still."""


@app.periodic(cron="* * * * *")
@app.task(name="bookings.tick", queueing_lock="bookings.tick", retry=3)
def tick(timestamp: int) -> None:
    """Each minute: what time does by itself, see ``actions.clock.tick``."""
    if done := {key: count for key, count in clock.tick(at=timezone.now()).items() if count}:
        log.info("bookings moved on", **done)


@app.task(name="bookings.tell", retry=5)
def tell(*, seq: int) -> None:
    """Mail the news of one event."""
    letters.send(event=Event.objects.get(seq=seq), at=timezone.now())


def follow_news(news: Sequence[Event]) -> None:
    """Ask for the letters of each event, in the transaction that moves the follower on."""
    for event in news:
        if event.at > timezone.now() - STALE:
            tell.defer(seq=event.seq)


@app.task(name="bookings.warn", retry=5)
def warn(*, ticket_id: int) -> None:
    """Mail those whose bookings a ticket meets."""
    rows = Ticket.objects.select_related("instrument__facility__organisation", "unit")
    letters.warn(ticket=rows.get(pk=ticket_id), at=timezone.now())


def follow_tickets(news: Sequence[Event]) -> None:
    """Ask for the letters about each ticket that blocks slots."""
    for event in news:
        if event.at > timezone.now() - STALE:
            warn.defer(ticket_id=int(event.subject.partition("/")[2]))


def follow_instruments(news: Sequence[Event]) -> None:
    """End the bookings of an instrument that was withdrawn."""
    for event in news:
        ending.withdraw(instrument_id=int(event.subject.partition("/")[2]), at=timezone.now())


following.declare("bookings.letters", LETTERS, follow_news)
following.declare("bookings.tickets", ("ticket.opened", "ticket.blocked"), follow_tickets)
following.declare("bookings.withdrawn", ("instrument.withdrawn",), follow_instruments)
