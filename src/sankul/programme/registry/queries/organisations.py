"""Reading organisations."""

from __future__ import annotations

from itertools import count

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Count, Exists, Max, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from django.utils.text import slugify

from sankul.core.rules.roles import Actor, narrowed
from sankul.programme.registry.models import Membership, Name, Organisation, Post
from sankul.programme.registry.rules import SEE_REGISTRY, identifiers
from sankul.programme.registry.rules.changes import NEAR

RESERVED = frozenset({"register"})
"""Short names that the addresses of pages take."""


def visible(actor: Actor) -> QuerySet[Organisation]:
    """Organisations, open to everybody."""
    return Organisation.objects.filter(narrowed(actor, SEE_REGISTRY))


def found(actor: Actor, text: str = "") -> QuerySet[Organisation]:
    """Organisations of which a name, an alias or the city holds ``text``, or a name sounds like it; all if it is empty.

    A ROR id finds its organisation. Each row has ``cluster_count``, the clusters it belongs to on the actor's day.
    """
    joined = Membership.objects.on(timezone.localdate(actor.at)).filter(organisation=OuterRef("pk"))
    counted = joined.values("organisation").annotate(count=Count("cluster", distinct=True))
    rows = visible(actor).annotate(cluster_count=Coalesce(Subquery(counted.values("count")), 0))
    return rows.filter(_holds(text)) if text else rows


def _holds(text: str) -> Q:
    alias = Name.objects.filter(organisation=OuterRef("pk"), name__icontains=text)
    held = Q(name__icontains=text) | Q(city__icontains=text) | Q(name__trigram_word_similar=text)
    if known := identifiers.ror(text):
        held |= Q(ror=known)
    return held | Q(Exists(alias))


def detailed(actor: Actor) -> QuerySet[Organisation]:
    """Organisations with names, memberships and posts at hand: four queries whatever the number of rows."""
    return visible(actor).prefetch_related(
        Prefetch("names", Name.objects.order_by("from_on", "pk")),
        Prefetch(
            "memberships",
            Membership.objects.select_related("cluster__programme").order_by(
                "cluster__name", "from_on"
            ),
        ),
        Prefetch("posts", Post.objects.select_related("person").order_by("from_on", "pk")),
    )


def near(name: str, limit: int = 5) -> list[Organisation]:
    """Organisations with a name or alias so near that they may be the same, nearest first."""
    aliases = (
        Name.objects.filter(organisation=OuterRef("pk"))
        .values("organisation")
        .annotate(nearest=Max(TrigramSimilarity("name", name)))
        .values("nearest")
    )
    likely = Q(name__trigram_similar=name) | Q(names__name__trigram_similar=name)
    rows = Organisation.objects.filter(pk__in=Organisation.objects.filter(likely).values("pk"))
    rows = rows.annotate(
        nearness=Greatest(TrigramSimilarity("name", name), Coalesce(Subquery(aliases), 0.0))
    ).filter(nearness__gte=NEAR)
    return list(rows.order_by("-nearness", "pk")[:limit])


def free_slug(name: str) -> str:
    """A short name in addresses that no organisation has and no page of the list takes."""
    stem = slugify(name)[:70] or "organisation"
    alike = Organisation.objects.filter(slug__startswith=stem)
    taken = {*RESERVED, *alike.values_list("slug", flat=True)}
    following = (f"{stem}-{number}" for number in count(2))
    return stem if stem not in taken else next(slug for slug in following if slug not in taken)
