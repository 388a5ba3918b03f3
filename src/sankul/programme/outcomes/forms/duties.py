"""What is asked when a duty is set."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sankul.programme.outcomes.rules import KINDS, RECORDED_BY
from sankul.programme.outcomes.rules.duties import LONGEST_DUE_DAYS, Every

from .imports import by_outcome


class DutyForm(forms.Form):
    """A duty of every cluster of a programme."""

    title = forms.CharField(
        label=_("Title"), max_length=120, help_text=_("As in: Monthly training return")
    )
    kinds = forms.MultipleChoiceField(
        label=_("Kinds of results"), widget=forms.SelectMultiple(attrs={"size": 12})
    )
    every = forms.ChoiceField(label=_("How often"), choices=Every.choices)
    due_days = forms.IntegerField(
        label=_("Due so many days after the end"),
        min_value=1,
        max_value=LONGEST_DUE_DAYS,
        initial=10,
    )
    from_on = forms.DateField(
        label=_("From"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("The first month, quarter, half or year that begins on this day or later."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["kinds"]
        field.choices = by_outcome(
            [kind for kind in KINDS.values() if kind.code not in RECORDED_BY]
        )
