"""The doors behind a figure: a cluster's breakdown in a run, and one value down to its records."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core.charts import (
    Chart,
    Contribution,
    Picture,
    Strength,
    answer,
    contributions,
    strengths,
)
from sankul.core.doors import Request, csv_download, listing
from sankul.core.formats import day, inr, number, percent
from sankul.core.measures import SHAPE
from sankul.core.models import Document
from sankul.core.ui import (
    Absence,
    Column,
    Crumbs,
    Explanation,
    Figure,
    Formula,
    Link,
    Pages,
    State,
    Table,
    Tone,
)
from sankul.engines.pictures.robustness import said
from sankul.programme.evaluation.models import Run, Standing, Value
from sankul.programme.evaluation.queries import certainty, explanations, runs
from sankul.programme.evaluation.queries.explanations import Explained, Profile
from sankul.programme.indicators.models import Indicator
from sankul.programme.indicators.rules import Statistic
from sankul.programme.registry.models import Cluster

from . import turns
from .ranking import address, found_part, interval, source


@require_safe
def standing(request: Request, programme: str, period: str, cluster: str) -> HttpResponseBase:
    """How one cluster's score and rank came about: the whole tree, each figure with its door."""
    run, is_part = found_part(request, programme, period, cluster)
    row = _standing(run, cluster)
    tree = runs.tree(run, row.cluster)
    charts = pictures(run, row, explanations.profile(run, row.cluster), alone=is_part)
    if drawn := answer(request, charts):
        return drawn
    context = {
        "run": run,
        "standing": row,
        "interval": interval(row),
        "is_demonstration": run.programme.is_demonstration,
        "is_part": is_part,
        "crumbs": crumbs(run, is_part=is_part),
        "table": _tree_table(run, row.cluster, tree),
        "turns": _turns(run, row, tree, alone=is_part),
        "certainty": "" if is_part else address("certainty", run),
        "below": "" if row.below is None else said(row.below),
        "pictures": [Picture(chart) for chart in charts],
    }
    return render(request, "evaluation/standing.html", context)


@require_safe
def value(
    request: Request, programme: str, period: str, cluster: str, indicator: str
) -> HttpResponseBase:
    """One value: its formula, steps and inputs, and the records behind it, down to the document."""
    run, is_part = found_part(request, programme, period, cluster)
    row = _standing(run, cluster)
    try:
        explained = explanations.explained(run, row.cluster, indicator)
    except (Value.DoesNotExist, Indicator.DoesNotExist):
        raise Http404(_("The framework has no such indicator.")) from None
    rows = explanations.records(run, row.cluster, explained.indicator.measure)
    if request.GET.get("as") == "csv":
        names = (*SHAPE, "organisation__slug")
        lines = ([line[name] for name in names] for line in rows.iterator(chunk_size=2000))
        return csv_download(f"{cluster}-{period}-{indicator}.csv", names, lines)
    page = listing(request, rows, sorts={"day": "on", "quantity": "quantity"}, default="-day")
    context = {
        "run": run,
        "standing": row,
        "explained": explained,
        "is_demonstration": run.programme.is_demonstration,
        "is_part": is_part,
        "crumbs": crumbs(run, row.cluster, is_part=is_part),
        "figure": figure(explained.indicator, explained.value),
        "lineage": address("value-lineage", run, cluster, indicator),
        "explanation": Explanation(_("How this figure came about"), _steps(run, explained)),
        "records": _records(page.rows, explained),
        "pages": Pages(
            request.GET,
            page=page.page,
            last=page.page + page.has_next,
            total=None if page.is_capped else page.total,
        ),
        "changed": explanations.changed_since(
            run, row.cluster, explained.value, explained.indicator.measure
        ),
    }
    return render(request, "evaluation/value.html", context)


def _turns(run: Run, row: Standing, tree: runs.Tree, *, alone: bool) -> Table:
    """What would turn the decisions about the cluster; of that of the one below, the weights alone.

    ``alone`` leaves out those about another cluster.
    """
    flips = certainty.flips_about(run, row.cluster)
    if alone:
        flips = flips.filter(over=None)
    told = turns.Known(
        {item.code: item for item in tree.indicators},
        {(row.cluster_id, code): value for code, value in tree.values.items()},
        {code: value.weight or 0.0 for code, value in tree.values.items()},
    )
    return turns.table(flips, told)


def _standing(run: Run, cluster: str) -> Standing:
    row = run.standings.select_related("cluster").filter(cluster__slug=cluster).first()
    if row is None:
        raise Http404(_("This cluster is not part of the evaluation."))
    return row


