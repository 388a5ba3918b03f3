"""Constituting bodies, and who sits on them."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.core.actions import events
from sankul.core.actions.constraints import refusing
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.programme.registry.models import Body, Cluster, Person, Programme, Seat
from sankul.programme.registry.rules import MANAGE_BODIES, BodyKind
from sankul.programme.registry.rules.changes import why_not_dates, why_not_end


@transaction.atomic
def constitute(
    *,
    actor: Actor,
    programme: Programme,
    kind: BodyKind,
    name: str,
    at: datetime,
    cluster: Cluster | None = None,
) -> Body:
    """Constitute a body of a programme, or of one of its clusters.

    Raises Refused when the cluster belongs to another programme, or for a second apex committee.
    """
    body = Body(programme=programme, cluster=cluster, kind=kind, name=name)
    require(actor, MANAGE_BODIES, *body.scopes)
    if cluster and cluster.programme_id != programme.pk:
        raise Refused(_t("This cluster belongs to another programme."))
    with refusing({"body_one_apex_committee": _("The programme has an apex committee already.")}):
        body.save()
    events.record(
        actor=actor,
        verb="body.constituted",
        subject=body,
        at=at,
        scopes=body.scopes,
        data={"kind": str(kind), "name": name},
    )
    return body


@transaction.atomic
def seat(
    *,
    actor: Actor,
    body: Body,
    person: Person,
    capacity: str,
    from_on: date | None,
    at: datetime,
    until_on: date | None = None,
) -> Seat:
    """Seat a person on a body in a capacity (chair, member, secretary).

    Raises Refused when the days are reversed or the person sits on it in these days.
    """
    require(actor, MANAGE_BODIES, *body.scopes)
    why_not_dates(from_on, until_on).enforce()
    with refusing({"seat_once_at_a_time": _("This person sits on the body in these days.")}):
        taken = Seat.objects.create(
            body=body, person=person, capacity=capacity, from_on=from_on, until_on=until_on
        )
    events.record(
        actor=actor,
        verb="body.seated",
        subject=body,
        at=at,
        scopes=body.scopes,
        data={"seat": taken.pk, "person": person.pk, "from_on": from_on, "until_on": until_on},
    )
    return taken


@transaction.atomic
def unseat(*, actor: Actor, seat: Seat, on: date, at: datetime) -> Seat:
    """End a person's seat; ``on`` is its last day.

    Raises Refused when it has ended by then or begins after it.
    """
    require(actor, MANAGE_BODIES, *seat.body.scopes)
    seat = Seat.objects.select_for_update().get(pk=seat.pk)
    why_not_end(from_on=seat.from_on, until_on=seat.until_on, on=on).enforce()
    seat.until_on = on
    seat.save(update_fields=["until_on"])
    events.record(
        actor=actor,
        verb="body.unseated",
        subject=seat.body,
        at=at,
        scopes=seat.body.scopes,
        data={"seat": seat.pk, "until_on": on},
    )
    return seat
