"""A claim of one kind: what happened, and the evidence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.rules import FactType, Kind, Problem

from .attach import EvidenceForm
from .fields import PREFIX, field_of, lines, shown
from .partners import Choices
from .tables import Tables

ABOUT_DEPLOYMENTS = frozenset({"deployment", "deployment_users"})
FIRST = ("cluster", "reference", "title", "on", "quantity")
LAST = ("rests_on", "project", "deployment", "detail", "documents", "photo", "url", "proves")
EVIDENCE = ("documents", "photo", "url", "proves")


class ClaimForm(EvidenceForm):
    """A claim of one kind. Cluster and reference are asked once; what its kind asks for may wait until it is submitted."""

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
    quantity = forms.DecimalField(
        label=_("Quantity"), max_digits=18, decimal_places=4, required=False
    )
    rests_on = forms.CharField(
        label=_("Rests on"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"list": "bases", "autocomplete": "off"}),
    )
    project = forms.TypedChoiceField(
        label=_("Project"), required=False, coerce=int, empty_value=None
    )
    deployment = forms.TypedChoiceField(
        label=_("Deployment"), required=False, coerce=int, empty_value=None
    )
    detail = forms.CharField(
        label=_("Anything else"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(
        self, *args: Any, kind: Kind, choices: Choices, claim: Claim | None = None, **kwargs: Any
    ) -> None:
        kwargs["initial"] = kwargs.get("initial", {}) | _kept(kind, claim, choices)
        super().__init__(*args, **kwargs)
        self.kind, self.choices = kind, choices
        asked: Any = self.fields
        for fact in kind.facts:
            if fact.type != FactType.TABLE:
                asked[f"{PREFIX}{fact.code}"] = field_of(fact)
        facts = [name for name in asked if name.startswith(PREFIX)]
        self.order_fields([*FIRST, *facts, *LAST])
        asked = self.fields
        asked["quantity"].help_text = kind.ask
        asked["quantity"].needed_later = True
        self._offer(asked, claim)

    def _offer(self, asked: Any, claim: Claim | None) -> None:
        own = self.choices.own
        asked["cluster"].choices = [(one.pk, one.name) for one in own]
        if len(own) == 1:
            asked["cluster"].widget, asked["cluster"].initial = forms.HiddenInput(), own[0].pk
        if claim is not None:
            del asked["cluster"], asked["reference"]
        _offered(asked, "project", self.choices.projects)
        _offered(asked, "deployment", self.choices.deployments)
        if not self.kind.rests_on:
            del asked["rests_on"]

    def happened(self) -> Iterator[forms.BoundField]:
        """The fields about what happened."""
        return (bound for bound in self.visible_fields() if bound.name not in EVIDENCE)

    def proof(self) -> Iterator[forms.BoundField]:
        """The fields about the evidence."""
        return (bound for bound in self.visible_fields() if bound.name in EVIDENCE)

    def clean_rests_on(self) -> Claim | None:
        """The claim of one's own that has this reference, or any of the fitting kinds by its number."""
        text = self.cleaned_data["rests_on"].strip()
        if not text:
            return None
        for base in self.choices.bases:
            if text in (base.reference, f"#{base.pk}"):
                return base
        raise forms.ValidationError(_("No claim that it could rest on has this reference."))

    def content(self) -> dict[str, Any]:
        """What was typed, as the action takes it; ``facts`` are still as they were typed."""
        names = ("title", "on", "quantity", "detail", "reference")
        given = {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}
        about: dict[str, Any] = {"rests_on": self.cleaned_data.get("rests_on")}
        for name, offered in (
            ("project", self.choices.projects),
            ("deployment", self.choices.deployments),
        ):
            chosen = self.cleaned_data.get(name)
            about[name] = next((one for one in offered if one.pk == chosen), None)
        return given | about

    def facts(self) -> dict[str, Any]:
        """Facts that are no tables, with names of organisations turned into their short names.

        A name that stands for none or several is an error of its field.
        """
        given: dict[str, Any] = {}
        for fact in self.kind.facts:
            name = f"{PREFIX}{fact.code}"
            if name in self.cleaned_data:
                text = self.cleaned_data[name]
                is_list = fact.type == FactType.ORGANISATIONS
                given[fact.code] = self._slugs(name, text) if is_list else text
        return given

    def _slugs(self, field: str, text: str) -> list[str]:
        found = []
        for line in lines(text):
            try:
                found.append(self.choices.find(line).slug)
            except forms.ValidationError as error:
                self.add_error(field, error)
        return found


def wrong(form: ClaimForm, tables: Tables, problems: tuple[Problem, ...]) -> None:
    """Tell each problem at the field that has it, and those of tables above the form too."""
    for problem in problems:
        field = f"{PREFIX}{problem.place[0]}"
        if len(problem.place) == 1 and field in form.fields:
            form.add_error(field, problem.text)
        else:
            form.add_error(None, str(problem))
            tables.mark(problem)


def _offered(asked: Any, name: str, offered: Any) -> None:
    if not offered:
        del asked[name]
        return
    asked[name].choices = [("", "—"), *((one.pk, str(one)) for one in offered)]


def _kept(kind: Kind, claim: Claim | None, choices: Choices) -> dict[str, Any]:
    """What the form of a draft begins with."""
    if claim is None:
        return {}
    names = {one.slug: choices.called(one) for one in choices.organisations}
    kept: dict[str, Any] = {
        "title": claim.title,
        "on": claim.on,
        "detail": claim.detail,
        "quantity": f"{claim.quantity.normalize():f}" if claim.quantity is not None else "",
        "rests_on": claim.rests_on.reference if claim.rests_on else "",
        "project": claim.project_id,
        "deployment": claim.deployment_id,
    }
    for fact in kind.facts:
        if fact.code in claim.facts and fact.type != FactType.TABLE:
            value = claim.facts[fact.code]
            if fact.type == FactType.ORGANISATIONS:
                value = [names.get(slug, slug) for slug in value]
            kept[f"{PREFIX}{fact.code}"] = shown(fact, value)
    return kept
