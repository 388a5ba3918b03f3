"""The form of one claim with all its rows, bound to what was sent or to what is kept."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from sankul.core.doors import Request
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.core.ui import Crumbs, Link
from sankul.programme.outcomes import forms
from sankul.programme.outcomes.actions.credit import Partner
from sankul.programme.outcomes.forms.fields import LANGUAGES, PREFIX
from sankul.programme.outcomes.forms.partners import MAX_ROWS, new_partner
from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.queries import claims as queries
from sankul.programme.outcomes.rules import (
    CreditRole,
    FactType,
    Kind,
    WrongFacts,
    permission_to_record,
)
from sankul.programme.outcomes.rules.facts import ROWS_MAX

PARTNERS = "partners"


class Sheet:
    """What somebody fills in for a claim of one kind: the form, the tables of its facts, and the partners."""

    def __init__(self, request: Request, kind: Kind, claim: Claim | None = None) -> None:
        self.request, self.kind, self.claim = request, kind, claim
        self.choices = _choices(request, kind, claim)
        data: Any = _grown(request, self.choices) if request.method == "POST" else None
        self.form = forms.ClaimForm(
            data,
            request.FILES or None,
            kind=kind,
            choices=self.choices,
            claim=claim,
            initial={} if claim else {"reference": _reference(request)},
        )
        self.tables = forms.tables_of(kind, data, claim.facts if claim else {})
        self.rows = forms.PartnerRows(
            data,
            prefix=PARTNERS,
            initial=None if data else _partners_of(claim, self.choices),
            form_kwargs={"choices": self.choices},
        )

    def is_sent(self) -> bool:
        """Whether it was sent to be kept, and not for more rows."""
        return self.request.method == "POST" and "more" not in self.request.POST

    def content(self) -> dict[str, Any] | None:
        """What the action takes, or None where the form itself found something wrong."""
        valid = [self.form.is_valid(), self.tables.is_valid(), self.rows.is_valid()]
        for error in (*self.tables.errors(), *forms.partner_errors(self.rows)):
            self.form.add_error(None, error)
        if not all(valid):
            return None
        facts = self.form.facts() | self.tables.given()
        if self.form.errors:
            return None
        return self.form.content() | {"facts": facts, "partners": self._partners()}

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Tell what the action refuses, at the fields where that is."""
        try:
            yield
        except Forbidden:
            raise
        except WrongFacts as refusal:
            forms.wrong(self.form, self.tables, refusal.problems)
        except Refused as refusal:
            self.form.add_error(None, refusal.reason)

    def shown(self) -> HttpResponse:
        """The page."""
        claim, own = self.claim, self.choices.own
        context = {
            "kind": self.kind,
            "form": self.form,
            "tables": self.tables.tables,
            "rows": self.rows,
            "claim": claim,
            "choices": self.choices,
            "languages": LANGUAGES.items(),
            "asks_language": any(it.type == FactType.LANGUAGE for it in self.kind.facts),
            "back": reverse("claim", args=[claim.pk]) if claim else reverse("claims"),
            "crumbs": Crumbs([Link(_("Claims"), reverse("claims"))]),
            "is_demonstration": any(one.programme.is_demonstration for one in own),
        }
        status = 422 if self.form.errors else 200
        return render(self.request, "outcomes/form.html", context, status=status)

    def _partners(self) -> list[Partner]:
        clusters = {one.pk: one for one in self.choices.clusters}
        return [
            Partner(
                clusters[given["cluster"]],
                given["organisation"],
                CreditRole(given["role"]),
                given["share"],
            )
            for given in (form.cleaned_data for form in self.rows.forms)
            if given.get("organisation")
        ]


def _choices(request: Request, kind: Kind, claim: Claim | None) -> forms.Choices:
    actor = request.actor
    own = list(queries.clusters_to_record(actor, permission_to_record(kind.code)))
    clusters, organisations = queries.partners_for(own)
    found = list(organisations)
    projects, deployments = queries.about(actor, own)
    return forms.Choices(
        own=own,
        clusters=list(clusters),
        organisations=found,
        aliases=queries.names(found),
        bases=_bases(request, kind, own, claim),
        projects=projects,
        deployments=deployments,
    )


def _bases(request: Request, kind: Kind, own: list[Any], claim: Claim | None) -> list[Claim]:
    if not kind.rests_on:
        return []
    wanted = request.POST.get("rests_on", "").replace("\x00", "").strip()[:80]
    found = queries.bases(request.actor, kind, own, wanted)
    if claim is not None and claim.rests_on is not None and claim.rests_on not in found:
        found.append(claim.rests_on)
    return found


def _grown(request: Request, choices: forms.Choices) -> Any:
    """What was sent, with more rows where the button asks for them."""
    more = request.POST.get("more", "")
    if more == PARTNERS:
        return forms.with_more_rows(request.POST, PARTNERS, MAX_ROWS, new_partner(choices))
    if more.startswith(PREFIX):
        return forms.with_more_rows(request.POST, more, ROWS_MAX)
    return request.POST


def _reference(request: Request) -> str:
    return f"{timezone.localdate(request.at):%Y%m%d}-{secrets.token_hex(3)}"


def _partners_of(claim: Claim | None, choices: forms.Choices) -> list[dict[str, Any]]:
    if claim is None:
        return []
    return [
        {
            "organisation": choices.called(credit.organisation),
            "cluster": credit.cluster_id,
            "role": credit.role,
            "share": f"{credit.share.normalize():f}",
        }
        for credit in claim.credits.all()
    ]
