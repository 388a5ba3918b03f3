"""Makers of evaluated rounds: three clusters with records, by the small framework."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sankul.programme.evaluation.actions import runs
from sankul.programme.evaluation.models import Run
from sankul.programme.indicators.tests import makers as indicators
from sankul.programme.outcomes.tests import makers as outcomes
from sankul.programme.registry.models import Cluster, Period
from sankul.programme.registry.tests import makers


def evidenced(cluster: Cluster, kind: str, quantity: int, **fields: Any) -> Any:
    """A submitted claim with its document."""
    claim = outcomes.claim(cluster, kind=kind, quantity=Decimal(quantity), **fields)
    outcomes.attachment(claim)
    return claim


def round_of_three() -> tuple[Period, list[Cluster]]:
    """A period with a strong, a middling and an unevidenced cluster."""
    period = makers.period()
    names = ("strong", "middling", "bare")
    clusters = [makers.cluster(period.programme, slug=name, name=name.title()) for name in names]
    for cluster, items, income in zip(clusters, (8, 4), (60, 30), strict=False):
        evidenced(cluster, "outreach_item", items)
        evidenced(cluster, "own_income", income)
        evidenced(cluster, "operating_cost", 100)
    outcomes.claim(clusters[2], quantity=Decimal(99))
    return period, clusters


def computed(period: Period, **fields: Any) -> Run:
    """A computed run of a period."""
    framework = period.programme.frameworks.first() or indicators.approved(period.programme)
    framework.refresh_from_db()
    defaults = {"actor": None, "at": makers.AT, "draws": 64, "seed": 1}
    return runs.compute(period=period, framework=framework, **defaults | fields)


def published(period: Period, **fields: Any) -> Run:
    """A published run of a period."""
    return runs.publish(actor=None, run=computed(period, **fields), at=makers.AT)
