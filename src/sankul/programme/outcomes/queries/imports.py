"""Reading tables of claims, and what their lines are held against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from sankul.core.queries import documents
from sankul.core.rules.roles import Actor, narrowed
from sankul.programme.outcomes.models import Claim, Import
from sankul.programme.outcomes.rules import RECORD_CLAIM, RECORD_FEEDBACK, RECORDED_BY
from sankul.programme.outcomes.rules.imports import Around
from sankul.programme.portfolio.models import Project
from sankul.programme.registry.models import Cluster, Membership, Organisation

LISTED = 5000
"""Organisations that a template lists."""


def visible(actor: Actor) -> QuerySet[Import]:
    """Tables of clusters and kinds that the actor records, newest first."""
    own = narrowed(actor, RECORD_CLAIM, cluster="cluster", programme="cluster__programme")
    told = narrowed(actor, RECORD_FEEDBACK, cluster="cluster", programme="cluster__programme")
    by_others = Q(kind__in=RECORDED_BY)
    rows = Import.objects.filter((own & ~by_others) | (told & by_others))
    return rows.select_related("cluster__programme", "asked_by", "applied_by")


def around(batch: Import, at: datetime) -> Around:
    """Everything that the lines of a table are held against: seven queries, whatever their number."""
    cluster = batch.cluster
    programme = cluster.programme
    clusters = Cluster.objects.filter(programme=programme)
    members: dict[tuple[int, int], list[tuple[date | None, date | None]]] = {}
    for place, organisation, start, end in Membership.objects.filter(
        cluster__programme=programme
    ).values_list("cluster", "organisation", "from_on", "until_on"):
        members.setdefault((place, organisation), []).append((start, end))
    return Around(
        cluster_id=cluster.pk,
        clusters={slug.casefold(): pk for pk, slug in clusters.values_list("pk", "slug")},
        organisations=_named(is_demonstration=programme.is_demonstration),
        members=members,
        projects={
            code.casefold(): pk
            for pk, code in Project.objects.filter(programme=programme).values_list("pk", "code")
        },
        documents=batch.documents,
        starts_on=programme.starts_on,
        today=timezone.localdate(at),
        locked=_locked(batch) if batch.submits else (),
        submits=batch.submits,
    )


def organisations(cluster: Cluster) -> Sequence[tuple[str, str]]:
    """Short names and names that a template for a cluster lists: its members first, then others, as real or as fictional."""
    belongs = Membership.objects.filter(organisation=OuterRef("pk"), cluster=cluster)
    rows = Organisation.objects.filter(is_demonstration=cluster.programme.is_demonstration)
    ordered = rows.annotate(is_member=Exists(belongs)).order_by("-is_member", "name", "pk")
    return list(ordered.values_list("slug", "name")[:LISTED])


def unreadable(actor: Actor, batch: Import, digests: Sequence[str]) -> set[str]:
    """Of these documents, those that are neither sent along nor readable to the actor."""
    asked = set(digests) - set(batch.documents.values())
    readable = documents.readable(actor).filter(pk__in=asked).values_list("pk", flat=True)
    return asked - set(readable)


def _named(*, is_demonstration: bool) -> dict[str, tuple[int, str]]:
    """Organisations by short name, ROR id, and by name where only one has it, each with its short name."""
    rows = Organisation.objects.filter(is_demonstration=is_demonstration)
    found = list(rows.values_list("pk", "slug", "name", "ror"))
    times = Counter(name.casefold() for _pk, _slug, name, _ror in found)
    named = {
        name.casefold(): (pk, slug) for pk, slug, name, _ror in found if times[name.casefold()] == 1
    }
    named |= {ror: (pk, slug) for pk, slug, _name, ror in found if ror}
    return named | {slug.casefold(): (pk, slug) for pk, slug, _name, _ror in found}


def _locked(batch: Import) -> list[tuple[date, date, str]]:
    locked = Claim.objects.filter(
        programme=OuterRef("programme"),
        on__gte=OuterRef("starts_on"),
        on__lte=OuterRef("ends_on"),
        locked_at__isnull=False,
    )
    periods = batch.cluster.programme.periods.filter(Exists(locked))
    return list(periods.values_list("starts_on", "ends_on", "label"))
