"""What goes in: once, flagged, counted; what is wrong is refused by name and the rest lands."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from django.db import connection

from sankul.core.rules.roles import Role
from sankul.core.rules.verdicts import Forbidden
from sankul.field.streams.actions import reviewing
from sankul.field.streams.actions.allowance import TooFast
from sankul.field.streams.actions.ingest import Ingested, ingest
from sankul.field.streams.models import (
    DayCount,
    DeadLetter,
    Detail,
    Latest,
    Observation,
    SpanFile,
    Version,
)
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import DoorName, Flag, RefusalCode
from sankul.field.streams.rules.batches import Batch, Details
from sankul.field.streams.rules.numbers import day_of_id
from sankul.programme.registry.tests import makers as registry

from . import makers
from .makers import NOON

pytestmark = pytest.mark.django_db
TERMINAL = Sender(DoorName.COMMAND)
MINUTE = timedelta(minutes=1)


def sent(batch: Batch, sender: Sender = TERMINAL, at: datetime = registry.AT) -> Ingested:
    return ingest(batch=batch, sender=sender, at=at)


def one(details: Details, value: float = float("nan")) -> Batch:
    stream = makers.stream()
    row = Batch.of((stream.pk, NOON, value))
    return Batch(row.stream_ids, row.time_us, row.values, {0: details})


def test_a_batch_lands_with_ids_that_tell_the_day() -> None:
    stream = makers.stream()
    done = sent(Batch.of((stream.pk, NOON, 4.5), (stream.pk, NOON + timedelta(days=1), 5.5)))
    assert (done.new, done.letters) == (2, [])
    first, second = Observation.objects.order_by("time")
    assert (first.value, first.flag, first.time, first.is_detailed) == (4.5, 2, NOON, False)
    assert [first.pk, second.pk] == done.ids.tolist()
    assert [day_of_id(one.pk) for one in (first, second)] == [
        date(2026, 11, 20),
        date(2026, 11, 21),
    ]
    assert Observation.objects.numbered(second.pk).get() == second
    assert max(done.ids) < 2**53


def test_latest_counts_and_extents_follow() -> None:
    stream = makers.stream()
    sent(Batch.of((stream.pk, NOON, 4.5), (stream.pk, NOON + MINUTE, 5.5)))
    sent(Batch.of((stream.pk, NOON - timedelta(days=1), 3.5)))
    latest = Latest.objects.get(stream=stream)
    assert (latest.count, latest.time, latest.value) == (3, NOON + MINUTE, 5.5)
    assert (latest.first_time, latest.until) == (NOON - timedelta(days=1), NOON + MINUTE)
    assert (latest.first_result_at, latest.last_result_at) == (latest.first_time, latest.until)
    assert latest.observation_id == Observation.objects.get(time=NOON + MINUTE).pk
    assert list(DayCount.objects.order_by("day").values_list("day", "count", "flagged")) == [
        (date(2026, 11, 19), 1, 0),
        (date(2026, 11, 20), 2, 0),
    ]


def test_the_same_batch_twice_is_the_same_as_once() -> None:
    streams = [makers.stream() for _ in range(2)]
    batch = Batch.of(*((one.pk, NOON + i * MINUTE, i / 2) for one in streams for i in range(5)))
    first, second = sent(batch), sent(batch)
    assert (first.new, second.new, second.letters) == (10, 0, [])
    assert second.ids.tolist() == first.ids.tolist()
    assert Observation.objects.count() == 10
    assert [one.latest.count for one in streams] == [5, 5]
    assert sum(DayCount.objects.values_list("count", flat=True)) == 10


def test_a_batch_without_order_lands_as_if_sorted() -> None:
    stream = makers.stream()
    done = sent(
        Batch.of((stream.pk, NOON + MINUTE, 2.0), (stream.pk, NOON, 1.0), (stream.pk, NOON, 1.0))
    )
    assert (done.new, done.letters) == (2, [])
    assert done.ids[1] == done.ids[2] != done.ids[0]
    assert list(Observation.objects.order_by("time").values_list("value", flat=True)) == [1.0, 2.0]


def test_another_value_at_the_same_time_is_a_conflict_and_the_first_stays() -> None:
    stream = makers.stream()
    sent(Batch.of((stream.pk, NOON, 4.5)))
    done = sent(Batch.of((stream.pk, NOON, 4.6), (stream.pk, NOON + MINUTE, 5.0)))
    assert [(one.row, one.code) for one in done.letters] == [(0, RefusalCode.CONFLICT)]
    assert (done.ids[0], done.new) == (0, 1)
    assert Observation.objects.get(time=NOON).value == 4.5
    letter = DeadLetter.objects.get()
    assert letter.payload == {"stream": stream.pk, "time": NOON.isoformat(), "value": 4.6}
    assert (letter.stream, letter.cluster, letter.place) == (stream, stream.thing.cluster, "row 1")


def test_a_conflict_within_a_batch_is_told_of_the_later_row() -> None:
    stream = makers.stream()
    done = sent(Batch.of((stream.pk, NOON, 4.5), (stream.pk, NOON, 4.6)))
    assert [(one.row, one.code) for one in done.letters] == [(1, RefusalCode.CONFLICT)]
    assert Observation.objects.get().value == 4.5


def test_bad_rows_are_refused_by_name_and_the_rest_lands() -> None:
    stream = makers.stream()
    years = (datetime(1899, 12, 31, tzinfo=UTC), datetime(2106, 2, 7, 6, 28, 16, tzinfo=UTC))
    done = sent(
        Batch.of(
            (stream.pk, NOON, float("nan")),
            (stream.pk, NOON + MINUTE, float("inf")),
            (999_999_999, NOON, 1.0),
            (stream.pk, years[0], 1.0),
            (stream.pk, years[1], 1.0),
            (stream.pk, NOON + 2 * MINUTE, 7.0),
        )
    )
    assert [(one.row, one.code.value) for one in done.letters] == [
        (0, "not_finite"),
        (1, "not_finite"),
        (2, "unknown_stream"),
        (3, "year"),
        (4, "year"),
    ]
    assert "There is no stream 999999999 that this sender may send to." in done.letters[2].reason
    assert Observation.objects.get().value == 7.0
    assert DeadLetter.objects.count() == 5
    assert DeadLetter.objects.get(code="not_finite", place="row 2").payload["value"] == "inf"


def test_a_unit_that_differs_is_refused() -> None:
    stream = makers.stream()
    batch = Batch.of((stream.pk, NOON, 4.5))
    said = Batch(batch.stream_ids, batch.time_us, batch.values, units={stream.pk: "FNU"})
    done = sent(said)
    assert [one.reason for one in done.letters] == [
        f"The unit is FNU; stream {stream.pk} is in NTU."
    ]
    rightly = Batch(batch.stream_ids, batch.time_us, batch.values, units={stream.pk: "NTU"})
    assert sent(rightly).new == 1


def test_flags_come_from_the_rules_of_the_stream() -> None:
    stream, free = makers.stream(), makers.stream()
    makers.gross_range(stream, 0, 100)
    sent(
        Batch.of((stream.pk, NOON, 4.5), (stream.pk, NOON + MINUTE, 101.0), (free.pk, NOON, 101.0))
    )
    flags = Observation.objects.order_by("stream_id", "time").values_list("flag", flat=True)
    assert list(flags) == [1, 4, 2]
    assert DayCount.objects.get(stream=stream).flagged == 1


def test_rules_that_look_back_see_what_was_there() -> None:
    stream = makers.stream()
    tests = {"rate_of_change": {"suspect_per_s": 1 / 60}}
    rule = makers.gross_range(stream, 0, 100)
    rule.tests = tests
    rule.save()
    sent(Batch.of((stream.pk, NOON, 4.0)))
    sent(Batch.of((stream.pk, NOON + MINUTE, 9.0), (stream.pk, NOON + 2 * MINUTE, 9.5)))
    assert list(Observation.objects.order_by("time").values_list("flag", flat=True))[1:] == [3, 1]


def test_a_result_that_is_no_number_is_kept_beside_the_row() -> None:
    batch = one({"result": "clear", "ends_at": NOON + MINUTE, "parameters": {"by": "eye"}})
    assert sent(batch).new == 1
    row, detail = Observation.objects.get(), Detail.objects.get()
    assert (row.is_detailed, row.flag, np.isnan(row.value)) == (True, 2, True)
    assert (detail.observation_id, detail.result) == (row.pk, {"result": "clear"})
    assert (detail.ends_at, detail.parameters) == (NOON + MINUTE, {"by": "eye"})
    latest = Latest.objects.get(stream_id=int(batch.stream_ids[0]))
    assert (latest.until, latest.last_result_at) == (NOON + MINUTE, NOON + MINUTE)
    assert sent(batch).letters == []
    other = Batch(batch.stream_ids, batch.time_us, batch.values, {0: {"result": "turbid"}})
    assert [one.code for one in sent(other).letters] == [RefusalCode.CONFLICT]


def test_a_null_result_is_missing() -> None:
    sent(one({"result": None}))
    assert Observation.objects.get().flag == 9


def test_an_interval_that_ends_before_it_begins_is_refused() -> None:
    done = sent(one({"ends_at": NOON - MINUTE}, 1.0))
    assert [one.code for one in done.letters] == [RefusalCode.UNREADABLE]


def test_a_day_gets_a_span_and_a_year_long_past_gets_one() -> None:
    stream = makers.stream()
    old = datetime(1986, 3, 4, tzinfo=UTC)
    sent(Batch.of((stream.pk, NOON, 1.0), (stream.pk, old, 2.0), (stream.pk, old + 60 * MINUTE, 3)))
    assert list(SpanFile.objects.values_list("start", "end")) == [
        (date(1986, 1, 1), date(1987, 1, 1)),
        (date(2026, 11, 20), date(2026, 11, 21)),
    ]


def test_a_partition_that_went_missing_is_made_again() -> None:
    stream = makers.stream()
    sent(Batch.of((stream.pk, NOON, 1.0)))
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE streams_observation_20261120")
    assert sent(Batch.of((stream.pk, NOON + MINUTE, 2.0))).new == 1


def test_people_send_to_streams_of_their_scope_alone() -> None:
    stream = makers.stream()
    inside = registry.actor_with(Role.OPERATOR, stream.thing.scopes[0])
    neighbour = registry.cluster()
    beside = registry.actor_with(Role.OPERATOR, neighbour.scopes[0])
    batch = Batch.of((stream.pk, NOON, 1.0))
    refused = sent(batch, Sender(DoorName.UPLOAD, actor=beside))
    assert [one.code for one in refused.letters] == [RefusalCode.FORBIDDEN]
    assert DeadLetter.objects.get().cluster == neighbour  # who sent it mends it
    assert sent(batch, Sender(DoorName.UPLOAD, actor=inside)).new == 1
    with pytest.raises(Forbidden):
        sent(batch, Sender(DoorName.UPLOAD, actor=_reading(inside)))


def _reading(actor):  # type: ignore[no-untyped-def]
    return type(actor)(actor.user, actor.held, actor.at, token_id=1, reads_only=True)


def test_a_device_sends_to_its_own_thing_alone() -> None:
    stream, other = makers.stream(), makers.stream()
    device, _ = makers.device(stream.thing)
    sender = Sender(DoorName.MQTT, device=device)
    done = sent(Batch.of((stream.pk, NOON, 1.0), (other.pk, NOON, 1.0)), sender)
    assert (done.new, [one.code for one in done.letters]) == (1, [RefusalCode.FORBIDDEN])
    assert DeadLetter.objects.get().device == device


def test_a_device_whose_clock_is_far_off_is_told_so() -> None:
    stream = makers.stream()
    device, _ = makers.device(stream.thing)
    ahead = registry.AT + timedelta(minutes=11)
    done = sent(
        Batch.of((stream.pk, ahead, 1.0), (stream.pk, datetime(2000, 1, 1, tzinfo=UTC), 1.0)),
        Sender(DoorName.MQTT, device=device),
    )
    assert [one.code for one in done.letters] == [RefusalCode.CLOCK, RefusalCode.CLOCK]
    assert "2000-01-01 00:00:00" in done.letters[1].reason


def test_a_device_that_sends_too_much_waits_and_nothing_is_kept() -> None:
    stream = makers.stream()
    device, _ = makers.device(stream.thing, per_minute=3)
    sender = Sender(DoorName.MQTT, device=device)
    two = [
        Batch.of(*((stream.pk, NOON + (j * 2 + i) * MINUTE, 1.0) for i in range(2)))
        for j in range(2)
    ]
    assert sent(two[0], sender).new == 2
    with pytest.raises(TooFast) as refused:
        sent(two[1], sender)
    assert refused.value.wait_s == 20
    assert Observation.objects.count() == 2
    assert sent(two[1], sender, registry.AT + timedelta(seconds=20)).new == 2


def test_an_empty_batch_is_nothing() -> None:
    assert sent(Batch.of()).new == 0


def test_the_number_of_queries_does_not_grow_with_the_batch(
    django_assert_max_num_queries,  # type: ignore[no-untyped-def]
) -> None:
    streams = [makers.stream() for _ in range(20)]
    sent(Batch.of((streams[0].pk, NOON, 1.0)))
    with django_assert_max_num_queries(8):
        sent(Batch.of(*((one.pk, NOON + MINUTE, 1.0) for one in streams)))


def test_a_spike_is_flagged_when_the_value_after_it_comes_by_itself() -> None:
    stream = makers.stream()
    makers.gross_range(stream, -10, 100, tests={"spike": {"suspect": 2, "fail": 5}})
    for minute, value in enumerate((1.0, 1.1, 9.0, 1.2, 1.1)):
        sent(Batch.of((stream.pk, NOON + minute * MINUTE, value)))
    found = Observation.objects.order_by("time")
    assert [one.flag for one in found] == [2, 3, 4, 3, 2]  # those beside it stand out from it
    versions = Version.objects.filter(time=NOON + 2 * MINUTE).order_by("number")
    assert [(one.number, one.flag, one.value) for one in versions] == [(0, 2, 9.0), (1, 4, 9.0)]
    assert DayCount.objects.get().flagged == 3
    assert Latest.objects.get().count == 5


def test_a_value_that_somebody_reviewed_stays_as_was_said() -> None:
    stream = makers.stream()
    makers.gross_range(stream, -10, 100, tests={"spike": {"suspect": 2, "fail": 5}})
    for minute, value in enumerate((1.0, 1.1, 9.0)):
        sent(Batch.of((stream.pk, NOON + minute * MINUTE, value)))
    actor, spike = registry.actor_with(Role.OPERATOR, stream.thing.scopes[0]), NOON + 2 * MINUTE
    said = {"flag": Flag.GOOD, "reason": "A flood, seen at the bridge too", "at": registry.AT}
    reviewing.flag(actor=actor, stream=stream, since=spike, until=spike, **said)
    sent(Batch.of((stream.pk, NOON + 3 * MINUTE, 1.2)))
    assert Observation.objects.get(time=spike).flag == Flag.GOOD
