"""What the expert panel adds to the signed-in home."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from sankul.core.rules.roles import Actor
from sankul.core.ui import State, Task, Tone
from sankul.programme.panel.queries import panels
from sankul.programme.panel.rules import PanelStatus


def tasks(actor: Actor) -> Iterator[Task]:
    """What waits for a member of a panel, and for whoever takes one on."""
    if actor.user_id is None:
        return
    own = list(panels.own_seats(actor))
    for seat in own:
        address = reverse("panel", args=[seat.panel_id])
        if seat.panel.status == PanelStatus.DISCUSSION:
            state = State(Tone.ATTENTION, _("discussion is open"))
            yield Task(_("Discuss the scores: %s") % seat.panel, state, address)
        elif seat.sent_at is None:
            state = State(Tone.ATTENTION, _("not sent"))
            yield Task(_("Score the clusters: %s") % seat.panel, state, address)
    for panel in panels.to_move(actor):
        state = State(Tone.ATTENTION, panel.get_status_display())
        yield Task(_("Expert panel: %s") % panel, state, reverse("panel", args=[panel.pk]))
