"""What gathers around bookings: waiting, use, orders of services, and tokens of calendars."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import tracked
from sankul.core.rules.roles import Actor, Scope, narrowed
from sankul.programme.bookings.rules import SEE_BOOKINGS, Condition, OrderState, Via, Wait
from sankul.programme.facilities.models import Consumable, Instrument, Service, Tariff
from sankul.programme.facilities.rules import Relation, UserClass
from sankul.programme.registry.models import Organisation

from .asked import Request
from .bookings import Booking


@tracked
class Waiting(models.Model):
    """Somebody who takes the slot as soon as it is free; who asked first, gets it first."""

    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="waiting")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="waiting")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    is_assisted = models.BooleanField(_("with assistance"), default=False)
    purpose = models.CharField(_("purpose"), max_length=500, blank=True)
    state = models.CharField(max_length=10, choices=Wait.choices, default=Wait.WAITING)
    made_at = models.DateTimeField(_("since"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    booking = models.OneToOneField(Booking, models.PROTECT, null=True, related_name="waited")

    class Meta:
        ordering = ["made_at", "pk"]
        verbose_name_plural = "waiting"
        constraints = [
            models.UniqueConstraint(
                fields=["instrument", "user", "starts_at", "ends_at"],
                condition=models.Q(state=Wait.WAITING),
                name="waiting_once",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="waiting_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.starts_at:%Y-%m-%d %H:%M}"


@tracked
class Use(models.Model):
    """What happened: when the instrument was really used, by whom it was told, and how it was left."""

    booking = models.OneToOneField(Booking, models.PROTECT, related_name="use")
    started_at = models.DateTimeField(_("started"))
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    started_via = models.CharField(max_length=10, choices=Via.choices)
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    condition = models.CharField(
        _("left in what state"), max_length=10, choices=Condition.choices, blank=True
    )
    condition_note = models.CharField(_("what was noticed"), max_length=1000, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(stopped_at=None)
                | models.Q(stopped_at__gte=models.F("started_at")),
                name="use_stops_after_start",
            )
        ]

    def __str__(self) -> str:
        return f"use of booking {self.booking_id}"


@tracked
class Consumption(models.Model):
    """How much of a consumable a use took, at the price of the day."""

    use = models.ForeignKey(Use, models.PROTECT, related_name="consumptions")
    consumable = models.ForeignKey(Consumable, models.PROTECT, related_name="+")
    quantity = models.DecimalField(_("quantity"), max_digits=10, decimal_places=3)
    price_inr = models.DecimalField(_("price (₹)"), max_digits=12, decimal_places=2)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["use", "consumable"], name="consumption_once"),
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0), name="consumption_of_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.consumable_id}"


class OrderQuerySet(models.QuerySet["Order"]):
    """Orders, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """One's own, and those of services of whose institution one sees the bookings."""
        hosts = narrowed(actor, SEE_BOOKINGS, organisation="service__facility__organisation_id")
        mine = models.Q(user_id=actor.user_id) if actor.user_id else models.Q(pk__in=[])
        return self.filter(hosts | mine)


@tracked
class Order(Request):
    """Samples sent to a service: asked for, accepted, received, done."""

    service = models.ForeignKey(Service, models.PROTECT, related_name="orders")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="orders")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="orders")
    user_class = models.CharField(_("user class"), max_length=10, choices=UserClass.choices)
    relation = models.CharField(_("relation to the host"), max_length=10, choices=Relation.choices)
    samples = models.PositiveIntegerField(_("samples"))
    note = models.TextField(_("what they are, and what to look for"))
    state = models.CharField(max_length=10, choices=OrderState.choices)
    tariff = models.ForeignKey(Tariff, models.PROTECT, null=True, related_name="+")
    estimate_inr = models.DecimalField(
        _("estimate (₹)"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    made_at = models.DateTimeField(_("made"))
    received_at = models.DateTimeField(_("samples received"), null=True, blank=True)
    done_at = models.DateTimeField(_("results delivered"), null=True, blank=True)
    end_note = models.CharField(_("why it ended"), max_length=500, blank=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(samples__gt=0, samples__lte=10000), name="order_of_samples"
            )
        ]

    def __str__(self) -> str:
        return f"{self.samples} samples to service {self.service_id}"

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The host's scopes."""
        return self.service.facility.scopes


class CalendarToken(models.Model):
    """What a calendar program shows to read the feed of a person, or of an instrument. Only its SHA-256 is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendars")
    instrument = models.ForeignKey(Instrument, models.CASCADE, null=True, related_name="+")
    sha256 = models.CharField(_("hash of the token"), max_length=64, unique=True)
    made_at = models.DateTimeField(_("made"))
    used_at = models.DateTimeField(_("last read"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"calendar of {self.user_id}"
