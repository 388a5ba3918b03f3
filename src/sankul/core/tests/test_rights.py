"""Rights: grants with their scopes and days, verdicts with their reasons."""

from datetime import UTC, date, datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.db.models import Q

from sankul.core.actions.accounts import MANAGE_ACCOUNTS
from sankul.core.models import Grant, User
from sankul.core.queries.actors import actor, in_force
from sankul.core.queries.events import SEE_EVENTS
from sankul.core.rules import roles
from sankul.core.rules.roles import (
    GRANTABLE_ON,
    PLATFORM,
    Actor,
    Held,
    Permission,
    Role,
    Scope,
    ScopeKind,
    narrowed,
    require,
    verdict,
)
from sankul.core.rules.verdicts import Forbidden, Refused, Verdict, refused

from . import makers

PROGRAMME = Scope(ScopeKind.PROGRAMME, 3)
CLUSTER = Scope(ScopeKind.CLUSTER, 5)
OTHER = Scope(ScopeKind.CLUSTER, 6)


@pytest.fixture
def own_permissions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Permissions declared by a test are forgotten after it."""
    monkeypatch.setattr(roles, "PERMISSIONS", {})


def _actor(*held: Held, user: User | None = None) -> Actor:
    return Actor(user or User(pk=7, name="Asha"), frozenset(held), makers.AT)


def test_a_role_acts_on_the_scope_that_it_is_held_on_and_on_no_other() -> None:
    chief = _actor(Held(Role.CLUSTER_CEO, CLUSTER))
    assert verdict(chief, SEE_EVENTS, CLUSTER) == Verdict(allowed=True)
    assert not verdict(chief, SEE_EVENTS, OTHER)
    assert not verdict(chief, SEE_EVENTS)


def test_a_role_on_an_enclosing_scope_acts_where_that_scope_is_named() -> None:
    officer = _actor(Held(Role.PROGRAMME_OFFICER, PROGRAMME))
    assert verdict(officer, SEE_EVENTS, CLUSTER, PROGRAMME)
    assert not verdict(officer, SEE_EVENTS, CLUSTER, Scope(ScopeKind.PROGRAMME, 4))


def test_the_same_number_in_another_kind_of_scope_is_another_scope() -> None:
    chief = _actor(Held(Role.CLUSTER_CEO, CLUSTER))
    assert not verdict(chief, SEE_EVENTS, Scope(ScopeKind.PROGRAMME, CLUSTER.id))


def test_the_platform_covers_every_scope() -> None:
    officer = _actor(Held(Role.PROGRAMME_OFFICER, PLATFORM))
    for scopes in ((), (CLUSTER,), (OTHER, PROGRAMME)):
        assert verdict(officer, MANAGE_ACCOUNTS, *scopes)


def test_a_role_without_the_permission_does_not_help_on_any_scope() -> None:
    evaluator = _actor(Held(Role.EVALUATOR, PLATFORM))
    assert not verdict(evaluator, MANAGE_ACCOUNTS, PLATFORM)


@pytest.mark.usefixtures("own_permissions")
def test_what_is_open_to_the_public_is_open_to_everybody_everywhere() -> None:
    see = Permission("test.see", "See", frozenset({Role.PUBLIC}))
    for one in (makers.public(), _actor(), _actor(Held(Role.REVIEWER, PROGRAMME))):
        assert verdict(one, see, CLUSTER)
        assert one.scopes(see) == {PLATFORM}


def test_everybody_holds_the_public_role() -> None:
    assert makers.public().roles == {Role.PUBLIC}
    assert _actor(Held(Role.REVIEWER, PROGRAMME)).roles == {Role.REVIEWER, Role.PUBLIC}


def test_a_verdict_tells_the_public_to_sign_in_and_who_may() -> None:
    assert verdict(makers.public(), MANAGE_ACCOUNTS, PLATFORM).reason == (
        "Sign in first. “Make accounts and grant roles” is open to: Programme officer."
    )


def test_a_verdict_tells_the_signed_in_who_may_and_who_grants() -> None:
    assert verdict(_actor(), MANAGE_ACCOUNTS, PLATFORM).reason == (
        "Your roles do not cover “Make accounts and grant roles” here. It is open to: Programme officer. "
        "The programme office grants roles."
    )


def test_requiring_raises_forbidden_with_the_reason_or_nothing() -> None:
    require(_actor(Held(Role.PROGRAMME_OFFICER, PLATFORM)), MANAGE_ACCOUNTS, CLUSTER)
    with pytest.raises(Forbidden, match="open to: Programme officer") as caught:
        require(_actor(), MANAGE_ACCOUNTS, CLUSTER)
    assert caught.value.reason == str(caught.value)


def test_a_refusal_is_enforced_as_the_error_that_is_asked_for() -> None:
    with pytest.raises(Refused, match="closed"):
        refused("closed").enforce()
    Verdict(allowed=True).enforce()


@pytest.mark.usefixtures("own_permissions")
def test_a_permission_is_declared_once() -> None:
    Permission("test.act", "Act", frozenset({Role.REVIEWER}))
    Permission("test.act", "Act", frozenset({Role.REVIEWER}))
    with pytest.raises(ValueError, match="act is declared twice"):
        Permission("test.act", "Act", frozenset({Role.REVIEWER, Role.APPLICANT}))


@pytest.mark.django_db
def test_a_query_is_narrowed_to_the_scopes_of_the_role() -> None:
    holder = makers.user()
    rows = {scope: makers.grant(holder, Role.CLUSTER_STAFF, scope).pk for scope in (CLUSTER, OTHER)}

    def seen(one: Actor) -> set[int]:
        kept = Grant.objects.filter(narrowed(one, SEE_EVENTS, cluster="scope_id"))
        return set(kept.values_list("pk", flat=True))

    assert seen(_actor(Held(Role.CLUSTER_CEO, CLUSTER))) == {rows[CLUSTER]}
    both = _actor(Held(Role.CLUSTER_CEO, CLUSTER), Held(Role.CLUSTER_STAFF, OTHER))
    assert seen(both) == set(rows.values())
    assert seen(_actor(Held(Role.PROGRAMME_OFFICER, PLATFORM))) == set(rows.values())
    assert seen(_actor(Held(Role.PROGRAMME_OFFICER, Scope(ScopeKind.PROGRAMME, 5)))) == set()
    assert seen(_actor(Held(Role.REVIEWER, PROGRAMME))) == set()
    assert seen(makers.public()) == set()


@pytest.mark.django_db
def test_what_is_open_on_the_whole_platform_stays_open_beside_another_condition() -> None:
    row = makers.grant(makers.user(), Role.CLUSTER_STAFF, CLUSTER)
    officer = _actor(Held(Role.PROGRAMME_OFFICER, PLATFORM))
    closed = Q(role=Role.APPLICANT)
    either = closed | narrowed(officer, SEE_EVENTS, cluster="scope_id")
    assert list(Grant.objects.filter(either)) == [row]
    both = closed & narrowed(officer, SEE_EVENTS, cluster="scope_id")
    assert not Grant.objects.filter(both).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("moment", "held"),
    [
        (datetime(2026, 11, 21, 18, 29, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 21, 18, 30, tzinfo=UTC), True),
        (datetime(2026, 11, 24, 18, 29, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 24, 18, 30, tzinfo=UTC), False),
    ],
)
def test_a_grant_holds_on_its_first_and_its_last_day_as_india_counts_days(
    moment: datetime, held: bool
) -> None:
    user = makers.user_with(
        Role.PROGRAMME_OFFICER, from_on=date(2026, 11, 22), until_on=date(2026, 11, 24)
    )
    assert bool(in_force(user, moment)) is held
    assert bool(verdict(actor(user, moment), MANAGE_ACCOUNTS, PLATFORM)) is held


@pytest.mark.django_db
def test_a_grant_that_was_ended_or_taken_back_acts_no_more() -> None:
    user = makers.user_with(Role.PROGRAMME_OFFICER)
    assert actor(user, makers.AT).held == {Held(Role.PROGRAMME_OFFICER, PLATFORM)}
    user.grants.update(until_on=date(2026, 11, 21))
    assert actor(user, makers.AT).held == frozenset()
    user.grants.update(until_on=None)
    user.grants.get().delete()
    assert actor(user, makers.AT).held == frozenset()


@pytest.mark.django_db
def test_every_version_of_a_grant_is_kept() -> None:
    user = makers.user_with(Role.PROGRAMME_OFFICER)
    user.grants.update(until_on=date(2026, 11, 21))
    user.grants.get().delete()
    history = Grant.pgh_event_model.objects.filter(user_id=user.pk).order_by("pgh_id")
    assert list(history.values_list("pgh_label", "until_on")) == [
        ("insert", None),
        ("update", date(2026, 11, 21)),
        ("delete", date(2026, 11, 21)),
    ]


@pytest.mark.django_db
def test_an_account_that_may_not_sign_in_acts_as_the_public() -> None:
    user = makers.user_with(Role.PROGRAMME_OFFICER)
    user.is_active = False
    assert actor(user, makers.AT) == Actor(None, frozenset(), makers.AT)
    assert actor(AnonymousUser(), makers.AT).user_id is None


@pytest.mark.django_db
@pytest.mark.parametrize("grants", [1, 3])
def test_an_actor_is_one_query_whatever_the_number_of_grants(
    grants: int, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    user = makers.user()
    for number in range(1, grants + 1):
        makers.grant(user, Role.CLUSTER_STAFF, Scope(ScopeKind.CLUSTER, number))
    with django_assert_num_queries(1):
        assert len(actor(user, makers.AT).held) == grants


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("from_on", "until_on", "constraint"),
    [
        (date(2026, 5, 1), None, "grant_once_at_a_time"),
        (date(2026, 3, 31), date(2026, 5, 1), "grant_once_at_a_time"),
        (date(2026, 4, 1), date(2026, 3, 1), "grant_dates_in_order"),
    ],
)
def test_the_database_refuses_a_grant_that_overlaps_or_ends_before_it_begins(
    from_on: date, until_on: date | None, constraint: str
) -> None:
    user = makers.user()
    makers.grant(
        user, Role.EVALUATOR, PROGRAMME, from_on=date(2025, 4, 1), until_on=date(2026, 3, 31)
    )
    makers.grant(user, Role.EVALUATOR, PROGRAMME, from_on=date(2026, 5, 1))
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        makers.grant(user, Role.EVALUATOR, PROGRAMME, from_on=from_on, until_on=until_on)


@pytest.mark.django_db
def test_the_same_role_is_held_again_from_the_day_after() -> None:
    user = makers.user()
    makers.grant(
        user, Role.EVALUATOR, PROGRAMME, from_on=date(2025, 4, 1), until_on=date(2026, 3, 31)
    )
    makers.grant(user, Role.EVALUATOR, PROGRAMME, from_on=date(2026, 4, 1))
    makers.grant(user, Role.REVIEWER, PROGRAMME)
    makers.grant(user, Role.EVALUATOR, Scope(ScopeKind.PROGRAMME, 4))
    assert user.grants.count() == 4


@pytest.mark.django_db
@pytest.mark.parametrize("role", Role)
def test_the_database_lets_each_role_be_held_on_its_own_kinds_of_scope_alone(role: Role) -> None:
    user, held = makers.user(), set()
    for kind in ScopeKind:
        scope = PLATFORM if kind == ScopeKind.PLATFORM else Scope(kind, 1)
        try:
            with transaction.atomic():
                makers.grant(user, role, scope)
        except IntegrityError:
            continue
        held.add(kind)
    assert held == GRANTABLE_ON[role]


@pytest.mark.django_db
@pytest.mark.parametrize("scope", [Scope(ScopeKind.PLATFORM, 1), Scope(ScopeKind.PROGRAMME, 0)])
def test_the_database_refuses_a_scope_that_names_nothing(scope: Scope) -> None:
    with pytest.raises(IntegrityError, match="grant_scope_named"), transaction.atomic():
        makers.user_with(Role.PROGRAMME_OFFICER, scope)
