"""Rounds for the table of addresses: one that has begun, and one that is published, with an open appeal."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sankul.programme.evaluation.models import Deadline, FundingRule, Objection, Round, Run
from sankul.programme.evaluation.rules import TIMED, ObjectionKind, Phase
from sankul.programme.registry.models import Cluster, Programme
from sankul.programme.registry.tests import makers


def rounds(programme: Programme, published: Run) -> tuple[Round, Round]:
    """A round in its first phase, and one whose evaluation is published and can be appealed."""
    decision = published.framework.decision
    assert decision is not None
    rule = FundingRule.objects.create(
        programme=programme,
        version="1",
        plan_probability=Decimal("0.5"),
        stop_probability=Decimal("0.9"),
        stop_years=3,
        decision=decision,
        approved_at=makers.AT,
    )
    begun = _round(programme, 2019, phase=Phase.FRAMEWORK)
    bound = {"framework": published.framework, "rule": rule, "run": published}
    return begun, _round(programme, 2017, phase=Phase.APPEALS, **bound)


def appeal(found: Round, cluster: Cluster) -> Objection:
    """An appeal that nobody has decided."""
    return Objection.objects.create(
        round=found,
        cluster=cluster,
        kind=ObjectionKind.APPEAL,
        indicator="items",
        reason="Three films were shown twice and are counted once.",
        filed_at=makers.AT,
    )


def _round(programme: Programme, year: int, **fields: object) -> Round:
    period = makers.period(programme, year)
    made = Round.objects.create(programme=programme, period=period, opened_at=makers.AT, **fields)
    Deadline.objects.bulk_create(
        Deadline(round=made, phase=phase, due_on=date(2026, 12, 31)) for phase in TIMED
    )
    return made
