"""Evidence for a claim, and the reason to take a judged claim back to the desk."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sankul.core.rules.documents import KINDS
from sankul.programme.outcomes.rules import URL_MAX, link

ACCEPTED = ",".join(ending for kind in KINDS for ending in kind.endings)


class Files(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Files, as a list; empty files are left to the rule that refuses them with a reason."""

    widget = Files

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Every file that was chosen."""
        return [file for file in data or () if file]


class LinkField(forms.CharField):
    """A web address, or nothing."""

    def clean(self, value: Any) -> str:
        """The address as it is kept."""
        text = str(super().clean(value))
        try:
            return link(text) if text else ""
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None


class EvidenceForm(forms.Form):
    """Files, a photo, a web address, and what they prove."""

    documents = FilesField(
        label=_("Documents"),
        required=False,
        widget=Files(attrs={"accept": ACCEPTED, "data-drop": ""}),
        help_text=_("PDF, picture, spreadsheet or text; several at once"),
    )
    photo = FilesField(
        label=_("A photo"),
        required=False,
        widget=Files(attrs={"accept": "image/*", "capture": "environment"}),
        help_text=_("On a phone this opens the camera"),
    )
    url = LinkField(
        label=_("Web address"),
        required=False,
        max_length=URL_MAX,
        widget=forms.TextInput(attrs={"type": "url", "inputmode": "url"}),
    )
    proves = forms.CharField(
        label=_("What they prove"),
        max_length=250,
        required=False,
        help_text=_("For example: attendance list signed by 34 people."),
    )

    def evidence(self) -> dict[str, Any]:
        """The files, the address, and what they prove."""
        given = self.cleaned_data
        return {
            "files": given["documents"] + given["photo"],
            "url": given["url"],
            "proves": given["proves"],
        }


class AttachForm(EvidenceForm):
    """Evidence for a claim that is there already."""

    def clean(self) -> dict[str, Any]:
        """At least a file or an address."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not any(given[name] for name in ("documents", "photo", "url")):
            self.add_error("documents", _("Choose a file, or give a web address."))
        return given


class AmendForm(forms.Form):
    """Why a claim is changed after it was judged."""

    reason = forms.CharField(
        label=_("Why is it changed?"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stays on record. Name no persons."),
    )
