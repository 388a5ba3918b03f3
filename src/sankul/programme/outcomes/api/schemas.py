"""What is sent and answered about claims."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ninja import Field, Schema

from sankul.programme.outcomes.models import Attachment, Claim, Credit
from sankul.programme.outcomes.queries import claims as queries
from sankul.programme.outcomes.rules import ClaimStatus, CreditRole, Unit

from .typed import Text, claim_of_any_kind

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
    quantity: Decimal | None = Field(description="As claimed; a draft may not say it yet")
    unit: Unit = Field(alias="kind_of.unit")
    status: ClaimStatus
    is_evidenced: bool = Field(description="Whether evidence supports it: only then does it count")
    verified_quantity: Decimal | None = Field(
        description="What verification found to be so; empty: nobody looked yet"
    )
    judged_at: datetime | None
    locked_at: datetime | None = Field(description="Since when nothing of it can change")


class CreditOut(Schema):
    """What one partner is credited with."""

    cluster: str = Field(alias="cluster.slug")
    organisation: str = Field(alias="organisation.slug")
    role: CreditRole
    share: Decimal = Field(description="All shares of a claim add up to 1 at most")
    quantity: Decimal = Field(
        description="The claim's quantity × share: the verified one where there is one"
    )


class DocumentOut(Schema):
    """A document behind the claim; its bytes are at /documents/{sha256}/."""

    sha256: str = Field(alias="document.sha256")
    name: str = Field(alias="document.name")
    media_type: str = Field(alias="document.media_type")
    size_bytes: int = Field(alias="document.size_bytes")
    proves: str


class LinkOut(Schema):
    """A web address behind the claim."""

    url: str
    proves: str
    suffices: bool = Field(description="Whether it is evidence by itself")


class ClaimDetailOut(ClaimOut):
    """A claim with its facts, whom it credits and what proves it."""

    detail: str
    facts: dict[str, Any] = Field(description="As its kind asks for them: GET /kinds")
    rests_on: int | None = Field(None, alias="rests_on_id", description="Number of a claim")
    project: str | None = Field(description="Code of the project that it comes from")
    deployment: int | None = Field(None, alias="deployment_id")
    recorded_at: datetime
    submitted_at: datetime | None
    judgement: str = Field(description="Reason of the judgement, for those who work with the claim")
    missing: list[str] = Field(description="What must be said before it is submitted")
    credits: list[CreditOut]
    documents: list[DocumentOut]
    links: list[LinkOut]

    @staticmethod
    def resolve_project(row: Claim) -> str | None:
        """Code of the project."""
        return row.project.code if row.project else None

    @staticmethod
    def resolve_judgement(row: Claim, context: Any) -> str:
        """The reason, for whoever may read it."""
        actor = context["request"].actor
        return row.judgement if queries.may_see_judgement(actor, row) else ""

    @staticmethod
    def resolve_missing(row: Claim) -> list[str]:
        """What a draft does not say yet."""
        return [one.field for one in queries.still_wanting(row)]

    @staticmethod
    def resolve_credits(row: Claim) -> list[Credit]:
        """Partners with their shares."""
        return list(row.credits.all())

    @staticmethod
    def resolve_documents(row: Claim) -> list[Attachment]:
        """Documents with what they prove."""
        return [one for one in row.attachments.all() if one.document]

    @staticmethod
    def resolve_links(row: Claim) -> list[Attachment]:
        """Web addresses with what they prove."""
        return [one for one in row.attachments.all() if not one.document]


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
    is_evidenced: bool | None = None
    is_judged: bool | None = Field(None, description="Whether verification looked into it")
    project: Text = Field("", description="Code of a project")
    from_on: date | None = Field(None, description="Not before this day")
    until_on: date | None = Field(None, description="Not after this day")
    after: int = Field(0, ge=0, le=2**62, description="Claims with a greater number only")
    limit: int = Field(100, ge=1, le=LIMIT)

    def lookups(self) -> dict[str, Any]:
        """The filters that were given."""
        given = {
            "programme__slug": self.programme or None,
            "cluster__slug": self.cluster or None,
            "kind": self.kind or None,
            "status": self.status,
            "is_evidenced": self.is_evidenced,
            "judged_at__isnull": None if self.is_judged is None else not self.is_judged,
            "project__code": self.project or None,
            "on__gte": self.from_on,
            "on__lte": self.until_on,
        }
        return {"pk__gt": self.after} | {
            name: value for name, value in given.items() if value is not None
        }


class PartnerIn(Schema):
    """A partner to credit."""

    cluster: Text = Field(description="Short name of a cluster of the programme")
    organisation: Text = Field(description="Short name of an organisation")
    role: CreditRole
    share: Decimal | None = Field(None, description="For all partners or for none: then by role")


class ClaimContent(Schema):
    """What a draft says beside its kind and facts; all but title and day may wait until it is submitted."""

    title: Text
    on: date
    quantity: Decimal | None = None
    detail: Text = ""
    rests_on: int | None = Field(None, ge=0, le=2**62, description="Number of a claim")
    project: Text = Field("", description="Code of a project of the programme")
    deployment: int | None = Field(None, ge=0, le=2**62, description="Number of a deployment")
    credits: list[PartnerIn] = []


class NewClaim(ClaimContent):
    """A result to record as a draft."""

    programme: Text
    cluster: Text
    reference: Text = Field(description="Your own; sending the same claim twice makes one")


class ChangedClaim(ClaimContent):
    """A draft as it shall be."""


ClaimIn = claim_of_any_kind(NewClaim)
ClaimChange = claim_of_any_kind(ChangedClaim)


class AmendIn(Schema):
    """Why a claim is taken back to the desk."""

    reason: Text = Field("", max_length=1000, description="Needed once it was judged")


class ProofIn(Schema):
    """What evidence proves."""

    proves: Text = Field("", max_length=250)


class LinkIn(ProofIn):
    """A web address to put behind a claim."""

    url: Text
