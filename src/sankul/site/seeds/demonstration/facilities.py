"""The shared facilities of the demonstration: twelve institutions, some sixty instruments, what they cost, when they are open.

Tariffs and holidays cover the years of the story and reach beyond the first start; tickets and trainings are laid around it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.utils import timezone
from django.utils.text import slugify

from sankul.core.models import Grant, User
from sankul.core.rules.roles import Role, ScopeKind
from sankul.programme.facilities.models import (
    Acknowledged,
    Closure,
    Consumable,
    Facility,
    Instrument,
    Opening,
    Qualification,
    Service,
    Specification,
    Tariff,
    Technique,
    Ticket,
    TrainingPlace,
    TrainingSession,
    Unit,
)
from sankul.programme.facilities.rules import (
    InstrumentStatus,
    Relation,
    TicketKind,
    TrainingOutcome,
    UserClass,
)
from sankul.programme.registry.models import Organisation

from .registry import DOMAIN, SINCE
from .story import FIRST_YEAR

INDIA = ZoneInfo("Asia/Kolkata")
RAISED_ON = date(FIRST_YEAR + 2, 4, 1)
BY_THE_CLOCK = (UserClass.MSME, UserClass.INDUSTRY)
"""Classes that pay more in the middle of the day."""


@cache
def script() -> dict[str, Any]:
    """The file as it stands."""
    return tomllib.loads(files(__package__).joinpath("facilities.toml").read_text("utf-8"))


@dataclass
class Hall:
    """A facility as it was written, with its manager and its instruments by their kind."""

    told: dict[str, Any]
    facility: Facility
    manager: User
    instruments: dict[str, Instrument] = field(default_factory=dict)


def equip(at: datetime) -> None:
    """Write the facilities of the demonstration's institutions, once; ``at`` is the first start."""
    if Facility.objects.filter(organisation__is_demonstration=True).exists():
        return
    techniques = _techniques()
    halls = _halls(at)
    for hall in halls.values():
        _instruments(hall, at)
    _write_instruments(halls, techniques)
    _open(halls, at)
    _price(halls)
    _break(halls, at)
    _train(halls, at)


def _techniques() -> dict[str, Technique]:
    there = {one.code: one for one in Technique.objects.all()}
    missing = [Technique(**row) for row in script()["technique"] if row["code"] not in there]
    return there | {one.code: one for one in Technique.objects.bulk_create(missing)}


def _halls(at: datetime) -> dict[str, Hall]:
    told = {row["organisation"]: row for row in script()["host"]}
    hosts = Organisation.objects.filter(slug__in=told, is_demonstration=True).order_by("slug")
    made = Facility.objects.bulk_create(_facility(host, told[host.slug]) for host in hosts)
    managers = _managers(made, at)
    return {
        one.organisation.slug: Hall(told[one.organisation.slug], one, manager)
        for one, manager in zip(made, managers, strict=True)
    }


def _facility(host: Organisation, told: dict[str, Any]) -> Facility:
    return Facility(
        organisation=host,
        slug=slugify(told["name"]),
        name=told["name"],
        summary=f"Open to other institutions for {told['share']} % of its hours.",
        place=told["city"],
        contact_email=f"facility@{host.slug}.example",
        answer_within_hours=told["answer"],
        outsider_share_percent=told["share"],
        acknowledgement=script()["acknowledgement"].format(facility=told["name"], host=host.name),
    )


def _managers(facilities: list[Facility], at: datetime) -> list[User]:
    """The lab managers: accounts without a password, but for the one whose account is open to try."""
    names = script()["managers"]
    closed = make_password(None)
    users = User.objects.bulk_create(
        User(email=f"lab.{one.organisation.slug}@{DOMAIN}", name=names[number], password=closed)
        for number, one in enumerate(facilities)
    )
    Grant.objects.bulk_create(
        Grant(
            user=user,
            role=Role.LAB_MANAGER,
            scope_kind=ScopeKind.ORGANISATION,
            scope_id=one.organisation_id,
            from_on=SINCE,
            granted_at=at,
        )
        for user, one in zip(users, facilities, strict=True)
    )
    return users


def _instruments(hall: Hall, at: datetime) -> None:
    gone, stale = script()["gone"], script()["stale"]["hosts"]
    host = hall.facility.organisation.slug
    for number, kind in enumerate(hall.told["instruments"]):
        made = _instrument(hall.facility, kind, number)
        made.confirmed_at = at - timedelta(days=300 if host in stale and number % 2 else 5 * number)
        if (host, kind) == (gone["host"], gone["kind"]):
            made.status = InstrumentStatus.WITHDRAWN
            made.withdrawn_at = datetime.combine(gone["on"], time(12), INDIA)
        hall.instruments[kind] = made


