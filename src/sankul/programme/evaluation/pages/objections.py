"""What clusters contest, the rulings, and the corrected evaluation after a successful appeal."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sankul.core.actions import documents
from sankul.core.doors import Request
from sankul.core.formats import day, number
from sankul.core.rules.roles import Permission, require, verdict
from sankul.core.rules.verdicts import Refused
from sankul.core.ui import Column, Entry, Link, State, Summary, Table, Tone
from sankul.programme.evaluation import forms
from sankul.programme.evaluation.actions import replies as actions
from sankul.programme.evaluation.models import Objection, Round
from sankul.programme.evaluation.queries import rounds as queries
from sankul.programme.evaluation.rules import (
    DECIDE,
    MODERATE,
    REPLY,
    ObjectionKind,
    Phase,
    Ruling,
)
from sankul.programme.outcomes.models import Claim
from sankul.programme.registry.models import Cluster

from .ranking import address
from .rounds import crumbs, form_page, seen

TONES = {Ruling.OPEN: Tone.ATTENTION, Ruling.UPHELD: Tone.GOOD, Ruling.DISMISSED: Tone.UNKNOWN}
asks = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def objections(request: Request, programme: str, period: str) -> HttpResponse:
    """What was contested in a round, as far as one may see it, with what was ruled."""
    found = seen(request, programme, period)
    rows = list(queries.objections(request.actor, found))
    context = {
        "round": found,
        "table": _table(found, rows),
        "may_correct": found.phase == Phase.APPEALS
        and queries.uncorrected(found).exists()
        and bool(verdict(request.actor, DECIDE, *found.scopes)),
        "crumbs": crumbs(found),
        "is_demonstration": found.programme.is_demonstration,
    }
    return render(request, "evaluation/objections.html", context)


@asks
def new(request: Request, programme: str, period: str, cluster: str) -> HttpResponse:
    """Contest a figure of one's own cluster."""
    found = seen(request, programme, period)
    own = get_object_or_404(Cluster, programme=found.programme_id, slug=cluster)
    require(request.actor, REPLY, *own.scopes)
    is_sent = request.method == "POST"
    form = forms.ContestForm(
        request.POST if is_sent else None,
        request.FILES if is_sent else None,
        indicators=indicators(found),
        initial={"indicator": request.GET.get("indicator", "")},
    )
    if form.is_valid():
        try:
            made = _contest(request, found, own, form)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            messages.success(request, _("Your objection is on record."))
            return redirect("objection", made.pk)
    return form_page(
        request, found, form, title=_("Contest a figure: %s") % own, verb=_("Contest it"),
        lede=_("The figure is looked at again with what you bring, and the ruling gives its reasons."),
    )  # fmt: skip


@require_safe
def objection(request: Request, number: int) -> HttpResponse:
    """One objection: who says what with which evidence, and what was ruled."""
    one = _one(request, number)
    waits = one.ruling == Ruling.UPHELD and one.carried_out_at is None
    context = {
        "objection": one,
        "summary": _summary(one),
        "may_rule": one.ruling == Ruling.OPEN
        and bool(verdict(request.actor, ruled_by(one), *one.scopes)),
        "may_carry_out": waits and bool(verdict(request.actor, MODERATE, *one.scopes)),
        "crumbs": crumbs(one.round),
        "is_demonstration": one.round.programme.is_demonstration,
    }
    return render(request, "evaluation/objection.html", context)


