"""What alerts count for the indicators of outcome 1: deployed systems that are looked after, by the clock.

Counted are alerts of things that belong to a deployment, on the day they began, credited to the cluster that held the thing then.
Alerts in silence windows, which are told beforehand, are not; alerts of many sites at once are those of the single sites. An
alert that began less than ``PROMPT`` ago and that nobody acted upon cannot be judged yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, CharField, DecimalField, F, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Concat, Extract, Now, Round, TruncDate
from django.utils.translation import gettext_lazy as _

from sankul.core.measures import Measure, declare
from sankul.core.models import Document
from sankul.field.alerts.models import Alert, Proof

PROMPT = timedelta(hours=24)
"""Within so long of its begin an alert is acted upon, with proof. The house's own measure: no standard sets one."""
ONE, NOTHING = Value(Decimal(1)), Value(Decimal(0))
RECORD = "alert-counted"


def raised() -> QuerySet[Any, Any]:
    """Alerts that can be judged, one each."""
    rows: QuerySet[Any, Any] = _judged().annotate(quantity=ONE)
    return rows


def acted() -> QuerySet[Any, Any]:
    """The same alerts: one for each acted upon with proof within 24 hours of its begin, nothing for the others."""
    prompt = Q(acted_at__lte=F("began_at") + PROMPT)
    rows: QuerySet[Any, Any] = _judged().annotate(
        quantity=Case(When(prompt, then=ONE), default=NOTHING)
    )
    return rows


def noticed_after() -> QuerySet[Any, Any]:
    """Hours from the begin of an alert until somebody acknowledged it."""
    rows: QuerySet[Any, Any] = (
        _shaped(Alert.objects.counted().filter(acknowledged_at__isnull=False))
        .annotate(quantity=_hours("acknowledged_at"), unit=Value("hours"), evidenced=Value(True))
    )  # fmt: skip
    return rows


def acted_after() -> QuerySet[Any, Any]:
    """Hours from the begin of an alert until an action was done with proof; one done without is seen as missing evidence."""
    done = Q(acted_at__isnull=False) | Q(state="closed")
    rows: QuerySet[Any, Any] = (
        _shaped(Alert.objects.counted().filter(done))
        .annotate(quantity=_hours("acted_at"), unit=Value("hours"), evidenced=Q(acted_at__isnull=False))
    )  # fmt: skip
    return rows


def _judged() -> QuerySet[Any, Any]:
    known = Q(acted_at__isnull=False) | Q(began_at__lt=Now() - PROMPT)
    rows: QuerySet[Any, Any] = _shaped(Alert.objects.counted().filter(known)).annotate(
        unit=Value("count"), evidenced=Value(True)
    )
    return rows


def _shaped(rows: QuerySet[Alert]) -> QuerySet[Any, Any]:
    number = Cast(F("pk"), CharField())
    shaped: QuerySet[Any, Any] = rows.order_by().annotate(
        on=TruncDate("began_at"),
        role=Value("operator"),
        record=Concat(Value(f"{RECORD}/"), number, output_field=CharField()),
    )
    return shaped


def _hours(until: str) -> Any:
    lasted = Cast(
        Extract(F(until) - F("began_at"), "epoch"),
        DecimalField(max_digits=16, decimal_places=4),
    )
    return Round(lasted / 3600, 2, output_field=DecimalField(max_digits=12, decimal_places=2))


def documents_of(records: Sequence[str]) -> dict[str, list[Document]]:
    """What shows that something was done, by record."""
    numbers = [int(record.partition("/")[2]) for record in records]
    rows = Proof.objects.filter(action__alert__in=numbers).select_related("document", "action")
    found: dict[str, list[Document]] = {}
    for row in rows.order_by("pk"):
        found.setdefault(f"{RECORD}/{row.action.alert_id}", []).append(row.document)
    return found


def _declared(code: str, title: Any, unit: str, rows: Any) -> Measure:
    return declare(
        Measure(
            code=code,
            title=title,
            unit=unit,
            rows=rows,
            record_title="thing__name",
            documents=documents_of,
        )
    )


ALERT_RAISED = _declared(
    "alert_raised", _("Alerts of deployed systems, acted upon or more than 24 hours old"), "count", raised
)  # fmt: skip
ALERT_ACTED = _declared(
    "alert_acted",
    _("Alerts of deployed systems, acted upon with proof within 24 hours"),
    "count",
    acted,
)
ALERT_NOTICED_AFTER = _declared(
    "alert_noticed_after",
    _("Hours from the begin of an alert until somebody was on it"),
    "hours",
    noticed_after,
)
ALERT_ACTED_AFTER = _declared(
    "alert_acted_after",
    _("Hours from the begin of an alert until its action was proven"),
    "hours",
    acted_after,
)
