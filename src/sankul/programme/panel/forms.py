"""What the office, members and the third party fill in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sankul.core.models import User
from sankul.programme.panel.models import Panel, Rubric, Score
from sankul.programme.panel.rules import CRITERIA, LEAST, MOST, Statistic, levels
from sankul.programme.registry.models import Decision, Period

DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class MakeForm(forms.Form):
    """A new panel."""

    period = forms.ModelChoiceField(Period.objects.none(), label=_("Period"), to_field_name="label")
    least = forms.TypedChoiceField(
        label=_("Scale"),
        choices=[(n, f"{n}–{MOST}") for n in LEAST],
        initial=1,
        coerce=int,
        help_text=_("Each level is described for each criterion before scoring begins."),
    )
    statistic = forms.ChoiceField(
        label=_("Score of the panel"),
        choices=Statistic.choices,
        help_text=_("As the framework says. A median is moved less by one who stands apart."),
    )

    def __init__(self, *args: Any, periods: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["period"]
        field.queryset = periods


class RubricForm(forms.Form):
    """What each level of a criterion means."""

    def __init__(self, *args: Any, panel: Panel, rubric: Rubric | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for place, level in enumerate(levels(panel.least)):
            self.fields[f"level_{level}"] = forms.CharField(
                label=_("Level %d") % level,
                max_length=400,
                initial=rubric.levels[place] if rubric else "",
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    @property
    def texts(self) -> list[str]:
        """The texts, lowest level first."""
        return [self.cleaned_data[name] for name in self.fields]


class MemberForm(forms.Form):
    """One more member."""

    user = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Account"),
        help_text=_("Evaluators and reviewers of the programme who are no members yet."),
    )

    def __init__(self, *args: Any, candidates: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["user"]
        field.queryset = candidates


class OpenForm(forms.Form):
    """The decision that approved the rubrics."""

    decision = forms.ModelChoiceField(
        Decision.objects.none(),
        label=_("Decision of the apex committee that approved the rubrics"),
    )

    def __init__(self, *args: Any, decisions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["decision"]
        field.queryset = decisions


class SheetForm(forms.Form):
    """A member's scores of a cluster: for each criterion a level, described by its rubric, and the reason."""

    def __init__(
        self,
        *args: Any,
        panel: Panel,
        rubrics: Mapping[str, Sequence[str]],
        scores: Mapping[str, Score],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for code in CRITERIA:
            score = scores.get(code)
            texts = rubrics.get(code, [])
            self.fields[f"{code}_level"] = forms.TypedChoiceField(
                label=_("Your score"),
                choices=[
                    (level, f"{level}: {text}")
                    for level, text in zip(levels(panel.least), texts, strict=False)
                ],
                initial=score.level if score else None,
                coerce=int,
                empty_value=None,
                required=False,
                widget=forms.RadioSelect,
            )
            self.fields[f"{code}_reason"] = forms.CharField(
                label=_("Your reason"),
                initial=score.reason if score else "",
                required=False,
                max_length=4000,
                widget=forms.Textarea(attrs={"rows": 3}),
            )


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("What ties you to the cluster"), max_length=250)


class AlterForm(forms.Form):
    """Another score, and why."""

    level = forms.TypedChoiceField(label=_("New score"), coerce=int)
    reason = forms.CharField(
        label=_("What changed your mind"), widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, panel: Panel, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["level"]
        field.choices = [(level, str(level)) for level in levels(panel.least)]


class RemarkForm(forms.Form):
    """A comment."""

    text = forms.CharField(label=_("Your comment"), widget=forms.Textarea(attrs={"rows": 3}))


class VisitForm(forms.Form):
    """A site visit."""

    on = forms.DateField(label=_("Day of the visit"), widget=DAY)
    text = forms.CharField(
        label=_("What was seen and heard"),
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("The panel reads it at once, the cluster after the release."),
    )
    file = forms.FileField(label=_("Document"), required=False, max_length=200)
