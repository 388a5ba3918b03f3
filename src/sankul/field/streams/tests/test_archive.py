"""Over the seam: days move to files and back, nothing is lost or counted twice, damage is named."""

from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sankul.core.models import Event
from sankul.core.rules.verdicts import Refused
from sankul.core.tests.disks import full, small_disk
from sankul.field.streams.actions import archive
from sankul.field.streams.actions.ingest import ingest
from sankul.field.streams.models import Datastream, Observation, SpanFile
from sankul.field.streams.queries.archive import damages, folder
from sankul.field.streams.queries.reading import read, series
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import DoorName, RefusalCode
from sankul.field.streams.rules.batches import Batch
from sankul.field.streams.rules.numbers import midnight, moment
from sankul.programme.registry.tests import makers as registry

from . import makers

pytestmark = pytest.mark.django_db
TERMINAL = Sender(DoorName.COMMAND)
DAYS = [date(2026, 11, 1) + timedelta(days=k) for k in range(3)]
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA = tmp_path


def sent(*rows: tuple[int, datetime, float]) -> Any:
    return ingest(batch=Batch.of(*rows), sender=TERMINAL, at=registry.AT)


def three_days() -> Datastream:
    """A value each six hours of three days: 0, 1, … 11."""
    stream = makers.stream()
    first = midnight(DAYS[0])
    sent(*((stream.pk, first + 6 * k * HOUR, float(k)) for k in range(12)))
    return stream


def span_of(day: date) -> SpanFile:
    return SpanFile.objects.get(start__lte=day, end__gt=day)


def values(stream: Datastream) -> list[float]:
    return read(
        [stream.pk], midnight(DAYS[0]), midnight(DAYS[2] + timedelta(days=1))
    ).values.tolist()


def test_a_closed_day_is_read_from_its_file_and_no_more_from_the_table() -> None:
    stream = three_days()
    closed = archive.close(span=span_of(DAYS[1]), at=registry.AT)
    assert (closed.rows, closed.generation, closed.path) == (
        4,
        1,
        "observations/2026/2026-11-02.1.parquet",
    )
    assert (closed.first_time, closed.last_stream) == (midnight(DAYS[1]), stream.pk)
    assert Observation.objects.count() == 8
    assert values(stream) == [float(k) for k in range(12)]
    assert stream.latest.count == 12


def test_a_file_keeps_ids_flags_and_times_exactly() -> None:
    stream = three_days()
    at = midnight(DAYS[1]) + timedelta(microseconds=123_457)
    makers.gross_range(stream, 0, 100)
    sent((stream.pk, at, 0.1 + 0.2))
    before = read([stream.pk], midnight(DAYS[1]), midnight(DAYS[2]))
    archive.close(span=span_of(DAYS[1]), at=registry.AT)
    after = read([stream.pk], midnight(DAYS[1]), midnight(DAYS[2]))
    for old, new in zip(before, after, strict=True):
        assert old.tolist() == new.tolist()
    assert (after.values[1], moment(after.time_us[1]), after.flags[1]) == (0.1 + 0.2, at, 1)


def test_a_late_row_opens_its_day_again() -> None:
    stream = three_days()
    archive.close(span=span_of(DAYS[0]), at=registry.AT)
    done = sent((stream.pk, midnight(DAYS[0]) + HOUR, 0.5), (stream.pk, midnight(DAYS[0]), 0.0))
    assert (done.new, done.letters) == (1, [])
    assert span_of(DAYS[0]).state == "open"
    assert values(stream)[:3] == [0.0, 0.5, 1.0]
    again = archive.close(span=span_of(DAYS[0]), at=registry.AT)
    assert (again.rows, again.generation) == (5, 2)
    assert len(values(stream)) == 13


def test_only_days_that_ended_a_while_ago_are_closed() -> None:
    three_days()
    at = midnight(DAYS[2]) + timedelta(days=8)
    assert [span.start for span in archive.close_ended(at=at, kept_open_days=8)] == DAYS[:2]
    assert archive.close_ended(at=at, kept_open_days=8) == []


def test_steps_over_the_seam_are_one_step() -> None:
    stream = three_days()
    archive.close(span=span_of(DAYS[0]), at=registry.AT)
    india = timedelta(hours=5, minutes=30)  # days that begin at 18:30 UTC lie over the seam
    found = series(
        [stream.pk], midnight(DAYS[0]), midnight(DAYS[2]), timedelta(days=1), offset=india
    )
    assert [moment(us) for us in found.start_us] == [
        midnight(DAYS[0]) - india,
        midnight(DAYS[1]) - india,
        midnight(DAYS[2]) - india,
    ][: len(found.start_us)]
    assert found.n.tolist() == [4, 4]
    assert found.mean.tolist() == [1.5, 5.5]
    assert (found.low.tolist(), found.high.tolist()) == ([0.0, 4.0], [3.0, 7.0])


def test_failed_and_missing_values_are_not_in_steps() -> None:
    stream = makers.stream()
    makers.gross_range(stream, 0, 100)
    first = midnight(DAYS[0])
    sent((stream.pk, first, 5.0), (stream.pk, first + HOUR, 500.0))
    for _ in range(2):
        found = series(None, first, midnight(DAYS[1]), timedelta(days=1))
        assert (found.n.tolist(), found.mean.tolist()) == ([1], [5.0])
        if span_of(DAYS[0]).state == "open":
            archive.close(span=span_of(DAYS[0]), at=registry.AT)


