"""Lessons, as people tell them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sankul.programme.portfolio.models import Project
from sankul.programme.portfolio.queries import choices
from sankul.programme.portfolio.rules import PartnerRole
from sankul.programme.registry.models import Cluster, Organisation, Person, Programme

from .fields import Day, Long, chosen, sector


class LessonForm(forms.Form):
    """An experiment and its lesson."""

    title = forms.CharField(
        label=_("Title"),
        max_length=250,
        help_text=_("The lesson in one sentence, as a stranger would search for it."),
    )
    project = forms.ModelChoiceField(
        label=_("Project"), queryset=Project.objects.none(), required=False
    )
    sector = sector()
    on = Day(label=_("When the experiment ended"))
    hypothesis = Long(label=_("What we expected"))
    tried = Long(label=_("What we tried"))
    happened = Long(label=_("What happened"))
    why = Long(label=_("Why"))
    learned = Long(label=_("What we learned"))
    instead = Long(label=_("What to do instead"), required=False)
    report_url = forms.URLField(
        label=_("Address of the report or data"),
        max_length=500,
        required=False,
        assume_scheme="https",
        help_text=_("A lesson counts for an evaluation once others can read what is behind it."),
    )

    def __init__(self, *args: Any, cluster: Cluster, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen(self, "project", cluster.projects.order_by("title", "pk"))


class CreditForm(forms.Form):
    """Who is credited with a lesson."""

    organisation = forms.ModelChoiceField(
        label=_("Organisation"), queryset=Organisation.objects.none()
    )
    cluster = forms.ModelChoiceField(label=_("For the cluster"), queryset=Cluster.objects.none())
    role = forms.ChoiceField(label=_("Role"), choices=PartnerRole.choices)
    person = forms.ModelChoiceField(
        label=_("Person"),
        queryset=Person.objects.none(),
        required=False,
        help_text=_("Only who agreed to be named in public."),
    )
    consented_on = Day(label=_("Agreed to be named on"), required=False)

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen(self, "organisation", choices.organisations(programme))
        chosen(self, "cluster", choices.clusters(programme))
        chosen(self, "person", choices.people(programme))


class ReportForm(forms.Form):
    """The report or data behind a lesson."""

    file = forms.FileField(
        label=_("Report or data"),
        help_text=_("PDF, spreadsheet, CSV or text. It is kept under the SHA-256 of its bytes."),
    )
