"""Whether raters of different clusters can be compared, and the clusters' levels if they can."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from sankul.engines import feedback as engine
from sankul.programme.feedback.models import Survey
from sankul.programme.feedback.rules import ONCE, QuestionKind, Questionnaire
from sankul.programme.feedback.rules.sheets import Sheet

VIGNETTE = "vignette "
MOST_RATERS = 1500
"""The model's matrix has a row a rater; beyond this the count would take minutes."""
Rating = tuple[str, str, float]


def found(
    survey: Survey, asked: Questionnaire, sheets: Sequence[Sheet], told: set[tuple[int, int | str]]
) -> dict[str, Any]:
    """What is said of severity, and the adjusted levels of clusters (by slug) where the design is connected.

    It rests on the groups and clusters of which all figures are shown (``told``), and is rounded to a tenth.
    """
    slugs = dict(survey.programme.clusters.values_list("pk", "slug"))
    rows = [
        row for k, sheet in enumerate(sheets) for row in _rows(asked, sheet, str(k), slugs, told)
    ]
    if not rows or len(sheets) > MOST_RATERS:
        return {"is_linked": False, "said": _("The raters' severity was not estimated.")}
    raters, units, values = zip(*rows, strict=True)
    anchors = {unit for unit in units if unit.startswith(VIGNETTE)}
    try:
        result = engine.severity(engine.Ratings.of(raters, units, values, anchors))
    except engine.NotLinkedError as problem:
        parts = [[unit for unit in part if unit not in anchors] for part in problem.parts]
        return {"is_linked": False, "parts": parts, "said": _unlinked(parts)}
    except engine.FeedbackError:
        return {"is_linked": False, "said": _("There are too few ratings to tell severe raters.")}
    levels = zip(result.units, result.level, result.level_error, strict=True)
    return {
        "is_linked": True,
        "bridges": len(result.bridges),
        "levels": {
            slug: [round(float(level), 1), round(float(error), 1)] for slug, level, error in levels
        },
        "said": _(
            "Raters of all clusters are connected by clusters or made-up cases that they rated in "
            "common, so the levels below are adjusted for how severe each rater is."
        ),
    }


def _rows(
    asked: Questionnaire,
    sheet: Sheet,
    rater: str,
    slugs: dict[int, str],
    told: set[tuple[int, int | str]],
) -> Iterator[Rating]:
    """One rating a cluster, the mean over the questions that count, and one a vignette of who rated a cluster."""
    about = [one for one in sorted(sheet.cluster_ids) if (one, sheet.group_id) in told]
    for cluster in about:
        ratings = [it for item in asked.scored if (it := sheet.rating(item.id, cluster))]
        if ratings:
            yield rater, slugs[cluster], sum(ratings) / len(ratings)
    for item in asked.questions if about else ():
        if item.kind == QuestionKind.VIGNETTE and (rating := sheet.rating(item.id, ONCE)):
            yield rater, VIGNETTE + item.code, float(rating)


def _unlinked(parts: Sequence[Sequence[str]]) -> str:
    listed = "; ".join(", ".join(part) for part in parts if part)
    return (
        _(
            "Clusters cannot be compared beyond their raters: nobody rated clusters of several of these "
            "parts, and no made-up case was rated by all, so a severe rater cannot be told from a weak cluster. The parts: %s."
        )
        % listed
    )
