"""Verifications, their samples and settled findings, as the actor may see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from django.db.models import Count, Q, QuerySet, Sum

from sankul.core.rules.roles import Actor, narrowed
from sankul.engines import agreement, sampling
from sankul.programme.evidence.models import Estimate, Sampled, Verification
from sankul.programme.evidence.rules import PLAN, SEE_FINDINGS, Design, Finding, State
from sankul.programme.registry.models import Cluster, Period

from . import population
from .estimates import agreement as pairs_of

BOOTSTRAP_SEED = 2020
FOUND = (Finding.VERIFIED, Finding.PARTLY, Finding.REJECTED)


class Expected(NamedTuple):
    """What a design takes and tells, before any work starts."""

    claims: int
    strata: int
    sample: int
    certain: int
    looks: int
    hours: float
    half_width: float
    overstated_at_most: float


class Line(NamedTuple):
    """The results of one cluster: claims, how many were sampled and found how, and what does not stand."""

    cluster: Cluster
    sampled: int
    verified: int
    partly: int
    rejected: int
    estimate: Estimate | None


def visible(actor: Actor) -> QuerySet[Verification]:
    """Verifications that the actor may see, the latest period first."""
    rows = Verification.objects.visible_to(actor).select_related("programme", "period")
    return rows.annotate(drawn=Count("sample")).order_by(
        "-period__starts_on", "programme__name", "pk"
    )


def find(actor: Actor, programme: str, period: str) -> Verification:
    """The verification of a period. Raises Verification.DoesNotExist if there is none to see."""
    rows = Verification.objects.visible_to(actor).select_related(
        "programme", "period", "population", "amounts"
    )
    return rows.get(programme__slug=programme, period__label=period)


def is_open(actor: Actor, verification: Verification) -> bool:
    """Whether the actor may see the population and the sample."""
    return Verification.objects.open_to(actor).filter(pk=verification.pk).exists()


def unplanned(actor: Actor) -> QuerySet[Period]:
    """Periods whose verification the actor may plan and nobody has."""
    rows = Period.objects.filter(narrowed(actor, PLAN, programme="programme"), verification=None)
    return rows.select_related("programme").order_by("-starts_on", "programme__name")


def sample(actor: Actor, verification: Verification) -> QuerySet[Sampled]:
    """The sample, in the order of work."""
    rows = Sampled.objects.visible_to(actor).filter(verification=verification)
    return rows.select_related("claim", "cluster")


def findings(actor: Actor, verification: Verification) -> QuerySet[Sampled]:
    """Settled findings: all of them once they are public, else those of the actor's own clusters or programme."""
    own = narrowed(actor, SEE_FINDINGS, cluster="cluster", programme="verification__programme")
    if is_public(verification):
        own |= ~Q(pk__in=[])
    rows = verification.sample.filter(own, state=State.SETTLED)
    return rows.select_related("claim", "cluster").order_by("-settled_at", "position")


def is_public(verification: Verification) -> bool:
    """Whether everybody may see what was found."""
    return verification.is_done and verification.period.opened_at is not None


def results(verification: Verification) -> list[Line]:
    """What was found, cluster by cluster: three queries."""
    found = {str(it): Count("pk", filter=Q(finding=it)) for it in FOUND}
    rows = verification.sample.order_by().values("cluster")
    counted: dict[int, Any] = {
        row["cluster"]: row for row in rows.annotate(sampled=Count("pk"), **found)
    }
    points = {one.cluster_id: one for one in verification.estimates.filter(of=Estimate.Of.POINTS)}
    clusters = Cluster.objects.filter(pk__in={*counted, *points}).order_by("name", "pk")
    return [_line(cluster, counted.get(cluster.pk, {}), points) for cluster in clusters]


def _line(cluster: Cluster, counted: Mapping[str, Any], points: Mapping[int, Estimate]) -> Line:
    verified, partly, rejected = (counted.get(str(it), 0) for it in FOUND)
    sampled = counted.get("sampled", 0)
    return Line(cluster, sampled, verified, partly, rejected, points.get(cluster.pk))


def expected(period: Period, design: Design) -> Expected | None:
    """What a design would take and tell, from the claims that count today; None where there are none."""
    found = population.frozen(period, design).population
    if found is None:
        return None
    plan = population.plan(found, design)
    told = sampling.expect(
        plan,
        overstatement=float(design.expected_overstatement),
        confidence=float(design.confidence),
    )
    seconds = int(np.ceil(plan.sample * float(design.second_share)))
    return Expected(
        claims=len(found),
        strata=len(plan.strata),
        sample=plan.sample,
        certain=sum(one.certain for one in plan.strata),
        looks=plan.sample + seconds,
        hours=(plan.sample + seconds) * design.minutes_per_claim / 60,
        half_width=told.half_width,
        overstated_at_most=told.overstated_at_most,
    )


def alpha(verification: Verification) -> agreement.Alpha | None:
    """How far two verifiers agree on the share of a claim that stands; None where that was not put to the test."""
    pairs = pairs_of(verification)
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    draws = agreement.Bootstrap(rng, draws=1000, confidence=0.95)
    try:
        return agreement.krippendorff_alpha(pairs, "interval", draws)
    except agreement.AgreementError:
        return None


def claimed_points(verification: Verification) -> float:
    """Points of all indices that the claims of the population can move."""
    rows = verification.estimates.filter(of=Estimate.Of.POINTS)
    return float(rows.aggregate(total=Sum("claimed", default=0.0))["total"])
