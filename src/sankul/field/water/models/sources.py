"""Where water is taken, for whom, and by which scheme."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import tracked
from sankul.core.rules.roles import PLATFORM, Actor, Scope, ScopeKind, narrowed
from sankul.field.streams.models import Datastream
from sankul.field.water.rules import SEE_WATER, Purpose, SourceKind
from sankul.field.water.rules.parameters import CHOICES
from sankul.programme.registry.models import Cluster, Organisation


def within(actor: Actor, before: str = "") -> models.Q:
    """The filter of sources (``before`` leads to them) that the actor may see."""
    if PLATFORM in actor.scopes(SEE_WATER):
        return models.Q()
    own = narrowed(
        actor,
        SEE_WATER,
        programme=f"{before}village__cluster__programme",
        cluster=f"{before}village__cluster",
        organisation=f"{before}village__body",
    )
    return own | models.Q(**{f"{before}is_public": True})


@tracked
class Village(models.Model):
    """A village or ward. ``body`` is the local government that answers for its water."""

    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="villages")
    body = models.ForeignKey(
        Organisation, models.PROTECT, related_name="villages", verbose_name=_("local government")
    )
    name = models.CharField(_("name"), max_length=200)
    district = models.CharField(_("district"), max_length=120)
    state = models.CharField(_("state or territory"), max_length=120)
    people = models.PositiveIntegerField(_("people"), null=True, blank=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cluster", "state", "district", "name"], name="village_once"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scopes that enclose it; a reader has the cluster at hand."""
        return (Scope(ScopeKind.ORGANISATION, self.body_id), *self.cluster.scopes)


@tracked
class Scheme(models.Model):
    """A water supply: what it is called and who runs it."""

    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="water_schemes")
    name = models.CharField(_("name"), max_length=200)
    run_by = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["cluster", "name"], name="water_scheme_once")
        ]

    def __str__(self) -> str:
        return self.name


class SourceQuerySet(models.QuerySet["Source"]):
    """Sources, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """Public ones, and all of the own scope."""
        return self.filter(within(actor))


@tracked
class Source(models.Model):
    """A well, a tap, a reach of a river: where samples are taken. Degrees are of WGS 84."""

    village = models.ForeignKey(Village, models.PROTECT, related_name="sources")
    scheme = models.ForeignKey(
        Scheme, models.PROTECT, null=True, blank=True, related_name="sources"
    )
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=20, choices=SourceKind.choices)
    purpose = models.CharField(_("used as"), max_length=20, choices=Purpose.choices)
    latitude = models.DecimalField(
        _("latitude"), max_digits=8, decimal_places=5, null=True, blank=True
    )
    longitude = models.DecimalField(
        _("longitude"), max_digits=8, decimal_places=5, null=True, blank=True
    )
    is_public = models.BooleanField(_("public"), default=False)

    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["village", "name"], name="water_source_once"),
            models.CheckConstraint(
                condition=models.Q(latitude=None, longitude=None)
                | models.Q(
                    latitude__isnull=False, longitude__isnull=False,
                    latitude__range=(-90, 90), longitude__range=(-180, 180),
                ),
                name="water_source_on_earth",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scopes of its village, which its reader has at hand."""
        return self.village.scopes


@tracked
class SensorAt(models.Model):
    """A data stream that measures a parameter at a source, in the parameter's unit."""

    source = models.ForeignKey(Source, models.PROTECT, related_name="sensors")
    parameter = models.CharField(_("parameter"), max_length=30, choices=CHOICES)
    datastream = models.OneToOneField(Datastream, models.PROTECT, related_name="water_sensor")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.parameter} {self.datastream_id}"
