"""Water as JSON: sources, samples with results and custody, limits, what is above them, compliance. Moments are in UTC."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from django.shortcuts import get_object_or_404
from ninja import Field, Path, Query, Router, Schema

from sankul.core.doors import Request
from sankul.field.water.models import Limit, Sample, Source
from sankul.field.water.queries import risks as risk_queries
from sankul.field.water.queries.judging import bounds, sources
from sankul.field.water.queries.periods import by_quarter
from sankul.field.water.queries.samples import (
    SampleJudged,
    all_samples,
    judged_sample,
    judged_samples,
    next_due,
    quarters,
)
from sankul.field.water.queries.sensors import Reading, readings
from sankul.field.water.rules import (
    Custodian,
    Index,
    Purpose,
    SampleKind,
    SourceKind,
    Standing,
)

router = Router(tags=["Water"])
Number = Annotated[int, Path(description="Number of the record", ge=0, le=2**62)]
Text = Annotated[str, Field(max_length=80, pattern=r"^[^\x00]*$")]
MOST = 500


class SourceOut(Schema):
    """Where water is taken. Degrees are of WGS 84."""

    id: int
    programme: str = Field(alias="village.cluster.programme.slug")
    is_demonstration: bool = Field(alias="village.cluster.programme.is_demonstration")
    cluster: str = Field(alias="village.cluster.slug")
    village: str = Field(alias="village.name")
    district: str = Field(alias="village.district")
    state: str = Field(alias="village.state")
    local_government: str = Field(alias="village.body.slug")
    name: str
    kind: SourceKind
    purpose: Purpose
    scheme: str = Field("", description="Name of the water supply, empty if none")
    latitude: Decimal | None
    longitude: Decimal | None
    is_public: bool

    @staticmethod
    def resolve_scheme(row: Any) -> str:
        """The name of its water supply."""
        return row.scheme.name if row.scheme else ""


class SourcePage(Schema):
    """Sources, and the number to go on ``after`` (empty at the end)."""

    items: list[SourceOut]
    next: int | None


class SourceFilter(Schema):
    """Which sources."""

    cluster: Text = Field("", description="Short name of a cluster")
    purpose: Purpose | None = None
    after: int = Field(0, ge=0, le=2**62, description="Records with a greater number only")
    limit: int = Field(100, ge=1, le=MOST)


class ReadingOut(Schema):
    """What a sensor said last, in the parameter's unit; ``standing`` is unjudged where it cannot be trusted."""

    parameter: str
    value: Decimal
    at: datetime
    flag: int = Field(description="Quality: 1 good, 2 not evaluated, 3 suspect, 4 fail")
    standing: Standing

    @staticmethod
    def of(one: Reading) -> ReadingOut:
        """The shape of a reading."""
        return ReadingOut(
            parameter=one.parameter,
            value=one.value,
            at=one.at,
            flag=int(one.flag),
            standing=one.finding.standing,
        )


class RiskOut(Schema):
    """A parameter above its limit at a drinking source, since when, and who deals with it."""

    source: int
    programme: str
    name: str
    village: str
    parameter: str
    value: Decimal = Field(description="The last value, in the parameter's unit")
    by_sensor: bool = Field(description="Whether that value is a sensor's")
    since: datetime
    owner: str = Field(description="The post of who deals with it; empty: nobody yet")
    action: str
    is_seen: bool = Field(description="Whether somebody knows of it")

    @staticmethod
    def of(one: risk_queries.AtRisk) -> RiskOut:
        """The shape of a risk."""
        return RiskOut(
            source=one.source.pk,
            programme=one.source.village.cluster.programme.slug,
            name=one.source.name,
            village=one.source.village.name,
            parameter=one.risk.parameter,
            value=one.risk.last.value,
            by_sensor=one.by_sensor,
            since=one.risk.since,
            owner=one.owner,
            action=one.action,
            is_seen=one.is_seen,
        )


class SourceDetailOut(SourceOut):
    """A source with what is known of it now."""

    next_sample_on: date | None = Field(description="When a sample is due; empty: no plan")
    readings: list[ReadingOut] = Field(description="What its sensors said last")
    risks: list[RiskOut]


class QuarterOut(Schema):
    """Compliance of a quarter. Exceedance load: by how much values are above their limits, as a multiple, over all judged."""

    quarter: str = Field(description="As in 2026 Q4, of the calendar year")
    samples_judged: int
    samples_within: int
    exceedance_load: Decimal | None
    sensor_values_judged: int
    sensor_values_within: int
    sensor_exceedance_load: float | None
    sensor_hours_above: float


class ResultOut(Schema):
    """What was found; below detection, ``value`` is the limit of detection."""

    parameter: str
    value: Decimal
    is_below_detection: bool
    standing: Standing
    limit: int | None = Field(description="Number of the limit it was judged by")


class CustodyOut(Schema):
    """Who had a sample from when on."""

    step: Custodian
    at: datetime
    holder: str
    temperature_c: Decimal | None
    note: str