def test_a_truncated_file_is_found_and_named_and_its_day_takes_no_rows() -> None:
    stream = three_days()
    closed = archive.close(span=span_of(DAYS[0]), at=registry.AT)
    path = folder() / closed.path
    path.write_bytes(path.read_bytes()[:-100])
    [damage] = damages()
    assert damage.reason.startswith("observations/2026/2026-11-01.1.parquet has ")
    done = sent(
        (stream.pk, midnight(DAYS[0]) + HOUR, 1.0), (stream.pk, midnight(DAYS[1]) + HOUR, 2.0)
    )
    assert [(one.row, one.code) for one in done.letters] == [(0, RefusalCode.RETENTION)]
    assert done.new == 1


def test_a_changed_byte_is_found_by_the_checksum_and_a_file_that_is_gone_too() -> None:
    three_days()
    first, second = (archive.close(span=span_of(day), at=registry.AT) for day in DAYS[:2])
    body = bytearray((folder() / first.path).read_bytes())
    body[40] ^= 1
    (folder() / first.path).write_bytes(body)
    (folder() / second.path).unlink()
    assert [damage.reason for damage in damages()] == [
        "observations/2026/2026-11-01.1.parquet has another SHA-256 than it was written with.",
        "observations/2026/2026-11-02.1.parquet is missing.",
    ]


def test_a_full_disk_leaves_the_day_open(settings: Any, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        settings.DATA = disk
        stream = three_days()
        folder().mkdir(parents=True)
        with full(disk):
            with (
                pytest.raises(OSError, match=r"No space left|File too large"),
                transaction.atomic(),
            ):
                archive.close(span=span_of(DAYS[0]), at=registry.AT)
            assert [path for path in folder().rglob("*") if path.is_file()] == []
        assert (span_of(DAYS[0]).state, len(values(stream))) == ("open", 12)
        archive.close(span=span_of(DAYS[0]), at=registry.AT)
        assert (span_of(DAYS[0]).state, len(values(stream))) == ("closed", 12)


def test_what_nobody_names_is_swept_after_a_day() -> None:
    stream = three_days()
    archive.close(span=span_of(DAYS[0]), at=registry.AT)
    archive.reopen(span=span_of(DAYS[0]), at=registry.AT)
    now = datetime.fromtimestamp(
        (folder() / "observations/2026/2026-11-01.1.parquet").stat().st_mtime, tz=registry.AT.tzinfo
    )
    assert archive.sweep(at=now + timedelta(hours=23)) == []
    assert archive.sweep(at=now + timedelta(hours=25)) == ["observations/2026/2026-11-01.1.parquet"]
    assert len(values(stream)) == 12


def test_what_the_policy_deletes_is_recorded_and_takes_no_rows(
    django_capture_on_commit_callbacks: Any,
) -> None:
    stream = three_days()
    closed = archive.close(span=span_of(DAYS[0]), at=registry.AT)
    with django_capture_on_commit_callbacks(execute=True):
        assert archive.delete_before(day=DAYS[1], at=registry.AT) == 4
    assert not (folder() / closed.path).exists()
    assert Event.objects.get(verb="observations.deleted").subject == "archive"
    assert len(values(stream)) == 8
    done = sent((stream.pk, midnight(DAYS[0]) + HOUR, 1.0))
    assert [one.code for one in done.letters] == [RefusalCode.RETENTION]


def test_a_day_that_is_not_open_is_not_closed() -> None:
    three_days()
    span = archive.close(span=span_of(DAYS[0]), at=registry.AT)
    with pytest.raises(Refused, match="is not open"):
        archive.close(span=span, at=registry.AT)


STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("send"),
            st.lists(
                st.tuples(st.integers(0, 1), st.integers(0, 71), st.integers(0, 2)),
                min_size=1,
                max_size=8,
            ),
        ),
        st.tuples(st.sampled_from(("close", "reopen")), st.integers(0, 2)),
    ),
    max_size=8,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_whatever_is_sent_closed_and_opened_each_observation_counts_once(steps: list[Any]) -> None:
    with transaction.atomic():
        streams = [makers.stream() for _ in range(2)]
        expected: dict[tuple[int, datetime], float] = {}
        for kind, what in steps:
            if kind == "send":
                rows = [
                    (streams[which].pk, midnight(DAYS[0]) + hour * HOUR, float(value))
                    for which, hour, value in what
                ]
                sent(*rows)
                for stream_id, at, value in rows:
                    expected.setdefault((stream_id, at), value)
            elif span := SpanFile.objects.filter(start=DAYS[what]).first():
                wanted, act = (
                    ("open", archive.close) if kind == "close" else ("closed", archive.reopen)
                )
                if span.state == wanted:
                    act(span=span, at=registry.AT)
        until = midnight(DAYS[2] + timedelta(days=1))
        found = read(None, midnight(DAYS[0]), until)
        keys = zip(found.stream_ids.tolist(), map(moment, found.time_us.tolist()), strict=True)
        assert dict(zip(keys, found.values.tolist(), strict=True)) == expected
        assert len(found.ids) == len(expected) == len(set(found.ids.tolist()))
        days = series(None, midnight(DAYS[0]), until, timedelta(days=1))
        counts = Counter((stream_id, at.date()) for stream_id, at in expected)
        assert {
            (stream_id, moment(us).date()): n
            for stream_id, us, n in zip(
                days.stream_ids.tolist(), days.start_us.tolist(), days.n.tolist(), strict=True
            )
        } == counts
        for one in streams:
            one.latest.refresh_from_db()
            assert one.latest.count == sum(key[0] == one.pk for key in expected)
        transaction.set_rollback(True)
