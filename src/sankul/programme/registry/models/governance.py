"""Bodies that govern, their members, meetings, minutes and decisions."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import DateRange, Document, tracked
from sankul.core.rules.roles import Scope, ScopeKind
from sankul.programme.registry.rules import BodyKind

from .organisations import Person
from .programmes import Cluster, Dated, Programme


class Body(models.Model):
    """A committee or office of a programme, or of one of its clusters."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="bodies")
    cluster = models.ForeignKey(Cluster, models.PROTECT, null=True, related_name="bodies")
    kind = models.CharField(_("kind"), max_length=20, choices=BodyKind.choices)
    name = models.CharField(_("name"), max_length=200)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "bodies"
        constraints = [
            models.UniqueConstraint(
                fields=["programme"],
                condition=models.Q(kind=BodyKind.APEX),
                name="body_one_apex_committee",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scopes that enclose it, narrowest first."""
        programme = Scope(ScopeKind.PROGRAMME, self.programme_id)
        if self.cluster_id is None:
            return (programme,)
        return (Scope(ScopeKind.CLUSTER, self.cluster_id), programme)


class Seat(Dated):
    """A person's membership of a body."""

    body = models.ForeignKey(Body, models.PROTECT, related_name="seats")
    person = models.ForeignKey(Person, models.PROTECT, related_name="seats")
    capacity = models.CharField(_("in the capacity of"), max_length=120)

    class Meta(Dated.Meta):
        constraints = [
            *Dated.Meta.constraints,
            ExclusionConstraint(
                name="seat_once_at_a_time",
                expressions=[
                    ("body", RangeOperators.EQUAL),
                    ("person", RangeOperators.EQUAL),
                    (DateRange("from_on", "until_on"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} on {self.body}"


class Meeting(models.Model):
    """A meeting of a body, with its minutes."""

    body = models.ForeignKey(Body, models.PROTECT, related_name="meetings")
    held_on = models.DateField(_("held"))
    title = models.CharField(_("title"), max_length=200)
    minutes = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-held_on"]
        constraints = [
            models.UniqueConstraint(fields=["body", "held_on"], name="meeting_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.held_on}"


@tracked
class Decision(models.Model):
    """A decision taken at a meeting; ``subject`` names the record decided on, as the event log does."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="decisions")
    reference = models.CharField(_("reference"), max_length=60)
    text = models.TextField(_("decision"))
    subject = models.CharField(_("record decided on"), max_length=120, blank=True)

    class Meta:
        ordering = ["reference"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "reference"], name="decision_reference_once_a_meeting"
            )
        ]

    def __str__(self) -> str:
        return self.reference
