"""What technicians review by: proposals of detection, and calibrations of sensors."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import Document
from sankul.field.streams.rules import Flag
from sankul.field.streams.rules.reviewing import Answer, Reason

from .entities import Datastream
from .observations import Revision


class Detection(models.Model):
    """One look for what stands out by itself in a stream, from ``since`` to before ``until``; ``values`` is how many it read."""

    stream = models.ForeignKey(Datastream, models.CASCADE, related_name="detections")
    since = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("to before"))
    values = models.PositiveIntegerField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField(_("made"))

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.stream_id} {self.made_at:%d %b %Y}"


class Proposal(models.Model):
    """A stretch of ``count`` observations that a detection found, for one reason, and the flag that it proposes.

    ``first`` and ``last`` are the times of its ends, both in it. Nothing is flagged until somebody accepts it.
    """

    detection = models.ForeignKey(Detection, models.CASCADE, related_name="proposals")
    stream = models.ForeignKey(Datastream, models.CASCADE, related_name="proposals")
    first = models.DateTimeField(_("from"))
    last = models.DateTimeField(_("to"))
    count = models.PositiveIntegerField(_("observations"))
    reason = models.PositiveSmallIntegerField(_("reason"), choices=Reason.choices)
    flag = models.PositiveSmallIntegerField(_("flag"), choices=Flag.choices)
    answer = models.CharField(
        _("answer"), max_length=10, choices=Answer.choices, default=Answer.OPEN
    )
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)
    revision = models.ForeignKey(Revision, models.SET_NULL, null=True, related_name="proposals")

    class Meta:
        ordering = ["stream", "first", "pk"]
        indexes = [
            models.Index(
                fields=["stream", "first"],
                condition=models.Q(answer=Answer.OPEN),
                name="proposal_open",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last__gte=models.F("first")), name="proposal_in_order"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}: {self.count}"


class Calibration(models.Model):
    """A sensor compared with a standard: ``read`` is what it told, ``true`` what was right, in the unit of the stream.

    From here on it tells right again. The drift since the calibration before is ``read`` less ``true``.
    """

    stream = models.ForeignKey(Datastream, models.CASCADE, related_name="calibrations")
    at = models.DateTimeField(_("calibrated"))
    read = models.FloatField(_("what the sensor read"))
    true = models.FloatField(_("what was true"))
    note = models.TextField(_("note"), blank=True)
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField(_("recorded"))

    class Meta:
        ordering = ["stream", "at"]
        constraints = [
            models.UniqueConstraint(fields=["stream", "at"], name="calibration_once"),
        ]

    def __str__(self) -> str:
        return f"{self.stream_id} {self.at:%d %b %Y}"

    @property
    def gap(self) -> float:
        """How far the sensor had drifted: what it read less what was true."""
        return self.read - self.true
