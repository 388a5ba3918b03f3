"""The house pictures: drawn as everywhere in Sankul, in the reader's language, and told about.

Each takes the figures of the picture of the same name in ``sankul.engines.pictures``, and what it
says of itself as ``About``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Required, TypedDict, Unpack

from django.utils.translation import gettext

from sankul.core.charts.chart import Chart
from sankul.engines import pictures
from sankul.engines.pictures import (
    Branch,
    Change,
    Contribution,
    Correlation,
    Factor,
    Likely,
    Picture,
    Ranked,
    Scored,
    Strength,
)


class About(TypedDict, total=False):
    """What a picture says of itself besides its data; see ``Chart``."""

    title: Required[str]
    finding: Required[str]
    source: str
    demonstration: bool
    key: str


def told(picture: Picture, about: About) -> Chart:
    """The chart of a picture, under the picture's own key unless it was given one."""
    return Chart(
        key=about.get("key", picture.key),
        title=about["title"],
        finding=about["finding"],
        picture=picture,
        source=about.get("source", ""),
        demonstration=about.get("demonstration", False),
    )


def rank_intervals(
    ranked: Sequence[Ranked], *, level: str = "90 %", **about: Unpack[About]
) -> Chart:
    """Ranks as dots on bars that span their intervals; units without a rank stand below."""
    return told(pictures.rank_intervals(ranked, level=level, gettext=gettext), about)


def rank_acceptability(shares: Mapping[str, Sequence[float]], **about: Unpack[About]) -> Chart:
    """How often each unit took each rank, as a heat map of ``shares[name][rank - 1]``."""
    return told(pictures.rank_acceptability(shares, gettext=gettext), about)


def score_intervals(
    scored: Sequence[Scored],
    *,
    threshold: float | None = None,
    what: str = "",
    **about: Unpack[About],
) -> Chart:
    """Scores, or ``what`` else, as dots on bars that span their intervals, with a threshold as an upright line."""
    made = pictures.score_intervals(scored, threshold=threshold, what=what, gettext=gettext)
    return told(made, about)


def contributions(
    parts: Sequence[Contribution], *, unit: str = "", **about: Unpack[About]
) -> Chart:
    """Horizontal bars in the given order, each with its points at its end."""
    return told(pictures.contributions(parts, unit=unit, gettext=gettext), about)


def composition(points: Mapping[str, Mapping[str, float]], **about: Unpack[About]) -> Chart:
    """What several scores are made of: a stacked bar a unit, ``points[unit][part]``."""
    return told(pictures.composition(points, gettext=gettext), about)


def strengths(strengths: Sequence[Strength], *, unit_name: str, **about: Unpack[About]) -> Chart:
    """A unit's scores (0 to 100) beside its peers' median and range, by indicator."""
    return told(pictures.strengths(strengths, unit_name=unit_name, gettext=gettext), about)


def slopes(
    changes: Sequence[Change],
    *,
    before: str,
    after: str,
    highlight: Collection[str] = (),
    ranks: bool = False,
    **about: Unpack[About],
) -> Chart:
    """Lines from a figure ``before`` to one ``after``; ``ranks`` puts rank 1 on top."""
    drawn = pictures.slopes(
        changes, before=before, after=after, highlight=highlight, ranks=ranks, gettext=gettext
    )
    return told(drawn, about)


def weights(root: Branch, **about: Unpack[About]) -> Chart:
    """The tree of an index, each group, outcome and indicator with its share of it."""
    return told(pictures.weights(root, gettext=gettext), about)


def sensitivity(factors: Sequence[Factor], **about: Unpack[About]) -> Chart:
    """Sobol indices of every varied assumption, with their bounds."""
    return told(pictures.sensitivity(factors, gettext=gettext), about)


def probabilities(
    likely: Sequence[Likely], *, axis: str = "", bounds: bool = True, **about: Unpack[About]
) -> Chart:
    """Probabilities as bars with their bounds; ``axis`` says of what."""
    return told(pictures.probabilities(likely, title=axis, bounds=bounds, gettext=gettext), about)


def correlations(
    names: Sequence[str], pairs: Sequence[Correlation], **about: Unpack[About]
) -> Chart:
    """Correlations of every pair of indicators, as a triangle."""
    return told(pictures.correlations(names, pairs, gettext=gettext), about)
