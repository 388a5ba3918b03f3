"""Answers to requests."""

from django import forms
from django.utils.translation import gettext_lazy as _

from sankul.programme.bookings.rules import Reason


class ApproveForm(forms.Form):
    """Yes, with a word if there is one."""

    note = forms.CharField(label=_("Note to the user"), max_length=500, required=False)


class RefuseForm(forms.Form):
    """No, with a reason that can be counted."""

    reason = forms.ChoiceField(label=_("Reason"), choices=[("", "—"), *Reason.choices])
    note = forms.CharField(
        label=_("Note to the user"),
        max_length=500,
        required=False,
        help_text=_("What would help: another instrument, another time, what is missing."),
    )
