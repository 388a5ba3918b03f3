"""Tariffs, as people set them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sankul.programme.facilities.rules import Relation, UserClass

from .fields import Clock, Day


def rupees(label: Any, **given: Any) -> forms.DecimalField:
    """An amount of rupees."""
    return forms.DecimalField(
        label=label, max_digits=12, decimal_places=2, min_value=Decimal(0), **given
    )


def percent(label: Any, most: int) -> forms.IntegerField:
    """Whole per cent."""
    return forms.IntegerField(label=label, min_value=0, max_value=most, initial=0)


class TariffForm(forms.Form):
    """A tariff that begins on a day, for some classes and relations."""

    user_classes = forms.MultipleChoiceField(
        label=_("For"), choices=UserClass.choices, widget=forms.CheckboxSelectMultiple
    )
    relations = forms.MultipleChoiceField(
        label=_("From"), choices=Relation.choices, widget=forms.CheckboxSelectMultiple
    )
    from_on = Day(label=_("Begins"), help_text=_("What is booked before that day keeps its price."))
    rate_inr = rupees(_("Rate (₹, without tax)"))
    minimum_inr = rupees(_("Least for a booking (₹)"), initial=0)
    assistance_inr_hour = rupees(_("Assistance (₹ an hour)"), initial=0)
    peak_percent = percent(_("Added in peak hours (%)"), 500)
    peak_from = Clock(label=_("Peak hours from"), required=False)
    peak_until = Clock(label=_("Peak hours until"), required=False)
    cancellation_percent = percent(_("Due for a late cancellation (%)"), 100)
    no_show_percent = percent(_("Due for not coming (%)"), 100)
    sac = forms.RegexField(
        r"^99[0-9]{2}([0-9]{2})?$",
        label=_("SAC"),
        initial="998346",
        help_text=_("The code of the service for tax; 998346 is technical testing and analysis."),
    )


class EndForm(forms.Form):
    """The last day of a tariff."""

    on = Day(label=_("Last day"))
