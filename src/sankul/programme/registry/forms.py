"""What people fill in to change the registry."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sankul.core.rules.roles import Actor
from sankul.programme.registry.models import Cluster
from sankul.programme.registry.queries import clusters
from sankul.programme.registry.rules import MembershipKind, OrganisationKind


class Day(forms.DateField):
    """A day, picked or typed."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class OrganisationForm(forms.Form):
    """A new organisation."""

    name = forms.CharField(
        label=_("Name"),
        max_length=250,
        help_text=_("As the organisation writes it itself, without abbreviations."),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=OrganisationKind.choices)
    ror = forms.CharField(
        label=_("ROR id"),
        max_length=40,
        required=False,
        help_text=_("Look it up on ror.org: it tells organisations of like names apart."),
    )
    city = forms.CharField(label=_("City"), max_length=120, required=False)
    country = forms.RegexField(
        label=_("Country"),
        regex=r"^[A-Z]{2}$",
        initial="IN",
        help_text=_("Two capital letters, as in IN for India."),
        error_messages={"invalid": _("Give the two capital letters of ISO 3166, as in IN.")},
    )
    is_distinct = forms.BooleanField(
        label=_("None of those found is this organisation"), required=False
    )


class AdmitForm(forms.Form):
    """An organisation's membership of a cluster."""

    cluster = forms.ModelChoiceField(label=_("Cluster"), queryset=Cluster.objects.none())
    kind = forms.ChoiceField(label=_("Belongs as"), choices=MembershipKind.choices)
    from_on = Day(
        label=_("From"), required=False, help_text=_("Leave it empty if the day is not known.")
    )
    until_on = Day(label=_("Until"), required=False, help_text=_("Leave it empty while it lasts."))

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["cluster"]
        field.queryset = clusters.with_members_to_manage(actor)


class EndForm(forms.Form):
    """The last day of something that holds."""

    on = Day(label=_("Last day"))


class MeetingForm(forms.Form):
    """A meeting that was held."""

    held_on = Day(label=_("Held on"))
    title = forms.CharField(label=_("Title"), max_length=200)
    minutes = forms.FileField(
        label=_("Minutes"),
        required=False,
        help_text=_("A PDF is best. It is kept under the SHA-256 of its bytes and never changes."),
    )


class DecisionForm(forms.Form):
    """A decision taken at a meeting."""

    reference = forms.CharField(
        label=_("Reference"), max_length=60, help_text=_("As the minutes number it, as in D4.2.")
    )
    text = forms.CharField(label=_("Decision"), widget=forms.Textarea(attrs={"rows": 4}))
    subject = forms.RegexField(
        label=_("Record decided on"),
        regex=r"^[a-z]+/[1-9]\d*$",
        max_length=120,
        required=False,
        help_text=_("The record it is about, as the event log names it: framework/3."),
        error_messages={"invalid": _("Give kind and number, as in framework/3.")},
    )
