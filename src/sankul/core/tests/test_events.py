"""The event log: append-only, hash-chained, in the transaction of the change."""

import json
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError, InternalError, ProgrammingError

from sankul.core.actions import events
from sankul.core.models import Event
from sankul.core.queries.events import GENESIS, first_break, head, visible, why_not_anchored
from sankul.core.rules import canonical
from sankul.core.rules.roles import Role, Scope, ScopeKind

from . import makers

CLUSTER = Scope(ScopeKind.CLUSTER, 5)
PROGRAMME = Scope(ScopeKind.PROGRAMME, 3)
INDIA = timezone(timedelta(hours=5, minutes=30))


def _record(verb: str = "claim.submitted", **fields: object) -> Event:
    defaults = {"actor": None, "subject": "claim/12", "at": makers.AT}
    return events.record(verb=verb, **defaults | fields)


@contextmanager
def _unguarded() -> Iterator[None]:
    """What somebody with the rights of the table's owner can do to it."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE core_event DISABLE TRIGGER USER")
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE core_event ENABLE TRIGGER USER")


@pytest.mark.django_db
def test_an_event_repeats_its_body_in_columns_and_names_the_hash_before_it() -> None:
    officer = makers.officer()
    at = datetime(2026, 11, 22, 12, 0, 0, 5, INDIA)
    first = _record("account.created")
    event = _record(
        actor=officer, at=at, scopes=(PROGRAMME, CLUSTER, CLUSTER), data={"share": "0.5", "b": [1]}
    )
    assert json.loads(event.body) == {
        "seq": 2,
        "at": "2026-11-22T06:30:00.000005+00:00",
        "actor": officer.user_id,
        "verb": "claim.submitted",
        "subject": "claim/12",
        "scopes": ["cluster:5", "programme:3"],
        "data": {"share": "0.5", "b": [1]},
        "before": first.hash,
    }
    assert event.hash == canonical.sha256(event.body)
    assert json.loads(first.body)["before"] == GENESIS == "0" * 64
    event.refresh_from_db()
    assert (event.at, event.scopes) == (at, ["cluster:5", "programme:3"])


@pytest.mark.django_db
def test_a_record_is_named_by_its_kind_and_number() -> None:
    user = makers.user()
    assert _record(subject=user).subject == f"user/{user.pk}"


@pytest.mark.django_db
def test_a_change_that_is_rolled_back_leaves_no_event() -> None:
    before = _record()
    with transaction.atomic():
        makers.user()
        _record("account.created")
        transaction.set_rollback(True)
    assert list(Event.objects.all()) == [before]
    assert _record().seq == 2
    assert first_break() == (2, None)


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_refused() -> None:
    with pytest.raises(transaction.TransactionManagementError, match="inside a transaction"):
        _record()
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_data_without_a_single_spelling_are_refused() -> None:
    with pytest.raises(TypeError, match="float has no canonical form"):
        _record(data={"share": 0.5})
    assert not Event.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        lambda: Event.objects.update(verb="other"),
        lambda: Event.objects.filter(seq=1).update(body="{}"),
        lambda: Event.objects.get(seq=1).delete(),
        lambda: Event.objects.all().delete(),
        lambda: connection.cursor().execute("DELETE FROM core_event"),
        lambda: connection.cursor().execute("TRUNCATE core_event"),
        lambda: connection.cursor().execute("TRUNCATE core_user CASCADE"),
    ],
)
def test_the_database_itself_refuses_to_change_delete_or_empty_the_log(
    change: Callable[[], object],
) -> None:
    _record()
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
    refusal = r"Cannot update or delete rows from core_event|the event log is append-only"
    with pytest.raises((InternalError, ProgrammingError), match=refusal), transaction.atomic():
        change()
    assert first_break() == (1, None)


@pytest.mark.django_db
def test_an_empty_log_holds() -> None:
    assert first_break() == (0, None)


def _change_body() -> None:
    event = Event.objects.get(seq=3)
    Event.objects.filter(seq=3).update(body=event.body.replace("claim/12", "claim/13"))


def _change_body_and_hash(body: str | None = None) -> None:
    event = Event.objects.get(seq=3)
    changed = body or event.body.replace("claim.submitted", "claim.withdrawn")
    Event.objects.filter(seq=3).update(
        body=changed, hash=canonical.sha256(changed), verb="claim.withdrawn"
    )


def _swap(one: int, other: int) -> None:
    for old, new in ((one, 99), (other, one), (99, other)):
        Event.objects.filter(seq=old).update(seq=new)


CHANGED = "its hash is not the SHA-256 of its body: the body or the hash was changed"
UNLINKED = "it does not name the hash of the event before it"
DISAGREES = "its columns do not agree with its body"
DAMAGES: dict[str, tuple[Callable[[], object], int, int, str]] = {
    "body changed": (_change_body, 2, 3, CHANGED),
    "hash changed": (lambda: Event.objects.filter(seq=3).update(hash="f" * 64), 2, 3, CHANGED),
    "body and hash changed together": (_change_body_and_hash, 3, 4, UNLINKED),
    "column changed": (lambda: Event.objects.filter(seq=3).update(verb="x"), 2, 3, DISAGREES),
    "time changed": (
        lambda: Event.objects.filter(seq=3).update(at=datetime(2020, 1, 1, tzinfo=UTC)),
        2, 3, DISAGREES,
    ),
    "scope added": (lambda: Event.objects.filter(seq=3).update(scopes=["platform:0"]), 2, 3, DISAGREES),
    "first removed": (
        lambda: Event.objects.filter(seq=1).delete(),
        0, 2, "event 1 is missing: the log goes on with 2",
    ),
    "one in the middle removed": (
        lambda: Event.objects.filter(seq=3).delete(),
        2, 4, "event 3 is missing: the log goes on with 4",
    ),
    "order swapped": (lambda: _swap(3, 4), 2, 3, UNLINKED),
    "body no event": (lambda: _change_body_and_hash("[]"), 2, 3, "its body is not that of an event"),
    "body no JSON": (lambda: _change_body_and_hash("{"), 2, 3, "its body is not that of an event"),
    "body without data": (
        lambda: _change_body_and_hash('{"before":1}'), 2, 3, "its body is not that of an event",
    ),
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("damage", DAMAGES)
def test_the_first_broken_link_is_named_with_what_is_wrong(damage: str) -> None:
    for _number in range(5):
        _record()
    do, held, seq, why = DAMAGES[damage]
    with _unguarded():
        do()
    assert first_break() == (held, (seq, why))


@pytest.mark.django_db
def test_a_chain_of_thousands_is_read_in_bounded_memory() -> None:
    def peak() -> int:
        tracemalloc.start()
        assert first_break()[1] is None
        peaked = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peaked

    _fill(2500)
    first = peak()
    _fill(5000)
    assert first_break() == (7500, None)
    assert peak() < 1.2 * first


def _fill(count: int) -> None:
    last = Event.objects.order_by("-seq").first()
    seq, before = (last.seq, last.hash) if last else (0, GENESIS)
    made = []
    for number in range(seq + 1, seq + count + 1):
        columns = {"seq": number, "at": makers.AT, "actor": None, "verb": "v", "subject": "s"}
        body = canonical.text({**columns, "scopes": [], "data": {"x": "y" * 500}, "before": before})
        before = canonical.sha256(body)
        made.append(Event(seq=number, at=makers.AT, verb="v", subject="s", body=body, hash=before))
    Event.objects.bulk_create(made, batch_size=3000)


@pytest.mark.django_db
def test_a_noted_head_shows_events_cut_off_the_end_which_the_chain_cannot() -> None:
    for _number in range(3):
        _record()
    noted = head()
    assert (noted.seq, why_not_anchored(noted)) == (3, "")
    with _unguarded():
        Event.objects.filter(seq=3).delete()
    assert first_break() == (2, None)
    assert (
        why_not_anchored(noted) == "event 3 was noted, and the log ends with 2: events were cut off"
    )
    _record("claim.withdrawn")
    assert first_break() == (3, None)
    assert (
        why_not_anchored(noted)
        == "event 3 has another hash than was noted: the log was written anew"
    )


@pytest.mark.django_db
def test_an_empty_log_has_a_head_that_every_later_log_goes_through() -> None:
    noted = head()
    assert str(noted) == "0:" + "0" * 64
    _record()
    assert why_not_anchored(noted) == ""


@pytest.mark.django_db
def test_events_are_seen_on_the_scopes_of_a_role_that_may_see_them() -> None:
    on_cluster = _record(scopes=(CLUSTER, PROGRAMME))
    on_other = _record(scopes=(Scope(ScopeKind.CLUSTER, 6), PROGRAMME))
    nowhere = _record()
    chief = makers.actor_with(Role.CLUSTER_CEO, CLUSTER)
    member = makers.actor_with(Role.APEX_MEMBER, PROGRAMME)
    assert list(visible(chief)) == [on_cluster]
    assert list(visible(member)) == [on_other, on_cluster]
    assert list(visible(makers.officer())) == [nowhere, on_other, on_cluster]
    assert not visible(makers.actor_with(Role.EVALUATOR, PROGRAMME)).exists()
    assert not visible(makers.public()).exists()


@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_leave_one_unbroken_chain() -> None:
    def write(writer: int) -> None:
        for number in range(20):
            with transaction.atomic():
                _record(subject=f"claim/{writer}", data={"number": number})
                if number % 5 == 4:
                    transaction.set_rollback(True)
        connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert first_break() == (8 * 16, None)
    for writer in range(8):
        written = Event.objects.filter(subject=f"claim/{writer}").order_by("seq")
        numbers = [
            json.loads(body)["data"]["number"] for body in written.values_list("body", flat=True)
        ]
        assert numbers == [number for number in range(20) if number % 5 != 4]


@pytest.mark.django_db(transaction=True)
def test_a_writer_waits_for_the_one_before_it_and_follows_on_what_is_committed() -> None:
    def elsewhere() -> object:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '200ms'")
                return _record("second")
        except DatabaseError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            _record("first")
            waited = pool.submit(elsewhere).result(timeout=10)
        assert "lock timeout" in str(waited)
        followed = pool.submit(elsewhere).result(timeout=10)
    assert isinstance(followed, Event)
    assert (followed.seq, first_break()) == (2, (2, None))
