"""What the committee decides on: ranking with its certainty, what the rule proposes, what moved, who may learn from whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from sankul.core.doors import Request
from sankul.core.formats import day, number, percent
from sankul.core.rules.roles import require, verdict
from sankul.core.rules.verdicts import Refused
from sankul.core.ui import Column, Crumbs, Figure, Link, State, Table, Tone
from sankul.programme.evaluation import forms
from sankul.programme.evaluation.actions import funding as actions
from sankul.programme.evaluation.actions import rounds as round_actions
from sankul.programme.evaluation.models import Round, Run, Standing, Target, Trend
from sankul.programme.evaluation.queries import certainty, pairings
from sankul.programme.evaluation.queries import funding as queries
from sankul.programme.evaluation.queries.funding import Case
from sankul.programme.evaluation.rules import DECIDE, SEE_RUNS, Outcome, Phase
from sankul.programme.registry.models import Programme

from . import turns
from .objections import indicators
from .ranking import address, interval
from .rounds import crumbs, form_page, seen

TONES = {
    Outcome.CONTINUE: Tone.GOOD,
    Outcome.PLAN: Tone.ATTENTION,
    Outcome.DISCONTINUE: Tone.PROBLEM,
}
MOST_PARTS = 3
asks = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def decisions(request: Request, programme: str, period: str) -> HttpResponse:
    """Everything that a decision on funding rests on, on one page."""
    found = read(request, programme, period)
    run = found.run
    if run is None:
        raise Http404
    cases = queries.cases(found)
    titles = dict(indicators(found))
    told = certainty.certainty(run)
    context = {
        "round": found,
        "rule": found.rule,
        "table": _table(request, found, cases),
        "plans": _plans(found, titles),
        "turns": turns.table(told.flips, turns.known(told)),
        "trend": _trend(run, cases, titles),
        "pairs": _pairs(run, titles),
        "certainty": address("certainty", run),
        "crumbs": crumbs(found),
        "is_demonstration": found.programme.is_demonstration,
    }
    return render(request, "evaluation/decisions.html", context)


@asks
def decide(request: Request, programme: str, period: str, cluster: str) -> HttpResponse:
    """Decide on the funding of a cluster."""
    found = read(request, programme, period)
    require(request.actor, DECIDE, *found.scopes)
    case = next((one for one in queries.cases(found) if one.cluster.slug == cluster), None)
    if case is None:
        raise Http404(_("This cluster is not part of the evaluation."))
    sent = request.POST if request.method == "POST" else None
    form = forms.DecideForm(
        sent,
        meetings=forms.meetings_of(found.programme),
        indicators=indicators(found),
        initial={"outcome": case.proposal.outcome},
    )
    if form.is_valid():
        given = {
            name: form.cleaned_data[name] for name in ("outcome", "reason", "meeting", "reference")
        }
        try:
            actions.decide(
                actor=request.actor, of=found, cluster=case.cluster, targets=form.aims,
                at=request.at, **given,
            )  # fmt: skip
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            return redirect("round-decisions", programme, period)
    lede = _("The rule proposes: %(outcome)s. %(because)s") % {
        "outcome": case.proposal.outcome.label, "because": case.proposal.because}  # fmt: skip
    back = reverse("round-decisions", args=[programme, period])
    title = _("Funding of %s") % case.cluster
    return form_page(request, found, form, title=title, verb=_("Decide"), lede=lede, back=back)


@require_safe
def rules(request: Request, programme: str) -> HttpResponse:
    """The funding rules of a programme."""
    found = get_object_or_404(Programme, slug=programme)
    require(request.actor, SEE_RUNS, *found.scopes)
    context = {
        "programme": found,
        "table": _rules(found),
        "may_approve": bool(verdict(request.actor, DECIDE, *found.scopes)),
        "crumbs": Crumbs([Link(_("Rounds"), reverse("rounds"))]),
        "is_demonstration": found.is_demonstration,
    }
    return render(request, "evaluation/funding_rules.html", context)


@asks
def approve(request: Request, programme: str) -> HttpResponse:
    """Approve a funding rule by a decision of the apex committee."""
    found = get_object_or_404(Programme, slug=programme)
    require(request.actor, DECIDE, *found.scopes)
    sent = request.POST if request.method == "POST" else None
    form = forms.RuleForm(sent, decisions=forms.decisions_of(found))
    if form.is_valid():
        try:
            round_actions.approve_rule(
                actor=request.actor, programme=found, terms=form.instance,
                decision=form.cleaned_data["decision"], at=request.at,
            )  # fmt: skip
        except Refused as refusal:
            form.add_error(None, refusal.reason)
        else:
            return redirect("funding-rules", programme)
    return form_page(
        request, None, form, title=_("Approve a funding rule"), verb=_("Approve the rule"),
        lede=_("It is used by rounds whose claims are still open, and never changed."),
        back=reverse("funding-rules", args=[programme]), is_demonstration=found.is_demonstration,
    )  # fmt: skip


def read(request: Request, programme: str, period: str) -> Round:
    """The round whose result the actor may read, else 404."""
    found = seen(request, programme, period)
    if not may_read(request, found):
        raise Http404(_("The result of this round is not open to you yet."))
    return found


def may_read(request: Request, found: Round) -> bool:
    """Whether the actor may read the round's final result."""
    if found.run_id is None:
        return False
    return Run.objects.visible_to(request.actor).filter(pk=found.run_id).exists()


