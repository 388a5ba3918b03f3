"""The list of those who wait for a slot, and its promotion by itself."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _t

from sankul.core.actions import events
from sankul.core.actions.constraints import refusing
from sankul.core.queries.actors import actor as actor_of
from sankul.core.rules.roles import Actor
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.bookings.models import Waiting
from sankul.programme.bookings.queries import availability
from sankul.programme.bookings.rules import Span, Wait, why_not_times
from sankul.programme.facilities.models import Instrument
from sankul.programme.registry.models import Organisation

from .taking import Wish, locked, new, polite, record, who_books


@transaction.atomic
def join(
    *,
    actor: Actor,
    instrument: Instrument,
    organisation: Organisation,
    starts_at: datetime,
    ends_at: datetime,
    at: datetime,
    is_assisted: bool = False,
    purpose: str = "",
) -> Waiting:
    """Wait for a slot: as soon as it is free, who has waited longest has it, and is told by mail."""
    who_books(actor, organisation)
    row = locked(instrument)
    terms = availability.terms(row)
    why_not_times(terms, starts_at, ends_at, at).enforce()
    if availability.free_units(row, terms.occupied(starts_at, ends_at)):
        raise Refused(_t("The slot is free: book it."))
    waiting = Waiting(
        instrument=row,
        user=actor.user,
        organisation=organisation,
        starts_at=starts_at,
        ends_at=ends_at,
        is_assisted=is_assisted,
        purpose=" ".join(purpose.split())[:500],
        made_at=at,
    )
    with refusing({"waiting_once": _t("You wait for this slot already.")}):
        waiting.save()
    events.record(
        actor=actor, verb="waiting.joined", subject=waiting, at=at, scopes=row.facility.scopes
    )
    return waiting


@transaction.atomic
def leave(*, actor: Actor, waiting: Waiting, at: datetime) -> Waiting:
    """Wait no longer."""
    row = Waiting.objects.select_for_update().get(pk=waiting.pk)
    if row.user_id != actor.user_id:
        raise Forbidden(_t("Only who waits can leave the list."))
    if row.state != Wait.WAITING:
        raise Refused(_t("The waiting has ended: %s.") % row.get_state_display())
    _end(row, Wait.LEFT, at)
    events.record(actor=actor, verb="waiting.left", subject=row, at=at)
    return row


def promote(*, instrument: Instrument, span: Span, at: datetime) -> list[Waiting]:
    """Give what became free to those who wait for some of it, longest first, inside the transaction that freed it.

    Each goes through the same rules as a new booking by that person; whom a rule stops keeps waiting.
    """
    terms = availability.terms(instrument)
    since, until = terms.occupied(
        *terms.occupied(*span)
    )  # the freed slot's own margins, and theirs
    rows = (
        Waiting.objects.filter(
            instrument=instrument,
            state=Wait.WAITING,
            starts_at__lt=until,
            ends_at__gt=since,
            starts_at__gt=at,
        )
        .select_related("user", "organisation")
        .select_for_update(of=("self",))
    )
    return [row for row in list(rows) if _promoted(row, instrument, at)]


def _promoted(row: Waiting, instrument: Instrument, at: datetime) -> bool:
    person = actor_of(row.user, at)
    wish: Wish = {
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "is_assisted": row.is_assisted,
        "purpose": row.purpose,
    }
    try:
        with polite():
            who_books(person, row.organisation)
            row.booking = new(person, instrument, row.organisation, at, wish)
    except Refused:
        return False
    _end(row, Wait.PROMOTED, at)
    record(None, "booking.promoted", row.booking, at, waiting=row.pk)
    return True


def _end(row: Waiting, state: Wait, at: datetime) -> None:
    row.state, row.ended_at = state, at
    row.save(update_fields=["state", "ended_at", "booking"])
