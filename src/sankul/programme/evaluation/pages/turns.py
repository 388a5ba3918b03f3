"""What would turn a decision round, in words and figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sankul.core.formats import inr, number, percent
from sankul.core.ui import Column, Table
from sankul.programme.evaluation.models import Flip, Value
from sankul.programme.evaluation.queries.certainty import Certainty
from sankul.programme.evaluation.rules import WhyNotTurned
from sankul.programme.indicators.models import Indicator

MOST_NAMED = 2
"""Indicators named on either side of a change of weights."""


class Known(NamedTuple):
    """What a flip is told with: indicators and values, and today's weights."""

    items: Mapping[str, Indicator]
    values: Mapping[tuple[int, str], Value]
    weights: Mapping[str, float]


def known(found: Certainty) -> Known:
    """What is needed of a run's certainty."""
    weights = found.robustness.weights if found.robustness else {}
    return Known(found.items, found.by_place, weights)


def decision(flip: Flip) -> str:
    """The decision as it stands."""
    said = {"cluster": flip.cluster, "over": flip.over, "bar": number(flip.bar)}
    if flip.over is not None:
        return _("%(cluster)s stands below %(over)s") % said
    if flip.score >= flip.bar:
        return _("%(cluster)s reaches the threshold of %(bar)s") % said
    return _("%(cluster)s is below the threshold of %(bar)s") % said


def by_weights(flip: Flip, told: Known) -> str:
    """The smallest change of weights that turns it, or why there is none."""
    if flip.distance is None:
        return str(WhyNotTurned(flip.why_not).label)
    moved = percent(flip.distance / 2, 1)
    changes = [(weight - told.weights[code], code, weight) for code, weight in flip.weights.items()]
    up = sorted((one for one in changes if one[0] > 0), reverse=True)
    down = sorted(one for one in changes if one[0] < 0)
    named = [
        _("%(name)s from %(now)s to %(then)s")
        % {
            "name": told.items[code].title,
            "now": percent(told.weights[code], 1),
            "then": percent(weight, 1),
        }
        for _change, code, weight in (*up[:MOST_NAMED], *down[:MOST_NAMED])
    ]
    words = _("%(moved)s of the weight moves: %(named)s") % {
        "moved": moved, "named": "; ".join(named)}  # fmt: skip
    return words + (" …" if len(changes) > len(named) else "")


def by_indicator(flip: Flip, told: Known) -> str:
    """The nearest change of one indicator that turns it, or that none does; nothing where its values are not known."""
    if not any(cluster == flip.cluster_id for cluster, _code in told.values):
        return ""
    found = nearest(flip, told)
    if found is None:
        return _("No single indicator turns it within its goalposts")
    item, row, change = found
    said = _("%(name)s: %(then)s instead of %(now)s") % {
        "name": item.title,
        "now": amount(item, row.value or 0, row.denominator),
        "then": amount(item, (row.value or 0) + change, row.denominator, unit=False),
    }
    others = len(flip.indicators) - 1
    if not others:
        return said
    more = ngettext("so does %(others)s other alone", "so do %(others)s others alone", others)
    return f"{said}; {more % {'others': others}}"


def nearest(flip: Flip, told: Known) -> tuple[Indicator, Value, float] | None:
    """The indicator whose change is the smallest share of the way between its goalposts."""
    candidates = [
        (abs(change) / _range(told.items[code], row), code, change)
        for code, change in flip.indicators.items()
        if code in told.items and (row := told.values.get((flip.cluster_id, code)))
    ]
    if not candidates:
        return None
    _share, code, change = min(candidates)
    return told.items[code], told.values[flip.cluster_id, code], change


def _range(item: Indicator, row: Value) -> float:
    size = (row.denominator or 1) if item.denominator else 1
    if item.goalpost_low is None or item.goalpost_high is None:
        return abs(row.value or 0) or 1
    return float(item.goalpost_high - item.goalpost_low) * size or 1


def amount(item: Indicator, value: float, denominator: float | None, *, unit: bool = True) -> str:
    """A value of an indicator, in words with its unit."""
    if item.denominator and denominator:
        said = number(value / denominator, 2)
    elif item.unit == "INR":
        return inr(Decimal(str(round(value, 2))))
    else:
        said = number(value, 0 if abs(value) >= 100 else 1)
    return f"{said} {item.unit}" if unit else said


def table(flips: Iterable[Flip], told: Known) -> Table:
    """Decisions with the smallest changes that turn each."""
    columns = [
        Column("decision", _("Decision as it stands")),
        Column("margin", _("Margin"), numeric=True, unit=_("points")),
        Column("weights", _("Turned by these weights"), fold=True),
        Column("indicator", _("Turned by one indicator of the cluster"), fold=True),
    ]
    rows: list[dict[str, Any]] = [
        {
            "decision": decision(flip),
            "margin": number(abs(flip.score - flip.bar), 1),
            "weights": by_weights(flip, told),
            "indicator": by_indicator(flip, told),
        }
        for flip in flips
    ]
    note = _(
        "The nearest weights at which both sides are level; they may move freely over the indicators. A value is "
        "changed alone, all others as they are, within its goalposts."
    )
    return Table(_("The smallest changes that would turn a decision"), columns, rows, note=note)


CSV = ("cluster", "over", "score", "bar", "distance", "why_not", "indicator", "weight", "weight_then",
       "change_of_value", "is_demonstration")  # fmt: skip


def lines(found: Certainty) -> Iterator[tuple[Any, ...]]:
    """Every decision indicator by indicator, under the heads of ``CSV``."""
    weights = found.robustness.weights if found.robustness else {}
    for flip in found.flips:
        for code in found.items:
            yield (
                flip.cluster.slug,
                flip.over.slug if flip.over else "",
                flip.score,
                flip.bar,
                flip.distance,
                flip.why_not,
                code,
                weights.get(code),
                flip.weights.get(code, weights.get(code)) if flip.distance is not None else None,
                flip.indicators.get(code),
                found.run.programme.is_demonstration,
            )
