"""Fields that several forms ask with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.programme.facilities.models import Technique


class Day(forms.DateField):
    """A day, picked or typed."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class Clock(forms.TimeField):
    """A time of the day."""

    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})


class Long(forms.CharField):
    """A text of several lines."""

    widget = forms.Textarea(attrs={"rows": 4})


class Moment(forms.Field):
    """A day and a time, in the zone that the form is given; as a moment in UTC."""

    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
    zone = ZoneInfo("UTC")

    def to_python(self, value: Any) -> datetime | None:
        """The moment."""
        if value in self.empty_values:
            return None
        try:
            local = datetime.fromisoformat(str(value).strip())
            return local.replace(tzinfo=self.zone).astimezone(UTC)
        except (ValueError, OverflowError):  # the second at either end of the calendar
            raise ValidationError(_t("Write day and time as 2026-12-01T10:00.")) from None

    def prepare_value(self, value: Any) -> Any:
        """The local time."""
        if isinstance(value, datetime):
            return value.astimezone(self.zone).strftime("%Y-%m-%dT%H:%M")
        return value


class Samples(forms.CharField):
    """Kinds of samples, with commas between them."""

    def __init__(self) -> None:
        help_text = _("With commas between them, as in powder, thin film, frozen tissue.")
        super().__init__(label=_("Kinds of samples"), required=False, help_text=help_text)

    def to_python(self, value: Any) -> Any:
        """The kinds, each once."""
        return [
            kind.strip() for kind in (super().to_python(value) or "").split(",") if kind.strip()
        ]

    def prepare_value(self, value: Any) -> Any:
        """The kinds in a line."""
        return ", ".join(value) if isinstance(value, list) else value


def techniques() -> forms.ModelMultipleChoiceField[Technique]:
    """Any number of techniques."""
    return forms.ModelMultipleChoiceField(
        label=_("Techniques"),
        queryset=Technique.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


def in_zone(form: forms.Form, zone: ZoneInfo) -> None:
    """Read and show the moments of a form in a zone."""
    for field in form.fields.values():
        if isinstance(field, Moment):
            field.zone = zone
