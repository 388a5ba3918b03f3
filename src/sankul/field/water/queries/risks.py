"""What stands above its limit, by samples and by sensors, since when, and who deals with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet

from sankul.core.rules.roles import Actor
from sankul.field.alerts.models import Action, Alert
from sankul.field.water.models import Response, Result, Source
from sankul.field.water.rules import Purpose
from sankul.field.water.rules.risk import Risk, risks

from .judging import bounds, judged_results, sources
from .sensors import above

LOOKED_BACK: Final = timedelta(days=3 * 365)
"""How far back results are looked at for risks that stand."""


@dataclass(frozen=True)
class AtRisk:
    """A source where a parameter is above its limit; ``by_sensor``: its last value is a sensor's.

    Who deals with it stands in the response, or else in what is done about the sensor's alert.
    """

    source: Source
    risk: Risk
    response: Response | None = None
    alert: Alert | None = None
    by_sensor: bool = False

    @property
    def owner(self) -> str:
        """The post of who deals with it, empty while nobody does."""
        if self.response:
            return self.response.owner
        action = self._action
        return action.owner_post if action else ""

    @property
    def action(self) -> str:
        """What is done about it."""
        if self.response:
            return self.response.action
        action = self._action
        return action.what if action else ""

    @property
    def due_at(self) -> datetime | None:
        """By when it is to be done, if that is told of the alert."""
        action = self._action
        return action.due_at if action and not self.response else None

    @property
    def is_seen(self) -> bool:
        """Whether somebody knows of it."""
        return self.response is not None or bool(self.alert and self.alert.acknowledged_at)

    @property
    def _action(self) -> Action | None:
        actions = list(self.alert.actions.all()) if self.alert else []
        return actions[-1] if actions else None


def at_risk(actor: Actor, at: datetime, rows: QuerySet[Source] | None = None) -> list[AtRisk]:
    """The drinking sources the actor may see where something was above its limit at a moment, longest there first.

    By the last judged sample of each parameter, and by the sensors' last values. A fixed number of queries, whatever the
    number of sources. ``rows`` narrows them further.
    """
    found = sources(actor) if rows is None else rows
    drinking = {row.pk: row for row in found.filter(purpose=Purpose.DRINKING)}
    limits = bounds()
    results = Result.objects.filter(
        sample__source__in=drinking, sample__taken_at__range=(at - LOOKED_BACK, at)
    ).select_related("sample")
    responses = _responses(drinking, at)
    by_sample = {
        (one.source, one.parameter): AtRisk(
            drinking[one.source], one, responses.get((one.source, one.parameter))
        )
        for one in risks(judged_results(results, limits))
    }
    for measured in above(drinking, at, limits):
        key = measured.risk.source, measured.risk.parameter
        told = AtRisk(drinking[key[0]], measured.risk, responses.get(key), measured.alert, True)
        by_sample[key] = _both(by_sample[key], told) if key in by_sample else told
    return sorted(
        by_sample.values(), key=lambda one: (one.risk.since, one.source.pk, one.risk.parameter)
    )


def _both(sample: AtRisk, sensor: AtRisk) -> AtRisk:
    """One risk that both show: since the earlier begin, with the later value."""
    since = min(sample.risk.since, sensor.risk.since)
    return replace(sensor, risk=replace(sensor.risk, since=since))


def _responses(drinking: Iterable[int], at: datetime) -> dict[tuple[int, str], Response]:
    rows = Response.objects.filter(
        Q(closed_at=None) | Q(closed_at__gt=at), source__in=list(drinking), opened_at__lte=at
    )
    return {(row.source_id, row.parameter): row for row in rows.order_by("opened_at")}


def by_source(found: Iterable[AtRisk]) -> dict[int, list[AtRisk]]:
    """The same by source."""
    grouped: dict[int, list[AtRisk]] = defaultdict(list)
    for one in found:
        grouped[one.source.pk].append(one)
    return grouped
