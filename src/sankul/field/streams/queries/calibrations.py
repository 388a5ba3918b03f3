"""Calibrations of a stream, and which corrections stand on them."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from sankul.core.queries import documents
from sankul.core.rules.roles import Actor
from sankul.field.streams.models import Calibration, Revision
from sankul.field.streams.models.entities import within
from sankul.field.streams.rules import VersionKind
from sankul.field.streams.rules.reviewing import standing


def before(calibration: Calibration) -> Calibration | None:
    """The calibration of the same stream before one."""
    rows = Calibration.objects.filter(stream=calibration.stream_id, at__lt=calibration.at)
    return rows.order_by("-at").first()


def correction_of(calibration: Calibration) -> Revision | None:
    """The correction up to a calibration that stands, if there is one."""
    return corrections(calibration.stream_id).get(calibration.pk)


def corrections(stream_id: int) -> dict[int, Revision]:
    """The corrections of drift of a stream that stand, by the calibration that each goes up to."""
    rows = list(Revision.objects.filter(stream=stream_id))
    stands = standing(rows)
    return {
        int(one.method["calibration"]): one
        for one in rows
        if one.kind == VersionKind.DRIFT and one.pk in stands
    }


def _certificates(actor: Actor) -> Q:
    own = Calibration.objects.filter(within(actor, "stream__thing__", to_change=True))
    return Q(Exists(own.filter(document=OuterRef("pk"))))


documents.declare("streams", _certificates)
