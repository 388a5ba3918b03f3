"""Alerts, what was done about them, the proof, and who was told."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import Document, tracked
from sankul.field.alerts.rules import AlertCause, AlertSeverity, AlertState, Rung, Telling
from sankul.field.streams.models import Datastream, Thing

from .detectors import Detector, Held, ScopedQuerySet, Silence


class AlertQuerySet(ScopedQuerySet["Alert"]):
    """Alerts, narrowed."""

    def counted(self) -> Self:
        """Those of deployed things that were to be answered: what the indicators count."""
        rows = self.filter(thing__deployment__isnull=False, cluster__isnull=False)
        return rows.exclude(telling=Telling.SILENT)


@tracked
class Alert(Held):
    """What a detector found, from its first observation (``began_at``) until its observations returned to normal (``ended_at``).

    ``raised_at`` is when it was found. ``worst`` is the value farthest out, in the stream's unit (seconds without an observation,
    or a share of the sites, where the detector looks for that); ``level`` is what it went beyond. ``observation_ids`` are the
    observations that raised it. ``times`` counts how often it began again within the cool-down. Its holder and severity are
    those of the detector when it was raised. ``acted_at`` is when the first action was done with proof.
    """

    detector = models.ForeignKey(Detector, models.PROTECT, related_name="alerts")
    stream = models.ForeignKey(Datastream, models.PROTECT, null=True, related_name="alerts")
    thing = models.ForeignKey(Thing, models.PROTECT, null=True, related_name="alerts")
    severity = models.CharField(_("severity"), max_length=20, choices=AlertSeverity.choices)
    state = models.CharField(
        _("state"), max_length=20, choices=AlertState.choices, default=AlertState.OPEN
    )
    began_at = models.DateTimeField(_("began"))
    raised_at = models.DateTimeField(_("raised"))
    ended_at = models.DateTimeField(_("back to normal"), null=True)
    level = models.FloatField(_("level"), null=True)
    worst = models.FloatField(_("worst value"), null=True)
    worst_at = models.DateTimeField(_("worst at"), null=True)
    times = models.PositiveIntegerField(_("times"), default=1)
    observation_ids = ArrayField(models.BigIntegerField(), default=list)
    part_of = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="parts", verbose_name=_("part of")
    )
    telling = models.CharField(
        _("told"), max_length=20, choices=Telling.choices, default=Telling.NOW
    )
    silence = models.ForeignKey(Silence, models.SET_NULL, null=True, related_name="alerts")
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    acted_at = models.DateTimeField(_("acted, with proof"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    cause = models.CharField(_("cause"), max_length=20, choices=AlertCause.choices, blank=True)
    note = models.TextField(_("note"), blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-began_at", "-pk"]
        indexes = [
            models.Index(fields=["cluster", "-began_at"], name="alert_cluster"),
            models.Index(fields=["detector", "stream", "-began_at"], name="alert_detector"),
            models.Index(
                fields=["stream"],
                condition=~models.Q(state=AlertState.CLOSED),
                name="alert_standing",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["detector", "stream"],
                condition=~models.Q(state=AlertState.CLOSED),
                nulls_distinct=False,
                name="alert_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at=None) | models.Q(ended_at__gte=models.F("began_at")),
                name="alert_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(state=AlertState.CLOSED, closed_at__isnull=False)
                & ~models.Q(cause="")
                | ~models.Q(state=AlertState.CLOSED) & models.Q(closed_at=None, cause=""),
                name="alert_closed_with_cause",
            ),
            models.CheckConstraint(
                condition=models.Q(state=AlertState.OPEN, acknowledged_at=None)
                | ~models.Q(state=AlertState.OPEN) & models.Q(acknowledged_at__isnull=False),
                name="alert_acknowledged_first",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.detector_id} {self.began_at:%Y-%m-%dT%H:%M}"

    @property
    def is_standing(self) -> bool:
        """Whether its observations have not returned to normal, as far as is known."""
        return self.ended_at is None and self.state != AlertState.CLOSED


@tracked
class Action(models.Model):
    """What somebody does about an alert: who (a post, and an account if it has one), by when, and what shows that it was done."""

    alert = models.ForeignKey(Alert, models.PROTECT, related_name="actions")
    what = models.CharField(_("what is done"), max_length=250)
    owner_post = models.CharField(_("who does it (post)"), max_length=120)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("account"),
    )
    due_at = models.DateTimeField(_("due"))
    begun_at = models.DateTimeField(_("begun"))
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = models.TextField(_("what was found and done"), blank=True)
    documents: models.ManyToManyField[Document, Proof] = models.ManyToManyField(
        Document, through="Proof", related_name="+"
    )

    class Meta:
        ordering = ["begun_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(done_at=None) | models.Q(done_at__gte=models.F("begun_at")),
                name="alert_action_in_order",
            )
        ]

    def __str__(self) -> str:
        return self.what


@tracked
class Proof(models.Model):
    """A document or photo that shows what was done."""

    action = models.ForeignKey(Action, models.PROTECT, related_name="proofs")
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    added_at = models.DateTimeField(_("added"))
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["action", "document"], name="alert_proof_once")
        ]

    def __str__(self) -> str:
        return self.document_id


class Told(models.Model):
    """Who was told of an alert, and when: each rung of the escalation once each time that it began."""

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="told")
    rung = models.CharField(_("who"), max_length=20, choices=Rung.choices)
    times = models.PositiveIntegerField(default=1)
    at = models.DateTimeField(_("told"))

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["alert", "rung", "times"], name="alert_told_once")
        ]

    def __str__(self) -> str:
        return f"{self.alert_id} {self.rung}"


class Digest(models.Model):
    """The one letter of a day about a site with more alerts than are told one by one. ``on`` is a day in India."""

    thing = models.ForeignKey(Thing, models.CASCADE, related_name="+")
    on = models.DateField(_("day"))
    sent_at = models.DateTimeField(_("sent"), null=True)
    alerts = models.PositiveIntegerField(_("alerts"), default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["thing", "on"], name="alert_digest_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.thing_id} {self.on}"
