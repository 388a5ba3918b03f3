"""What raises alerts, how far each has come, and when nobody is told."""

from __future__ import annotations

from typing import Any, Self, TypeVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import tracked
from sankul.core.rules.roles import PLATFORM, Actor, Permission, Scope, ScopeKind, narrowed
from sankul.field.alerts.rules import SEE_ALERTS, AlertSeverity, DetectorKind
from sankul.field.streams.models import Datastream, Thing
from sankul.programme.registry.models import Cluster, Organisation

M = TypeVar("M", bound=models.Model)


def within(actor: Actor, permission: Permission, before: str = "") -> models.Q:
    """The filter of what is held (``before`` leads to it) where the actor holds a permission."""
    if PLATFORM in actor.scopes(permission):
        return models.Q()
    return narrowed(
        actor,
        permission,
        programme=f"{before}cluster__programme",
        cluster=f"{before}cluster",
        organisation=f"{before}organisation",
    )


class ScopedQuerySet(models.QuerySet[M]):
    """Rows with a holder, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """Those of the own scope."""
        return self.filter(within(actor, SEE_ALERTS))

    def open_to(self, actor: Actor, permission: Permission) -> Self:
        """Those of the scopes where the actor holds a permission."""
        return self.filter(within(actor, permission))


class Held(models.Model):
    """Who holds a row: the cluster or organisation of the thing it is about, or that it was made for."""

    cluster = models.ForeignKey(
        Cluster,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("cluster"),
    )
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("organisation"),
    )

    class Meta:
        abstract = True

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scopes that enclose it, narrowest first; a reader has the cluster at hand."""
        own = (Scope(ScopeKind.ORGANISATION, self.organisation_id),) if self.organisation_id else ()
        return (*own, *(self.cluster.scopes if self.cluster else ()))


@tracked
class Detector(Held):
    """What raises alerts: of one stream, or of the streams of a group (``members``) where it looks for many sites at once.

    ``parameters`` are those of its kind (``rules.detecting``), in the stream's unit and seconds. An alert that begins again
    within ``cool_down_s`` of its end is the same alert. ``guidance`` says what to do first. ``version`` counts its changes.
    """

    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=20, choices=DetectorKind.choices)
    stream = models.ForeignKey(
        Datastream,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="detectors",
        verbose_name=_("stream"),
    )
    members = models.ManyToManyField(Datastream, blank=True, related_name="network_detectors")
    parameters: models.JSONField[Any, Any] = models.JSONField(_("parameters"))
    severity = models.CharField(
        _("severity"), max_length=20, choices=AlertSeverity.choices, default=AlertSeverity.WARNING
    )
    cool_down_s = models.PositiveIntegerField(_("cool-down (s)"), default=3600)
    guidance = models.TextField(_("what to do first"), blank=True)
    is_enabled = models.BooleanField(_("on"), default=True)
    version = models.PositiveIntegerField(_("version"), default=1)
    made_at = models.DateTimeField(_("made"))
    changed_at = models.DateTimeField(_("changed"))
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = ScopedQuerySet["Detector"].as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["stream", "name"], name="detector_named_once"),
            models.UniqueConstraint(
                fields=["cluster", "name"],
                condition=models.Q(kind=DetectorKind.NETWORK),
                name="group_detector_named_once",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=DetectorKind.NETWORK, stream=None)
                | ~models.Q(kind=DetectorKind.NETWORK) & models.Q(stream__isnull=False),
                name="detector_of_stream_or_group",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DetectorState(models.Model):
    """How far a detector has come. ``state`` is the engine's, after the observation of ``upto``.

    ``version`` is that of the detector it belongs to: a changed detector begins anew. ``seen_count`` and ``seen_arrived_at``
    are what the stream had when it was looked at. ``older`` and ``newer`` are states to begin again from where something is late.
    """

    detector = models.OneToOneField(
        Detector, models.CASCADE, primary_key=True, related_name="state"
    )
    version = models.PositiveIntegerField()
    state = ArrayField(models.FloatField())
    upto = models.DateTimeField(null=True)
    seen_count = models.BigIntegerField(default=0)
    seen_arrived_at = models.DateTimeField(null=True)
    older = ArrayField(models.FloatField())
    older_at = models.DateTimeField(null=True)
    newer = ArrayField(models.FloatField())
    newer_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.detector_id} up to {self.upto}"


@tracked
class Silence(Held):
    """From when until when alerts are recorded and not told: of a thing, or of all that a cluster or organisation holds."""

    thing = models.ForeignKey(
        Thing,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="silences",
        verbose_name=_("site"),
    )
    reason = models.CharField(_("reason"), max_length=250)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = ScopedQuerySet["Silence"].as_manager()

    class Meta:
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gte=models.F("starts_at")), name="silence_in_order"
            )
        ]

    def __str__(self) -> str:
        return self.reason
