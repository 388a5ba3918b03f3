"""Who sends: devices with their tokens; and what was refused, kept until somebody mends it."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import tracked
from sankul.core.rules.roles import PLATFORM, Actor, Scope, ScopeKind, narrowed
from sankul.field.streams.rules import MANAGE_DEVICES, RECORD_STREAMS, DoorName, RefusalCode
from sankul.programme.portfolio.models import Deployment
from sankul.programme.registry.models import Cluster, Organisation

from .entities import Datastream, Thing


class DeviceQuerySet(models.QuerySet["Device"]):
    """Devices, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """Devices that the actor may manage."""
        if PLATFORM in actor.scopes(MANAGE_DEVICES):
            return self
        return self.filter(
            narrowed(actor, MANAGE_DEVICES, cluster="cluster", organisation="organisation")
        )


@tracked
class Device(models.Model):
    """What sends observations with a token: those of one ``thing``, or else of a ``deployment``, or else of the whole scope.

    Only the digest of the secret is kept. ``per_minute`` is how many observations it may send a minute; ``allowance`` is what is
    left of that, as of ``allowance_at``.
    """

    name = models.CharField(_("name"), max_length=120)
    cluster = models.ForeignKey(Cluster, models.PROTECT, null=True, blank=True, related_name="+")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+"
    )
    deployment = models.ForeignKey(
        Deployment, models.PROTECT, null=True, blank=True, related_name="devices"
    )
    thing = models.ForeignKey(Thing, models.CASCADE, null=True, blank=True, related_name="devices")
    prefix = models.CharField(_("begins with"), max_length=20)
    digest = models.CharField(max_length=64, unique=True)
    per_minute = models.PositiveIntegerField(_("observations a minute"), default=60_000)
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    last_seen_on = models.DateField(_("last seen"), null=True)

    objects = DeviceQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(digest__regex=r"^[0-9a-f]{64}$"), name="device_digest_form"
            ),
            models.CheckConstraint(
                condition=models.Q(cluster__isnull=False) | models.Q(organisation__isnull=False),
                name="device_has_holder",
            ),
            models.CheckConstraint(
                condition=models.Q(per_minute__gte=1), name="device_may_send_something"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scopes that enclose it, narrowest first; a reader has the cluster at hand."""
        own = (Scope(ScopeKind.ORGANISATION, self.organisation_id),) if self.organisation_id else ()
        return (*own, *(self.cluster.scopes if self.cluster else ()))


class Allowance(models.Model):
    """What a device may still send this minute: ``left`` as of ``at``; a bucket that fills with time."""

    device = models.OneToOneField(
        Device, models.CASCADE, primary_key=True, related_name="allowance"
    )
    left = models.FloatField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.device_id}: {self.left}"


class DeadLetterQuerySet(models.QuerySet["DeadLetter"]):
    """Dead letters, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """Those of the own scope; those that belong nowhere are the platform's."""
        if PLATFORM in actor.scopes(RECORD_STREAMS):
            return self
        return self.filter(
            narrowed(actor, RECORD_STREAMS, cluster="cluster", organisation="organisation")
        )

    def waiting(self) -> Self:
        """Those that nobody replayed or put away yet."""
        return self.filter(settled_at=None)


class DeadLetter(models.Model):
    """What was sent and not taken in: the payload as it came, the reason in words, and the place in what was sent.

    ``payload`` is one observation: {"stream", "time", "value", …} as far as it could be read, else {"text"}. It is settled by
    being replayed (``observation_id``) or put away with a note.
    """

    door = models.CharField(max_length=20, choices=DoorName.choices)
    code = models.CharField(_("kind"), max_length=20, choices=RefusalCode.choices)
    reason = models.TextField(_("reason"))
    place = models.CharField(_("place"), max_length=200, blank=True)
    payload = models.JSONField(_("what was sent"))
    stream = models.ForeignKey(Datastream, models.SET_NULL, null=True, related_name="dead_letters")
    device = models.ForeignKey(Device, models.SET_NULL, null=True, related_name="dead_letters")
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    cluster = models.ForeignKey(Cluster, models.PROTECT, null=True, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    received_at = models.DateTimeField(_("received"))
    settled_at = models.DateTimeField(_("settled"), null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    note = models.TextField(_("note"), blank=True)
    observation_id = models.BigIntegerField(null=True)

    objects = DeadLetterQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at", "-pk"]
        indexes = [
            models.Index(
                fields=["cluster", "-received_at"],
                condition=models.Q(settled_at__isnull=True),
                name="dead_letter_waiting",
            )
        ]

    def __str__(self) -> str:
        return self.reason
