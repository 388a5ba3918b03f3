"""What clusters report regularly, and the returns that they made."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import tracked
from sankul.programme.outcomes.rules import KINDS
from sankul.programme.outcomes.rules.duties import LONGEST_DUE_DAYS, Every, Stage
from sankul.programme.registry.models import Cluster, Programme


@tracked
class Duty(models.Model):
    """Every cluster of a programme says, for each month, quarter, half or year, what it did of some kinds.

    The return is due ``due_days`` after the span. ``until_on`` ends the duty: no span begins after it.
    """

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="duties")
    title = models.CharField(_("title"), max_length=120)
    kinds = ArrayField(models.CharField(max_length=40), verbose_name=_("kinds of results"))
    every = models.CharField(_("how often"), max_length=20, choices=Every.choices)
    due_days = models.PositiveSmallIntegerField(_("days until it is due"))
    from_on = models.DateField(_("first day"))
    until_on = models.DateField(_("last day"), null=True, blank=True)

    class Meta:
        ordering = ["title", "pk"]
        verbose_name_plural = "duties"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(due_days__gte=1, due_days__lte=LONGEST_DUE_DAYS),
                name="duty_due_days",
            ),
            models.CheckConstraint(
                condition=models.Q(kinds__len__gte=1) & models.Q(kinds__contained_by=sorted(KINDS)),
                name="duty_kinds_known",
            ),
            models.CheckConstraint(
                condition=models.Q(until_on__isnull=True)
                | models.Q(until_on__gte=models.F("from_on")),
                name="duty_days_in_order",
            ),
            models.UniqueConstraint(
                fields=["programme", "title"],
                condition=models.Q(until_on__isnull=True),
                name="duty_title_once",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def due_on(self, ends_on: date) -> date:
        """The day by which the return for a span that ends so is due."""
        return ends_on + timedelta(self.due_days)


@tracked
class DutyReturn(models.Model):
    """A cluster's word that so many claims were all of a span; none: nothing this time."""

    duty = models.ForeignKey(Duty, models.PROTECT, related_name="returns", db_index=False)
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="duty_returns")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    claims = models.PositiveIntegerField(_("claims"))
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["duty", "cluster", "starts_on"], name="duty_return_once"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__gt=models.F("starts_on")), name="duty_return_span"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cluster}: {self.duty}, {self.starts_on}"


class Reminder(models.Model):
    """That somebody was reminded of a return, once for each stage."""

    duty = models.ForeignKey(Duty, models.CASCADE, related_name="reminders", db_index=False)
    cluster = models.ForeignKey(Cluster, models.CASCADE, related_name="+", db_index=False)
    starts_on = models.DateField()
    stage = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Stage])
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    sent_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["duty", "cluster", "starts_on", "stage", "user"], name="reminder_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.duty_id} {self.starts_on}"
