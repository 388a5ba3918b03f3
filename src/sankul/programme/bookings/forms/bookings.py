"""Booking, moving, handing over, cancelling, scoring."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from sankul.core.models import User
from sankul.programme.bookings.rules import lasting
from sankul.programme.facilities.models import Instrument
from sankul.programme.facilities.rules import Assistance
from sankul.programme.registry.models import Organisation

MOST_CHOICES = 48
REPEATS = [
    ("", _("once")),
    ("FREQ=DAILY", _("every day")),
    ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", _("every working day")),
    ("FREQ=WEEKLY", _("every week")),
    ("FREQ=WEEKLY;INTERVAL=2", _("every two weeks")),
    ("FREQ=MONTHLY", _("every month")),
]


class At(forms.CharField):
    """A moment on the clock of a place, as a browser's own picker gives it: 2026-11-24T10:00."""

    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
    zone = ZoneInfo("Asia/Kolkata")

    def clean(self, value: Any) -> Any:
        """The moment with its zone."""
        text = super().clean(value)
        try:
            return datetime.fromisoformat(text).replace(tzinfo=self.zone)
        except ValueError:
            raise ValidationError(_("Give the day and the time, as in 2026-11-24T10:00.")) from None


def lengths(instrument: Instrument) -> list[tuple[int, str]]:
    """The lengths that an instrument can be booked for: minutes, and in words."""
    slot, most = instrument.slot_minutes, instrument.max_minutes
    least = -(-instrument.min_minutes // slot) * slot
    step = slot * max(1, -(-(most - least) // slot // MOST_CHOICES))
    found = list(range(least, most + 1, step))
    if most % slot == 0 and most not in found:
        found.append(most)
    return [(minutes, lasting(minutes)) for minutes in found]


class _Slot(forms.Form):
    starts_at = At(label=_("Start"))
    minutes = forms.TypedChoiceField(label=_("For how long"), coerce=int)

    def __init__(self, *args: Any, instrument: Instrument, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        start: Any = self.fields["starts_at"]
        start.zone = ZoneInfo(instrument.facility.timezone)
        start.help_text = _("On the clock of the place: %s.") % instrument.facility.timezone
        length: Any = self.fields["minutes"]
        length.choices = lengths(instrument)

    def slot(self) -> dict[str, datetime]:
        """The start and the end that were given; the length is of time that passes."""
        starts_at, minutes = self.cleaned_data["starts_at"], self.cleaned_data["minutes"]
        since = starts_at.astimezone(ZoneInfo("UTC"))
        return {"starts_at": since, "ends_at": since + timedelta(minutes=minutes)}


class BookForm(_Slot):
    """A slot, for whom, and how often."""

    organisation = forms.ModelChoiceField(
        label=_("Paid by"), queryset=Organisation.objects.none(), empty_label=None
    )
    purpose = forms.CharField(
        label=_("Purpose"),
        max_length=500,
        required=False,
        help_text=_("What you will measure or make. The lab reads it before it answers."),
    )
    is_assisted = forms.BooleanField(label=_("With assistance by the lab"), required=False)
    repeats = forms.ChoiceField(label=_("Repeat"), choices=REPEATS, required=False)
    times = forms.IntegerField(
        label=_("How many times"), min_value=2, max_value=100, required=False, initial=4
    )
    skips = forms.BooleanField(
        label=_("Leave out what cannot be had, and book the rest"), required=False
    )

    def __init__(
        self,
        *args: Any,
        instrument: Instrument,
        organisations: QuerySet[Organisation],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, instrument=instrument, **kwargs)
        payer: Any = self.fields["organisation"]
        payer.queryset = organisations
        if instrument.assistance == Assistance.NONE:
            del self.fields["is_assisted"]
        elif instrument.assistance == Assistance.REQUIRED:
            self.fields["is_assisted"].initial = True

    def rule(self) -> str:
        """The recurrence rule that was chosen, or nothing."""
        given = self.cleaned_data
        return f"{given['repeats']};COUNT={given['times'] or 4}" if given["repeats"] else ""


class MoveForm(_Slot):
    """The new time."""


class HandForm(forms.Form):
    """To whom a booking is handed."""

    to = forms.EmailField(
        label=_("E-mail of the colleague"),
        help_text=_("Somebody who books for the same organisation."),
    )

    def clean_to(self) -> User:
        """The account with that address."""
        found = User.objects.filter(email__iexact=self.cleaned_data["to"], is_active=True).first()
        if found is None:
            raise ValidationError(_("Nobody who books for your organisation has this address."))
        return found


class NoteForm(forms.Form):
    """A reason in words."""

    note = forms.CharField(label=_("Why"), max_length=500, required=False)


class RateForm(forms.Form):
    """How a use went."""

    score = forms.TypedChoiceField(
        label=_("How did it go?"),
        coerce=int,
        choices=[(5, _("5 · very well")), (4, "4"), (3, "3"), (2, "2"), (1, _("1 · badly"))],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label=_("What should the lab know?"), max_length=500, required=False)
