"""The shapes of the area's JSON."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any

from ninja import Field, Path, Schema
from pydantic import BeforeValidator

from sankul.programme.facilities.rules import (
    Assistance,
    InstrumentStatus,
    Relation,
    Severity,
    TicketKind,
    UserClass,
)

Number = Annotated[int, Path(description="Number of the record", examples=[12], ge=0, le=2**62)]
Slug = Annotated[str, Path(description="Short name in addresses", examples=["host-institute"])]
Text = Annotated[str, Field(pattern=r"^[^\x00]*$")]
"""Any text that a database can keep."""
Rupees = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=2)]
LIMIT = 500


class InstrumentFilter(Schema):
    """Which instruments: those found by words and filters, after a number, and no more than a limit."""

    q: Text = Field("", max_length=100, description="Words, as one types them into a search")
    technique: Text = Field("", max_length=40, description="Code of a technique")
    place: Text = Field("", max_length=200, description="City of the facility")
    sample: Text = Field("", max_length=60, description="A kind of sample")
    organisation: Text = Field("", max_length=80, description="Short name of the institution")
    user_class: UserClass = Field(UserClass.ACADEMIA, description="Whose price is told")
    after: int = Field(0, ge=0, le=2**62, description="Records with a greater number only")
    limit: int = Field(100, ge=1, le=LIMIT)


class InstrumentOut(Schema):
    """An instrument."""

    id: int
    organisation: str = Field(alias="facility.organisation.slug")
    is_demonstration: bool = Field(alias="facility.organisation.is_demonstration")
    facility: str = Field(alias="facility.slug")
    slug: str
    name: str
    summary: str
    make: str
    model: str
    place: str = Field(alias="facility.place")
    techniques: list[str] = Field(description="Codes of its techniques")
    sample_kinds: list[str]
    status: InstrumentStatus
    confirmed_at: datetime = Field(description="When its institution last stood by the listing")

    @staticmethod
    def resolve_techniques(row: Any) -> list[str]:
        """Codes of the techniques."""
        return [one.code for one in row.techniques.all()]


class ListedOut(InstrumentOut):
    """An instrument in a list."""

    price_inr: Decimal | None = Field(
        description="Rate of an hour, without tax, for the class asked for, from outside; empty: no tariff is set"
    )


class InstrumentPage(Schema):
    """Instruments, and the number to go on after (empty at the end)."""

    items: list[ListedOut]
    next: int | None


class SpecificationOut(Schema):
    """A property of an instrument."""

    name: str
    value: str
    unit: str


def _clock(value: object) -> object:
    return value.isoformat() if isinstance(value, time) else value


LocalTime = Annotated[str, BeforeValidator(_clock), Field(examples=["09:00:00"])]
"""A time on the clock of the place; JSON's own form of times asks for an offset."""


class OpeningOut(Schema):
    """Open hours, in local time; closing at 00:00:00 is the end of the day."""

    weekday: int = Field(description="0 is Monday")
    opens: LocalTime
    closes: LocalTime


class UnitOut(Schema):
    """One of the pieces of an instrument that can be used side by side."""

    id: int
    label: str
    is_active: bool


class InstrumentDetailOut(InstrumentOut):
    """An instrument with its rules of booking; times in minutes unless the name says otherwise."""

    serial_number: str
    pid: str
    funding_agency: str
    funder_ror: str
    award_number: str
    commissioned_on: date | None
    withdrawn_at: datetime | None
    timezone: str = Field(alias="facility.timezone")
    answer_within_hours: int = Field(alias="facility.answer_within_hours")
    specifications: list[SpecificationOut]
    units: list[UnitOut]
    openings: list[OpeningOut] = Field(description="Its own hours, else those of the facility")
    slot_minutes: int
    min_minutes: int
    max_minutes: int
    lead_minutes: int
    horizon_days: int
    setup_minutes: int
    cleanup_minutes: int
    needs_approval: bool
    needs_training: bool
    assistance: Assistance
    quota_minutes_week: int | None
    no_show_minutes: int
    hold_minutes: int
    cancel_free_hours: int

    @staticmethod
    def resolve_openings(row: Any) -> list[Any]:
        """Its own hours, else those of the facility."""
        return list(row.openings.all()) or list(row.facility.openings.all())

    @staticmethod
    def resolve_specifications(row: Any) -> list[Any]:
        """The properties."""
        return list(row.specifications.all())

    @staticmethod
    def resolve_units(row: Any) -> list[Any]:
        """The units."""
        return list(row.units.all())


class TariffOut(Schema):
    """A tariff: rupees without tax."""

    id: int
    user_class: UserClass
    relation: Relation
    rate_inr: Decimal = Field(description="For an hour of an instrument")
    minimum_inr: Decimal
    assistance_inr_hour: Decimal
    peak_percent: int
    peak_from: LocalTime | None
    peak_until: LocalTime | None
    cancellation_percent: int
    no_show_percent: int
    sac: str
    from_on: date
    until_on: date | None


class TariffIn(Schema):
    """A tariff that begins on a day, for every class and relation named."""

    user_classes: list[UserClass] = Field(min_length=1, max_length=4)
    relations: list[Relation] = Field(min_length=1, max_length=3)
    from_on: date
    rate_inr: Rupees
    minimum_inr: Rupees = Decimal(0)
    assistance_inr_hour: Rupees = Decimal(0)
    peak_percent: int = Field(0, ge=0, le=500)
    peak_from: time | None = None
    peak_until: time | None = None
    cancellation_percent: int = Field(0, ge=0, le=100)
    no_show_percent: int = Field(0, ge=0, le=100)
    sac: str = Field("998346", pattern=r"^99[0-9]{2}([0-9]{2})?$")


class TicketOut(Schema):
    """A fault or maintenance. It blocks from a moment to a moment (open where empty), or nothing."""

    id: int
    instrument: int = Field(alias="instrument_id")
    unit: int | None = Field(alias="unit_id")
    kind: TicketKind
    severity: Severity
    title: str
    text: str
    opened_at: datetime
    blocks_from: datetime | None
    blocks_until: datetime | None
    resolved_at: datetime | None
    resolution: str


class TicketFilter(Schema):
    """Which tickets: those after a number, and no more than a limit."""

    organisation: Text = Field("", max_length=80, description="Short name of the institution")
    after: int = Field(0, ge=0, le=2**62, description="Records with a greater number only")
    limit: int = Field(100, ge=1, le=LIMIT)


class TicketPage(Schema):
    """Tickets, and the number to go on after (empty at the end)."""

    items: list[TicketOut]
    next: int | None


class TicketIn(Schema):
    """A fault to report, or maintenance to plan; only the institution's people block."""

    title: Annotated[Text, Field(min_length=1, max_length=200)]
    kind: TicketKind = TicketKind.FAULT
    severity: Severity = Severity.MINOR
    text: Text = ""
    unit: int | None = Field(None, ge=0, le=2**62, description="Number of a unit; empty: all of it")
    blocks_from: datetime | None = None
    blocks_until: datetime | None = None


class ResolutionIn(Schema):
    """What was done about a ticket."""

    resolution: Annotated[Text, Field(min_length=1)]


class TechniqueOut(Schema):
    """A technique."""

    code: str
    name: str
