"""What is asked when a table of claims is sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sankul.programme.outcomes.rules import OUTCOMES, Kind
from sankul.programme.registry.models import Cluster

from .attach import FilesField

DRAFTS, SUBMITTED = "drafts", "submitted"


class ImportForm(forms.Form):
    """A table of claims of one kind, for one cluster, with the documents that it names."""

    cluster = forms.TypedChoiceField(label=_("Cluster that claims them"), coerce=int)
    kind = forms.ChoiceField(label=_("Kind of result"))
    file = forms.FileField(
        label=_("Table"),
        help_text=_("XLSX or CSV made from the template of this kind; 25 MB at most."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
        allow_empty_file=True,
    )
    documents = FilesField(
        label=_("Documents that it names"),
        required=False,
        help_text=_("The column “Documents” names them as they are named here. 60 MB in all."),
    )
    become = forms.ChoiceField(
        label=_("The claims become"),
        widget=forms.RadioSelect,
        choices=[
            (DRAFTS, _("drafts, which you complete and submit later")),
            (SUBMITTED, _("submitted claims: every line says all that its kind asks for")),
        ],
        initial=DRAFTS,
    )

    def __init__(
        self, *args: Any, kinds: Sequence[Kind], clusters: Sequence[Cluster], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        asked: Any = self.fields
        asked["kind"].choices = by_outcome(kinds)
        asked["cluster"].choices = [(one.pk, one.name) for one in clusters]
        if len(clusters) == 1:
            asked["cluster"].widget, asked["cluster"].initial = forms.HiddenInput(), clusters[0].pk


def by_outcome(kinds: Sequence[Kind]) -> list[Any]:
    """Kinds to choose from, under their outcomes."""
    groups: dict[int, list[tuple[str, Any]]] = {}
    for kind in kinds:
        groups.setdefault(kind.outcome, []).append((kind.code, kind.title))
    return [(f"{number} · {OUTCOMES[number]}", choices) for number, choices in groups.items()]
