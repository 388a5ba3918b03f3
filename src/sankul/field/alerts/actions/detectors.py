"""Setting detectors, silence windows and webhooks."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.core.actions import events
from sankul.core.actions.rows import write
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.field.alerts.models import Detector, Silence, Webhook
from sankul.field.alerts.queries.groups import members_of
from sankul.field.alerts.rules import SET_DETECTORS, DetectorKind
from sankul.field.alerts.rules.addresses import why_not_url
from sankul.field.alerts.rules.detecting import checked
from sankul.field.alerts.rules.grouping import why_never, why_not_group
from sankul.field.streams.models import Datastream, Thing
from sankul.programme.registry.models import Cluster

NAMED_ONCE = {
    "detector_named_once": _("The stream has a detector of this name."),
    "group_detector_named_once": _("The cluster has a detector of many sites of this name."),
}


@transaction.atomic
def set_new(
    *,
    actor: Actor,
    stream: Datastream,
    kind: str,
    name: str,
    parameters: Mapping[str, Any],
    severity: str,
    at: datetime,
    cool_down_s: int = 3600,
    guidance: str = "",
) -> Detector:
    """Set a detector on a stream. Raises Refused for parameters that cannot be, and a name that the stream has."""
    require(actor, SET_DETECTORS, *stream.thing.scopes)
    if kind == DetectorKind.NETWORK:
        raise Refused(_t("A detector of many sites belongs to no single stream."))
    made = Detector(
        stream=stream, kind=kind, name=name.strip(), parameters=checked(kind, parameters).mapping(), severity=severity,
        cool_down_s=cool_down_s, guidance=guidance.strip(), cluster=stream.thing.cluster,
        organisation=stream.thing.organisation, made_at=at, changed_at=at,
    )  # fmt: skip
    _write(made, actor, "detector.set", at)
    return made


@transaction.atomic
def set_group(
    *,
    actor: Actor,
    streams: Sequence[Datastream],
    name: str,
    parameters: Mapping[str, Any],
    severity: str,
    at: datetime,
    cool_down_s: int = 3600,
    guidance: str = "",
) -> Detector:
    """Set a detector on many sites. It is held by their cluster, and by their organisation where all have the same.

    Raises Refused for streams that are no group (``rules.grouping``), of which too few have a detector of their own to ever stand
    out together, for parameters that cannot be, and for a name that the cluster has.
    """
    for stream in streams:
        require(actor, SET_DETECTORS, *stream.thing.scopes)
    asked = _group(streams, parameters)
    holders = {stream.thing.organisation_id for stream in streams}
    made = Detector(
        kind=DetectorKind.NETWORK, name=name.strip(), parameters=asked, severity=severity, cool_down_s=cool_down_s,
        guidance=guidance.strip(), cluster=streams[0].thing.cluster, made_at=at, changed_at=at,
        organisation_id=holders.pop() if len(holders) == 1 else None,
    )  # fmt: skip
    require(actor, SET_DETECTORS, *made.scopes)
    _write(made, actor, "detector.set", at, streams)
    return made


@transaction.atomic
def change_group(
    *,
    actor: Actor,
    detector: Detector,
    name: str,
    parameters: Mapping[str, Any],
    severity: str,
    at: datetime,
    cool_down_s: int,
    guidance: str = "",
    streams: Sequence[Datastream] | None = None,
) -> Detector:
    """Change a detector of many sites, and its ``streams`` where they are given. Raises Refused as ``set_group`` does."""
    row = _held(actor, detector)
    if row.kind != DetectorKind.NETWORK:
        raise Refused(_t("This detector looks at a single stream."))
    before = list(row.members.select_related("thing__cluster__programme", "thing__organisation"))
    chosen = before if streams is None else streams
    for stream in chosen:
        require(actor, SET_DETECTORS, *stream.thing.scopes)
    asked = _group(chosen, parameters)
    if {stream.thing.cluster_id for stream in chosen} != {row.cluster_id}:
        raise Refused(_t("The streams of a group belong to one cluster."))
    row.version += asked != row.parameters or {s.pk for s in before} != {s.pk for s in chosen}
    _amend(row, name, asked, severity, cool_down_s, guidance)
    _write(row, actor, "detector.changed", at, chosen)
    return row


@transaction.atomic
def change(
    *,
    actor: Actor,
    detector: Detector,
    name: str,
    parameters: Mapping[str, Any],
    severity: str,
    at: datetime,
    cool_down_s: int,
    guidance: str = "",
) -> Detector:
    """Change a detector: a new version, which begins anew where its parameters changed. Raises Refused as ``set_new`` does."""
    row = _held(actor, detector)
    if row.kind == DetectorKind.NETWORK:
        raise Refused(_t("A detector of many sites belongs to no single stream."))
    asked = checked(row.kind, parameters).mapping()
    row.version += asked != row.parameters
    _amend(row, name, asked, severity, cool_down_s, guidance)
    _write(row, actor, "detector.changed", at)
    return row


@transaction.atomic
def switch(*, actor: Actor, detector: Detector, on: bool, at: datetime) -> Detector:
    """Switch a detector on or off; on again, it begins anew."""
    row = _held(actor, detector)
    if row.is_enabled == on:
        raise Refused(_t("It is on already.") if on else _t("It is off already."))
    row.is_enabled = on
    row.version += on
    _write(row, actor, "detector.switched_on" if on else "detector.switched_off", at)
    return row


@transaction.atomic
def silence(
    *,
    actor: Actor,
    reason: str,
    starts_at: datetime,
    ends_at: datetime,
    at: datetime,
    thing: Thing | None = None,
    cluster: Cluster | None = None,
) -> Silence:
    """Say that alerts of a site, or of a whole cluster, are not told for a time: recorded they are all the same.

    Raises Refused for a time that has passed or ends before it begins: nobody is silent afterwards.
    """
    holder = thing or cluster
    if holder is None:
        raise Refused(_t("Choose a site, or a cluster."))
    require(actor, SET_DETECTORS, *holder.scopes)
    if ends_at <= max(starts_at, at):
        raise Refused(_t("The window must end after it begins, and after now."))
    made = Silence(
        thing=thing, cluster=thing.cluster if thing else cluster, organisation=thing.organisation if thing else None,
        reason=reason.strip(), starts_at=max(starts_at, at), ends_at=ends_at, made_at=at, made_by_id=actor.user_id,
    )  # fmt: skip
    write(made)
    events.record(actor=actor, verb="silence.set", subject=made, at=at, scopes=made.scopes)
    return made


@transaction.atomic
def end_silence(*, actor: Actor, silence: Silence, at: datetime) -> Silence:
    """End a silence window now; what still stands is told."""
    rows = Silence.objects.select_for_update(of=("self",)).select_related("cluster__programme")
    row = rows.get(pk=silence.pk)
    require(actor, SET_DETECTORS, *row.scopes)
    if row.ends_at <= at:
        raise Refused(_t("It has ended already."))
    row.ends_at = max(at, row.starts_at)
    row.save(update_fields=["ends_at"])
    events.record(actor=actor, verb="silence.ended", subject=row, at=at, scopes=row.scopes)
    return row


@transaction.atomic
def add_webhook(*, actor: Actor, cluster: Cluster, url: str, least: str, at: datetime) -> Webhook:
    """Register an address that is told of the alerts of a cluster. Raises Refused for an address that is not called."""
    require(actor, SET_DETECTORS, *cluster.scopes)
    why_not_url(url).enforce()
    made = Webhook(
        cluster=cluster, url=url, least=least, salt=secrets.token_hex(32), made_at=at, made_by_id=actor.user_id
    )  # fmt: skip
    write(made, reasons={"webhook_once": _("This address is told already.")})
    events.record(actor=actor, verb="webhook.added", subject=made, at=at, scopes=made.scopes)
    return made


@transaction.atomic
def stop_webhook(*, actor: Actor, webhook: Webhook, at: datetime) -> Webhook:
    """Tell an address nothing any more."""
    rows = Webhook.objects.select_for_update(of=("self",)).select_related("cluster__programme")
    row = rows.get(pk=webhook.pk)
    require(actor, SET_DETECTORS, *row.scopes)
    if not row.is_active:
        raise Refused(_t("It is told nothing already."))
    row.is_active = False
    row.save(update_fields=["is_active"])
    events.record(actor=actor, verb="webhook.stopped", subject=row, at=at, scopes=row.scopes)
    return row


def _held(actor: Actor, detector: Detector) -> Detector:
    rows = Detector.objects.select_for_update(of=("self",))
    row = rows.select_related("cluster__programme", "stream__thing").get(pk=detector.pk)
    require(actor, SET_DETECTORS, *row.scopes)
    return row


def _group(streams: Sequence[Datastream], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a group's detector, if it can ever raise anything."""
    members = members_of([stream.pk for stream in streams])
    why_not_group(members).enforce()
    asked = checked(DetectorKind.NETWORK, parameters)
    why_never(members, asked).enforce()
    return asked.mapping()


def _amend(
    row: Detector,
    name: str,
    parameters: dict[str, Any],
    severity: str,
    cool_down_s: int,
    guidance: str,
) -> None:
    row.name, row.parameters, row.severity = name.strip(), parameters, severity
    row.cool_down_s, row.guidance = cool_down_s, guidance.strip()


def _write(
    row: Detector, actor: Actor, verb: str, at: datetime, streams: Sequence[Datastream] = ()
) -> None:
    row.changed_at, row.changed_by_id = at, actor.user_id
    write(row, reasons=NAMED_ONCE)
    data: dict[str, Any] = {"stream": row.stream_id, "version": row.version}
    if streams:
        row.members.set(streams)
        data["streams"] = sorted(stream.pk for stream in streams)
    events.record(actor=actor, verb=verb, subject=row, at=at, scopes=row.scopes, data=data)
