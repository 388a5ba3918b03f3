"""What the area's forms ask."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy

from sankul.core.models import User
from sankul.core.rules.documents import KINDS
from sankul.field.alerts.queries.groups import Alike
from sankul.field.alerts.rules import AlertCause, AlertSeverity, DetectorKind
from sankul.field.alerts.rules.detecting import FACTORS, NAMED
from sankul.field.streams.models import Thing
from sankul.programme.registry.models import Cluster

ACCEPTED = ",".join(ending for kind in KINDS for ending in kind.endings)


def moment_field(label: Any, help_text: Any = "") -> forms.DateTimeField:
    """A field for a day and a time, as browsers ask for it."""
    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
    return forms.DateTimeField(label=label, widget=widget, help_text=help_text)


class ActForm(forms.Form):
    """What is done about an alert, by whom and by when."""

    what = forms.CharField(label=_("What is done"), max_length=250)
    owner_post = forms.CharField(
        label=_("Who does it"), max_length=120, help_text=_("The post, as in: junior engineer.")
    )
    owner = forms.ModelChoiceField(
        label=_("With an account here"),
        queryset=User.objects.none(),
        required=False,
        help_text=_("Then it stands among what waits for that person."),
    )
    due_at = moment_field(_("To be done by"))

    def __init__(self, *args: Any, owners: QuerySet[User], at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owners  # type: ignore[attr-defined]
        self.initial.setdefault("due_at", timezone.localtime(at + timedelta(hours=24)))


class Files(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Files, as a list; empty files are left to the rule that refuses them with a reason."""

    widget = Files

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Every file that was chosen."""
        return [file for file in data or () if file]


class ProveForm(forms.Form):
    """What was found and done, and what shows it."""

    note = forms.CharField(
        label=_("What was found and done"), widget=forms.Textarea(attrs={"rows": 3})
    )
    photo = FilesField(
        label=_("A photo"),
        required=False,
        widget=Files(attrs={"accept": "image/*", "capture": "environment"}),
        help_text=_("On a phone this opens the camera. Show the work, not people."),
    )
    documents = FilesField(
        label=_("Documents"),
        required=False,
        widget=Files(attrs={"accept": ACCEPTED, "data-drop": ""}),
        help_text=_(
            "A job sheet, a laboratory's report. Without any, it does not count as proven."
        ),
    )

    def attached(self) -> list[Any]:
        """All that was attached."""
        return [*self.cleaned_data["photo"], *self.cleaned_data["documents"]]


class CloseForm(forms.Form):
    """What the cause was."""

    cause = forms.ChoiceField(
        label=_("Cause"), choices=AlertCause.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed where nothing had to be done: say why."),
    )


class DetectorForm(forms.Form):
    """A detector, in the stream's unit and minutes; which parameters it has is told by its kind."""

    name = forms.CharField(label=_("What it is called"), max_length=200)
    severity = forms.ChoiceField(
        label=_("How bad"), choices=AlertSeverity.choices, initial=AlertSeverity.WARNING
    )
    cool_down = forms.IntegerField(
        label=_("Cool-down (minutes)"), min_value=0, max_value=10_080, initial=60,
        help_text=_("What begins again within this time is the same alert."),
    )  # fmt: skip
    guidance = forms.CharField(
        label=_("What to do first"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Stands on top of each of its alerts."),
    )

    def __init__(self, *args: Any, kind: str, unit: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = _parameters(kind, unit)
        self.keys = list(own)
        for key, field in own.items():
            self.fields[key] = field
        self.order_fields(["name", *own, "severity", "cool_down", "guidance"])

    @staticmethod
    def shown(parameters: dict[str, Any]) -> dict[str, Any]:
        """Parameters as the form shows them."""
        return {
            key: round(value / FACTORS[key], 6) if key in FACTORS else value
            for key, value in parameters.items()
        }

    def parameters(self) -> dict[str, Any]:
        """Parameters as a detector keeps them."""
        given = {key: self.cleaned_data[key] for key in self.keys}
        return {
            key: _kept(value, FACTORS[key]) if key in FACTORS else value
            for key, value in given.items()
        }

    def about(self) -> dict[str, Any]:
        """The rest."""
        told = {key: self.cleaned_data[key] for key in ("name", "severity", "guidance")}
        return told | {"cool_down_s": self.cleaned_data["cool_down"] * 60}


def _kept(given: float, factor: float) -> float:
    """What was given, as it is kept: what ``shown`` rounded comes back as it was, so that an unchanged form changes nothing."""
    return round(given * factor, 3 if factor > 1 else 7)


def _parameters(kind: str, unit: str) -> dict[str, forms.Field]:
    minutes: dict[str, Any] = {"min_value": 0.0, "max_value": 500_000.0}
    raised = forms.FloatField(label=NAMED["raise_at"], help_text=unit)
    cleared = forms.FloatField(
        label=NAMED["clear_at"], help_text=_("Between the two nothing changes.")
    )
    lasting = forms.FloatField(
        label=_("For so long (minutes)"),
        initial=0,
        help_text=_("0: at once."),
        **minutes,
    )
    if kind in (DetectorKind.ABOVE, DetectorKind.BELOW):
        return {"raise_at": raised, "clear_at": cleared, "for_s": lasting}
    if kind == DetectorKind.RATE:
        directions = [("either", _("either way")), ("rise", _("rising")), ("fall", _("falling"))]
        raised.help_text = cleared.help_text = _("%s in an hour") % unit
        return {
            "raise_at": raised,
            "clear_at": cleared,
            "over_s": forms.FloatField(label=_("Over so long (minutes)"), initial=30, **minutes),
            "direction": forms.ChoiceField(label=_("Which way"), choices=directions),
        }
    if kind == DetectorKind.RESIDUAL:
        raised.help_text = cleared.help_text = _(
            "robust scales from the forecast; 6 and 3 are usual"
        )
        least = forms.FloatField(label=NAMED["least_scale"], help_text=unit)
        return {"raise_at": raised, "clear_at": cleared, "least_scale": least, "for_s": lasting}
    if kind == DetectorKind.NETWORK:
        return _of_groups(minutes)
    after = forms.FloatField(label=_("Nothing for (minutes)"), initial=60, **minutes)
    return {"after_s": after}


def _of_groups(minutes: dict[str, Any]) -> dict[str, forms.Field]:
    share = forms.FloatField(
        label=_("Share of the streams that must stand out (%)"), initial=50, min_value=0.1, max_value=100
    )  # fmt: skip
    least = forms.IntegerField(
        label=_("And at least so many streams"), initial=2, min_value=2, max_value=100_000
    )
    within = forms.FloatField(
        label=_("Begin to stand out within (minutes)"), initial=60, **minutes,
        help_text=_("It is over when fewer began within this time."),
    )  # fmt: skip
    return {"share": share, "least": least, "within_s": within}


class GroupForm(DetectorForm):
    """A detector of many sites: set, it asks of which streams; changed, whether those that came since are taken in."""

    def __init__(
        self, *args: Any, groups: list[Alike] | None = None, streams: int = 0, **kwargs: Any
    ) -> None:
        super().__init__(*args, kind=DetectorKind.NETWORK, unit="", **kwargs)
        if groups is not None:
            self.fields["streams"] = forms.TypedChoiceField(
                label=_("Which streams"), choices=_choices(groups), coerce=int,
                help_text=_("Of one property in one unit, at three streams of a cluster at least.")
                if groups
                else _("No property is observed by three streams of a cluster in one unit yet."),
            )  # fmt: skip
        else:
            self.fields["renew"] = forms.BooleanField(
                label=_("Look at all such streams that are there now"), required=False,
                help_text=ngettext_lazy("It looks at %d stream.", "It looks at %d streams.") % streams,
            )  # fmt: skip
        self.order_fields(["name", "streams", "renew", *self.keys])


def _choices(groups: list[Alike]) -> list[tuple[str, list[tuple[int, str]]]]:
    """Groups to choose from, under the name of their cluster."""
    return [
        (cluster, [(one.first, _labelled(one)) for one in own])
        for cluster, own in groupby(groups, key=lambda one: one.cluster)
    ]


def _labelled(group: Alike) -> str:
    what = f"{group.observed} ({group.unit})" if group.unit else group.observed
    streams = ngettext("%d stream", "%d streams", group.streams) % group.streams
    return f"{what}, {streams}"


class SilenceForm(forms.Form):
    """When nobody is told, and why."""

    thing = forms.ModelChoiceField(
        label=_("Site"),
        queryset=Thing.objects.none(),
        required=False,
        empty_label=_("all sites of the cluster"),
    )
    cluster = forms.ModelChoiceField(
        label=_("Cluster"),
        queryset=Cluster.objects.none(),
        required=False,
        help_text=_("Needed only for all sites."),
    )
    reason = forms.CharField(
        label=_("Why"), max_length=250, help_text=_("As in: the tank is cleaned.")
    )
    starts_at = moment_field(_("From"))
    ends_at = moment_field(_("Until"))

    def __init__(
        self,
        *args: Any,
        things: QuerySet[Thing],
        clusters: QuerySet[Cluster],
        at: datetime,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["thing"].queryset = things  # type: ignore[attr-defined]
        self.fields["cluster"].queryset = clusters  # type: ignore[attr-defined]
        self.initial.setdefault("starts_at", timezone.localtime(at))
        self.initial.setdefault("ends_at", timezone.localtime(at + timedelta(hours=4)))


class WebhookForm(forms.Form):
    """An address that is told."""

    cluster = forms.ModelChoiceField(label=_("Cluster"), queryset=Cluster.objects.none())
    url = forms.CharField(
        label=_("Address"), max_length=500, help_text=_("Begins with https://, and is not private.")
    )
    least = forms.ChoiceField(label=_("From this severity on"), choices=AlertSeverity.choices)

    def __init__(self, *args: Any, clusters: QuerySet[Cluster], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cluster"].queryset = clusters  # type: ignore[attr-defined]
