"""Instruments, as people describe them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.programme.facilities.rules import Assistance

from .fields import Day, Long, Samples, techniques


class AboutForm(forms.Form):
    """What an instrument is."""

    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        help_text=_("What people search for, as in Field-emission scanning electron microscope."),
    )
    slug = forms.SlugField(
        label=_("Short name in addresses"),
        max_length=80,
        help_text=_("Small letters, digits and hyphens; links and QR codes are made of it."),
    )
    summary = Long(label=_("What it is for"), required=False)
    make = forms.CharField(label=_("Maker"), max_length=120, required=False)
    model = forms.CharField(label=_("Model"), max_length=120, required=False)
    serial_number = forms.CharField(label=_("Serial number"), max_length=80, required=False)
    techniques = techniques()
    new_technique = forms.CharField(
        label=_("Another technique"),
        max_length=120,
        required=False,
        help_text=_("One that is not in the list; others can then choose it too."),
    )
    sample_kinds = Samples()
    specifications = Long(
        label=_("Specification"),
        required=False,
        help_text=_("One property a line: name | value | unit, as in Resolution | 1.2 | nm."),
    )
    units = forms.IntegerField(
        label=_("Units"),
        min_value=1,
        max_value=50,
        initial=1,
        help_text=_("How many of it can be used side by side."),
    )
    commissioned_on = Day(label=_("Commissioned"), required=False)
    pid = forms.CharField(
        label=_("Persistent identifier"),
        max_length=200,
        required=False,
        help_text=_("A DOI or Handle, if it has one."),
    )
    funding_agency = forms.CharField(label=_("Funding agency"), max_length=200, required=False)
    funder_ror = forms.CharField(
        label=_("ROR id of the agency"), max_length=40, required=False, help_text="04dese585"
    )
    award_number = forms.CharField(label=_("Award number"), max_length=80, required=False)

    def clean_specifications(self) -> list[tuple[str, str, str]]:
        """Name, value and unit of each line."""
        lines = self.cleaned_data["specifications"].splitlines()
        return [_property(number, line) for number, line in enumerate(lines, 1) if line.strip()]


def _property(number: int, line: str) -> tuple[str, str, str]:
    parts = [part.strip() for part in line.split("|")]
    if not 2 <= len(parts) <= 3 or not all(parts[:2]):
        raise ValidationError(
            _t("Line %d: write name | value | unit, as in Resolution | 1.2 | nm.") % number
        )
    name, value, unit = [*parts, ""][:3]
    return name, value, unit


class RulesForm(forms.Form):
    """How an instrument is booked."""

    slot_minutes = forms.IntegerField(label=_("Slots of (minutes)"), min_value=1, max_value=1440)
    min_minutes = forms.IntegerField(label=_("Shortest booking (minutes)"), min_value=1)
    max_minutes = forms.IntegerField(label=_("Longest booking (minutes)"), min_value=1)
    lead_minutes = forms.IntegerField(label=_("Asked ahead by (minutes)"), min_value=0)
    horizon_days = forms.IntegerField(
        label=_("Booked ahead up to (days)"), min_value=1, max_value=730
    )
    setup_minutes = forms.IntegerField(
        label=_("Set-up before (minutes)"), min_value=0, max_value=1440
    )
    cleanup_minutes = forms.IntegerField(
        label=_("Clean-up after (minutes)"), min_value=0, max_value=1440
    )
    needs_approval = forms.BooleanField(label=_("Every booking needs approval"), required=False)
    needs_training = forms.BooleanField(
        label=_("Only people who are qualified use it unaided"), required=False
    )
    assistance = forms.ChoiceField(
        label=_("Assistance by staff"), choices=Assistance.choices, widget=forms.RadioSelect
    )
    quota_minutes_week = forms.IntegerField(
        label=_("Most for one person in a week (minutes)"), min_value=1, required=False
    )
    no_show_minutes = forms.IntegerField(
        label=_("Released if not begun after (minutes)"), min_value=1, max_value=1440
    )
    hold_minutes = forms.IntegerField(label=_("Held for (minutes)"), min_value=1, max_value=10080)
    cancel_free_hours = forms.IntegerField(
        label=_("Cancelled free of charge until (hours before)"), min_value=0, max_value=720
    )


class PhotoForm(forms.Form):
    """A photo."""

    photo = forms.FileField(
        label=_("Photo"),
        help_text=_("PNG or JPEG."),
        widget=forms.ClearableFileInput(attrs={"accept": ".png,.jpg,.jpeg"}),
    )


class WithdrawForm(forms.Form):
    """The end of an instrument, with the number of bookings that the person was shown."""

    reason = Long(label=_("Why it is withdrawn"))
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    confirmed = forms.BooleanField(label=_("Withdraw it for good, and cancel these bookings"))

    def __init__(self, *args: Any, ahead: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = ahead
        if not ahead:
            self.fields["confirmed"].label = _("Withdraw it for good")
