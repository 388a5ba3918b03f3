"""How far members agree, how severe each is, and levels without that severity where members can be compared."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from sankul.engines import agreement as engine
from sankul.engines import feedback
from sankul.programme.panel.models import Panel, Score
from sankul.programme.panel.rules import CRITERIA, MOST

DRAWS = 1000
SEED = 20_09_2011
"""Fixed, so that the interval comes out the same wherever it is computed again."""
Given = dict[tuple[str, str], dict[str, int]]
"""Levels by cluster and criterion, then by the member's letter."""


def found(panel: Panel) -> dict[str, Any]:
    """Agreement over all criteria and on each, the intraclass correlation, and severity, as they are now; ready for JSON."""
    given = _given(panel)
    letters = sorted({letter for row in given.values() for letter in row})
    by_criterion = {
        code: _alpha([row for (_cluster, of), row in given.items() if of == code], letters)
        for code in CRITERIA
    }
    return {
        "alpha": _alpha(list(given.values()), letters),
        "by_criterion": by_criterion,
        "icc": _icc(list(given.values()), letters),
        "severity": _severity(given) | {"facets": _facets(given, panel.least)},
    }


def _given(panel: Panel) -> Given:
    given: Given = defaultdict(dict)
    rows = Score.objects.filter(member__panel=panel, level__isnull=False)
    for slug, criterion, letter, level in rows.order_by("pk").values_list(
        "cluster__slug", "criterion", "member__letter", "level"
    ):
        if level is not None:
            given[slug, criterion][letter] = level
    return given


def _table(rows: list[dict[str, int]], letters: list[str]) -> list[list[float | None]]:
    return [[row.get(letter) for letter in letters] for row in rows]


def _alpha(rows: list[dict[str, int]], letters: list[str]) -> dict[str, Any]:
    """Krippendorff's alpha at ordinal level, as the levels are ordered descriptions, with its interval and reading."""
    chance = engine.Bootstrap(np.random.default_rng(SEED), draws=DRAWS)
    try:
        one = engine.krippendorff_alpha(_table(rows, letters), "ordinal", chance)
    except engine.AgreementError as problem:
        return {"said": str(problem)}
    reading = engine.read(
        one.value, of="alpha", units=one.units, raters=len(letters), low=one.low, high=one.high
    )
    return {
        "value": round(one.value, 4),
        "low": None if one.low is None else round(one.low, 4),
        "high": None if one.high is None else round(one.high, 4),
        "units": one.units,
        "grade": reading.grade,
        "warnings": list(reading.warnings),
    }


def _icc(rows: list[dict[str, int]], letters: list[str]) -> dict[str, Any]:
    """How far one member can be relied on (2,1), and the mean of all (2,k); only where every member scored everything."""
    try:
        pair = {form: engine.icc(_table(rows, letters), form) for form in ("2,1", "2,k")}
    except engine.AgreementError as problem:
        return {"said": str(problem)}
    return {
        form: {"value": round(it.value, 4), "low": round(it.low, 4), "high": round(it.high, 4)}
        for form, it in pair.items()
        if np.isfinite([it.value, it.low, it.high]).all()
    }


def _severity(given: Given) -> dict[str, Any]:
    """The additive model: score = level of the cluster on the criterion − severity of the member."""
    rows = [
        (letter, f"{slug} {criterion}", float(level))
        for (slug, criterion), row in given.items()
        for letter, level in row.items()
    ]
    try:
        raters, units, values = zip(*rows, strict=True)
        one = feedback.severity(feedback.Ratings.of(raters, units, values))
    except feedback.NotLinkedError as problem:
        parts = [sorted({unit.partition(" ")[0] for unit in part}) for part in problem.parts]
        return {"is_linked": False, "parts": parts, "said": _unlinked(parts)}
    except (feedback.FeedbackError, ValueError):
        return {"is_linked": False, "said": _("There are too few scores to tell severe members.")}
    return {
        "is_linked": True,
        "said": _(
            "Members are connected by clusters that they scored in common, so their severity can be told."
        ),
        "bridges": list(one.bridges),
        "members": {
            letter: [round(float(by), 2), round(float(error), 2)]
            for letter, by, error in zip(one.raters, one.severity, one.severity_error, strict=True)
        },
        "levels": {
            unit: round(float(level), 4) for unit, level in zip(one.units, one.level, strict=True)
        },
    }


def _facets(given: Given, least: int) -> dict[str, list[float]]:
    """The many-facet Rasch model: severity in logits, its standard error and infit by letter; empty where it cannot be fitted."""
    rows = [
        (letter, slug, criterion, level)
        for (slug, criterion), row in given.items()
        for letter, level in row.items()
    ]
    try:
        raters, units, items, levels = zip(*rows, strict=True)
        one = engine.many_facet(raters, units, items, levels, least=least, most=MOST)
    except ValueError:
        return {}
    return {
        letter: [round(float(it), 2) for it in (by, error, infit)]
        for letter, by, error, infit in zip(
            one.raters, one.severity, one.error, one.infit, strict=True
        )
    }


def _unlinked(parts: list[list[str]]) -> str:
    listed = "; ".join(", ".join(part) for part in parts)
    return (
        _(
            "Scores are not adjusted for severity: no member scored clusters of several of these parts, so a severe member "
            "cannot be told from a weak cluster. The parts: %s."
        )
        % listed
    )
