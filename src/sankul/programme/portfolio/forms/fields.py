"""Fields that several forms ask with."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from sankul.programme.portfolio.rules import Sdg, Sector

NOT_CHOSEN = ("", "—")


class Day(forms.DateField):
    """A day, picked or typed."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class Long(forms.CharField):
    """A text of several lines."""

    widget = forms.Textarea(attrs={"rows": 4})


def sector() -> forms.ChoiceField:
    """One sector."""
    return forms.ChoiceField(label=_("Sector"), choices=[NOT_CHOSEN, *Sector.choices])


def goals() -> forms.TypedMultipleChoiceField:
    """Any number of the Sustainable Development Goals."""
    return forms.TypedMultipleChoiceField(
        label=_("Sustainable Development Goals"),
        choices=[(goal.value, f"{goal.value} · {goal.label}") for goal in Sdg],
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


def chosen(form: forms.Form, name: str, rows: QuerySet[Any]) -> None:
    """Let a field of the form choose from these rows."""
    field: Any = form.fields[name]
    field.queryset = rows