def _instrument(facility: Facility, kind: str, number: int) -> Instrument:
    told = script()["kinds"][kind]
    slot = told.get("slot", 30)
    return Instrument(
        facility=facility,
        slug=kind,
        name=told["name"],
        summary=told["summary"],
        make=told["make"],
        model=told["model"],
        serial_number=f"{told['model']}-{facility.organisation_id % 90 + 10}{number:02d}",
        sample_kinds=told["samples"],
        funding_agency="Union Department of Civic Science",
        award_number=f"UDCS/{2018 + number}/{100 + 7 * number}",
        commissioned_on=date(2018 + number, 3 + number, 11),
        slot_minutes=slot,
        min_minutes=slot,
        max_minutes=told.get("max", 480),
        lead_minutes=told.get("lead", 0),
        setup_minutes=told.get("setup", 0),
        cleanup_minutes=told.get("cleanup", 0),
        needs_approval=told.get("approval", False),
        needs_training=told.get("training", False),
        assistance=told.get("assistance", "none"),
    )


def _every(halls: dict[str, Hall]) -> Iterator[tuple[str, Instrument]]:
    for hall in halls.values():
        yield from hall.instruments.items()


def _write_instruments(halls: dict[str, Hall], techniques: dict[str, Technique]) -> None:
    kinds = script()["kinds"]
    Instrument.objects.bulk_create(one for _kind, one in _every(halls))
    Instrument.techniques.through.objects.bulk_create(
        Instrument.techniques.through(instrument=one, technique=techniques[code])
        for kind, one in _every(halls)
        for code in kinds[kind]["techniques"]
    )
    Specification.objects.bulk_create(
        Specification(instrument=one, name=name, value=value, unit=unit)
        for kind, one in _every(halls)
        for name, value, unit in kinds[kind]["specs"]
    )
    Unit.objects.bulk_create(
        Unit(instrument=one, label=f"Unit {number + 1}")
        for kind, one in _every(halls)
        for number in range(kinds[kind].get("units", 1))
    )
    Acknowledged.objects.bulk_create(_papers(halls))


def _papers(halls: dict[str, Hall]) -> Iterator[Acknowledged]:
    """10.5555 is the prefix that Crossref keeps for examples."""
    for number, (kind, one) in enumerate(_every(halls)):
        if number % 3:
            continue
        told = script()["kinds"][kind]
        yield Acknowledged(
            instrument=one,
            doi=f"10.5555/demonstration.{number}",
            title=f"{told['summary'].split(',')[0].rstrip('.')}: a study at {one.facility.place}",
            published_on=date(FIRST_YEAR + 1 + number % 2, 1 + number % 12, 15),
            reported_at=datetime(FIRST_YEAR + 2, 4, 20, 12, tzinfo=INDIA),
        )


def _open(halls: dict[str, Hall], at: datetime) -> None:
    rows: list[Opening] = []
    for hall in halls.values():
        since, until = map(time.fromisoformat, script()["weekdays"])
        rows += (_opening(hall.facility, day, since, until) for day in range(5))
        rows.append(_opening(hall.facility, 5, *map(time.fromisoformat, script()["saturday"])))
        for kind, one in hall.instruments.items():
            if script()["kinds"][kind].get("own_hours"):
                rows += (
                    Opening(
                        facility=hall.facility,
                        instrument=one,
                        weekday=day,
                        opens=time(0),
                        closes=time(0),
                    )
                    for day in range(7)
                )
    Opening.objects.bulk_create(rows)
    Closure.objects.bulk_create(
        Closure(facility=hall.facility, from_on=on, until_on=on, reason=reason)
        for hall in halls.values()
        for on, reason in _holidays(at)
    )


def _opening(facility: Facility, day: int, since: time, until: time) -> Opening:
    return Opening(facility=facility, weekday=day, opens=since, closes=until)


def _holidays(at: datetime) -> list[tuple[date, str]]:
    years = range(FIRST_YEAR, at.year + 2)
    days = script()["holidays"]
    return [(date.fromisoformat(f"{year}-{day}"), name) for year in years for day, name in days]


def _price(halls: dict[str, Hall]) -> None:
    rows = [row for kind, one in _every(halls) for row in _tariffs(kind, one)]
    services = Service.objects.bulk_create(_service(hall) for hall in halls.values())
    rows += [row for one in services for row in _rates(Decimal(600), service=one)]
    Tariff.objects.bulk_create(rows, batch_size=1000)
    Consumable.objects.bulk_create(
        Consumable(facility=hall.facility, name=name, unit_name=unit, price_inr=Decimal(price))
        for hall in halls.values()
        for name, unit, price in script()["consumables"]
    )


def _service(hall: Hall) -> Service:
    name = hall.told["service"]
    return Service(
        facility=hall.facility,
        slug=slugify(name),
        name=name,
        summary="Samples are sent in, and the report comes by mail.",
        turnaround_days=7 + len(name) % 8,
        unit_name="sample",
    )


