"""The operations on claims."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _t
from ninja import File, Form, Path, Query, Router, Status, UploadedFile
from ninja.errors import ValidationError

from sankul.core.api import WRITING
from sankul.core.doors import Request
from sankul.core.rules.verdicts import Refused
from sankul.programme.outcomes.actions import claims as actions
from sankul.programme.outcomes.actions.credit import Partner
from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.queries import claims as queries
from sankul.programme.outcomes.rules import KINDS, WrongFacts
from sankul.programme.registry.models import Cluster
from sankul.programme.registry.queries import clusters, organisations

from .schemas import (
    AmendIn,
    ClaimChange,
    ClaimContent,
    ClaimDetailOut,
    ClaimFilter,
    ClaimIn,
    ClaimPage,
    LinkIn,
    NewClaim,
    ProofIn,
)
from .typed import KindOut

router = Router(tags=["Claims"])
Number = Annotated[int, Path(description="Number of the claim", examples=[12])]
NAMED = {"programme", "cluster", "kind", "credits", "rests_on", "project", "deployment"}


@router.get("/kinds", response=list[KindOut], summary="Kinds of claims")
def list_kinds(request: Request) -> list[KindOut]:
    """Every kind of claim with its unit and the facts that its evidence says: the dictionary of what is recorded."""
    return [KindOut.told(kind) for kind in KINDS.values()]


@router.get("/claims", response=ClaimPage, summary="Claims")
def list_claims(request: Request, chosen: Query[ClaimFilter]) -> dict[str, Any]:
    """Claims that one may see, by number; the public sees those that stand in open periods."""
    rows: QuerySet[Claim] = queries.visible(request.actor).filter(**chosen.lookups())
    found = list(rows.order_by("pk")[: chosen.limit + 1])
    items = found[: chosen.limit]
    return {"items": items, "next": items[-1].pk if len(found) > chosen.limit else None}


@router.get("/claims/{number}", response=ClaimDetailOut, summary="One claim")
def get_claim(request: Request, number: Number) -> Claim:
    """A claim with its facts, its credits, its evidence, and what verification found."""
    return get_object_or_404(queries.detailed(request.actor), pk=number)


@router.post(
    "/claims",
    response={200: ClaimDetailOut, 201: ClaimDetailOut},
    auth=WRITING,
    summary="Record a draft",
)
def record_claim(request: Request, given: ClaimIn) -> Status[Claim]:
    """Record a result as a draft, complete or not: 201 when made, 200 when the same claim is there already."""
    claim: Any = given.root
    found = _clusters(request, claim)
    with _telling():
        made = actions.draft(
            actor=request.actor,
            cluster=found[claim.cluster],
            kind=claim.kind,
            at=request.at,
            **_content(request, claim, claim.programme, found),
        )
    status = 201 if made.recorded_at == request.at else 200
    return Status(status, _answer(request, made.pk))


@router.put("/claims/{number}", response=ClaimDetailOut, auth=WRITING, summary="Change a draft")
def change_claim(request: Request, number: Number, given: ClaimChange) -> Claim:
    """Say a draft anew: everything but its cluster, kind and reference, which stay."""
    claim, change = _claim(request, number), given.root
    if change.kind != claim.kind:
        raise Refused(_t("The kind of a claim stays: this one is “%s”.") % claim.kind)
    found = _clusters(request, change, claim)
    with _telling():
        actions.revise(
            actor=request.actor,
            claim=claim,
            at=request.at,
            **_content(request, change, claim.programme.slug, found),
        )
    return _answer(request, number)


@router.post(
    "/claims/{number}/submit", response=ClaimDetailOut, auth=WRITING, summary="Submit a draft"
)
def submit_claim(request: Request, number: Number) -> Claim:
    """Let a draft stand. It counts once evidence supports it."""
    actions.submit(actor=request.actor, claim=_claim(request, number), at=request.at)
    return _answer(request, number)


@router.post(
    "/claims/{number}/amend",
    response=ClaimDetailOut,
    auth=WRITING,
    summary="Take a claim back to the desk",
)
def amend_claim(request: Request, number: Number, given: AmendIn) -> Claim:
    """Make a draft of a claim that was returned or judged, so that it can be changed and submitted anew."""
    claim = _claim(request, number)
    actions.amend(actor=request.actor, claim=claim, reason=given.reason, at=request.at)
    return _answer(request, number)


@router.post(
    "/claims/{number}/withdraw", response=ClaimDetailOut, auth=WRITING, summary="Withdraw a claim"
)
def withdraw_claim(request: Request, number: Number) -> Claim:
    """Take a claim back for good: it stays on record and counts no more."""
    actions.withdraw(actor=request.actor, claim=_claim(request, number), at=request.at)
    return _answer(request, number)


@router.post(
    "/claims/{number}/documents",
    response=ClaimDetailOut,
    auth=WRITING,
    summary="Attach a document",
)
def attach_document(
    request: Request, number: Number, file: File[UploadedFile], given: Form[ProofIn]
) -> Claim:
    """Put a file behind a claim (multipart form data: ``file``, ``proves``); the same file twice is one."""
    actions.attach(
        actor=request.actor,
        claim=_claim(request, number),
        file=file,
        name=file.name or "document",
        proves=given.proves,
        at=request.at,
    )
    return _answer(request, number)


@router.post(
    "/claims/{number}/links", response=ClaimDetailOut, auth=WRITING, summary="Attach a web address"
)
def attach_link(request: Request, number: Number, given: LinkIn) -> Claim:
    """Put a web address behind a claim; it is evidence by itself only where the kind says so."""
    actions.attach_link(
        actor=request.actor,
        claim=_claim(request, number),
        url=given.url,
        proves=given.proves,
        at=request.at,
    )
    return _answer(request, number)


def _claim(request: Request, number: int) -> Claim:
    return get_object_or_404(queries.visible(request.actor), pk=number)


def _answer(request: Request, number: int) -> Claim:
    return queries.detailed(request.actor).get(pk=number)


@contextmanager
def _telling() -> Iterator[None]:
    """Facts that are not fit to be kept are told place by place."""
    try:
        yield
    except WrongFacts as wrong:
        places: list[dict[str, Any]] = [
            {"loc": ("body", "facts", *one.place), "msg": str(one)} for one in wrong.problems
        ]
        raise ValidationError(places) from None


def _content(
    request: Request, given: Any, programme: str, found: dict[str, Cluster]
) -> dict[str, Any]:
    """What the action takes."""
    plain: dict[str, Any] = given.model_dump(exclude=NAMED | {"facts"})
    rests_on, project, deployment = queries.named(
        request.actor, programme, given.rests_on, given.project, given.deployment
    )
    return plain | {
        "facts": given.facts.model_dump(exclude_none=True),
        "partners": _partners(request, given, found),
        "rests_on": rests_on,
        "project": project,
        "deployment": deployment,
    }


def _clusters(
    request: Request, given: ClaimContent, claim: Claim | None = None
) -> dict[str, Cluster]:
    asked = {one.cluster for one in given.credits}
    programme = claim.programme.slug if claim else ""
    if isinstance(given, NewClaim):
        programme, asked = given.programme, asked | {given.cluster}
    rows = clusters.visible(request.actor).filter(programme__slug=programme, slug__in=asked)
    found = {row.slug: row for row in rows}
    for slug in sorted(asked - set(found)):
        raise Refused(
            _t("The programme “%(programme)s” has no cluster “%(slug)s”.")
            % {"programme": programme, "slug": slug}
        )
    return found


def _partners(request: Request, given: ClaimContent, found: dict[str, Cluster]) -> list[Partner]:
    asked = {one.organisation for one in given.credits}
    rows = organisations.visible(request.actor).filter(slug__in=asked)
    known = {row.slug: row for row in rows}
    for slug in sorted(asked - set(known)):
        raise Refused(_t("There is no organisation “%s”.") % slug)
    return [
        Partner(found[one.cluster], known[one.organisation], one.role, one.share)
        for one in given.credits
    ]
