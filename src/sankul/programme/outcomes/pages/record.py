"""Recording a result: choose its kind, fill in the form, attach what proves it, submit or withdraw it."""

from __future__ import annotations

import secrets
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sankul.core.doors import Request
from sankul.core.rules.roles import require
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.core.ui import Card, Cards, Confirm, Crumbs, Link
from sankul.programme.outcomes import forms
from sankul.programme.outcomes.actions import claims as actions
from sankul.programme.outcomes.actions.credit import Partner
from sankul.programme.outcomes.forms import Choices
from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.queries import claims as queries
from sankul.programme.outcomes.rules import (
    KINDS,
    OUTCOMES,
    RECORD_CLAIM,
    ClaimStatus,
    CreditRole,
    Kind,
    permission_to_record,
)

asks = require_http_methods(["GET", "HEAD", "POST"])


@asks
def claim_new(request: Request) -> HttpResponse:
    """Choose the kind (``?kind=``), then record a draft, with documents, and submit it if asked."""
    kinds = queries.kinds_to_record(request.actor)
    if not kinds:
        require(request.actor, RECORD_CLAIM)
    kind = KINDS.get(request.GET.get("kind", ""))
    if kind not in kinds:
        return _kinds(request, kinds)
    choices = _choices(request, kind)
    form, rows = _bound(request, kind, choices)
    if request.method == "POST" and "more" not in request.POST and _valid(form, rows):
        given = dict(form.cleaned_data)
        cluster = next(one for one in choices.own if one.pk == given.pop("cluster"))
        files, proves = given.pop("documents"), given.pop("proves")
        try:
            claim = actions.draft(
                actor=request.actor,
                cluster=cluster,
                kind=kind.code,
                partners=_partners(rows, choices),
                at=request.at,
                **given,
            )
        except Forbidden:
            raise
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            return _after(request, claim, files, proves)
    return _shown(request, kind, form, rows, choices)


@asks
def claim_edit(request: Request, number: int) -> HttpResponse:
    """Change a draft."""
    claim = get_object_or_404(queries.detailed(request.actor), pk=number)
    require(request.actor, permission_to_record(claim.kind), *claim.scopes)
    choices = _choices(request, claim.kind_of)
    form, rows = _bound(request, claim.kind_of, choices, claim)
    if request.method == "POST" and "more" not in request.POST and _valid(form, rows):
        given = dict(form.cleaned_data)
        files, proves = given.pop("documents"), given.pop("proves")
        try:
            claim = actions.revise(
                actor=request.actor,
                claim=claim,
                partners=_partners(rows, choices),
                at=request.at,
                **given,
            )
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            return _after(request, claim, files, proves)
    return _shown(request, claim.kind_of, form, rows, choices, claim)


@asks
def claim_attach(request: Request, number: int) -> HttpResponse:
    """Put documents behind a claim."""
    claim = get_object_or_404(queries.visible(request.actor), pk=number)
    require(request.actor, permission_to_record(claim.kind), *claim.scopes)
    form = forms.AttachForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        given = form.cleaned_data
        if _attached(request, claim, given["documents"], given["proves"]):
            messages.success(request, _("Attached."))
            return redirect("claim", number)
    context = {"claim": claim, "form": form, "is_demonstration": claim.programme.is_demonstration}
    return render(request, "outcomes/attach.html", context, status=422 if form.errors else 200)


@asks
def attachment_detach(request: Request, number: int) -> HttpResponse:
    """Take a document from a draft, after asking."""
    row = get_object_or_404(queries.attachments(request.actor), pk=number)
    require(request.actor, permission_to_record(row.claim.kind), *row.claim.scopes)
    back = reverse("claim", args=[row.claim_id])
    if request.method == "POST":
        actions.detach(actor=request.actor, attachment=row, at=request.at)
        messages.success(request, _("“%s” is no longer attached.") % row.name)
        return redirect(back)
    question = _("Take “%(name)s” from “%(title)s”?")
    confirm = Confirm(
        question % {"name": row.name, "title": row.claim.title},
        _("The file stays in the store; you can attach it again."),
        _("Take the document away"),
        back,
    )
    return _asked(request, row.claim, confirm)


@asks
def claim_submit(request: Request, number: int) -> HttpResponse:
    """Submit a draft, after asking."""
    claim = get_object_or_404(queries.visible(request.actor), pk=number)
    require(request.actor, permission_to_record(claim.kind), *claim.scopes)
    if request.method == "POST":
        actions.submit(actor=request.actor, claim=claim, at=request.at)
        messages.success(request, _("“%s” is submitted.") % claim.title)
        return redirect("claim", number)
    confirm = Confirm(
        _("Submit “%s”?") % claim.title,
        _(
            "Once submitted it cannot be changed, only withdrawn. It counts as soon as a document supports it."
        ),
        _("Submit the claim"),
        reverse("claim", args=[number]),
        danger=False,
    )
    return _asked(request, claim, confirm)


@asks
def claim_withdraw(request: Request, number: int) -> HttpResponse:
    """Withdraw a claim, after asking."""
    claim = get_object_or_404(queries.visible(request.actor), pk=number)
    require(request.actor, permission_to_record(claim.kind), *claim.scopes)
    if request.method == "POST":
        actions.withdraw(actor=request.actor, claim=claim, at=request.at)
        messages.success(request, _("“%s” is withdrawn.") % claim.title)
        return redirect("claim", number)
    confirm = Confirm(
        _("Withdraw “%s”?") % claim.title,
        _(
            "It stays on record and counts for nothing. This cannot be undone: record it again under another reference."
        ),
        _("Withdraw the claim"),
        reverse("claim", args=[number]),
    )
    return _asked(request, claim, confirm)


