"""Samples: planned, taken, handed on, analysed."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import tracked
from sankul.core.rules.roles import Actor, Scope
from sankul.field.water.rules import Custodian, SampleKind
from sankul.field.water.rules.parameters import CHOICES
from sankul.programme.registry.models import Organisation

from .sources import Source, within


@tracked
class Plan(models.Model):
    """A source is to be sampled every so many days from a day on, until it ends."""

    source = models.ForeignKey(Source, models.PROTECT, related_name="plans")
    every_days = models.PositiveSmallIntegerField(_("every how many days"))
    starts_on = models.DateField(_("first sample"))
    ends_on = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        ordering = ["starts_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source"],
                condition=models.Q(ends_on=None),
                name="water_plan_one_open_a_source",
            ),
            models.CheckConstraint(
                condition=models.Q(every_days__gte=1), name="water_plan_days_above_zero"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} every {self.every_days} days"


class SampleQuerySet(models.QuerySet["Sample"]):
    """Samples, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """Those of sources the actor may see."""
        return self.filter(within(actor, "source__"))


@tracked
class Sample(models.Model):
    """Water taken at a source at a moment. ``code`` is what the bottle says."""

    source = models.ForeignKey(Source, models.PROTECT, related_name="samples")
    code = models.CharField(_("number on the bottle"), max_length=40)
    kind = models.CharField(_("analysed by"), max_length=20, choices=SampleKind.choices)
    taken_at = models.DateTimeField(_("taken"))
    taken_by = models.CharField(_("taken by (post)"), max_length=120)
    laboratory = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("laboratory"),
    )
    recorded_at = models.DateTimeField(_("recorded"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = SampleQuerySet.as_manager()

    class Meta:
        ordering = ["-taken_at", "-pk"]
        indexes = [models.Index(fields=["source", "-taken_at"], name="water_sample_by_source")]
        constraints = [
            models.UniqueConstraint(fields=["source", "code"], name="water_sample_code_once")
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scopes of its source, which its reader has at hand."""
        return self.source.scopes


@tracked
class Custody(models.Model):
    """One step of a sample on its way: who had it from when on, and in what state it came.

    ``temperature_c`` is that of the box on arrival; bacteriological samples are kept below 10 °C and analysed within 24 hours
    (IS 1622:1981, clause 2).
    """

    sample = models.ForeignKey(Sample, models.CASCADE, related_name="custody")
    step = models.CharField(_("step"), max_length=20, choices=Custodian.choices)
    at = models.DateTimeField(_("when"))
    holder = models.CharField(_("who has it (post)"), max_length=120)
    temperature_c = models.DecimalField(
        _("temperature on arrival (°C)"), max_digits=4, decimal_places=1, null=True, blank=True
    )
    note = models.CharField(_("note"), max_length=250, blank=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.step} {self.holder}"


@tracked
class Result(models.Model):
    """What was found of a parameter, in its unit; below detection, ``value`` is the limit of detection."""

    sample = models.ForeignKey(Sample, models.CASCADE, related_name="results")
    parameter = models.CharField(_("parameter"), max_length=30, choices=CHOICES)
    value = models.DecimalField(_("value"), max_digits=16, decimal_places=5)
    is_below_detection = models.BooleanField(_("below detection"), default=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["sample", "parameter"], name="water_result_once")
        ]

    def __str__(self) -> str:
        return f"{self.parameter} {self.value}"