def crumbs(run: Run, cluster: Cluster | None = None, *, is_part: bool = False) -> Crumbs:
    """The way to a page behind a ranking; to one's own part of it, from the round."""
    links = [
        Link(_("Rankings"), reverse("rankings")),
        Link(run.period, address("ranking", run)),
    ]
    if is_part:
        links = [
            Link(_("Rounds"), reverse("rounds")),
            Link(run.period, reverse("round", args=[run.programme.slug, run.period.label])),
        ]
    if cluster is not None:
        links.append(Link(cluster, address("standing", run, cluster.slug)))
    return Crumbs(links)


def figure(indicator: Indicator, row: Value, href: str = "") -> Figure:
    """An indicator's value as a figure, absent where evidence is missing."""
    if row.value is None:
        return Figure(None, absent=Absence.MISSING, href=href, name=indicator.title)
    if indicator.denominator and row.denominator is None:
        return Figure(None, absent=Absence.UNCOMPUTABLE, href=href, name=indicator.title)
    if indicator.unit == "INR":
        text = inr(Decimal(str(row.value)))
        return Figure(row.value, text=text, href=href, name=indicator.title)
    shown = row.value / row.denominator if indicator.denominator and row.denominator else row.value
    return Figure(shown, unit=indicator.unit, href=href, name=indicator.title)


def pictures(run: Run, row: Standing, profile: Profile, *, alone: bool = False) -> list[Chart]:
    """Where the points come from, and, unless the reader sees it ``alone``, the cluster beside its peers."""
    about: dict[str, Any] = {
        "source": source(run),
        "demonstration": run.programme.is_demonstration,
    }
    charts = []
    parts = [
        Contribution(str(one.indicator.title), one.value.contribution)
        for one in profile.all
        if one.value.contribution is not None
    ]
    if parts:
        parts.sort(key=lambda part: part.points, reverse=True)
        charts.append(
            contributions(
                parts,
                unit=_("Points"),
                title=_("Where the points come from"),
                finding=_("%(name)s gives the most: %(points)s of %(score)s points.")
                % {
                    "name": parts[0].name,
                    "points": number(parts[0].points, 1),
                    "score": number(row.score, 1),
                },
                **about,
            )
        )
    if profile.all and not alone:
        charts.append(_beside(row, profile, about))
    return charts


def _beside(row: Standing, profile: Profile, about: dict[str, Any]) -> Chart:
    above = sum(one.lead > 0 for one in profile.all)
    return strengths(
        [
            Strength(str(one.indicator.title), one.value.normalised, one.median, one.low, one.high)
            for one in profile.all
        ],
        unit_name=row.cluster.name,
        title=_("Beside the other clusters"),
        finding=_(
            "%(name)s stands above the median of the ranked clusters on %(above)s of %(all)s indicators."
        )
        % {"name": row.cluster.name, "above": above, "all": len(profile.all)},
        **about,
    )


def _tree_table(run: Run, cluster: Cluster, tree: runs.Tree) -> Table:
    columns = [
        Column("name", _("Outcome or indicator")),
        Column("value", _("Value"), numeric=True),
        Column("score", _("Score"), numeric=True, unit=_("0 to 100")),
        Column("rank", _("Rank"), numeric=True, fold=True),
        Column("weight", _("Weight"), numeric=True, unit="%", fold=True),
        Column("points", _("Points"), numeric=True, fold=True),
    ]
    rows = [
        _indicator_row(run, cluster, item, tree.values[item.code], depth)
        if isinstance(item, Indicator)
        else _node_row(item, tree.node_scores.get(item.code), depth)
        for depth, item in tree.walk()
    ]
    note = _(
        "Each value opens its formula and its records. The score of a group is the weighted mean of what stands "
        "below it; points add up to the score of the index."
    )
    return Table(_("From indicators to the score"), columns, rows, note=note)


def _node_row(node: Any, score: Any, depth: int) -> dict[str, Any]:
    return {
        "name": format_html('<span id="{}">{}{}</span>', node.code, "\u2003" * depth, node.title),
        "value": "",
        "score": number(score.score, 1) if score and score.score is not None else "–",
        "rank": score.rank if score and score.rank else "–",
        "weight": "",
        "points": "",
    }


def _indicator_row(
    run: Run, cluster: Cluster, item: Indicator, row: Value, depth: int
) -> dict[str, Any]:
    href = address("value", run, cluster.slug, item.code)
    return {
        "name": "\u2003" * depth + item.title,
        "value": figure(item, row, href),
        "score": _shown(row.normalised, 1),
        "rank": "",
        "weight": _shown(None if row.weight is None else 100 * row.weight, 1),
        "points": _shown(row.contribution, 2),
    }


def _shown(value: float | None, places: int) -> str:
    return "–" if value is None else str(number(value, places))


