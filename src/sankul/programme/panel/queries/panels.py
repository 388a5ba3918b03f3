"""Reading panels: who is on them, how far they are, what stands in the way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Count, Q, QuerySet

from sankul.core.models import Grant, User
from sankul.core.rules.roles import Actor, ScopeKind, narrowed
from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.rules import KINDS, ClaimStatus
from sankul.programme.panel.models import Member, Panel, Recusal, Score, Visit
from sankul.programme.panel.rules import CONDUCT, CONVENE, CRITERIA, SCORE, PanelStatus
from sankul.programme.registry.models import Cluster, Decision, Period, Programme
from sankul.programme.registry.rules import BodyKind

from .ties import Ties, ties_of

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LEAST_SCORES = 2


def visible(actor: Actor) -> QuerySet[Panel]:
    """Panels that the actor may see, newest first, with programme and period at hand."""
    rows = Panel.objects.visible_to(actor).select_related("programme", "period")
    return rows.order_by("programme__is_demonstration", "programme__name", "-period__starts_on")


def programmes_to_convene_for(actor: Actor) -> QuerySet[Programme]:
    """Programmes whose panels the actor may convene."""
    own = narrowed(actor, CONVENE, programme="pk")
    return Programme.objects.filter(own).order_by("is_demonstration", "name")


def periods_without(programme: Programme) -> QuerySet[Period]:
    """Periods of a programme that have no panel yet, newest first."""
    return programme.periods.filter(panel=None).order_by("-starts_on")


def membership(actor: Actor, panel: Panel) -> Member | None:
    """The actor's own place on a panel."""
    if actor.user_id is None:
        return None
    return panel.members.filter(user=actor.user_id).first()


def to_move(actor: Actor) -> QuerySet[Panel]:
    """Panels whose next step is the actor's: to prepare, to take on, to release."""
    office = narrowed(actor, CONVENE, programme="programme") & Q(status=PanelStatus.DRAFT)
    others = Q(status__in=(PanelStatus.SCORING, PanelStatus.DISCUSSION, PanelStatus.CLOSED))
    third = narrowed(actor, CONDUCT, programme="programme") & others
    return Panel.objects.filter(office | third).select_related("programme", "period")


def own_seats(actor: Actor) -> QuerySet[Member]:
    """The actor's places on panels that score or discuss."""
    rows = Member.objects.filter(
        user=actor.user_id, panel__status__in=(PanelStatus.SCORING, PanelStatus.DISCUSSION)
    )
    return rows.select_related("panel__programme", "panel__period")


def clusters(panel: Panel) -> QuerySet[Cluster]:
    """The clusters that are scored."""
    return panel.programme.clusters.order_by("name", "pk")


def decisions(panel: Panel) -> QuerySet[Decision]:
    """Decisions of the apex committee that may approve the rubrics."""
    rows = Decision.objects.filter(
        meeting__body__programme=panel.programme_id, meeting__body__kind=BodyKind.APEX
    )
    return rows.select_related("meeting").order_by("-meeting__held_on", "reference")


def candidates(panel: Panel, day: date) -> QuerySet[User]:
    """Accounts that could be appointed: evaluators and reviewers of the programme who are no members yet."""
    grants = Grant.objects.filter(
        Q(until_on__isnull=True) | Q(until_on__gte=day),
        Q(scope_kind=ScopeKind.PROGRAMME, scope_id=panel.programme_id),
        role__in=sorted(SCORE.roles),
        from_on__lte=day,
    )
    rows = User.objects.filter(pk__in=grants.order_by().values("user"), is_active=True)
    return rows.exclude(pk__in=panel.members.values("user")).order_by("name", "pk")


def missing_rubrics(panel: Panel) -> list[StrOrPromise]:
    """Titles of the criteria whose levels are not described yet."""
    there = set(panel.rubrics.values_list("criterion", flat=True))
    return [one.title for one in CRITERIA.values() if one.code not in there]


