"""A fictional programme of eight fictional clusters with three years of records, to try everything out and to measure speed.

The story that its records tell, cluster by cluster (``STORY``): Udayani improves year on year; Vajrapalli overclaims, submitting
three times as much as any other and documenting little of it, so that its documented figures are ordinary; Neelgarha has good
results and thin evidence, and is not ranked in the last year; Shailadri fails an experiment well, says so, and loses nothing by
it; Hemakuti is large, Tarangpura in the middle, Samudrika small and careful, Meghavan young. Verifiers look at a sample of each
year's claims and find what the story has them find, and an expert panel scores what cannot be counted.

Nothing in it is real: no city, body, firm or person. The same records come out on every machine and day.
"""

from __future__ import annotations

from datetime import datetime
from importlib.resources import files

from django.db import transaction

from sankul.core.actions import events
from sankul.core.models import Document
from sankul.core.rules.roles import Role
from sankul.programme.evaluation.models import Round
from sankul.programme.indicators.actions import frameworks
from sankul.programme.outcomes.models import Attachment, Claim, Credit, NilReturn
from sankul.programme.registry.models import Decision, Period, Programme

from . import (
    billing,
    bookings,
    duties,
    evidence,
    facilities,
    feedback,
    panel,
    plausibility,
    portfolio,
    records,
    registry,
    rounds,
    water,
    water_live,
)
from .cast import YEARS, cities, script
from .links import links
from .registry import DEMONSTRATION_PASSWORD, SLUG
from .story import entries

__all__ = [
    "ACCOUNTS",
    "DEMONSTRATION_PASSWORD",
    "FRAMEWORK",
    "ROUND",
    "SLUG",
    "STORY",
    "bill",
    "equip",
    "examine",
    "hold_round",
    "judge",
    "load",
    "occupy",
    "send_on",
    "verify",
    "watch_water",
]

STORY: dict[str, str] = {city.slug: city.story for city in cities()}
"""What happened in each cluster, by its slug."""

ACCOUNTS: list[tuple[str, Role, str]] = [
    (email, role, what) for email, role, _where, what in registry.accounts()
]
"""Accounts that sign in with ``DEMONSTRATION_PASSWORD``: e-mail address, role, and what it can do."""

ROUND = YEARS[-1]
"""The year that is evaluated in a round."""
FRAMEWORK = "default-3.toml"
VERSION, THRESHOLD = "3-demonstration", 39
"""The programme's own version of it: below so many points, the continuation of a cluster's grant is reviewed."""
STEPS = "# The order of the arithmetic."
"""Where its indicators end: the version's own, scored by the expert panel, follow there."""


@transaction.atomic
def load(at: datetime, scale: int = 1) -> Programme:
    """Write the demonstration programme, every claim ``scale`` times, in one transaction; or return it if it is there.

    Raises ValueError for a scale below 1.
    """
    if scale < 1:
        raise ValueError("the scale is 1 or more")
    if there := Programme.objects.filter(slug=SLUG).first():
        return there
    with records.in_bulk():
        stage = registry.stage(at)
        told = entries()
        records.record(stage, told, at, links(portfolio.stage(stage), told))
        if scale > 1:
            records.multiply(stage.programme, scale)
    _approve_framework(stage.programme, at)
    feedback.survey(stage.programme)
    duties.oblige(stage.programme)
    events.record(
        actor=None,
        verb="seed.loaded",
        subject=stage.programme,
        at=at,
        scopes=stage.programme.scopes,
        data={"seed": SLUG, "scale": scale, **_counts(stage.programme)},
    )
    return stage.programme


@transaction.atomic
def verify(programme: Programme) -> None:
    """Verify the demonstration's claims, year by year; nothing where that is done already."""
    if not programme.verifications.exists():
        with records.in_bulk():
            evidence.verify(programme)


@transaction.atomic
def judge(programme: Programme) -> None:
    """Have the expert panel of each year score the clusters; nothing where that is done already."""
    if not programme.panels.exists():
        panel.judge(programme)


@transaction.atomic
def examine(programme: Programme) -> None:
    """Run the plausibility rules over the demonstration's claims, answer and rule on some; nothing where that is done already."""
    with records.in_bulk():
        plausibility.examine(programme)


@transaction.atomic
def equip(programme: Programme, at: datetime) -> None:
    """Write the institutions' shared facilities; nothing where that is done already."""
    facilities.equip(at)


@transaction.atomic
def occupy(programme: Programme, at: datetime) -> None:
    """Book and use the shared facilities for a year; nothing where that is done already, or there are none."""
    bookings.fill(programme, at)


@transaction.atomic
def bill(programme: Programme, at: datetime) -> None:
    """Bill what the demonstration's instruments were used for; nothing where that is done already, or nothing was used."""
    billing.fill(programme, at)


@transaction.atomic
def watch_water(programme: Programme, at: datetime) -> None:
    """Write the villages of one cluster, their sources and a year of samples; nothing where that is done already."""
    water.fill(programme, at)


def send_on(at: datetime) -> int:
    """Send what the probes of the demonstration's water would have sent since they were heard last; how many values were new."""
    return water_live.go_on(water.script()["deployment"], at)


@transaction.atomic
def hold_round(period: Period) -> Round:
    """Hold the evaluation round of a period up to a successful appeal, once the years before are published."""
    return rounds.hold(period)


def _approve_framework(programme: Programme, at: datetime) -> None:
    default = files("sankul.programme.indicators").joinpath("frameworks", FRAMEWORK)
    own = f'version = "{VERSION}"\nthreshold = {THRESHOLD}'
    judged = files(__package__).joinpath("judgement.toml").read_text("utf-8")
    source = (
        default.read_text("utf-8").replace('version = "3"', own, 1).replace(STEPS, judged + STEPS)
    )
    framework = frameworks.draft(actor=None, programme=programme, source=source, at=at)
    approving = next(
        decision["reference"]
        for meeting in script()["meeting"]
        for decision in meeting["decision"]
        if decision.get("approves")
    )
    decision = Decision.objects.get(meeting__body__programme=programme, reference=approving)
    frameworks.approve(actor=None, framework=framework, decision=decision, at=at)


def _counts(programme: Programme) -> dict[str, int]:
    return {
        "clusters": programme.clusters.count(),
        "claims": Claim.objects.filter(programme=programme).count(),
        "credits": Credit.objects.filter(claim__programme=programme).count(),
        "attachments": Attachment.objects.filter(claim__programme=programme).count(),
        "documents": Document.objects.filter(claims__programme=programme).distinct().count(),
        "nil_returns": NilReturn.objects.filter(cluster__programme=programme).count(),
    }
