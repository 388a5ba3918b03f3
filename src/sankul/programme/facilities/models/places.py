"""Facilities, the services that they do for others, and what is used up there."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import tracked
from sankul.core.rules.roles import Actor, Scope, narrowed
from sankul.programme.facilities.rules import MANAGE_FACILITY
from sankul.programme.portfolio.models.search import found_by
from sankul.programme.registry.models import Organisation


def kinds_of_samples() -> ArrayField[list[str], list[str]]:
    """A column of kinds of samples, each in a few words, as in "powder" or "frozen tissue"."""
    return ArrayField(
        models.CharField(max_length=60),
        verbose_name=_("kinds of samples"),
        default=list,
        blank=True,
    )


class FacilityQuerySet(models.QuerySet["Facility"]):
    """Facilities, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """Active facilities, and all of the institutions that the actor manages."""
        own = narrowed(actor, MANAGE_FACILITY, organisation="organisation")
        return self.filter(own | models.Q(is_active=True))

    def managed_by(self, actor: Actor) -> Self:
        """Facilities of the institutions that the actor manages."""
        return self.filter(narrowed(actor, MANAGE_FACILITY, organisation="organisation"))


@tracked
class Facility(models.Model):
    """A place of an institution where instruments stand that others may use.

    ``answer_within_hours`` is the time in which a request is promised an answer; ``outsider_share_percent`` of the open hours
    are reserved for other institutions; ``acknowledgement`` is the sentence that papers are asked to print.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="facilities")
    slug = models.SlugField(_("short name in addresses"), max_length=80)
    name = models.CharField(_("name"), max_length=200)
    summary = models.TextField(_("summary"), blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
    latitude = models.DecimalField(
        _("latitude"), max_digits=8, decimal_places=6, null=True, blank=True
    )
    longitude = models.DecimalField(
        _("longitude"), max_digits=9, decimal_places=6, null=True, blank=True
    )
    timezone = models.CharField(_("time zone"), max_length=60, default="Asia/Kolkata")
    contact_email = models.EmailField(_("contact"), blank=True)
    answer_within_hours = models.PositiveSmallIntegerField(
        _("answers requests within (hours)"),
        default=48,
        validators=[MinValueValidator(1), MaxValueValidator(720)],
    )
    outsider_share_percent = models.PositiveSmallIntegerField(
        _("share of hours for other institutions (%)"),
        default=30,
        validators=[MaxValueValidator(100)],
    )
    acknowledgement = models.TextField(_("acknowledgement for papers"), blank=True)
    is_active = models.BooleanField(_("shown in the catalogue"), default=True)

    objects = FacilityQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "facilities"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "slug"], name="facility_slug_once"),
            models.CheckConstraint(
                condition=models.Q(outsider_share_percent__lte=100), name="facility_share_percent"
            ),
            models.CheckConstraint(
                condition=models.Q(answer_within_hours__gte=1), name="facility_answers_in_time"
            ),
            models.CheckConstraint(
                condition=models.Q(latitude__isnull=True, longitude__isnull=True)
                | models.Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                ),
                name="facility_on_the_globe",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scope of its institution."""
        return self.organisation.scopes


class ServiceQuerySet(models.QuerySet["Service"]):
    """Services, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """Active services of active facilities, and all of the institutions that the actor manages."""
        own = narrowed(actor, MANAGE_FACILITY, organisation="facility__organisation")
        return self.filter(own | models.Q(is_active=True, facility__is_active=True))


@tracked
class Service(models.Model):
    """Work done on samples that are sent in; ``turnaround_days`` is the usual time, ``unit_name`` what is paid for."""

    facility = models.ForeignKey(Facility, models.PROTECT, related_name="services")
    slug = models.SlugField(_("short name in addresses"), max_length=80)
    name = models.CharField(_("name"), max_length=200)
    summary = models.TextField(_("summary"), blank=True)
    techniques = models.ManyToManyField(
        "facilities.Technique", blank=True, related_name="services", verbose_name=_("techniques")
    )
    sample_kinds = kinds_of_samples()
    turnaround_days = models.PositiveSmallIntegerField(_("usual time (days)"))
    unit_name = models.CharField(_("paid by the"), max_length=60)
    is_active = models.BooleanField(_("offered"), default=True)

    objects = ServiceQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["facility", "slug"], name="service_slug_once"),
        ]
        indexes = found_by("service", "name", "summary")

    def __str__(self) -> str:
        return self.name

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scope of its institution."""
        return self.facility.scopes


@tracked
class Consumable(models.Model):
    """Something that is used up and paid for beside the time, at a price for each ``unit_name``."""

    facility = models.ForeignKey(Facility, models.PROTECT, related_name="consumables")
    name = models.CharField(_("name"), max_length=120)
    unit_name = models.CharField(_("unit"), max_length=60)
    price_inr = models.DecimalField(_("price of a unit (₹)"), max_digits=12, decimal_places=2)
    is_active = models.BooleanField(_("offered"), default=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["facility", "name"], name="consumable_name_once"),
            models.CheckConstraint(
                condition=models.Q(price_inr__gte=0), name="consumable_price_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.name
