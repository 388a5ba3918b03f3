"""Reading claims."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from sankul.core.models import Event
from sankul.core.queries import documents
from sankul.core.queries import events as log
from sankul.core.rules.roles import Actor, Permission, narrowed, verdict
from sankul.programme.outcomes.models import Attachment, Claim, Credit
from sankul.programme.outcomes.rules import KINDS, RECORD_CLAIM, Kind, permission_to_record
from sankul.programme.registry.models import Cluster, Membership, Organisation

EXPORTED = (
    "programme__slug", "programme__is_demonstration", "cluster__slug", "reference", "kind", "title", "detail", "on",
    "quantity", "status", "is_evidenced",
)  # fmt: skip
UNIT_PLACE = EXPORTED.index("quantity") + 1


def visible(actor: Actor) -> QuerySet[Claim]:
    """Claims that the actor may see, with cluster and programme at hand."""
    return Claim.objects.visible_to(actor).select_related("cluster", "programme")


def found(claims: QuerySet[Claim], text: str) -> QuerySet[Claim]:
    """Claims with ``text`` in their title or at the beginning of their reference; all of them without a text."""
    if not text:
        return claims
    return claims.filter(Q(title__icontains=text) | Q(reference__startswith=text))


def detailed(actor: Actor) -> QuerySet[Claim]:
    """The same with credits and documents at hand: one is read in three queries, whatever the number of either."""
    return visible(actor).prefetch_related(
        Prefetch("credits", Credit.objects.select_related("cluster__programme", "organisation")),
        Prefetch("attachments", Attachment.objects.select_related("document")),
    )


def history(actor: Actor, claim: Claim) -> QuerySet[Event]:
    """What was done to a claim, newest first, as far as the actor may see what was done."""
    return log.visible(actor).filter(subject=f"claim/{claim.pk}")


def clusters_to_record(actor: Actor, permission: Permission = RECORD_CLAIM) -> QuerySet[Cluster]:
    """Clusters for which the actor may do this, records of claims unless told otherwise."""
    own = narrowed(actor, permission, cluster="pk", programme="programme")
    return Cluster.objects.filter(own).select_related("programme").order_by("name", "pk")


def partners_for(own: Sequence[Cluster]) -> tuple[QuerySet[Cluster], QuerySet[Any]]:
    """Clusters and organisations that a claim of these clusters can credit: of the same programmes, as real or as fictional.

    Each organisation tells in ``is_member`` whether it ever belonged to one of these clusters.
    """
    programmes = {cluster.programme_id: cluster.programme for cluster in own}
    marks = {programme.is_demonstration for programme in programmes.values()}
    clusters = Cluster.objects.filter(programme__in=programmes).order_by("name", "pk")
    belongs = Membership.objects.filter(organisation=OuterRef("pk"), cluster__in=own)
    organisations = Organisation.objects.filter(is_demonstration__in=marks)
    organisations = organisations.annotate(is_member=Exists(belongs)).order_by("name", "pk")
    return clusters.select_related("programme"), organisations


def attachments(actor: Actor) -> QuerySet[Attachment]:
    """Documents behind claims that the actor may see."""
    rows = Attachment.objects.filter(claim__in=Claim.objects.visible_to(actor))
    return rows.select_related("claim__cluster", "claim__programme", "document")


def kinds_to_record(actor: Actor) -> list[Kind]:
    """Kinds of claims that the actor may record for some cluster."""
    return [kind for kind in KINDS.values() if actor.scopes(permission_to_record(kind.code))]


def may_record(actor: Actor, claim: Claim) -> bool:
    """Whether the actor may change, submit and withdraw this claim."""
    return verdict(actor, permission_to_record(claim.kind), *claim.scopes).allowed


def exported(claims: QuerySet[Claim]) -> Iterator[tuple[Any, ...]]:
    """The columns ``EXPORTED``, with the unit after the quantity, row by row, in bounded memory."""
    rows: Iterable[tuple[Any, ...]] = claims.values_list(*EXPORTED).iterator(chunk_size=5000)
    kind = EXPORTED.index("kind")
    for row in rows:
        yield (*row[:UNIT_PLACE], str(KINDS[row[kind]].unit), *row[UNIT_PLACE:])


def _documents(actor: Actor) -> Q:
    cited = Attachment.objects.filter(
        document=OuterRef("pk"), claim__in=Claim.objects.visible_to(actor)
    )
    return Q(Exists(cited))


documents.declare("outcomes", _documents)
