"""What is asked when a table of observations is sent, and when a dead letter is mended."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from sankul.programme.registry.models import Cluster

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


class OutlineForm(forms.Form):
    """An outline for maps: a GeoJSON file, and where it is from."""

    cluster = forms.ModelChoiceField(Cluster.objects.none(), label=_("Cluster"), empty_label=None)
    name = forms.CharField(label=_("Name"), max_length=120)
    file = forms.FileField(
        label=_("File"),
        help_text=_("GeoJSON: areas or lines, longitude first."),
        widget=forms.ClearableFileInput(attrs={"accept": ".geojson,.json,application/geo+json"}),
        allow_empty_file=True,
    )
    source = forms.CharField(
        label=_("Source"),
        max_length=300,
        help_text=_("Who drew it and when. It stands below every map that shows it."),
    )
    licence = forms.CharField(
        label=_("Licence"), max_length=120, help_text=_("Under which terms it may be shown.")
    )

    def __init__(self, *args: Any, clusters: QuerySet[Cluster], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cluster"].queryset = clusters  # type: ignore[attr-defined]


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
