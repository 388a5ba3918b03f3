"""Billing in the background: charges from the news of bookings, and documents typeset after they were issued."""

from collections.abc import Sequence
from datetime import timedelta

import structlog
from django.utils import timezone
from procrastinate.contrib.django import app

from sankul.core.actions import following
from sankul.core.models import Event
from sankul.core.rules.verdicts import Refused
from sankul.programme.billing.actions import news, press
from sankul.programme.billing.models import Invoice
from sankul.programme.billing.queries import invoices

log = structlog.get_logger("sankul.tasks")
RECENT = timedelta(days=30)
"""Documents that were lost longer ago are made when somebody opens them."""


@app.task(name="billing.typeset", queue="evaluation", retry=3)
def typeset(*, invoice_id: int) -> None:
    """Make the PDF of an issued document, if it has none."""
    press.make(invoice=Invoice.objects.get(pk=invoice_id), at=timezone.now())


@app.periodic(cron="17 * * * *")
@app.task(name="billing.typeset_missing", queueing_lock="billing.typeset_missing")
def typeset_missing(timestamp: int) -> None:
    """Ask again for documents whose job was lost: a machine died after they were issued."""
    recent = invoices.without_pdf().filter(issued_at__gte=timezone.now() - RECENT)
    missing = list(recent.values_list("pk", flat=True))
    for pk in missing:
        typeset.defer(invoice_id=pk)
    if missing:
        log.info("documents asked for again", documents=len(missing))


def follow_bookings(events: Sequence[Event]) -> None:
    """Charge what the news of bookings and orders makes due."""
    for event in events:
        try:
            news.follow(event)
        except Refused as refusal:  # told, and not in the way of the next
            log.error("not charged", event=event.seq, subject=event.subject, why=refusal.reason)


def follow_invoices(events: Sequence[Event]) -> None:
    """Have every document typeset that was issued."""
    for event in events:
        typeset.defer(invoice_id=int(event.subject.removeprefix("invoice/")))


following.declare("billing.charges", news.VERBS, follow_bookings)
following.declare("billing.documents", ("invoice.issued", "invoice.credited"), follow_invoices)
