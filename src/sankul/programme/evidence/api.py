"""Verification as JSON: what was planned and found, for everybody; the queue and its findings, for verifiers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from django.http import Http404
from ninja import Field, Path, Query, Router, Schema

from sankul.core.api import WRITING
from sankul.core.doors import Request
from sankul.core.rules.roles import require
from sankul.programme.evidence.actions import checks as actions
from sankul.programme.evidence.actions import plausibility as rulings
from sankul.programme.evidence.models import Check, Estimate, PlausibilityFinding, Verification
from sankul.programme.evidence.queries import checks, estimates, plausibility
from sankul.programme.evidence.queries import verifications as queries
from sankul.programme.evidence.rules import (
    PLAUSIBILITY,
    VERIFY,
    Consequence,
    Doubt,
    Finding,
    Severity,
    Turn,
    VerificationStage,
)
from sankul.programme.outcomes.rules import Unit

router = Router(tags=["Verification"])
Slug = Annotated[str, Path(description="Short name of the programme")]
Label = Annotated[str, Path(description="Label of the period", examples=["2025-26"])]
Number = Annotated[int, Path(description="Number of the look", examples=[7])]
Text = Annotated[str, Field(pattern=r"^[^\x00]*$")]
LIMIT = 1000


class VerificationOut(Schema):
    """A verification of one period's claims."""

    programme: str = Field(alias="programme.slug")
    period: str = Field(alias="period.label")
    stage: VerificationStage
    precision: Decimal = Field(description="Wished half-width, as a share of the total that stands")
    confidence: Decimal
    second_share: Decimal = Field(description="Share of the sample that is verified twice")
    source: str = Field(description="The public number that was announced")
    closes_on: date | None
    draws_on: date | None
    number: str
    seed: str
    population_sha256: str | None = Field(alias="population_id")
    claims: int | None = Field(description="Claims in the population")
    counts: dict[str, int] = Field(description="Claims to verify, by stratum")


class ClusterFoundOut(Schema):
    """What was found of one cluster's claims."""

    cluster: str
    claims: int | None
    sampled: int
    verified: int
    partly_verified: int
    rejected: int
    overstatement: float | None = Field(
        description="Estimated share of the points that does not stand"
    )
    overstatement_high: float | None = Field(description="Its upper bound (Stringer)")


class SampledOut(Schema):
    """A claim of the sample, with its chance to come in."""

    claim: int = Field(alias="claim_id")
    cluster: str = Field(alias="cluster.slug")
    kind: str
    quantity: Decimal = Field(description="What was claimed when the claims closed")
    size: float = Field(description="Points of an index that it can move")
    probability: float


class EstimateOut(Schema):
    """What stands of one total, with its limits."""

    cluster: str = Field(alias="cluster.slug")
    measure: str = Field(description="Empty where all measures are added up in points")
    of: Estimate.Of
    claims: int
    sampled: int
    claimed: float
    verified: float | None
    low: float | None
    high: float | None
    overstatement: float | None
    overstatement_high: float | None


class ResultsOut(VerificationOut):
    """A verification with what was found, once that is public or one may see it."""

    clusters: list[ClusterFoundOut]


class CheckOut(Schema):
    """A look at a claim: one's own, or one that nobody has."""

    id: int
    claim: int = Field(alias="sampled.claim_id")
    title: str = Field(alias="sampled.claim.title")
    cluster: str = Field(alias="sampled.claim.cluster.slug")
    kind: str = Field(alias="sampled.kind")
    claimed: Decimal = Field(alias="sampled.quantity")
    unit: Unit = Field(alias="sampled.kind_of.unit")
    turn: str = Field(description="What the look is for: verify, or decide where two differ")
    is_mine: bool
    finding: str = Field(description="Empty until one has found")
    quantity: Decimal | None
    reason: str
    found_at: datetime | None

    @staticmethod
    def resolve_turn(row: Check) -> str:
        """Nothing that tells whether another looks at the claim too."""
        return "decide" if row.turn == Turn.THIRD else "verify"

    @staticmethod
    def resolve_is_mine(row: Check) -> bool:
        """Whether it has been given to somebody, who can only be the asker."""
        return row.verifier_id is not None


class FindingIn(Schema):
    """What was found."""

    finding: Finding
    quantity: Decimal | None = Field(None, description="Where a part is proved")
    reason: Text = ""
    notes: dict[str, Text] = Field(default_factory=dict, description="By SHA-256 of a document")
    confirmed: list[Text] = Field(default_factory=list)


