"""Who has a conflict with which claim: computed from the registry, and declared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import chain
from typing import NamedTuple

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from sankul.core.models import Grant, User
from sankul.core.rules.roles import Actor, Role, ScopeKind
from sankul.programme.evidence.models import Conflict
from sankul.programme.evidence.rules import COOLING_YEARS, Interests, Parties, Tie
from sankul.programme.outcomes.models import Claim, Credit
from sankul.programme.registry.models import Membership, Post, Programme, Seat


class Ties(NamedTuple):
    """What binds an account: cluster, organisation or account by id, with the tie; a later one gives way to an earlier."""

    clusters: list[tuple[int, Tie]]
    organisations: list[tuple[int, Tie]]
    accounts: list[tuple[int, Tie]]


def verifiers(programme: Programme, day: date) -> QuerySet[User]:
    """Accounts that may verify claims of a programme on a day, by number."""
    grants = Grant.objects.filter(
        Q(until_on__isnull=True) | Q(until_on__gte=day),
        Q(scope_kind=ScopeKind.PROGRAMME, scope_id=programme.pk) | Q(scope_kind=ScopeKind.PLATFORM),
        role=Role.EVALUATOR,
        from_on__lte=day,
    )
    return User.objects.filter(pk__in=grants.values("user"), is_active=True).order_by("pk")


def interests(user_id: int, day: date) -> Interests:
    """What an account is tied to on a day, whatever the programme: nine queries."""
    since = _years_before(day)
    posts = list(Post.objects.filter(_between(since, day), person__user=user_id))
    own = {post.organisation_id for post in posts if post.organisation_id}
    now = {post.organisation_id for post in posts if post.organisation_id and post.holds_on(day)}
    declared = list(Conflict.objects.standing().filter(verifier=user_id))
    told = Ties([], [], [(user_id, Tie.OWN_CLAIM)])
    told.clusters.extend((post.cluster_id, Tie.EMPLOYMENT) for post in posts if post.cluster_id)
    told.organisations.extend((one, Tie.EMPLOYMENT) for one in own)
    _by_roles(told, user_id, since, day)
    told.clusters.extend((one, Tie.MEMBERSHIP) for one in _memberships(user_id, now, day))
    told.organisations.extend((one, Tie.CO_WORK) for one in _credited_with(posts, since, day))
    told.accounts.extend((one, Tie.CO_WORK) for one in _colleagues(user_id, posts, since, day))
    told.clusters.extend((it.cluster_id, Tie.DECLARED) for it in declared if it.cluster_id)
    told.organisations.extend(
        (it.organisation_id, Tie.DECLARED) for it in declared if it.organisation_id
    )
    return Interests(*(_first(column) for column in told))


def without(found: Interests, claim: str = "claim") -> Q:
    """The filter that keeps rows whose claim, reached by ``claim``, these interests do not touch."""
    touched = Credit.objects.filter(
        Q(cluster__in=sorted(found.clusters)) | Q(organisation__in=sorted(found.organisations)),
        claim=OuterRef(claim),
    )
    own = f"{claim}__cluster__in"
    made = f"{claim}__recorded_by__in"
    return ~Q(Exists(touched)) & ~(
        Q(**{f"{claim}__recorded_by__isnull": False}) & Q(**{made: sorted(found.accounts)})
    ) & ~Q(**{own: sorted(found.clusters)})  # fmt: skip


def parties(claims: Iterable[int]) -> dict[int, Parties]:
    """Whose claims these are, by number: two queries."""
    wanted = list(claims)
    clusters: dict[int, set[int]] = defaultdict(set)
    organisations: dict[int, set[int]] = defaultdict(set)
    rows = Credit.objects.filter(claim__in=wanted).order_by()
    for claim, cluster, organisation in rows.values_list("claim", "cluster", "organisation"):
        clusters[claim].add(cluster)
        organisations[claim].add(organisation)
    made = Claim.objects.filter(pk__in=wanted).order_by("pk")
    return {
        claim: Parties(
            frozenset(clusters[claim] | {cluster}), frozenset(organisations[claim]), account or 0
        )
        for claim, cluster, account in made.values_list("pk", "cluster", "recorded_by")
    }


def visible(actor: Actor) -> QuerySet[Conflict]:
    """Declared conflicts that stand and that the actor may see."""
    rows = Conflict.objects.visible_to(actor).standing()
    return rows.select_related("verifier", "cluster", "organisation", "programme")


def _years_before(day: date) -> date:
    return day.replace(year=day.year - COOLING_YEARS, day=min(day.day, 28))


def _between(since: date, day: date) -> Q:
    """What held on some day from ``since`` to ``day``."""
    return Q(
        Q(from_on__isnull=True) | Q(from_on__lte=day),
        Q(until_on__isnull=True) | Q(until_on__gte=since),
    )


def _by_roles(told: Ties, user_id: int, since: date, day: date) -> None:
    """Roles held for a cluster or an organisation are work for it."""
    grants = Grant.objects.filter(_between(since, day), user=user_id)
    for kind, held_on in grants.values_list("scope_kind", "scope_id"):
        if kind == ScopeKind.CLUSTER:
            told.clusters.append((held_on, Tie.EMPLOYMENT))
        if kind == ScopeKind.ORGANISATION:
            told.organisations.append((held_on, Tie.EMPLOYMENT))


def _memberships(user_id: int, employers: set[int], day: date) -> Iterator[int]:
    """Clusters that the employer belongs to today, and those on whose bodies the person sits."""
    members = Membership.objects.on(day).filter(organisation__in=employers)
    seats = Seat.objects.on(day).filter(person__user=user_id, body__cluster__isnull=False)
    return chain(
        members.values_list("cluster", flat=True), seats.values_list("body__cluster", flat=True)
    )


def _credited_with(posts: list[Post], since: date, day: date) -> Iterable[int]:
    """Organisations that were credited with the same results as an employer, while the person worked there."""
    there = Q(pk__in=[])
    for post in posts:
        if post.organisation_id:
            days = (max(post.from_on or since, since), min(post.until_on or day, day))
            there |= Q(organisation=post.organisation_id, on__range=days)
    own = Credit.objects.filter(there, stands=True).order_by()
    beside = Credit.objects.filter(claim__in=own.values("claim")).order_by()
    others = beside.exclude(organisation__in=[post.organisation_id for post in posts])
    return others.values_list("organisation", flat=True).distinct()


def _colleagues(user_id: int, posts: list[Post], since: date, day: date) -> Iterator[int]:
    """Accounts of people who held a post at the same place at the same time."""
    for post in posts:
        place = {"organisation": post.organisation_id, "cluster": post.cluster_id}
        at_once = _between(max(post.from_on or since, since), min(post.until_on or day, day))
        beside = Post.objects.filter(at_once, **place, person__user__isnull=False)
        yield from beside.exclude(person__user=user_id).values_list(F("person__user"), flat=True)


def _first(column: list[tuple[int, Tie]]) -> dict[int, Tie]:
    found: dict[int, Tie] = {}
    for one, tie in column:
        found.setdefault(one, tie)
    return found
