"""Answers to requests: by the host's people, and by the cluster where the host was silent."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _t

from sankul.core.rules.roles import Actor, Scope, ScopeKind, verdict
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.bookings.models import Booking
from sankul.programme.bookings.queries.requests import clusters_of
from sankul.programme.bookings.rules import ANSWER, ANSWER_ESCALATED, Reason, State

from . import waiting
from .booking import whole
from .taking import locked, record


@transaction.atomic
def approve(*, actor: Actor, booking: Booking, at: datetime, note: str = "") -> Booking:
    """Say yes. The slot was held all the while, so it is still there."""
    row = _asked(actor, booking)
    row.state = State.CONFIRMED
    return _answered(actor, row, at, note)


@transaction.atomic
def refuse(*, actor: Actor, booking: Booking, reason: str, at: datetime, note: str = "") -> Booking:
    """Say no, with a coded reason; "another" asks for words. The slot goes to who waits for it."""
    locked(booking.instrument)
    row = _asked(actor, booking)
    if reason not in Reason.values:
        raise Refused(_t("Choose the reason of the refusal."))
    if reason == Reason.OTHER and not note.strip():
        raise Refused(_t("Tell the other reason: who asked reads it."))
    row.state, row.reason = State.REFUSED, reason
    _answered(actor, row, at, note)
    waiting.promote(instrument=row.instrument, span=(row.starts_at, row.ends_at), at=at)
    return row


def why_answers(actor: Actor, row: Booking) -> None:
    """Raise Forbidden unless the actor answers for the host, or for its cluster where the request has come to it."""
    if verdict(actor, ANSWER, *row.scopes):
        return
    if row.cluster_at is None:
        verdict(actor, ANSWER, *row.scopes).enforce(Forbidden)
    clusters = clusters_of([row.instrument.facility.organisation_id])
    scopes = [Scope(ScopeKind.CLUSTER, one) for ones in clusters.values() for one in ones]
    verdict(actor, ANSWER_ESCALATED, *scopes).enforce(Forbidden)


def _asked(actor: Actor, booking: Booking) -> Booking:
    row = whole(booking)
    why_answers(actor, row)
    if row.state != State.REQUESTED:
        raise Refused(
            _t("The request needs no answer any more: it is %s.") % row.get_state_display()
        )
    return row


def _answered(actor: Actor, row: Booking, at: datetime, note: str) -> Booking:
    if row.starts_at <= at:
        raise Refused(_t("The slot has begun: the request has run out without an answer."))
    row.decided_at, row.decided_by, row.decision_note = at, actor.user, note.strip()
    row.sequence += 1
    row.changed_at = at
    row.save()
    verb = "booking.approved" if row.state == State.CONFIRMED else "booking.refused"
    record(actor, verb, row, at, reason=row.reason, escalated=row.cluster_at is not None)
    return row
