"""Registering people in their public capacity, and the posts they hold."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.core.actions import events
from sankul.core.actions.constraints import refusing
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.programme.registry.models import Cluster, Organisation, Person, Post
from sankul.programme.registry.rules import MANAGE_MEMBERS, REGISTER, identifiers
from sankul.programme.registry.rules.changes import why_not_dates


@transaction.atomic
def register(*, actor: Actor, name: str, at: datetime, orcid: str = "") -> Person:
    """Add a person; ``orcid`` is an ORCID iD, bare or as an address.

    Raises Refused when its check digit is wrong or somebody has it. The event log gets the id of the record, never the name.
    """
    require(actor, REGISTER, *actor.scopes(REGISTER))
    known = identifiers.orcid(orcid)
    if orcid and not known:
        raise Refused(
            _t("“%s” is not an ORCID iD: it has 16 digits, as in 0000-0002-1825-0097.") % orcid
        )
    with refusing({"registry_person_orcid_key": _("Somebody has this ORCID iD already.")}):
        person = Person.objects.create(name=name, orcid=known or None)
    events.record(actor=actor, verb="person.registered", subject=person, at=at)
    return person


@transaction.atomic
def appoint(
    *,
    actor: Actor,
    person: Person,
    place: Cluster | Organisation,
    title: str,
    from_on: date | None,
    at: datetime,
    until_on: date | None = None,
) -> Post:
    """Record a post that a person holds in a cluster's office or at an organisation.

    Raises Refused when the days are reversed.
    """
    require(actor, MANAGE_MEMBERS, *place.scopes)
    why_not_dates(from_on, until_on).enforce()
    post = Post.objects.create(
        person=person,
        cluster=place if isinstance(place, Cluster) else None,
        organisation=place if isinstance(place, Organisation) else None,
        title=title,
        from_on=from_on,
        until_on=until_on,
    )
    events.record(
        actor=actor,
        verb="person.appointed",
        subject=person,
        at=at,
        scopes=place.scopes,
        data={"post": post.pk, "title": title, "from_on": from_on, "until_on": until_on},
    )
    return post
