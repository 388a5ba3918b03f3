"""The seals of a round: made by the evaluator, read and checked by everybody."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from sankul.core import formats
from sankul.core.doors import Request, asked
from sankul.core.rules.roles import require, verdict
from sankul.core.rules.verdicts import Refused
from sankul.core.ui import Column, Confirm, Crumbs, Entry, Form, Link, Moment, Summary, Table
from sankul.engines.seal import timestamp
from sankul.engines.seal.stamps import Stamp
from sankul.programme.evaluation import forms
from sankul.programme.evaluation.actions import sealing as actions
from sankul.programme.evaluation.models import Round, Seal
from sankul.programme.evaluation.queries import rounds
from sankul.programme.evaluation.queries import seals as queries
from sankul.programme.evaluation.rules import SEAL

from .ranking import address


@require_safe
def seals(request: Request, programme: str, period: str) -> HttpResponse:
    """The seals of a round, with what each stands for, its downloads, and how to check it."""
    found = _round(request, programme, period)
    may = bool(verdict(request.actor, SEAL, *found.scopes))
    context = {
        "round": found,
        "seals": [_told(one) for one in queries.visible(request.actor).filter(round=found)],
        "may_seal": may and bool(queries.why_not_seal(found)),
        "may_stamp": may,
        "crumbs": _crumbs(found),
        "is_demonstration": found.programme.is_demonstration,
    }
    return render(request, "evaluation/seals.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def make(request: Request, programme: str, period: str) -> HttpResponse:
    """Seal a round, after asking."""
    found = _round(request, programme, period)
    require(request.actor, SEAL, *found.scopes)
    back = reverse("seal", args=[programme, period])
    if request.method == "POST":
        actions.seal(actor=request.actor, of=found, at=request.at)
        messages.success(request, _("The evaluation is sealed."))
        return redirect(back)
    confirm = Confirm(
        _("Seal the evaluation of %(period)s?") % {"period": found.period},
        _("Everything it rests on is bound together under one root, once and for good."),
        _("Seal it"),
        back,
        danger=False,
    )
    context = {
        "run": found,
        "confirm": confirm,
        "is_demonstration": found.programme.is_demonstration,
    }
    return render(request, "evaluation/seal_make.html", context)


@require_safe
def checkpoint(request: Request, number: int) -> HttpResponse:
    """The three lines that a report prints: origin, leaves, root."""
    seal = get_object_or_404(queries.visible(request.actor), pk=number)
    return _download(seal.checkpoint.encode(), "text/plain; charset=utf-8", "checkpoint.txt")


@require_safe
def asking(request: Request, number: int) -> HttpResponse:
    """What to send to a time-stamping authority (RFC 3161)."""
    seal = get_object_or_404(queries.visible(request.actor), pk=number)
    content = timestamp.request(seal.checkpoint)
    return _download(content, "application/timestamp-query", "request.tsq")


@require_http_methods(["GET", "HEAD", "POST"])
def stamp(request: Request, number: int) -> HttpResponse:
    """Give a seal the answer of a time-stamping authority."""
    seal = get_object_or_404(queries.visible(request.actor), pk=number)
    found = seal.round
    require(request.actor, SEAL, *found.scopes)
    back = reverse("seal", args=[found.programme.slug, found.period.label])
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = forms.StampForm(*sent)
    if form.is_valid():
        answer = form.cleaned_data["file"].read(actions.MAX_STAMP_BYTES + 1)
        try:
            actions.stamp(actor=request.actor, seal=seal, answer=answer, at=request.at)
        except Refused as refusal:
            form.add_error("file", refusal.reason)
        else:
            messages.success(request, _("The time stamp is kept."))
            return redirect(back)
    context = {
        "seal": seal,
        "form": Form(form),
        "back": back,
        "is_demonstration": found.programme.is_demonstration,
    }
    return render(
        request, "evaluation/seal_stamp.html", context, status=422 if form.errors else 200
    )


@require_safe
def proof(request: Request, number: int) -> HttpResponse:
    """The proof that one record (``?record=``) is under the root, which can be checked without the bundle."""
    seal = get_object_or_404(queries.opened(request.actor), pk=number)
    told = queries.proof(seal, asked(request, "record"))
    return _download(told.text.encode(), "application/json", "proof.json")


def _round(request: Request, programme: str, period: str) -> Round:
    try:
        return rounds.find(request.actor, programme, period)
    except Round.DoesNotExist:
        raise Http404 from None


def _crumbs(found: Round) -> Crumbs:
    place = reverse("round", args=[found.programme.slug, found.period.label])
    return Crumbs([Link(_("Rounds"), reverse("rounds")), Link(str(found), place)])


def _told(seal: Seal) -> dict[str, Any]:
    """What the page shows of a seal."""
    stamped = queries.stamped(seal)
    return {
        "it": seal,
        "facts": _facts(seal, stamped),
        "is_open": queries.is_open(seal),
        "is_stamped": stamped is not None,
        "ranking": address("ranking", seal.run),
        "clusters": _proofs(seal) if queries.is_open(seal) else None,
    }


def _facts(seal: Seal, stamped: Stamp | None) -> Summary:
    entries = [
        Entry(
            _("Merkle root (RFC 9162, SHA-256)"), format_html("<code>{}</code>", seal.merkle_root)
        ),
        Entry(_("Leaves"), formats.number(seal.leaves)),
        Entry(_("Sealed"), Moment(seal.sealed_at)),
    ]
    if stamped is not None:
        when = format_html("{}, {}", Moment(stamped.at), stamped.authority)
        answer = reverse("document", args=[seal.timestamp_token_id])
        link = Link(_("The authority's answer"), answer) if queries.is_open(seal) else None
        entries.append(Entry(_("Time stamp (RFC 3161)"), when, link))
    return Summary(entries)


def _proofs(seal: Seal) -> Table:
    """Where each cluster finds the proof of its standing."""
    place = reverse("seal-proof", args=[seal.pk])
    standings = seal.run.standings.select_related("cluster").order_by("cluster__name")
    rows = [
        {
            "cluster": row.cluster.name,
            "proof": Link(
                f"standing/{row.cluster.slug}", f"{place}?record=standing/{row.cluster.slug}"
            ),
        }
        for row in standings
    ]
    columns = [Column("cluster", _("Cluster")), Column("proof", _("Proof of its standing (JSON)"))]
    return Table(_("Proofs"), columns, rows, hide_caption=True)


def _download(content: bytes, kind: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=kind, headers=headers)
