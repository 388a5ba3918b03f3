"""Scores side by side: the discussion, and what was released."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from sankul.core import formats
from sankul.core.doors import Request, asked
from sankul.core.rules.roles import require
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.core.ui import Absence, Column, Figure, Form, Link, State, Table, Tone
from sankul.programme.panel import forms
from sankul.programme.panel.actions import scoring
from sankul.programme.panel.models import Panel, Result, Score
from sankul.programme.panel.queries import panels as queries
from sankul.programme.panel.queries import scores
from sankul.programme.panel.queries.ties import of_actor
from sankul.programme.panel.rules import CRITERIA, MOST, SEE_RESULTS, PanelStatus, spread
from sankul.programme.registry.models import Cluster

from . import shown

GRADES = {
    "reliable": gettext_lazy("reliable"),
    "tentative": gettext_lazy("tentative"),
    "unreliable": gettext_lazy("unreliable"),
    "worse than chance": gettext_lazy("worse than chance"),
}


@never_cache
@require_safe
def discussion(request: Request, number: int) -> HttpResponse:
    """All scores side by side, with letters for names; those far apart are flagged."""
    panel = _discussed(request, number)
    rows = scores.side_by_side(request.actor, panel)
    letters = sorted({letter for row in rows for letter in row.scores})
    columns = [
        Column("what", _("Cluster and criterion")),
        *(Column(letter, letter, numeric=True) for letter in letters),
        Column("mean", _("Mean"), numeric=True),
        Column("apart", _("Apart"), fold=True),
        Column("remarks", _("Comments"), numeric=True, fold=True),
    ]
    context = {
        "panel": panel,
        "table": Table(
            _("Scores side by side"),
            columns,
            [_line(panel, row, letters) for row in rows],
            hide_caption=True,
        ),
        "agreement": _agreement(panel),
        "crumbs": shown.crumbs(panel),
        "is_demonstration": panel.programme.is_demonstration,
    }
    return render(request, "panel/discussion.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def item(request: Request, number: int, cluster: str, criterion: str) -> HttpResponse:
    """One cluster on one criterion: scores with reasons, what changed, what was said; a member's own score and comment."""
    panel = _discussed(request, number)
    found = shown.of_panel(panel, cluster)
    if criterion not in CRITERIA:
        raise Http404
    if tie := of_actor(request.actor, panel).get(found.pk):
        raise Forbidden(_("You take no part in this cluster, because your account %s.") % tie)
    given = list(scores.shared(request.actor, panel).filter(cluster=found, criterion=criterion))
    own = next((one for one in given if one.member.user_id == request.actor.user_id), None)
    alter, remark = _forms(request, panel)
    if request.method == "POST" and _done(request, panel, found, criterion, own, alter, remark):
        return redirect(request.path)
    is_open = panel.status == PanelStatus.DISCUSSION and queries.membership(request.actor, panel)
    context = {
        "panel": panel,
        "cluster": found,
        "criterion": CRITERIA[criterion],
        "scores": given,
        "changes": scores.changes(given),
        "remarks": scores.remarks(panel, found, criterion),
        "alter": Form(alter) if is_open and own and own.level is not None else None,
        "remark": Form(remark) if is_open else None,
        "crumbs": shown.crumbs(
            panel, Link(_("Discussion"), reverse("panel-discussion", args=[panel.pk]))
        ),
        "is_demonstration": panel.programme.is_demonstration,
    }
    status = 422 if alter.errors or remark.errors else 200
    return render(request, "panel/item.html", context, status=status)


