"""Trainings and qualifications: who learns to use what, and who may use it unaided."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.core.actions.rows import write
from sankul.core.models import User
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.programme.facilities.models import (
    Instrument,
    Qualification,
    TrainingPlace,
    TrainingSession,
)
from sankul.programme.facilities.queries.ahead import ahead
from sankul.programme.facilities.queries.hours import zone_of
from sankul.programme.facilities.rules import MANAGE_FACILITY, TrainingOutcome
from sankul.programme.facilities.rules.life import (
    why_not_enrol,
    why_not_outcome,
    why_not_qualify,
    why_not_taken,
    why_not_train,
)

from . import rows

REASONS = {"qualification_once_at_a_time": _("A qualification holds in that time already.")}


@transaction.atomic
def hold(
    *,
    actor: Actor,
    instrument: Instrument,
    starts_at: datetime,
    ends_at: datetime,
    places: int,
    at: datetime,
    note: str = "",
) -> TrainingSession:
    """Offer a training, during which nobody else can book the instrument."""
    found = rows.instrument(actor, instrument)
    why_not_train(starts_at=starts_at, ends_at=ends_at, places=places, at=at).enforce()
    why_not_taken(len(ahead(found, starts_at, ends_at))).enforce()
    made = TrainingSession(
        instrument=found,
        trainer=actor.user,
        starts_at=starts_at,
        ends_at=ends_at,
        places=places,
        note=note.strip(),
    )
    write(made)
    told = {"instrument": found.pk, "starts_at": starts_at, "ends_at": ends_at}
    rows.record(actor, "training.held", made, at, found.scopes, **told)
    return made


@transaction.atomic
def cancel(*, actor: Actor, session: TrainingSession, at: datetime) -> TrainingSession:
    """Call a training off."""
    require(actor, MANAGE_FACILITY, *session.instrument.scopes)
    found = _locked(session)
    if found.cancelled_at is not None:
        raise Refused(_t("This training is cancelled already."))
    if found.ends_at <= at:
        raise Refused(_t("This training is over."))
    found.cancelled_at = at
    found.save(update_fields=["cancelled_at"])
    told = {"instrument": found.instrument_id}
    rows.record(actor, "training.cancelled", found, at, found.instrument.scopes, **told)
    return found


@transaction.atomic
def enrol(*, actor: Actor, session: TrainingSession, at: datetime) -> TrainingPlace:
    """Take a place in a training. Raises Refused where there is none left, and once it has begun."""
    user = rows.asking(actor)
    found = _locked(session)
    taken = set(found.taken.values_list("user", flat=True))
    why_not_enrol(
        starts_at=found.starts_at,
        cancelled=found.cancelled_at is not None,
        places=found.places,
        taken=len(taken),
        enrolled=user.pk in taken,
        at=at,
    ).enforce()
    place = TrainingPlace(session=found, user=user)
    write(place)
    rows.record(actor, "training.enrolled", place, at, found.instrument.scopes, session=found.pk)
    return place


@transaction.atomic
def leave(*, actor: Actor, session: TrainingSession, at: datetime) -> None:
    """Give one's own place back, before the training begins."""
    rows.asking(actor)
    found = _locked(session)
    place = found.taken.filter(user=actor.user).first()
    if place is None:
        raise Refused(_t("You have no place in this training."))
    if found.starts_at <= at:
        raise Refused(_t("This training has begun."))
    number = place.pk
    place.delete()
    told = {"session": found.pk}
    rows.record(
        actor, "training.left", f"trainingplace/{number}", at, found.instrument.scopes, **told
    )


@transaction.atomic
def judge(
    *,
    actor: Actor,
    place: TrainingPlace,
    outcome: str,
    at: datetime,
    until_on: date | None = None,
) -> TrainingPlace:
    """Record how somebody's training ended. Who passed is qualified from that day, until ``until_on`` if one is given."""
    require(actor, MANAGE_FACILITY, *place.session.instrument.scopes)
    session = _locked(place.session)
    why_not_outcome(
        starts_at=session.starts_at, cancelled=session.cancelled_at is not None, at=at
    ).enforce()
    if place.outcome == TrainingOutcome.PASSED:
        raise Refused(_t("Passed is recorded already. Revoke the qualification, if it is wrong."))
    place.outcome = outcome
    write(place)
    if outcome == TrainingOutcome.PASSED:
        on = timezone.localdate(session.starts_at, zone_of(session.instrument.facility))
        _qualify(actor, session.instrument, place.user, on, until_on, str(session.pk))
    scopes = session.instrument.scopes
    rows.record(actor, "training.judged", place, at, scopes, outcome=str(outcome))
    return place


@transaction.atomic
def qualify(
    *,
    actor: Actor,
    instrument: Instrument,
    user: User,
    from_on: date,
    at: datetime,
    until_on: date | None = None,
    note: str = "",
) -> Qualification:
    """Qualify somebody without a training here; a qualification that holds then ends on the day before."""
    found = rows.instrument(actor, instrument)
    made = _qualify(actor, found, user, from_on, until_on, note)
    rows.record(actor, "qualification.granted", made, at, found.scopes, user=user.pk)
    return made


@transaction.atomic
def revoke(*, actor: Actor, qualification: Qualification, at: datetime, note: str) -> Qualification:
    """Take a qualification back at once, with the reason. Raises Refused without one."""
    require(actor, MANAGE_FACILITY, *qualification.instrument.scopes)
    rows.locked(qualification.instrument)
    found = Qualification.objects.select_for_update().get(pk=qualification.pk)
    if found.revoked_at is not None:
        raise Refused(_t("It is revoked already."))
    if not note.strip():
        raise Refused(_t("Say why: the person reads it."))
    found.revoked_at, found.note = at, note.strip()
    write(found)
    scopes = qualification.instrument.scopes
    rows.record(actor, "qualification.revoked", found, at, scopes, user=found.user_id)
    return found


def _qualify(
    actor: Actor,
    instrument: Instrument,
    user: User,
    from_on: date,
    until_on: date | None,
    note: str,
) -> Qualification:
    why_not_qualify(from_on=from_on, until_on=until_on).enforce()
    held = Qualification.objects.on(from_on).filter(
        instrument=instrument, user=user, revoked_at__isnull=True, from_on__lt=from_on
    )
    held.update(until_on=from_on - timedelta(days=1))
    made = Qualification(
        instrument=instrument,
        user=user,
        granted_by=actor.user,
        from_on=from_on,
        until_on=until_on,
        note=note.strip(),
    )
    write(made, reasons=REASONS)
    return made


def _locked(session: TrainingSession) -> TrainingSession:
    related = TrainingSession.objects.select_related("instrument__facility__organisation")
    return related.select_for_update(of=("self",)).get(pk=session.pk)
