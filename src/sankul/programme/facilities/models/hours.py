"""When a facility or an instrument is open."""

from __future__ import annotations

from datetime import time

from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import tracked
from sankul.programme.facilities.rules import Weekday

from .instruments import Instrument
from .places import Facility


@tracked
class Opening(models.Model):
    """Hours of one day of the week, in the facility's zone; ``closes`` at 00:00 is the end of that day.

    Hours of an instrument replace those of its facility altogether; those without an instrument are the facility's.
    """

    facility = models.ForeignKey(Facility, models.CASCADE, related_name="openings")
    instrument = models.ForeignKey(
        Instrument, models.CASCADE, null=True, blank=True, related_name="openings"
    )
    weekday = models.PositiveSmallIntegerField(_("day"), choices=Weekday.choices)
    opens = models.TimeField(_("opens"))
    closes = models.TimeField(_("closes"))

    class Meta:
        ordering = ["weekday", "opens"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(weekday__lte=6), name="opening_day_of_the_week"
            ),
            models.CheckConstraint(
                condition=models.Q(closes=time(0)) | models.Q(closes__gt=models.F("opens")),
                name="opening_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H:%M}-{self.closes:%H:%M}"


@tracked
class Closure(models.Model):
    """Days on which a facility, or one instrument of it, is closed; both ends belong to it."""

    facility = models.ForeignKey(Facility, models.CASCADE, related_name="closures")
    instrument = models.ForeignKey(
        Instrument, models.CASCADE, null=True, blank=True, related_name="closures"
    )
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"))
    reason = models.CharField(_("reason"), max_length=200)

    class Meta:
        ordering = ["from_on", "pk"]
        indexes = [models.Index(fields=["facility", "until_on"], name="closure_by_facility")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until_on__gte=models.F("from_on")), name="closure_in_order"
            )
        ]

    def __str__(self) -> str:
        return self.reason
