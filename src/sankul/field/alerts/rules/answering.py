"""What may be done with an alert, and when not yet."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _t

from sankul.core.rules.verdicts import ALLOWED, Verdict, refused

from .words import NOTHING_TO_DO, STILL, AlertCause, AlertState


def why_not_acknowledge(state: str) -> Verdict:
    """Whether somebody can still be the first to say that it was seen."""
    if state == AlertState.OPEN:
        return ALLOWED
    return refused(_t("It is %s already.") % AlertState(state).label.lower())


def why_not_act(state: str, *, due_at: datetime, at: datetime) -> Verdict:
    """Whether an action can be begun, to be done by a moment."""
    if state == AlertState.CLOSED:
        return refused(_t("The alert is closed. Where it goes on, a new one is raised."))
    if due_at < at:
        return refused(_t("The moment by which it is to be done has passed."))
    return ALLOWED


def why_not_close(
    state: str, cause: str, *, undone: int, done: int, standing: bool, note: str
) -> Verdict:
    """Whether an alert can be closed with a cause.

    ``undone`` and ``done`` count its actions; ``standing``: its observations have not returned to normal.
    """
    if state == AlertState.OPEN:
        return refused(_t("Acknowledge it first: then all see that somebody is on it."))
    if state == AlertState.CLOSED:
        return refused(_t("It is closed already."))
    if cause not in AlertCause.values:
        return refused(_t("Say what the cause was."))
    if undone:
        return refused(
            _t("An action is not done yet. Say what was done, or that it was not needed.")
        )
    if standing and cause not in STILL:
        return refused(
            _t(
                "The observations have not returned to normal. With this cause it stays open until they do."
            )
        )
    return _why_not_without(cause, done=done, note=note)


def _why_not_without(cause: str, *, done: int, note: str) -> Verdict:
    if done:
        return ALLOWED
    if cause not in NOTHING_TO_DO:
        return refused(
            _t("Nothing was done about it yet. Say first what is done, by whom and by when.")
        )
    if not note.strip():
        return refused(_t("Say in the note why nothing had to be done."))
    return ALLOWED
