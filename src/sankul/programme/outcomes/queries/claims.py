"""Reading claims."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from django.db import models
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _t

from sankul.core.models import Event
from sankul.core.queries import documents
from sankul.core.queries import events as log
from sankul.core.rules.roles import Actor, Permission, narrowed, verdict
from sankul.core.rules.verdicts import Refused
from sankul.programme.outcomes.models import Attachment, Claim, Credit
from sankul.programme.outcomes.rules import (
    KINDS,
    RECORD_CLAIM,
    SEE_CLAIMS,
    ClaimStatus,
    Fact,
    Kind,
    Wanting,
    permission_to_record,
    wanting,
)
from sankul.programme.portfolio.models import Deployment, Project
from sankul.programme.registry.models import Cluster, Membership, Name, Organisation

M = TypeVar("M", bound=models.Model)
MANY = 300
"""As many as are offered to pick from."""

EXPORTED = (
    "programme__slug", "programme__is_demonstration", "cluster__slug", "reference", "kind", "title", "detail", "on",
    "quantity", "status", "is_evidenced", "verified_quantity", "facts",
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
    """The same with credits, evidence, and what it rests on at hand, and what rests on it as far as the actor may see it.

    One is read in four queries, whatever the number of any of them.
    """
    carried = Claim.objects.visible_to(actor).order_by("-on", "-pk")
    rows = visible(actor).select_related("rests_on", "project", "deployment", "judged_by")
    return rows.prefetch_related(
        Prefetch("carries", carried),
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


def names(organisations: Iterable[Organisation]) -> list[tuple[str, int]]:
    """Further names of organisations, each with the id of whom it names."""
    known = {one.pk for one in organisations}
    rows = Name.objects.filter(organisation__isnull=False).values_list("name", "organisation_id")
    return [(name, pk) for name, pk in rows if pk in known]


def bases(actor: Actor, kind: Kind, own: Sequence[Cluster], wanted: str = "") -> list[Claim]:
    """Claims that a claim of this kind could rest on: the newest of one's own, and the one ``wanted`` by reference or #number."""
    fitting = Claim.objects.visible_to(actor).filter(
        kind__in=kind.rests_on, programme__in={one.programme_id for one in own}
    )
    fitting = fitting.exclude(status=ClaimStatus.WITHDRAWN).select_related("cluster")
    mine = fitting.filter(cluster__in=own)
    found = list(mine.order_by("-on", "-pk")[:MANY])
    if wanted:
        number = wanted.removeprefix("#")
        is_number = wanted.startswith("#") and number.isascii() and number.isdigit()
        asked = fitting.filter(pk=int(number[:18])) if is_number else mine.filter(reference=wanted)
        found += [one for one in asked[:1] if one not in found]
    return found


def about(actor: Actor, own: Sequence[Cluster]) -> tuple[list[Project], list[Deployment]]:
    """Projects that these clusters lead or take part in, and their deployments, newest first: two queries."""
    joined = models.Q(cluster__in=own) | models.Q(partners__cluster__in=own)
    projects = Project.objects.visible_to(actor).filter(joined).distinct().order_by("-pk")[:MANY]
    found = list(projects)
    deployments = Deployment.objects.filter(project__in=found).select_related("project")
    return found, list(deployments.order_by("-pk")[:MANY])


def named(
    actor: Actor, programme: str, rests_on: int | None, project: str, deployment: int | None
) -> tuple[Claim | None, Project | None, Deployment | None]:
    """A claim by its number, a project by its code, a deployment by its number. Raises Refused where there is none to see."""
    return (
        _the(Claim.objects.visible_to(actor), _t("There is no claim %s."), pk=rests_on),
        _the(
            Project.objects.visible_to(actor).filter(programme__slug=programme),
            _t("The programme has no project “%s”."),
            code=project or None,
        ),
        _the(
            Deployment.objects.visible_to(actor).select_related("project"),
            _t("There is no deployment %s."),
            pk=deployment,
        ),
    )


def _the(rows: QuerySet[M], absent: str, **wanted: Any) -> M | None:
    """The row that is wanted, or None where none is."""
    value = next(iter(wanted.values()))
    if value is None:
        return None
    found = rows.filter(**wanted).first()
    if found is None:
        raise Refused(absent % value)
    return found


def still_wanting(claim: Claim) -> list[Wanting]:
    """What a draft does not say yet; nothing for a claim that is no draft. Its credits are at hand."""
    if claim.status != ClaimStatus.DRAFT:
        return []
    return wanting(
        claim.kind_of,
        quantity=claim.quantity,
        partners=len(claim.credits.all()),
        facts=claim.facts,
    )


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


def may_see_judgement(actor: Actor, claim: Claim) -> bool:
    """Whether the actor reads who judged a claim, and why; what was found is for everybody who sees the claim."""
    return verdict(actor, SEE_CLAIMS, *claim.scopes).allowed


def exported(claims: QuerySet[Claim], facts: Sequence[Fact] = ()) -> Iterator[tuple[Any, ...]]:
    """The columns ``EXPORTED``, with the unit after the quantity, row by row, in bounded memory.

    The facts come last: a column for each of ``facts``, or all in one as JSON where none are named. Tables are JSON.
    """
    rows: Iterable[tuple[Any, ...]] = claims.values_list(*EXPORTED).iterator(chunk_size=5000)
    kind = EXPORTED.index("kind")
    for row in rows:
        said = row[-1]
        told = [_flat(said.get(fact.code, "")) for fact in facts] if facts else [_flat(said)]
        unit = str(KINDS[row[kind]].unit)
        yield (*row[:UNIT_PLACE], unit, *row[UNIT_PLACE:-1], *told)


def _flat(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _documents(actor: Actor) -> Q:
    cited = Attachment.objects.filter(
        document=OuterRef("pk"), claim__in=Claim.objects.visible_to(actor)
    )
    return Q(Exists(cited))


documents.declare("outcomes", _documents)
