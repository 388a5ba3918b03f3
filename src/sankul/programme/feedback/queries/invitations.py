"""Reading who is invited, who has answered and what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from sankul.programme.feedback.models import Group, Invitation, Letter, Survey, Ticket
from sankul.programme.feedback.rules import Invited, LetterState
from sankul.programme.registry.models import Cluster


@dataclass(frozen=True)
class Rate:
    """How many of a group were invited and how many answered."""

    group: Group
    invited: int
    answered: int

    def is_small(self, threshold: int) -> bool:
        """Whether the group has so few people that its figures are not for everybody."""
        return self.invited < threshold


def rates(survey: Survey) -> list[Rate]:
    """Invited and answered by group, in the order of the groups: two queries; from the turnout once that is kept."""
    kept = list(survey.turnouts.select_related("group"))
    if kept:
        return [Rate(row.group, row.invited, row.answered) for row in kept]
    rows = survey.invitations.order_by().values("group")
    counted = rows.annotate(invited=Count("pk"), answered=Count("pk", filter=Q(is_answered=True)))
    found = {row["group"]: (row["invited"], row["answered"]) for row in counted}
    return [Rate(group, *found.get(group.pk, (0, 0))) for group in survey.groups.all()]


def invited_for(survey: Survey) -> QuerySet[Invitation]:
    """Everybody invited, with group and clusters at hand."""
    return survey.invitations.select_related("group").prefetch_related("clusters")


def roster(survey: Survey) -> dict[str, Invited]:
    """Everybody invited by e-mail address in small letters: two queries."""
    rated: dict[int, set[int]] = {}
    pairs = Invitation.clusters.through.objects.filter(invitation__survey=survey)
    for invitation, cluster in pairs.values_list("invitation_id", "cluster_id"):
        rated.setdefault(invitation, set()).add(cluster)
    return {
        row.email.lower(): Invited(
            name=row.name,
            email=row.email,
            group_id=row.group_id,
            cluster_ids=frozenset(rated.get(row.pk, ())),
            organisation=row.organisation,
            language=row.language,
        )
        for row in survey.invitations.all()
    }


def found_by(digest: str) -> Invitation | None:
    """The invitation that a link leads to, with survey and group at hand; answered or not."""
    ticket = (
        Ticket.objects.filter(digest=digest)
        .select_related("invitation__survey__programme", "invitation__group")
        .first()
    )
    return ticket.invitation if ticket else None


def clusters_of(invitation: Invitation) -> list[Cluster]:
    """The clusters that a person rates, by name."""
    return list(invitation.clusters.order_by("name", "pk"))


def to_invite(survey: Survey) -> QuerySet[Invitation]:
    """Who has not answered and got no letter yet."""
    there = Letter.objects.filter(invitation=OuterRef("pk"))
    return survey.invitations.filter(~Exists(there), is_answered=False).order_by("pk")


def to_remind(survey: Survey) -> QuerySet[Invitation]:
    """Who has not answered although the invitation went out."""
    there = Letter.objects.filter(invitation=OuterRef("pk"), round=0).exclude(
        state__in=(LetterState.QUEUED, LetterState.FAILED)
    )
    return survey.invitations.filter(Exists(there), is_answered=False).order_by("pk")


def queued(survey: Survey) -> QuerySet[Letter]:
    """Letters that wait to be sent, to people who have not answered."""
    rows = Letter.objects.filter(invitation__survey=survey, invitation__is_answered=False)
    return rows.filter(state=LetterState.QUEUED).order_by("pk")


def last_round(survey: Survey) -> int | None:
    """The number of the last round of letters, or None before the first."""
    rows = Letter.objects.filter(invitation__survey=survey)
    return rows.order_by("-round").values_list("round", flat=True).first()


def letters(survey: Survey) -> list[tuple[int, str, int]]:
    """How many letters of each round are in which state."""
    rows = Letter.objects.filter(invitation__survey=survey).order_by().values("round", "state")
    counted = rows.annotate(found=Count("pk")).order_by("round", "state")
    return [(row["round"], row["state"], row["found"]) for row in counted]


def clusters_by_slug(survey: Survey, slugs: Sequence[str]) -> dict[str, Cluster]:
    """Clusters of the programme by their short names."""
    rows = Cluster.objects.filter(programme=survey.programme_id, slug__in=slugs)
    return {row.slug: row for row in rows}
