"""Problems, as people state them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sankul.programme.portfolio.queries import choices
from sankul.programme.portfolio.rules import ProblemStatus
from sankul.programme.registry.models import FocusArea, Organisation, Programme

from .fields import Day, Long, chosen, goals, sector


class ProblemForm(forms.Form):
    """A problem of a city or region."""

    title = forms.CharField(label=_("Title"), max_length=250)
    description = Long(
        label=_("Description"),
        help_text=_("Who suffers from what, where and since when; no solution yet."),
    )
    owner = forms.ModelChoiceField(
        label=_("Owner"),
        queryset=Organisation.objects.none(),
        required=False,
        help_text=_(
            "The public body that answers for it: local or state government, or a ministry."
        ),
    )
    contact_role = forms.CharField(
        label=_("Contact at the owner"),
        max_length=120,
        required=False,
        help_text=_("The post, not the person: Executive engineer, water supply."),
    )
    sector = sector()
    focus_areas = forms.ModelMultipleChoiceField(
        label=_("Focus areas"),
        queryset=FocusArea.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    sdgs = goals()
    since_on = Day(label=_("Known since"), required=False)
    size_value = forms.DecimalField(
        label=_("How big it is"), max_digits=18, decimal_places=4, required=False
    )
    size_unit = forms.CharField(
        label=_("Unit"), max_length=80, required=False, help_text=_("As in mg/l, or tonnes a day.")
    )
    size_on = Day(label=_("As of"), required=False)
    size_source = forms.CharField(label=_("Source"), max_length=200, required=False)
    size_url = forms.URLField(
        label=_("Address of the source"), max_length=500, required=False, assume_scheme="https"
    )

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen(self, "owner", choices.owners(programme))
        chosen(self, "focus_areas", choices.focus_areas(programme))


class StatusForm(forms.Form):
    """Where a problem stands."""

    status = forms.ChoiceField(
        label=_("Status"), choices=ProblemStatus.choices, widget=forms.RadioSelect
    )
    reason = Long(
        label=_("Reason"),
        required=False,
        help_text=_("How it was solved, or why it is set aside."),
    )
