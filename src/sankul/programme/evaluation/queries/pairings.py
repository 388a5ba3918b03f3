"""Which cluster could learn what from which: strengths matched to weaknesses."""

from __future__ import annotations

from typing import Any

import numpy as np

from sankul.engines import matching
from sankul.programme.evaluation.models import Pairing, Run

MOST_SUBJECTS = 3


def pairings(run: Run) -> list[Pairing]:
    """The pairs of a run, the most useful first: those published with it, or else computed now and not stored.

    A mentor is worth to a learner the points of the index that lie between them, over the indicators on which the mentor stands
    above the median of the ranked clusters and the learner below it; ``engines.matching`` chooses the pairs that are worth most
    in all, in which each cluster teaches one and learns from one at most, and never from itself.
    """
    stored = list(run.pairings.select_related("mentor", "learner"))
    return stored or _computed(run)


def _computed(run: Run) -> list[Pairing]:
    ranked = run.standings.filter(rank__isnull=False).select_related("cluster")
    clusters = [row.cluster for row in ranked.order_by("cluster__slug")]
    codes = list(run.framework.indicators.order_by("position").values_list("code", flat=True))
    levels, weights = _levels(run, [one.pk for one in clusters], codes)
    return [
        Pairing(
            run=run,
            mentor=clusters[pair.mentor],
            learner=clusters[pair.learner],
            points=pair.worth,
            subjects=_subjects(pair, codes, levels),
        )
        for pair in matching.pairs(levels, weights)
    ]


def _levels(run: Run, clusters: list[int], codes: list[str]) -> tuple[Any, Any]:
    """Levels on the common scale [cluster × indicator], and weights of the whole index."""
    levels, weights = np.full((len(clusters), len(codes)), np.nan), np.zeros(len(codes))
    place = {number: k for k, number in enumerate(clusters)}
    column = {code: j for j, code in enumerate(codes)}
    rows = run.values.filter(cluster__in=clusters)
    for cluster, code, level, weight in rows.values_list(
        "cluster", "indicator", "normalised", "weight"
    ):
        if level is not None:
            levels[place[cluster], column[code]] = level
        weights[column[code]] = weight or 0.0
    return levels, weights


def _subjects(pair: matching.Pair, codes: list[str], levels: Any) -> list[dict[str, Any]]:
    """The indicators that are worth most, with both levels."""
    order = sorted(range(len(codes)), key=lambda j: -pair.parts[j])[:MOST_SUBJECTS]
    return [
        {
            "indicator": codes[j],
            "mentor": round(float(levels[pair.mentor, j]), 2),
            "learner": round(float(levels[pair.learner, j]), 2),
            "points": round(pair.parts[j], 3),
        }
        for j in order
        if pair.parts[j] > matching.LEAST
    ]
