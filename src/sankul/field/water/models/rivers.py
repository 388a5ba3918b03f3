"""Rivers by station and year, as the Central Pollution Control Board publishes them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.field.water.rules.parameters import CHOICES


class RiverImport(models.Model):
    """A table of station-years taken over. ``problems`` are [place, what is wrong], of which the figures were left out;
    ``doubts`` are of figures kept.
    """

    name = models.CharField(_("file"), max_length=255)
    sha256 = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField(_("taken over"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    rows = models.PositiveIntegerField(_("rows"))
    kept = models.PositiveIntegerField(_("station-years"))
    problems = models.JSONField(default=list)
    doubts = models.JSONField(default=list)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return self.name


class Station(models.Model):
    """A station of the National Water Quality Monitoring Programme."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("place"), max_length=250)
    state = models.CharField(_("state or territory"), max_length=120)

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class StationYear(models.Model):
    """A calendar year at a station; ``best_use`` is the best class that its ranges fit all the year, or empty."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="years")
    year = models.PositiveSmallIntegerField(_("year"))
    best_use = models.CharField(_("fit for, by class"), max_length=1, blank=True)
    come_by = models.ForeignKey(RiverImport, models.CASCADE, related_name="years")

    class Meta:
        ordering = ["-year"]
        constraints = [
            models.UniqueConstraint(fields=["station", "year"], name="station_year_once")
        ]

    def __str__(self) -> str:
        return str(self.year)


class YearRange(models.Model):
    """The least and the most of a parameter in a year, in its unit; null where it was not published or cannot be."""

    station_year = models.ForeignKey(StationYear, models.CASCADE, related_name="ranges")
    parameter = models.CharField(_("parameter"), max_length=30, choices=CHOICES)
    least = models.DecimalField(_("least"), max_digits=18, decimal_places=4, null=True)
    most = models.DecimalField(_("most"), max_digits=18, decimal_places=4, null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["station_year", "parameter"], name="year_range_once"),
            models.CheckConstraint(
                condition=models.Q(least__lte=models.F("most"))
                | models.Q(least=None, most__isnull=False)
                | models.Q(least__isnull=False, most=None),
                name="year_range_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.parameter} {self.least} to {self.most}"
