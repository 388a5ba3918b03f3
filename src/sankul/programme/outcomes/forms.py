"""What people fill in to record a result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.rules import CreditRole, Kind
from sankul.programme.registry.models import Cluster, Organisation

ROWS = 3
MORE_ROWS = 2
MAX_ROWS = 40


class Files(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Files, as a list; empty files are left to the rule that refuses them with a reason."""

    widget = Files

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Every file that was chosen."""
        return [file for file in data or () if file]


class ClaimForm(forms.Form):
    """A claim of one kind; the reference and the cluster are asked once."""

    cluster = forms.TypedChoiceField(label=_("Cluster that claims it"), coerce=int)
    reference = forms.CharField(
        label=_("Your own reference"),
        max_length=80,
        help_text=_("Keep it: the same result sent twice under it stays one claim."),
    )
    title = forms.CharField(label=_("Title"), max_length=250)
    on = forms.DateField(
        label=_("Date"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    quantity = forms.DecimalField(label=_("Quantity"), max_digits=18, decimal_places=4)
    detail = forms.CharField(
        label=_("Detail"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    documents = FilesField(
        label=_("Documents that prove it"),
        required=False,
        help_text=_(
            "PDF, picture, spreadsheet or text. Without a document the claim does not count."
        ),
    )
    proves = forms.CharField(
        label=_("What they prove"),
        max_length=250,
        required=False,
        help_text=_("For example: attendance list signed by 34 people."),
    )

    def __init__(
        self,
        *args: Any,
        kind: Kind,
        clusters: Sequence[Cluster],
        claim: Claim | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["quantity"].help_text = kind.ask
        field: Any = self.fields["cluster"]
        field.choices = [(cluster.pk, cluster.name) for cluster in clusters]
        if len(clusters) == 1:
            field.widget, field.initial = forms.HiddenInput(), clusters[0].pk
        if claim is not None:
            del self.fields["cluster"], self.fields["reference"]


@dataclass(frozen=True)
class Choices:
    """Clusters that the claim can be recorded for, clusters that it can credit, and organisations, their members first."""

    own: list[Cluster]
    clusters: list[Cluster]
    members: list[Organisation]
    others: list[Organisation]

    def grouped(self) -> list[Any]:
        """Organisations to choose from."""
        return [
            ("", "—"),
            (_("Members of the cluster"), [(one.pk, one.name) for one in self.members]),
            (_("Other organisations"), [(one.pk, one.name) for one in self.others]),
        ]


class PartnerForm(forms.Form):
    """One partner; a row without organisation is left out."""

    organisation = forms.TypedChoiceField(
        label=_("Organisation"), coerce=int, required=False, empty_value=None
    )
    cluster = forms.TypedChoiceField(label=_("For the cluster"), coerce=int)
    role = forms.ChoiceField(label=_("Role"), choices=CreditRole.choices)
    share = forms.DecimalField(
        label=_("Share"),
        min_value=Decimal(0),
        max_value=Decimal(1),
        max_digits=7,
        decimal_places=6,
        required=False,
    )

    def __init__(self, *args: Any, choices: Choices, role: CreditRole, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked: Any = self.fields
        asked["organisation"].choices = choices.grouped()
        asked["cluster"].choices = [(one.pk, one.name) for one in choices.clusters]
        asked["cluster"].initial = choices.own[0].pk
        asked["role"].initial = role


if TYPE_CHECKING:
    BaseRows = forms.BaseFormSet[PartnerForm]
else:
    BaseRows = forms.BaseFormSet


class Rows(BaseRows):
    """The partners: the first led unless told otherwise, the others contributed."""

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """What each row knows."""
        role = CreditRole.CONTRIBUTED if index else CreditRole.LED
        return {**super().get_form_kwargs(index), "role": role}


PartnerRows = forms.formset_factory(
    PartnerForm, formset=Rows, extra=ROWS, max_num=MAX_ROWS, absolute_max=MAX_ROWS
)


def with_more_rows(data: Mapping[str, Any], choices: Choices) -> dict[str, Any]:
    """The form as it was sent, with empty rows for more partners."""
    grown = {key: data[key] for key in data}
    total = grown.get("partners-TOTAL_FORMS", "")
    rows = int(total) if total.isascii() and total.isdigit() else ROWS
    wanted = min(rows + MORE_ROWS, MAX_ROWS)
    for number in range(rows, wanted):
        grown[f"partners-{number}-cluster"] = str(choices.own[0].pk)
        grown[f"partners-{number}-role"] = CreditRole.CONTRIBUTED.value
    return grown | {"partners-TOTAL_FORMS": str(wanted)}


def row_errors(rows: Rows) -> list[str]:
    """Errors of the partners' rows, each with the number of its row."""
    return [
        _t("Partner %(row)d, %(field)s: %(error)s")
        % {"row": number, "field": form.fields[name].label, "error": error}
        for number, form in enumerate(rows.forms, 1)
        for name, errors in form.errors.items()
        for error in errors
    ]


class AttachForm(forms.Form):
    """A document for a claim that is there already."""

    documents = FilesField(label=_("Documents"))
    proves = forms.CharField(label=_("What they prove"), max_length=250, required=False)

    def clean_documents(self) -> list[Any]:
        """At least one file."""
        files: list[Any] = self.cleaned_data["documents"]
        if not files:
            raise forms.ValidationError(_("Choose a file."))
        return files
