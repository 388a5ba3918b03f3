"""What the field asks of people: alerts that nobody is on, actions that are late, values to review."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sankul.core.formats import moment, number
from sankul.core.rules.roles import Actor
from sankul.core.ui import Link, State, Task, Tone
from sankul.field.alerts.queries import alerts
from sankul.field.alerts.rules import ANSWER_ALERTS, SEE_ALERTS, AlertSeverity
from sankul.field.streams.queries.reviewing import to_review
from sankul.field.streams.rules import RECORD_STREAMS

SHOWN = 3


def ways(actor: Actor) -> Iterator[Link]:
    """The pages of the field where the actor works."""
    if actor.scopes(SEE_ALERTS):
        yield Link(_("Alerts"), reverse("alerts"))
        yield Link(_("Field systems"), reverse("streams:fleet"))
        yield Link(_("Water at risk"), reverse("water-risks"))


def tasks(actor: Actor) -> Iterator[Task]:
    """What waits in the field: three queries at most."""
    yield from _alert_tasks(actor)
    yield from _review_tasks(actor)


def _review_tasks(actor: Actor) -> Iterator[Task]:
    """Suspect and failed values that nobody reviewed, as one task."""
    if not actor.scopes(RECORD_STREAMS):
        return
    found = to_review(actor).order_by().aggregate(all=Sum("waiting"), days=Count("day"))
    if count := found["all"]:
        label = ngettext("%s value waits for review", "%s values wait for review", count)
        hint = ngettext("On %s day of a stream.", "On %s days of streams.", found["days"])
        state = State(Tone.ATTENTION, _("to review"))
        yield Task(
            label % number(count), state, reverse("streams:queue"), hint % number(found["days"])
        )


def _alert_tasks(actor: Actor) -> Iterator[Task]:
    """Alerts that wait for somebody, by their number, and the actor's actions that are late."""
    if not actor.scopes(ANSWER_ALERTS):
        return
    urgent = Count("pk", filter=Q(severity=AlertSeverity.URGENT))
    waiting = alerts.open_to(actor).order_by().aggregate(all=Count("pk"), urgent=urgent)
    if count := waiting["all"]:
        label = ngettext("%s alert waits for you", "%s alerts wait for you", count) % number(count)
        state = (
            State(Tone.PROBLEM, _("%s urgent") % number(waiting["urgent"]))
            if waiting["urgent"]
            else State(Tone.ATTENTION, _("to answer"))
        )
        hint = ngettext("Nobody is on it yet.", "Nobody is on them yet.", count)
        yield Task(label, state, f"{reverse('alerts')}?state=open", hint)
    for row in alerts.overdue(actor).order_by("due_at")[:SHOWN]:
        late = State(Tone.PROBLEM, _("overdue"))
        yield Task(row.what, late, reverse("alert", args=[row.alert_id]), moment(row.due_at))
