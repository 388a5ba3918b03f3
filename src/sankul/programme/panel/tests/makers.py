"""Makers of panels: a programme's year with members, brought to any phase by the area's own actions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sankul.core.models import Document, User
from sankul.core.queries.actors import actor as actor_of
from sankul.core.rules.roles import Actor, Role
from sankul.programme.panel.actions import panels, releasing, scoring
from sankul.programme.panel.actions.scoring import Given
from sankul.programme.panel.models import Member, Panel, Score
from sankul.programme.panel.queries import panels as queries
from sankul.programme.panel.rules import CRITERIA, ORDER, PanelStatus
from sankul.programme.registry.models import Cluster, Organisation, Period
from sankul.programme.registry.tests import makers

AT: datetime = makers.AT
LEVELS = (
    "Nothing is there.",
    "It has begun.",
    "It works in parts.",
    "It works.",
    "Others learn it here.",
)
Levels = Callable[[int, int, int], int]
"""The level that a member gives, from the places of member, cluster and criterion."""


def usual(member: int, cluster: int, criterion: int) -> int:
    """Levels from 2 to 5 that differ between clusters; the last member is a level more severe."""
    return 5 - (cluster + criterion) % 3 - (member == 2)


@dataclass
class Jury:
    """A panel with its people: an officer, an evaluator who conducts, members and clusters, each with an anchor."""

    panel: Panel
    officer: User
    evaluator: User
    experts: list[User]
    clusters: list[Cluster]
    anchors: list[Organisation]

    def by(self, user: User) -> Actor:
        """An account at the door."""
        return actor_of(user, AT)

    @property
    def now(self) -> Panel:
        """The panel, read anew."""
        return Panel.objects.select_related("programme", "period").get(pk=self.panel.pk)

    def member(self, place: int) -> Member:
        """The place on the panel of an expert."""
        return self.panel.members.get(user=self.experts[place])

    def score(self, place: int, cluster: int = 0, criterion: str = "learning") -> Score:
        """A score of an expert."""
        row = {"cluster": self.clusters[cluster], "criterion": criterion}
        return self.member(place).scores.select_related("member__panel", "cluster").get(**row)


def jury(clusters: int = 2, experts: int = 3, period: Period | None = None, **fields: Any) -> Jury:
    """A panel that is being prepared: rubrics for every criterion, evaluators and a reviewer as members."""
    period = period or makers.period()
    programme = period.programme
    own = list(programme.clusters.order_by("name", "pk")) or [
        makers.cluster(programme) for _ in range(clusters)
    ]
    anchors = [makers.organisation() for _ in own]
    for cluster, anchor in zip(own, anchors, strict=True):
        makers.membership(cluster, anchor, kind="anchor")
    scope = programme.scopes[0]
    roles = [Role.REVIEWER, *[Role.EVALUATOR] * (experts - 1)]
    made = Jury(
        Panel.objects.create(programme=programme, period=period, made_at=AT, **fields),
        makers.user_with(Role.PROGRAMME_OFFICER, scope),
        makers.user_with(Role.EVALUATOR, scope),
        [makers.user_with(role, scope) for role in roles],
        own,
        anchors,
    )
    officer = made.by(made.officer)
    for criterion in CRITERIA:
        panels.describe(actor=officer, panel=made.panel, criterion=criterion, levels=LEVELS, at=AT)
    for user in made.experts:
        panels.appoint(actor=officer, panel=made.panel, user=user, at=AT)
    return made


def at_phase(phase: PanelStatus, made: Jury | None = None, levels: Levels = usual) -> Jury:
    """A jury whose panel has come to a phase; once it discusses, every member has scored everything."""
    made = made or jury()
    third = made.by(made.evaluator)
    steps: dict[PanelStatus, Callable[[], object]] = {
        PanelStatus.SCORING: lambda: opened(made),
        PanelStatus.DISCUSSION: lambda: discussed(made, levels),
        PanelStatus.CLOSED: lambda: panels.close(actor=third, panel=made.panel, at=AT),
        PanelStatus.RELEASED: lambda: releasing.release(actor=third, panel=made.panel, at=AT),
    }
    for one, step in steps.items():
        if ORDER.index(one) <= ORDER.index(phase):
            step()
    made.panel = made.now
    return made


def opened(made: Jury) -> Panel:
    """Scoring begins by a decision of the apex committee."""
    decision = queries.decisions(made.panel).first()
    if decision is None:
        body = makers.body(made.panel.programme)
        decision = makers.decision(makers.meeting(body))
    return panels.open_(actor=made.by(made.officer), panel=made.panel, decision=decision, at=AT)


def read(document: Document | None) -> str:
    """The text of a document."""
    assert document is not None
    with document.open() as file:
        return file.read().decode()


def discussed(made: Jury, levels: Levels = usual) -> Panel:
    """Everybody scores everything and sends it; then the discussion begins."""
    for place in range(len(made.experts)):
        for cluster in range(len(made.clusters)):
            scored(made, place, cluster, levels)
        scoring.send(actor=made.by(made.experts[place]), panel=made.panel, at=AT)
    return panels.discuss(actor=made.by(made.evaluator), panel=made.panel, at=AT)


def scored(made: Jury, place: int, cluster: int = 0, levels: Levels = usual) -> None:
    """An expert scores a cluster on every criterion."""
    scoring.save(
        actor=made.by(made.experts[place]),
        panel=made.panel,
        cluster=made.clusters[cluster],
        given={
            code: Given(levels(place, cluster, n), f"Seen by expert {place}")
            for n, code in enumerate(CRITERIA)
        },
        at=AT,
    )
