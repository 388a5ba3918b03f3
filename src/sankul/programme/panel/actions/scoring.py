"""What members do: score, send, recuse themselves, change a score, comment, and write down a site visit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import IO, NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sankul.core.actions import documents
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.panel.models import (
    Change,
    Member,
    Panel,
    Recusal,
    Remark,
    Score,
    Visit,
    VisitDocument,
)
from sankul.programme.panel.queries import panels as queries
from sankul.programme.panel.queries.ties import ties
from sankul.programme.panel.rules import (
    CRITERIA,
    SCORE,
    PanelStatus,
    why_not_alter,
    why_not_level,
    why_not_score,
    why_not_send,
)
from sankul.programme.registry.models import Cluster

from .panels import record


class Given(NamedTuple):
    """A score as it is given: None is not given yet."""

    level: int | None
    reason: str


@transaction.atomic
def save(
    *, actor: Actor, panel: Panel, cluster: Cluster, given: Mapping[str, Given], at: datetime
) -> None:
    """Keep a member's own scores of a cluster, by criterion; a draft may be incomplete.

    Raises Refused for a cluster that the member is tied to, a level off the scale, an unknown criterion, outside the scoring, and
    once the scores are sent.
    """
    member = _held(actor, panel)
    _check_cluster(member.panel, cluster)
    tie = _ties(member, at).get(cluster.pk, "")
    why_not_score(status=member.panel.status, is_sent=member.sent_at is not None, tie=tie).enforce()
    for criterion, one in given.items():
        if criterion not in CRITERIA:
            raise Refused(_("There is no criterion “%s”.") % criterion)
        why_not_level(one.level, member.panel.least).enforce()
        Score.objects.update_or_create(
            member=member,
            cluster=cluster,
            criterion=criterion,
            defaults={"level": one.level, "reason": one.reason.strip()},
        )
    record(actor, "panel.scored", member.panel, at, cluster=cluster.pk)


@transaction.atomic
def send(*, actor: Actor, panel: Panel, at: datetime) -> Member:
    """Send one's scores: they are fixed until the discussion. Scores of clusters that one is tied to by now are dropped.

    Raises Refused with all that is missing.
    """
    member = _held(actor, panel)
    tied = _ties(member, at)
    why_not_score(status=member.panel.status, is_sent=member.sent_at is not None, tie="").enforce()
    member.scores.filter(cluster__in=sorted(tied)).delete()
    why_not_send(queries.unfinished(member, tied)).enforce()
    member.sent_at = at
    member.save(update_fields=["sent_at"])
    record(actor, "panel.sent", member.panel, at, user=member.user_id)
    return member


@transaction.atomic
def recuse(*, actor: Actor, panel: Panel, cluster: Cluster, reason: str, at: datetime) -> Recusal:
    """Declare one's conflict with a cluster; one's scores of it go, and from the discussion on are struck with a record.

    Raises Refused without a reason, the second time, and once the panel is closed.
    """
    member = _held(actor, panel)
    _check_cluster(member.panel, cluster)
    if member.panel.status in (PanelStatus.CLOSED, PanelStatus.RELEASED):
        raise Refused(_("The panel is closed. Tell the programme office."))
    if not reason.strip():
        raise Refused(_("Say what ties you to the cluster, in a few words."))
    if member.recusals.filter(cluster=cluster).exists():
        raise Refused(_("You have declared that already."))
    made = Recusal.objects.create(
        member=member, cluster=cluster, reason=reason.strip()[:250], declared_at=at
    )
    own = member.scores.filter(cluster=cluster)
    if member.sent_at is None:
        own.delete()
    else:
        for score in own.filter(level__isnull=False):
            _change(score, None, _("A conflict of interest was declared."), at)
    record(actor, "panel.recused", member.panel, at, user=member.user_id, cluster=cluster.pk)
    return made


@transaction.atomic
def alter(*, actor: Actor, score: Score, level: int, reason: str, at: datetime) -> Score:
    """Change one's own score in the discussion, with a reason; what it was is kept.

    Raises Forbidden for another's score, and Refused outside the discussion, without a reason, or for a level off the scale.
    """
    member = _held(actor, score.member.panel)
    score = Score.objects.select_for_update().get(pk=score.pk)
    if score.member_id != member.pk:
        raise Forbidden(_("A score is changed by the member who gave it."))
    why_not_level(level, member.panel.least).enforce()
    why_not_alter(
        status=member.panel.status,
        tie=_ties(member, at).get(score.cluster_id, ""),
        level=level,
        before=score.level,
        reason=reason,
    ).enforce()
    _change(score, level, reason.strip(), at)
    record(actor, "panel.altered", member.panel, at, score=score.pk)
    return score


@transaction.atomic
def say(
    *, actor: Actor, panel: Panel, cluster: Cluster, criterion: str, text: str, at: datetime
) -> Remark:
    """Comment on the scores of a cluster on a criterion. Raises Refused outside the discussion, if tied, without words."""
    member = _held(actor, panel)
    _check_cluster(member.panel, cluster)
    if member.panel.status != PanelStatus.DISCUSSION:
        raise Refused(_("Comments are made while the panel discusses."))
    if tie := _ties(member, at).get(cluster.pk):
        raise Refused(_("You take no part in this cluster, because your account %s.") % tie)
    if criterion not in CRITERIA or not text.strip():
        raise Refused(_("Write what you want to say about one of the criteria."))
    made = Remark.objects.create(
        member=member, cluster=cluster, criterion=criterion, text=text.strip(), at=at
    )
    record(actor, "panel.remarked", member.panel, at, remark=made.pk)
    return made


@transaction.atomic
def visit(
    *,
    actor: Actor,
    panel: Panel,
    cluster: Cluster,
    on: date,
    text: str,
    files: Sequence[tuple[IO[bytes], str]] = (),
    at: datetime,
) -> Visit:
    """Write down a site visit, with documents; it is not changed afterwards.

    Raises Refused without words, for a day ahead, for a cluster that the member is tied to, and once the panel is closed.
    """
    member = _held(actor, panel)
    _check_cluster(member.panel, cluster)
    if member.panel.status not in (PanelStatus.DRAFT, PanelStatus.SCORING, PanelStatus.DISCUSSION):
        raise Refused(_("The panel is closed."))
    if tie := _ties(member, at).get(cluster.pk):
        raise Refused(_("You take no part in this cluster, because your account %s.") % tie)
    if not text.strip():
        raise Refused(_("Write what was seen and heard."))
    if on > timezone.localdate(at):
        raise Refused(_("The day of the visit lies ahead."))
    made = Visit.objects.create(
        panel=member.panel, cluster=cluster, on=on, text=text.strip(),
        written_by=actor.user, written_at=at,
    )  # fmt: skip
    for file, name in files:
        kept = documents.keep(actor=actor, file=file, name=name, at=at)
        VisitDocument.objects.get_or_create(visit=made, document=kept)
    record(actor, "panel.visited", member.panel, at, visit=made.pk, cluster=cluster.pk)
    return made


def _held(actor: Actor, panel: Panel) -> Member:
    """The actor's own place, held until the commit, with the panel as it is now; Forbidden for whoever has none."""
    require(actor, SCORE, *panel.scopes)
    current = Panel.objects.select_related("programme", "period")
    panel = current.select_for_update(of=("self",), no_key=True).get(pk=panel.pk)
    member = Member.objects.select_for_update().filter(panel=panel, user=actor.user_id).first()
    if member is None:
        raise Forbidden(
            _("You are no member of this panel. The programme office appoints members.")
        )
    member.panel = panel
    return member


def _check_cluster(panel: Panel, cluster: Cluster) -> None:
    if cluster.programme_id != panel.programme_id:
        raise Refused(_("%s belongs to another programme.") % cluster)


def _ties(member: Member, at: datetime) -> dict[int, str]:
    return ties(member.user_id, member.panel, timezone.localdate(at))


def _change(score: Score, level: int | None, reason: str, at: datetime) -> None:
    """The change first: the database lets a sent score change only beside it."""
    if score.level is None:
        return
    Change.objects.create(score=score, before=score.level, after=level, reason=reason, at=at)
    score.level = level
    score.save(update_fields=["level"])
