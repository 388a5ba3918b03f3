"""Panels and their released scores as JSON."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from django.shortcuts import get_object_or_404
from ninja import Field, Path, Router, Schema

from sankul.core.doors import Request
from sankul.core.rules.roles import require
from sankul.programme.panel.models import Panel
from sankul.programme.panel.queries import panels, scores
from sankul.programme.panel.rules import SEE_RESULTS, PanelStatus, Statistic

router = Router(tags=["Expert panel"])
Number = Annotated[int, Path(description="Number of the panel", examples=[3], ge=1, le=2**62)]


class PanelOut(Schema):
    """The expert panel of a period."""

    id: int
    programme: str = Field(alias="programme.slug")
    period: str = Field(alias="period.label")
    status: PanelStatus
    least: int = Field(description="Lowest level of the scale, which ends at 5")
    statistic: Statistic
    released_at: datetime | None
    rubric: str | None = Field(
        alias="rubric_id", description="SHA-256 of the frozen rubrics, at /documents/{sha256}/"
    )
    release: str | None = Field(
        alias="release_id", description="SHA-256 of the table of all scores"
    )


class PanelScoreOut(Schema):
    """The panel's score of a cluster on a criterion."""

    id: int
    cluster: str = Field(alias="cluster.slug")
    criterion: str
    score: Decimal
    adjusted: Decimal | None = Field(description="With the severity of members taken out")
    members: int = Field(description="How many scored it")
    spread: int = Field(description="Levels between highest and lowest score")
    document: str = Field(alias="document_id", description="SHA-256 of the cluster's scores")


class MemberScoreOut(Schema):
    """A member's score, by the member's letter."""

    cluster: str = Field(alias="cluster.slug")
    criterion: str
    member: str = Field(alias="member.letter")
    level: int


@router.get("/panels", response=list[PanelOut], summary="Expert panels")
def list_panels(request: Request) -> Any:
    """Panels that one may see: the public sees released ones of open periods."""
    return panels.visible(request.actor)[:1000]


@router.get(
    "/panels/{number}/results", response=list[PanelScoreOut], summary="Released panel scores"
)
def list_results(request: Request, number: Number) -> Any:
    """The panel's scores of the clusters that one may see."""
    return scores.results(request.actor, _released(request, number))


@router.get(
    "/panels/{number}/scores", response=list[MemberScoreOut], summary="Released scores of members"
)
def list_scores(request: Request, number: Number) -> Any:
    """Each member's scores, by letter, of the clusters that one may see."""
    return scores.released_scores(request.actor, _released(request, number))


def _released(request: Request, number: int) -> Panel:
    rows = panels.visible(request.actor).filter(status=PanelStatus.RELEASED)
    panel: Panel = get_object_or_404(rows, pk=number)
    if not scores.clusters_released(request.actor, panel).exists():
        require(request.actor, SEE_RESULTS, *panel.scopes)
    return panel
