"""Bookings of the demonstration's instruments: the year that the round evaluates, a part of those before, some weeks around now.

The rows of the years are the same on every day and machine. What lies around the first start is laid relative to it, so that
calendars are not empty on the day when somebody tries them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from django.contrib.auth.hashers import make_password
from django.db import connection
from psycopg.types.range import TimestamptzRange

from sankul.core.models import Grant, User
from sankul.core.rules.roles import Role, ScopeKind
from sankul.programme.bookings.models import Booking, Order, Use
from sankul.programme.bookings.rules import Condition, OrderState, Reason, State, Via, answer_by
from sankul.programme.facilities.models import Instrument, Service, Tariff
from sankul.programme.facilities.queries.prices import relations
from sankul.programme.facilities.rules import Assistance, InstrumentStatus, Relation, UserClass
from sankul.programme.facilities.rules.prices import estimate, estimate_work
from sankul.programme.registry.models import Membership, Organisation, Programme
from sankul.programme.registry.rules import OrganisationKind

from .cast import YEARS
from .registry import DOMAIN, SINCE
from .story import FIRST_YEAR

INDIA = ZoneInfo("Asia/Kolkata")
LAST = FIRST_YEAR + len(YEARS) - 1
YEAR = (date(LAST, 4, 1), date(LAST + 1, 3, 31))
EARLIER = {FIRST_YEAR + number: 0.15 + 0.2 * number for number in range(len(YEARS) - 1)}
"""How much was booked in the years before, as a share of the last: sharing began slowly."""
AROUND = (timedelta(days=45), timedelta(days=21))
"""Before and after the first start."""
USERS = {
    OrganisationKind.ACADEMIA: 5,
    OrganisationKind.LABORATORY: 4,
    OrganisationKind.INDUSTRY: 2,
    OrganisationKind.STARTUP: 2,
    OrganisationKind.MSME: 2,
}
LENGTHS, LIKELY = np.array([1.0, 1.5, 2.0, 3.0, 4.0]), np.array([0.3, 0.15, 0.3, 0.15, 0.1])
STEP = timedelta(minutes=30)
BATCH = 2000


@cache
def script() -> dict[str, Any]:
    """The file as it stands."""
    return tomllib.loads(files(__package__).joinpath("bookings.toml").read_text("utf-8"))


@dataclass
class Written:
    """Rows to write: bookings, and the use of some of them."""

    bookings: list[Booking] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)


def fill(programme: Programme, at: datetime) -> None:
    """Write users, bookings, uses and orders for the instruments of the demonstration's institutions, once."""
    if Booking.objects.filter(instrument__organisation__is_demonstration=True).exists():
        return
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    rows = Instrument.objects.filter(organisation__is_demonstration=True).exclude(
        status=InstrumentStatus.WITHDRAWN
    )
    instruments = list(
        rows.select_related("facility__organisation")
        .prefetch_related("units")
        .order_by("slug", "pk")
    )
    if not instruments:
        return
    people = _people(programme, at)
    world = _World(instruments, people, at)
    written = Written()
    for one in instruments:
        _use(one, world, written)
    Booking.objects.bulk_create(written.bookings, BATCH)
    Use.objects.bulk_create(written.uses, BATCH)
    Order.objects.bulk_create(_orders(world))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE bookings_booking, bookings_use, bookings_order")


def _people(programme: Programme, at: datetime) -> list[tuple[User, Organisation]]:
    """Members of the organisations: accounts without a password."""
    rows = Membership.objects.filter(cluster__programme=programme).order_by("organisation__slug")
    bodies = {
        row.organisation.slug: row.organisation for row in rows.select_related("organisation")
    }
    given, family = script()["given"], script()["family"]
    users: list[User] = []
    of: list[Organisation] = []
    for body in bodies.values():
        for _number in range(USERS.get(OrganisationKind(body.kind), 0)):
            count = len(users)
            name = f"{given[count % len(given)]} {family[(count * 7) % len(family)]}"
            email = f"user{count + 1:03d}@{DOMAIN}"
            users.append(User(email=email, name=name, password=make_password(None)))
            of.append(body)
    made = User.objects.bulk_create(users)
    Grant.objects.bulk_create(
        Grant(
            user=user,
            role=Role.MEMBER,
            scope_kind=ScopeKind.ORGANISATION,
            scope_id=body.pk,
            from_on=SINCE,
            granted_at=at,
        )
        for user, body in zip(made, of, strict=True)
    )
    member = User.objects.get(email=f"member@{DOMAIN}")
    hers = Grant.objects.get(user=member, role=Role.MEMBER).scope_id
    own = next(body for body in bodies.values() if body.pk == hers)
    return [*zip(made, of, strict=True), (member, own)]


