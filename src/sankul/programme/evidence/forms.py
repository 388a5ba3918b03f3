"""What people fill in for a verification."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sankul.core.models import User
from sankul.programme.evidence.models import Capacity
from sankul.programme.evidence.rules import Consequence, Design, Doubt, Finding, Item
from sankul.programme.outcomes.rules import URL_MAX
from sankul.programme.registry.models import Cluster, Organisation

HUNDRED = Decimal(100)
DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
SHARES = ("precision", "confidence", "expected_overstatement", "second_share")


def _percent(label: Any, hint: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        help_text=hint,
        max_digits=5,
        decimal_places=2,
        min_value=0,
        max_value=100,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"}),
    )


class DesignForm(forms.Form):
    """The design of a verification; shares are asked as per cent."""

    precision = _percent(
        _("Wished precision (± per cent)"),
        _("How near the estimated total shall come to the true one."),
    )
    confidence = _percent(
        _("Confidence (per cent)"), _("How often intervals made so hold the truth: 90 is usual.")
    )
    expected_overstatement = _percent(
        _("Overstatement you expect (per cent)"),
        _("A guess, to plan by. The more may not stand, the more must be looked at."),
    )
    least_per_stratum = forms.IntegerField(
        label=_("At least so many claims of each cluster and outcome"), min_value=1, max_value=100
    )
    certainty_points = forms.DecimalField(
        label=_("Verify every claim worth so many points or more"),
        help_text=_("Points of a cluster's index, 0 to 100. Leave it empty for none."),
        required=False,
        max_digits=9,
        decimal_places=4,
    )
    second_share = _percent(
        _("Share verified a second time, blind (per cent)"),
        _("By another verifier, who does not see what the first has found."),
    )
    minutes_per_claim = forms.IntegerField(
        label=_("Minutes a claim takes"), min_value=1, max_value=2400
    )
    return_days = forms.IntegerField(
        label=_("Days a cluster has to send better evidence"), min_value=0, max_value=120
    )

    @property
    def design(self) -> Design:
        """The design that was filled in, once the form is valid."""
        given = dict(self.cleaned_data)
        return Design(**given | {name: given[name] / HUNDRED for name in SHARES})

    @staticmethod
    def initial_of(design: Design) -> dict[str, Any]:
        """What the form shows for a design."""
        shown = dict(vars(design))
        for name in SHARES:
            shown[name] = f"{(shown[name] * HUNDRED).normalize():f}"
        if shown["certainty_points"] is not None:
            shown["certainty_points"] = f"{shown['certainty_points'].normalize():f}"
        return shown


class AnnounceForm(forms.Form):
    """Which public number, and when."""

    source = forms.CharField(
        label=_("The public number that will be used"),
        max_length=300,
        help_text=_(
            "Whose, which one, and where it is published: for example the first prize of a state lottery, by its gazette."
        ),
    )
    closes_on = forms.DateField(label=_("Claims close on"), widget=DAY)
    draws_on = forms.DateField(
        label=_("The number appears on"),
        widget=DAY,
        help_text=_("After the claims have closed, so that nobody can know it before."),
    )


class DrawForm(forms.Form):
    """The public number."""

    number = forms.CharField(
        label=_("The number, as it was published"),
        max_length=80,
        help_text=_("Its digits alone, 4 to 80 of them. It cannot be changed afterwards."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class FindingForm(forms.Form):
    """What was found of one claim."""

    confirmed = forms.MultipleChoiceField(
        label=_("The evidence shows"), required=False, widget=forms.CheckboxSelectMultiple
    )
    finding = forms.ChoiceField(
        label=_("What you found"), choices=Finding.choices, widget=forms.RadioSelect
    )
    quantity = forms.DecimalField(
        label=_("Quantity that is proved"),
        required=False,
        max_digits=18,
        decimal_places=4,
        help_text=_("Only where a part is proved."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Wherever it is not all proved. The cluster and the committee will read it."),
    )

    def __init__(
        self, *args: Any, items: Iterable[Item], documents: Sequence[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        seen: Any = self.fields["confirmed"]
        seen.choices = [(item.code, item.text) for item in items]
        self.noted = {f"note-{key[:16]}": key for key, _name in documents}
        for field, (_key, name) in zip(self.noted, documents, strict=True):
            self.fields[field] = forms.CharField(
                label=_("Note on “%s”") % name, required=False, max_length=1000
            )

    @property
    def given(self) -> dict[str, Any]:
        """What the action takes, once the form is valid."""
        data = self.cleaned_data
        return {
            "finding": data["finding"],
            "quantity": data["quantity"],
            "reason": data["reason"],
            "confirmed": data["confirmed"],
            "notes": {key: data[field] for field, key in self.noted.items()},
        }


class ConflictForm(forms.Form):
    """A conflict of interest."""

    verifier = forms.TypedChoiceField(label=_("Verifier"), coerce=int)
    cluster = forms.TypedChoiceField(
        label=_("Cluster"), coerce=int, required=False, empty_value=None
    )
    organisation = forms.TypedChoiceField(
        label=_("Or organisation"), coerce=int, required=False, empty_value=None
    )
    reason = forms.CharField(
        label=_("What ties them"),
        max_length=250,
        help_text=_("In a few words, for example: my brother works there."),
    )

    def __init__(
        self,
        *args: Any,
        verifiers: Sequence[User],
        clusters: Sequence[Cluster],
        organisations: Sequence[Organisation],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        nobody = [("", "—")]
        fields["verifier"].choices = [(one.pk, str(one)) for one in verifiers]
        fields["cluster"].choices = nobody + [(one.pk, one.name) for one in clusters]
        fields["organisation"].choices = nobody + [(one.pk, one.name) for one in organisations]


class AnswerForm(forms.Form):
    """A cluster's answer to a finding of a plausibility rule."""

    text = forms.CharField(
        label=_("How it is"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("The evaluator reads it beside the claim. It stays as you send it."),
    )
    document = forms.FileField(
        label=_("A document that proves it"),
        required=False,
        help_text=_("PDF or picture, at most 25 MB."),
    )


class RulingForm(forms.Form):
    """An evaluator's ruling on a finding."""

    ruling = forms.ChoiceField(
        label=_("Ruling"),
        choices=[
            (Doubt.DISMISSED, _("Dismissed: all is well")),
            *((one.value, _("Upheld. %s") % one.label) for one in Consequence),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The cluster and the committee will read it."),
    )


class CapacityForm(forms.Form):
    """How much there is room for."""

    of = forms.ChoiceField(label=_("Of"), choices=Capacity.Of.choices)
    cluster = forms.TypedChoiceField(
        label=_("Cluster"),
        coerce=int,
        required=False,
        empty_value=None,
        help_text=_("For a facility or a city."),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=250,
        required=False,
        help_text=_("Of the institution or facility, as clusters write it in their claims."),
    )
    amount = forms.IntegerField(label=_("How much"), min_value=1, max_value=10**12)
    source = forms.CharField(label=_("Source"), max_length=250)
    source_url = forms.CharField(
        label=_("Address of the source"), max_length=URL_MAX, required=False
    )

    def __init__(self, *args: Any, clusters: Sequence[Cluster], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["cluster"].choices = [("", "—")] + [(one.pk, one.name) for one in clusters]
