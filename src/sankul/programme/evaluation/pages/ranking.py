"""The public ranking of a period, with its intervals."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core.charts import (
    Change,
    Chart,
    Picture,
    Ranked,
    answer,
    rank_acceptability,
    rank_intervals,
    slopes,
)
from sankul.core.doors import Request, csv_download
from sankul.core.formats import day, number, percent
from sankul.core.ui import Absence, Column, Crumbs, Entry, Figure, Link, ScoreBar, Summary, Table
from sankul.programme.evaluation.models import Run, Standing
from sankul.programme.evaluation.queries import runs
from sankul.programme.indicators.models import Node


@require_safe
def rankings(request: Request) -> HttpResponse:
    """Every published ranking, by programme and period."""
    found = groupby(runs.published(request.actor), key=lambda run: run.programme)
    programmes = [(programme, list(periods)) for programme, periods in found]
    return render(request, "evaluation/rankings.html", {"programmes": programmes})


@require_safe
def ranking(request: Request, programme: str, period: str) -> HttpResponseBase:
    """One period's ranking: pictures, the table, who is not ranked and why, and the proof."""
    run = found_run(request, programme, period)
    standings = list(runs.standings(run))
    ranked = [row for row in standings if row.rank is not None]
    charts = pictures(run, standings, earlier(request, run))
    if drawn := answer(request, charts):
        return drawn
    if request.GET.get("as") == "csv":
        return _csv(run, standings)
    context = {
        "run": run,
        "is_demonstration": run.programme.is_demonstration,
        "pictures": [Picture(chart) for chart in charts],
        "table": _table(run, ranked),
        "groups": _groups(run, ranked),
        "missing": _missing(run, [row for row in standings if row.rank is None]),
        "proof": proof(run),
        "certainty": address("certainty", run),
        "crumbs": Crumbs([Link(_("Rankings"), reverse("rankings"))]),
        "ranked": ranked,
    }
    return render(request, "evaluation/ranking.html", context)


def found_run(request: Request, programme: str, period: str) -> Run:
    """The run the address names (``?run=`` for one that is not published), or 404."""
    asked = request.GET.get("run", "")
    run_id = int(asked) if asked.isascii() and asked.isdigit() else None
    try:
        return runs.find(request.actor, programme, period, run_id)
    except Run.DoesNotExist:
        raise Http404(_("No ranking of this period is published.")) from None


def found_part(request: Request, programme: str, period: str, cluster: str) -> tuple[Run, bool]:
    """The run the address names, and whether the reader may see this cluster's part of it alone; or 404."""
    try:
        return found_run(request, programme, period), False
    except Http404:
        asked = request.GET.get("run", "")
        if not (asked.isascii() and asked.isdigit() and len(asked) < 19):
            raise
        try:
            return runs.own_part(request.actor, programme, period, cluster, int(asked)), True
        except Run.DoesNotExist:
            raise Http404(_("No ranking of this period is published.")) from None


def address(name: str, run: Run, *rest: str) -> str:
    """The address of a page of a run; an unpublished one is named in the query."""
    path = reverse(name, args=[run.programme.slug, run.period.label, *rest])
    return path if run.status == "published" else f"{path}?run={run.pk}"


def earlier(request: Request, run: Run) -> tuple[Run, list[Standing]] | None:
    """The published evaluation of the period before, with its standings."""
    found = runs.before(request.actor, run)
    return (found, list(runs.standings(found))) if found else None


def pictures(
    run: Run, standings: Sequence[Standing], before: tuple[Run, list[Standing]] | None = None
) -> list[Chart]:
    """Rank intervals, acceptability, and the change since the period before, as far as there are ranks."""
    ranked = [row for row in standings if row.rank is not None]
    if not ranked:
        return []
    about: dict[str, Any] = {
        "source": source(run),
        "demonstration": run.programme.is_demonstration,
    }
    first = rank_intervals(
        [Ranked(r.cluster.name, r.rank, r.rank_low, r.rank_high) for r in standings],
        title=_("Ranks and how certain they are"),
        finding=_finding(ranked),
        **about,
    )
    shares = {row.cluster.name: row.acceptability[: len(ranked)] for row in ranked}
    second = rank_acceptability(
        shares,
        title=_("How often each cluster takes each rank"),
        finding=_("Each row shows, over %(draws)s reasonable choices of weights and methods, "
                  "the per cent in which the cluster takes that rank.")
        % {"draws": number(run.draws)},
        **about,
    )  # fmt: skip
    charts = [first, second] if all(shares.values()) else [first]
    return charts + ([_change(run, ranked, *before, about)] if before else [])


def _change(
    run: Run, ranked: Sequence[Standing], before: Run, rows: list[Standing], about: dict[str, Any]
) -> Chart:
    scores = {row.cluster_id: row.score for row in rows}
    changes = [Change(row.cluster.place, scores.get(row.cluster_id), row.score) for row in ranked]
    grown = [
        (c.after - c.before, c.name)
        for c in changes
        if c.before is not None and c.after is not None
    ]
    points, name = max(grown, default=(0.0, "–"))
    return slopes(
        changes,
        before=str(before.period),
        after=str(run.period),
        highlight=[name],
        title=_("Change of the score since %(period)s") % {"period": before.period},
        finding=_("%(name)s changed most for the better: %(points)s points.")
        % {"name": name, "points": number(points, 1)},
        key="change",
        **about,
    )


