"""What the portfolio counts: lessons shared, by whom they are credited to.

Deployments and their users are claimed as outcomes, with evidence that is verified; counting them here as well would count them
twice.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat, TruncDate
from django.utils.translation import gettext_lazy as _

from sankul.core.measures import Measure, declare
from sankul.core.models import Document
from sankul.programme.portfolio.models import Lesson, LessonCredit

RECORD = Concat(Value("lesson/"), Cast(F("lesson_id"), CharField()), output_field=CharField())
EVIDENCED = Q(lesson__report__isnull=False) | ~Q(lesson__report_url="")


def lessons() -> "QuerySet[Any, Any]":
    """Credits of shared lessons, in the shape of a measure: on the day of sharing, with evidence where a report can be read."""
    return (
        LessonCredit.objects.filter(lesson__shared_at__isnull=False)
        .order_by()
        .annotate(
            on=TruncDate("lesson__shared_at"),
            quantity=F("share"),
            unit=Value("count"),
            record=RECORD,
            evidenced=EVIDENCED,
        )
    )


def reports_of(records: Sequence[str]) -> dict[str, list[Document]]:
    """The reports behind lessons, by the lesson's name as a record."""
    numbers = [int(record.removeprefix("lesson/")) for record in records]
    found = Lesson.objects.filter(pk__in=numbers, report__isnull=False).select_related("report")
    return {f"lesson/{row.pk}": [row.report] for row in found if row.report}


LESSON_SHARED = declare(
    Measure(
        code="lesson_shared",
        title=_("Lessons of experiments, shared with a report that can be read"),
        unit="count",
        rows=lessons,
        record_title="lesson__title",
        documents=reports_of,
    )
)
