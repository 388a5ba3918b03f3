"""Programmes, their reporting periods, clusters and what they work on."""

from __future__ import annotations

from datetime import date
from typing import Self, TypeVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import DateRange, tracked
from sankul.core.rules.roles import Scope, ScopeKind
from sankul.programme.registry.rules import FactTopic

M_co = TypeVar("M_co", bound=models.Model, covariant=True)


class DatedQuerySet(models.QuerySet[M_co]):
    """Rows that hold from a day until a day."""

    def on(self, day: date) -> Self:
        """Those in force on a day."""
        return self.filter(in_force(day))


def in_force(day: date) -> models.Q:
    """The filter that keeps what is in force on a day."""
    return models.Q(
        models.Q(from_on__isnull=True) | models.Q(from_on__lte=day),
        models.Q(until_on__isnull=True) | models.Q(until_on__gte=day),
    )


class Dated(models.Model):
    """Something that holds from a day until a day, both included; an empty end is open or not known."""

    from_on = models.DateField(_("from"), null=True, blank=True)
    until_on = models.DateField(_("until"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until_on__isnull=True)
                | models.Q(from_on__isnull=True)
                | models.Q(until_on__gte=models.F("from_on")),
                name="%(class)s_dates_in_order",
            )
        ]

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return not (
            (self.from_on is not None and self.from_on > day)
            or (self.until_on is not None and self.until_on < day)
        )


@tracked
class Programme(models.Model):
    """A science and technology cluster programme."""

    slug = models.SlugField(_("short name in addresses"), unique=True)
    name = models.CharField(_("name"), max_length=200)
    summary = models.TextField(_("summary"), blank=True)
    starts_on = models.DateField(_("began"))
    is_demonstration = models.BooleanField(_("demonstration"), default=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scopes that enclose it, narrowest first."""
        return (Scope(ScopeKind.PROGRAMME, self.pk),)


class Period(models.Model):
    """A reporting period of a programme, usually a year; both ends belong to it."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="periods")
    label = models.CharField(_("period"), max_length=20)
    starts_on = models.DateField(_("starts"))
    ends_on = models.DateField(_("ends"))
    opened_at = models.DateTimeField(_("records open to the public since"), null=True, blank=True)

    class Meta:
        ordering = ["-starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "label"], name="period_label_once_a_programme"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__gt=models.F("starts_on")), name="period_dates_in_order"
            ),
            ExclusionConstraint(
                name="period_no_overlap",
                expressions=[
                    ("programme", RangeOperators.EQUAL),
                    (DateRange("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def months(self) -> int:
        """Calendar months that it touches."""
        years = self.ends_on.year - self.starts_on.year
        return years * 12 + self.ends_on.month - self.starts_on.month + 1


class FocusArea(models.Model):
    """A subject that a programme's clusters work on."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="focus_areas")
    name = models.CharField(_("focus area"), max_length=120)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "name"], name="focus_area_once_a_programme"
            )
        ]

    def __str__(self) -> str:
        return self.name


@tracked
class Cluster(models.Model):
    """A city or regional consortium. The legal entity that runs it is another record (``Stewardship``)."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="clusters")
    slug = models.SlugField(_("short name in addresses"))
    name = models.CharField(_("name"), max_length=200)
    place = models.CharField(_("city or region"), max_length=200)
    region = models.CharField(_("states and territories"), max_length=200, blank=True)
    launched_on = models.DateField(_("launched"), null=True, blank=True)
    website = models.URLField(_("website"), blank=True)
    focus_areas = models.ManyToManyField(FocusArea, blank=True, related_name="clusters")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "slug"], name="cluster_slug_once")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scopes that enclose it, narrowest first."""
        return (
            Scope(ScopeKind.CLUSTER, self.pk),
            Scope(ScopeKind.PROGRAMME, self.programme_id),
        )


class Fact(models.Model):
    """A statement of the public record about a programme or one of its clusters, with its source and day."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="facts")
    cluster = models.ForeignKey(Cluster, models.PROTECT, null=True, related_name="facts")
    topic = models.CharField(_("topic"), max_length=20, choices=FactTopic.choices)
    statement = models.TextField(_("statement"))
    source_title = models.CharField(_("source"), max_length=200)
    source_url = models.CharField(_("address of the source"), max_length=500, blank=True)
    as_of_on = models.DateField(_("as of"))
    is_unverified = models.BooleanField(_("not verified"), default=False)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.statement[:80]
