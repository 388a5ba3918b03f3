"""Recording a result: choose its kind, fill in the form, attach what proves it, submit or withdraw it."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from sankul.core.doors import Request
from sankul.core.rules.roles import require
from sankul.core.rules.verdicts import Refused
from sankul.core.ui import Card, Cards, Confirm
from sankul.programme.outcomes import forms
from sankul.programme.outcomes.actions import claims as actions
from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.queries import claims as queries
from sankul.programme.outcomes.rules import (
    KINDS,
    OUTCOMES,
    RECORD_CLAIM,
    ClaimStatus,
    Kind,
    permission_to_record,
)

from .sheet import Sheet

asks = require_http_methods(["GET", "HEAD", "POST"])


@asks
def claim_new(request: Request) -> HttpResponse:
    """Choose the kind (``?kind=``), then record a draft, with evidence, and submit it if asked."""
    kinds = queries.kinds_to_record(request.actor)
    if not kinds:
        require(request.actor, RECORD_CLAIM)
    kind = KINDS.get(request.GET.get("kind", ""))
    if kind is None or kind not in kinds:
        return _kinds(request, kinds)
    sheet = Sheet(request, kind)
    if sheet.is_sent() and (given := sheet.content()) is not None:
        own = sheet.choices.own
        pk = sheet.form.cleaned_data["cluster"]
        given["cluster"] = next(one for one in own if one.pk == pk)
        with sheet.telling():
            claim = actions.draft(actor=request.actor, kind=kind.code, at=request.at, **given)
            return _after(request, claim, sheet.form.evidence())
    return sheet.shown()


@asks
def claim_edit(request: Request, number: int) -> HttpResponse:
    """Change a draft."""
    claim = get_object_or_404(queries.detailed(request.actor), pk=number)
    require(request.actor, permission_to_record(claim.kind), *claim.scopes)
    sheet = Sheet(request, claim.kind_of, claim)
    if sheet.is_sent() and (given := sheet.content()) is not None:
        with sheet.telling():
            claim = actions.revise(actor=request.actor, claim=claim, at=request.at, **given)
            return _after(request, claim, sheet.form.evidence())
    return sheet.shown()


@asks
def claim_attach(request: Request, number: int) -> HttpResponse:
    """Put evidence behind a claim."""
    claim = get_object_or_404(queries.visible(request.actor), pk=number)
    require(request.actor, permission_to_record(claim.kind), *claim.scopes)
    form = forms.AttachForm(request.POST or None, request.FILES or None)
    if form.is_valid() and _attached(request, claim, form.evidence()):
        messages.success(request, _("Attached."))
        return redirect("claim", number)
    context = {"claim": claim, "form": form, "is_demonstration": claim.programme.is_demonstration}
    return render(request, "outcomes/attach.html", context, status=422 if form.errors else 200)


@asks
def claim_amend(request: Request, number: int) -> HttpResponse:
    """Take a claim that was returned or judged back to the desk, after asking why; then change it."""
    claim = get_object_or_404(queries.visible(request.actor), pk=number)
    require(request.actor, permission_to_record(claim.kind), *claim.scopes)
    form = forms.AmendForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            actions.amend(actor=request.actor, claim=claim, reason=reason, at=request.at)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("It is a draft again. Change it, then submit it anew."))
            return redirect("claim-edit", number)
    context = {"claim": claim, "form": form, "is_demonstration": claim.programme.is_demonstration}
    return render(request, "outcomes/amend.html", context, status=422 if form.errors else 200)


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


def _after(request: Request, claim: Claim, evidence: dict[str, Any]) -> HttpResponse:
    """The draft is kept: attach its evidence, submit it if asked, and say how far that came."""
    if not _attached(request, claim, evidence):
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


def _attached(request: Request, claim: Claim, evidence: dict[str, Any]) -> bool:
    """Whether all evidence is attached; the first that is refused is told."""
    given: dict[str, Any] = {"actor": request.actor, "claim": claim, "at": request.at}
    given["proves"] = evidence["proves"]
    try:
        for file in evidence["files"]:
            actions.attach(file=file, name=file.name or "document", **given)
        if evidence["url"]:
            actions.attach_link(url=evidence["url"], **given)
    except Refused as refusal:
        messages.error(request, refusal.reason)
        return False
    return True
