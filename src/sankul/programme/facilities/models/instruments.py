"""Instruments, what they can do, and the units that can be used side by side."""

from __future__ import annotations

from typing import Self

import pgtrigger
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import Document, tracked
from sankul.core.rules.roles import Actor, Scope, ScopeKind, narrowed
from sankul.programme.facilities.rules import MANAGE_FACILITY, Assistance, InstrumentStatus
from sankul.programme.portfolio.models.search import found_by
from sankul.programme.registry.models import Organisation

from .places import Facility, kinds_of_samples

AT_LEAST_ONE = MinValueValidator(1)


class Technique(models.Model):
    """A way to measure or make something, by the code of the catalogue."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class InstrumentQuerySet(models.QuerySet["Instrument"]):
    """Instruments, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """Instruments of active facilities, and all of the institutions that the actor manages."""
        own = narrowed(actor, MANAGE_FACILITY, organisation="organisation")
        return self.filter(own | models.Q(facility__is_active=True))

    def managed_by(self, actor: Actor) -> Self:
        """Instruments of the institutions that the actor manages."""
        return self.filter(narrowed(actor, MANAGE_FACILITY, organisation="organisation"))

    def offered(self) -> Self:
        """Those that are not withdrawn."""
        return self.exclude(status=InstrumentStatus.WITHDRAWN)


@tracked
class Instrument(models.Model):
    """An instrument that others may use, with the rules of its booking on the row.

    ``pid`` is its persistent identifier (a DOI or Handle), ``funder_ror`` the ROR id of who paid. Times are minutes, except
    ``horizon_days`` and ``cancel_free_hours``. ``confirmed_at`` is when its institution last said that the listing is right.
    ``organisation`` is that of the facility, filled in by the database, so that addresses are unique in an institution.
    """

    facility = models.ForeignKey(
        Facility, models.PROTECT, related_name="instruments", verbose_name=_("facility")
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="instruments", editable=False, blank=True
    )
    slug = models.SlugField(_("short name in addresses"), max_length=80)
    name = models.CharField(_("name"), max_length=200)
    summary = models.TextField(_("summary"), blank=True)
    make = models.CharField(_("maker"), max_length=120, blank=True)
    model = models.CharField(_("model"), max_length=120, blank=True)
    serial_number = models.CharField(_("serial number"), max_length=80, blank=True)
    pid = models.CharField(_("persistent identifier"), max_length=200, blank=True)
    techniques = models.ManyToManyField(
        Technique, blank=True, related_name="instruments", verbose_name=_("techniques")
    )
    sample_kinds = kinds_of_samples()
    funding_agency = models.CharField(_("funding agency"), max_length=200, blank=True)
    funder_ror = models.CharField(_("ROR id of the agency"), max_length=9, blank=True)
    award_number = models.CharField(_("award number"), max_length=80, blank=True)
    commissioned_on = models.DateField(_("commissioned"), null=True, blank=True)
    status = models.CharField(
        _("status"),
        max_length=20,
        choices=InstrumentStatus.choices,
        default=InstrumentStatus.IN_SERVICE,
    )
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    photo = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("photo")
    )
    confirmed_at = models.DateTimeField(_("listing confirmed"))

    slot_minutes = models.PositiveSmallIntegerField(
        _("slots of (minutes)"), default=30, validators=[AT_LEAST_ONE]
    )
    min_minutes = models.PositiveIntegerField(
        _("shortest booking (minutes)"), default=30, validators=[AT_LEAST_ONE]
    )
    max_minutes = models.PositiveIntegerField(
        _("longest booking (minutes)"), default=480, validators=[AT_LEAST_ONE]
    )
    lead_minutes = models.PositiveIntegerField(_("asked ahead by (minutes)"), default=0)
    horizon_days = models.PositiveSmallIntegerField(
        _("booked ahead up to (days)"), default=90, validators=[AT_LEAST_ONE]
    )
    setup_minutes = models.PositiveSmallIntegerField(_("set-up before (minutes)"), default=0)
    cleanup_minutes = models.PositiveSmallIntegerField(_("clean-up after (minutes)"), default=0)
    needs_approval = models.BooleanField(_("needs approval"), default=False)
    needs_training = models.BooleanField(_("needs training"), default=False)
    assistance = models.CharField(
        _("assistance"), max_length=20, choices=Assistance.choices, default=Assistance.NONE
    )
    quota_minutes_week = models.PositiveIntegerField(
        _("most for one person in a week (minutes)"), null=True, blank=True
    )
    no_show_minutes = models.PositiveSmallIntegerField(
        _("released if not begun after (minutes)"), default=30
    )
    hold_minutes = models.PositiveSmallIntegerField(_("held for (minutes)"), default=60)
    cancel_free_hours = models.PositiveSmallIntegerField(
        _("cancelled free of charge until (hours before)"), default=24
    )

    objects = InstrumentQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        indexes = [
            *found_by("instrument", "name", "summary", "make", "model"),
            GinIndex(fields=["sample_kinds"], name="instrument_by_sample"),
            models.Index(fields=["facility", "status"], name="instrument_by_facility"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["facility", "slug"], name="instrument_slug_once"),
            models.UniqueConstraint(
                fields=["organisation", "slug"], name="instrument_address_once"
            ),
            models.CheckConstraint(
                condition=models.Q(status=InstrumentStatus.WITHDRAWN, withdrawn_at__isnull=False)
                | (
                    ~models.Q(status=InstrumentStatus.WITHDRAWN)
                    & models.Q(withdrawn_at__isnull=True)
                ),
                name="instrument_withdrawn_when",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    slot_minutes__gte=1,
                    min_minutes__gte=1,
                    horizon_days__gte=1,
                    max_minutes__gte=models.F("min_minutes"),
                ),
                name="instrument_booking_lengths",
            ),
            models.CheckConstraint(
                condition=models.Q(funder_ror="")
                | models.Q(funder_ror__regex=r"^0[a-hj-km-np-tv-z0-9]{6}[0-9]{2}$"),
                name="instrument_funder_ror_form",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="organisation_of_facility",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("facility_id", "organisation_id"),
                func="""
                    SELECT f.organisation_id INTO NEW.organisation_id
                    FROM facilities_facility f WHERE f.id = NEW.facility_id;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scope of its institution."""
        if self.organisation_id is None:
            return self.facility.scopes
        return (Scope(ScopeKind.ORGANISATION, self.organisation_id),)


class Specification(models.Model):
    """One figure or property of an instrument, as in resolution, 1.2, nm."""

    instrument = models.ForeignKey(Instrument, models.CASCADE, related_name="specifications")
    name = models.CharField(_("name"), max_length=120)
    value = models.CharField(_("value"), max_length=200)
    unit = models.CharField(_("unit"), max_length=40, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["instrument", "name"], name="specification_name_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.value} {self.unit}".strip()


@tracked
class Unit(models.Model):
    """One of the interchangeable pieces of an instrument: as many can be booked at once as are active."""

    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="units")
    label = models.CharField(_("label"), max_length=60)
    is_active = models.BooleanField(_("can be booked"), default=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["instrument", "label"], name="unit_label_once")
        ]

    def __str__(self) -> str:
        return self.label
