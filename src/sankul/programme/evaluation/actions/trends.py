"""What moved the scores since the last published evaluation, computed once and stored with the run."""

from __future__ import annotations

import tempfile
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from sankul.engines import composite
from sankul.programme.evaluation.models import Run, Trend
from sankul.programme.evaluation.rules import RunStatus

OVERALL = ("weights", "method")
"""Parts of a change that are no indicator's."""


@transaction.atomic
def explain(*, run: Run, at: datetime) -> Trend | None:
    """Explain the change of every score since the published run of the period before; None where there is none.

    The parts add up to the change (``engines.composite.explain_change``). Where the two cannot be compared, the reason is stored.
    Computed anew, it replaces what was stored.
    """
    before = _before(run)
    if before is None:
        return None
    made = {"before": before, "computed_at": at, "clusters": {}, "why_not": ""}
    try:
        made["clusters"] = _parts(before, run)
    except composite.PackageError as error:
        made["why_not"] = str(error)
    return Trend.objects.update_or_create(run=run, defaults=made)[0]


def _before(run: Run) -> Run | None:
    rows = Run.objects.filter(
        programme=run.programme_id,
        status=RunStatus.PUBLISHED,
        period__starts_on__lt=run.period.starts_on,
    )
    return rows.select_related("package").order_by("-period__starts_on").first()


def _parts(before: Run, run: Run) -> dict[str, Any]:
    """The change of each cluster's score by indicator, with its scores before and after."""
    found = composite.explain_change(_read(before), _read(run))
    scores = [dict(one.standings.values_list("cluster__slug", "score")) for one in (before, run)]
    table = found.scores
    return {
        unit: {
            "before": scores[0].get(unit),
            "after": scores[1].get(unit),
            "weights": float(table.at(unit, OVERALL[0]) or 0.0),
            "method": float(table.at(unit, OVERALL[1]) or 0.0),
            "indicators": {
                code: float(table.at(unit, code) or 0.0)
                for code in table.columns
                if code not in OVERALL
            },
        }
        for unit in found.units
    }


def _read(run: Run) -> tuple[composite.Spec, composite.Frame]:
    with tempfile.TemporaryDirectory(prefix="sankul-") as folder:
        with run.package.open() as file, zipfile.ZipFile(file) as archive:
            archive.extractall(folder)
        package = composite.read(Path(folder) / "package")
    return package.spec, package.frame
