"""Pictures drawn on the server from one Vega-Lite specification each.

A page makes a ``Chart`` with one of the house functions, hands ``Picture(chart)`` to its template,
and begins with ``if answered := charts.answer(request, [chart]): return answered`` so that the
picture's downloads and its interactive view work from the page's own address.
"""

from sankul.core.charts.chart import Chart, csv, png, svg, vega_lite, vega_lite_json
from sankul.core.charts.marks import About
from sankul.core.charts.picture import Picture, answer
from sankul.core.charts.ranks import Ranked, rank_acceptability, rank_intervals
from sankul.core.charts.scores import (
    Change,
    Contribution,
    Strength,
    contributions,
    slopes,
    strengths,
)
from sankul.core.charts.theme import Theme, palette

__all__ = [
    "About", "Change", "Chart", "Contribution", "Picture", "Ranked", "Strength", "Theme", "answer",
    "contributions", "csv", "palette", "png", "rank_acceptability", "rank_intervals", "slopes",
    "strengths", "svg", "vega_lite", "vega_lite_json",
]  # fmt: skip