def tie_groups(standings: Sequence[Standing]) -> dict[int, int]:
    """The group of each ranked cluster: those whose intervals of ranks overlap, one by one, cannot be told apart."""
    group, reach, found = 0, 0, {}
    for row in sorted(
        (it for it in standings if it.rank), key=lambda it: it.rank_low or it.rank or 0
    ):
        if (row.rank_low or row.rank or 0) > reach:
            group += 1
        reach = max(reach, row.rank_high or row.rank or 0)
        found[row.cluster_id] = group
    return found


def _table(request: Request, found: Round, cases: Sequence[Case]) -> Table:
    columns = [
        Column("cluster", _("Cluster")),
        Column("rank", _("Rank"), numeric=True),
        Column("interval", _("Rank, 5 to 95 %"), numeric=True, fold=True),
        Column("group", _("Group of ties"), numeric=True, fold=True),
        Column("score", _("Score"), numeric=True, fold=True),
        Column("below", _("Below the threshold"), numeric=True, fold=True),
        Column("proposed", _("The rule proposes"), fold=True),
        Column("decided", _("Decided")),
        Column("why", _("Why"), fold=True),
    ]
    may = found.phase in (Phase.DECISION, Phase.APPEALS) and verdict(
        request.actor, DECIDE, *found.scopes
    )
    groups = tie_groups([one.standing for one in cases])
    rows = [_row(found, one, groups, may=bool(may)) for one in cases]
    note = _(
        "Below the threshold: the share of reasonable evaluations in which the score is lower than the threshold. Clusters of "
        "one group of ties cannot be told apart: their intervals of ranks overlap."
    )
    return Table(_("Ranking, proposals and decisions"), columns, rows, note=note)


def _row(found: Round, case: Case, groups: dict[int, int], *, may: bool) -> dict[str, Any]:
    row = case.standing
    run = found.run
    door = address("standing", run, case.cluster.slug) if run else ""
    decided: Any = "–"
    if case.decision is not None:
        outcome = Outcome(case.decision.outcome)
        decided = State(TONES[outcome], outcome.label)
    if may and (case.decision is None or queries.is_changed(case)):
        href = reverse(
            "round-decide", args=[found.programme.slug, found.period.label, case.cluster.slug]
        )
        decided = Link(_("Decide"), href)
    reason = case.decision.reason if case.decision else ""
    return {
        "cluster": case.cluster.name,
        "rank": Figure(row.rank, href=door) if row.rank else _("not ranked"),
        "interval": interval(row),
        "group": groups.get(case.cluster.pk, "–"),
        "score": "–" if row.score is None else number(row.score, 1),
        "below": "–" if row.below is None else percent(row.below),
        "proposed": State(TONES[case.proposal.outcome], case.proposal.outcome.label),
        "decided": decided,
        "why": f"{case.proposal.because} {reason}".strip(),
    }


def _plans(found: Round, titles: dict[str, str]) -> Table:
    """The targets of this round's plans and of those of the round before, with what was reached."""
    columns = [
        Column("cluster", _("Cluster")),
        Column("target", _("Target")),
        Column("start", _("At the start"), numeric=True, fold=True),
        Column("value", _("To reach"), numeric=True),
        Column("due", _("By when"), fold=True),
        Column("now", _("Now"), numeric=True, fold=True),
        Column("state", _("State")),
    ]
    now = {
        (row.cluster_id, row.indicator): row.value
        for row in (found.run.values.all() if found.run else ())
    }
    own = [target for it in queries.standing_decisions(found) for target in it.targets.all()]
    rows = [_plan_row(it, titles, None, is_new=True) for it in own]
    rows += [
        _plan_row(it, titles, now.get((it.plan.cluster_id, it.indicator)), is_new=False)
        for it in queries.plans_before(found)
    ]
    return Table(_("Improvement plans"), columns, rows)


