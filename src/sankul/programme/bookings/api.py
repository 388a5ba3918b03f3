"""Bookings as JSON: what is free, one's own bookings, requests, use. Moments carry their offset; answers are in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _t
from ninja import Field, Path, Query, Router, Schema, Status
from pydantic import AwareDatetime

from sankul.core.api import WRITING
from sankul.core.doors import Request
from sankul.core.rules.verdicts import Refused
from sankul.programme.bookings.actions import answers, series, use, waiting
from sankul.programme.bookings.actions import booking as actions
from sankul.programme.bookings.models import Booking
from sankul.programme.bookings.queries import calendar as queries
from sankul.programme.bookings.queries import requests
from sankul.programme.bookings.queries.availability import earliest_slots
from sankul.programme.bookings.rules import Condition, Reason, State, Via
from sankul.programme.bookings.rules.days import Kind
from sankul.programme.facilities.models import Instrument
from sankul.programme.facilities.queries.people import organisations_of
from sankul.programme.registry.models import Organisation

router = Router(tags=["Bookings"])
Text = Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")]
Number = Annotated[int, Field(ge=0, le=2**62)]
Slug = Annotated[
    str, Path(description="Short name in addresses", max_length=80, pattern=r"^[-\w]+$")
]
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
MOST_DAYS = 31


class SlotIn(Schema):
    """When: half-open, with the offset of each moment, as in 2026-11-24T10:00:00+05:30."""

    starts_at: AwareDatetime
    ends_at: AwareDatetime


class BookingIn(SlotIn):
    """What to book, and for whom."""

    instrument: Number = Field(description="Number of the instrument")
    organisation: Text = Field("", description="Short name of the payer; empty: the only one")
    is_assisted: bool = False
    purpose: Text = ""
    hold: bool = Field(False, description="Only hold it for a while")


class SeriesIn(SlotIn):
    """The first slot of a series, and how it repeats."""

    instrument: Number
    organisation: Text = ""
    is_assisted: bool = False
    purpose: Text = ""
    rule: Annotated[str, Field(max_length=250)] = Field(
        description="Recurrence rule of RFC 5545 with an end, as FREQ=WEEKLY;BYDAY=MO,TH;COUNT=10"
    )
    skips: bool = Field(False, description="Leave out what cannot be had; else all or nothing")


class NoteIn(Schema):
    """A word with it."""

    note: Text = ""


class RefusalIn(NoteIn):
    """Why not."""

    reason: Reason


class UsedIn(Schema):
    """So much of a consumable."""

    consumable: Number
    quantity: Annotated[Decimal, Field(gt=0, le=1_000_000, decimal_places=3)]


class StopIn(NoteIn):
    """How the instrument was left."""

    condition: Condition
    used: Annotated[list[UsedIn], Field(max_length=100)] = []


class BookingOut(Schema):
    """A booking, as its user or the host sees it."""

    id: int
    uid: UUID
    instrument: int
    unit: str
    host: str
    organisation: str
    user: str
    state: State
    starts_at: datetime
    ends_at: datetime
    zone: str
    is_assisted: bool
    purpose: str
    estimate_inr: Decimal | None
    sequence: int
    series: int | None
    hold_until: datetime | None
    requested_at: datetime | None
    answer_by_at: datetime | None
    decided_at: datetime | None
    reason: str
    note: str

    @staticmethod
    def of(row: Booking) -> BookingOut:
        """The booking of a row with what it refers to."""
        return BookingOut(
            id=row.pk,
            uid=row.uid,
            instrument=row.instrument_id,
            unit=row.unit.label,
            host=row.instrument.facility.organisation.slug,
            organisation=row.organisation.slug,
            user=row.user.name,
            state=State(row.state),
            starts_at=row.starts_at.astimezone(UTC),
            ends_at=row.ends_at.astimezone(UTC),
            zone=row.instrument.facility.timezone,
            is_assisted=row.is_assisted,
            purpose=row.purpose,
            estimate_inr=row.estimate_inr,
            sequence=row.sequence,
            series=row.series_id,
            hold_until=row.hold_until,
            requested_at=row.requested_at,
            answer_by_at=row.answer_by_at,
            decided_at=row.decided_at,
            reason=row.reason,
            note=row.decision_note or row.end_note,
        )


class LeftOut(Schema):
    """A slot of a series that could not be had."""

    starts_at: datetime
    why: str


class SeriesOut(Schema):
    """What came of a rule."""

    number: int
    bookings: list[BookingOut]
    left_out: list[LeftOut]


class PieceOut(Schema):
    """A piece of time."""

    kind: Kind
    starts_at: datetime
    ends_at: datetime


class FreeOut(Schema):
    """When an instrument is free first."""

    instrument: int
    starts_at: datetime | None


class BookingPage(Schema):
    """A page of bookings by number, and the number to go on ``after`` (None at the end)."""

    items: list[BookingOut]
    next: int | None


class BookingFilter(Schema):
    """Which bookings."""

    state: State | None = None
    instrument: Annotated[int | None, Field(ge=0, le=2**62)] = None
    since: AwareDatetime | None = Field(None, description="Those that end after a moment")
    until: AwareDatetime | None = Field(None, description="Those that start before a moment")
    after: int = Field(0, ge=0, le=2**62, description="Bookings with a greater number only")
    limit: int = Field(100, ge=1, le=1000)


def _instrument(request: Request, number: int) -> Instrument:
    found = queries.one_instrument(request.actor, number)
    if found is None:
        raise Http404
    return found


def _named(request: Request, organisation: str, slug: str) -> Instrument:
    rows = Instrument.objects.visible_to(request.actor).select_related("facility__organisation")
    return get_object_or_404(rows, organisation__slug=organisation, slug=slug)


def _payer(request: Request, slug: str) -> Organisation:
    own = organisations_of(request.actor)
    if slug:
        return get_object_or_404(Organisation, slug=slug)
    found = list(own[:2])
    if len(found) != 1:
        raise Refused(_t("Name the organisation that pays: you book for none, or for several."))
    return found[0]


def _in_range(*moments: datetime) -> None:
    if any(not EARLIEST <= one <= LATEST for one in moments):
        raise Refused(_t("Give moments between 2000 and 2100."))


def _whole(row: Booking) -> BookingOut:
    return BookingOut.of(Booking.objects.whole().get(pk=row.pk))


@router.get(
    "/instruments/{organisation}/{slug}/free",
    response=list[PieceOut],
    summary="An instrument's days",
)
def get_free(
    request: Request,
    organisation: Slug,
    slug: Slug,
    since: Annotated[date | None, Query(description="First day; today if left out")] = None,
    days: Annotated[int, Query(ge=1, le=MOST_DAYS)] = 7,
) -> Any:
    """An instrument's days as pieces, free, taken, closed or past: what everybody may know."""
    if since and not EARLIEST.date() <= since <= LATEST.date():
        raise Refused(_t("Give a day between 2000 and 2100."))
    instrument = _named(request, organisation, slug)
    first = since or request.at.astimezone(ZoneInfo(instrument.facility.timezone)).date()
    found = queries.days([instrument], first, days, request.actor)[instrument.pk]
    return [PieceOut(**piece._asdict()) for day in found for piece in day.pieces]


