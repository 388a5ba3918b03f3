"""Recording villages, the sources that they drink from, and the sensors there."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.core.actions import events
from sankul.core.actions.rows import write
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.field.streams.models import Datastream
from sankul.field.water.models import Scheme, SensorAt, Source, Village
from sankul.field.water.rules import RECORD_WATER
from sankul.field.water.rules.parameters import why_not_unit
from sankul.programme.registry.models import Cluster, Organisation
from sankul.programme.registry.rules import OrganisationKind


@transaction.atomic
def add_village(
    *,
    actor: Actor,
    cluster: Cluster,
    body: Organisation,
    name: str,
    district: str,
    state: str,
    at: datetime,
    people: int | None = None,
) -> Village:
    """Record a village or ward with the local government that answers for its water.

    Raises Refused for a body that is none, of another world (real, fictional), and for a village that is there.
    """
    require(actor, RECORD_WATER, *cluster.scopes)
    if body.kind != OrganisationKind.LOCAL_GOVERNMENT:
        raise Refused(_t("%s is no local government.") % body.name)
    if body.is_demonstration != cluster.programme.is_demonstration:
        raise Refused(_t("Real goes with real, fictional with fictional."))
    made = Village(
        cluster=cluster, body=body, name=name.strip(), district=district.strip(), state=state.strip(), people=people,
    )  # fmt: skip
    write(made, reasons={"village_once": _("This village is recorded already.")})
    events.record(actor=actor, verb="water.village_added", subject=made, at=at, scopes=made.scopes)
    return made


@transaction.atomic
def add_source(
    *,
    actor: Actor,
    village: Village,
    name: str,
    kind: str,
    purpose: str,
    at: datetime,
    scheme: Scheme | None = None,
    latitude: Decimal | None = None,
    longitude: Decimal | None = None,
    is_public: bool = False,
) -> Source:
    """Record where water is taken. Raises Refused for one coordinate without the other, and a name the village has."""
    require(actor, RECORD_WATER, *village.scopes)
    if (latitude is None) != (longitude is None):
        raise Refused(_t("Give both latitude and longitude, or neither."))
    made = Source(
        village=village, scheme=scheme, name=name.strip(), kind=kind, purpose=purpose, latitude=latitude,
        longitude=longitude, is_public=is_public,
    )  # fmt: skip
    write(
        made,
        reasons={
            "water_source_once": _("This village has a source of that name."),
            "water_source_on_earth": _("These coordinates are not on earth."),
        },
    )
    events.record(actor=actor, verb="water.source_added", subject=made, at=at, scopes=made.scopes)
    return made


@transaction.atomic
def place_sensor(
    *, actor: Actor, source: Source, parameter: str, datastream: Datastream, at: datetime
) -> SensorAt:
    """Say that a stream measures a parameter at a source.

    Raises Refused for a stream of another cluster, one that measures in another unit, and one that stands somewhere already.
    """
    require(actor, RECORD_WATER, *source.scopes)
    if datastream.thing.cluster_id != source.village.cluster_id:
        raise Refused(_t("This stream belongs to another cluster."))
    if why := why_not_unit(parameter, str((datastream.unit or {}).get("symbol") or "")):
        raise Refused(why)
    if SensorAt.objects.filter(datastream=datastream).exists():
        raise Refused(_t("This stream stands at a source already."))
    made = SensorAt(source=source, parameter=parameter, datastream=datastream)
    write(made)
    events.record(
        actor=actor, verb="water.sensor_placed", subject=made, at=at, scopes=source.scopes,
        data={"source": source.pk, "parameter": parameter, "stream": datastream.pk},
    )  # fmt: skip
    return made