class _World:
    """What every booking refers to: people by their relation to each host, tariffs, how hosts answer."""

    def __init__(
        self,
        instruments: Sequence[Instrument],
        people: list[tuple[User, Organisation]],
        at: datetime,
    ) -> None:
        self.at = at
        hosts = {one.facility.organisation_id for one in instruments}
        self.people: dict[int, dict[Relation, list[tuple[User, Organisation]]]] = {
            host: {relation: [] for relation in Relation} for host in hosts
        }
        stands = {body.pk: relations(body, hosts) for body in {body for _user, body in people}}
        for user, body in people:
            for host in hosts:
                self.people[host][stands[body.pk][host]].append((user, body))
        self.tariffs: dict[tuple[int | None, int | None, str, str], list[Tariff]] = {}
        for row in Tariff.objects.order_by("from_on"):
            key = (row.instrument_id, row.service_id, row.user_class, row.relation)
            self.tariffs.setdefault(key, []).append(row)
        rows = Membership.objects.filter(organisation__in=hosts).order_by("pk")
        city = {row.organisation_id: row.cluster.slug for row in rows.select_related("cluster")}
        self.answers: dict[int, tuple[float, float]] = {
            host: tuple(script()["answers"].get(city.get(host, ""), (24, 0.04))) for host in hosts
        }

    def tariff(
        self, what: Instrument | Service, body: Organisation, relation: str, on: date
    ) -> Tariff | None:
        """The tariff in force on a day."""
        ids = (what.pk, None) if isinstance(what, Instrument) else (None, what.pk)
        found = self.tariffs.get((*ids, UserClass.of(body.kind), relation), [])
        return next((row for row in reversed(found) if row.from_on <= on), None)


def _rng(slug: str, salt: str = "") -> np.random.Generator:
    return np.random.default_rng(list(f"{slug}{salt}".encode()))


def _use(one: Instrument, world: _World, written: Written) -> None:
    """The years, and the weeks around the first start, unit by unit."""
    since, until = world.at - AROUND[0], world.at + AROUND[1]
    before = [
        (str(year), share, date(year, 4, 1), date(year + 1, 3, 31))
        for year, share in EARLIER.items()
    ]
    spans = [
        *before,
        ("year", 1.0, *YEAR),
        ("now", 1.0, since.astimezone(INDIA).date(), until.astimezone(INDIA).date()),
    ]
    for label, share, first, last in spans:
        rng = _rng(one.slug, f"{one.facility.slug}{label}")
        popular = float(rng.choice([0.12, 0.22, 0.4, 0.7], p=[0.3, 0.35, 0.25, 0.1]))
        for unit in one.units.all():
            if unit.is_active:
                for start, end in _slots(rng, popular * share, first, last, one):
                    _book(one, unit, (start, end), world, written, rng)


