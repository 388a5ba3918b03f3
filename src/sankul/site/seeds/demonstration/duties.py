"""The duties of the demonstration's clusters in its last year, and the returns that they made: nearly all."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from sankul.programme.outcomes.models import Claim, Duty, DutyReturn
from sankul.programme.outcomes.rules import STANDING
from sankul.programme.outcomes.rules.duties import Every, Span, spans
from sankul.programme.registry.models import Cluster, Programme

FIRST, LAST = date(2025, 4, 1), date(2026, 3, 31)
DUTIES = (
    ("Monthly training return", ("training_event", "training_attendance"), Every.MONTH, 10),
    (
        "Quarterly return of partnerships and outreach",
        ("government_partnership", "sponsored_research", "outreach_item"),
        Every.QUARTER,
        15,
    ),
    (
        "Half-yearly return of ventures",
        ("venture_supported", "jobs_created", "venture_revenue", "venture_investment"),
        Every.HALF_YEAR,
        30,
    ),
)
OWED = {
    "udayani": {("Quarterly return of partnerships and outreach", date(2026, 1, 1))},
    "neelgarha": {
        ("Monthly training return", date(2026, 2, 1)),
        ("Monthly training return", date(2026, 3, 1)),
        ("Half-yearly return of ventures", date(2025, 10, 1)),
    },
}
"""Returns that are overdue, by cluster: title and beginning of the span."""


def oblige(programme: Programme) -> None:
    """Set the duties, and make every return that is not ``OWED``, a week after its span."""
    duties = Duty.objects.bulk_create(
        Duty(
            programme=programme, title=title, kinds=list(kinds), every=every, due_days=days,
            from_on=FIRST, until_on=LAST,
        )
        for title, kinds, every, days in DUTIES
    )  # fmt: skip
    stood = Counter(
        Claim.objects.filter(
            programme=programme, on__range=(FIRST, LAST), status__in=STANDING
        ).values_list("cluster", "kind", "on")
    )
    DutyReturn.objects.bulk_create(
        _made(duty, cluster, span, stood)
        for duty in duties
        for cluster in programme.clusters.order_by("pk")
        for span in spans(duty.every, FIRST, LAST)
        if (duty.title, span.starts_on) not in OWED.get(cluster.slug, set())
    )


def _made(
    duty: Duty, cluster: Cluster, span: Span, stood: Counter[tuple[int, str, date]]
) -> DutyReturn:
    claims = sum(
        times
        for (place, kind, on), times in stood.items()
        if place == cluster.pk and kind in duty.kinds and span.starts_on <= on <= span.ends_on
    )
    made_on = span.ends_on + timedelta(7)
    return DutyReturn(
        duty=duty,
        cluster=cluster,
        starts_on=span.starts_on,
        ends_on=span.ends_on,
        claims=claims,
        made_at=timezone.make_aware(datetime.combine(made_on, time(11))),
    )
