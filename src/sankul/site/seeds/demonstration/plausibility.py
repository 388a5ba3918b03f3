"""What plausibility rules find of the demonstration's last year, and what became of it, by the area's own actions.

Vajrapalli recorded the same events twice, in two offices, and says so when it is asked; some of it is noted, some rejected.
Others explain what only looks odd. The number of people of Hemakuti was mistyped at first: what was found by it is resolved
when it is put right. Most findings still wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from sankul.core.models import User
from sankul.core.queries.actors import actor as actor_of
from sankul.core.rules.roles import Actor
from sankul.programme.evidence.actions import capacities, plausibility
from sankul.programme.evidence.models import Capacity, PlausibilityFinding
from sankul.programme.evidence.rules import PLAUSIBILITY, Consequence, Doubt
from sankul.programme.outcomes.models import Claim
from sankul.programme.registry.models import Programme

from .registry import DOMAIN
from .story import BOASTER

CITY, MISTYPED_AS, PEOPLE = "hemakuti", 4_200, 4_200_000
SOURCE = "Census of the State of Devapatha, table 4 (fictional)"
TWICE = "Two of our offices recorded the same event. The register lists it once; we should have withdrawn one of the two."
APART = "These are two sessions on different days, for different groups. Each has its own list of those who came."
NOTED, REJECTED, ANSWERED, DISMISSED = 3, 2, 2, 4


def examine(programme: Programme) -> None:
    """Run the rules, answer and rule on some of what they find; nothing where that is done already."""
    if PlausibilityFinding.objects.filter(programme=programme).exists():
        return
    officer, evaluator = (_user(name) for name in ("officer", "evaluator"))
    mistyped = _declare(programme, officer, MISTYPED_AS, _at(1))
    plausibility.check_all(programme=programme, at=_at(2))
    capacities.retract(actor=actor_of(officer, _at(3)), capacity=mistyped, at=_at(3))
    _declare(programme, officer, PEOPLE, _at(3))
    rules = [PLAUSIBILITY["beyond_city"]]
    plausibility.check_all(programme=programme, at=_at(4), rules=rules)
    own, others = _of_boaster(programme), _of_others(programme)
    _answer([*own, *others], _at(6))
    judge = actor_of(evaluator, _at(9))
    _uphold(judge, own[:NOTED], Consequence.NOTED, _at(9))
    _uphold(judge, own[NOTED : NOTED + REJECTED], Consequence.REJECTED, _at(9))
    for finding in others:
        reason = "The lists of those who came are different."
        plausibility.dismiss(actor=judge, finding=finding, reason=reason, at=_at(9))


def _declare(programme: Programme, officer: User, people: int, at: datetime) -> Capacity:
    return capacities.declare(
        actor=actor_of(officer, at),
        programme=programme,
        of=Capacity.Of.CITY,
        cluster=programme.clusters.get(slug=CITY),
        amount=people,
        source=SOURCE,
        at=at,
    )


def _of_boaster(programme: Programme) -> list[PlausibilityFinding]:
    """Doubles of the cluster that overclaims, without a document."""
    rows = PlausibilityFinding.objects.filter(
        programme=programme, cluster__slug=BOASTER, rule="same_event", state=Doubt.OPEN,
        claim__is_evidenced=False,
    )  # fmt: skip
    return list(rows.order_by("claim__reference", "key")[: NOTED + REJECTED + ANSWERED])


def _of_others(programme: Programme) -> list[PlausibilityFinding]:
    """Like titles of the others."""
    rows = PlausibilityFinding.objects.filter(
        programme=programme, rule="same_title", state=Doubt.OPEN
    )
    rows = rows.exclude(cluster__slug=BOASTER).exclude(cited__claim__cluster__slug=BOASTER)
    return list(rows.order_by("claim__reference", "key").distinct()[:DISMISSED])


def _answer(findings: Sequence[PlausibilityFinding], at: datetime) -> None:
    for finding in findings:
        cluster = Claim.objects.values_list("cluster__slug", flat=True).get(pk=finding.claim_id)
        text = TWICE if cluster == BOASTER else APART
        staff = actor_of(_user(f"staff.{cluster}"), at)
        plausibility.answer(actor=staff, finding=finding, text=text, at=at)


def _uphold(
    judge: Actor, findings: Sequence[PlausibilityFinding], consequence: str, at: datetime
) -> None:
    for finding in findings:
        plausibility.uphold(
            actor=judge,
            finding=finding,
            reason="The cluster says itself that it is one event.",
            consequence=consequence,
            at=at,
        )


def _user(name: str) -> User:
    return User.objects.get(email=f"{name}@{DOMAIN}")


def _at(days: int) -> datetime:
    """Noon of a day in June after the last year."""
    noon = datetime.combine(date(2026, 6, 8) + timedelta(days=days), time(12))
    return timezone.make_aware(noon)
