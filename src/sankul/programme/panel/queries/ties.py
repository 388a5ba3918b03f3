"""What ties a member to clusters: computed from the registry, and declared."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from sankul.core.rules.roles import Actor
from sankul.programme.evidence.queries import conflicts
from sankul.programme.panel.models import Panel, Recusal
from sankul.programme.registry.models import Membership

Ties = dict[int, str]
"""What ties somebody to a cluster, in words, by its number."""


def ties(user_id: int, panel: Panel, day: date) -> Ties:
    """What ties an account to clusters of a panel's programme on a day."""
    return ties_of([user_id], panel, day)[user_id]


def ties_of(accounts: Collection[int], panel: Panel, day: date) -> dict[int, Ties]:
    """The same of several accounts: seven queries, however many they are.

    Work for a cluster, for one of its members (three years back), a seat on its body, and what was declared. Results that
    were made together do not count: with whole clusters of dozens of institutions they would tie almost everybody.
    """
    found = conflicts.direct(accounts, day)
    told = {
        account: {one: str(tie.label) for one, tie in it.clusters.items()}
        for account, it in found.items()
    }
    bound = {one for it in found.values() for one in it.organisations}
    members = Membership.objects.on(day).filter(
        organisation__in=sorted(bound), cluster__programme=panel.programme_id
    )
    for cluster, organisation in members.values_list("cluster", "organisation"):
        for account, it in found.items():
            if organisation in it.organisations:
                told[account].setdefault(cluster, str(it.organisations[organisation].label))
    own = Recusal.objects.filter(member__panel=panel, member__user__in=accounts)
    for account, cluster in own.values_list("member__user", "cluster"):
        told[account].setdefault(cluster, _("has declared a conflict of interest"))
    return told


def of_actor(actor: Actor, panel: Panel) -> Ties:
    """What ties the actor, today; nothing for the public."""
    if actor.user_id is None:
        return {}
    return ties(actor.user_id, panel, timezone.localdate(actor.at))