@router.get(
    "/instruments/{organisation}/{slug}/earliest",
    response=FreeOut,
    summary="The earliest free slot",
)
def get_earliest(
    request: Request,
    organisation: Slug,
    slug: Slug,
    minutes: Annotated[int | None, Query(ge=1, le=100_000)] = None,
) -> Any:
    """When an instrument is free first for so many minutes (its shortest booking), within its horizon."""
    instrument = _named(request, organisation, slug)
    found = earliest_slots([instrument], minutes, request.at)
    return FreeOut(instrument=instrument.pk, starts_at=found.get(instrument.pk))


@router.get("/bookings", response=BookingPage, summary="Bookings")
def list_bookings(request: Request, wanted: Query[BookingFilter]) -> Any:
    """Bookings that one may see, by number: one's own, and those of instruments that one runs."""
    _in_range(*(one for one in (wanted.since, wanted.until) if one))
    asked: dict[str, Any] = {
        "state": wanted.state,
        "instrument_id": wanted.instrument,
        "ends_at__gt": wanted.since,
        "starts_at__lt": wanted.until,
    }
    rows = Booking.objects.visible_to(request.actor).whole().filter(pk__gt=wanted.after)
    rows = rows.filter(**{key: value for key, value in asked.items() if value is not None})
    found = list(rows.order_by("pk")[: wanted.limit + 1])
    shown = found[: wanted.limit]
    more = shown[-1].pk if len(found) > wanted.limit else None
    return BookingPage(items=[BookingOut.of(row) for row in shown], next=more)


@router.get("/bookings/{number}", response=BookingOut, summary="One booking")
def get_booking(request: Request, number: Number) -> Any:
    """One booking that one may see."""
    return BookingOut.of(
        get_object_or_404(Booking.objects.visible_to(request.actor).whole(), pk=number)
    )


@router.post("/bookings", auth=WRITING, response={201: BookingOut}, summary="Book a slot")
def book(request: Request, given: BookingIn) -> Any:
    """Book, or ask for, or hold a slot. 409 where it is taken or a rule refuses, with the reason."""
    _in_range(given.starts_at, given.ends_at)
    act = actions.hold if given.hold else actions.book
    made = act(
        actor=request.actor,
        instrument=get_object_or_404(
            Instrument.objects.visible_to(request.actor).only("pk"), pk=given.instrument
        ),
        organisation=_payer(request, given.organisation),
        starts_at=given.starts_at,
        ends_at=given.ends_at,
        is_assisted=given.is_assisted,
        purpose=given.purpose,
        at=request.at,
    )
    return Status(201, BookingOut.of(made))


