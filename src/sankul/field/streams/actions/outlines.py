"""Supplying outlines for maps, and taking them away."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import IO

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from sankul.core.actions import events, rows
from sankul.core.rules.roles import Actor, require
from sankul.field.streams.models import Outline
from sankul.field.streams.rules import RECORD_STREAMS, outlines
from sankul.programme.registry.models import Cluster

REASONS = {"outline_named_once": _("There is an outline of this name already.")}


@transaction.atomic
def supply(
    *,
    actor: Actor,
    cluster: Cluster,
    name: str,
    source: str,
    licence: str,
    file: IO[bytes],
    at: datetime,
) -> Outline:
    """Keep the lines of a GeoJSON file for a cluster's maps. Raises Forbidden, and Refused by the place of the first fault."""
    require(actor, RECORD_STREAMS, *cluster.scopes)
    body = file.read(outlines.MOST_BYTES + 1)
    found = outlines.read(body)
    made = Outline(
        cluster=cluster,
        name=name.strip(),
        source=source.strip(),
        licence=licence.strip(),
        lines=found.lines,
        west=found.west,
        south=found.south,
        east=found.east,
        north=found.north,
        given=found.given,
        sha256=hashlib.sha256(body).hexdigest(),
        made_at=at,
        made_by=actor.user,
    )
    rows.write(made, reasons=REASONS)
    data = {"sha256": made.sha256, "positions": made.given}
    events.record(
        actor=actor, verb="outline.supplied", subject=made, at=at, scopes=cluster.scopes, data=data
    )
    return made


@transaction.atomic
def remove(*, actor: Actor, outline: Outline, at: datetime) -> None:
    """Take an outline off the maps. Raises Forbidden."""
    require(actor, RECORD_STREAMS, *outline.cluster.scopes)
    events.record(
        actor=actor,
        verb="outline.removed",
        subject=outline,
        at=at,
        scopes=outline.cluster.scopes,
        data={"sha256": outline.sha256},
    )
    outline.delete()
