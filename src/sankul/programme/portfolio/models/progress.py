"""What a project promised and what it measured: milestones, baselines, measurements."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import Document, tracked
from sankul.programme.portfolio.rules import GOING, Stage

from .projects import Project


@tracked
class Milestone(models.Model):
    """Something to be reached by a day. ``due_on`` is the first promise and stays; ``expected_on`` is the day now expected."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="milestones")
    title = models.CharField(_("milestone"), max_length=250)
    stage = models.CharField(
        _("belongs to"),
        max_length=20,
        choices=[(stage.value, stage.label) for stage in GOING],
        default=Stage.PILOT,
    )
    due_on = models.DateField(_("due"))
    expected_on = models.DateField(_("now expected"))
    slip_reason = models.TextField(_("why it slipped"), blank=True)
    done_on = models.DateField(_("reached"), null=True, blank=True)
    proof = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("proof")
    )
    proof_url = models.URLField(_("address of the proof"), max_length=500, blank=True)

    class Meta:
        ordering = ["expected_on", "pk"]
        indexes = [
            models.Index(
                fields=["expected_on"],
                condition=models.Q(done_on__isnull=True),
                name="milestone_to_come",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expected_on=models.F("due_on")) | ~models.Q(slip_reason=""),
                name="milestone_slipped_why",
            ),
            models.CheckConstraint(
                condition=models.Q(done_on__isnull=True)
                | models.Q(proof__isnull=False)
                | ~models.Q(proof_url=""),
                name="milestone_reached_with_proof",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def has_slipped(self) -> bool:
        """Whether it is expected or was reached later than first promised."""
        return (self.done_on or self.expected_on) > self.due_on


@tracked
class Baseline(models.Model):
    """What is measured, and its value before the work began: later measurements are read against it."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="baselines")
    indicator = models.CharField(_("what is measured"), max_length=200)
    unit = models.CharField(_("unit"), max_length=80)
    value = models.DecimalField(_("value"), max_digits=18, decimal_places=4)
    target = models.DecimalField(
        _("target"), max_digits=18, decimal_places=4, null=True, blank=True
    )
    measured_on = models.DateField(_("measured on"))
    method = models.TextField(_("method"))
    source = models.CharField(_("source"), max_length=250)
    recorded_at = models.DateTimeField(_("recorded"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "indicator"], name="baseline_once_an_indicator"
            )
        ]

    def __str__(self) -> str:
        return self.indicator


@tracked
class Measurement(models.Model):
    """A later value of what a baseline measured, in its unit and by its method."""

    baseline = models.ForeignKey(
        Baseline, models.PROTECT, related_name="measurements", db_index=False
    )
    value = models.DecimalField(_("value"), max_digits=18, decimal_places=4)
    measured_on = models.DateField(_("measured on"))
    source = models.CharField(_("source"), max_length=250)
    note = models.TextField(_("note"), blank=True)
    recorded_at = models.DateTimeField(_("recorded"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["measured_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["baseline", "measured_on"], name="measurement_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.value} on {self.measured_on}"
