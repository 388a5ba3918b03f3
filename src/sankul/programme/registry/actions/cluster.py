"""Founding clusters, renaming them, and saying which legal entity runs them."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.core.actions import events
from sankul.core.actions.constraints import refusing
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.programme.registry.models import (
    Cluster,
    FocusArea,
    LegalEntity,
    Name,
    Programme,
    Stewardship,
)
from sankul.programme.registry.rules import MANAGE_PROGRAMME, NameKind
from sankul.programme.registry.rules.changes import why_not_succeed


@transaction.atomic
def found(
    *,
    actor: Actor,
    programme: Programme,
    slug: str,
    name: str,
    place: str,
    at: datetime,
    region: str = "",
    launched_on: date | None = None,
    website: str = "",
    focus_areas: Iterable[str] = (),
) -> Cluster:
    """Add a cluster to a programme, with its official name from the day of its launch.

    ``focus_areas`` are names, shared by the clusters of the programme. Raises Refused when the short name in addresses is taken.
    """
    require(actor, MANAGE_PROGRAMME, *programme.scopes)
    with refusing({"cluster_slug_once": _("Another cluster has this short name in addresses.")}):
        cluster = Cluster.objects.create(
            programme=programme,
            slug=slug,
            name=name,
            place=place,
            region=region,
            launched_on=launched_on,
            website=website,
        )
    Name.objects.create(cluster=cluster, name=name, kind=NameKind.OFFICIAL, from_on=launched_on)
    areas = (FocusArea.objects.get_or_create(programme=programme, name=it) for it in focus_areas)
    cluster.focus_areas.set([area for area, _made in areas])
    events.record(
        actor=actor,
        verb="cluster.founded",
        subject=cluster,
        at=at,
        scopes=cluster.scopes,
        data={"slug": slug, "name": name, "place": place, "launched_on": launched_on},
    )
    return cluster


@transaction.atomic
def rename(
    *, actor: Actor, cluster: Cluster, name: str, from_on: date, at: datetime, source_url: str = ""
) -> Name:
    """Give a cluster a new official name from a day on; the old one is kept as its former name. Its address stays.

    Raises Refused when the name is the same, the day lies in the future, or the present name began on or after it.
    """
    require(actor, MANAGE_PROGRAMME, *cluster.scopes)
    cluster = Cluster.objects.select_for_update().get(pk=cluster.pk)
    if name == cluster.name:
        raise Refused(_t("This is its name already."))
    present = cluster.names.filter(kind=NameKind.OFFICIAL, until_on=None).first()
    why_not_succeed(
        since=present.from_on if present else None, from_on=from_on, today=timezone.localdate(at)
    ).enforce()
    _retire(cluster, present, last_on=from_on - timedelta(days=1))
    renamed = Name.objects.create(
        cluster=cluster, name=name, kind=NameKind.OFFICIAL, from_on=from_on, source_url=source_url
    )
    former, cluster.name = cluster.name, name
    cluster.save(update_fields=["name"])
    events.record(
        actor=actor,
        verb="cluster.renamed",
        subject=cluster,
        at=at,
        scopes=cluster.scopes,
        data={"name": name, "former": former, "from_on": from_on},
    )
    return renamed


def _retire(cluster: Cluster, present: Name | None, *, last_on: date) -> None:
    former = present or Name(cluster=cluster, name=cluster.name)
    former.kind = NameKind.FORMER
    former.until_on = last_on
    former.save()


@transaction.atomic
def set_steward(
    *, actor: Actor, cluster: Cluster, entity: LegalEntity, from_on: date, at: datetime
) -> Stewardship:
    """Say which legal entity runs a cluster from a day on; the one before it ends on the day before.

    Raises Refused when it runs the cluster already, the day lies in the future, or the one before began on or after it.
    """
    require(actor, MANAGE_PROGRAMME, *cluster.scopes)
    Cluster.objects.select_for_update().get(pk=cluster.pk)
    present = cluster.stewardships.filter(until_on=None).first()
    if present and present.entity_id == entity.pk:
        raise Refused(_t("This entity runs the cluster already."))
    why_not_succeed(
        since=present.from_on if present else None, from_on=from_on, today=timezone.localdate(at)
    ).enforce()
    if present:
        present.until_on = from_on - timedelta(days=1)
        present.save(update_fields=["until_on"])
    with refusing({"stewardship_one_at_a_time": _("Another entity ran the cluster on this day.")}):
        stewardship = Stewardship.objects.create(cluster=cluster, entity=entity, from_on=from_on)
    events.record(
        actor=actor,
        verb="cluster.steward_set",
        subject=cluster,
        at=at,
        scopes=cluster.scopes,
        data={"entity": entity.pk, "from_on": from_on},
    )
    return stewardship
