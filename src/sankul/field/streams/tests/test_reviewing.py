"""Technicians say flags: what was received stays, closed days open again, and everything can be taken back."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sankul.core.models import Event
from sankul.core.rules.roles import Actor, Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.field.streams.actions import archive, reviewing
from sankul.field.streams.actions.ingest import ingest
from sankul.field.streams.models import (
    Datastream,
    DayCount,
    Detection,
    Latest,
    Observation,
    Proposal,
    SpanFile,
    Version,
)
from sankul.field.streams.queries.reviewing import to_review
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import DoorName, Flag, SpanState, VersionKind
from sankul.field.streams.rules.batches import Batch
from sankul.field.streams.rules.numbers import micros
from sankul.field.streams.rules.reviewing import Answer, Reason, standing
from sankul.programme.registry.tests import makers as registry

from . import makers
from .makers import NOON

pytestmark = pytest.mark.django_db
QUARTER = timedelta(minutes=15)
AT = registry.AT


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA = tmp_path


def some() -> Datastream:
    """Values 0, 10, … 70 from noon on, of which those above 45 fail."""
    stream = makers.stream()
    makers.gross_range(stream, 0, 45)
    batch = Batch.of(*((stream.pk, NOON + k * QUARTER, 10.0 * k) for k in range(8)))
    ingest(batch=batch, sender=Sender(DoorName.COMMAND), at=AT)
    return stream


def technician(stream: Datastream) -> Actor:
    return registry.actor_with(Role.OPERATOR, stream.thing.scopes[0])


def flags(stream: Datastream) -> list[int]:
    return list(
        Observation.objects.filter(stream=stream).order_by("time").values_list("flag", flat=True)
    )


def said(stream: Datastream, first: int, last: int, flag: Flag | None, **more: Any) -> Any:
    given = {"actor": technician(stream), "reason": "A fish in the box.", "at": AT} | more
    since, until = NOON + first * QUARTER, NOON + last * QUARTER
    return reviewing.flag(stream=stream, since=since, until=until, flag=flag, **given)


def undone(stream: Datastream, revision: Any) -> Any:
    actor = technician(stream)
    return reviewing.undo(actor=actor, revision=revision, reason="By mistake.", at=AT)


def test_a_stretch_gets_a_flag_and_what_was_received_stays() -> None:
    stream = some()
    assert flags(stream) == [1, 1, 1, 1, 1, 4, 4, 4]
    made = said(stream, 4, 5, Flag.SUSPECT)
    assert flags(stream) == [1, 1, 1, 1, 3, 3, 4, 4]
    assert (made.kind, made.method["n"]) == (VersionKind.FLAG, 2)
    kept = Version.objects.filter(stream_id=stream.pk).values_list("number", "flag", "is_reviewed")
    assert list(kept) == [(0, 1, False), (1, 3, True), (0, 4, False), (1, 3, True)]
    assert Event.objects.filter(verb="observations.flagged").count() == 1


def test_single_observations_get_a_flag() -> None:
    stream = some()
    said(stream, 0, 7, Flag.GOOD, times=[micros(NOON + 5 * QUARTER), micros(NOON + 7 * QUARTER)])
    assert flags(stream) == [1, 1, 1, 1, 1, 1, 4, 1]
    assert Latest.objects.get(stream=stream).flag == Flag.GOOD


def test_confirmed_flags_wait_no_longer() -> None:
    stream = some()
    actor = technician(stream)
    assert [row.waiting for row in to_review(actor)] == [3]  # type: ignore[attr-defined]
    said(stream, 0, 6, None)
    assert flags(stream) == [1, 1, 1, 1, 1, 4, 4, 4]
    assert [row.waiting for row in to_review(actor)] == [1]  # type: ignore[attr-defined]
    said(stream, 7, 7, Flag.GOOD)
    assert list(to_review(actor)) == []
    day = DayCount.objects.get(stream=stream)
    assert (day.flagged, day.reviewed) == (2, 2)


def test_undoing_is_a_version_and_can_be_undone() -> None:
    stream = some()
    first = said(stream, 0, 5, Flag.FAIL)
    back = undone(stream, first)
    assert flags(stream) == [1, 1, 1, 1, 1, 4, 4, 4]
    assert DayCount.objects.get(stream=stream).reviewed == 0
    again = undone(stream, back)
    assert flags(stream) == [4, 4, 4, 4, 4, 4, 4, 4]
    assert DayCount.objects.get(stream=stream).reviewed == 6
    assert standing(stream.revisions.all()) == {first.pk, again.pk}
    assert Version.objects.filter(stream_id=stream.pk, time=NOON).count() == 4


def test_what_was_changed_again_or_undone_cannot_be_undone() -> None:
    stream = some()
    first = said(stream, 0, 5, Flag.FAIL)
    second = said(stream, 5, 6, Flag.GOOD)
    with pytest.raises(Refused, match="1 of these observations were changed again"):
        undone(stream, first)
    undone(stream, second)
    with pytest.raises(Refused, match="undone already"):
        undone(stream, second)


def test_a_closed_day_opens_again() -> None:
    stream = some()
    archive.close(span=SpanFile.objects.get(), at=AT)
    assert flags(stream) == []
    said(stream, 5, 5, Flag.GOOD)
    assert flags(stream) == [1, 1, 1, 1, 1, 1, 4, 4]
    assert SpanFile.objects.get().state == SpanState.OPEN


def test_a_day_with_a_damaged_file_is_refused() -> None:
    stream = some()
    span = archive.close(span=SpanFile.objects.get(), at=AT)
    assert span.path
    SpanFile.objects.update(sha256="0" * 64)
    with pytest.raises(Refused, match="another SHA-256"):
        said(stream, 5, 5, Flag.GOOD)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"reason": " "}, "Say why"),
        ({"flag": Flag.MISSING}, "Give good"),
        ({"first": 9, "last": 12}, "no observations in this time"),
        ({"first": 0, "last": 3, "flag": None}, "no observation here whose flag"),
    ],
)
def test_what_cannot_be_said_is_refused(change: dict[str, Any], reason: str) -> None:
    stream = some()
    given = {"first": 0, "last": 7, "flag": Flag.GOOD} | change
    with pytest.raises(Refused, match=reason):
        said(stream, **given)
    assert not Version.objects.exists()


def test_only_who_records_says_flags() -> None:
    stream = some()
    stranger = registry.actor_with(Role.EVALUATOR, stream.thing.scopes[1])
    with pytest.raises(Forbidden):
        said(stream, 0, 1, Flag.GOOD, actor=stranger)
    made = said(stream, 0, 1, Flag.FAIL)
    with pytest.raises(Forbidden):
        reviewing.undo(actor=stranger, revision=made, reason="No.", at=AT)


def proposed(stream: Datastream, first: int, last: int, flag: Flag) -> Proposal:
    until = NOON + timedelta(days=1)
    looked = Detection.objects.create(stream=stream, since=NOON, until=until, values=8, made_at=AT)
    return Proposal.objects.create(
        detection=looked,
        stream=stream,
        first=NOON + first * QUARTER,
        last=NOON + last * QUARTER,
        count=last - first + 1,
        reason=Reason.SPIKE,
        flag=flag,
    )


def test_proposals_are_accepted_and_open_again_when_that_is_undone() -> None:
    stream = some()
    one, two = proposed(stream, 1, 2, Flag.SUSPECT), proposed(stream, 4, 4, Flag.FAIL)
    made = reviewing.accept(
        actor=technician(stream), stream=stream, proposals=[one, two], reason="Seen.", at=AT
    )
    assert flags(stream) == [1, 3, 3, 1, 4, 4, 4, 4]
    assert set(Proposal.objects.values_list("answer", flat=True)) == {Answer.ACCEPTED}
    undone(stream, made[0])
    assert flags(stream) == [1, 1, 1, 1, 4, 4, 4, 4]
    assert Proposal.objects.get(pk=one.pk).answer == Answer.OPEN


def test_proposals_are_put_aside_once() -> None:
    stream = some()
    one = proposed(stream, 1, 2, Flag.SUSPECT)
    given: dict[str, Any] = {"actor": technician(stream), "stream": stream, "proposals": [one]}
    assert reviewing.dismiss(**given, at=AT) == 1
    assert flags(stream) == [1, 1, 1, 1, 1, 4, 4, 4]
    with pytest.raises(Refused, match="open"):
        reviewing.accept(**given, reason="Seen.", at=AT)
