"""Following the event log: every event once, in order, whatever crashes."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
import structlog
from django.db import connection, transaction

from sankul.core import tasks
from sankul.core.actions import events, following
from sankul.core.models import Event, Follower

from . import makers

pytestmark = pytest.mark.django_db
VERBS = ("claim.submitted", "claim.judged")


@pytest.fixture(autouse=True)
def _own_followers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "FOLLOWED", {})


@pytest.fixture
def seen() -> list[list[str]]:
    """A follower of submissions and judgements, two at once, and what it was handed, call by call."""
    calls: list[list[str]] = []

    def handle(found: Sequence[Event]) -> None:
        calls.append([event.subject for event in found])

    following.declare("mine", VERBS, handle, most=2)
    return calls


@transaction.atomic
def _record(*subjects: str, verb: str = "claim.submitted") -> None:
    for subject in subjects:
        events.record(actor=None, verb=verb, subject=subject, at=makers.AT)


def test_events_come_once_in_order_and_at_most_so_many_at_once(seen: list[list[str]]) -> None:
    _record("claim/1", "claim/2", "claim/3")
    assert following.catch_up("mine") == 3
    assert following.catch_up("mine") == 0
    assert seen == [["claim/1", "claim/2"], ["claim/3"]]


def test_other_verbs_are_passed_over_and_left_behind(seen: list[list[str]]) -> None:
    _record("claim/1", verb="claim.drafted")
    _record("claim/2", verb="claim.judged")
    _record("claim/3", verb="run.computed")
    assert following.catch_up("mine") == 1
    assert seen == [["claim/2"]]
    assert Follower.objects.get().seq == 3


def test_an_empty_log_is_no_news(seen: list[list[str]]) -> None:
    assert following.catch_up("mine") == 0
    assert seen == []


def test_after_a_fault_the_same_events_come_again_and_nothing_half_done_is_left() -> None:
    calls: list[int] = []

    def handle(found: Sequence[Event]) -> None:
        calls.append(len(found))
        Follower.objects.create(name=f"trace {len(calls)}")
        if len(calls) == 1:
            raise RuntimeError("power cut")

    following.declare("mine", VERBS, handle)
    _record("claim/1", "claim/2")
    with pytest.raises(RuntimeError):
        following.step("mine")
    assert Follower.objects.count() == 0
    assert following.step("mine") == 2
    assert calls == [2, 2]
    assert set(Follower.objects.values_list("name", flat=True)) == {"mine", "trace 2"}


def test_one_that_fails_is_told_of_and_holds_up_nobody_else(seen: list[list[str]]) -> None:
    def handle(found: Sequence[Event]) -> None:
        raise RuntimeError("no such claim")

    following.declare("another", VERBS, handle)
    _record("claim/1")
    with structlog.testing.capture_logs() as logs:
        tasks.follow_events(timestamp=0)
    assert [(line["log_level"], line["follower"]) for line in logs] == [
        ("info", "mine"), ("error", "another"),
    ]  # fmt: skip
    assert seen == [["claim/1"]]


def test_a_name_follows_one_thing(seen: list[list[str]]) -> None:
    with pytest.raises(ValueError, match="mine follows the log already"):
        following.declare("mine", ("claim.drafted",), seen.append)


@pytest.mark.django_db(transaction=True)
def test_while_one_worker_is_at_it_another_leaves_it_alone() -> None:
    def elsewhere() -> int:
        try:
            return following.step("mine")
        finally:
            connection.close()

    calls: list[int] = []

    def handle(found: Sequence[Event]) -> None:
        calls.append(len(found))
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(elsewhere).result(timeout=20) == 0

    following.declare("mine", VERBS, handle)
    _record("claim/1")
    Follower.objects.create(name="mine")
    assert following.step("mine") == 1
    assert calls == [1]
