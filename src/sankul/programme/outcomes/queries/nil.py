"""What a cluster has recorded of each kind in a period, and where there is neither a claim nor a declaration of nothing."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from sankul.core.rules.roles import Actor
from sankul.programme.outcomes.models import Credit, NilReturn
from sankul.programme.outcomes.queries.claims import clusters_to_record
from sankul.programme.outcomes.rules import DECLARE_NIL, KINDS, RECORDED_BY, Kind
from sankul.programme.registry.models import Cluster, Period


@dataclass(frozen=True)
class Return:
    """One kind in a period: how many submitted claims credit the cluster, how many with a document, or its nil return."""

    kind: Kind
    submitted: int
    evidenced: int
    nil: NilReturn | None

    @property
    def is_missing(self) -> bool:
        """Whether nothing at all is known: neither a claim nor a declaration of nothing."""
        return not self.submitted and self.nil is None


def returns(cluster: Cluster, period: Period) -> list[Return]:
    """Every kind that the cluster itself records, in a period: two queries."""
    standing = Credit.objects.filter(
        cluster=cluster, on__range=(period.starts_on, period.ends_on), stands=True
    )
    counted = (
        standing.order_by()
        .values("kind")
        .annotate(
            submitted=Count("claim", distinct=True),
            evidenced=Count("claim", distinct=True, filter=Q(counts=True)),
        )
    )
    counts = {row["kind"]: (row["submitted"], row["evidenced"]) for row in counted}
    nils = {nil.kind: nil for nil in NilReturn.objects.filter(cluster=cluster, period=period)}
    return [
        Return(kind, *counts.get(kind.code, (0, 0)), nils.get(kind.code))
        for kind in KINDS.values()
        if kind.code not in RECORDED_BY
    ]


def visible(actor: Actor) -> QuerySet[NilReturn]:
    """Declarations of nothing that the actor may retract."""
    clusters = clusters_to_record(actor, DECLARE_NIL)
    rows = NilReturn.objects.filter(cluster__in=clusters)
    return rows.select_related("cluster__programme", "period")


def periods(cluster: Cluster) -> QuerySet[Period]:
    """Reporting periods of the cluster's programme that it took part in, newest first."""
    rows = Period.objects.filter(programme=cluster.programme_id)
    if cluster.launched_on is not None:
        rows = rows.filter(ends_on__gte=cluster.launched_on)
    return rows.order_by("-starts_on")
