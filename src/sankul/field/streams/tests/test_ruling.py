"""Rules of a stream: versions, a draft from its past, history flagged again over the seam."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client

from sankul.core.models import Work
from sankul.core.rules.roles import Actor, Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.engines import quality
from sankul.field.streams import tasks
from sankul.field.streams.actions import archive, reviewing, ruling
from sankul.field.streams.actions.ingest import ingest
from sankul.field.streams.models import Datastream, QualityRule, SpanFile, Version
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.queries.suggesting import draft
from sankul.field.streams.rules import DoorName, Flag, SpanState, VersionKind
from sankul.field.streams.rules.batches import Batch
from sankul.field.streams.rules.suggesting import suggested
from sankul.programme.registry.tests import makers as registry

from . import makers
from .makers import NOON
from .test_reviewing import QUARTER, flags, some

pytestmark = pytest.mark.django_db
AT = registry.AT
WIDER = {"gross_range": {"fail": [0, 65], "suspect": [0, 25]}}


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA = tmp_path


def technician(stream: Datastream) -> Actor:
    return registry.actor_with(Role.OPERATOR, stream.thing.scopes[0])


def changed(stream: Datastream, tests: Any = WIDER, **more: Any) -> QualityRule:
    given: dict[str, Any] = {"actor": technician(stream), "reason": "Seen.", "at": AT} | more
    return ruling.change(stream=stream, tests=tests, **given)


def again(stream: Datastream) -> ruling.Again:
    return ruling.flag_again(actor=technician(stream), stream=stream, at=AT)


def test_a_version_follows_and_flags_what_comes_in() -> None:
    stream = some()
    made = changed(stream)
    assert (made.version, made.tests["scheme"]) == (2, 1)
    batch = Batch.of((stream.pk, NOON + 20 * QUARTER, 50.0))
    ingest(batch=batch, sender=Sender(DoorName.COMMAND), at=AT)
    assert flags(stream) == [1, 1, 1, 1, 1, 4, 4, 4, 3]


@pytest.mark.parametrize(
    ("tests", "reason", "told"),
    [
        ({"gross": {}}, "Seen.", "rules.gross"),
        ({"gross_range": {"fail": [9, 1]}}, "Seen.", "gross_range.fail"),
        (WIDER, " ", "Say why"),
        ({"gross_range": {"fail": [0, 45]}}, "Seen.", "in force"),
    ],
)
def test_rules_that_are_none_are_refused(tests: Any, reason: str, told: str) -> None:
    stream = some()
    with pytest.raises(Refused, match=told):
        changed(stream, tests, reason=reason)
    assert QualityRule.objects.count() == 1


def test_only_who_records_changes_rules() -> None:
    stream = some()
    stranger = registry.actor_with(Role.EVALUATOR, stream.thing.scopes[1])
    with pytest.raises(Forbidden):
        changed(stream, actor=stranger)
    with pytest.raises(Forbidden):
        ruling.flag_again(actor=stranger, stream=stream, at=AT)


def test_history_is_flagged_again_and_given_back() -> None:
    stream = some()
    changed(stream)
    done = again(stream)
    assert flags(stream) == [1, 1, 1, 3, 3, 3, 3, 4]
    assert (done.values, done.worse, done.better, done.other) == (8, 2, 2, 0)
    assert done.revision is not None
    assert done.revision.kind == VersionKind.RULES
    assert again(stream).revision is None
    reviewing.undo(actor=technician(stream), revision=done.revision, reason="No.", at=AT)
    assert flags(stream) == [1, 1, 1, 1, 1, 4, 4, 4]


def test_what_somebody_reviewed_stays() -> None:
    stream = some()
    reviewing.flag(
        actor=technician(stream), stream=stream, since=NOON + 5 * QUARTER,
        until=NOON + 5 * QUARTER, flag=Flag.GOOD, reason="A flood.", at=AT,
    )  # fmt: skip
    changed(stream)
    again(stream)
    assert flags(stream) == [1, 1, 1, 3, 3, 1, 3, 4]


def test_only_days_on_which_flags_change_are_opened() -> None:
    stream = makers.stream()
    makers.gross_range(stream, 0, 45)
    rows = ((stream.pk, NOON - timedelta(days=k), 10.0 * k) for k in range(7))
    ingest(batch=Batch.of(*rows), sender=Sender(DoorName.COMMAND), at=AT)
    for span in SpanFile.objects.all():
        archive.close(span=span, at=AT)
    changed(stream, {"gross_range": {"fail": [0, 35]}})
    done = again(stream)
    assert (done.values, done.worse) == (7, 1)
    opened = SpanFile.objects.get(state=SpanState.OPEN)
    assert opened.start == (NOON - timedelta(days=4)).date()


def test_observations_that_changed_meanwhile_are_left() -> None:
    stream = some()
    changed(stream)
    found = ruling._all(stream)
    rows = found.at(np.array([3, 4]))
    revision = ruling._begun(
        technician(stream), stream, stream.quality_rules.latest("version"), rows, (2, 0, 0), AT
    )
    reviewing.flag(
        actor=technician(stream), stream=stream, since=NOON + 4 * QUARTER,
        until=NOON + 4 * QUARTER, flag=Flag.FAIL, reason="Seen.", at=AT,
    )  # fmt: skip
    ruling._write_part(revision, rows, np.array([3, 3], np.int8), AT)
    assert flags(stream) == [1, 1, 1, 3, 4, 4, 4, 4]
    assert Version.objects.filter(revision=revision).count() == 1


def test_a_stream_without_rules_or_observations_is_refused() -> None:
    stream = makers.stream()
    with pytest.raises(Refused, match="no rules"):
        again(stream)
    makers.gross_range(stream, 0, 1)
    with pytest.raises(Refused, match="no observations"):
        again(stream)
    deleted = some()
    archive.close(span=SpanFile.objects.get(), at=AT)
    archive.delete_before(day=NOON.date() + timedelta(days=1), at=AT)
    with pytest.raises(Refused, match="are deleted"):
        again(deleted)


def test_a_draft_is_suggested_from_quantiles_and_is_valid() -> None:
    time = np.arange(9000) * 900_000_000
    values = 8 + np.sin(np.arange(9000) * 2 * np.pi / 96)
    values[100] = 500
    made = suggested(time, values)
    assert made is not None
    rules = quality.Rules.from_mapping(made)
    assert rules.gross_range is not None
    assert rules.gross_range.suspect == pytest.approx((7, 9), abs=0.01)
    assert rules.gross_range.fail == pytest.approx((5, 11), abs=0.02)
    assert (made["interval_s"], made["gap"]) == (900, {"fail_s": 3600})
    flag = quality.check(rules, time, values).flag
    assert flag[100] == Flag.FAIL
    assert (flag > 2).sum() <= 3 + 18
    assert suggested(time[:199], values[:199]) is None
    flat = suggested(time[:300], np.full(300, 5.0))
    assert flat is not None
    assert quality.Rules.from_mapping(flat).spike is None


def test_a_draft_needs_observations() -> None:
    assert draft(makers.stream()) is None


def test_rules_are_changed_and_history_flagged_again_on_a_page() -> None:
    stream = some()
    client = Client()
    client.force_login(registry.user_with(Role.OPERATOR, stream.thing.scopes[0]))
    page = f"/field/streams/{stream.pk}/rules/"
    assert "&quot;fail&quot;: [" in client.get(page).content.decode()
    assert "fewer than 200 values" in client.get(f"{page}?draft=1").content.decode()
    wrong = client.post(page, {"text": "[spike]\nsuspct = 1", "reason": "Seen."})
    assert wrong.status_code == 422
    assert "rules.spike.suspct" in wrong.content.decode()
    broken = client.post(page, {"text": "spike = [", "reason": "Seen."})
    assert "This is no TOML" in broken.content.decode()
    assert "This is no JSON" in client.post(page, {"text": "{", "reason": "."}).content.decode()
    toml = "[gross_range]\nfail = [0, 65]\nsuspect = [0, 25]"
    assert client.post(page, {"text": toml, "reason": "Seen."}).status_code == 302
    assert client.post(f"{page}again/").status_code == 302
    begun = Work.objects.get()
    tasks.flag_again.func(work_id=begun.pk, stream_id=stream.pk)
    begun.refresh_from_db()
    assert (begun.state, begun.done, begun.total) == (Work.State.DONE, 100, 100)
    assert flags(stream) == [1, 1, 1, 3, 3, 3, 3, 4]
    assert "Rules version 2" in client.get(page).content.decode()
