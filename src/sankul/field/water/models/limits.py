"""Limits of water quality: dated, versioned, each with its source."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import DateRange, tracked
from sankul.field.water.rules import Bound
from sankul.field.water.rules.parameters import CHOICES


@tracked
class Limit(models.Model):
    """A limit of drinking water from a day until a day (see ``rules.limits.Bound``), in the parameter's unit."""

    parameter = models.CharField(_("parameter"), max_length=30, choices=CHOICES)
    low = models.DecimalField(_("from"), max_digits=12, decimal_places=5, null=True, blank=True)
    acceptable = models.DecimalField(_("acceptable"), max_digits=12, decimal_places=5)
    permissible = models.DecimalField(
        _("permissible"), max_digits=12, decimal_places=5, null=True, blank=True
    )
    is_least = models.BooleanField(_("a least value"), default=False)
    from_on = models.DateField(_("in force from"))
    until_on = models.DateField(_("until"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=250)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["parameter", "from_on"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(source=""), name="water_limit_with_source"),
            ExclusionConstraint(
                name="water_limit_no_overlap",
                expressions=[
                    ("parameter", RangeOperators.EQUAL),
                    (DateRange("from_on", "until_on"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.parameter} {self.acceptable}"

    @property
    def bound(self) -> Bound:
        """The limit as the rules take it."""
        return Bound(
            self.parameter,
            self.acceptable,
            self.permissible,
            self.from_on,
            self.until_on,
            self.low,
            self.is_least,
        )
