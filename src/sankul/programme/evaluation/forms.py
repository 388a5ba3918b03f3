"""What the office, clusters, the evaluator and the committee fill in for a round."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sankul.programme.evaluation.models import FundingRule
from sankul.programme.evaluation.rules import STEPS, TIMED, Aim, Outcome, Ruling
from sankul.programme.registry.models import Decision, Meeting, Period

DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
if TYPE_CHECKING:
    Base = forms.ModelForm[FundingRule]
else:
    Base = forms.ModelForm
TARGETS = 3
"""Targets that a form offers room for."""


class OpenForm(forms.Form):
    """A new round: its period, and the last day of each phase."""

    period = forms.ModelChoiceField(Period.objects.none(), label=_("Period"), to_field_name="label")

    def __init__(self, *args: Any, periods: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["period"]
        field.queryset = periods
        for phase in TIMED:
            self.fields[phase.value] = forms.DateField(
                label=phase.label, widget=DAY, help_text=STEPS[phase].task
            )

    @property
    def due(self) -> dict[str, date]:
        """The last day of each phase."""
        return {phase.value: self.cleaned_data[phase.value] for phase in TIMED}


class RescheduleForm(forms.Form):
    """Another last day of a phase, and why."""

    phase = forms.ChoiceField(
        label=_("Phase"), choices=[(phase.value, phase.label) for phase in TIMED]
    )
    due_on = forms.DateField(label=_("New last day"), widget=DAY)
    reason = forms.CharField(
        label=_("Why it is moved"), max_length=500, help_text=_("Everybody will read it.")
    )


class ContestForm(forms.Form):
    """Which figure is wrong, why, and what proves it."""

    indicator = forms.ChoiceField(label=_("Figure"))
    claim = forms.CharField(
        label=_("Claim"),
        required=False,
        max_length=80,
        help_text=_(
            "Your own reference of the claim, where the finding about one claim is wrong. Leave it empty otherwise."
        ),
    )
    reason = forms.CharField(
        label=_("What is wrong with it"), max_length=4000, widget=forms.Textarea(attrs={"rows": 6})
    )
    file = forms.FileField(
        label=_("New evidence"),
        required=False,
        max_length=200,
        help_text=_("A document that proves what you say. Put several into one."),
    )

    def __init__(self, *args: Any, indicators: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["indicator"]
        field.choices = indicators


class RulingForm(forms.Form):
    """What becomes of an objection, and why."""

    ruling = forms.ChoiceField(
        label=_("Ruling"),
        choices=[(one.value, one.label) for one in (Ruling.UPHELD, Ruling.DISMISSED)],
        widget=forms.RadioSelect,
    )
    quantity = forms.DecimalField(
        label=_("What stands of the claim"), required=False, max_digits=18, decimal_places=4
    )
    reasons = forms.CharField(
        label=_("Reasons"), max_length=4000, widget=forms.Textarea(attrs={"rows": 6})
    )

    def __init__(self, *args: Any, has_claim: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_claim:
            del self.fields["quantity"]


class DecideForm(forms.Form):
    """What becomes of a cluster's funding; targets where it is an improvement plan."""

    outcome = forms.ChoiceField(
        label=_("Decision"), choices=Outcome.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=_("Why it departs from the rule"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed where it is not what the rule proposes. Everybody will read it."),
    )
    meeting = forms.ModelChoiceField(
        Meeting.objects.none(), label=_("Meeting of the apex committee")
    )
    reference = forms.CharField(label=_("Reference in its minutes"), max_length=60)

    def __init__(
        self,
        *args: Any,
        meetings: Any,
        indicators: Sequence[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["meeting"]
        field.queryset = meetings
        for place in range(1, TARGETS + 1):
            self.fields[f"indicator_{place}"] = forms.ChoiceField(
                label=_("Target %d of the improvement plan") % place,
                choices=[("", _("none")), *indicators],
                required=False,
            )
            self.fields[f"value_{place}"] = forms.FloatField(
                label=_("Value to reach"), required=False
            )
            self.fields[f"due_{place}"] = forms.DateField(
                label=_("By when"), required=False, widget=DAY
            )

    def clean(self) -> dict[str, Any]:
        """A target has all three parts or none."""
        given: dict[str, Any] = super().clean() or {}
        for place in range(1, TARGETS + 1):
            parts = [given.get(f"{name}_{place}") for name in ("indicator", "value", "due")]
            if parts[0] and (parts[1] is None or parts[2] is None):
                self.add_error(f"value_{place}", _("A target has a value and a day."))
        return given

    @property
    def aims(self) -> list[Aim]:
        """The targets that were filled in."""
        given = self.cleaned_data
        return [
            Aim(given[f"indicator_{n}"], given[f"value_{n}"], given[f"due_{n}"])
            for n in range(1, TARGETS + 1)
            if given.get(f"indicator_{n}")
        ]


class RuleForm(Base):
    """The terms of a funding rule, with the decision that approves it."""

    class Meta:
        model = FundingRule
        fields = [
            "version",
            "plan_probability",
            "stop_probability",
            "stop_years",
            "unranked",
            "decision",
        ]

    def __init__(self, *args: Any, decisions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["decision"]
        field.queryset = decisions
        field.label = _("Decision of the apex committee that approves it")


def decisions_of(programme: Any) -> Any:
    """Decisions of a programme's apex committee, the latest first."""
    rows = Decision.objects.filter(meeting__body__programme=programme, meeting__body__kind="apex")
    return rows.select_related("meeting").order_by("-meeting__held_on", "reference")


def meetings_of(programme: Any) -> Any:
    """Meetings of a programme's apex committee, the latest first."""
    rows = Meeting.objects.filter(body__programme=programme, body__kind="apex")
    return rows.select_related("body").order_by("-held_on")


class StampForm(forms.Form):
    """The answer of a time-stamping authority."""

    file = forms.FileField(label=_("Answer of the authority (.tsr)"), max_length=200)