class Chosen(Schema):
    """Which part of a list."""

    after: int = Field(0, ge=0, le=2**31, description="Rows to pass over")
    limit: int = Field(100, ge=1, le=LIMIT)


@router.get("/verifications", response=list[VerificationOut], summary="Verifications")
def list_verifications(request: Request) -> Sequence[Verification]:
    """Verifications that were announced, the latest period first."""
    return list(queries.visible(request.actor)[:LIMIT])


@router.get("/verifications/{programme}/{period}", response=ResultsOut, summary="One verification")
def get_verification(request: Request, programme: Slug, period: Label) -> Any:
    """What was planned and, once it may be seen, what was found, cluster by cluster."""
    found = _found(request, programme, period)
    is_shown = found.is_done and queries.is_open(request.actor, found)
    found.clusters = (  # type: ignore[attr-defined]
        [_cluster(line) for line in queries.results(found)] if is_shown else []
    )
    return found


@router.get(
    "/verifications/{programme}/{period}/sample", response=list[SampledOut], summary="Its sample"
)
def get_sample(
    request: Request, programme: Slug, period: Label, chosen: Query[Chosen]
) -> Sequence[Any]:
    """The sample in the order of work; empty until one may see it."""
    rows = queries.sample(request.actor, _found(request, programme, period))
    return list(rows[chosen.after : chosen.after + chosen.limit])


@router.get(
    "/verifications/{programme}/{period}/estimates",
    response=list[EstimateOut],
    summary="Its estimates",
)
def get_estimates(
    request: Request, programme: Slug, period: Label, chosen: Query[Chosen]
) -> Sequence[Estimate]:
    """What stands of every cluster's every measure; empty until one may see it."""
    rows = estimates.visible(request.actor, _found(request, programme, period))
    return list(rows.order_by("pk")[chosen.after : chosen.after + chosen.limit])


@router.get("/checks", response=list[CheckOut], summary="My queue")
def list_checks(request: Request, chosen: Query[Chosen]) -> Sequence[Check]:
    """Claims that wait for the asker, then those that nobody has and that he may take."""
    _require(request)
    interests = checks.interests(request.actor)
    own = checks.waiting(request.actor, interests)
    rows = [*own[: chosen.after + chosen.limit], *checks.pool(request.actor, interests)[:LIMIT]]
    return rows[chosen.after : chosen.after + chosen.limit]


@router.get("/checks/{number}", response=CheckOut, summary="One look")
def get_check(request: Request, number: Number) -> Check:
    """One's own look at a claim."""
    return _own(request, number)


@router.post(
    "/checks/{number}/take",
    response=CheckOut,
    auth=WRITING,
    summary="Take a claim that nobody has",
)
def take_check(request: Request, number: Number) -> Check:
    """Of two who take it at once, one gets it."""
    _require(request)
    found = checks.entitled(request.actor).filter(pk=number).first()
    if found is None:
        raise Http404
    actions.take(actor=request.actor, check=found, at=request.at)
    return _own(request, number)


@router.post(
    "/checks/{number}/finding",
    response=CheckOut,
    auth=WRITING,
    summary="Record a finding",
)
def record_finding(request: Request, number: Number, given: FindingIn) -> Check:
    """What was found of a claim: his alone to see until it is settled."""
    found = _own(request, number)
    actions.find(actor=request.actor, check=found, at=request.at, **given.dict())
    return _own(request, number)


@router.post(
    "/checks/{number}/undo",
    response=CheckOut,
    auth=WRITING,
    summary="Take a finding back",
)
def undo_finding(request: Request, number: Number) -> Check:
    """Until another verifier has looked, or it is final."""
    actions.undo(actor=request.actor, check=_own(request, number), at=request.at)
    return _own(request, number)


def _require(request: Request) -> None:
    if not request.actor.scopes(VERIFY):
        require(request.actor, VERIFY)


def _found(request: Request, programme: str, period: str) -> Verification:
    try:
        return queries.find(request.actor, programme, period)
    except Verification.DoesNotExist:
        raise Http404 from None


def _own(request: Request, number: int) -> Check:
    _require(request)
    try:
        return checks.mine(request.actor, number)
    except Check.DoesNotExist:
        raise Http404 from None


