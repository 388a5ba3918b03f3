"""Releasing: scores become fixed results with their files, which indicators rest on."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sankul.core.actions import documents
from sankul.core.models import Document
from sankul.core.rules.roles import Actor
from sankul.core.rules.verdicts import Refused
from sankul.programme.panel.models import Panel, Result, Score
from sankul.programme.panel.queries import panels as queries
from sankul.programme.panel.rules import (
    CONDUCT,
    CRITERIA,
    PanelStatus,
    panel_score,
    spread,
    why_not_release,
)
from sankul.programme.registry.models import Cluster, Organisation
from sankul.programme.registry.queries.clusters import members_on

from .panels import held, record

HEAD = (
    "programme",
    "is_demonstration",
    "period",
    "cluster",
    "criterion",
    "member",
    "level",
    "independent_level",
)


@transaction.atomic
def release(*, actor: Actor | None, panel: Panel, at: datetime) -> Panel:
    """Release the scores of a closed panel, once and for good: the panel's by name of the cluster, the members' by letter.

    Raises Refused before the panel is closed, the second time, and for a cluster without a member organisation to be credited.
    """
    panel = held(actor, panel, CONDUCT)
    why_not_release(panel.status).enforce()
    scores = _scores(panel)
    for cluster in queries.clusters(panel):
        own = [one for one in scores if one.cluster_id == cluster.pk]
        if own:
            file = _file(actor, panel, own, cluster.slug, at)
            _results(panel, cluster, own, file)
    panel.release = _file(actor, panel, scores, "panel", at)
    panel.status, panel.released_at = PanelStatus.RELEASED, at
    panel.save(update_fields=["status", "release", "released_at"])
    record(actor, "panel.released", panel, at, document=panel.release_id)
    return panel


def _scores(panel: Panel) -> Sequence[Score]:
    rows = Score.objects.filter(member__panel=panel, level__isnull=False)
    rows = rows.select_related("member", "cluster").prefetch_related("changes")
    return list(rows.order_by("cluster__slug", "criterion", "member__letter"))


def _results(panel: Panel, cluster: Cluster, scores: Sequence[Score], file: Document) -> None:
    on = _day(panel)
    organisation = _credited(cluster, on)
    adjusted = panel.agreement.get("final", {}).get("severity", {}).get("levels", {})
    made = []
    for criterion in CRITERIA.values():
        given = [one.level for one in scores if one.criterion == criterion.code and one.level is not None]  # fmt: skip
        if not given:
            continue
        level = adjusted.get(f"{cluster.slug} {criterion.code}")
        made.append(
            Result(
                panel=panel,
                cluster=cluster,
                organisation=organisation,
                criterion=criterion.code,
                title=_("Expert panel %(period)s: %(criterion)s")
                % {"period": panel.period, "criterion": criterion.title},
                on=on,
                score=panel_score(given, panel.statistic),
                adjusted=None if level is None else Decimal(str(level)),
                members=len(given),
                spread=spread(given),
                document=file,
            )
        )
    Result.objects.bulk_create(made)


def _day(panel: Panel) -> date:
    """The day of the scores: when the panel closed, within its period."""
    closed = timezone.localdate(panel.closed_at)
    return min(max(closed, panel.period.starts_on), panel.period.ends_on)


def _credited(cluster: Cluster, on: date) -> Organisation:
    """Whom the score stands for: the anchor of the cluster, else another member."""
    members = list(members_on(cluster, on))
    if not members:
        raise Refused(
            _("%(cluster)s had no member on %(day)s for whom its scores could stand.")
            % {"cluster": cluster, "day": on.isoformat()}
        )
    anchors = [one for one in members if one.kind == "anchor"]
    return (anchors or members)[0].organisation


def _file(
    actor: Actor | None, panel: Panel, scores: Sequence[Score], what: str, at: datetime
) -> Document:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEAD)
    first = (
        panel.programme.slug,
        str(panel.programme.is_demonstration).lower(),
        panel.period.label,
    )
    for one in scores:
        changes = list(one.changes.all())
        independent = changes[0].before if changes else one.level
        writer.writerow(
            (*first, one.cluster.slug, one.criterion, one.member.letter, one.level, independent)
        )
    name = f"{panel.programme.slug}-{panel.period.label}-panel-{what}.csv"
    file = io.BytesIO(text.getvalue().encode())
    return documents.keep(actor=actor, file=file, name=name, at=at)
