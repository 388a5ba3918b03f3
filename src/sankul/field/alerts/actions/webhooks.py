"""Telling other systems: a signed message to each address, tried again until it is taken, and logged."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _t

import sankul
from sankul.core.models import Event
from sankul.core.rules import canonical
from sankul.core.rules.verdicts import Refused
from sankul.field.alerts.models import Alert, Delivery, Webhook
from sankul.field.alerts.rules.addresses import why_not_address, why_not_url
from sankul.field.alerts.rules.escalation import is_at_least
from sankul.field.alerts.rules.news import SIGNATURE_HEAD, signature, wait_after

TIMEOUT_S = 10.0
READ_BYTES = 1024
"""So much of an answer is read: only its status counts."""
Send = Callable[[str, str, dict[str, str]], int]


@transaction.atomic
def prepare(*, event: Event, at: datetime) -> list[Delivery]:
    """A message about an event for each address that is told of the alert; none where it is too small or fictional."""
    number = int(event.subject.partition("/")[2])
    rows = Alert.objects.select_related("detector", "thing", "stream", "cluster__programme")
    alert = rows.filter(pk=number).first()
    if alert is None or not (alert.cluster_id or alert.organisation_id):
        return []
    if alert.cluster and alert.cluster.programme.is_demonstration:
        return []
    told = Q(cluster__isnull=False, cluster=alert.cluster_id)
    told |= Q(cluster=None, organisation__isnull=False, organisation=alert.organisation_id)
    hooks = Webhook.objects.filter(told, is_active=True)
    body = canonical.text(message(event, alert))
    return Delivery.objects.bulk_create(
        Delivery(webhook=hook, alert=alert, verb=event.verb, body=body, made_at=at)
        for hook in hooks
        if is_at_least(alert.severity, hook.least)
    )


def message(event: Event, alert: Alert) -> dict[str, Any]:
    """What is sent: the news and the alert as it stood; ``event`` is a number to know a message again by."""
    return {
        "event": event.seq,
        "news": event.verb,
        "at": event.at.isoformat(),
        "alert": {
            "id": alert.pk,
            "href": reverse("alert", args=[alert.pk]),
            "detector": alert.detector.name,
            "kind": alert.detector.kind,
            "severity": alert.severity,
            "state": alert.state,
            "site": alert.thing.name if alert.thing else "",
            "thing": alert.thing_id,
            "stream": alert.stream_id,
            "unit": alert.stream.unit_symbol if alert.stream else "",
            "began_at": alert.began_at.isoformat(),
            "ended_at": alert.ended_at.isoformat() if alert.ended_at else None,
            "worst": None if alert.worst is None else repr(alert.worst),
        },
    }


def deliver(*, delivery_id: int, at: datetime, send: Send | None = None) -> datetime | None:
    """Try a message once; when to try it again (None: it was taken, or is given up). What happened is logged with it.

    The row is held meanwhile, so that two workers do not send it at the same time.
    """
    with transaction.atomic():
        rows = Delivery.objects.select_for_update(skip_locked=True, of=("self",))
        row = rows.select_related("webhook").filter(pk=delivery_id, delivered_at=None).first()
        if row is None or not row.webhook.is_active:
            return None
        row.tries, row.tried_at = row.tries + 1, at
        row.status, row.error = None, ""
        _try(row, at, send or post)
        row.save()
        wait = None if row.delivered_at else wait_after(row.tries)
        return at + wait if wait else None


def _try(row: Delivery, at: datetime, send: Send) -> None:
    heads = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": f"Sankul/{sankul.__version__}",
        SIGNATURE_HEAD: signature(row.webhook.secret, row.body, at),
    }
    try:
        row.status = send(row.webhook.url, row.body, heads)
    except Refused as refusal:
        row.error = refusal.reason[:250]
    except (OSError, http.client.HTTPException, ValueError) as error:
        row.error = f"{type(error).__name__}: {error}"[:250]
    else:
        if 200 <= row.status < 300:
            row.delivered_at = at
        else:
            row.error = _t("answered %d") % row.status


def post(url: str, body: str, heads: dict[str, str]) -> int:
    """Send a message to an address, to no other one than was checked, following nothing; the status of the answer.

    Raises Refused for an address inside, OSError and HTTPException where it cannot be reached in time.
    """
    why_not_url(url).enforce()
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    connection = _connection(parts.scheme, host, port, _checked(host, port))
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body.encode(), heads)
        answer = connection.getresponse()
        answer.read(READ_BYTES)
        return answer.status
    finally:
        connection.close()


def _checked(host: str, port: int) -> str:
    """An IP address of a host, after all that it resolves to were checked."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    for address in addresses:
        why_not_address(address).enforce()
    return addresses[0]


def _connection(scheme: str, host: str, port: int, address: str) -> http.client.HTTPConnection:
    """A connection to the very address that was checked; its certificate is that of the host's name."""
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
    plain = socket.create_connection((address, port), timeout=TIMEOUT_S)
    if scheme == "https":
        try:
            plain = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
        except OSError:
            plain.close()
            raise
    connection.sock = plain
    return connection
