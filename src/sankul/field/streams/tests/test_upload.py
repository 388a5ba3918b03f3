"""Tables of observations: long and wide, with their zone; every wrong cell is named by its place."""

import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from sankul.core.rules.roles import Role
from sankul.core.tables import Unreadable
from sankul.core.tables.cells import Misread
from sankul.field.streams.actions.upload import Uploaded, upload
from sankul.field.streams.models import DeadLetter, Observation
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import DoorName
from sankul.field.streams.rules.clocks import instant
from sankul.programme.registry.tests import makers as registry

from . import makers

INDIA, BERLIN = ZoneInfo("Asia/Kolkata"), ZoneInfo("Europe/Berlin")


def sent(text: str, sender: Sender | None = None, zone: ZoneInfo | None = INDIA) -> Uploaded:
    return upload(
        file=io.BytesIO(text.encode()),
        sender=sender or Sender(DoorName.COMMAND),
        zone=zone,
        at=registry.AT,
    )


@pytest.mark.django_db
def test_a_row_for_each_observation() -> None:
    stream = makers.stream()
    text = (
        "stream,time,value,unit\n"
        f"{stream.pk},2026-11-20T12:00:00,4.5,NTU\n"
        f"{stream.name},2026-11-20T06:31Z,,NTU\n"
    )
    done = sent(text)
    assert (done.new, done.known, done.refused) == (2, 0, 0)
    first, second = Observation.objects.order_by("time")
    assert (first.time, first.value) == (makers.NOON, 4.5)
    assert (second.time, second.flag) == (datetime(2026, 11, 20, 6, 31, tzinfo=UTC), 9)
    again = sent(text)
    assert (again.new, again.known, again.refused) == (0, 2, 0)


@pytest.mark.django_db
def test_a_wrong_unit_refuses_its_row_and_no_other_of_the_stream() -> None:
    stream = makers.stream()
    done = sent(
        f"stream,time,value,unit\n{stream.pk},2026-11-20T12:00,4.5,\n{stream.pk},2026-11-20T12:15,5,FNU\n"
    )
    assert (done.new, done.refused) == (1, 1)
    assert done.reasons == [("line 3, column 3", f"The unit is FNU; stream {stream.pk} is in NTU.")]


@pytest.mark.django_db
def test_who_sent_a_table_finds_every_refused_cell_of_it_to_mend() -> None:
    stream = makers.stream()
    assert stream.thing.cluster is not None
    actor = registry.actor_with(Role.OPERATOR, stream.thing.cluster.scopes[0])
    text = f"stream,time,value\n{stream.pk},2026-11-20T12:00,high\n999999,2026-11-20T12:00,5\n"
    sent(text, Sender(DoorName.UPLOAD, actor))
    assert sorted(DeadLetter.objects.visible_to(actor).values_list("place", flat=True)) == [
        "line 2, column 3",
        "line 3, column 3",
    ]


@pytest.mark.django_db
def test_a_column_for_each_stream_with_its_unit() -> None:
    one, two = makers.stream(), makers.stream()
    done = sent(
        f"Time,{one.pk} [NTU],{two.name} [FNU]\n20 Nov 2026 12:00,4.5,\n2026-11-20 12:15,5.5,6.5\n"
    )
    assert (done.new, done.refused) == (2, 1)
    assert done.reasons == [("line 3, column 3", f"The unit is FNU; stream {two.pk} is in NTU.")]


@pytest.mark.django_db
def test_wrong_cells_are_named_and_the_rest_lands() -> None:
    stream = makers.stream()
    done = sent(
        "stream,time,value\n"
        f"{stream.pk},2026-11-20T12:00,high\n"
        f"{stream.pk},2026-11-20T12:01,1e999\n"
        f"{stream.pk},yesterday,1\n"
        f"the well,2026-11-20T12:02,1\n"
        f"{stream.pk},2026-11-20T12:03,2.5\n"
    )
    assert (done.new, done.refused) == (1, 4)
    places = dict(done.reasons)
    assert places["line 2, column 3"].startswith("This is no number.")
    assert "inf" in places["line 3, column 3"]
    assert places["line 4, column 3"].startswith("This is no time.")
    assert places["line 5, column 1"].startswith("There is no one stream “the well”")
    assert DeadLetter.objects.count() == 4
    assert DeadLetter.objects.get(place="line 4, column 3").payload == {"text": "yesterday"}


@pytest.mark.django_db
def test_a_time_without_zone_is_refused_where_none_is_given() -> None:
    stream = makers.stream()
    done = sent(f"stream,time,value\n{stream.pk},2026-11-20 12:00,1\n", zone=None)
    assert done.reasons[0][1].startswith("The time has no zone.")


@pytest.mark.django_db
def test_another_heading_is_refused_as_a_whole() -> None:
    with pytest.raises(Unreadable, match="no column “time”"):
        sent("stream,when,value\n1,2,3\n")
    with pytest.raises(Unreadable, match="line 1, column 2: There is no one stream “pH”"):
        sent("time,pH\n2026-11-20,7\n")
    assert DeadLetter.objects.count() == 0


@pytest.mark.django_db
def test_names_of_others_streams_are_not_known() -> None:
    stream = makers.stream()
    beside = registry.actor_with(Role.OPERATOR, registry.cluster().scopes[0])
    with pytest.raises(Unreadable, match="no one stream"):
        sent(f"time,{stream.name}\n2026-11-20,7\n", Sender(DoorName.UPLOAD, actor=beside))


def test_times_of_spreadsheets_and_zones() -> None:
    assert instant(46346.5, INDIA) == datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
    assert instant("2026-11-20T12:00+05:30", None) == datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
    assert instant("03/04/2026 10:00", INDIA) == datetime(2026, 4, 3, 4, 30, tzinfo=UTC)


def test_times_that_a_clock_skips_or_shows_twice_are_refused() -> None:
    with pytest.raises(Misread, match="skip"):
        instant("2026-03-29 02:30", BERLIN)
    with pytest.raises(Misread, match="twice"):
        instant("2026-10-25 02:30", BERLIN)
    assert instant("2026-10-25 02:30+01:00", BERLIN) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
