"""What shared facilities ask of people: requests to answer, bookings of today, slots held."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from sankul.core.formats import moment
from sankul.core.rules.roles import Actor
from sankul.core.ui import Link, State, Task, Tone
from sankul.programme.bookings.models import Booking
from sankul.programme.bookings.queries import calendar, requests
from sankul.programme.bookings.rules import ANSWER, ANSWER_ESCALATED, BOOK
from sankul.programme.bookings.rules import State as Stands
from sankul.programme.facilities.rules import MANAGE_FACILITY

SOON = timedelta(days=2)
SHOWN = 3


def ways(actor: Actor) -> Iterator[Link]:
    """The pages of shared facilities where the actor works."""
    if actor.scopes(MANAGE_FACILITY):
        yield Link(_("My labs"), reverse("lab"))
    if actor.scopes(BOOK):
        yield Link(_("Find an instrument"), reverse("catalogue"))
        yield Link(_("My bookings"), reverse("bookings"))
        yield Link(_("Charges and invoices"), reverse("billing"))


def tasks(actor: Actor) -> Iterator[Task]:
    """Requests that wait for one's answer, and one's own bookings of the next two days: three queries at most."""
    if actor.scopes(ANSWER) or actor.scopes(ANSWER_ESCALATED):
        yield from _to_answer(actor)
    if actor.scopes(BOOK):
        rows = calendar.mine(actor, past=False).filter(starts_at__lt=actor.at + SOON)
        for row in rows.order_by("starts_at")[:SHOWN]:
            yield Task(
                row.instrument.name,
                _state(row),
                reverse("booking", args=[row.pk]),
                moment(row.starts_at),
            )


def _to_answer(actor: Actor) -> Iterator[Task]:
    bookings = requests.waiting(actor)
    due = [one for _pk, one in bookings.order_by().values_list("pk", "answer_by_at")]
    due += requests.orders_waiting(actor).values_list("answer_by_at", flat=True)
    if not due:
        return
    late = sum(one < actor.at for one in due if one)
    state = State(Tone.PROBLEM, _("late")) if late else State(Tone.ATTENTION, _("to answer"))
    hint = _("%(all)d waiting, %(late)d late") % {"all": len(due), "late": late}
    yield Task(_("Requests for instruments and services"), state, reverse("requests"), hint)


def _state(row: Booking) -> State:
    tone = Tone.GOOD if row.state in (Stands.CONFIRMED, Stands.IN_USE) else Tone.ATTENTION
    return State(tone, row.get_state_display())
