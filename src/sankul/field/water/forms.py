"""What the area's forms ask."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sankul.field.streams.models import Datastream
from sankul.field.water.actions.samples import Found
from sankul.field.water.models import Scheme
from sankul.field.water.rules import PARAMETERS, Custodian, Purpose, SampleKind, SourceKind
from sankul.field.water.rules.parameters import CHOICES
from sankul.programme.registry.models import Cluster, Organisation
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
        rows = Organisation.objects.filter(is_demonstration=is_demonstration, kind__in=LABORATORIES)
        chosen(self, "laboratory", rows)
        self.initial.setdefault("taken_at", timezone.localtime())
        measured_fields(self)

    def results(self) -> dict[str, Found]:
        """What was found, of those fields that were filled."""
        return found_in(self)

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


class VillageForm(forms.Form):
    """A village or ward."""

    cluster = forms.ModelChoiceField(label=_("Cluster"), queryset=Cluster.objects.none())
    body = forms.ModelChoiceField(
        label=_("Local government"),
        queryset=Organisation.objects.none(),
        help_text=_("The body that answers for its water."),
    )
    name = forms.CharField(label=_("Name"), max_length=200)
    district = forms.CharField(label=_("District"), max_length=120)
    state = forms.CharField(label=_("State or territory"), max_length=120)
    people = forms.IntegerField(label=_("People"), min_value=0, max_value=2**31 - 1, required=False)

    def __init__(self, *args: Any, clusters: QuerySet[Cluster], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        worlds = clusters.values_list("programme__is_demonstration", flat=True)
        kinds = Organisation.objects.filter(kind=OrganisationKind.LOCAL_GOVERNMENT)
        chosen(self, "cluster", clusters)
        chosen(self, "body", kinds.filter(is_demonstration__in=worlds))


class SourceForm(forms.Form):
    """Where water is taken."""

    name = forms.CharField(label=_("Name"), max_length=200)
    kind = forms.ChoiceField(label=_("Kind"), choices=SourceKind.choices)
    purpose = forms.ChoiceField(label=_("Used as"), choices=Purpose.choices)
    scheme = forms.ModelChoiceField(
        label=_("Scheme"), queryset=Scheme.objects.none(), required=False
    )
    latitude = forms.DecimalField(
        label=_("Latitude"), max_digits=8, decimal_places=5, required=False
    )
    longitude = forms.DecimalField(
        label=_("Longitude"), max_digits=8, decimal_places=5, required=False
    )
    is_public = forms.BooleanField(label=_("Everybody may see it and its results"), required=False)

    def __init__(self, *args: Any, schemes: QuerySet[Scheme], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen(self, "scheme", schemes)


class PlanForm(forms.Form):
    """How often a source is sampled."""

    every_days = forms.IntegerField(
        label=_("Every how many days"), min_value=1, max_value=3650, initial=30
    )
    starts_on = forms.DateField(
        label=_("First sample"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )


class CustodyForm(forms.Form):
    """Who has a sample now."""

    step = forms.ChoiceField(
        label=_("Step"), choices=[one for one in Custodian.choices if one[0] != Custodian.TAKEN]
    )
    holder = forms.CharField(label=_("Who has it"), max_length=120, help_text=_("The post."))
    happened_at = forms.DateTimeField(
        label=_("When"),
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )
    temperature_c = forms.DecimalField(
        label=_("Temperature of the box on arrival (°C)"),
        max_digits=4,
        decimal_places=1,
        required=False,
        help_text=_("Samples for germs are kept below 10 °C."),
    )
    note = forms.CharField(label=_("Note"), max_length=250, required=False)


class ResultsForm(forms.Form):
    """What was found in a sample; fields left empty stay as they are."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        measured_fields(self)

    def results(self) -> dict[str, Found]:
        """What was found, of those fields that were filled."""
        return found_in(self)


class LimitForm(forms.Form):
    """A limit from a day on."""

    parameter = forms.ChoiceField(label=_("Parameter"), choices=CHOICES)
    low = forms.DecimalField(
        label=_("Lowest"),
        max_digits=12,
        decimal_places=5,
        required=False,
        help_text=_("Only where it is a range, as of pH."),
    )
    acceptable = forms.DecimalField(label=_("Acceptable"), max_digits=12, decimal_places=5)
    permissible = forms.DecimalField(
        label=_("Permissible"),
        max_digits=12,
        decimal_places=5,
        required=False,
        help_text=_("Empty: no relaxation."),
    )
    from_on = forms.DateField(
        label=_("In force from"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    source = forms.CharField(
        label=_("Source"), max_length=250, help_text=_("The standard, its amendment, the table.")
    )


def chosen(form: forms.Form, name: str, rows: QuerySet[Any]) -> None:
    """Let a field of the form choose from these rows."""
    field: Any = form.fields[name]
    field.queryset = rows


def measured_fields(form: forms.Form) -> None:
    """Add a field for every parameter."""
    for name, known in PARAMETERS.items():
        label = f"{known.name} ({known.unit})" if known.unit else str(known.name)
        form.fields[name] = Measured(label=label, required=False)


def found_in(form: forms.Form) -> dict[str, Found]:
    """What was found, of those fields of parameters that were filled."""
    return {name: form.cleaned_data[name] for name in PARAMETERS if form.cleaned_data.get(name)}


class SensorForm(forms.Form):
    """Which stream measures what at a source."""

    parameter = forms.ChoiceField(label=_("Parameter"), choices=CHOICES)
    datastream = forms.ModelChoiceField(
        label=_("Stream"),
        queryset=Datastream.objects.none(),
        help_text=_("Of this cluster, and in the parameter's unit."),
    )

    def __init__(self, *args: Any, streams: QuerySet[Datastream], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen(self, "datastream", streams)
