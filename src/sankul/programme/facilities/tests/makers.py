"""Makers of the area's records: each writes rows directly, past rights and rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import count
from typing import Any

from sankul.core.models import User
from sankul.core.rules.roles import Actor, Role, Scope, ScopeKind
from sankul.core.tests.makers import AT, actor_with
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
from sankul.programme.facilities.rules import Relation, TicketKind, UserClass
from sankul.programme.registry.models import Organisation
from sankul.programme.registry.tests import makers

_numbers = count(1)


def facility(organisation: Organisation | None = None, **fields: Any) -> Facility:
    """A facility in Indian time, without hours: nothing is open before ``opening`` or ``week`` say so."""
    number = next(_numbers)
    defaults = {
        "slug": f"facility-{number}",
        "name": f"Facility {number}",
        "place": f"City {number}",
        "contact_email": f"facility{number}@example.org",
    }
    return Facility.objects.create(
        organisation=organisation or makers.organisation(), **defaults | fields
    )


def technique(**fields: Any) -> Technique:
    """A technique with a code of its own."""
    number = next(_numbers)
    return Technique.objects.create(
        **{"code": f"technique-{number}", "name": f"Technique {number}"} | fields
    )


def instrument(facility: Facility | None = None, units: int = 1, **fields: Any) -> Instrument:
    """An instrument in service with ``units`` units, confirmed at the moment of tests, with the default rules of booking."""
    number = next(_numbers)
    defaults = {
        "slug": f"instrument-{number}",
        "name": f"Instrument {number}",
        "confirmed_at": AT,
    }
    made = Instrument.objects.create(facility=facility or _facility(), **defaults | fields)
    made.refresh_from_db(fields=["organisation"])
    for index in range(units):
        unit(made, label=f"Unit {index + 1}")
    return made


def unit(instrument: Instrument, **fields: Any) -> Unit:
    """A unit that can be booked."""
    return Unit.objects.create(
        instrument=instrument, **{"label": f"Unit {next(_numbers)} more"} | fields
    )


def specification(instrument: Instrument, **fields: Any) -> Specification:
    """A resolution of 1.2 nm."""
    defaults = {"name": f"Resolution {next(_numbers)}", "value": "1.2", "unit": "nm"}
    return Specification.objects.create(instrument=instrument, **defaults | fields)


def opening(facility: Facility, **fields: Any) -> Opening:
    """Mondays from nine to five, local time; of an ``instrument`` where one is given."""
    defaults = {"weekday": 0, "opens": time(9), "closes": time(17)}
    return Opening.objects.create(facility=facility, **defaults | fields)


def week(facility: Facility, **fields: Any) -> list[Opening]:
    """Every day of the week from nine to five, local time."""
    return [opening(facility, weekday=day, **fields) for day in range(7)]


def closure(facility: Facility, **fields: Any) -> Closure:
    """Closed on 26 Jan 2027."""
    defaults = {
        "from_on": date(2027, 1, 26),
        "until_on": date(2027, 1, 26),
        "reason": "Republic Day",
    }
    return Closure.objects.create(facility=facility, **defaults | fields)


def service(facility: Facility | None = None, **fields: Any) -> Service:
    """A service of ten days, paid by the sample."""
    number = next(_numbers)
    defaults = {
        "slug": f"service-{number}",
        "name": f"Service {number}",
        "turnaround_days": 10,
        "unit_name": "sample",
    }
    return Service.objects.create(facility=facility or _facility(), **defaults | fields)


def consumable(facility: Facility, **fields: Any) -> Consumable:
    """A grid for ₹ 250."""
    defaults = {"name": f"Grid {next(_numbers)}", "unit_name": "piece", "price_inr": Decimal(250)}
    return Consumable.objects.create(facility=facility, **defaults | fields)


def tariff(instrument: Instrument | None = None, **fields: Any) -> Tariff:
    """₹ 600 an hour for academia from outside since 1 Apr 2020, for an instrument or the ``service`` given."""
    defaults = {
        "user_class": UserClass.ACADEMIA,
        "relation": Relation.OUTSIDE,
        "rate_inr": Decimal(600),
        "from_on": date(2020, 4, 1),
    }
    if "service" not in fields:
        defaults["instrument"] = instrument or _instrument()
    return Tariff.objects.create(**defaults | fields)


def tariffs(instrument: Instrument, **fields: Any) -> list[Tariff]:
    """The same for every class and relation."""
    return [
        tariff(instrument, user_class=user_class, relation=relation, **fields)
        for user_class in UserClass
        for relation in Relation
    ]


def qualification(instrument: Instrument, user: User, **fields: Any) -> Qualification:
    """Qualified since 1 Apr 2026, with an open end."""
    defaults = {"from_on": date(2026, 4, 1)}
    return Qualification.objects.create(instrument=instrument, user=user, **defaults | fields)


def session(instrument: Instrument, **fields: Any) -> TrainingSession:
    """A training of four places on 1 Dec 2026 from ten to noon in India."""
    defaults = {
        "starts_at": datetime(2026, 12, 1, 4, 30, tzinfo=UTC),
        "ends_at": datetime(2026, 12, 1, 6, 30, tzinfo=UTC),
        "places": 4,
    }
    return TrainingSession.objects.create(instrument=instrument, **defaults | fields)


def place(session: TrainingSession, user: User | None = None, **fields: Any) -> TrainingPlace:
    """A place in a training."""
    return TrainingPlace.objects.create(session=session, user=user or makers.user(), **fields)


def ticket(instrument: Instrument, **fields: Any) -> Ticket:
    """A fault that blocks nothing."""
    defaults = {
        "kind": TicketKind.FAULT,
        "title": f"The pump hums {next(_numbers)}",
        "opened_at": AT,
    }
    return Ticket.objects.create(instrument=instrument, **defaults | fields)


def acknowledged(instrument: Instrument, **fields: Any) -> Acknowledged:
    """A paper of 2026."""
    number = next(_numbers)
    defaults = {
        "doi": f"10.5555/{number}",
        "title": f"Paper {number}",
        "published_on": date(2026, 6, 1),
        "reported_at": AT,
    }
    return Acknowledged.objects.create(instrument=instrument, **defaults | fields)


def manager(organisation: Organisation, at: datetime = AT) -> Actor:
    """The lab manager of an organisation."""
    return actor_with(Role.LAB_MANAGER, Scope(ScopeKind.ORGANISATION, organisation.pk), at)


def member(organisation: Organisation, at: datetime = AT) -> Actor:
    """A member of an organisation."""
    return actor_with(Role.MEMBER, Scope(ScopeKind.ORGANISATION, organisation.pk), at)


# the names above as seen from where a parameter has the same name
_facility, _instrument = facility, instrument
