"""The way of an alert: acknowledged, acted upon, proven, closed with its cause."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _t

from sankul.core.actions import events
from sankul.core.actions.rows import write
from sankul.core.models import Document, User
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.field.alerts.models import Action, Alert, Proof
from sankul.field.alerts.rules import (
    ANSWER_ALERTS,
    AlertState,
    why_not_acknowledge,
    why_not_act,
    why_not_close,
)


@transaction.atomic
def acknowledge(*, actor: Actor, alert: Alert, at: datetime) -> Alert:
    """Say that one has seen an alert and is on it; nobody else is told then. Raises Refused where somebody was first."""
    row = _answered(actor, alert)
    why_not_acknowledge(row.state).enforce()
    _acknowledged(row, actor, at)
    row.save()
    record(actor, "alert.acknowledged", row, at)
    return row


@transaction.atomic
def act(
    *,
    actor: Actor,
    alert: Alert,
    what: str,
    owner_post: str,
    due_at: datetime,
    at: datetime,
    owner: User | None = None,
) -> Action:
    """Say what is done about an alert, by whom and by when; who was not first to acknowledge it does so by this.

    Raises Refused where it is closed, and for a moment that has passed.
    """
    row = _answered(actor, alert)
    why_not_act(row.state, due_at=due_at, at=at).enforce()
    made = Action(
        alert=row, what=what.strip(), owner_post=owner_post.strip(), owner=owner, due_at=due_at,
        begun_at=at, begun_by=actor.user,
    )  # fmt: skip
    write(made)
    if row.state == AlertState.OPEN:
        _acknowledged(row, actor, at)
    row.state = AlertState.ACTING
    row.save()
    record(actor, "alert.action_begun", row, at, action=made.pk)
    return made


@transaction.atomic
def prove(
    *,
    actor: Actor,
    action: Action,
    note: str,
    at: datetime,
    documents: Sequence[Document] = (),
) -> Action:
    """Say that an action is done, what was found, and show it by documents or photos.

    More proof can be added later, until the alert is closed. Raises Refused without a note, and where there is nothing new.
    """
    row = _answered(actor, action.alert)
    found = Action.objects.select_for_update().get(pk=action.pk)
    if row.state == AlertState.CLOSED:
        raise Refused(_t("The alert is closed: what was done stays as it was told."))
    if found.done_at is not None and not documents:
        raise Refused(_t("It is done already. Attach what shows more."))
    if not (note.strip() or found.note):
        raise Refused(_t("Say what was found and done."))
    found.note = "\n".join(part for part in (found.note, note.strip()) if part)
    if found.done_at is None:
        found.done_at, found.done_by = at, actor.user
    write(found)
    _attach(found, documents, actor, at)
    if documents and row.acted_at is None:
        row.acted_at = at
        row.save()
    shown = [document.sha256 for document in documents]
    record(actor, "alert.action_done", row, at, action=found.pk, documents=shown)
    return found


@transaction.atomic
def close(*, actor: Actor, alert: Alert, cause: str, at: datetime, note: str = "") -> Alert:
    """Close an alert with its cause. Raises Refused where that is too early (``rules.why_not_close``)."""
    row = _answered(actor, alert)
    done = row.actions.filter(done_at__isnull=False).count()
    why_not_close(
        row.state,
        cause,
        undone=row.actions.count() - done,
        done=done,
        standing=row.is_standing,
        note=note,
    ).enforce()
    row.state, row.cause, row.note = AlertState.CLOSED, cause, note.strip()
    row.closed_at, row.closed_by = at, actor.user
    row.save()
    record(actor, "alert.closed", row, at, cause=cause)
    return row


def record(actor: Actor | None, verb: str, alert: Alert, at: datetime, **data: object) -> None:
    """Write news of an alert in the event log."""
    events.record(
        actor=actor, verb=verb, subject=alert, at=at, scopes=alert.scopes,
        data={"detector": alert.detector_id, "stream": alert.stream_id} | data,
    )  # fmt: skip


def held(alert: Alert) -> Alert:
    """The alert as it stands now, held to the end of the transaction."""
    rows = Alert.objects.select_for_update(of=("self",))
    return rows.select_related("cluster__programme", "detector", "stream", "thing").get(pk=alert.pk)


def _answered(actor: Actor, alert: Alert) -> Alert:
    row = held(alert)
    require(actor, ANSWER_ALERTS, *row.scopes)
    return row


def _acknowledged(row: Alert, actor: Actor, at: datetime) -> None:
    row.state = AlertState.ACKNOWLEDGED
    row.acknowledged_at, row.acknowledged_by = at, actor.user


def _attach(action: Action, documents: Sequence[Document], actor: Actor, at: datetime) -> None:
    Proof.objects.bulk_create(
        [
            Proof(action=action, document=document, added_at=at, added_by=actor.user)
            for document in documents
        ],
        ignore_conflicts=True,
    )