def _cluster(line: queries.Line) -> ClusterFoundOut:
    one = line.estimate
    return ClusterFoundOut(
        cluster=line.cluster.slug,
        claims=one.claims if one else None,
        sampled=line.sampled,
        verified=line.verified,
        partly_verified=line.partly,
        rejected=line.rejected,
        overstatement=one.overstatement if one else None,
        overstatement_high=one.overstatement_high if one else None,
    )


class RuleOut(Schema):
    """A plausibility rule."""

    code: str
    title: str
    says: str = Field(description="What a finding says; {figures} are put in")
    severity: Severity
    kinds: Sequence[str]
    parameters: dict[str, Any]
    why: str


class DoubtOut(Schema):
    """A finding of a plausibility rule, as far as the asker may see what it is about."""

    id: int = Field(alias="finding.pk")
    programme: str = Field(alias="finding.programme.slug")
    cluster: str = Field(alias="finding.cluster.slug")
    claim: int = Field(alias="finding.claim_id")
    rule: str = Field(alias="finding.rule")
    severity: Severity = Field(alias="finding.severity")
    text: str
    figure: dict[str, Any]
    others: list[int] = Field(description="Further claims that it names and that one may see")
    state: Doubt = Field(alias="finding.state")
    found_at: datetime = Field(alias="finding.found_at")
    gone_at: datetime | None = Field(alias="finding.gone_at")
    ruled_at: datetime | None = Field(alias="finding.ruled_at")
    reason: str = Field(alias="finding.reason")
    consequence: str = Field(alias="finding.consequence")

    @staticmethod
    def resolve_others(row: plausibility.Told) -> list[int]:
        """Their numbers."""
        return [claim.pk for claim in row.others]


class DoubtsChosen(Chosen):
    """Which findings."""

    state: Doubt | None = None
    rule: str | None = None
    claim: int | None = Field(None, ge=0, le=2**62)


class AnswerIn(Schema):
    """What the cluster says to a finding."""

    text: Text


class RulingIn(Schema):
    """An evaluator's ruling."""

    upheld: bool
    reason: Text
    consequence: Consequence = Field(Consequence.NOTED, description="Where it is upheld")


@router.get("/plausibility/rules", response=list[RuleOut], summary="Plausibility rules")
def list_rules(request: Request) -> Sequence[Any]:
    """Every rule with its parameters."""
    return list(PLAUSIBILITY.values())


@router.get(
    "/plausibility/findings", response=list[DoubtOut], summary="Findings of plausibility rules"
)
def list_doubts(request: Request, chosen: Query[DoubtsChosen]) -> Sequence[Any]:
    """Findings that one may see, the oldest first."""
    wanted = {"state": chosen.state, "rule": chosen.rule, "claim": chosen.claim}
    asked = {name: value for name, value in wanted.items() if value is not None}
    rows = plausibility.visible(request.actor).filter(**asked).order_by("pk")
    return plausibility.told(request.actor, list(rows[chosen.after : chosen.after + chosen.limit]))


@router.get("/plausibility/findings/{number}", response=DoubtOut, summary="One finding")
def get_doubt(request: Request, number: Number) -> Any:
    """One finding."""
    return plausibility.told(request.actor, [_doubt(request, number)])[0]


@router.post(
    "/plausibility/findings/{number}/answer",
    response=DoubtOut,
    auth=WRITING,
    summary="Answer a finding",
)
def answer_doubt(request: Request, number: Number, given: AnswerIn) -> Any:
    """Say how it is; documents are sent through the page."""
    found = _doubt(request, number)
    rulings.answer(actor=request.actor, finding=found, text=given.text, at=request.at)
    return get_doubt(request, number)


@router.post(
    "/plausibility/findings/{number}/ruling",
    response=DoubtOut,
    auth=WRITING,
    summary="Rule on a finding",
)
def rule_on_doubt(request: Request, number: Number, given: RulingIn) -> Any:
    """Uphold it with its consequence, or dismiss it."""
    found = _doubt(request, number)
    told: Any = {"actor": request.actor, "finding": found, "reason": given.reason, "at": request.at}
    if given.upheld:
        rulings.uphold(consequence=given.consequence, **told)
    else:
        rulings.dismiss(**told)
    return get_doubt(request, number)


def _doubt(request: Request, number: int) -> PlausibilityFinding:
    found = plausibility.visible(request.actor).filter(pk=number).first()
    if found is None:
        raise Http404
    return found