@require_safe
def results(request: Request, number: int) -> HttpResponse:
    """Released scores of the clusters that one may see; of one (``?cluster=``) member by member, by letter."""
    panel = shown.seen(request, number)
    if panel.status != PanelStatus.RELEASED:
        raise Http404
    clusters = list(scores.clusters_released(request.actor, panel))
    if not clusters:
        require(request.actor, SEE_RESULTS, *panel.scopes)
    chosen = next((one for one in clusters if one.slug == asked(request, "cluster")), None)
    if chosen is None and len(clusters) == 1:
        chosen = clusters[0]
    found = list(scores.results(request.actor, panel))
    context = {
        "panel": panel,
        "table": _released(panel, clusters, found),
        "chosen": chosen,
        "single": _single(request, panel, chosen) if chosen else None,
        "file": next(
            (one.document for one in found if chosen and one.cluster_id == chosen.pk), None
        ),
        "sees_all": len(clusters) == queries.clusters(panel).count(),
        "agreement": _agreement(panel),
        "severity": panel.agreement["final"]["severity"],
        "members": _severity(panel),
        "visits": queries.visits(request.actor, panel).filter(cluster=chosen) if chosen else (),
        "crumbs": shown.crumbs(),
        "is_demonstration": panel.programme.is_demonstration,
    }
    return render(request, "panel/results.html", context)


@require_safe
def panel_score(request: Request, number: int) -> HttpResponse:
    """Where a figure of the panel leads: its cluster's scores, member by member."""
    rows = Result.objects.visible_to(request.actor).select_related("cluster")
    found = get_object_or_404(rows, pk=number)
    return redirect(
        f"{reverse('panel-results', args=[found.panel_id])}?cluster={found.cluster.slug}"
    )


def _discussed(request: Request, number: int) -> Panel:
    panel = shown.seen(request, number)
    if not scores.may_discuss(request.actor, panel):
        raise Forbidden(
            _(
                "Scores are seen by the panel and the programme office, once the discussion has begun."
            )
        )
    return panel


def _line(panel: Panel, row: scores.Row, letters: list[str]) -> dict[str, Any]:
    href = reverse("panel-item", args=[panel.pk, row.cluster.slug, row.criterion.code])
    told = row.levels
    return {
        "what": Link(f"{row.cluster}: {row.criterion.title}", href),
        "mean": formats.number(sum(told) / len(told), 1) if told else "–",
        "apart": State(Tone.ATTENTION, _("%d levels apart") % spread(told)) if row.is_wide else "–",
        "remarks": formats.number(row.remarks),
    } | {letter: _level(row.scores.get(letter)) for letter in letters}


def _level(one: Score | None) -> str:
    """A level; a dash for a member who left the cluster to others, or whose score was struck."""
    return "–" if one is None or one.level is None else formats.number(one.level)


def _forms(request: Request, panel: Panel) -> tuple[forms.AlterForm, forms.RemarkForm]:
    """Both forms of the page; the one whose button was pressed is filled in."""
    sent = request.POST if request.method == "POST" else None
    says = sent if sent is not None and "say" in sent else None
    return (
        forms.AlterForm(None if says else sent, panel=panel),
        forms.RemarkForm(says),
    )


def _done(
    request: Request,
    panel: Panel,
    cluster: Cluster,
    criterion: str,
    own: Score | None,
    alter: forms.AlterForm,
    remark: forms.RemarkForm,
) -> bool:
    form = remark if remark.is_bound else alter
    if not form.is_valid():
        return False
    given = form.cleaned_data
    try:
        if form is remark:
            scoring.say(
                actor=request.actor,
                panel=panel,
                cluster=cluster,
                criterion=criterion,
                at=request.at,
                **given,
            )
        elif own is None:
            raise Refused(_("You gave no score here that could be changed."))
        else:
            scoring.alter(actor=request.actor, score=own, at=request.at, **given)
    except Refused as refusal:
        form.add_error(None, refusal.reason)
        return False
    return True


def _released(panel: Panel, clusters: list[Cluster], found: list[Result]) -> Table:
    """One row a cluster, one column a criterion."""
    columns = [
        Column("cluster", _("Cluster")),
        *(Column(one.code, one.title, numeric=True, fold=True) for one in CRITERIA.values()),
    ]
    by_place = {(one.cluster_id, one.criterion): one for one in found}
    rows = [
        {"cluster": Link(one.name, f"?cluster={one.slug}")}
        | {code: _figure(by_place.get((one.pk, code))) for code in CRITERIA}
        for one in clusters
    ]
    note = _("%(how)s, from %(least)d to %(most)d.") % {
        "how": panel.get_statistic_display(),
        "least": panel.least,
        "most": MOST,
    }
    return Table(_("Scores of the panel"), columns, rows, note=note)


