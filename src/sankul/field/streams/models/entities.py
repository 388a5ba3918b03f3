"""The entities of the SensorThings API (OGC 18-088), except observations."""

from __future__ import annotations

from typing import Any, Self, TypeVar

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import tracked
from sankul.core.rules.roles import PLATFORM, Actor, Scope, ScopeKind, narrowed
from sankul.field.streams.rules import RECORD_STREAMS, SEE_STREAMS, ObservationType
from sankul.programme.portfolio.models import Deployment
from sankul.programme.registry.models import Cluster, Organisation

M = TypeVar("M", bound=models.Model)

GEO_JSON = "application/geo+json"
GEO_JSON_BEFORE = "application/vnd.geo+json"
"""The name in SensorThings 1.1 of what RFC 7946 calls ``application/geo+json``; both are taken."""


def within(actor: Actor, before: str = "", *, to_change: bool = False) -> models.Q:
    """The filter of entities (``before`` leads to them) that the actor may see, or change."""
    permission = RECORD_STREAMS if to_change else SEE_STREAMS
    if PLATFORM in actor.scopes(permission):
        return models.Q()
    own = narrowed(
        actor,
        permission,
        programme=f"{before}cluster__programme",
        cluster=f"{before}cluster",
        organisation=f"{before}organisation",
    )
    return own if to_change else own | models.Q(**{f"{before}is_public": True})


class HeldQuerySet(models.QuerySet[M]):
    """Entities with a holder, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """Public ones, and all of the own scope."""
        return self.filter(within(actor))

    def changeable_by(self, actor: Actor) -> Self:
        """Those that the actor may record in."""
        return self.filter(within(actor, to_change=True))


class ThingPartQuerySet(models.QuerySet[M]):
    """What belongs to a thing, narrowed as the thing is."""

    def visible_to(self, actor: Actor) -> Self:
        """Those of things that the actor may see."""
        return self.filter(within(actor, "thing__"))

    def changeable_by(self, actor: Actor) -> Self:
        """Those of things that the actor may record in."""
        return self.filter(within(actor, "thing__", to_change=True))


def properties() -> models.JSONField[Any, Any]:
    """The column ``properties`` of an entity: a JSON object."""
    return models.JSONField(_("properties"), default=dict, blank=True)


class Entity(models.Model):
    """What entities have in common: a name, a description, properties, and who holds them.

    ``cluster`` and ``organisation`` are the scopes in which it may be seen and changed; ``is_public`` opens it to everybody.
    """

    name = models.CharField(_("name"), max_length=500)
    description = models.TextField(_("description"), blank=True)
    properties = properties()
    cluster = models.ForeignKey(Cluster, models.PROTECT, null=True, blank=True, related_name="+")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+"
    )
    is_public = models.BooleanField(_("public"), default=False)

    class Meta:
        abstract = True
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scopes that enclose it, narrowest first; a reader has the cluster at hand."""
        scopes = []
        if self.organisation_id:
            scopes.append(Scope(ScopeKind.ORGANISATION, self.organisation_id))
        if self.cluster:
            scopes += self.cluster.scopes
        return tuple(scopes)


class Bounded(models.Model):
    """What lies somewhere: the box around its geometry, in degrees (WGS 84), and null if it has none."""

    west = models.FloatField(null=True, editable=False)
    east = models.FloatField(null=True, editable=False)
    south = models.FloatField(null=True, editable=False)
    north = models.FloatField(null=True, editable=False)

    class Meta:
        abstract = True


@tracked
class Location(Entity, Bounded):
    """Where things are: ``location`` as GeoJSON, or in another encoding that ``encoding_type`` names."""

    encoding_type = models.CharField(_("encoding"), max_length=100, default=GEO_JSON_BEFORE)
    location = models.JSONField(_("location"))

    objects = HeldQuerySet["Location"].as_manager()


@tracked
class Thing(Entity):
    """A device, a well, a place that is observed. ``deployment`` is the one of a project that it belongs to."""

    deployment = models.ForeignKey(
        Deployment, models.PROTECT, null=True, blank=True, related_name="things"
    )
    locations = models.ManyToManyField(Location, blank=True, related_name="things")

    objects = HeldQuerySet["Thing"].as_manager()


@tracked
class HistoricalLocation(models.Model):
    """Where a thing was from a time on."""

    thing = models.ForeignKey(Thing, models.CASCADE, related_name="historical_locations")
    time = models.DateTimeField(_("since"))
    locations = models.ManyToManyField(Location, related_name="historical_locations")

    objects = ThingPartQuerySet["HistoricalLocation"].as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["thing", "time"], name="historical_location_when")]

    def __str__(self) -> str:
        return f"{self.thing_id} {self.time:%d %b %Y}"


@tracked
class Sensor(Entity):
    """What observes: ``metadata`` describes it, in the encoding that ``encoding_type`` names."""

    encoding_type = models.CharField(_("encoding"), max_length=100, default="text/html")
    metadata = models.JSONField(_("metadata"))

    objects = HeldQuerySet["Sensor"].as_manager()


@tracked
class ObservedProperty(Entity):
    """What is observed, with the address of its ``definition``."""

    definition = models.CharField(_("definition"), max_length=2000)

    objects = HeldQuerySet["ObservedProperty"].as_manager()

    class Meta(Entity.Meta):
        verbose_name_plural = "observed properties"


@tracked
class FeatureOfInterest(Entity, Bounded):
    """What observations are about: as a rule, where the thing stands."""

    encoding_type = models.CharField(_("encoding"), max_length=100, default=GEO_JSON_BEFORE)
    feature = models.JSONField(_("feature"))

    objects = HeldQuerySet["FeatureOfInterest"].as_manager()

    class Meta(Entity.Meta):
        verbose_name_plural = "features of interest"


@tracked
class Datastream(models.Model):
    """Observations of one property by one sensor of one thing, in one unit.

    ``unit`` is the unitOfMeasurement, {"name", "symbol", "definition"}, each text or null. ``feature`` is what its observations
    are about unless they say otherwise. Extents and counts stand in its ``latest``. ``expected_every_s`` is how often a value is
    due, in seconds. It is seen and changed where its thing is.
    """

    id = models.AutoField(primary_key=True)
    name = models.CharField(_("name"), max_length=500)
    description = models.TextField(_("description"), blank=True)
    properties = properties()
    thing = models.ForeignKey(Thing, models.CASCADE, related_name="datastreams")
    sensor = models.ForeignKey(Sensor, models.CASCADE, related_name="datastreams")
    observed_property = models.ForeignKey(
        ObservedProperty, models.CASCADE, related_name="datastreams"
    )
    feature = models.ForeignKey(
        FeatureOfInterest, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    observation_type = models.CharField(
        _("kind of observation"),
        max_length=120,
        choices=ObservationType.choices,
        default=ObservationType.MEASUREMENT,
    )
    unit = models.JSONField(_("unit"), default=dict)
    observed_area = models.JSONField(_("observed area"), null=True, blank=True)
    expected_every_s = models.PositiveIntegerField(_("due every (s)"), null=True, blank=True)

    objects = ThingPartQuerySet["Datastream"].as_manager()

    class Meta:
        ordering = ["pk"]
        triggers = [
            pgtrigger.Trigger(
                name="latest_begins",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                func="INSERT INTO streams_latest (stream_id, count) VALUES (NEW.id, 0); RETURN NULL;",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def unit_symbol(self) -> str:
        """The symbol of its unit, empty if it has none."""
        return str(self.unit.get("symbol") or "")
