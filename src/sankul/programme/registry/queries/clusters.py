"""Reading clusters: who they are and were, who belongs to them, and what the public record says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, TypeVar

from django.db.models import Case, Exists, F, OuterRef, Prefetch, Q, QuerySet, Value, When
from django.db.models.functions import Concat
from django.utils import timezone

from sankul.core.rules.roles import Actor, narrowed
from sankul.programme.registry.models import (
    Body,
    Cluster,
    Dated,
    Fact,
    FocusArea,
    LegalEntity,
    Membership,
    Name,
    Post,
    Seat,
    Stewardship,
    in_force,
)
from sankul.programme.registry.rules import MANAGE_MEMBERS, SEE_REGISTRY, FactTopic, NameKind

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

D = TypeVar("D", bound=Dated)


def visible(actor: Actor) -> QuerySet[Cluster]:
    """Clusters with their programmes, open to everybody: those of real programmes first."""
    return (
        Cluster.objects.filter(narrowed(actor, SEE_REGISTRY))
        .select_related("programme")
        .order_by("programme__is_demonstration", "programme__name", "name", "pk")
    )


def with_members_to_manage(actor: Actor) -> QuerySet[Cluster]:
    """Clusters whose members the actor may change."""
    own = narrowed(actor, MANAGE_MEMBERS, cluster="pk", programme="programme")
    return Cluster.objects.filter(own).select_related("programme").order_by("name", "pk")


def shelved(actor: Actor, text: str = "") -> QuerySet[Cluster]:
    """Clusters of which a name or the place holds ``text``, all if it is empty.

    Each has at hand its focus areas, in ``stewards`` the stewardship and in ``short_names`` the short names in force on the
    actor's day. ``shelf`` sorts them by programme and name, real programmes first.
    """
    day = timezone.localdate(actor.at)
    stewards = Stewardship.objects.on(day).select_related("entity")
    short = Name.objects.on(day).filter(kind=NameKind.SHORT).order_by("pk")
    fictional = Case(When(programme__is_demonstration=True, then=Value("1")), default=Value("0"))
    shelf = Concat(fictional, "programme__name", Value("\t"), "name")
    return (
        visible(actor)
        .filter(_holds(text) if text else Q())
        .annotate(shelf=shelf)
        .prefetch_related(
            "focus_areas",
            Prefetch("stewardships", stewards, to_attr="stewards"),
            Prefetch("names", short, to_attr="short_names"),
        )
    )


def _holds(text: str) -> Q:
    alias = Name.objects.filter(
        Q(cluster=OuterRef("pk")) | Q(entity__stewardships__cluster=OuterRef("pk")),
        name__icontains=text,
    )
    place = Q(place__icontains=text) | Q(region__icontains=text)
    return Q(name__icontains=text) | place | Q(Exists(alias))


def name_on(cluster: Cluster, day: date) -> str:
    """The official name of a cluster on a day; its present name where the record does not say."""
    official = Q(kind=NameKind.OFFICIAL) | Q(kind=NameKind.FORMER, until_on__isnull=False)
    rows = cluster.names.filter(official, in_force(day))
    held = rows.order_by(F("from_on").desc(nulls_last=True), "pk").first()
    return held.name if held else cluster.name


def entity_on(cluster: Cluster, day: date) -> LegalEntity | None:
    """The legal entity that runs a cluster on a day, if the record says so."""
    held = cluster.stewardships.filter(in_force(day)).select_related("entity").first()
    return held.entity if held else None


def members_on(cluster: Cluster, day: date) -> QuerySet[Membership]:
    """Memberships of a cluster in force on a day, by kind and name."""
    rows = cluster.memberships.filter(in_force(day)).select_related("organisation")
    return rows.order_by("kind", "organisation__name")


def posts_on(cluster: Cluster, day: date) -> QuerySet[Post]:
    """Posts held in a cluster's office on a day."""
    return cluster.posts.filter(in_force(day)).select_related("person").order_by("title", "pk")


@dataclass(frozen=True)
class Profile:
    """All that the registry knows of a cluster, with what is in force on ``day`` told from what was."""

    cluster: Cluster
    day: date
    names: list[Name]
    stewardships: list[Stewardship]
    memberships: list[Membership]
    posts: list[Post]
    bodies: list[Body]
    focus_areas: list[FocusArea]
    facts: list[Fact]

    @property
    def entity(self) -> LegalEntity | None:
        """The legal entity that runs it."""
        return next((row.entity for row in self._now(self.stewardships)), None)

    @property
    def members(self) -> list[Membership]:
        """Memberships in force."""
        return self._now(self.memberships)

    @property
    def former_members(self) -> list[Membership]:
        """Memberships that have ended or not begun."""
        return [row for row in self.memberships if not row.holds_on(self.day)]

    @property
    def people(self) -> list[Post]:
        """Posts held."""
        return self._now(self.posts)

    @property
    def short_names(self) -> list[Name]:
        """Short names of the cluster in use."""
        own = (name for name in self._now(self.names) if name.cluster_id)
        return [name for name in own if name.kind == NameKind.SHORT]

    def by_topic(self) -> list[tuple[StrOrPromise, list[Fact]]]:
        """The statements of the public record under their topics."""
        return by_topic(self.facts)

    def _now(self, rows: Iterable[D]) -> list[D]:
        return [row for row in rows if row.holds_on(self.day)]


def by_topic(facts: Iterable[Fact]) -> list[tuple[StrOrPromise, list[Fact]]]:
    """Statements under their topics, both in the order in which they are shown."""
    order = list(FactTopic)
    ranked = sorted(facts, key=lambda fact: (order.index(FactTopic(fact.topic)), fact.pk))
    grouped = groupby(ranked, key=lambda fact: fact.topic)
    return [(FactTopic(topic).label, list(group)) for topic, group in grouped]


def profile(actor: Actor, cluster: Cluster) -> Profile:
    """The profile of a cluster that the actor may see, on the actor's day: nine queries."""
    day = timezone.localdate(actor.at)
    names = Name.objects.filter(Q(cluster=cluster) | Q(entity__stewardships__cluster=cluster))
    seats = Seat.objects.on(day).select_related("person").order_by("capacity", "pk")
    memberships = cluster.memberships.select_related("organisation")
    return Profile(
        cluster=cluster,
        day=day,
        names=list(
            names.select_related("entity")
            .distinct()
            .order_by(F("entity").asc(nulls_first=True), "from_on", "pk")
        ),
        stewardships=list(cluster.stewardships.select_related("entity").order_by("-from_on", "pk")),
        memberships=list(memberships.order_by("kind", "organisation__name", "pk")),
        posts=list(cluster.posts.select_related("person").order_by("-from_on", "pk")),
        bodies=list(cluster.bodies.prefetch_related(Prefetch("seats", seats))),
        focus_areas=list(cluster.focus_areas.all()),
        facts=list(cluster.facts.all()),
    )
