"""The plausibility rules by the clock: after claims that change, every night, and when somebody asks."""

from collections import defaultdict
from collections.abc import Sequence

import structlog
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app

from sankul.core.actions import following, work
from sankul.core.models import Event
from sankul.core.queries.actors import actor
from sankul.programme.evidence.actions import plausibility
from sankul.programme.outcomes.models import Claim
from sankul.programme.registry.models import Programme

log = structlog.get_logger("sankul.evidence")
VERBS = (
    "claim.submitted", "claim.judged", "claim.returned", "claim.amended", "claim.withdrawn", "claim.document_attached",
    "claim.link_attached",
)  # fmt: skip


def check_news(news: Sequence[Event]) -> None:
    """Run the rules for the claims that events tell of."""
    numbers = {int(event.subject.removeprefix("claim/")) for event in news}
    claims: dict[int, list[int]] = defaultdict(list)
    for claim, programme in Claim.objects.filter(pk__in=numbers).values_list("pk", "programme"):
        claims[programme].append(claim)
    programmes = Programme.objects.in_bulk(claims)
    for number in sorted(programmes):
        plausibility.check_claims(
            programme=programmes[number], claims=claims[number], at=timezone.now()
        )


following.declare("evidence.plausibility", VERBS, check_news)


@app.periodic(cron="10 21 * * *")
@app.task(name="evidence.check_plausibility", queueing_lock="evidence.check_plausibility")
def check_plausibility(timestamp: int) -> None:
    """Every night: the rules over every claim that is not locked."""
    for programme in Programme.objects.order_by("pk"):
        changed = plausibility.check_all(programme=programme, at=timezone.now())
        log.info("plausibility checked", programme=programme.slug, **changed._asdict())


@app.task(name="evidence.check_plausibility_asked", queue="evidence", retry=3)
def check_plausibility_asked(*, work_id: int, programme_id: int) -> None:
    """The same for one programme, as somebody asked, with progress."""
    with work.going_on(work_id) as (asked, advance):
        at = timezone.now()
        plausibility.check_all(
            programme=Programme.objects.get(pk=programme_id),
            actor=actor(asked.asked_by, at),
            at=at,
            advance=advance,
        )
        asked.href = reverse("plausibility")
