"""The reviewing pages: what waits, saying flags by ticks and by times, proposals, undoing."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sankul.core.models import Work
from sankul.core.rules.roles import Role
from sankul.field.streams import tasks
from sankul.field.streams.actions.ingest import ingest
from sankul.field.streams.models import Datastream, Observation, Proposal, Revision
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import DoorName, Flag
from sankul.field.streams.rules.batches import Batch
from sankul.field.streams.rules.numbers import micros
from sankul.programme.registry.tests import makers as registry

from . import makers
from .makers import NOON
from .test_calibrations import calibrated
from .test_reviewing import QUARTER, flags, proposed, some

pytestmark = pytest.mark.django_db
WINDOW = "?from=2026-11-20T12:00&to=2026-11-20T14:00"


def operator(stream: Datastream) -> Client:
    client = Client()
    client.force_login(registry.user_with(Role.OPERATOR, stream.thing.scopes[0]))
    return client


def page(stream: Datastream) -> str:
    return f"/field/streams/{stream.pk}/review/"


def said(**given: str | list[str]) -> dict[str, Any]:
    return {"which": "stretch", "flag": "1", "reason": "A fish."} | given


def test_what_waits_is_listed_and_leads_to_its_day() -> None:
    stream = some()
    answer = operator(stream).get("/field/review/")
    text = answer.content.decode()
    assert stream.name in text
    assert f"{page(stream)}?from=2026-11-20T05%3A30%3A00" in text


def test_the_queue_asks_the_same_number_of_times_for_one_and_for_three() -> None:
    def count(client: Client) -> int:
        client.get("/field/review/")
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/field/review/").status_code == 200
        return len(asked)

    cluster = registry.cluster()
    client = Client()
    client.force_login(registry.user_with(Role.OPERATOR, cluster.scopes[0]))
    counts = []
    for _ in range(3):
        stream = makers.stream(makers.thing(cluster=cluster))
        makers.gross_range(stream, 0, 5)
        batch = Batch.of((stream.pk, NOON, 9.0))
        ingest(batch=batch, sender=Sender(DoorName.COMMAND), at=registry.AT)
        counts.append(count(client))
    assert counts[0] == counts[2] <= 12


def test_a_stretch_is_said_without_a_script() -> None:
    stream = some()
    client = operator(stream)
    text = client.get(page(stream) + WINDOW).content.decode()
    assert "8 observations, of which 3 are suspect or failed." in text
    assert "out of range" in text
    given = said(since="2026-11-20T13:15:00", until="2026-11-20T13:30:00")
    answer = client.post(page(stream) + WINDOW, given)
    assert answer.status_code == 302
    assert flags(stream) == [1, 1, 1, 1, 1, 1, 1, 4]
    assert "A fish." in client.get(answer.headers["Location"]).content.decode()


def test_ticked_observations_are_said() -> None:
    stream = some()
    ticks = [str(micros(NOON + k * QUARTER)) for k in (0, 7)]
    given = said(which="ticked", chosen=ticks, flag="3")
    assert operator(stream).post(page(stream) + WINDOW, given).status_code == 302
    assert flags(stream) == [3, 1, 1, 1, 1, 4, 4, 3]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (said(), "Give a time"),
        (said(since="2026-11-20T13:15", until="2026-11-20T12:15"), "before the time from"),
        (said(since="2026-11-20T13:15", until="2026-11-20T13:15", reason=""), "required"),
        (said(which="ticked", chosen=["x"]), "Tick"),
        (said(which="ticked", chosen=["9" * 30]), "Tick"),
    ],
)
def test_what_is_not_whole_is_told_at_its_place(given: dict[str, Any], told: str) -> None:
    stream = some()
    answer = operator(stream).post(page(stream) + WINDOW, given)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not Revision.objects.exists()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("?from=soon&to=later", "Expected a time"),
        ("?from=2026-11-20T13:15&to=2026-11-20T12:15", "not after"),
        ("?from=2000-01-01T00:00&to=2026-11-20T12:15", "five years"),
        ("?from=2026-13-45T00:00&to=2026-11-20T12:15", "Expected a time"),
    ],
)
def test_a_wrong_time_in_the_address_is_told(asked: str, told: str) -> None:
    stream = some()
    assert told in operator(stream).get(page(stream) + asked).content.decode()


@pytest.mark.parametrize("show", ["flagged", "waiting", "all", "nonsense"])
def test_the_table_shows_what_is_asked(show: str) -> None:
    stream = some()
    text = operator(stream).get(f"{page(stream)}{WINDOW}&show={show}").content.decode()
    assert text.count('name="chosen"') == (8 if show == "all" else 3)


def test_a_revision_is_undone_after_asking() -> None:
    stream = some()
    client = operator(stream)
    client.post(page(stream), said(since="2026-11-20T12:00", until="2026-11-20T14:00", flag="4"))
    address = f"{page(stream)}undo/{Revision.objects.get().pk}/"
    assert "Undo this?" in client.get(address).content.decode()
    assert client.post(address, {"reason": "By mistake."}).status_code == 302
    assert flags(stream) == [1, 1, 1, 1, 1, 4, 4, 4]
    assert client.post(address, {"reason": "Again."}).status_code == 422


def long() -> Datastream:
    """Two weeks of a daily swing with a leap away and back."""
    stream = makers.stream()
    noise = np.random.default_rng(7).normal(0, 0.02, 1500)
    values = 8 + np.sin(np.arange(1500) * 2 * np.pi / 96) + noise
    values[1300:1302] += 4
    first = NOON - 1499 * QUARTER
    batch = Batch.of(*((stream.pk, first + k * QUARTER, float(values[k])) for k in range(1500)))
    ingest(batch=batch, sender=Sender(DoorName.COMMAND), at=registry.AT)
    return stream


def looked(stream: Datastream, client: Client) -> Work:
    window = "?from=2026-10-31T12:00&to=2026-11-20T12:00"
    answer = client.post(f"{page(stream)}look/{window}")
    assert answer.status_code == 302
    begun = Work.objects.get()
    until = NOON + timedelta(microseconds=1)
    since = NOON - timedelta(days=20)
    tasks.detect.func(
        work_id=begun.pk, stream_id=stream.pk, since=since.isoformat(), until=until.isoformat()
    )
    begun.refresh_from_db()
    return begun


def test_what_stands_out_is_proposed_and_accepted() -> None:
    stream = long()
    client = operator(stream)
    begun = looked(stream, client)
    assert begun.state == Work.State.DONE
    proposal = Proposal.objects.get()
    assert (proposal.first, proposal.count) == (NOON - 199 * QUARTER, 2)
    assert set(Observation.objects.values_list("flag", flat=True)) == {2}
    assert "Leaps away and back" in client.get(page(stream)).content.decode()
    given = {"proposal": proposal.pk, "do": "accept", "reason": "Seen."}
    assert client.post(f"{page(stream)}proposals/", given).status_code == 302
    assert Observation.objects.get(time=proposal.first).flag == 3
    Work.objects.all().delete()
    looked(stream, client)
    assert Proposal.objects.count() == 1


def test_what_is_no_fault_is_not_proposed_again() -> None:
    stream = long()
    client = operator(stream)
    looked(stream, client)
    given = {"proposal": Proposal.objects.get().pk, "do": "dismiss"}
    client.post(f"{page(stream)}proposals/", given)
    Work.objects.all().delete()
    looked(stream, client)
    assert Proposal.objects.filter(answer="open").count() == 0
    wild = {"proposal": ["9" * 30, "²", "x"], "do": "dismiss"}
    assert client.post(f"{page(stream)}proposals/", wild).status_code == 302
    assert client.get(f"{page(stream)}?page={'9' * 5000}").status_code == 200
    answer = client.post(f"{page(stream)}proposals/", given, follow=True)
    assert "answered already" in answer.content.decode()


def test_too_few_values_are_told() -> None:
    stream = some()
    begun = looked(stream, operator(stream))
    assert (begun.state, "48" in begun.message) == (Work.State.REFUSED, True)


def test_a_stream_asks_the_same_number_of_times_for_one_and_for_three() -> None:
    def count(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    stream = some()
    client = operator(stream)
    addresses = [page(stream) + WINDOW, f"/field/streams/{stream.pk}/calibrations/"]
    counts = []
    for k in range(3):
        proposed(stream, k, k, Flag.SUSPECT)
        calibrated(stream, NOON + k * QUARTER, 5, 5)
        client.post(page(stream), said(since="2026-11-20T12:00", until="2026-11-20T12:30"))
        counts.append([count(address) for address in addresses])
    assert counts[0] == counts[2]
    assert max(counts[0]) <= 20