def _plan_row(
    it: Target, titles: dict[str, str], now: float | None, *, is_new: bool
) -> dict[str, Any]:
    if is_new:
        state = State(Tone.UNKNOWN, _("agreed in this round"))
    elif now is None:
        state = State(Tone.UNKNOWN, _("evidence missing"))
    elif is_reached(it, now):
        state = State(Tone.GOOD, _("reached"))
    else:
        state = State(Tone.PROBLEM, _("not reached"))
    return {
        "cluster": it.plan.cluster.name,
        "target": titles.get(it.indicator, it.indicator),
        "start": "–" if it.start is None else number(it.start),
        "value": number(it.value),
        "due": day(it.due_on),
        "now": "–" if now is None else number(now),
        "state": state,
    }


def is_reached(it: Target, now: float) -> bool:
    """Whether a target is reached: as far on as asked, in the direction that it asks for."""
    if it.start is not None and it.value < it.start:
        return now <= it.value
    return now >= it.value


def _trend(run: Run, cases: Sequence[Case], titles: dict[str, str]) -> Table | None:
    found = Trend.objects.filter(run=run).select_related("before__period").first()
    if found is None:
        return None
    columns = [
        Column("cluster", _("Cluster")),
        Column("before", str(found.before.period), numeric=True),
        Column("after", str(run.period), numeric=True),
        Column("change", _("Change"), numeric=True),
        Column("parts", _("What moved it most"), fold=True),
    ]
    rows = [
        _change(one.cluster.name, found.clusters[one.cluster.slug], titles)
        for one in cases
        if one.cluster.slug in found.clusters
    ]
    empty = found.why_not or _("No cluster is ranked in both.")
    note = _("Parts by indicator, by changed weights and by changed method add up to the change.")
    return Table(_("What moved the scores"), columns, rows, empty=empty, note=note)


def _change(name: str, found: dict[str, Any], titles: dict[str, str]) -> dict[str, Any]:
    parts = {titles.get(code, code): points for code, points in found["indicators"].items()}
    parts |= {_("changed weights"): found["weights"], _("changed method"): found["method"]}
    largest = sorted(parts.items(), key=lambda it: -abs(it[1]))[:MOST_PARTS]
    told = [f"{title} {_signed(points)}" for title, points in largest if abs(points) >= 0.05]
    before, after = found["before"] or 0.0, found["after"] or 0.0
    return {
        "cluster": name,
        "before": number(before, 1),
        "after": number(after, 1),
        "change": _signed(after - before),
        "parts": "; ".join(told),
    }


def _signed(points: float) -> str:
    return f"{'+' if points > 0 else ''}{number(points, 1)}"


def _pairs(run: Run, titles: dict[str, str]) -> Table:
    columns = [
        Column("mentor", _("Could teach")),
        Column("learner", _("Could learn")),
        Column("what", _("What"), fold=True),
        Column("points", _("Points between them"), numeric=True),
    ]
    rows = [
        {
            "mentor": one.mentor.name,
            "learner": one.learner.name,
            "what": "; ".join(
                _("%(title)s (%(mentor)s against %(learner)s)")
                % {
                    "title": titles.get(it["indicator"], it["indicator"]),
                    "mentor": number(it["mentor"], 0),
                    "learner": number(it["learner"], 0),
                }
                for it in one.subjects
            ),
            "points": number(one.points, 1),
        }
        for one in pairings.pairings(run)
    ]
    note = _(
        "Strengths matched to weaknesses: a cluster teaches what it does better than the median, and learns what it does worse. "
        "The pairs are those that are worth most in all; each teaches one and learns from one at most, never from itself."
    )
    return Table(
        _("Who may learn from whom"),
        columns,
        rows,
        note=note,
        empty=_("Nobody stands apart enough."),
    )


def _rules(programme: Programme) -> Table:
    columns = [
        Column("version", _("Version")),
        Column("plan", _("Plan from"), numeric=True),
        Column("stop", _("Counts towards the end from"), numeric=True, fold=True),
        Column("years", _("Rounds in a row until the end"), numeric=True, fold=True),
        Column("unranked", _("Where not ranked"), fold=True),
        Column("approved", _("Approved")),
    ]
    rows = [
        {
            "version": one.version,
            "plan": percent(one.plan_probability),
            "stop": percent(one.stop_probability),
            "years": number(one.stop_years),
            "unranked": one.get_unranked_display(),
            "approved": day(one.approved_at),
        }
        for one in programme.funding_rules.order_by("-approved_at")
    ]
    note = _("Probabilities are those of a score below the framework's threshold.")
    empty = _("No rule is approved yet.")
    return Table(_("Funding rules"), columns, rows, note=note, empty=empty, hide_caption=True)
