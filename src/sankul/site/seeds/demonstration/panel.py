"""The expert panels of the demonstration's three years: made-up judges with real rubrics, brought to released scores.

They judge as the story has it: Udayani rises, Shailadri is esteemed for how it failed, Vajrapalli's boasts convince nobody,
Neelgarha's science is better than its filing. One judge is too severe, and one may not judge her former employer's cluster.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from django.utils import timezone

from sankul.core.models import User
from sankul.programme.panel.actions import panels, releasing
from sankul.programme.panel.models import Change, Member, Panel, Remark, Score, Visit
from sankul.programme.panel.queries import panels as queries
from sankul.programme.panel.queries.ties import ties_of
from sankul.programme.panel.rules import CRITERIA, MOST, WIDE
from sankul.programme.registry.models import Cluster, Decision, Programme

from .cast import YEARS
from .registry import DOMAIN

SEED = 2_607
APPROVED = "AC-1/3"
"""The decision that approves the rubrics."""
NOISE = 0.27
SAID = "Before the visit I had not seen how it is meant; the rubric's words fit the neighbouring level better."


@cache
def script() -> dict[str, Any]:
    """The file as it stands."""
    return tomllib.loads(files(__package__).joinpath("panel.toml").read_text("utf-8"))


def judge(programme: Programme) -> None:
    """Convene and conduct the panel of each year, and release its scores."""
    decision = Decision.objects.get(meeting__body__programme=programme, reference=APPROVED)
    for number, label in enumerate(YEARS):
        _conduct(_scoring(programme, label, decision), number)


def _scoring(programme: Programme, label: str, decision: Decision) -> Panel:
    """A panel whose members may score."""
    period = programme.periods.get(label=label)
    year = period.ends_on.year
    at = _noon(date(year, 1, 20))
    panel = panels.make(actor=None, period=period, at=at)
    for criterion, levels in script()["rubrics"].items():
        panels.describe(actor=None, panel=panel, criterion=criterion, levels=levels, at=at)
    for told in script()["member"]:
        user = User.objects.get(email=f"{told['account']}@{DOMAIN}")
        panels.appoint(actor=None, panel=panel, user=user, at=at)
    return panels.open_(actor=None, panel=panel, decision=decision, at=_noon(date(year, 4, 20)))


def _conduct(panel: Panel, number: int) -> None:
    began = _noon(date(panel.period.ends_on.year, 5, 18))
    if number == len(YEARS) - 1:
        _visit(panel, began - timedelta(20))
    members = list(panel.members.select_related("user"))
    Score.objects.bulk_create(_scores(panel, members, number, began))
    for member in members:
        member.sent_at = began - timedelta(2)
    Member.objects.bulk_update(members, ["sent_at"])
    panels.discuss(actor=None, panel=panel, at=began)
    _discuss(panel, began + timedelta(1))
    panels.close(actor=None, panel=panel, at=began + timedelta(2))
    releasing.release(actor=None, panel=panel, at=began + timedelta(8))


def _scores(panel: Panel, members: list[Member], number: int, at: datetime) -> Iterator[Score]:
    """What every member gives every cluster that nothing ties him to."""
    severity = {f"{it['account']}@{DOMAIN}": it["severity"] for it in script()["member"]}
    tied = ties_of([one.user_id for one in members], panel, timezone.localdate(at))
    order = sorted(members, key=lambda one: list(severity).index(one.user.email))
    for place, member in enumerate(order):
        rng = np.random.default_rng([SEED, number, place])
        for cluster in queries.clusters(panel):
            noise = rng.normal(0, NOISE, len(CRITERIA))
            if cluster.pk in tied[member.user_id]:
                continue
            for criterion, quality, error in zip(
                CRITERIA, _quality(cluster, number), noise, strict=True
            ):
                level = round(float(quality - severity[member.user.email] + error))
                level = min(max(level, panel.least), MOST)
                reason = script()["rubrics"][criterion][level - panel.least]
                yield Score(
                    member=member, cluster=cluster, criterion=criterion, level=level, reason=reason
                )


def _quality(cluster: Cluster, number: int) -> list[float]:
    """The level of each criterion in a year, 0 being the first."""
    told = script()
    lower = [0.0, *told["before"].get(cluster.slug, (0.0, 0.0))][len(YEARS) - 1 - number]
    return [value - lower for value in told["quality"][cluster.slug]]


def _discuss(panel: Panel, at: datetime) -> None:
    """Where members lie far apart, who stands lowest alone comes a level nearer, and says why."""
    rows: dict[tuple[int, str], list[Score]] = {}
    given = Score.objects.filter(member__panel=panel).select_related("member")
    for one in given.order_by("level", "member__letter"):
        rows.setdefault((one.cluster_id, one.criterion), []).append(one)
    moved = [
        lowest
        for lowest, second, *_, highest in rows.values()
        if lowest.level != second.level and _apart(lowest, highest) >= WIDE
    ]
    changes, remarks = [], []
    for one in moved:
        before = one.level or 0
        one.level = before + 1
        changes.append(Change(score=one, before=before, after=one.level, reason=SAID, at=at))
        remarks.append(
            Remark(
                member=one.member,
                cluster_id=one.cluster_id,
                criterion=one.criterion,
                text="We read the same records; where do we see them differently?",
                at=at - timedelta(hours=1),
            )
        )
    Remark.objects.bulk_create(remarks)
    Change.objects.bulk_create(changes)
    Score.objects.bulk_update(moved, ["level"])


def _apart(lowest: Score, highest: Score) -> int:
    return (highest.level or 0) - (lowest.level or 0)


def _visit(panel: Panel, at: datetime) -> None:
    clusters = {one.slug: one for one in queries.clusters(panel)}
    member = panel.members.get(user__email=f"reviewer@{DOMAIN}")
    Visit.objects.bulk_create(
        Visit(
            panel=panel,
            cluster=clusters[told["cluster"]],
            on=at.date(),
            text=told["text"],
            written_by=member.user,
            written_at=at,
        )
        for told in script()["visit"]
    )


def _noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))
