"""Who is late, silent or suspect, and whose battery will be empty when."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sankul.field.streams.actions.ingest import ingest
from sankul.field.streams.models import Datastream, Thing
from sankul.field.streams.queries.health import health
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import DoorName
from sankul.field.streams.rules.batches import Batch
from sankul.field.streams.rules.health import Health, ThingHealth, due_every
from sankul.programme.registry.tests import makers as registry

from . import makers
from .makers import NOON

pytestmark = pytest.mark.django_db
QUARTER = timedelta(minutes=15)


def sent(stream: Datastream, *rows: tuple[datetime, float]) -> None:
    batch = Batch.of(*((stream.pk, time, value) for time, value in rows))
    ingest(batch=batch, sender=Sender(DoorName.COMMAND), at=registry.AT)


def told(thing: Thing, at: datetime) -> ThingHealth:
    return health([thing.pk], at)[thing.pk]


def heard(**fields: Any) -> Datastream:
    stream = makers.stream(expected_every_s=900, **fields)
    sent(stream, (NOON, 4.0))
    return stream


def test_a_thing_without_observations_has_nothing_yet() -> None:
    assert told(makers.stream().thing, NOON).state == Health.NOTHING
    assert told(makers.thing(), NOON).state == Health.NOTHING


def test_one_value_that_is_lost_is_not_yet_late() -> None:
    thing = heard().thing
    assert told(thing, NOON + 2 * QUARTER).state == Health.REPORTING
    late = told(thing, NOON + 2 * QUARTER + timedelta(seconds=1))
    assert (late.state, late.since, late.last_at) == (Health.LATE, NOON, NOON)


def test_silence_begins_eight_values_after_the_last() -> None:
    thing = heard().thing
    assert told(thing, NOON + 8 * QUARTER).state == Health.LATE
    dumb = told(thing, NOON + 9 * QUARTER)
    assert (dumb.state, dumb.since) == (Health.SILENT, NOON)


def test_a_thing_of_which_one_stream_speaks_is_late_not_silent() -> None:
    one = heard()
    other = makers.stream(one.thing, expected_every_s=900)
    sent(other, (NOON + 20 * QUARTER, 1.0))
    found = told(one.thing, NOON + 21 * QUARTER)
    assert (found.state, found.late, found.since) == (Health.LATE, (one.pk,), NOON)
    assert found.last_at == NOON + 20 * QUARTER


def test_how_often_is_taken_from_what_came_where_nobody_says() -> None:
    stream = makers.stream()
    sent(stream, *((NOON + k * QUARTER, float(k)) for k in range(5)))
    assert told(stream.thing, NOON + 6 * QUARTER).state == Health.REPORTING
    assert told(stream.thing, NOON + 13 * QUARTER).state == Health.SILENT
    assert due_every(None, 2, NOON, NOON + QUARTER) is None


def test_a_last_value_that_failed_makes_it_suspect() -> None:
    stream = makers.stream(expected_every_s=900)
    makers.gross_range(stream, 0, 10)
    sent(stream, (NOON, 40.0))
    found = told(stream.thing, NOON)
    assert (found.state, found.suspect) == (Health.SUSPECT, (stream.pk,))


def battery(*levels: float, **fields: Any) -> Datastream:
    """Charge in percent of ten days, a value each day, falling by night."""
    percent = {"name": "Percent", "symbol": "%", "definition": "ucum:%"}
    thing = makers.thing()
    seen = makers.observed_property(thing, name="Battery charge")
    stream = makers.stream(thing, observed_property=seen, unit=percent, **fields)
    first = NOON - timedelta(days=len(levels) - 1)
    sent(stream, *((first + timedelta(days=k), level) for k, level in enumerate(levels)))
    return stream


def test_a_battery_that_falls_by_two_a_day_is_empty_in_five() -> None:
    charge = told(battery(38, 36, 34, 32, 30).thing, NOON + QUARTER).battery
    assert charge is not None
    assert (charge.level, charge.limit, charge.is_low) == (30, 20, False)
    assert charge.empty_at is not None
    assert charge.empty_at.date() == (NOON + timedelta(days=5)).date()


def test_a_battery_below_its_limit_is_low_and_one_that_rises_is_not_empty() -> None:
    assert told(battery(40, 30, 19).thing, NOON + QUARTER).state == Health.BATTERY
    charge = told(battery(40, 50, 60).thing, NOON + QUARTER).battery
    assert charge is not None
    assert charge.empty_at is None


def test_volts_need_a_limit_of_their_own() -> None:
    volts = {"name": "Volt", "symbol": "V", "definition": "ucum:V"}
    thing = makers.thing()
    stream = makers.stream(thing, unit=volts, properties={"battery_limit": 11.8})
    sent(stream, (NOON, 11.6))
    assert told(thing, NOON).state == Health.BATTERY
    stream.properties = {}
    stream.save()
    assert told(thing, NOON).battery is None


def test_statements_do_not_grow_with_things() -> None:
    def count(things: list[Thing]) -> int:
        with CaptureQueriesContext(connection) as asked:
            health([one.pk for one in things], NOON)
        return len(asked)

    three = [battery(40, 30, 25).thing for _ in range(3)]
    assert count(three[:1]) == count(three) <= 5
