"""Surveys and their released results as JSON."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from django.shortcuts import get_object_or_404
from ninja import Field, Path, Router, Schema

from sankul.core.doors import Request
from sankul.core.rules.roles import require
from sankul.programme.feedback.models import Cell, Survey
from sankul.programme.feedback.queries import results as queries
from sankul.programme.feedback.queries import surveys
from sankul.programme.feedback.rules import SEE_RESULTS, CellState, SurveyStatus

router = Router(tags=["Feedback"])
Number = Annotated[int, Path(description="Number of the survey", examples=[3], ge=1, le=2**62)]


class SurveyOut(Schema):
    """The 360-degree survey of a period."""

    id: int
    programme: str = Field(alias="programme.slug")
    period: str = Field(alias="period.label")
    title: str = Field(alias="title_en")
    status: SurveyStatus
    closes_on: date = Field(description="Last day to answer")
    threshold: int = Field(description="Fewest answers behind a figure that is shown")
    released_at: datetime | None
    release: str | None = Field(
        alias="release_id", description="SHA-256 of the released table, at /documents/{sha256}/"
    )


class FigureOut(Schema):
    """One figure of the released table; its numbers are empty unless it is shown."""

    cluster: str = Field(alias="cluster.slug")
    group: str = Field(
        description="Short name of a group, “all” (groups shown, weighted) or “everybody”"
    )
    question: str = Field(description="Short name of a question, or “score”")
    state: CellState
    raters: int | None
    mean: Decimal | None = Field(description="From 1 to 5")
    shrunken: Decimal | None = Field(description="Drawn towards the mean of all clusters")
    low: Decimal | None = Field(description="Lower end of the interval that holds nine in ten")
    high: Decimal | None
    dont_know: Decimal | None = Field(description="Share of those asked")
    no_answer: Decimal | None = Field(description="Share of those asked")
    shares: list[float] | None = Field(description="Share of each choice")

    @staticmethod
    def resolve_group(row: Cell) -> str:
        """Whose figure it is."""
        if row.group is not None:
            return row.group.code
        return "everybody" if row.is_pooled else "all"

    @staticmethod
    def resolve_question(row: Cell) -> str:
        """What it is about."""
        return row.question.code if row.question else "score"


@router.get("/surveys", response=list[SurveyOut], summary="Surveys")
def list_surveys(request: Request) -> Any:
    """Surveys that one may see: the public sees released ones of open periods."""
    return surveys.visible(request.actor)[:1000]


@router.get(
    "/surveys/{number}/results", response=list[FigureOut], summary="Released results of a survey"
)
def list_results(request: Request, number: Number) -> Any:
    """The released figures of the clusters that one may see."""
    rows = surveys.visible(request.actor).filter(status=SurveyStatus.RELEASED)
    survey: Survey = get_object_or_404(rows, pk=number)
    clusters = list(queries.clusters_seen(request.actor, survey))
    if not clusters:
        require(request.actor, SEE_RESULTS, *survey.scopes)
    return queries.released_cells(survey).filter(cluster__in=clusters)
