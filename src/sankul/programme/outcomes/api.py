"""Claims as JSON: what one may see, and recording and submitting for those who may."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _t
from ninja import Field, Path, Query, Router, Schema, Status

from sankul.core.api import WRITING
from sankul.core.doors import Request
from sankul.core.rules.verdicts import Refused
from sankul.programme.outcomes.actions import claims as actions
from sankul.programme.outcomes.actions.credit import Partner
from sankul.programme.outcomes.models import Attachment, Claim, Credit
from sankul.programme.outcomes.queries import claims as queries
from sankul.programme.outcomes.rules import ClaimStatus, CreditRole, Unit
from sankul.programme.registry.models import Cluster
from sankul.programme.registry.queries import clusters, organisations

router = Router(tags=["Claims"])
Number = Annotated[int, Path(description="Number of the claim", examples=[12])]
Text = Annotated[str, Field(pattern=r"^[^\x00]*$")]
"""Any text that a database can keep."""
LIMIT = 1000


class ClaimOut(Schema):
    """A result that a cluster claims."""

    id: int
    programme: str = Field(alias="programme.slug")
    cluster: str = Field(alias="cluster.slug", description="Short name of the claiming cluster")
    kind: str = Field(examples=["training_event"])
    outcome: int = Field(alias="kind_of.outcome", description="Number of the outcome, 1 to 14")
    reference: str = Field(description="The cluster's own reference, once a cluster")
    title: str
    on: date
    quantity: Decimal
    unit: Unit = Field(alias="kind_of.unit")
    status: ClaimStatus
    is_evidenced: bool = Field(
        description="Whether a document supports it: only then does it count"
    )


class CreditOut(Schema):
    """What one partner is credited with."""

    cluster: str = Field(alias="cluster.slug")
    organisation: str = Field(alias="organisation.slug")
    role: CreditRole
    share: Decimal = Field(description="All shares of a claim add up to 1 at most")
    quantity: Decimal = Field(description="The claim's quantity × share")


class DocumentOut(Schema):
    """A document behind the claim; its bytes are at /documents/{sha256}/."""

    sha256: str = Field(alias="document.sha256")
    name: str = Field(alias="document.name")
    media_type: str = Field(alias="document.media_type")
    size_bytes: int = Field(alias="document.size_bytes")
    proves: str


class ClaimDetailOut(ClaimOut):
    """A claim with whom it credits and the documents behind it."""

    detail: str
    recorded_at: datetime
    submitted_at: datetime | None
    credits: list[CreditOut]
    documents: list[DocumentOut]

    @staticmethod
    def resolve_credits(row: Claim) -> list[Credit]:
        """Partners with their shares."""
        return list(row.credits.all())

    @staticmethod
    def resolve_documents(row: Claim) -> list[Attachment]:
        """Documents with what they prove."""
        return list(row.attachments.all())


class ClaimPage(Schema):
    """Claims by number, and where to go on."""

    items: list[ClaimOut]
    next: int | None = Field(
        description="Ask with ?after= this for the next ones; empty at the end"
    )


class ClaimFilter(Schema):
    """Which claims."""

    programme: Text = Field("", description="Short name of a programme")
    cluster: Text = Field("", description="Short name of the claiming cluster")
    kind: Text = ""
    status: ClaimStatus | None = None
    from_on: date | None = Field(None, description="Not before this day")
    until_on: date | None = Field(None, description="Not after this day")
    after: int = Field(0, ge=0, le=2**62, description="Claims with a greater number only")
    limit: int = Field(100, ge=1, le=LIMIT)


class PartnerIn(Schema):
    """A partner to credit."""

    cluster: Text = Field(description="Short name of a cluster of the programme")
    organisation: Text = Field(description="Short name of an organisation")
    role: CreditRole
    share: Decimal | None = Field(None, description="For all partners or for none: then by role")


class ClaimIn(Schema):
    """A result to record as a draft."""

    programme: Text
    cluster: Text
    kind: Text
    reference: Text = Field(description="Your own; sending the same claim twice makes one")
    title: Text
    on: date
    quantity: Decimal
    detail: Text = ""
    facts: dict[str, Any] = {}
    credits: list[PartnerIn]


@router.get("/claims", response=ClaimPage, summary="Claims")
def list_claims(request: Request, chosen: Query[ClaimFilter]) -> dict[str, Any]:
    """Claims that one may see, by number; the public sees submitted claims of open periods."""
    wanted = {
        "programme__slug": chosen.programme,
        "cluster__slug": chosen.cluster,
        "kind": chosen.kind,
        "status": chosen.status,
        "on__gte": chosen.from_on,
        "on__lte": chosen.until_on,
    }
    rows: QuerySet[Claim] = queries.visible(request.actor).filter(
        pk__gt=chosen.after, **{key: value for key, value in wanted.items() if value}
    )
    found = list(rows.order_by("pk")[: chosen.limit + 1])
    items = found[: chosen.limit]
    return {"items": items, "next": items[-1].pk if len(found) > chosen.limit else None}


@router.get("/claims/{number}", response=ClaimDetailOut, summary="One claim")
def get_claim(request: Request, number: Number) -> Claim:
    """A claim with its credits and documents."""
    return get_object_or_404(queries.detailed(request.actor), pk=number)


@router.post(
    "/claims",
    response={200: ClaimDetailOut, 201: ClaimDetailOut},
    auth=WRITING,
    summary="Record a draft",
)
def record_claim(request: Request, given: ClaimIn) -> Status[Claim]:
    """Record a result as a draft: 201 when made, 200 when the same claim is there already."""
    found = _clusters(request, given)
    claim = actions.draft(
        actor=request.actor,
        cluster=found[given.cluster],
        partners=_partners(request, given, found),
        at=request.at,
        **given.dict(exclude={"programme", "cluster", "credits"}),
    )
    status = 201 if claim.recorded_at == request.at else 200
    return Status(status, queries.detailed(request.actor).get(pk=claim.pk))


@router.post(
    "/claims/{number}/submit", response=ClaimDetailOut, auth=WRITING, summary="Submit a draft"
)
def submit_claim(request: Request, number: Number) -> Claim:
    """Let a draft stand. It counts once a document supports it."""
    claim = get_object_or_404(queries.visible(request.actor), pk=number)
    actions.submit(actor=request.actor, claim=claim, at=request.at)
    return queries.detailed(request.actor).get(pk=number)


def _clusters(request: Request, given: ClaimIn) -> dict[str, Cluster]:
    asked = {given.cluster, *(one.cluster for one in given.credits)}
    rows = clusters.visible(request.actor).filter(programme__slug=given.programme, slug__in=asked)
    found = {row.slug: row for row in rows}
    for slug in sorted(asked - set(found)):
        raise Refused(
            _t("The programme “%(programme)s” has no cluster “%(slug)s”.")
            % {"programme": given.programme, "slug": slug}
        )
    return found


def _partners(request: Request, given: ClaimIn, found: dict[str, Cluster]) -> list[Partner]:
    asked = {one.organisation for one in given.credits}
    rows = organisations.visible(request.actor).filter(slug__in=asked)
    known = {row.slug: row for row in rows}
    for slug in sorted(asked - set(known)):
        raise Refused(_t("There is no organisation “%s”.") % slug)
    return [
        Partner(found[one.cluster], known[one.organisation], one.role, one.share)
        for one in given.credits
    ]
