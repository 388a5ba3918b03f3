"""Deployments, as people record them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sankul.programme.portfolio.queries import choices
from sankul.programme.registry.models import Cluster, Organisation, Programme

from .fields import Day, Long, chosen


class DeploymentForm(forms.Form):
    """Where a solution is used, and who pays."""

    title = forms.CharField(label=_("Title"), max_length=250)
    cluster = forms.ModelChoiceField(
        label=_("In the region of"), queryset=Cluster.objects.none(), required=False
    )
    place = forms.CharField(label=_("Place"), max_length=200)
    district = forms.CharField(label=_("District"), max_length=120, required=False)
    state = forms.CharField(label=_("State or territory"), max_length=120, required=False)
    latitude = forms.DecimalField(
        label=_("Latitude"),
        max_digits=8,
        decimal_places=5,
        required=False,
        help_text=_("Degrees, as in 17.38500."),
    )
    longitude = forms.DecimalField(
        label=_("Longitude"), max_digits=8, decimal_places=5, required=False
    )
    paid_by = forms.ModelChoiceField(
        label=_("Paid by"),
        queryset=Organisation.objects.none(),
        required=False,
        help_text=_("Needed before it starts: the organisation, or how users pay."),
    )
    payment = forms.CharField(
        label=_("How it is paid"),
        max_length=250,
        required=False,
        help_text=_("As in: ₹ 2 a day from each household."),
    )

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen(self, "cluster", choices.clusters(programme))
        chosen(self, "paid_by", choices.organisations(programme))


class StartForm(forms.Form):
    """The first day of use."""

    on = Day(label=_("In use since"))


class EndForm(forms.Form):
    """The last day of use."""

    on = Day(label=_("Last day"))
    reason = Long(label=_("Why it ended"))


class UsersForm(forms.Form):
    """A count of users."""

    users = forms.IntegerField(label=_("Users"), min_value=0, max_value=2_000_000_000)
    as_of_on = Day(label=_("As of"))
    source = forms.CharField(
        label=_("Source"), max_length=250, help_text=_("Meter readings, tickets, a survey.")
    )
    source_url = forms.URLField(
        label=_("Address of the source"), max_length=500, required=False, assume_scheme="https"
    )