def _tariffs(kind: str, one: Instrument) -> Iterator[Tariff]:
    told = script()["kinds"][kind]
    assistance = Decimal(300) if told.get("assistance") else Decimal(0)
    yield from _rates(Decimal(told["rate"]), instrument=one, assistance_inr_hour=assistance)


def _rates(rate: Decimal, **what: Any) -> Iterator[Tariff]:
    """Rates of every class and relation until the rise, and since."""
    told, rise = script()["rates"], Decimal(100 + script()["raise_percent"]) / 100
    ages = (
        (date(FIRST_YEAR, 4, 1), RAISED_ON - timedelta(days=1), Decimal(1)),
        (RAISED_ON, None, rise),
    )
    for user_class in UserClass:
        peak = _peak() if user_class in BY_THE_CLOCK and "instrument" in what else {}
        for relation in Relation:
            share = Decimal(told[user_class.value] * told[relation.value]) / 10_000
            for from_on, until_on, times in ages:
                yield Tariff(
                    user_class=user_class,
                    relation=relation,
                    rate_inr=_tens(rate * share * times),
                    minimum_inr=_tens(rate * share / 2),
                    cancellation_percent=0 if relation == Relation.OWN else 25,
                    no_show_percent=50,
                    from_on=from_on,
                    until_on=until_on,
                    **peak,
                    **what,
                )


def _tens(amount: Decimal) -> Decimal:
    """An amount as price lists have it: in tens of rupees."""
    return (amount / 10).quantize(Decimal(1)) * 10


def _peak() -> dict[str, Any]:
    return {"peak_percent": 25, "peak_from": time(10), "peak_until": time(16)}


def _break(halls: dict[str, Hall], at: datetime) -> None:
    rows = [_ticket(halls[told["host"]], told, at) for told in script()["ticket"]]
    Ticket.objects.bulk_create(rows)
    down = [
        row.instrument_id
        for row in rows
        if row.blocks_from and row.blocks_until is None and row.resolved_at is None
    ]
    Instrument.objects.filter(pk__in=down).update(status=InstrumentStatus.DOWN)


def _ticket(hall: Hall, told: dict[str, Any], at: datetime) -> Ticket:
    opened = told.get("opened", min(told.get("from", 0), -1))
    is_done = "done" in told
    return Ticket(
        instrument=hall.instruments[told["kind"]],
        kind=TicketKind.MAINTENANCE if told.get("maintenance") else TicketKind.FAULT,
        severity=told["severity"],
        title=told["title"],
        text=told["text"],
        opened_by=hall.manager,
        opened_at=_morning(at, opened),
        blocks_from=_morning(at, told["from"]) if "from" in told else None,
        blocks_until=_morning(at, told["until"]) if "from" in told and "until" in told else None,
        resolved_at=_morning(at, told["until"]) if is_done else None,
        resolved_by=hall.manager if is_done else None,
        resolution=told.get("done", ""),
    )


def _train(halls: dict[str, Hall], at: datetime) -> None:
    """A training behind and one ahead on every instrument that needs one; who came is qualified for two years."""
    member = User.objects.get(email=f"member@{DOMAIN}")
    sessions, places, qualifications = [], [], []
    for hall in halls.values():
        taught = [one for one in hall.instruments.values() if one.needs_training]
        for number, one in enumerate(taught):
            past = _session(one, hall.manager, _morning(at, -60 - number, hour=10))
            sessions += [past, _session(one, hall.manager, _morning(at, 5 + number, hour=10))]
            for user in (member, hall.manager) if number == 0 else (hall.manager,):
                places.append(
                    TrainingPlace(session=past, user=user, outcome=TrainingOutcome.PASSED)
                )
                qualifications.append(_qualified(one, user, hall.manager, past.starts_at))
    TrainingSession.objects.bulk_create(sessions)
    TrainingPlace.objects.bulk_create(places)
    Qualification.objects.bulk_create(qualifications)


def _session(one: Instrument, trainer: User, starts_at: datetime) -> TrainingSession:
    return TrainingSession(
        instrument=one,
        trainer=trainer,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        places=4,
        note="Meet at the door of the facility.",
    )


def _qualified(one: Instrument, user: User, by: User, at: datetime) -> Qualification:
    on = timezone.localdate(at, INDIA)
    return Qualification(
        instrument=one, user=user, granted_by=by, from_on=on, until_on=on + timedelta(days=730)
    )


def _morning(at: datetime, days: int, hour: int = 9) -> datetime:
    """An hour of a day counted from the first start, in Indian time."""
    on = timezone.localdate(at, INDIA) + timedelta(days=days)
    return datetime.combine(on, time(hour), INDIA)