def _slots(
    rng: np.random.Generator, popular: float, first: date, last: date, one: Instrument
) -> Iterator[tuple[datetime, datetime]]:
    """Slots of working days between nine and half past five in India, apart by set-up and clean-up."""
    apart = timedelta(minutes=one.setup_minutes + one.cleanup_minutes)
    for number in range((last - first).days + 1):
        on = first + timedelta(days=number)
        if on.weekday() == 6 or rng.random() < 0.04:
            continue
        start = datetime.combine(on, time(9), INDIA)
        close = datetime.combine(on, time(17, 30), INDIA)
        for _ in range(rng.poisson(popular * (0.35 if on.weekday() == 5 else 1.0))):
            start += STEP * int(rng.integers(0, 5))
            hours = float(rng.choice(LENGTHS, p=LIKELY))
            end = start + max(timedelta(hours=hours), timedelta(minutes=one.min_minutes))
            if end > close:
                break
            yield start.astimezone(UTC), end.astimezone(UTC)
            start = end + -(-apart // STEP) * STEP


def _book(
    one: Instrument,
    unit: Any,
    slot: tuple[datetime, datetime],
    world: _World,
    written: Written,
    rng: np.random.Generator,
) -> None:
    host = one.facility.organisation_id
    relation, (user, body) = _who(world, host, rng)
    starts_at, ends_at = slot
    assisted = one.assistance == Assistance.REQUIRED or (
        one.assistance == Assistance.OFFERED and rng.random() < 0.25
    )
    ahead = timedelta(days=float(rng.uniform(2, 18)), minutes=float(rng.uniform(0, 600)))
    booking = Booking(
        uid=UUID(bytes=rng.bytes(16), version=4),
        instrument=one,
        unit=unit,
        user=user,
        organisation=body,
        booked_by=user,
        user_class=UserClass.of(body.kind),
        relation=relation,
        starts_at=starts_at,
        ends_at=ends_at,
        occupied=TimestamptzRange(
            starts_at - timedelta(minutes=one.setup_minutes),
            ends_at + timedelta(minutes=one.cleanup_minutes),
        ),
        is_assisted=assisted,
        purpose=str(rng.choice(script()["purposes"])),
        made_at=min(starts_at - ahead, world.at),
        changed_at=min(starts_at - ahead, world.at),
        state=State.CONFIRMED,
    )
    tariff = world.tariff(one, body, relation, starts_at.astimezone(INDIA).date())
    if tariff is not None:
        booking.tariff = tariff
        booking.estimate_inr = estimate(tariff, starts_at, ends_at, INDIA, assisted).total_inr
    _tell(booking, world, written, rng)
    written.bookings.append(booking)


def _who(
    world: _World, host: int, rng: np.random.Generator
) -> tuple[Relation, tuple[User, Organisation]]:
    wanted = rng.choice([Relation.OWN, Relation.CLUSTER, Relation.OUTSIDE], p=[0.5, 0.32, 0.18])
    people = world.people[host]
    relation = next(
        one
        for one in (Relation(wanted), Relation.OUTSIDE, Relation.CLUSTER, Relation.OWN)
        if people[one]
    )
    return relation, people[relation][int(rng.integers(len(people[relation])))]


def _tell(booking: Booking, world: _World, written: Written, rng: np.random.Generator) -> None:
    """What became of it: the answer where one was needed, then the use."""
    if booking.instrument.needs_approval and not _answered(booking, world, rng):
        return
    if booking.starts_at > world.at - timedelta(hours=6):
        return
    chance = rng.random()
    if chance < 0.07:
        booking.state, booking.is_late = State.CANCELLED, bool(chance < 0.02)
        early = timedelta(hours=6 if booking.is_late else 40)
        booking.cancelled_at = max(booking.starts_at - early, booking.made_at)
        booking.changed_at, booking.end_note = booking.cancelled_at, "Samples were not ready"
    elif chance < 0.095:
        booking.state, booking.changed_at = State.NO_SHOW, booking.starts_at + STEP
    else:
        _used(booking, written, rng)
    booking.sequence += 1


def _answered(booking: Booking, world: _World, rng: np.random.Generator) -> bool:
    half, silent = world.answers[booking.instrument.facility.organisation_id]
    booking.requested_at = booking.made_at
    hours = booking.instrument.facility.answer_within_hours
    booking.answer_by_at = answer_by(booking.made_at, hours, booking.starts_at)
    decided = booking.made_at + timedelta(hours=half * float(np.exp(rng.normal(0, 0.9))))
    latest = min(booking.starts_at, world.at)
    if rng.random() < silent or decided >= latest:
        is_over = booking.starts_at <= world.at
        booking.state = State.EXPIRED if is_over else State.REQUESTED
        booking.changed_at = booking.starts_at if is_over else booking.made_at
        _told(booking, world)
        return False
    booking.decided_at = booking.changed_at = decided
    if rng.random() < 0.06:
        reasons = [Reason.UNSUITABLE, Reason.HOST_NEEDS, Reason.NO_OPERATOR, Reason.UNCLEAR]
        booking.state, booking.reason = State.REFUSED, rng.choice(reasons)
        return False
    return True


def _told(booking: Booking, world: _World) -> None:
    """What the clock did about the silence."""
    if booking.answer_by_at is None:
        return
    wait = booking.answer_by_at - booking.made_at
    moments = (
        booking.made_at + wait / 2,
        booking.answer_by_at,
        booking.answer_by_at + wait,
    )
    latest = min(world.at, booking.starts_at)
    names = ("reminded_at", "nodal_at", "cluster_at")
    for name, moment in zip(names, moments, strict=True):
        if moment < latest:
            setattr(booking, name, moment)


def _used(booking: Booking, written: Written, rng: np.random.Generator) -> None:
    booking.state, booking.changed_at = State.COMPLETED, booking.ends_at
    if rng.random() < 0.35:
        booking.score = int(rng.choice([2, 3, 4, 5], p=[0.05, 0.15, 0.4, 0.4]))
    if rng.random() < 0.1:
        return  # nobody told the start: the hours count as booked, without evidence
    late = timedelta(minutes=float(rng.integers(0, 16)))
    early = timedelta(minutes=float(rng.integers(0, 21)))
    good = rng.random() > 0.03
    written.uses.append(
        Use(
            booking=booking,
            started_at=booking.starts_at + late,
            started_by=booking.user,
            started_via=Via.CODE if rng.random() < 0.6 else Via.PAGE,
            stopped_at=max(booking.ends_at - early, booking.starts_at + late),
            stopped_by=booking.user,
            condition=Condition.GOOD if good else Condition.ATTENTION,
            condition_note="" if good else "The stage drifts a little",
        )
    )


def _orders(world: _World) -> Iterator[Order]:
    """About two orders a month for each service, most of them done."""
    rows = Service.objects.filter(facility__organisation__is_demonstration=True, is_active=True)
    for service in rows.select_related("facility__organisation").order_by("slug", "pk"):
        rng = _rng(service.slug, service.facility.slug)
        host = service.facility.organisation_id
        if host not in world.people:
            continue
        for number in range(24):
            days = number * 15 + float(rng.uniform(0, 14))
            made = datetime.combine(YEAR[0], time(11), INDIA).astimezone(UTC) + timedelta(days=days)
            yield _order(service, made, world, rng)


def _order(service: Service, made: datetime, world: _World, rng: np.random.Generator) -> Order:
    host = service.facility.organisation_id
    relation, (user, body) = _who(world, host, rng)
    half, silent = world.answers[host]
    samples = int(rng.integers(1, 25))
    order = Order(
        service=service,
        user=user,
        organisation=body,
        user_class=UserClass.of(body.kind),
        relation=relation,
        samples=samples,
        note=str(rng.choice(script()["purposes"])),
        state=OrderState.REQUESTED,
        made_at=made,
        requested_at=made,
        answer_by_at=answer_by(made, service.facility.answer_within_hours, None),
    )
    tariff = world.tariff(service, body, relation, made.astimezone(INDIA).date())
    if tariff is not None:
        order.tariff = tariff
        order.estimate_inr = estimate_work(tariff, Decimal(samples), service.unit_name).total_inr
    if rng.random() > silent:
        order.decided_at = made + timedelta(hours=half * float(np.exp(rng.normal(0, 0.9))))
        if rng.random() < 0.07:
            order.state, order.reason = OrderState.REFUSED, Reason.UNSUITABLE
        else:
            order.state = OrderState.DONE
            order.received_at = order.decided_at + timedelta(days=4)
            order.done_at = order.received_at + timedelta(days=service.turnaround_days)
    return order
