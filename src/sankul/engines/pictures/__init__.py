"""Pictures of evaluations: one specification each, drawn as SVG or PNG without a browser.

A function takes plain figures and returns a ``Picture``: a Vega-Lite specification in the colours of
``look.LIGHT`` with the numbers behind it as a table. ``svg`` draws it under a title and a sentence.
Every word that a picture says passes through ``gettext``, which is given by who knows the reader's
language; without it pictures speak English.

>>> from sankul.engines import pictures
>>> drawn = pictures.contributions([pictures.Contribution("Pilots", 3.5)])
>>> pictures.svg(drawn, "Points", "Pilots give all.").startswith("<svg ")
True
"""

from .draw import NARROW, WIDE, backed, draw, svg, to_png, whole
from .picture import Column, Picture, Spec, Words
from .ranks import Ranked, rank_acceptability, rank_intervals
from .readings import Level, Said, Step, readings, steps
from .robustness import Correlation, Factor, Likely, correlations, probabilities, sensitivity
from .scores import (
    Contribution,
    Scored,
    Strength,
    composition,
    contributions,
    score_intervals,
    strengths,
)
from .slopes import Change, slopes
from .use import Answered, Busy, Hours, answered_by, use_of_hours, week_demand
from .weights import Branch, weights

__all__ = [
    "NARROW", "WIDE", "Answered", "Branch", "Busy", "Change", "Column", "Contribution", "Correlation",
    "Factor", "Hours", "Level", "Likely", "Picture", "Ranked", "Said", "Scored", "Spec", "Step", "Strength",
    "Words", "answered_by", "backed", "composition", "contributions", "correlations", "draw", "probabilities",
    "rank_acceptability", "rank_intervals", "readings", "score_intervals", "sensitivity", "slopes", "steps",
    "strengths", "svg", "to_png", "use_of_hours", "week_demand", "weights", "whole",
]  # fmt: skip