def _figure(one: Result | None) -> Figure:
    if one is None:
        return Figure(None, absent=Absence.MISSING)
    href = reverse("panel_score", args=[one.pk])
    return Figure(one.score, href=href, places=2, unit=_("of %d members") % one.members)


def _single(request: Request, panel: Panel, cluster: Cluster) -> Table:
    """The scores of each member by letter; a star marks those changed in the discussion."""
    given: dict[str, dict[str, str]] = {}
    for one in scores.released_scores(request.actor, panel).filter(cluster=cluster):
        star = "*" if one.changes.all() else ""
        given.setdefault(one.criterion, {})[one.member.letter] = f"{one.level}{star}"
    letters = sorted({letter for row in given.values() for letter in row})
    columns = [
        Column("criterion", _("Criterion")),
        *(Column(letter, letter, numeric=True) for letter in letters),
    ]
    rows = [
        {"criterion": CRITERIA[code].title}
        | {letter: given.get(code, {}).get(letter, "–") for letter in letters}
        for code in CRITERIA
    ]
    note = _(
        "Members by letters that were drawn by lot. * changed in the discussion, with a reason."
    )
    return Table(_("Member by member: %s") % cluster, columns, rows, note=note)


def _agreement(panel: Panel) -> Table:
    """Krippendorff's alpha of the independent scores, over all and by criterion."""
    told = panel.agreement.get("independent", {})
    columns = [
        Column("what", _("Criterion")),
        Column("alpha", _("Krippendorff's alpha"), numeric=True),
        Column("read", _("Reads as"), fold=True),
    ]
    parts = [(_("All criteria"), told.get("alpha", {}))]
    parts += [
        (str(one.title), told.get("by_criterion", {}).get(one.code, {}))
        for one in CRITERIA.values()
    ]
    rows = [
        {
            "what": title,
            "alpha": Figure(one["value"], places=2, low=one["low"], high=one["high"])
            if "value" in one
            else Figure(None, absent=Absence.UNCOMPUTABLE),
            "read": GRADES.get(one.get("grade", ""), one.get("said", "–")),
        }
        for title, one in parts
    ]
    note = _(
        "Of the independent scores, at ordinal level: 1 is full agreement, 0 what chance gives."
    )
    icc = told.get("icc", {})
    if "2,1" in icc and "2,k" in icc:
        note += " " + _(
            "Intraclass correlation: %(one)s of one member, %(all)s of the mean of all."
        ) % {
            "one": formats.number(icc["2,1"]["value"], 2),
            "all": formats.number(icc["2,k"]["value"], 2),
        }
    return Table(_("How far the members agree"), columns, rows, note=note)


def _severity(panel: Panel) -> Table | None:
    """In levels by the additive model; in logits, with infit, by the many-facet Rasch model."""
    found = panel.agreement["final"]["severity"]
    columns = [
        Column("member", _("Member")),
        Column("severity", _("More severe than the mean member"), numeric=True, unit=_("levels")),
        Column("logits", _("Many-facet Rasch"), numeric=True, unit=_("logits"), fold=True),
        Column("infit", _("Infit"), numeric=True, fold=True),
    ]
    facets = found.get("facets", {})
    rows = [
        {
            "member": letter,
            "severity": _give_or_take(by, error),
            "logits": _give_or_take(*facets[letter][:2]) if letter in facets else "–",
            "infit": formats.number(facets[letter][2], 2) if letter in facets else "–",
        }
        for letter, (by, error) in found.get("members", {}).items()
    ]
    note = _(
        "With standard errors. An infit of 1 is as expected; above 1.5 a member scores erratically, below 0.5 too evenly. "
        "Scores are published as they were given; nothing is taken out of them."
    )
    return Table(_("Severity of the members"), columns, rows, note=note) if rows else None


def _give_or_take(value: float, error: float) -> str:
    return f"{formats.number(value, 2)} ± {formats.number(error, 2)}"