def _asked(request: Request, claim: Claim, confirm: Confirm) -> HttpResponse:
    context = {"confirm": confirm, "is_demonstration": claim.programme.is_demonstration}
    return render(request, "outcomes/confirm.html", context)


def _kinds(request: Request, kinds: list[Kind]) -> HttpResponse:
    own = queries.clusters_to_record(request.actor, permission_to_record(kinds[0].code))
    is_demonstration = any(one.programme.is_demonstration for one in own)
    context = {"groups": _groups(kinds), "is_demonstration": is_demonstration}
    return render(request, "outcomes/kinds.html", context)


def _groups(kinds: list[Kind]) -> list[dict[str, Any]]:
    """Kinds to choose from, under their outcomes."""
    here = reverse("claim-new")
    return [
        {
            "title": f"{number} · {OUTCOMES[number]}",
            "cards": Cards([Card(it.title, f"{here}?kind={it.code}", it.ask) for it in group]),
        }
        for number, group in groupby(kinds, key=lambda kind: kind.outcome)
    ]


def _choices(request: Request, kind: Kind) -> Choices:
    own = list(queries.clusters_to_record(request.actor, permission_to_record(kind.code)))
    clusters, organisations = queries.partners_for(own)
    found = list(organisations)
    return Choices(
        own=own,
        clusters=list(clusters),
        members=[one for one in found if one.is_member],
        others=[one for one in found if not one.is_member],
    )


def _bound(
    request: Request, kind: Kind, choices: Choices, claim: Claim | None = None
) -> tuple[forms.ClaimForm, Any]:
    data: Any = request.POST or None
    if data and "more" in data:
        data = forms.with_more_rows(data, choices)
    rows = forms.PartnerRows(
        data,
        prefix="partners",
        initial=None if data else _initial_rows(choices, claim),
        form_kwargs={"choices": choices},
    )
    form = forms.ClaimForm(
        data,
        request.FILES or None,
        kind=kind,
        clusters=choices.own,
        claim=claim,
        initial=_initial(request, claim),
    )
    return form, rows


def _initial(request: Request, claim: Claim | None) -> dict[str, Any]:
    if claim is None:
        return {"reference": f"{timezone.localdate(request.at):%Y%m%d}-{secrets.token_hex(3)}"}
    names = ("title", "on", "detail")
    return {name: getattr(claim, name) for name in names} | {
        "quantity": f"{claim.quantity.normalize():f}" if claim.quantity is not None else ""
    }


def _initial_rows(choices: Choices, claim: Claim | None) -> list[dict[str, Any]]:
    if claim is None:
        return []
    return [
        {
            "organisation": credit.organisation_id,
            "cluster": credit.cluster_id,
            "role": credit.role,
            "share": credit.share.normalize().__format__("f"),
        }
        for credit in claim.credits.all()
    ]


def _valid(form: forms.ClaimForm, rows: Any) -> bool:
    are_valid = [form.is_valid(), rows.is_valid()]
    for error in forms.row_errors(rows):
        form.add_error(None, error)
    return all(are_valid)


def _partners(rows: Any, choices: Choices) -> list[Partner]:
    clusters = {one.pk: one for one in choices.clusters}
    organisations = {one.pk: one for one in choices.members + choices.others}
    return [
        Partner(
            clusters[given["cluster"]],
            organisations[given["organisation"]],
            CreditRole(given["role"]),
            given["share"],
        )
        for given in (form.cleaned_data for form in rows.forms)
        if given.get("organisation")
    ]


def _after(request: Request, claim: Claim, files: list[Any], proves: str) -> HttpResponse:
    """The draft is kept: attach its files, submit it if asked, and say how far that came."""
    if not _attached(request, claim, files, proves):
        return redirect("claim-edit", claim.pk)
    if "submit" not in request.POST or claim.status != ClaimStatus.DRAFT:
        messages.success(request, _("The draft is saved."))
        return redirect("claim", claim.pk)
    try:
        actions.submit(actor=request.actor, claim=claim, at=request.at)
    except Refused as refusal:
        told = _("The draft is saved, but not submitted: %s") % refusal.reason
        messages.error(request, told)
    else:
        messages.success(request, _("“%s” is submitted.") % claim.title)
    return redirect("claim", claim.pk)


def _attached(request: Request, claim: Claim, files: list[Any], proves: str) -> bool:
    """Whether all files are attached; the first that is refused is told."""
    for file in files:
        try:
            actions.attach(
                actor=request.actor,
                claim=claim,
                file=file,
                name=file.name or "document",
                proves=proves,
                at=request.at,
            )
        except Refused as refusal:
            messages.error(request, refusal.reason)
            return False
    return True


def _shown(
    request: Request,
    kind: Kind,
    form: forms.ClaimForm,
    rows: Any,
    choices: Choices,
    claim: Claim | None = None,
) -> HttpResponse:
    back = reverse("claim", args=[claim.pk]) if claim else reverse("claims")
    context = {
        "kind": kind,
        "form": form,
        "rows": rows,
        "claim": claim,
        "back": back,
        "crumbs": Crumbs([Link(_("Claims"), reverse("claims"))]),
        "is_demonstration": any(one.programme.is_demonstration for one in choices.own),
    }
    return render(request, "outcomes/form.html", context, status=422 if form.errors else 200)
