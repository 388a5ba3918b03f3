"""Who is credited: rows of partners, each named as people name it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.rules import CreditRole
from sankul.programme.portfolio.models import Deployment, Project
from sankul.programme.registry.models import Cluster, Organisation

from .rows import ROWS

MAX_ROWS = 40


@dataclass(frozen=True)
class Choices:
    """Clusters that the claim can be recorded for, clusters and organisations that it can credit, and what it can be about.

    ``aliases`` are further names of organisations, each with the id of whom it names; ``bases`` are claims to rest on.
    """

    own: list[Cluster]
    clusters: list[Cluster]
    organisations: list[Organisation]
    aliases: Sequence[tuple[str, int]] = ()
    bases: Sequence[Claim] = ()
    projects: Sequence[Project] = ()
    deployments: Sequence[Deployment] = field(default_factory=tuple)

    @cached_property
    def _named(self) -> dict[str, list[Organisation]]:
        by_id = {one.pk: one for one in self.organisations}
        known = [(one.name, one) for one in self.organisations]
        known += [(name, by_id[pk]) for name, pk in self.aliases if pk in by_id]
        named: dict[str, list[Organisation]] = {}
        for name, one in known:
            others = named.setdefault(_plain(name), [])
            if one not in others:
                others.append(one)
        return named

    @cached_property
    def _by_slug(self) -> dict[str, Organisation]:
        return {one.slug: one for one in self.organisations}

    def called(self, organisation: Organisation) -> str:
        """How to write an organisation so that it alone is meant."""
        if len(self._named[_plain(organisation.name)]) == 1:
            return organisation.name
        return f"{organisation.name} ({organisation.slug})"

    def suggestions(self) -> list[str]:
        """Every organisation as it is written, members of one's clusters first."""
        ordered = sorted(self.organisations, key=lambda one: not getattr(one, "is_member", False))
        return [self.called(one) for one in ordered]

    def find(self, text: str) -> Organisation:
        """The organisation that a text names: by a name of any spelling of capitals, by its short name, or by both.

        Raises ValidationError where none or several are called so.
        """
        slug = text.rsplit("(", 1)[-1].rstrip(") ") if text.endswith(")") else text
        if slug in self._by_slug:
            return self._by_slug[slug]
        found = self._named.get(_plain(text), [])
        if len(found) == 1:
            return found[0]
        if found:
            told = _t("Several are called “%(name)s”. Write one of: %(ones)s.")
            ones = "; ".join(f"{one.name} ({one.slug})" for one in found)
            raise forms.ValidationError(told % {"name": text, "ones": ones})
        raise forms.ValidationError(
            _t("No organisation is called “%s”. Pick one of the list, or have it registered first.")
            % text
        )


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


class PartnerForm(forms.Form):
    """One partner; a row without organisation is left out."""

    organisation = forms.CharField(
        label=_("Organisation"),
        required=False,
        max_length=400,
        widget=forms.TextInput(attrs={"list": "organisations", "autocomplete": "off"}),
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
        self.choices = choices
        asked: Any = self.fields
        asked["cluster"].choices = [(one.pk, one.name) for one in choices.clusters]
        asked["cluster"].initial = choices.own[0].pk
        asked["role"].initial = role

    def clean_organisation(self) -> Organisation | None:
        """The organisation that is meant."""
        text = self.cleaned_data["organisation"].strip()
        return self.choices.find(text) if text else None


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


def new_partner(choices: Choices) -> Mapping[str, str]:
    """What a further row begins with."""
    return {"cluster": str(choices.own[0].pk), "role": CreditRole.CONTRIBUTED.value}


def partner_errors(rows: forms.BaseFormSet[PartnerForm]) -> list[str]:
    """Errors of the partners' rows, each with the number of its row, after those of all rows together."""
    return [
        *map(str, rows.non_form_errors()),
    ] + [
        _t("Partner %(row)d, %(field)s: %(error)s")
        % {"row": number, "field": form.fields[name].label, "error": error}
        for number, form in enumerate(rows.forms, 1)
        for name, errors in form.errors.items()
        for error in errors
    ]
