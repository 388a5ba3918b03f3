"""The clock of a request: when an answer is due, who is reminded, to whom silence is taken, and when it ends.

A request has an answer-by time. Half-way the lab is reminded; at the answer-by time the institution's nodal officer is told;
after as long again the cluster's office is told and may answer itself. A request without an answer at its start expires, and
stays without an answer in every figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Step(StrEnum):
    """What the clock does to a request that nobody has answered."""

    REMIND = "remind"
    NODAL = "nodal"
    CLUSTER = "cluster"
    EXPIRE = "expire"


@dataclass(frozen=True)
class Asked:
    """An unanswered request as the clock sees it; ``starts_at`` is None where no slot waits for the answer."""

    requested_at: datetime
    answer_by_at: datetime
    starts_at: datetime | None
    reminded_at: datetime | None = None
    nodal_at: datetime | None = None
    cluster_at: datetime | None = None


def answer_by(requested_at: datetime, within_hours: int, starts_at: datetime | None) -> datetime:
    """When an answer is due: after so many hours, and never later than half-way to the slot."""
    due = requested_at + timedelta(hours=within_hours)
    return due if starts_at is None else min(due, requested_at + (starts_at - requested_at) / 2)


def steps(asked: Asked, at: datetime) -> list[Step]:
    """What is due and not yet done at ``at``, in order. Expiry stands alone: whom would a reminder help then?"""
    if asked.starts_at is not None and asked.starts_at <= at:
        return [Step.EXPIRE]
    wait = asked.answer_by_at - asked.requested_at
    due = {
        Step.REMIND: (asked.reminded_at, asked.requested_at + wait / 2),
        Step.NODAL: (asked.nodal_at, asked.answer_by_at),
        Step.CLUSTER: (asked.cluster_at, asked.answer_by_at + wait),
    }
    return [step for step, (done, when) in due.items() if done is None and when <= at]
