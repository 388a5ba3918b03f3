"""Pictures drawn on the server from one Vega-Lite specification each.

A page makes a ``Chart`` with one of the house functions, hands ``Picture(chart)`` to its template,
and begins with ``if answered := charts.answer(request, [chart]): return answered`` so that the
picture's downloads and its interactive view work from the page's own address.
"""

from sankul.core.charts.chart import Chart, csv, png, svg, vega_lite, vega_lite_json
from sankul.core.charts.house import (
    About,
    composition,
    contributions,
    correlations,
    probabilities,
    rank_acceptability,
    rank_intervals,
    score_intervals,
    sensitivity,
    slopes,
    strengths,
    told,
    weights,
)
from sankul.core.charts.picture import Picture, answer
from sankul.core.charts.places import Lines, PlaceMap, asked_box, kinds, map_answer, seen_box
from sankul.core.charts.theme import Theme, palette
from sankul.engines.pictures import (
    Branch,
    Change,
    Contribution,
    Correlation,
    Factor,
    Likely,
    Ranked,
    Scored,
    Strength,
)

__all__ = [
    "About", "Branch", "Change", "Chart", "Contribution", "Correlation", "Factor", "Likely", "Lines", "Picture",
    "PlaceMap", "Ranked", "Scored", "Strength", "Theme", "answer", "asked_box", "composition", "contributions",
    "correlations", "csv", "kinds", "map_answer", "palette", "png", "probabilities", "rank_acceptability",
    "rank_intervals", "score_intervals", "seen_box", "sensitivity", "slopes", "strengths", "svg", "told",
    "vega_lite", "vega_lite_json", "weights",
]  # fmt: skip
