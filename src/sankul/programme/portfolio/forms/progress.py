"""Stages, milestones, baselines and measurements, as people record them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sankul.programme.portfolio.rules import GOING, Stage

from .fields import Day, Long


class StageForm(forms.Form):
    """The stage that a project enters."""

    stage = forms.ChoiceField(label=_("Stage"), widget=forms.RadioSelect)
    on = Day(label=_("Since"), help_text=_("The conditions must hold on this day."))
    note = Long(
        label=_("Note"),
        required=False,
        help_text=_("Needed to go back, to stop and where an experiment failed."),
    )

    def __init__(self, *args: Any, stages: Sequence[Stage], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["stage"]
        field.choices = [(stage.value, stage.label) for stage in stages]


class MilestoneForm(forms.Form):
    """A milestone."""

    title = forms.CharField(
        label=_("Milestone"),
        max_length=250,
        help_text=_("What anybody can check: twenty filters in use for a month."),
    )
    stage = forms.ChoiceField(
        label=_("Belongs to"),
        choices=[(stage.value, stage.label) for stage in GOING],
        initial=Stage.PILOT,
    )
    due_on = Day(label=_("Due"))


class ReachForm(forms.Form):
    """A milestone that was reached."""

    on = Day(label=_("Reached on"))
    proof = forms.FileField(label=_("Document that proves it"), required=False)
    proof_url = forms.URLField(
        label=_("or its address"), max_length=500, required=False, assume_scheme="https"
    )


class PostponeForm(forms.Form):
    """A milestone that is expected later."""

    to = Day(label=_("Now expected on"), help_text=_("The day first promised stays on record."))
    reason = Long(label=_("Why it slipped"))


class BaselineForm(forms.Form):
    """What is measured, and its value before the work."""

    indicator = forms.CharField(
        label=_("What is measured"), max_length=200, help_text=_("Fluoride in drinking water")
    )
    unit = forms.CharField(label=_("Unit"), max_length=80)
    value = forms.DecimalField(label=_("Value"), max_digits=18, decimal_places=4)
    measured_on = Day(label=_("Measured on"), help_text=_("Before the pilot begins."))
    target = forms.DecimalField(label=_("Target"), max_digits=18, decimal_places=4, required=False)
    method = Long(label=_("Method"), help_text=_("So that others can measure it in the same way."))
    source = forms.CharField(label=_("Source"), max_length=250)


class MeasureForm(forms.Form):
    """A later value."""

    value = forms.DecimalField(label=_("Value"), max_digits=18, decimal_places=4)
    measured_on = Day(label=_("Measured on"))
    source = forms.CharField(label=_("Source"), max_length=250)
    note = Long(label=_("Note"), required=False)
