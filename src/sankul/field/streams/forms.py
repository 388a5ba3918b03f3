"""What is asked when a table of observations is sent, and when a dead letter is mended."""

from __future__ import annotations

import json
import tomllib
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from sankul.engines import quality
from sankul.field.streams.rules import Flag
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


WHEN = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"]
"""Times as the browser's own field gives them; others as the language writes them."""


def time_field(label: Any, fill: str = "", **options: Any) -> forms.DateTimeField:
    """A time to the second, in the zone of the page, with the browser's own field; ``fill`` is the end that a drag sets."""
    attrs = {"type": "datetime-local", "step": "1"} | ({"data-fill": fill} if fill else {})
    widget = forms.DateTimeInput(attrs=attrs, format="%Y-%m-%dT%H:%M:%S")
    return forms.DateTimeField(label=label, widget=widget, input_formats=WHEN, **options)


def reason_field(**options: Any) -> forms.CharField:
    """Why something is said of observations; it stays with them."""
    widget = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(label=_("Reason"), max_length=1000, widget=widget, **options)


class FlagForm(forms.Form):
    """Which observations get which flag, and why."""

    which = forms.ChoiceField(
        label=_("Of which observations"),
        widget=forms.RadioSelect,
        choices=[
            ("stretch", _("all from … to …")),
            ("ticked", _("those ticked in the table")),
        ],
        initial="stretch",
    )
    since = time_field(_("From"), fill="since", required=False)
    until = time_field(_("To"), fill="until", required=False)
    flag = forms.ChoiceField(
        label=_("What to say"),
        widget=forms.RadioSelect,
        choices=[
            ("confirm", _("the flags are right: suspect stays suspect, fail stays fail")),
            (str(int(Flag.GOOD)), _("good")),
            (str(int(Flag.SUSPECT)), _("suspect")),
            (str(int(Flag.FAIL)), _("fail: not to be used")),
        ],
        initial="confirm",
    )
    reason = reason_field(
        help_text=_("As in: the sensor was cleaned; a flood, seen at the bridge too.")
    )

    def clean(self) -> dict[str, Any]:
        """A stretch has both its ends, in order."""
        given = super().clean() or {}
        if given.get("which") == "stretch":
            for name in ("since", "until"):
                if not given.get(name) and name not in self.errors:
                    self.add_error(name, _("Give a time, or tick observations in the table."))
            if not self.errors and given["since"] > given["until"]:
                self.add_error("until", _("This is before the time from."))
        return given

    @property
    def chosen_flag(self) -> Flag | None:
        """The flag to give, or None to confirm those that are there."""
        chosen = self.cleaned_data["flag"]
        return None if chosen == "confirm" else Flag(int(chosen))


class ReasonForm(forms.Form):
    """Why something is done."""

    reason = reason_field()


class CalibrationForm(forms.Form):
    """A sensor that was compared with a standard."""

    calibrated = time_field(_("Calibrated"), help_text=_("In Indian Standard Time."))
    read = forms.FloatField(
        label=_("What the sensor read"),
        help_text=_("In the standard, before it was adjusted, in the unit of the stream."),
    )
    true = forms.FloatField(
        label=_("What was true"), help_text=_("The value of the standard, in the same unit.")
    )
    note = forms.CharField(
        label=_("Note"), widget=forms.Textarea(attrs={"rows": 2}), required=False, max_length=1000
    )
    file = forms.FileField(label=_("Record or certificate"), required=False)


class RulesForm(forms.Form):
    """The rules of a stream as TOML or JSON, and why they change."""

    text = forms.CharField(
        label=_("Rules"),
        widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "false", "class": "mono"}),
        max_length=20_000,
        help_text=_("TOML or JSON, under the names that the quality engine has for its tests."),
    )
    reason = reason_field()

    def clean_text(self) -> dict[str, Any]:
        """The rules as a mapping in their one form; a fault is told with its line or key."""
        try:
            return quality.Rules.from_mapping(_mapping(self.cleaned_data["text"])).mapping
        except quality.QualityError as error:
            raise forms.ValidationError(str(error)) from None


def _mapping(text: str) -> Any:
    is_json = text.lstrip().startswith("{")
    try:
        return json.loads(text) if is_json else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        told = _("This is no %(form)s: %(why)s")
        form = "JSON" if is_json else "TOML"
        raise forms.ValidationError(told, params={"form": form, "why": str(error)}) from None
