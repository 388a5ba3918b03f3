"""Bookings: one unit of an instrument, one interval, one person, for one organisation."""

from __future__ import annotations

from typing import Self
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import tracked
from sankul.core.rules.roles import Actor, Scope, narrowed
from sankul.programme.bookings.rules import AHEAD, OCCUPYING, SEE_BOOKINGS, Span, State
from sankul.programme.facilities.models import Instrument, Tariff, Unit
from sankul.programme.facilities.rules import Relation, UserClass
from sankul.programme.registry.models import Organisation

from .asked import Request

NEVER_TWICE = "booking_never_twice"
"""The constraint by which the database refuses a second booking of the same time."""


@tracked
class Series(models.Model):
    """Bookings made by one recurrence rule (RFC 5545), from ``starts_at`` on the clock of ``zone``."""

    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="series")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    rule = models.CharField(_("rule"), max_length=250)
    starts_at = models.DateTimeField(_("first start"))
    zone = models.CharField(_("time zone"), max_length=60)
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name_plural = "series"

    def __str__(self) -> str:
        return self.rule


class BookingQuerySet(models.QuerySet["Booking"]):
    """Bookings, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """One's own, and those of instruments of whose institution one sees the bookings. Others see free and busy only."""
        hosts = narrowed(actor, SEE_BOOKINGS, organisation="instrument__facility__organisation_id")
        mine = models.Q(user_id=actor.user_id) if actor.user_id else models.Q(pk__in=[])
        return self.filter(hosts | mine)

    def occupying(self, span: Span | None = None) -> Self:
        """Those that keep a unit from others (at some moment of ``span``)."""
        rows = self.filter(state__in=OCCUPYING)
        return rows if span is None else rows.filter(occupied__overlap=span)

    def whole(self) -> Self:
        """With what a line about a booking says, in the same query."""
        return self.select_related(
            "instrument__facility__organisation", "unit", "user", "organisation"
        )


@tracked
class Booking(Request):
    """A unit of an instrument from ``starts_at`` to ``ends_at`` for ``user`` of ``organisation``, who pays.

    ``occupied`` is the half-open interval kept from others, with set-up and clean-up. ``user_class``, ``relation``, ``tariff``
    and ``estimate_inr`` are what they were when it was booked. ``sequence`` counts its changes (RFC 5545, 3.8.7.4); ``uid`` never
    changes. ``hold_until`` ends a hold.
    """

    uid = models.UUIDField(_("stable id"), unique=True, default=uuid4, editable=False)
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="bookings")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="bookings", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="bookings")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="bookings")
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    user_class = models.CharField(_("user class"), max_length=10, choices=UserClass.choices)
    relation = models.CharField(_("relation to the host"), max_length=10, choices=Relation.choices)
    state = models.CharField(_("state"), max_length=10, choices=State.choices)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    occupied = DateTimeRangeField(_("kept from others"))
    is_assisted = models.BooleanField(_("with assistance"), default=False)
    purpose = models.CharField(_("purpose"), max_length=500, blank=True)
    tariff = models.ForeignKey(Tariff, models.PROTECT, null=True, related_name="+")
    estimate_inr = models.DecimalField(
        _("estimate (₹)"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    series = models.ForeignKey(Series, models.PROTECT, null=True, related_name="bookings")
    hold_until = models.DateTimeField(_("held until"), null=True, blank=True)
    handed_from = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField(_("made"))
    changed_at = models.DateTimeField(_("changed"))
    sequence = models.PositiveIntegerField(_("changes"), default=0)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)
    is_late = models.BooleanField(_("cancelled late"), default=False)
    end_note = models.CharField(_("why it ended"), max_length=500, blank=True)
    score = models.PositiveSmallIntegerField(_("score of the user (1 to 5)"), null=True, blank=True)
    score_note = models.CharField(_("note of the user"), max_length=500, blank=True)

    objects = BookingQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        indexes = [
            models.Index(fields=["instrument", "starts_at"], name="booking_by_instrument"),
            models.Index(fields=["user", "starts_at"], name="booking_by_user"),
            models.Index(fields=["starts_at"], name="booking_by_start"),
            models.Index(
                fields=["state", "starts_at"],
                condition=models.Q(state__in=[State.HELD, State.REQUESTED, State.CONFIRMED]),
                name="booking_ahead",
            ),
        ]
        constraints = [
            ExclusionConstraint(
                name=NEVER_TWICE,
                expressions=[
                    ("unit", RangeOperators.EQUAL),
                    ("occupied", RangeOperators.OVERLAPS),
                ],
                condition=models.Q(state__in=OCCUPYING),
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")),
                name="booking_ends_after_start",
            ),
            models.CheckConstraint(
                condition=models.Q(occupied__startswith__lte=models.F("starts_at"))
                & models.Q(occupied__endswith__gte=models.F("ends_at"))
                & models.Q(occupied__lower_inc=True, occupied__upper_inc=False),
                name="booking_occupies_its_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=State.HELD) | models.Q(hold_until__isnull=False),
                name="booking_hold_ends",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=[State.REQUESTED, State.REFUSED])
                | models.Q(requested_at__isnull=False, answer_by_at__isnull=False),
                name="booking_request_has_clock",
            ),
            models.CheckConstraint(
                condition=models.Q(score=None) | models.Q(score__gte=1, score__lte=5),
                name="booking_score_of_five",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The host's scopes."""
        return self.instrument.facility.scopes

    @property
    def zone(self) -> ZoneInfo:
        """The clock of the place where the instrument stands."""
        return ZoneInfo(self.instrument.facility.timezone)

    @property
    def is_ahead(self) -> bool:
        """Whether it may still be moved, handed over or cancelled."""
        return self.state in AHEAD

    @property
    def minutes(self) -> float:
        """How long it lasts."""
        return (self.ends_at - self.starts_at).total_seconds() / 60
