"""What the panel counts for the indicators: one measure for each criterion, from released scores."""

from collections.abc import Sequence
from typing import Any

from django.db.models import BooleanField, CharField, F, QuerySet, Value
from django.db.models.functions import Cast, Concat

from sankul.core.measures import Measure, declare
from sankul.core.models import Document
from sankul.programme.panel.models import Result
from sankul.programme.panel.rules import CRITERIA, Criterion

RECORD = Concat(Value("panel_score/"), Cast(F("pk"), CharField()), output_field=CharField())


def rows_of(criterion: Criterion) -> "QuerySet[Any, Any]":
    """Released scores of one criterion, in the shape of a measure."""
    return (
        Result.objects.filter(criterion=criterion.code)
        .order_by()
        .annotate(
            quantity=F("score"),
            unit=Value("score"),
            role=Value("led"),
            record=RECORD,
            evidenced=Value(True, output_field=BooleanField()),
        )
    )


def documents_of(records: Sequence[str]) -> dict[str, list[Document]]:
    """The rubrics and the cluster's part of the released table, by record."""
    numbers = [int(record.removeprefix("panel_score/")) for record in records]
    found = Result.objects.filter(pk__in=numbers).select_related("panel__rubric", "document")
    return {
        f"panel_score/{row.pk}": [one for one in (row.panel.rubric, row.document) if one]
        for row in found
    }


def measure_of(criterion: Criterion) -> Measure:
    """The measure of one criterion."""
    return Measure(
        code=f"panel_{criterion.code}",
        title=criterion.title,
        unit="score",
        rows=lambda: rows_of(criterion),
        record_title="title",
        documents=documents_of,
    )


for _criterion in CRITERIA.values():
    declare(measure_of(_criterion))
