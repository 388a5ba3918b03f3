"""How sure a ranking is, and what drives it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core.charts import (
    Branch,
    Chart,
    Correlation,
    Factor,
    Likely,
    Picture,
    Scored,
    answer,
    composition,
    correlations,
    probabilities,
    score_intervals,
    sensitivity,
    weights,
)
from sankul.core.doors import Request, csv_download
from sankul.core.formats import number, percent
from sankul.core.ui import Column, Crumbs, Link, Table
from sankul.engines.composite.coherence import FEW_FOR_CORRELATION, REDUNDANT
from sankul.programme.evaluation.models import Robustness
from sankul.programme.evaluation.queries.certainty import Certainty, certainty
from sankul.programme.indicators.models import Indicator, Node

from . import turns
from .ranking import address, found_run, source

MOST_PAIRS = 8
"""Pairs that say the same, told in words."""


@require_safe
def sureness(request: Request, programme: str, period: str) -> HttpResponseBase:
    """Intervals and threshold, which assumption matters, what would turn a decision, weights, correlations."""
    run = found_run(request, programme, period)
    found = certainty(run)
    charts = pictures(found)
    if drawn := answer(request, list(charts.values())):
        return drawn
    if request.GET.get("as") == "csv":
        return csv_download(f"{programme}-{period}-decisions.csv", turns.CSV, turns.lines(found))
    context = {
        "run": run,
        "is_demonstration": run.programme.is_demonstration,
        "crumbs": Crumbs([
            Link(_("Rankings"), reverse("rankings")),
            Link(run.period, address("ranking", run)),
        ]),
        "back": address("ranking", run),
        "found": found,
        "pictures": {key.replace("-", "_"): Picture(chart) for key, chart in charts.items()},
        "charts": list(charts.values()),
        "turns": turns.table(found.flips, turns.known(found)),
        "removals": _removals(found),
        "same": _same(found),
        "few": _fewest(found),
        "rule_of_thumb": FEW_FOR_CORRELATION,
    }  # fmt: skip
    return render(request, "evaluation/certainty.html", context)


def pictures(found: Certainty) -> dict[str, Chart]:
    """The pictures by key, as far as there is something to draw."""
    if found.robustness is None:
        return {}
    about: dict[str, Any] = {
        "source": source(found.run),
        "demonstration": found.run.programme.is_demonstration,
    }
    charts = [_weights(found, found.robustness, about)]
    if found.ranked:
        charts = [
            *_scores(found, found.robustness, about),
            *_sensitivity(found.robustness, about),
            *charts,
            *_composition(found, about),
            *_correlations(found, found.robustness, about),
        ]
    return {chart.key: chart for chart in charts}


def _scores(found: Certainty, robustness: Robustness, about: dict[str, Any]) -> list[Chart]:
    bar = robustness.threshold
    scored = [
        Scored(row.cluster.name, row.score, row.score_low, row.score_high)
        for row in found.ranked
        if row.score is not None
    ]
    first = score_intervals(
        scored,
        threshold=bar,
        title=_("Scores and how certain they are"),
        finding=_score_finding(scored, bar),
        **about,
    )
    likely = [
        Likely(row.cluster.name, row.below, *wilson(row.below, found.run.draws))
        for row in found.ranked
        if row.below is not None
    ]
    if bar is None or not likely:
        return [first]
    second = probabilities(
        likely,
        axis=_("Probability of a score below %(bar)s") % {"bar": number(bar)},
        bounds=not robustness.draws_exact,
        title=_("How likely each cluster is to be below the threshold"),
        finding=_below_finding(likely, bar),
        **about,
    )
    return [first, second]


def _score_finding(scored: Sequence[Scored], bar: float | None) -> str:
    if bar is None:
        widest = max(scored, key=lambda one: (one.high or 0) - (one.low or 0))
        return _(
            "The framework declares no threshold. The widest interval is that of %(name)s."
        ) % {"name": widest.name}
    above = sum(one.low is not None and one.low >= bar for one in scored)
    under = sum(one.high is not None and one.high < bar for one in scored)
    said = {"all": len(scored), "above": above, "under": under, "bar": number(bar),
            "open": len(scored) - above - under}  # fmt: skip
    if not said["open"]:
        return (
            _(
                "Of %(all)s ranked clusters %(above)s stand above the threshold of %(bar)s with their whole interval, "
                "%(under)s below it."
            )
            % said
        )
    return (
        _(
            "Of %(all)s ranked clusters %(above)s stand above the threshold of %(bar)s with their whole interval, "
            "%(under)s below it; for %(open)s it depends on the choices."
        )
        % said
    )


def _below_finding(likely: Sequence[Likely], bar: float) -> str:
    open_ = [one for one in likely if 0.05 < one.probability < 0.95]
    if not open_:
        return _("No cluster is in doubt: each is below %(bar)s in fewer than 5 %% of draws or in more than 95 %%.") % {
            "bar": number(bar)
        }  # fmt: skip
    nearest = min(open_, key=lambda one: abs(one.probability - 0.5))
    return _("In doubt: %(count)s. Nearest to even odds is %(name)s, below %(bar)s in %(share)s of draws.") % {
        "count": len(open_), "name": nearest.name, "bar": number(bar), "share": percent(nearest.probability)
    }  # fmt: skip


def wilson(share: float, draws: int) -> tuple[float, float]:
    """95 % bounds of a share of so many draws (Wilson, JASA 22 (1927) 209); draws that fill space keep within them."""
    if not draws:
        return share, share
    z2 = 1.959964**2
    middle = (share + z2 / (2 * draws)) / (1 + z2 / draws)
    half = (z2 * (share * (1 - share) / draws + z2 / (4 * draws**2))) ** 0.5 / (1 + z2 / draws)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def factor(code: str) -> str:
    """What varies, in words, by the engine's name of it."""
    name, _sign, again = code.partition(" #")
    words = {
        "weights": _("Weights of outcomes and indicators"),
        "indicator": _("Leaving out one indicator"),
        "data": _("Doubt in the data"),
        "choice aggregate": _("How indicators are brought together"),
        "choice normalise": _("How values are put on the common scale"),
        "choice treat": _("How outliers are treated"),
        "choice impute": _("How gaps are filled"),
        "choice weights": _("How weights are found"),
    }.get(name, name)
    return f"{words} ({again})" if again else words


