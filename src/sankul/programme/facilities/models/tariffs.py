"""What use costs."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, cast

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import DateRange, tracked
from sankul.programme.facilities.rules import Relation, UserClass
from sankul.programme.registry.models import Dated

from .instruments import Instrument
from .places import Service

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

NOT_NEGATIVE = MinValueValidator(Decimal(0))
SAC = r"^99[0-9]{2}([0-9]{2})?$"
"""A Services Accounting Code: chapter 99 of the scheme of classification (Notification 11/2017-Central Tax (Rate), annexure)."""


def money(title: StrOrPromise) -> models.DecimalField[Decimal | str, Decimal]:
    """A column of rupees and paise, never negative."""
    return models.DecimalField(
        title, max_digits=12, decimal_places=2, default=Decimal(0), validators=[NOT_NEGATIVE]
    )


def percent(title: StrOrPromise, most: int) -> models.PositiveSmallIntegerField[int, int]:
    """A column of whole per cent up to ``most``."""
    return models.PositiveSmallIntegerField(title, default=0, validators=[MaxValueValidator(most)])


def one_at_a_time(what: str) -> ExclusionConstraint:
    """No two tariffs of one thing, class and relation hold on one day."""
    return ExclusionConstraint(
        name=f"tariff_of_{what}_one_at_a_time",
        expressions=[
            (what, RangeOperators.EQUAL),
            ("user_class", RangeOperators.EQUAL),
            ("relation", RangeOperators.EQUAL),
            (DateRange("from_on", "until_on"), RangeOperators.OVERLAPS),
        ],
    )


@tracked
class Tariff(Dated):
    """What a class of users pays for an instrument or a service, from a day until a day.

    ``rate_inr`` is for an hour of an instrument, or for a unit of a service; ``minimum_inr`` is the least for one booking;
    ``peak_percent`` is added to the rate between the local times ``peak_from`` and ``peak_until``; ``cancellation_percent`` and
    ``no_show_percent`` are the shares of the estimate that are due for a late cancellation and for not coming. ``sac`` is the
    code under which the service is taxed. Prices are without tax.
    """

    instrument = models.ForeignKey(
        Instrument, models.PROTECT, null=True, blank=True, related_name="tariffs"
    )
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, blank=True, related_name="tariffs"
    )
    user_class = models.CharField(_("class of users"), max_length=20, choices=UserClass.choices)
    relation = models.CharField(_("relation"), max_length=20, choices=Relation.choices)
    rate_inr = money(_("rate (₹)"))
    minimum_inr = money(_("least for a booking (₹)"))
    assistance_inr_hour = money(_("assistance (₹ an hour)"))
    peak_percent = percent(_("added in peak hours (%)"), 500)
    peak_from = models.TimeField(_("peak hours from"), null=True, blank=True)
    peak_until = models.TimeField(_("peak hours until"), null=True, blank=True)
    cancellation_percent = percent(_("due for a late cancellation (%)"), 100)
    no_show_percent = percent(_("due for not coming (%)"), 100)
    sac = models.CharField(
        _("SAC"), max_length=6, default="998346", validators=[RegexValidator(SAC)]
    )
    from_on = models.DateField(_("from"))

    class Meta(Dated.Meta):
        ordering = ["user_class", "relation", "from_on"]
        constraints = [
            *Dated.Meta.constraints,
            one_at_a_time("instrument"),
            one_at_a_time("service"),
            models.CheckConstraint(
                condition=models.Q(instrument__isnull=False, service=None)
                | models.Q(instrument=None, service__isnull=False),
                name="tariff_of_one_thing",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    rate_inr__gte=0,
                    minimum_inr__gte=0,
                    assistance_inr_hour__gte=0,
                    cancellation_percent__lte=100,
                    no_show_percent__lte=100,
                ),
                name="tariff_amounts",
            ),
            models.CheckConstraint(
                condition=models.Q(peak_percent=0, peak_from=None, peak_until=None)
                | models.Q(
                    peak_percent__gt=0,
                    peak_from__isnull=False,
                    peak_until__isnull=False,
                    peak_until__gt=models.F("peak_from"),
                ),
                name="tariff_peak_hours",
            ),
            models.CheckConstraint(condition=models.Q(sac__regex=SAC), name="tariff_sac_form"),
        ]

    def __str__(self) -> str:
        return f"{self.get_user_class_display()}, {self.get_relation_display()}: {self.rate_inr}"

    @property
    def what(self) -> Instrument | Service:
        """What it is the price of."""
        return cast("Instrument | Service", self.instrument or self.service)
