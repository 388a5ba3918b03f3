"""Projects, as people propose and equip them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sankul.core.rules.roles import Actor
from sankul.programme.portfolio.models import Problem
from sankul.programme.portfolio.queries import choices
from sankul.programme.portfolio.rules import MoneySource, PartnerRole
from sankul.programme.registry.models import Cluster, FocusArea, Organisation, Programme

from .fields import Day, Long, chosen, goals, sector


class ProjectForm(forms.Form):
    """What a project says of itself."""

    title = forms.CharField(label=_("Title"), max_length=250)
    summary = Long(label=_("Summary"), help_text=_("What is new, and for whom. Three sentences."))
    problems = forms.ModelMultipleChoiceField(
        label=_("Problems that it addresses"),
        queryset=Problem.objects.none(),
        required=False,
        help_text=_("Hold Ctrl to choose several. Research needs at least one that has an owner."),
    )
    sector = sector()
    focus_area = forms.ModelChoiceField(
        label=_("Focus area"), queryset=FocusArea.objects.none(), required=False
    )
    sdgs = goals()
    starts_on = Day(label=_("Starts"), required=False)
    ends_on = Day(label=_("Ends"), required=False)

    def __init__(self, *args: Any, programme: Programme, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen(self, "problems", choices.problems(actor, programme))
        chosen(self, "focus_area", choices.focus_areas(programme))


class NewProjectForm(ProjectForm):
    """The same with the code, which is asked once."""

    code = forms.SlugField(
        label=_("Code"),
        max_length=40,
        help_text=_("Short and lasting, as in well-sensors-2. It is part of the address."),
    )
    field_order = ("code",)


class PartnerForm(forms.Form):
    """An organisation of the consortium."""

    organisation = forms.ModelChoiceField(
        label=_("Organisation"), queryset=Organisation.objects.none()
    )
    cluster = forms.ModelChoiceField(
        label=_("For the cluster"),
        queryset=Cluster.objects.none(),
        help_text=_("People of this cluster will see the project and may add measurements."),
    )
    role = forms.ChoiceField(label=_("Role"), choices=PartnerRole.choices)

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen(self, "organisation", choices.organisations(programme))
        chosen(self, "cluster", choices.clusters(programme))


class BudgetForm(forms.Form):
    """A line of the budget."""

    head = forms.CharField(label=_("For"), max_length=200)
    amount_inr = forms.DecimalField(label=_("Rupees"), max_digits=18, decimal_places=2)
    source = forms.ChoiceField(label=_("Source of money"), choices=MoneySource.choices)
    giver = forms.ModelChoiceField(
        label=_("Given by"), queryset=Organisation.objects.none(), required=False
    )

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen(self, "giver", choices.organisations(programme))


class ReadinessForm(forms.Form):
    """An assessment of the technology readiness level."""

    level = forms.IntegerField(
        label=_("Technology readiness level"),
        min_value=1,
        max_value=9,
        help_text=_(
            "1 principle observed · 4 validated in the laboratory · 7 demonstrated in operation · 9 proven by use"
        ),
    )
    on = Day(label=_("Assessed on"))
    assessed_by = forms.ModelChoiceField(
        label=_("Assessed by"), queryset=Organisation.objects.none()
    )
    note = Long(label=_("Note"), required=False, help_text=_("What was tested, and where."))

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen(self, "assessed_by", choices.organisations(programme))


class SiteForm(forms.Form):
    """A site for the pilot."""

    place = forms.CharField(label=_("Place"), max_length=200)
    agreed_by = forms.ModelChoiceField(
        label=_("Agreed by"),
        queryset=Organisation.objects.none(),
        help_text=_("The pilot needs the agreement of the owner of a problem that it addresses."),
    )
    agreed_on = Day(label=_("Agreed on"))
    note = Long(label=_("Note"), required=False)

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen(self, "agreed_by", choices.owners(programme))