def _steps(run: Run, it: Explained) -> list[Formula]:
    steps = [_counted(it), _valued(run, it)]
    if it.value.value is None:
        return steps
    if it.indicator.denominator:
        steps.append(_divided(it))
    if it.value.normalised is not None:
        steps += [_normalised(it), _contributed(it)]
    return steps


def _counted(it: Explained) -> Formula:
    row = it.value
    coverage = percent(row.records / row.submitted) if row.submitted else "–"
    return Formula(
        _("Records counted"),
        number(row.records),
        inputs={
            _("submitted"): number(row.submitted),
            _("with evidence"): number(row.records),
            _("coverage"): coverage,
            _("declared as nothing"): _("yes") if row.is_nil else _("no"),
        },
        note=_(
            "Only submitted records with a document count. A record without one shows as missing coverage."
        ),
    )


def _valued(run: Run, it: Explained) -> Formula:
    row = it.value
    inputs: dict[str, Any] = {_("credited quantity"): number(row.quantity, 2)}
    if it.statistic == Statistic.PER_MONTH:
        inputs[_("months in the period")] = run.period.months
    result: Any = (
        Figure(None, absent=Absence.MISSING) if row.value is None else number(row.value, 2)
    )
    return Formula(
        _("Value of the indicator"), result, formula=str(it.statistic.label), inputs=inputs,
        note=_("A joint result is credited by share, so that its shares never add up to more than one."),
    )  # fmt: skip


def _divided(it: Explained) -> Formula:
    row = it.value
    share = row.value / row.denominator if row.value is not None and row.denominator else None
    return Formula(
        _("Divided by its denominator"),
        Figure(None, absent=Absence.UNCOMPUTABLE) if share is None else number(share, 4),
        formula=f"{it.indicator.measure} ÷ {it.indicator.denominator}",
        inputs={it.indicator.denominator: _shown(row.denominator, 2)},
    )


def _normalised(it: Explained) -> Formula:
    low, high = it.indicator.goalpost_low, it.indicator.goalpost_high
    if low is None or high is None:
        return Formula(_("On the common scale"), number(it.value.normalised, 2))
    posts = f"(x − {number(low)}) ÷ ({number(high)} − {number(low)}) × 100"
    if it.indicator.direction < 0:
        posts = f"({number(high)} − x) ÷ ({number(high)} − {number(low)}) × 100"
    return Formula(
        _("On the common scale"),
        number(it.value.normalised, 2),
        formula=posts,
        inputs={_("lower goalpost"): number(low), _("upper goalpost"): number(high)},
        note=_("Values beyond a goalpost count as the goalpost."),
    )


def _contributed(it: Explained) -> Formula:
    return Formula(
        _("Points in the score"),
        _shown(it.value.contribution, 3),
        formula=_("weight × score on the common scale"),
        inputs={
            _("weight in the whole index"): percent(it.value.weight, 2),
            _("score of the cluster"): _shown(it.standing.score, 2),
            _("rank of the cluster"): it.standing.rank or "–",
        },
        note=_("Where other indicators are missing, their weight goes to those that are there."),
    )


def _records(rows: list[dict[str, Any]], it: Explained) -> Table:
    columns = [
        Column("record", _("Record")),
        Column("on", _("Date"), fold=True),
        Column("organisation", _("Credited to"), fold=True),
        Column("role", _("Role"), fold=True),
        Column("quantity", _("Quantity"), numeric=True, unit=str(it.measure.unit if it.measure else "")),
        Column("evidence", _("Evidence")),
    ]  # fmt: skip
    names = [row["record"] for row in rows]
    documents = it.measure.documents(names) if it.measure and names else {}
    lines = [
        {
            "record": Link(row["title"], _record_href(row["record"])),
            "on": day(row["on"]),
            "organisation": row["organisation__name"],
            "role": row["role"],
            "quantity": number(row["quantity"], 2),
            "evidence": _evidence(row, documents.get(row["record"], ())),
        }
        for row in rows
    ]  # fmt: skip
    empty = _("No record was submitted for this period. What has no evidence is missing, not zero.")
    return Table(_("The records behind it"), columns, lines, empty=empty)


def _evidence(row: dict[str, Any], documents: Sequence[Document]) -> SafeString | State:
    if not row["evidenced"]:
        return State(Tone.ATTENTION, _("no document: not counted"))
    links = ((Link(found.name, reverse("document", args=[found.sha256])),) for found in documents)
    return format_html_join(mark_safe("<br>"), "{}", links)


def _record_href(record: str) -> str:
    kind, _slash, number_ = record.partition("/")
    return reverse(kind, args=[number_])
