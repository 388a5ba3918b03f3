"""Who has a conflict with which claim: computed from the registry, and declared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date
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
    posts, told = _direct([user_id], day)
    own = told[user_id]
    own.organisations.extend(
        (one, Tie.CO_WORK) for one in _credited_with(posts[user_id], since, day)
    )
    own.accounts.extend(
        (one, Tie.CO_WORK) for one in _colleagues(user_id, posts[user_id], since, day)
    )
    return Interests(*(_first(column) for column in own))


def direct(accounts: Collection[int], day: date) -> dict[int, Interests]:
    """What each of several accounts is tied to by work, seats and declarations, not by joint results: five queries in all."""
    _posts, told = _direct(accounts, day)
    return {one: Interests(*(_first(column) for column in own)) for one, own in told.items()}


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


def _direct(accounts: Collection[int], day: date) -> tuple[dict[int, list[Post]], dict[int, Ties]]:
    """Posts and ties by account."""
    since = _years_before(day)
    posts: dict[int, list[Post]] = defaultdict(list)
    rows = Post.objects.filter(_between(since, day), person__user__in=accounts)
    for post in rows.select_related("person"):
        posts[post.person.user_id or 0].append(post)
    told = {one: Ties([], [], [(one, Tie.OWN_CLAIM)]) for one in accounts}
    for one, own in told.items():
        own.clusters.extend((it.cluster_id, Tie.EMPLOYMENT) for it in posts[one] if it.cluster_id)
        employers = {it.organisation_id for it in posts[one] if it.organisation_id}
        own.organisations.extend((it, Tie.EMPLOYMENT) for it in employers)
    _by_roles(told, since, day)
    _by_memberships(told, posts, day)
    for it in Conflict.objects.standing().filter(verifier__in=accounts):
        if it.cluster_id:
            told[it.verifier_id].clusters.append((it.cluster_id, Tie.DECLARED))
        if it.organisation_id:
            told[it.verifier_id].organisations.append((it.organisation_id, Tie.DECLARED))
    return posts, told


def _by_roles(told: dict[int, Ties], since: date, day: date) -> None:
    """Roles held for a cluster or an organisation are work for it."""
    grants = Grant.objects.filter(_between(since, day), user__in=told)
    for account, kind, held_on in grants.values_list("user", "scope_kind", "scope_id"):
        if kind == ScopeKind.CLUSTER:
            told[account].clusters.append((held_on, Tie.EMPLOYMENT))
        if kind == ScopeKind.ORGANISATION:
            told[account].organisations.append((held_on, Tie.EMPLOYMENT))


def _by_memberships(told: dict[int, Ties], posts: dict[int, list[Post]], day: date) -> None:
    """Clusters that an employer of today belongs to, and those on whose bodies the person sits."""
    employed = [
        (account, post.organisation_id)
        for account in told
        for post in posts[account]
        if post.organisation_id and post.holds_on(day)
    ]
    members = Membership.objects.on(day).filter(organisation__in=[one for _, one in employed])
    clusters: dict[int, list[int]] = defaultdict(list)
    for cluster, organisation in members.values_list("cluster", "organisation"):
        clusters[organisation].append(cluster)
    for account, employer in employed:
        told[account].clusters.extend((one, Tie.MEMBERSHIP) for one in clusters[employer])
    seats = Seat.objects.on(day).filter(person__user__in=told, body__cluster__isnull=False)
    for account, cluster in seats.values_list("person__user", "body__cluster"):
        told[account].clusters.append((cluster, Tie.MEMBERSHIP))


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