def _sensitivity(robustness: Robustness, about: dict[str, Any]) -> list[Chart]:
    rows = sorted(robustness.sensitivity, key=lambda row: -(row["total"] or [0])[0])
    if not rows:
        return []
    factors = [Factor(factor(row["factor"]), row["first"], row["total"]) for row in rows]
    first = factors[0]
    finding = _("No rank moves, whatever the framework lets vary.")
    if first.total is not None:
        finding = _(
            "%(name)s matters most: it has a part in %(share)s of the movement of ranks, %(alone)s by itself."
        ) % {
            "name": first.name,
            "share": percent(first.total[0]),
            "alone": percent(max((first.first or first.total)[0], 0)),
        }
    return [
        sensitivity(factors, title=_("Which assumption moves the ranks"), finding=finding, **about)
    ]


def _weights(found: Certainty, robustness: Robustness, about: dict[str, Any]) -> Chart:
    share: dict[str, float] = robustness.weights

    def branch(one: Node | Indicator) -> Branch:
        below = tuple(map(branch, found.below(one))) if isinstance(one, Node) else ()
        return Branch(str(one.title), share[one.code], below)

    tree = branch(found.root)
    most = max(tree.below, key=lambda one: one.share)
    return weights(
        tree,
        title=_("What counts for how much"),
        finding=_("%(name)s weighs most: %(share)s of the index. The rest follows from left to right.")
        % {"name": most.name, "share": percent(most.share)},
        **about,
    )  # fmt: skip


def _composition(found: Certainty, about: dict[str, Any]) -> list[Chart]:
    points = found.points()
    if not points:
        return []
    total = {
        name: sum(row[name] for row in points.values()) for name in next(iter(points.values()))
    }
    most = max(total, key=lambda name: total[name])
    finding = _("On average %(name)s gives most: %(points)s points.") % {
        "name": most, "points": number(total[most] / len(points), 1)}  # fmt: skip
    return [composition(points, title=_("What the scores are made of"), finding=finding, **about)]


def _correlations(found: Certainty, robustness: Robustness, about: dict[str, Any]) -> list[Chart]:
    known = [row for row in robustness.correlations if row["r"] is not None]
    if not known:
        return []
    title = {item.code: str(item.title) for item in found.indicators}
    pairs = [
        Correlation(title[row["one"]], title[row["other"]], row["r"], row["n"])
        for row in robustness.correlations
    ]
    finding = _(
        "%(same)s of %(all)s pairs say nearly the same over the clusters (r of 0.92 or more, either way)."
    ) % {"same": sum(abs(row["r"]) >= REDUNDANT for row in known), "all": len(known)}
    return [
        correlations(
            [title[item.code] for item in found.indicators],
            pairs,
            title=_("Which indicators say the same"),
            finding=finding,
            **about,
        )
    ]


def _same(found: Certainty) -> list[str]:
    """The pairs that say the same, widest first."""
    rows = [] if found.robustness is None else found.robustness.correlations
    same = [row for row in rows if row["r"] is not None and abs(row["r"]) >= REDUNDANT]
    same.sort(key=lambda row: -abs(row["r"]))
    return [
        _("%(one)s and %(other)s: r = %(r)s over %(n)s clusters")
        % {
            "one": found.items[row["one"]].title,
            "other": found.items[row["other"]].title,
            "r": number(row["r"], 2),
            "n": row["n"],
        }
        for row in same[:MOST_PAIRS]
    ]


def _fewest(found: Certainty) -> int | None:
    """The fewest clusters behind a correlation, where they are too few for it."""
    rows = [] if found.robustness is None else found.robustness.correlations
    fewest = min((row["n"] for row in rows if row["r"] is not None), default=FEW_FOR_CORRELATION)
    return fewest if fewest < FEW_FOR_CORRELATION else None


def _removals(found: Certainty) -> Table:
    columns = [
        Column("left_out", _("Without")),
        Column("shift", _("Mean shift of ranks"), numeric=True),
        Column("reversed", _("Pairs that turn round"), numeric=True),
        Column("tau", _("Agreement of the orders"), numeric=True, unit=_("Kendall's tau"), fold=True),
    ]  # fmt: skip
    rows = [] if found.robustness is None else found.robustness.removals
    lines = [
        {
            "left_out": found.items[row["left_out"]].title,
            "shift": number(row["shift"], 2) if "shift" in row else _("cannot be left out"),
            "reversed": row.get("reversed", "–"),
            "tau": "–" if row.get("tau") is None else number(row["tau"], 2),
        }
        for row in rows
        if row.get("reversed", 1) or row["shift"]
    ]
    quiet = len(rows) - len(lines)
    note = _("Without any one of the other %(count)s the order stays as it is.") % {"count": quiet}
    empty = _("Whichever indicator is left out, the order stays as it is.")
    caption = _("The evaluation without one indicator")
    return Table(caption, columns, lines, note=note if quiet else "", empty=empty)
