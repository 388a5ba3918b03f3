"""Messages to other systems: signed, to no address inside, tried again, logged."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from sankul.core.models import Event
from sankul.core.rules.verdicts import Refused
from sankul.field.alerts.actions import answering, webhooks
from sankul.field.alerts.models import Alert, Delivery
from sankul.field.alerts.rules import AlertSeverity
from sankul.field.alerts.rules.addresses import why_not_address, why_not_url
from sankul.field.alerts.rules.news import signature

from . import makers

AT, MINUTE = makers.AT, timedelta(minutes=1)


def test_the_signature_is_that_of_the_moment_and_the_body() -> None:
    # openssl dgst -sha256 -hmac secret
    told = signature("secret", '{"news":"alert.raised"}', AT)
    assert (
        told == "t=1795329000,v1=2193370b32daa0e62287c9fe7769c835169ed897862909dcfa4aa453c6faeea4"
    )


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/", "ftp://example.org/", "https://", "https:///x", "https://user:word@example.org/",
        "https://example.org:22/", "https://127.0.0.1/", "https://10.0.0.8/", "https://[::1]/", "https://169.254.169.254/",
        "https://[::ffff:10.0.0.8]/", "https://example.org:99999/",
    ],
)  # fmt: skip
def test_an_address_that_is_not_called(url: str) -> None:
    assert not why_not_url(url)


def test_an_address_outside_is_called() -> None:
    assert why_not_url("https://hooks.example.org/in?x=1")
    assert why_not_address("93.184.216.34")
    assert why_not_address("2606:2800:220:1:248:1893:25c8:1946")


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.1.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "::1", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "2002:7f00:1::", "255.255.255.255"],
)  # fmt: skip
def test_no_address_inside_is_reached(address: str) -> None:
    assert not why_not_address(address)


def test_a_name_that_leads_inside_is_refused_when_it_is_called(monkeypatch: Any) -> None:
    inside = [(2, 1, 6, "", ("93.184.216.34", 443)), (2, 1, 6, "", ("10.0.0.8", 443))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_a, **_k: inside)
    monkeypatch.setattr("socket.create_connection", lambda *_a, **_k: pytest.fail("connected"))
    with pytest.raises(Refused, match="private network"):
        webhooks.post("https://hooks.example.org/", "{}", {})


def test_what_was_checked_is_what_is_connected_to(monkeypatch: Any) -> None:
    outside = [(2, 1, 6, "", ("93.184.216.34", 443))]
    reached: list[Any] = []

    def connect(address: Any, **_more: Any) -> None:
        reached.append(address)
        raise OSError("no way")

    monkeypatch.setattr("socket.getaddrinfo", lambda *_a, **_k: outside)
    monkeypatch.setattr("socket.create_connection", connect)
    with pytest.raises(OSError, match="no way"):
        webhooks.post("https://hooks.example.org/", "{}", {})
    assert reached == [("93.184.216.34", 443)]


def news(alert: Alert) -> Event:
    answering.acknowledge(actor=makers.operator(alert.thing), alert=alert, at=AT)  # type: ignore[arg-type]
    return Event.objects.get(verb="alert.acknowledged", subject=f"alert/{alert.pk}")


@pytest.mark.django_db
def test_news_is_prepared_for_the_addresses_of_its_own_cluster_and_severity() -> None:
    alert = makers.alert()
    own = makers.webhook(cluster=alert.cluster)
    makers.webhook(cluster=alert.cluster, least=AlertSeverity.URGENT)
    makers.webhook(cluster=alert.cluster, is_active=False)
    makers.webhook()
    [made] = webhooks.prepare(event=news(alert), at=AT)
    assert made.webhook == own
    assert '"news":"alert.acknowledged"' in made.body
    assert '"worst":"7.5"' in made.body


@pytest.mark.django_db
def test_a_message_that_is_not_taken_is_tried_again_later_each_time_and_then_given_up() -> None:
    alert = makers.alert()
    makers.webhook(cluster=alert.cluster)
    [made] = webhooks.prepare(event=news(alert), at=AT)
    waits = []
    for _try in range(6):
        again_at = webhooks.deliver(delivery_id=made.pk, at=AT, send=lambda *_a: 503)
        waits.append(again_at and again_at - AT)
    assert waits == [MINUTE, 5 * MINUTE, 30 * MINUTE, 120 * MINUTE, 480 * MINUTE, None]
    made.refresh_from_db()
    assert (made.tries, made.status, made.error, made.delivered_at) == (
        6,
        503,
        "answered 503",
        None,
    )


@pytest.mark.django_db
def test_a_message_that_was_taken_is_not_sent_again() -> None:
    alert = makers.alert()
    makers.webhook(cluster=alert.cluster)
    [made] = webhooks.prepare(event=news(alert), at=AT)
    sent: list[Any] = []

    def take(url: str, body: str, heads: dict[str, str]) -> int:
        sent.append(heads)
        return 204

    for _twice in range(2):
        assert webhooks.deliver(delivery_id=made.pk, at=AT, send=take) is None
    assert len(sent) == 1
    expected = signature(made.webhook.secret, made.body, AT)
    assert sent[0]["Sankul-Signature"] == expected
    assert Delivery.objects.get().delivered_at == AT


class Door(BaseHTTPRequestHandler):
    """Takes what it is sent, or leads elsewhere."""

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.server.seen.append((self.path, dict(self.headers), self.rfile.read(length)))  # type: ignore[attr-defined]
        self.send_response(302 if self.path == "/away" else 202)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_args: Any) -> None:
        pass


@pytest.fixture
def door() -> Iterator[Any]:
    server: Any = HTTPServer(("127.0.0.1", 0), Door)
    server.seen = []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def test_over_the_wire_where_the_operator_opens_private_addresses(settings: Any, door: Any) -> None:
    settings.ALERTS_WEBHOOK_PRIVATE = True
    address = f"http://127.0.0.1:{door.server_port}"
    assert (
        webhooks.post(f"{address}/in?key=1", '{"a":"ü"}', {"Sankul-Signature": "t=1,v1=x"}) == 202
    )
    path, heads, body = door.seen[0]
    assert (path, heads["Sankul-Signature"], body) == (
        "/in?key=1",
        "t=1,v1=x",
        '{"a":"ü"}'.encode(),
    )


def test_nothing_is_followed(settings: Any, door: Any) -> None:
    settings.ALERTS_WEBHOOK_PRIVATE = True
    assert webhooks.post(f"http://127.0.0.1:{door.server_port}/away", "{}", {}) == 302
    assert len(door.seen) == 1


def test_the_same_is_refused_where_they_are_not_open(door: Any) -> None:
    with pytest.raises(Refused):
        webhooks.post(f"https://127.0.0.1:{door.server_port}/", "{}", {})
    assert door.seen == []
