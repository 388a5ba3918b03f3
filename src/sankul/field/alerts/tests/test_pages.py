"""The pages: what they show, ask, refuse, and in how many queries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sankul.core.rules.roles import Role
from sankul.field.alerts.actions.watch import watch
from sankul.field.alerts.models import Alert, Detector, Silence, Webhook
from sankul.field.alerts.rules import AlertCause, AlertState
from sankul.field.streams.actions.ingest import ingest
from sankul.field.streams.models import Datastream
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import DoorName
from sankul.field.streams.rules.batches import Batch
from sankul.field.streams.tests import makers as streams
from sankul.programme.portfolio.tests import makers as portfolio
from sankul.programme.registry.tests.makers import user, user_with

from . import makers

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
ASKED = {"severity": "urgent", "cool_down": "10", "for_s": "0"}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def operator(stream: Datastream) -> Client:
    client = Client()
    cluster = stream.thing.cluster
    assert cluster is not None
    client.force_login(user_with(Role.OPERATOR, cluster.scopes[0]))
    return client


def raised(*values: float) -> Alert:
    """The alert that values of the last hours raise."""
    detector = makers.detector(name="Turbidity above the limit", guidance="Look for a burst main.")
    assert detector.stream is not None
    now = timezone.now()
    watch(at=now)
    first = now - 30 * MINUTE * len(values)
    rows = [
        (detector.stream.pk, first + 30 * MINUTE * place, value)
        for place, value in enumerate(values)
    ]
    ingest(batch=Batch.of(*rows), sender=Sender(DoorName.COMMAND), at=now)
    watch(at=now)
    return Alert.objects.get(detector=detector)


def words(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content[:500]
    return answer.content.decode()


def test_an_alert_shows_what_was_seen_and_what_to_do() -> None:
    alert = raised(1.0, 2.0, 7.5, 9.25)
    assert alert.stream is not None
    shown = words(operator(alert.stream), f"/alerts/{alert.pk}/")
    assert "Turbidity above the limit" in shown
    assert "Look for a burst main." in shown
    assert "9.25 NTU" in shown
    assert "raised: 5 NTU" in shown  # the level line of the picture
    assert "I am on it" in shown
    assert "If nobody answers, told next: Cluster" in shown


def test_the_whole_way_is_gone_by_forms_alone() -> None:
    alert = raised(7.5, 1.0)
    assert alert.stream is not None
    client, page = operator(alert.stream), f"/alerts/{alert.pk}/"
    assert client.post(f"{page}acknowledge/").headers["Location"] == page
    due = timezone.localtime(timezone.now() + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M")
    told = {"what": "Flush the line", "owner_post": "Junior engineer", "due_at": due}
    assert client.post(f"{page}act/", told).status_code == 302
    action = alert.actions.get()
    photo = SimpleUploadedFile("flushed.png", PNG, "image/png")
    done = {"note": "Flushed until clear.", "photo": photo}
    assert client.post(f"/alerts/actions/{action.pk}/done/", done).status_code == 302
    assert client.post(f"{page}close/", {"cause": AlertCause.REAL}).status_code == 302
    alert.refresh_from_db()
    assert (alert.state, alert.cause, alert.acted_at is None) == (AlertState.CLOSED, "real", False)
    shown = words(client, page)
    assert "flushed.png" in shown
    assert "I am on it" not in shown


def test_a_refusal_stands_above_the_form_with_its_reason() -> None:
    alert = raised(7.5)
    assert alert.stream is not None
    answer = operator(alert.stream).post(f"/alerts/{alert.pk}/close/", {"cause": AlertCause.REAL})
    assert answer.status_code == 422
    assert "Acknowledge it first" in answer.content.decode()


def test_a_program_of_a_kind_that_is_not_kept_is_no_proof() -> None:
    alert = makers.acknowledged()
    assert alert.stream is not None
    action = makers.action(alert)
    files = {"note": "Done.", "documents": SimpleUploadedFile("run.exe", b"MZ" + bytes(64))}
    answer = operator(alert.stream).post(f"/alerts/actions/{action.pk}/done/", files)
    assert answer.status_code == 422
    action.refresh_from_db()
    assert action.done_at is None


def test_the_list_is_filtered_and_taken_away() -> None:
    alert = raised(7.5)
    assert alert.stream is not None
    client = operator(alert.stream)
    assert f'href="/alerts/{alert.pk}/"' in words(client, "/alerts/")
    assert f'href="/alerts/{alert.pk}/"' in words(client, f"/alerts/?site={alert.thing_id}")
    assert f'href="/alerts/{alert.pk}/"' not in words(client, "/alerts/?show=mine")
    assert f'href="/alerts/{alert.pk}/"' not in words(client, "/alerts/?severity=notice")
    client.post(f"/alerts/{alert.pk}/acknowledge/")
    assert f'href="/alerts/{alert.pk}/"' in words(client, "/alerts/?show=mine")
    answer: Any = client.get("/alerts/?as=csv")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("number,detector,kind,site,stream,severity,state,began")
    assert lines[1].startswith(f"{alert.pk},Turbidity above the limit,above,")


def test_the_list_asks_as_often_for_three_alerts_as_for_one() -> None:
    alert = makers.alert()
    assert alert.stream is not None
    client = operator(alert.stream)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            words(client, "/alerts/")
        counts.append(len(asked))
        for _more in range(2):
            makers.alert(makers.detector(streams.stream(alert.thing)))
    assert counts[0] == counts[1] <= 14


def test_a_detector_is_tried_set_changed_and_switched_off() -> None:
    alert = raised(1.0, 7.5, 1.0, 1.0, 1.0, 8.0, 1.0)
    assert alert.stream is not None
    client, page = operator(alert.stream), f"/alerts/streams/{alert.stream_id}/"
    asked = ASKED | {"name": "Very turbid", "raise_at": "6", "clear_at": "5"}
    tried = client.post(f"{page}above/", asked | {"try": "1"})
    assert "It would have raised 2 alerts in the last 30 days" in tried.content.decode()
    assert not Detector.objects.filter(name="Very turbid").exists()
    assert client.post(f"{page}above/", asked).headers["Location"] == page
    made = Detector.objects.get(name="Very turbid")
    assert (made.parameters["raise_at"], made.cool_down_s, made.version) == (6.0, 600, 1)
    changed = asked | {"for_s": "30"}
    assert client.post(f"/alerts/detectors/{made.pk}/", changed).headers["Location"] == page
    client.post(f"/alerts/detectors/{made.pk}/switch/")
    made.refresh_from_db()
    assert (made.parameters["for_s"], made.version, made.is_enabled) == (1800.0, 2, False)
    assert "above 6 NTU for 30 min, until 5 NTU" in words(client, page)


def test_levels_that_cannot_be_are_refused_by_name() -> None:
    stream = streams.stream()
    asked = ASKED | {"name": "x", "raise_at": "4", "clear_at": "5"}
    answer = operator(stream).post(f"/alerts/streams/{stream.pk}/above/", asked)
    assert answer.status_code == 422
    assert "at most 4, where it is raised" in answer.content.decode()


@pytest.mark.parametrize("kind", ["above", "below", "rate", "residual", "absence"])
def test_every_kind_has_a_form(kind: str) -> None:
    stream = streams.stream()
    assert "Try it on the last 30 days" in words(
        operator(stream), f"/alerts/streams/{stream.pk}/{kind}/"
    )


def test_a_window_is_set_and_ended() -> None:
    stream = streams.stream()
    client, now = operator(stream), timezone.localtime()
    form = "%Y-%m-%dT%H:%M"
    told = {
        "thing": stream.thing_id, "reason": "The tank is cleaned",
        "starts_at": now.strftime(form), "ends_at": (now + timedelta(hours=2)).strftime(form),
    }  # fmt: skip
    assert client.post("/alerts/silences/new/", told).headers["Location"] == "/alerts/silences/"
    window = Silence.objects.get()
    assert "The tank is cleaned" in words(client, "/alerts/silences/")
    client.post(f"/alerts/silences/{window.pk}/end/")
    window.refresh_from_db()
    assert window.ends_at <= timezone.now()


def test_an_address_inside_the_house_is_refused_and_one_outside_gets_a_secret() -> None:
    stream = streams.stream()
    client, told = operator(stream), {"cluster": stream.thing.cluster_id, "least": "notice"}
    for url in ("http://example.org/", "https://127.0.0.1/", "https://[::1]/", "https://10.1.2.3/"):
        assert client.post("/alerts/webhooks/new/", told | {"url": url}).status_code == 422
    client.post("/alerts/webhooks/new/", told | {"url": "https://hooks.example.org/in"})
    made = Webhook.objects.get()
    assert made.secret in words(client, "/alerts/webhooks/")
    client.post(f"/alerts/webhooks/{made.pk}/stop/")
    assert made.secret not in words(client, "/alerts/webhooks/")


def test_what_is_counted_is_open_to_everybody_without_its_people(client: Client) -> None:
    alert = makers.acknowledged(acknowledged_by=user(name="Asha Rao"))
    assert alert.thing is not None
    assert client.get(f"/alerts/counted/{alert.pk}/").status_code == 404
    alert.thing.deployment = portfolio.deployment(portfolio.project(alert.thing.cluster))
    alert.thing.save()
    document = makers.proof(makers.action(alert)).document
    shown = words(client, f"/alerts/counted/{alert.pk}/")
    assert document.sha256 in shown
    assert "after 30 minutes" in shown
    assert "Asha Rao" not in shown


def test_a_detector_that_is_sent_as_its_form_shows_it_stays_as_it_is() -> None:
    kept = {"raise_at": 5.0, "clear_at": 4.0, "for_s": 1.0}
    detector = makers.detector(parameters=kept)
    assert detector.stream is not None
    client, address = operator(detector.stream), f"/alerts/detectors/{detector.pk}/"
    form = client.get(address).context["form"]
    sent = {name: form[name].value() or "" for name in form.fields}
    assert sent["for_s"] == 0.016667
    assert client.post(address, sent).status_code == 302
    detector.refresh_from_db()
    assert (detector.parameters, detector.version) == (kept, 1)