@router.post("/series", auth=WRITING, response={201: SeriesOut}, summary="Book a series")
def book_series(request: Request, given: SeriesIn) -> Any:
    """Book what a recurrence rule gives, in one transaction."""
    _in_range(given.starts_at, given.ends_at)
    made = series.book(
        actor=request.actor,
        instrument=_instrument(request, given.instrument),
        organisation=_payer(request, given.organisation),
        wish={
            "starts_at": given.starts_at,
            "ends_at": given.ends_at,
            "is_assisted": given.is_assisted,
            "purpose": given.purpose,
        },
        rule=given.rule,
        skips=given.skips,
        at=request.at,
    )
    told = SeriesOut(
        number=made.series.pk,
        bookings=[BookingOut.of(row) for row in _rows(made.bookings)],
        left_out=[LeftOut(starts_at=start, why=why) for start, why in made.left_out],
    )
    return Status(201, told)


def _rows(made: list[Booking]) -> QuerySet[Booking]:
    return Booking.objects.whole().filter(pk__in=[row.pk for row in made])


def _own(request: Request, number: int) -> Booking:
    return get_object_or_404(Booking.objects.visible_to(request.actor).whole(), pk=number)


@router.post(
    "/bookings/{number}/confirm", auth=WRITING, response=BookingOut, summary="Confirm a hold"
)
def confirm_booking(request: Request, number: Number) -> Any:
    """Turn a hold into a booking."""
    row = _own(request, number)
    return _whole(actions.confirm(actor=request.actor, booking=row, at=request.at))


@router.post("/bookings/{number}/move", auth=WRITING, response=BookingOut, summary="Move a booking")
def move_booking(request: Request, number: Number, given: SlotIn) -> Any:
    """Move a booking that has not begun."""
    _in_range(given.starts_at, given.ends_at)
    row = _own(request, number)
    slot = {"starts_at": given.starts_at, "ends_at": given.ends_at}
    return _whole(actions.move(actor=request.actor, booking=row, at=request.at, **slot))


@router.post(
    "/bookings/{number}/cancel", auth=WRITING, response=BookingOut, summary="Cancel a booking"
)
def cancel_booking(request: Request, number: Number, given: NoteIn) -> Any:
    """Cancel a booking that has not begun."""
    row = _own(request, number)
    return _whole(actions.cancel(actor=request.actor, booking=row, at=request.at, note=given.note))


@router.post("/bookings/{number}/start", auth=WRITING, response=BookingOut, summary="Begin a use")
def start_use(request: Request, number: Number) -> Any:
    """Begin the use."""
    row = _own(request, number)
    use.start(actor=request.actor, booking=row, via=Via.API, at=request.at)
    return _whole(row)


@router.post("/bookings/{number}/stop", auth=WRITING, response=BookingOut, summary="End a use")
def stop_use(request: Request, number: Number, given: StopIn) -> Any:
    """End the use: how the instrument was left, and what was used up."""
    row = _own(request, number)
    going_on = getattr(row, "use", None)
    if going_on is None:
        raise Refused(_t("Nothing is in use here."))
    use.stop(
        actor=request.actor,
        use=going_on,
        condition=given.condition,
        note=given.note,
        consumed={one.consumable: one.quantity for one in given.used},
        at=request.at,
    )
    return _whole(row)


@router.get("/requests", response=list[BookingOut], summary="Requests to answer")
def list_requests(request: Request) -> Any:
    """Requests that wait for one's answer, the most urgent first, at most 100."""
    return [BookingOut.of(row) for row in requests.waiting(request.actor)[:100]]


@router.post(
    "/requests/{number}/approve", auth=WRITING, response=BookingOut, summary="Approve a request"
)
def approve_request(request: Request, number: Number, given: NoteIn) -> Any:
    """Say yes."""
    row = get_object_or_404(requests.waiting(request.actor), pk=number)
    return _whole(answers.approve(actor=request.actor, booking=row, at=request.at, note=given.note))


@router.post(
    "/requests/{number}/refuse", auth=WRITING, response=BookingOut, summary="Refuse a request"
)
def refuse_request(request: Request, number: Number, given: RefusalIn) -> Any:
    """Say no, with a coded reason."""
    row = get_object_or_404(requests.waiting(request.actor), pk=number)
    refused = answers.refuse(
        actor=request.actor, booking=row, reason=given.reason, note=given.note, at=request.at
    )
    return _whole(refused)


@router.post("/waiting", auth=WRITING, response={201: NoteIn}, summary="Wait for a slot")
def wait_for_slot(request: Request, given: BookingIn) -> Any:
    """Wait for a slot that is taken."""
    _in_range(given.starts_at, given.ends_at)
    row = waiting.join(
        actor=request.actor,
        instrument=_instrument(request, given.instrument),
        organisation=_payer(request, given.organisation),
        starts_at=given.starts_at,
        ends_at=given.ends_at,
        is_assisted=given.is_assisted,
        purpose=given.purpose,
        at=request.at,
    )
    zone = ZoneInfo(row.instrument.facility.timezone)
    when = row.starts_at.astimezone(zone).isoformat()
    return Status(201, NoteIn(note=_t("You wait for the slot of %s.") % when))
