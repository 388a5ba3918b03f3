"""Facilities, services and consumables, as people describe them."""

from __future__ import annotations

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from .fields import Long, Samples, techniques


class FacilityForm(forms.Form):
    """A facility."""

    name = forms.CharField(label=_("Name"), max_length=200)
    slug = forms.SlugField(label=_("Short name in addresses"), max_length=80)
    summary = Long(label=_("Summary"), required=False)
    place = forms.CharField(label=_("Place"), max_length=200, required=False, help_text=_("City"))
    latitude = forms.DecimalField(
        label=_("Latitude (degrees)"), max_digits=8, decimal_places=6, required=False
    )
    longitude = forms.DecimalField(
        label=_("Longitude (degrees)"), max_digits=9, decimal_places=6, required=False
    )
    timezone = forms.CharField(label=_("Time zone"), max_length=60, initial="Asia/Kolkata")
    contact_email = forms.EmailField(label=_("Contact"), required=False)
    answer_within_hours = forms.IntegerField(
        label=_("Answers requests within (hours)"), min_value=1, max_value=720, initial=48
    )
    outsider_share_percent = forms.IntegerField(
        label=_("Share of hours for other institutions (%)"),
        min_value=0,
        max_value=100,
        initial=30,
    )
    acknowledgement = Long(
        label=_("Acknowledgement for papers"),
        required=False,
        help_text=_("The sentence that papers are asked to print."),
    )
    is_active = forms.BooleanField(label=_("Shown in the catalogue"), required=False, initial=True)


class ServiceForm(forms.Form):
    """A service."""

    name = forms.CharField(label=_("Name"), max_length=200)
    slug = forms.SlugField(label=_("Short name in addresses"), max_length=80)
    summary = Long(label=_("What is done"), required=False)
    techniques = techniques()
    sample_kinds = Samples()
    turnaround_days = forms.IntegerField(label=_("Usual time (days)"), min_value=1, max_value=365)
    unit_name = forms.CharField(label=_("Paid by the"), max_length=60, initial=_("sample"))
    is_active = forms.BooleanField(label=_("Offered"), required=False, initial=True)


class ConsumableForm(forms.Form):
    """A consumable and its price."""

    name = forms.CharField(label=_("Name"), max_length=120)
    unit_name = forms.CharField(label=_("Unit"), max_length=60)
    price_inr = forms.DecimalField(
        label=_("Price of a unit (₹, without tax)"),
        max_digits=12,
        decimal_places=2,
        min_value=Decimal(0),
    )
    is_active = forms.BooleanField(label=_("Offered"), required=False, initial=True)
