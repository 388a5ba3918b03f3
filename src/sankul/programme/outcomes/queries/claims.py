"""Reading claims."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from sankul.core.models import Event
from sankul.core.queries import documents
from sankul.core.queries import events as log
from sankul.core.rules.roles import Actor, Permission, narrowed, verdict
from sankul.programme.outcomes.models import Attachment, Claim
from sankul.programme.outcomes.rules import KINDS, RECORD_CLAIM, Kind, permission_to_record
from sankul.programme.registry.models import Cluster

EXPORTED = (
    "cluster__slug", "reference", "kind", "title", "detail", "on", "quantity", "status", "is_evidenced",
)  # fmt: skip


def visible(actor: Actor) -> QuerySet[Claim]:
    """Claims that the actor may see, with cluster and programme at hand."""
    return Claim.objects.visible_to(actor).select_related("cluster", "programme")


def detail(actor: Actor, pk: int) -> Claim:
    """One claim with its credits and documents: three queries. Raises Claim.DoesNotExist where it may not be seen."""
    claims = visible(actor).prefetch_related(
        "credits__cluster", "credits__organisation", "attachments__document"
    )
    return claims.get(pk=pk)


def history(actor: Actor, claim: Claim) -> QuerySet[Event]:
    """What was done to a claim, newest first, as far as the actor may see what was done."""
    return log.visible(actor).filter(subject=f"claim/{claim.pk}")


def clusters_to_record(actor: Actor, permission: Permission = RECORD_CLAIM) -> QuerySet[Cluster]:
    """Clusters for which the actor may do this, records of claims unless told otherwise."""
    own = narrowed(actor, permission, cluster="pk", programme="programme")
    return Cluster.objects.filter(own).select_related("programme")


def kinds_to_record(actor: Actor) -> list[Kind]:
    """Kinds of claims that the actor may record for some cluster."""
    return [kind for kind in KINDS.values() if actor.scopes(permission_to_record(kind.code))]


def may_record(actor: Actor, claim: Claim) -> bool:
    """Whether the actor may change, submit and withdraw this claim."""
    return verdict(actor, permission_to_record(claim.kind), *claim.scopes).allowed


def exported(claims: QuerySet[Claim]) -> Iterator[tuple[Any, ...]]:
    """The columns ``EXPORTED`` and the unit, row by row, in bounded memory."""
    rows: Iterable[tuple[Any, ...]] = claims.values_list(*EXPORTED).iterator(chunk_size=5000)
    for row in rows:
        yield (*row[:7], str(KINDS[row[2]].unit), *row[7:])


def _documents(actor: Actor) -> Q:
    cited = Attachment.objects.filter(
        document=OuterRef("pk"), claim__in=Claim.objects.visible_to(actor)
    )
    return Q(Exists(cited))


documents.declare("outcomes", _documents)
