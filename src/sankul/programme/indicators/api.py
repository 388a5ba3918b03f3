"""Frameworks as JSON."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import Http404
from ninja import Router, Schema

from sankul.core.doors import Request
from sankul.core.measures import MEASURES
from sankul.programme.indicators.models import Framework

router = Router(tags=["Frameworks"])


class FrameworkOut(Schema):
    """A version of a framework."""

    programme: str
    code: str
    version: str
    title: str
    status: str
    sha256: str
    coverage_floor: Decimal
    approved_at: datetime | None

    @staticmethod
    def resolve_programme(row: Framework) -> str:
        """Short name of the programme."""
        return row.programme.slug


class MeasureOut(Schema):
    """Something that areas count."""

    code: str
    title: str
    unit: str

    @staticmethod
    def resolve_title(row: Any) -> str:
        """The title in the reader's language."""
        return str(row.title)


class IndicatorOut(Schema):
    """An indicator as its framework defines it."""

    code: str
    title: str
    outcome: str
    definition: str
    unit: str
    kind: str
    direction: int
    measure: str
    statistic: str
    denominator: str
    goalpost_low: Decimal | None
    goalpost_high: Decimal | None
    weight: Decimal

    @staticmethod
    def resolve_outcome(row: Any) -> str:
        """Title of the outcome that it belongs to."""
        return str(row.node.title)


@router.get("/frameworks", response=list[FrameworkOut], summary="Frameworks")
def frameworks(request: Request) -> Any:
    """Approved frameworks, and drafts where one may see them."""
    return Framework.objects.visible_to(request.actor).select_related("programme")[:1000]


@router.get(
    "/frameworks/{programme}/{code}/{version}/indicators",
    response=list[IndicatorOut],
    summary="The indicators of a framework",
)
def indicators(request: Request, programme: str, code: str, version: str) -> Any:
    """Every indicator of one version, in its order."""
    visible = Framework.objects.visible_to(request.actor)
    found = visible.filter(programme__slug=programme, code=code, version=version).first()
    if found is None:
        raise Http404
    return found.indicators.select_related("node").order_by("position")


@router.get("/measures", response=list[MeasureOut], summary="Measures")
def measures(request: Request) -> Any:
    """Everything that areas count, from which indicators are made."""
    return [MEASURES[code] for code in sorted(MEASURES)]