def source(run: Run) -> str:
    """Where a picture's figures come from."""
    return _("%(programme)s, evaluation of %(period)s, computed %(day)s") % {
        "programme": run.programme,
        "period": run.period,
        "day": day(run.computed_at),
    }


def _finding(ranked: Sequence[Standing]) -> str:
    best = ranked[0]
    firm = sum(row.rank_low == row.rank_high for row in ranked if row.rank_low is not None)
    return _(
        "%(name)s stands first with %(score)s points; %(firm)s of %(all)s ranks hold under every "
        "reasonable choice of weights and methods."
    ) % {
        "name": best.cluster.name,
        "score": number(best.score, 1),
        "firm": firm,
        "all": len(ranked),
    }


def _table(run: Run, ranked: Sequence[Standing]) -> Table:
    columns = [
        Column("cluster", _("Cluster")),
        Column("rank", _("Rank"), numeric=True),
        Column("interval", _("Rank, 5 to 95 %"), numeric=True),
        Column("score", _("Score"), numeric=True, unit=_("0 to 100")),
        Column("bar", _("Score and interval"), fold=True),
        Column("coverage", _("Indicators with evidence"), numeric=True, fold=True),
    ]
    rows = [
        {
            "cluster": Link(
                row.cluster.name, reverse("cluster", args=[run.programme.slug, row.cluster.slug])
            ),
            "rank": Figure(row.rank, name=_("How this rank came about"), href=_door(run, row)),
            "interval": interval(row),
            "score": Figure(
                row.score, places=1, name=_("How this score came about"), href=_door(run, row)
            ),
            "bar": ScoreBar(row.score or 0, row.score_low, row.score_high),
            "coverage": percent(row.coverage),
        }
        for row in ranked
    ]
    caption = _("Ranking of %(period)s") % {"period": run.period}
    note = _("Every figure opens its explanation. A lower rank is better; ties share the smaller.")
    return Table(caption, columns, rows, note=note)


def _groups(run: Run, ranked: Sequence[Standing]) -> Table:
    """Scores on the groups of outcomes right below the index, each with its door."""
    nodes, scores = runs.top_groups(run)
    columns = [
        Column("cluster", _("Cluster")),
        *(Column(node.code, node.title, numeric=True, fold=True) for node in nodes),
    ]
    rows = [
        {
            "cluster": row.cluster.name,
            **{
                node.code: _group(run, row, node, scores.get((row.cluster_id, node.code)))
                for node in nodes
            },
        }
        for row in ranked
    ]
    return Table(_("Scores by group of outcomes, 0 to 100"), columns, rows)


def _group(run: Run, row: Standing, node: Node, score: float | None) -> Figure:
    href = f"{_door(run, row)}#{node.code}"
    absent = "" if score is not None else Absence.MISSING
    return Figure(score, places=1, href=href, absent=absent, name=node.title)


def interval(row: Standing) -> str:
    """The rank interval in words."""
    if row.rank_low is None or row.rank_high is None:
        return "–"
    if row.rank_low == row.rank_high:
        return str(row.rank_low)
    return f"{row.rank_low}–{row.rank_high}"


def _missing(run: Run, rows: Sequence[Standing]) -> Table:
    columns = [
        Column("cluster", _("Cluster")),
        Column("why", _("Why it is not ranked")),
        Column("coverage", _("Indicators with evidence"), numeric=True),
    ]
    lines = [
        {
            "cluster": Link(
                row.cluster.name, reverse("cluster", args=[run.programme.slug, row.cluster.slug])
            ),
            "why": Figure(None, absent=Absence.MISSING, href=_door(run, row)),
            "coverage": percent(row.coverage),
        }
        for row in rows
    ]
    note = _(
        "A cluster whose evidence covers less than %(floor)s of the indicators is not ranked, and never ranked low: "
        "missing is not zero."
    ) % {"floor": percent(run.framework.coverage_floor)}
    return Table(_("Not ranked: evidence missing"), columns, lines, note=note)


def _door(run: Run, row: Standing) -> str:
    return address("standing", run, row.cluster.slug)


def proof(run: Run) -> Summary:
    """Everything with which anyone can recompute the run."""
    entries = [
        Entry(_("Framework"), Link(run.framework, reverse("framework", args=[
            run.programme.slug, run.framework.code, run.framework.version]))),
        Entry(_("Computed"), day(run.computed_at)),
        Entry(_("Engine"), f"sankul {run.engine_version}"),
        Entry(_("Draws and seed"), f"{number(run.draws)} · {run.seed}"),
        Entry(_("SHA-256 of the input"), run.input_sha256),
        Entry(_("Evaluation package"), _file(run.package)),
    ]  # fmt: skip
    if run.records:
        entries.append(Entry(_("Every record behind it"), _file(run.records)))
    return Summary(entries)


def _file(document: Any) -> Link:
    return Link(document.name, reverse("document", args=[document.sha256]))


def _csv(run: Run, standings: Sequence[Standing]) -> HttpResponseBase:
    head = ("cluster", "name", "rank", "rank_low", "rank_median", "rank_high", "score",
            "score_low", "score_high", "coverage", "not_ranked", "is_demonstration")  # fmt: skip
    rows = (
        (
            row.cluster.slug, row.cluster.name, row.rank, row.rank_low, row.rank_median, row.rank_high,
            row.score, row.score_low, row.score_high, row.coverage, row.not_ranked,
            run.programme.is_demonstration,
        )
        for row in standings
    )  # fmt: skip
    return csv_download(f"{run.programme.slug}-{run.period.label}-ranking.csv", head, rows)
