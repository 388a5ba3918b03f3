"""Field systems at the terminal: messages, tables, devices, the archive."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sankul.site.cli.data import console, refusals

# The line above sets Django up, so it stays before the rest.
# isort: split
from django.conf import settings
from django.utils import timezone

from sankul.core.models import User
from sankul.core.queries import actors
from sankul.core.rules.roles import Actor
from sankul.core.rules.verdicts import Refused
from sankul.field.alerts.actions.watch import watch
from sankul.field.streams.actions import archive, detecting, device, export, upload
from sankul.field.streams.cli import broker
from sankul.field.streams.cli.subscriber import listen
from sankul.field.streams.models import Datastream, Device, Thing
from sankul.field.streams.queries.archive import damages
from sankul.field.streams.queries.export import Asked
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.queries.things import last_of
from sankul.field.streams.rules import DoorName, windows
from sankul.field.streams.rules.dictionary import Edition
from sankul.field.streams.rules.messages import MOST_BYTES
from sankul.field.streams.rules.ranges import own_days
from sankul.programme.registry.models import Cluster

SHOWN = 20


def mqtt() -> None:
    """Take messages until a signal: from the broker at SANKUL_MQTT (HOST:PORT), else from one started for this machine."""
    with refusals():
        try:
            if told := os.environ.get("SANKUL_MQTT"):
                listen(_endpoint(told))
                return
            folder = Path(settings.DATA) / "mqtt"
            is_open = settings.STA_OPEN
            with broker.running(folder, broker.port(), 2 * MOST_BYTES, is_open=is_open) as endpoint:
                console.print(f"Devices reach the broker at {endpoint.host}:{endpoint.port}.")
                with _news(endpoint, folder / "news") as news:
                    listen(endpoint, news)
        except broker.NoBroker as error:
            raise Refused(str(error)) from None


@contextmanager
def _news(endpoint: broker.Endpoint, folder: Path) -> Iterator[broker.Endpoint | None]:
    """Where news is told: to a broker of its own, on a trial server to the only one; nowhere without a port for it."""
    if settings.STA_OPEN:
        yield endpoint
    elif reason := broker.why_no_news():
        console.print(f"No news by MQTT: {reason}. Messages of devices are taken.")
        yield None
    else:
        with broker.news(folder, broker.news_port()) as news:
            console.print(f"Anybody hears what is new at {news.host}:{news.port}.")
            yield news


def take_in_table(path: Path, zone: str, email: str) -> None:
    """Take in a table of observations, and tell what became of it; exit 1 if something was refused."""
    with refusals():
        at, sender = timezone.now(), Sender(DoorName.COMMAND)
        if email:
            sender = Sender(DoorName.COMMAND, actor=_actor(email))
        with path.open("rb") as file:
            done = upload.upload(file=file, sender=sender, zone=_zone(zone), at=at)
        console.print(f"{done.new:,} new, {done.known:,} there already, {done.refused:,} refused.")
        for place, reason in done.reasons[:SHOWN]:
            console.print(f"  {place}: {reason}", markup=False)
        if done.refused:
            raise SystemExit(1)


def make_device(name: str, cluster: str, thing: int, per_minute: int) -> None:
    """Give a device a token, and print it this once."""
    with refusals():
        programme, _, slug = cluster.partition("/")
        held = Cluster.objects.filter(programme__slug=programme, slug=slug).first()
        if held is None:
            raise Refused(f"--cluster: there is no cluster {cluster!r}; give PROGRAMME/SLUG.")
        of = Thing.objects.filter(pk=thing).first() if thing else None
        if thing and of is None:
            raise Refused(f"--thing: there is no thing {thing}.")
        made = device.make(
            actor=None, name=name, cluster=held, thing=of, per_minute=per_minute, at=timezone.now()
        )
        console.print(f"Device {made.device.pk}. Its token, told this once:")
        console.print(made.secret, markup=False, soft_wrap=True)


def revoke_device(number: int) -> None:
    """End the token of a device at once."""
    with refusals():
        found = Device.objects.filter(pk=number).first()
        if found is None:
            raise Refused(f"There is no device {number}.")
        device.revoke(actor=None, device=found, at=timezone.now())
        console.print(f"The token of {found} is revoked.", markup=False)


def close_days(kept_open: int) -> None:
    """Move days that ended into files."""
    with refusals():
        closed = archive.close_ended(at=timezone.now(), kept_open_days=kept_open)
        rows = sum(span.rows or 0 for span in closed)
        console.print(f"{len(closed)} spans closed, {rows:,} observations.")


def verify_archive() -> None:
    """Read every file of the archive and compare checksums; exit 1 names what is damaged."""
    with refusals():
        found = list(damages())
        for damage in found:
            console.print(damage.reason, markup=False)
        if found:
            raise SystemExit(1)
        console.print("Every file of the archive is as it was written.")


def watch_streams() -> None:
    """Watch once, and tell what was found."""
    with refusals():
        done = watch(at=timezone.now())
        if done is None:
            raise Refused("Somebody else is watching just now.")
        console.print(
            f"{done.looked_at:,} detectors looked, {done.raised:,} alerts raised, {done.ended:,} ended."
        )


def export_observations(
    folder: Path, thing: int, stream: int, days: tuple[str, str], form: str, *, received: bool
) -> None:
    """Write observations of a thing or a stream into a folder, a file a month; those that are there and unchanged stay."""
    with refusals():
        if form not in ("csv", "parquet"):
            raise Refused(f"--format: csv or parquet, not {form!r}.")
        edition = Edition.RECEIVED if received else Edition.CURRENT
        asked = _asked(thing, stream, days, edition)
        if asked is None:
            console.print("Nothing was observed yet.")
            return
        for written in export.to_folder(asked=asked, folder=folder, form=form):
            word = "written" if written.is_new else "there already"
            console.print(f"{written.path.name}: {word}", markup=False, soft_wrap=True)


def _asked(thing: int, stream: int, days: tuple[str, str], edition: Edition) -> Asked | None:
    if bool(thing) == bool(stream):
        raise Refused("Give --thing or --stream.")
    rows = Datastream.objects.select_related(
        "thing__cluster__programme", "observed_property", "sensor", "latest"
    )
    streams = list(rows.filter(thing=thing) if thing else rows.filter(pk=stream))
    if not streams:
        raise Refused(
            f"There is no stream of thing {thing}." if thing else f"There is no stream {stream}."
        )
    first, last = last_of(streams)
    if first is None or last is None:
        return None
    since, until = first, last + timedelta(microseconds=1)
    if any(days):
        try:
            since, until = own_days(*days)
        except ValueError as error:
            raise Refused(str(error)) from None
    return Asked(streams[0].thing, streams, since, until, edition)


def look_through(number: int, since: str, until: str) -> None:
    """Propose flags for what stands out in a stream, to be reviewed on its page; nothing is flagged."""
    with refusals():
        stream = _stream(number)
        latest, at = stream.latest, timezone.now()
        if not latest.first_time or not latest.time:
            raise Refused(f"Stream {number} has no observations yet.")
        whole = windows.Window(latest.first_time, at)
        ends = since or windows.local(whole.since), until or windows.local(whole.until)
        window = windows.asked(*ends, whole) if since or until else whole
        if window.wrong:
            raise Refused(window.wrong)
        made = detecting.detect(
            actor=None, stream=stream, since=window.since, until=window.until, at=at
        )
        proposals = list(made.proposals.all())
        console.print(f"{made.values:,} values read, {len(proposals)} stretches proposed.")
        for one in proposals[:SHOWN]:
            told = f"  {one.first:%Y-%m-%d %H:%M} to {one.last:%Y-%m-%d %H:%M} UTC"
            console.print(f"{told}: {one.get_reason_display()}, {one.count}", markup=False)


def _stream(number: int) -> Datastream:
    rows = Datastream.objects.select_related("thing__cluster__programme", "latest")
    found = rows.filter(pk=number).first()
    if found is None:
        raise Refused(f"There is no stream {number}.")
    return found


def delete_days(years: int) -> None:
    """Delete the files of days that ended so many years ago."""
    with refusals():
        at = timezone.now()
        day = at.date().replace(year=at.year - years, day=1)
        gone = archive.delete_before(day=day, at=at)
        console.print(f"{gone:,} observations before {day} deleted.")


def _actor(email: str) -> Actor:
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        raise Refused(f"--as: there is no account {email!r}; sankul user list shows all.")
    return actors.actor(user, timezone.now())


def _zone(told: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(told) if told else None
    except (ZoneInfoNotFoundError, ValueError):
        raise Refused(f"--zone: there is no time zone {told!r}; as in Asia/Kolkata.") from None


def _endpoint(told: str) -> broker.Endpoint:
    host, _, port = told.rpartition(":")
    if not host or not port.isdecimal():
        raise Refused(f"SANKUL_MQTT must be HOST:PORT, not {told!r}.")
    user = os.environ.get("SANKUL_MQTT_USER", "")
    return broker.Endpoint(host, int(port), user, os.environ.get("SANKUL_MQTT_PASSWORD", ""))