class SampleOut(Schema):
    """A sample; its index is that of the Central Pollution Control Board, for surface water."""

    id: int
    programme: str
    source: int
    code: str
    kind: SampleKind
    taken_at: datetime
    taken_by: str
    laboratory: str
    results: list[ResultOut]
    custody: list[CustodyOut]
    index: float | None
    index_class: str
    index_lacks: list[str] = Field(description="Why there is no index: what is missing")

    @staticmethod
    def of(one: SampleJudged, source: Source, limits: dict[tuple[str, date], int]) -> SampleOut:
        """The shape of a judged sample."""
        row, found = one.sample, one.index
        has_index = source.purpose == Purpose.SURFACE
        return SampleOut(
            id=row.pk,
            programme=source.village.cluster.programme.slug,
            source=row.source_id,
            code=row.code,
            kind=SampleKind(row.kind),
            taken_at=row.taken_at,
            taken_by=row.taken_by,
            laboratory=row.laboratory.slug if row.laboratory else "",
            results=[_result(each, one, limits) for each in row.results.all()],
            custody=[CustodyOut.from_orm(each) for each in row.custody.all()],
            index=found.value if has_index and isinstance(found, Index) else None,
            index_class=found.grade if has_index and isinstance(found, Index) else "",
            index_lacks=[*found.missing, *found.beyond]
            if has_index and not isinstance(found, Index)
            else [],
        )


def _result(row: Any, one: SampleJudged, limits: dict[tuple[str, date], int]) -> ResultOut:
    finding = one.findings[row.parameter]
    bound = finding.bound
    return ResultOut(
        parameter=row.parameter,
        value=row.value,
        is_below_detection=row.is_below_detection,
        standing=finding.standing,
        limit=limits.get((bound.parameter, bound.from_on)) if bound else None,
    )


class SamplePage(Schema):
    """Samples, and the number to go on ``after`` (empty at the end)."""

    items: list[SampleOut]
    next: int | None


class SampleFilter(Schema):
    """Which samples."""

    source: Annotated[int | None, Field(ge=0, le=2**62)] = None
    after: int = Field(0, ge=0, le=2**62, description="Records with a greater number only")
    limit: int = Field(100, ge=1, le=MOST)


class LimitOut(Schema):
    """A limit of drinking water from a day until a day, in the parameter's unit, with its source."""

    id: int
    parameter: str
    low: Decimal | None
    acceptable: Decimal
    permissible: Decimal | None = Field(
        description="In the absence of another source; empty: no relaxation"
    )
    is_least: bool
    from_on: date
    until_on: date | None
    source: str


@router.get("/water/sources", response=SourcePage, summary="Sources of water")
def list_sources(request: Request, wanted: Query[SourceFilter]) -> dict[str, Any]:
    """Sources that one may see, by number."""
    rows = sources(request.actor).filter(pk__gt=wanted.after)
    if wanted.cluster:
        rows = rows.filter(village__cluster__slug=wanted.cluster)
    if wanted.purpose:
        rows = rows.filter(purpose=wanted.purpose)
    found = list(rows.order_by("pk")[: wanted.limit + 1])
    items = found[: wanted.limit]
    return {"items": items, "next": items[-1].pk if len(found) > wanted.limit else None}


@router.get("/water/sources/{number}", response=SourceDetailOut, summary="One source")
def get_source(request: Request, number: Number) -> Any:
    """A source with its sensors' last values, what is above its limit now, and when it is sampled next."""
    rows = sources(request.actor).filter(pk=number)
    found: Any = get_object_or_404(rows)
    found.next_sample_on = next_due(found, judged_samples(found))
    found.readings = [ReadingOut.of(one) for one in readings(found, request.at)]
    risky = risk_queries.at_risk(request.actor, request.at, rows)
    found.risks = [RiskOut.of(one) for one in risky]
    return found


@router.get(
    "/water/sources/{number}/compliance",
    response=list[QuarterOut],
    summary="Compliance of a source",
)
def get_compliance(request: Request, number: Number) -> list[QuarterOut]:
    """Samples and sensors of a source beside the limits, by quarter of the calendar year, the newest first."""
    found = get_object_or_404(sources(request.actor), pk=number)
    told = quarters(judged_samples(found), by_quarter(found, request.at))
    return [
        QuarterOut(
            quarter=one.label,
            samples_judged=one.judged,
            samples_within=one.complied,
            exceedance_load=one.load,
            sensor_values_judged=one.values.values,
            sensor_values_within=one.values.within,
            sensor_exceedance_load=one.values.load,
            sensor_hours_above=one.values.hours_above,
        )
        for one in told
    ]


@router.get("/water/samples", response=SamplePage, summary="Samples")
def list_samples(request: Request, wanted: Query[SampleFilter]) -> SamplePage:
    """Samples of sources that one may see, by number, with results, their standing by the limit of the day, and custody."""
    rows = all_samples(request.actor).filter(pk__gt=wanted.after)
    if wanted.source is not None:
        rows = rows.filter(source=wanted.source)
    found = list(rows.order_by("pk")[: wanted.limit + 1])
    items = found[: wanted.limit]
    limits, known = bounds(), _limits()
    return SamplePage(
        items=[SampleOut.of(judged_sample(row, limits), row.source, known) for row in items],
        next=items[-1].pk if len(found) > wanted.limit else None,
    )


@router.get("/water/samples/{number}", response=SampleOut, summary="One sample")
def get_sample(request: Request, number: Number) -> SampleOut:
    """A sample."""
    row: Sample = get_object_or_404(all_samples(request.actor), pk=number)
    return SampleOut.of(judged_sample(row, bounds()), row.source, _limits())


@router.get("/water/limits", response=list[LimitOut], summary="Limits of drinking water")
def list_limits(request: Request) -> list[Limit]:
    """Every limit with the days it was in force and its source."""
    return list(Limit.objects.all())


@router.get("/water/risks", response=list[RiskOut], summary="What is above its limit")
def list_risks(request: Request) -> list[RiskOut]:
    """Drinking sources where something is above its limit now, by samples and sensors, the longest there first."""
    found = risk_queries.at_risk(request.actor, request.at)
    return [RiskOut.of(one) for one in found]


def _limits() -> dict[tuple[str, date], int]:
    return {(row.parameter, row.from_on): row.pk for row in Limit.objects.all()}
