"""Admitting organisations to clusters, and ending their membership."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sankul.core.actions import events
from sankul.core.actions.constraints import refusing
from sankul.core.rules.roles import Actor, require
from sankul.programme.registry.models import Cluster, Membership, Organisation
from sankul.programme.registry.rules import MANAGE_MEMBERS, MembershipKind
from sankul.programme.registry.rules.changes import why_not_admit, why_not_dates, why_not_end


@transaction.atomic
def admit(
    *,
    actor: Actor,
    cluster: Cluster,
    organisation: Organisation,
    kind: MembershipKind,
    from_on: date | None,
    at: datetime,
    until_on: date | None = None,
) -> Membership:
    """Make an organisation a member of a cluster from a day (empty: not known) until a day (empty: open).

    Raises Refused when the days are reversed, it is a member in these days, or one of the two is fictional and the other not.
    """
    require(actor, MANAGE_MEMBERS, *cluster.scopes)
    why_not_dates(from_on, until_on).enforce()
    why_not_admit(
        fictional_organisation=organisation.is_demonstration,
        fictional_cluster=cluster.programme.is_demonstration,
    ).enforce()
    with refusing({"membership_once_at_a_time": _("It is a member in these days already.")}):
        membership = Membership.objects.create(
            cluster=cluster,
            organisation=organisation,
            kind=kind,
            from_on=from_on,
            until_on=until_on,
        )
    events.record(
        actor=actor,
        verb="membership.admitted",
        subject=membership,
        at=at,
        scopes=(*cluster.scopes, *organisation.scopes),
        data={"kind": str(kind), "from_on": from_on, "until_on": until_on},
    )
    return membership


@transaction.atomic
def end(*, actor: Actor, membership: Membership, on: date, at: datetime) -> Membership:
    """End a membership; ``on`` is its last day.

    Raises Refused when it has ended by then or begins after it.
    """
    require(actor, MANAGE_MEMBERS, *membership.cluster.scopes)
    membership = Membership.objects.select_for_update().get(pk=membership.pk)
    why_not_end(from_on=membership.from_on, until_on=membership.until_on, on=on).enforce()
    membership.until_on = on
    membership.save(update_fields=["until_on"])
    events.record(
        actor=actor,
        verb="membership.ended",
        subject=membership,
        at=at,
        scopes=(*membership.cluster.scopes, *membership.organisation.scopes),
        data={"until_on": on},
    )
    return membership
