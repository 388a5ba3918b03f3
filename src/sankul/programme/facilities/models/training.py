"""Who was trained on what, and who may use it unaided."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import DateRange, tracked
from sankul.programme.facilities.rules import TrainingOutcome
from sankul.programme.registry.models import Dated

from .instruments import Instrument


@tracked
class Qualification(Dated):
    """A person may use an instrument from a day until a day, unless it was revoked."""

    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="qualifications")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="qualifications"
    )
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    from_on = models.DateField(_("from"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta(Dated.Meta):
        ordering = ["-from_on", "-pk"]
        indexes = [models.Index(fields=["user", "instrument"], name="qualification_of_user")]
        constraints = [
            *Dated.Meta.constraints,
            ExclusionConstraint(
                name="qualification_once_at_a_time",
                expressions=[
                    ("instrument", RangeOperators.EQUAL),
                    ("user", RangeOperators.EQUAL),
                    (DateRange("from_on", "until_on"), RangeOperators.OVERLAPS),
                ],
                condition=models.Q(revoked_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} on {self.instrument}"


@tracked
class TrainingSession(models.Model):
    """A training on an instrument, with a number of places; the instrument is taken meanwhile."""

    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="training_sessions")
    trainer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    places = models.PositiveSmallIntegerField(_("places"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)

    class Meta:
        ordering = ["starts_at", "pk"]
        indexes = [models.Index(fields=["instrument", "ends_at"], name="session_of_instrument")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="session_in_order"
            ),
            models.CheckConstraint(condition=models.Q(places__gte=1), name="session_has_places"),
        ]

    def __str__(self) -> str:
        return f"{self.instrument}, {self.starts_at:%Y-%m-%d %H:%M}"


@tracked
class TrainingPlace(models.Model):
    """A person's place in a training session, and how it ended."""

    session = models.ForeignKey(TrainingSession, models.PROTECT, related_name="taken")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="trainings")
    outcome = models.CharField(
        _("outcome"),
        max_length=20,
        choices=TrainingOutcome.choices,
        default=TrainingOutcome.EXPECTED,
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["session", "user"], name="training_place_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.session}"