@asks
def rule(request: Request, number: int) -> HttpResponse:
    """Rule on an objection: the evaluator on a reply, the apex committee on an appeal."""
    one = _one(request, number)
    require(request.actor, ruled_by(one), *one.scopes)
    sent = request.POST if request.method == "POST" else None
    form = forms.RulingForm(sent, has_claim=one.claim_id is not None)
    if form.is_valid():
        try:
            actions.rule(actor=request.actor, objection=one, at=request.at, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            return redirect("objection", one.pk)
    return form_page(
        request, one.round, form, title=_("Rule on it: %s") % one.cluster, verb=_("Rule"),
        lede=one.reason, back=reverse("objection", args=[one.pk]),
    )  # fmt: skip


@require_POST
def carry_out(request: Request, number: int) -> HttpResponse:
    """Carry out what was upheld."""
    one = _one(request, number)
    actions.carry_out(actor=request.actor, objection=one, at=request.at)
    return redirect("objection", one.pk)


@require_POST
def correct(request: Request, programme: str, period: str) -> HttpResponse:
    """Replace the published evaluation by the corrected one."""
    found = seen(request, programme, period)
    actions.correct(actor=request.actor, of=found, at=request.at)
    messages.success(
        request, _("The corrected evaluation is published. The one before stays on record.")
    )
    return redirect("round", programme, period)


def ruled_by(one: Objection) -> Permission:
    """What it takes to rule on an objection."""
    return DECIDE if one.kind == ObjectionKind.APPEAL else MODERATE


def _one(request: Request, number: int) -> Objection:
    rows = Objection.objects.visible_to(request.actor).select_related(
        "round__programme", "round__period", "round__framework", "cluster", "claim", "run"
    )
    return get_object_or_404(rows, pk=number)


def indicators(found: Round) -> list[tuple[str, str]]:
    """The figures of a round by code, in the framework's order."""
    if found.framework is None:
        return []
    rows = found.framework.indicators.order_by("position")
    return list(rows.values_list("code", "title"))


def _contest(request: Request, found: Round, own: Cluster, form: forms.ContestForm) -> Objection:
    given = form.cleaned_data
    claim = None
    if given["claim"]:
        claim = Claim.objects.filter(cluster=own, reference=given["claim"]).first()
        if claim is None:
            raise Refused(_("Your cluster has no claim of this reference."))
    kept = []
    if file := given["file"]:
        kept = [documents.keep(actor=request.actor, file=file, name=file.name, at=request.at)]
    return actions.contest(
        actor=request.actor, of=found, cluster=own, indicator=given["indicator"], claim=claim,
        reason=given["reason"], documents=kept, at=request.at,
    )  # fmt: skip


def _table(found: Round, rows: list[Objection]) -> Table:
    titles = dict(indicators(found))
    columns = [
        Column("figure", _("Figure")),
        Column("cluster", _("Cluster")),
        Column("kind", _("Kind"), fold=True),
        Column("filed", _("Filed"), fold=True),
        Column("ruling", _("Ruling")),
    ]
    lines = [
        {
            "figure": Link(titles.get(one.indicator, one.indicator), reverse("objection", args=[one.pk])),
            "cluster": one.cluster,
            "kind": one.get_kind_display(),
            "filed": day(one.filed_at),
            "ruling": State(TONES[Ruling(one.ruling)], one.get_ruling_display()),
        }
        for one in rows
    ]  # fmt: skip
    empty = _("Nothing is contested that you may see.")
    return Table(_("Replies and appeals"), columns, lines, empty=empty, hide_caption=True)


def _summary(one: Objection) -> Summary:
    titles = dict(indicators(one.round))
    entries = [
        Entry(_("Cluster"), one.cluster),
        Entry(_("Figure"), titles.get(one.indicator, one.indicator)),
        Entry(_("Filed"), day(one.filed_at)),
        Entry(_("What is wrong with it"), one.reason),
    ]
    if one.claim is not None:
        claim = Link(one.claim.title, reverse("claim", args=[one.claim.pk]))
        entries.append(Entry(_("Claim"), claim))
        entries.append(Entry(_("Claimed"), number(one.claim.quantity)))
    entries += [
        Entry(_("New evidence"), Link(it.name, reverse("document", args=[it.pk])))
        for it in one.documents.all()
    ]
    if one.ruling != Ruling.OPEN:
        state = State(TONES[Ruling(one.ruling)], one.get_ruling_display())
        entries += [
            Entry(_("Ruling"), state),
            Entry(_("Reasons"), one.reasons),
            Entry(_("Ruled"), day(one.ruled_at)),
        ]
    if one.quantity is not None:
        entries.append(Entry(_("What stands of the claim"), number(one.quantity)))
    if one.carried_out_at is not None:
        entries.append(Entry(_("Carried out"), day(one.carried_out_at)))
    if one.run is not None and one.run.published_at is not None:
        link = Link(_("Evaluation of %s") % day(one.run.computed_at), address("ranking", one.run))
        entries.append(Entry(_("Taken into account by"), link))
    return Summary(entries)