class Progress(NamedTuple):
    """How far a member is: a count and no score. ``given`` of ``wanted`` are written, ``tied`` clusters are left to others."""

    member: Member
    given: int
    wanted: int
    tied: int


def progress(panel: Panel, day: date) -> list[Progress]:
    """How far each member is, by name."""
    given = dict(
        Score.objects.filter(member__panel=panel, level__isnull=False)
        .values_list("member")
        .annotate(found=Count("pk"))
        .order_by()
    )
    numbers = set(clusters(panel).values_list("pk", flat=True))
    members = list(panel.members.select_related("user").order_by("user__name", "pk"))
    bound = ties_of([one.user_id for one in members], panel, day)
    rows = []
    for member in members:
        tied = len(numbers & bound[member.user_id].keys())
        wanted = (len(numbers) - tied) * len(CRITERIA)
        rows.append(Progress(member, given.get(member.pk, 0), wanted, tied))
    return rows


def uncovered(panel: Panel) -> list[str]:
    """Names of clusters that fewer than two members have scored throughout."""
    rows = Score.objects.filter(member__panel=panel, level__isnull=False).order_by()
    found = {
        (cluster, criterion): count
        for cluster, criterion, count in rows.values_list("cluster", "criterion").annotate(
            found=Count("pk")
        )
    }
    return [
        cluster.name
        for cluster in clusters(panel)
        if any(found.get((cluster.pk, code), 0) < LEAST_SCORES for code in CRITERIA)
    ]


def own_scores(member: Member, cluster: Cluster) -> dict[str, Score]:
    """A member's own scores of a cluster, by criterion."""
    return {row.criterion: row for row in member.scores.filter(cluster=cluster)}


def own_counts(member: Member) -> dict[int, int]:
    """How many scores a member has given, by number of the cluster."""
    rows = member.scores.filter(level__isnull=False).order_by()
    return dict(rows.values_list("cluster").annotate(found=Count("pk")))


def unfinished(member: Member, tied: Ties) -> dict[str, Sequence[StrOrPromise]]:
    """Criteria for which a member's score or its reason is missing, by name of the cluster."""
    rows = member.scores.filter(level__isnull=False).exclude(reason="")
    there = set(rows.values_list("cluster", "criterion"))
    found = {
        cluster.name: [
            one.title for one in CRITERIA.values() if (cluster.pk, one.code) not in there
        ]
        for cluster in clusters(member.panel)
        if cluster.pk not in tied
    }
    return {name: titles for name, titles in found.items() if titles}


def visits(actor: Actor, panel: Panel) -> QuerySet[Visit]:
    """Site visits that the actor may read."""
    rows = Visit.objects.visible_to(actor).filter(panel=panel)
    return rows.select_related("cluster", "written_by").prefetch_related("documents")


def recusals(panel: Panel) -> QuerySet[Recusal]:
    """Conflicts that members declared."""
    rows = Recusal.objects.filter(member__panel=panel)
    return rows.select_related("member__user", "cluster")


class Proof(NamedTuple):
    """How many claims of a kind verifiers let stand, in whole or in part."""

    kind: str
    title: StrOrPromise
    found: int


def proofs(actor: Actor, panel: Panel, cluster: Cluster) -> dict[str, list[Proof]]:
    """Verified claims of a cluster in the period that tell about each criterion: one query."""
    rows = Claim.objects.visible_to(actor).filter(
        cluster=cluster,
        on__range=(panel.period.starts_on, panel.period.ends_on),
        status__in=(ClaimStatus.VERIFIED, ClaimStatus.PARTLY_VERIFIED),
    )
    found = dict(rows.order_by().values_list("kind").annotate(found=Count("pk")))
    return {
        one.code: [
            Proof(kind, KINDS[kind].title, found[kind]) for kind in one.kinds if kind in found
        ]
        for one in CRITERIA.values()
    }
