"""What is asked when a table of observations is sent, and when a dead letter is mended."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

INDIA = "Asia/Kolkata"


class UploadForm(forms.Form):
    """A table of observations, and the zone of its times."""

    file = forms.FileField(
        label=_("Table"),
        help_text=_(
            "CSV or XLSX. Either the columns stream, time, value and perhaps unit; or time and one column for each stream, "
            "headed by its number or name, with the unit in brackets: 12 [NTU]."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
        allow_empty_file=True,
    )
    zone = forms.ChoiceField(
        label=_("Times without an offset are"),
        widget=forms.RadioSelect,
        choices=[
            (INDIA, _("Indian Standard Time")),
            ("UTC", _("Coordinated Universal Time (UTC)")),
            ("none", _("refused: every time says its offset")),
        ],
        initial=INDIA,
    )

    @property
    def chosen_zone(self) -> ZoneInfo | None:
        """The zone that was chosen, or None where every time says its offset."""
        chosen = self.cleaned_data["zone"]
        return None if chosen == "none" else ZoneInfo(chosen)


class MendForm(forms.Form):
    """What is sent again instead, and a note."""

    stream = forms.IntegerField(label=_("Number of the stream"), min_value=1, required=False)
    time = forms.DateTimeField(
        label=_("Time"),
        required=False,
        help_text=_("In Indian Standard Time, as in 2026-11-22 06:30:00."),
    )
    value = forms.FloatField(label=_("Value"), required=False)
    unit = forms.CharField(label=_("Unit"), max_length=40, required=False)
    note = forms.CharField(
        label=_("Note"),
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
        help_text=_("Why it is corrected or not needed. It stays with the letter."),
    )

    @property
    def changes(self) -> dict[str, Any]:
        """What was given, as the payload of a dead letter has it."""
        given = self.cleaned_data
        told = {
            name: given[name]
            for name in ("stream", "value", "unit")
            if given[name] not in (None, "")
        }
        return told | ({"time": given["time"].isoformat()} if given["time"] else {})
