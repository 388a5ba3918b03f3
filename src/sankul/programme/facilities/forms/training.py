"""Trainings and qualifications, as people offer and record them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.core.models import User
from sankul.programme.facilities.models import Instrument
from sankul.programme.facilities.queries.hours import zone_of
from sankul.programme.facilities.rules import TrainingOutcome

from .fields import Day, Moment, in_zone

OUTCOMES = [one for one in TrainingOutcome.choices if one[0] != TrainingOutcome.EXPECTED]


class TrainingForm(forms.Form):
    """A training."""

    starts_at = Moment(label=_("Begins"), help_text=_("Times are those of the facility."))
    ends_at = Moment(label=_("Ends"))
    places = forms.IntegerField(label=_("Places"), min_value=1, max_value=500, initial=4)
    note = forms.CharField(
        label=_("Note"),
        max_length=300,
        required=False,
        help_text=_("Where to meet, what to bring."),
    )

    def __init__(self, *args: Any, instrument: Instrument, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_zone(self, zone_of(instrument.facility))


class JudgeForm(forms.Form):
    """How somebody's training ended."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=OUTCOMES, widget=forms.RadioSelect)
    until_on = Day(
        label=_("Qualified until"),
        required=False,
        help_text=_("Of those who passed; empty: without an end."),
    )


class QualifyForm(forms.Form):
    """Somebody who may use an instrument unaided."""

    user = forms.EmailField(label=_("E-mail address of the account"))
    from_on = Day(label=_("From"))
    until_on = Day(label=_("Until"), required=False)
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def clean_user(self) -> User:
        """The account."""
        found = User.objects.filter(email__iexact=self.cleaned_data["user"], is_active=True).first()
        if found is None:
            raise ValidationError(_t("There is no account with this address."))
        return found


class RevokeForm(forms.Form):
    """Why a qualification is taken back."""

    note = forms.CharField(label=_("Why"), max_length=300)
