"""What ties a member to clusters: computed from the registry, and declared."""

from __future__ import annotations

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from sankul.core.rules.roles import Actor
from sankul.programme.evidence.queries import conflicts
from sankul.programme.evidence.rules import Tie
from sankul.programme.panel.models import Panel, Recusal
from sankul.programme.registry.models import Membership

Ties = dict[int, str]
"""What ties somebody to a cluster, in words, by its number."""


def ties(user_id: int, panel: Panel, day: date) -> Ties:
    """What ties an account to clusters of a panel's programme on a day: eleven queries.

    Work for a cluster, for one of its members (three years back), a seat on its body, and what was declared. Results that
    were made together do not count: with whole clusters of dozens of institutions they would tie almost everybody.
    """
    found = conflicts.interests(user_id, day)
    told = {one: str(tie.label) for one, tie in found.clusters.items()}
    bound = [one for one, tie in found.organisations.items() if tie != Tie.CO_WORK]
    members = Membership.objects.on(day).filter(
        organisation__in=bound, cluster__programme=panel.programme_id
    )
    for cluster, organisation in members.values_list("cluster", "organisation"):
        told.setdefault(cluster, str(found.organisations[organisation].label))
    own = Recusal.objects.filter(member__panel=panel, member__user=user_id)
    for cluster in own.values_list("cluster", flat=True):
        told.setdefault(cluster, _("has declared a conflict of interest"))
    return told


def of_actor(actor: Actor, panel: Panel) -> Ties:
    """What ties the actor, today; nothing for the public."""
    if actor.user_id is None:
        return {}
    return ties(actor.user_id, panel, timezone.localdate(actor.at))
