"""What the area's forms ask."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sankul.field.water.actions.samples import Found
from sankul.field.water.rules import PARAMETERS, SampleKind
from sankul.field.water.rules.parameters import CHOICES
from sankul.programme.registry.models import Organisation
from sankul.programme.registry.rules import OrganisationKind

LABORATORIES = (
    OrganisationKind.LABORATORY,
    OrganisationKind.ACADEMIA,
    OrganisationKind.STATE_GOVERNMENT,
    OrganisationKind.LOCAL_GOVERNMENT,
)


class SampleForm(forms.Form):
    """A sample and what was found in it. Fields left empty were not analysed; "<0.5" is below detection."""

    code = forms.CharField(label=_("Number on the bottle"), max_length=40)
    kind = forms.ChoiceField(
        label=_("Analysed by"), choices=SampleKind.choices, widget=forms.RadioSelect
    )
    taken_at = forms.DateTimeField(
        label=_("Taken"),
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
        help_text=_("Day and time at the source."),
    )
    taken_by = forms.CharField(
        label=_("Taken by"), max_length=120, help_text=_("The post, not the person.")
    )
    laboratory = forms.ModelChoiceField(
        label=_("Laboratory"),
        queryset=Organisation.objects.none(),
        required=False,
        help_text=_("Needed unless a field kit was used."),
    )

    def __init__(self, *args: Any, is_demonstration: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows: Any = self.fields["laboratory"]
        rows.queryset = Organisation.objects.filter(
            is_demonstration=is_demonstration, kind__in=LABORATORIES
        )
        self.initial.setdefault("taken_at", timezone.localtime())
        for name, known in PARAMETERS.items():
            label = f"{known.name} ({known.unit})" if known.unit else str(known.name)
            self.fields[name] = Measured(label=label, required=False)

    def results(self) -> dict[str, Found]:
        """What was found, of those fields that were filled."""
        return {name: self.cleaned_data[name] for name in PARAMETERS if self.cleaned_data.get(name)}

    def about(self) -> dict[str, Any]:
        """The sample itself."""
        return {name: value for name, value in self.cleaned_data.items() if name not in PARAMETERS}


class Measured(forms.DecimalField):
    """A number, or a number with "<" before it: below that limit of detection."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "size": 10})

    def clean(self, value: Any) -> Any:
        text = str(value or "").strip()
        number = super().clean(text.removeprefix("<").strip())
        return None if number is None else Found(number, text.startswith("<"))


class ResponseForm(forms.Form):
    """Who deals with unsafe water."""

    parameter = forms.ChoiceField(label=_("What is above its limit"), choices=CHOICES)
    owner = forms.CharField(
        label=_("Who deals with it"),
        max_length=120,
        help_text=_("The post, not the person: Executive engineer, water supply."),
    )
    action = forms.CharField(label=_("What is done"), max_length=250)
    due_on = forms.DateField(
        label=_("By when"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )


class CloseForm(forms.Form):
    """What the cause was."""

    cause = forms.CharField(label=_("Cause"), max_length=250)


class RiversForm(forms.Form):
    """A table of river stations."""

    file = forms.FileField(
        label=_("Table"),
        help_text=_("CSV or XLSX, as the Central Pollution Control Board publishes it."),
    )
