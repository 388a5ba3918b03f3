"""One record of each kind of the portfolio, public and not, for the table of what every address answers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sankul.programme.portfolio.models import (
    Baseline,
    BudgetLine,
    Deployment,
    Lesson,
    LessonCredit,
    Milestone,
    Partner,
    Problem,
    Project,
)
from sankul.programme.portfolio.rules import MoneySource, Stage
from sankul.programme.portfolio.tests import makers
from sankul.programme.registry.models import Cluster


@dataclass(frozen=True)
class Works:
    """What a cluster works on: ``stated``, ``research`` and what hangs on it, and ``told`` are not public."""

    stated: Problem
    shared: Problem
    research: Project
    pilot: Project
    milestone: Milestone
    baseline: Baseline
    partner: Partner
    line: BudgetLine
    deployment: Deployment
    told: Lesson
    taught: Lesson
    credit: LessonCredit


def works(cluster: Cluster) -> Works:
    """One of each, of a cluster."""
    research = makers.project(cluster, Stage.RESEARCH)
    told = makers.lesson(cluster)
    return Works(
        stated=makers.problem(cluster, shared_at=None),
        shared=makers.problem(cluster),
        research=research,
        pilot=makers.project(cluster, Stage.PILOT),
        milestone=makers.milestone(research),
        baseline=makers.baseline(research),
        partner=makers.partner(research),
        line=BudgetLine.objects.create(
            project=research, head="Kilns", amount_inr=Decimal(5), source=MoneySource.GRANT
        ),
        deployment=makers.deployment(makers.project(cluster, Stage.DEPLOYMENT)),
        told=told,
        taught=makers.lesson(cluster, shared_at=makers.EARLY),
        credit=makers.lesson_credit(told),
    )
