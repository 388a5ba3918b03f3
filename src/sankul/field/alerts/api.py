"""The JSON API of alerts: what stands, who is on it, and the same way from acknowledged to closed as on the pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _t
from ninja import Field, Query, Router, Schema, Status
from pydantic import AwareDatetime

from sankul.core.api import WRITING
from sankul.core.doors import Request
from sankul.core.rules.roles import PLATFORM, require
from sankul.core.rules.verdicts import Refused
from sankul.field.alerts.actions import answering
from sankul.field.alerts.models import Alert
from sankul.field.alerts.queries import alerts as queries
from sankul.field.alerts.rules import (
    SEE_ALERTS,
    AlertCause,
    AlertSeverity,
    AlertState,
    DetectorKind,
    Telling,
)

router = Router(tags=["Alerts"])
Text = Annotated[str, Field(max_length=2000, pattern=r"^[^\x00]*$")]
Short = Annotated[str, Field(min_length=1, max_length=250, pattern=r"^[^\x00]*$")]
Number = Annotated[int, Field(ge=0, le=2**62)]
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class ActionOut(Schema):
    """What somebody does about an alert; ``documents`` are the SHA-256 of what shows it."""

    id: int
    what: str
    owner_post: str
    due_at: datetime
    begun_at: datetime
    done_at: datetime | None
    note: str
    documents: list[str]


class AlertOut(Schema):
    """An alert; ``level`` and ``worst`` are in ``unit``, seconds of silence, or a share of the sites."""

    id: int
    programme: str
    is_demonstration: bool
    detector: str
    kind: DetectorKind
    guidance: str
    thing: int | None
    site: str
    stream: int | None
    unit: str
    severity: AlertSeverity
    state: AlertState
    began_at: datetime
    raised_at: datetime
    ended_at: datetime | None
    level: float | None
    worst: float | None
    worst_at: datetime | None
    times: int
    observations: list[int]
    part_of: int | None
    telling: Telling
    acknowledged_at: datetime | None
    acted_at: datetime | None
    closed_at: datetime | None
    cause: AlertCause | None
    note: str
    actions: list[ActionOut]

    @staticmethod
    def of(row: Alert) -> AlertOut:
        """The alert of a row with what it refers to."""
        same = (
            "began_at", "raised_at", "ended_at", "level", "worst", "worst_at", "times", "acknowledged_at", "acted_at",
            "closed_at", "note",
        )  # fmt: skip
        return AlertOut(
            **{name: getattr(row, name) for name in same},
            id=row.pk,
            programme=row.cluster.programme.slug if row.cluster else "",
            is_demonstration=bool(row.cluster and row.cluster.programme.is_demonstration),
            detector=row.detector.name,
            kind=DetectorKind(row.detector.kind),
            guidance=row.detector.guidance,
            thing=row.thing_id,
            site=row.thing.name if row.thing else "",
            stream=row.stream_id,
            unit=row.stream.unit_symbol if row.stream else "",
            severity=AlertSeverity(row.severity),
            state=AlertState(row.state),
            observations=row.observation_ids,
            part_of=row.part_of_id,
            telling=Telling(row.telling),
            cause=AlertCause(row.cause) if row.cause else None,
            actions=[_action(one) for one in row.actions.all()],
        )


class AlertPage(Schema):
    """A page of alerts by number, and the number to go on ``after`` (None at the end)."""

    items: list[AlertOut]
    next: int | None


class AlertFilter(Schema):
    """Which alerts."""

    state: AlertState | None = None
    severity: AlertSeverity | None = None
    thing: Annotated[int | None, Field(ge=0, le=2**62)] = None
    stream: Annotated[int | None, Field(ge=0, le=2**31 - 1)] = None
    since: AwareDatetime | None = Field(None, description="Those that began at a moment or later")
    until: AwareDatetime | None = Field(None, description="Those that began before a moment")
    after: int = Field(0, ge=0, le=2**62, description="Alerts with a greater number only")
    limit: int = Field(100, ge=1, le=1000)


class ActIn(Schema):
    """What is done, by whom (a post) and by when."""

    what: Short
    owner_post: Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00]*$")]
    due_at: AwareDatetime


class CloseIn(Schema):
    """What the cause was."""

    cause: AlertCause
    note: Text = ""


def _action(row: Any) -> ActionOut:
    return ActionOut(
        id=row.pk,
        what=row.what,
        owner_post=row.owner_post,
        due_at=row.due_at,
        begun_at=row.begun_at,
        done_at=row.done_at,
        note=row.note,
        documents=[proof.document_id for proof in row.proofs.all()],
    )


def _in_range(*moments: datetime | None) -> None:
    if any(one and not EARLIEST <= one <= LATEST for one in moments):
        raise Refused(_t("Give moments between 1900 and 2200."))


def _whole(request: Request, number: int) -> AlertOut:
    row = queries.one(request.actor, number)
    if row is None:
        raise Http404
    return AlertOut.of(row)


def _found(request: Request, number: int) -> Alert:
    return get_object_or_404(queries.visible(request.actor), pk=number)


@router.get("/alerts", response=AlertPage, summary="Alerts")
def list_alerts(request: Request, wanted: Query[AlertFilter]) -> Any:
    """Alerts that one may see, by number."""
    require(request.actor, SEE_ALERTS, PLATFORM, *request.actor.scopes(SEE_ALERTS))
    _in_range(wanted.since, wanted.until)
    asked: dict[str, Any] = {
        "state": wanted.state,
        "severity": wanted.severity,
        "thing_id": wanted.thing,
        "stream_id": wanted.stream,
        "began_at__gte": wanted.since,
        "began_at__lt": wanted.until,
    }
    rows = queries.visible(request.actor).filter(pk__gt=wanted.after)
    rows = rows.filter(**{key: value for key, value in asked.items() if value is not None})
    rows = rows.prefetch_related("actions__proofs")
    found = list(rows.order_by("pk")[: wanted.limit + 1])
    shown = found[: wanted.limit]
    more = shown[-1].pk if len(found) > wanted.limit else None
    return AlertPage(items=[AlertOut.of(row) for row in shown], next=more)


@router.get("/alerts/{number}", response=AlertOut, summary="One alert")
def get_alert(request: Request, number: Number) -> Any:
    """One alert that one may see, with its actions."""
    return _whole(request, number)


@router.post(
    "/alerts/{number}/acknowledge", auth=WRITING, response=AlertOut, summary="Acknowledge an alert"
)
def acknowledge_alert(request: Request, number: Number) -> Any:
    """Say that one is on it. 409 where somebody was first."""
    answering.acknowledge(actor=request.actor, alert=_found(request, number), at=request.at)
    return _whole(request, number)


@router.post(
    "/alerts/{number}/act", auth=WRITING, response={201: AlertOut}, summary="Begin an action"
)
def act_on_alert(request: Request, number: Number, given: ActIn) -> Any:
    """Say what is done, by whom and by when. Its proof is attached on the page."""
    _in_range(given.due_at)
    answering.act(
        actor=request.actor,
        alert=_found(request, number),
        what=given.what,
        owner_post=given.owner_post,
        due_at=given.due_at,
        at=request.at,
    )
    return Status(201, _whole(request, number))


@router.post("/alerts/{number}/close", auth=WRITING, response=AlertOut, summary="Close an alert")
def close_alert(request: Request, number: Number, given: CloseIn) -> Any:
    """Close it with its cause. 409 where that is too early, with the reason."""
    answering.close(
        actor=request.actor,
        alert=_found(request, number),
        cause=given.cause,
        note=given.note,
        at=request.at,
    )
    return _whole(request, number)
