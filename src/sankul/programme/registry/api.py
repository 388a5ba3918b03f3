"""The registry as JSON: programmes, clusters and organisations, open to everybody."""

from datetime import date, datetime
from typing import Annotated, Any, Protocol

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from ninja import Field, Path, Query, Router, Schema
from ninja.pagination import LimitOffsetPagination, paginate

from sankul.core.doors import Request
from sankul.programme.registry.models import (
    Cluster,
    Fact,
    Membership,
    Name,
    Organisation,
    Programme,
    Stewardship,
)
from sankul.programme.registry.queries import clusters, organisations, programmes
from sankul.programme.registry.queries.clusters import Profile
from sankul.programme.registry.rules import OrganisationKind

router = Router(tags=["Registry"])
Slug = Annotated[str, Path(description="Short name in addresses", examples=["public-record"])]


class PeriodOut(Schema):
    """A reporting period; both days belong to it."""

    label: str = Field(examples=["2025-26"])
    starts_on: date
    ends_on: date
    opened_at: datetime | None = Field(
        description="Since when its submitted records are open to the public"
    )


class ProgrammeOut(Schema):
    """A programme."""

    slug: str
    name: str
    summary: str
    starts_on: date
    is_demonstration: bool = Field(description="Fictional: nothing in it is real")


class ProgrammeDetailOut(ProgrammeOut):
    """A programme with its periods, newest first."""

    periods: list[PeriodOut]


class ClusterOut(Schema):
    """A cluster."""

    programme: str = Field(description="Short name of its programme")
    slug: str
    name: str
    short_names: list[str] = Field(examples=[["DRIIV"]])
    place: str
    region: str
    launched_on: date | None = Field(description="Empty where the day was not found")
    website: str
    focus_areas: list[str]
    entity: str | None = Field(description="The legal entity that runs it today")
    is_demonstration: bool

    @staticmethod
    def resolve_programme(row: Cluster) -> str:
        """Short name of the programme."""
        return row.programme.slug

    @staticmethod
    def resolve_short_names(row: Any) -> list[str]:
        """Short names in use."""
        return [name.name for name in row.short_names]

    @staticmethod
    def resolve_focus_areas(row: Cluster) -> list[str]:
        """Names of the focus areas."""
        return [area.name for area in row.focus_areas.all()]

    @staticmethod
    def resolve_entity(row: Any) -> str | None:
        """Name of the legal entity in force."""
        return row.stewards[0].entity.name if row.stewards else None

    @staticmethod
    def resolve_is_demonstration(row: Cluster) -> bool:
        """Whether the programme is fictional."""
        return row.programme.is_demonstration


class DatedOut(Schema):
    """Something that holds from a day until a day, both included; an empty end is open or not known."""

    from_on: date | None
    until_on: date | None


class NameOut(DatedOut):
    """A name of the cluster or of a legal entity that runs or ran it."""

    name: str
    kind: str
    of: str = Field(description="cluster or entity")
    source_url: str

    @staticmethod
    def resolve_of(row: Name) -> str:
        """What it is a name of."""
        return "cluster" if row.cluster_id else "entity"


class StewardOut(DatedOut):
    """A legal entity that runs or ran the cluster."""

    name: str = Field(alias="entity.name")
    form: str = Field(alias="entity.form")


class MemberOut(DatedOut):
    """An organisation that belongs or belonged to the cluster."""

    organisation: str = Field(alias="organisation.slug")
    name: str = Field(alias="organisation.name")
    kind: str = Field(description="anchor, member or partner")


class FactOut(Schema):
    """A statement of the public record with its source."""

    topic: str
    statement: str
    source_title: str
    source_url: str
    as_of_on: date
    is_unverified: bool


class Told(Protocol):
    """A cluster with its profile at hand."""

    profile: Profile


class ClusterDetailOut(ClusterOut):
    """A cluster with its names, entities and members through time, and what the public record says."""

    names: list[NameOut]
    stewards: list[StewardOut]
    members: list[MemberOut]
    facts: list[FactOut]

    @staticmethod
    def resolve_names(row: Told) -> list[Name]:
        """Names with their days."""
        return row.profile.names

    @staticmethod
    def resolve_stewards(row: Told) -> list[Stewardship]:
        """Legal entities with their days, newest first."""
        return row.profile.stewardships

    @staticmethod
    def resolve_members(row: Told) -> list[Membership]:
        """Memberships with their days."""
        return row.profile.memberships

    @staticmethod
    def resolve_facts(row: Told) -> list[Fact]:
        """Statements of the public record."""
        return row.profile.facts


class OrganisationOut(Schema):
    """An organisation."""

    slug: str
    name: str
    kind: OrganisationKind
    ror: str | None = Field(description="ROR id as an address")
    city: str
    country: str
    cluster_count: int = Field(description="Clusters it belongs to today")
    is_demonstration: bool

    @staticmethod
    def resolve_ror(row: Organisation) -> str | None:
        """The ROR id as an address."""
        return f"https://ror.org/{row.ror}" if row.ror else None


class ClusterFilter(Schema):
    """Which clusters."""

    programme: str = Field("", description="Short name of a programme")
    q: str = Field("", max_length=100, description="Part of a name or place")


class OrganisationFilter(Schema):
    """Which organisations."""

    q: str = Field("", max_length=100, description="Part of a name or city, or a ROR id")
    kind: OrganisationKind | None = None


@router.get("/programmes", response=list[ProgrammeOut], summary="Programmes")
@paginate(LimitOffsetPagination)
def list_programmes(request: Request) -> QuerySet[Programme]:
    """Every programme, real ones first."""
    return programmes.visible(request.actor)


@router.get("/programmes/{slug}", response=ProgrammeDetailOut, summary="One programme")
def get_programme(request: Request, slug: Slug) -> Programme:
    """A programme with its reporting periods."""
    rows = programmes.visible(request.actor).prefetch_related("periods")
    return get_object_or_404(rows, slug=slug)


@router.get("/clusters", response=list[ClusterOut], summary="Clusters")
@paginate(LimitOffsetPagination)
def list_clusters(request: Request, chosen: Query[ClusterFilter]) -> QuerySet[Cluster]:
    """Clusters by programme and name."""
    rows: QuerySet[Any] = clusters.shelved(request.actor, chosen.q.strip())
    if chosen.programme:
        rows = rows.filter(programme__slug=chosen.programme)
    return rows.order_by("shelf", "pk")


@router.get("/clusters/{programme}/{slug}", response=ClusterDetailOut, summary="One cluster")
def get_cluster(request: Request, programme: Slug, slug: Slug) -> Any:
    """A cluster with its names, legal entities and members through time, and the public record on it."""
    rows: QuerySet[Any] = clusters.shelved(request.actor)
    found = get_object_or_404(rows, programme__slug=programme, slug=slug)
    found.profile = clusters.profile(request.actor, found)
    return found


@router.get("/organisations", response=list[OrganisationOut], summary="Organisations")
@paginate(LimitOffsetPagination)
def list_organisations(
    request: Request, chosen: Query[OrganisationFilter]
) -> QuerySet[Organisation]:
    """Organisations by name; ``q`` finds parts of names, aliases and cities, and ROR ids."""
    rows = organisations.found(request.actor, chosen.q.strip())
    if chosen.kind:
        rows = rows.filter(kind=chosen.kind)
    return rows.order_by("name", "pk")
