"""Accounts and grants: made by an officer or at the terminal, each with its event."""

from datetime import date, timedelta

import pytest

from sankul.core.actions import accounts
from sankul.core.models import Event, Grant, User
from sankul.core.queries.actors import actor as actor_of
from sankul.core.queries.actors import in_force
from sankul.core.rules.roles import PLATFORM, Actor, Role, Scope, ScopeKind
from sankul.core.rules.verdicts import Forbidden, Refused

from . import makers

pytestmark = pytest.mark.django_db

PROGRAMME = Scope(ScopeKind.PROGRAMME, 3)
CLUSTER = Scope(ScopeKind.CLUSTER, 5)


def _grant(user: User, actor: Actor | None = None, **fields: object) -> Grant:
    defaults = {"role": Role.CLUSTER_CEO, "scope": CLUSTER, "from_on": makers.TODAY}
    return accounts.grant(actor=actor, user=user, at=makers.AT, **defaults | fields)


def test_an_officer_makes_an_account_that_signs_in_with_its_password() -> None:
    user = accounts.create(
        actor=makers.officer(), email="asha@EXAMPLE.org", name="Asha", at=makers.AT,
        password="long-enough-2026",
    )  # fmt: skip
    assert user.email == "asha@example.org"
    assert User.objects.get_by_natural_key("ASHA@example.org") == user
    assert user.check_password("long-enough-2026")
    event = Event.objects.get()
    assert (event.verb, event.subject) == ("account.created", f"user/{user.pk}")


def test_an_account_made_without_a_password_has_none() -> None:
    user = accounts.create(actor=None, email="a@example.org", name="A", at=makers.AT)
    assert not user.has_usable_password()
    assert Event.objects.get().actor is None


def test_the_log_names_no_address_and_no_person() -> None:
    accounts.create(actor=None, email="asha@example.org", name="Asha Rao", at=makers.AT)
    body = Event.objects.get().body
    assert "asha" not in body.lower()


def test_an_address_is_taken_whatever_its_case() -> None:
    accounts.create(actor=None, email="asha@example.org", name="Asha", at=makers.AT)
    with pytest.raises(Refused, match=r"An account with the address ASHA@.* exists already"):
        accounts.create(actor=None, email="ASHA@example.org", name="Other", at=makers.AT)
    assert (User.objects.count(), Event.objects.count()) == (1, 1)


@pytest.mark.parametrize("email", ["", "asha", "asha@", "a b@example.org", "a@example.org\n"])
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(Refused, match="is not an e-mail address"):
        accounts.create(actor=None, email=email, name="Asha", at=makers.AT)
    assert not User.objects.exists()


@pytest.mark.parametrize("role", [Role.APEX_MEMBER, Role.CLUSTER_CEO, Role.EVALUATOR])
def test_only_an_officer_makes_accounts(role: Role) -> None:
    scope = CLUSTER if role == Role.CLUSTER_CEO else PROGRAMME
    for actor in (makers.actor_with(role, scope), makers.public()):
        with pytest.raises(Forbidden, match="Make accounts"):
            accounts.create(actor=actor, email="a@example.org", name="A", at=makers.AT)
    assert not Event.objects.exists()


def test_a_grant_is_recorded_with_its_scopes_and_days() -> None:
    officer, user = makers.officer(), makers.user()
    granted = _grant(user, officer, enclosing=(PROGRAMME,), until_on=date(2027, 11, 21))
    assert (granted.scope, granted.granted_by) == (CLUSTER, officer.user)
    event = Event.objects.get()
    assert (event.verb, event.subject) == ("role.granted", f"user/{user.pk}")
    assert event.scopes == ["cluster:5", "programme:3"]
    assert '"data":{"from":"2026-11-22","role":"cluster_ceo","until":"2027-11-21"}' in event.body


def test_an_officer_of_a_programme_grants_within_it_and_nowhere_else() -> None:
    officer, user = makers.actor_with(Role.PROGRAMME_OFFICER, PROGRAMME), makers.user()
    _grant(user, officer, enclosing=(PROGRAMME,))
    with pytest.raises(Forbidden):
        _grant(
            user,
            officer,
            scope=Scope(ScopeKind.CLUSTER, 6),
            enclosing=(Scope(ScopeKind.PROGRAMME, 4),),
        )
    with pytest.raises(Forbidden):
        _grant(user, officer, role=Role.PROGRAMME_OFFICER, scope=PLATFORM)


def test_nobody_else_grants() -> None:
    user = makers.user()
    for actor in (makers.actor_with(Role.CLUSTER_CEO, CLUSTER), makers.public()):
        with pytest.raises(Forbidden):
            _grant(user, actor)
    assert not user.grants.exists()


def test_a_role_is_granted_on_its_own_kinds_of_scope_alone() -> None:
    with pytest.raises(
        Refused, match="“Programme officer” is granted on: Whole platform, Programme"
    ):
        _grant(makers.user(), role=Role.PROGRAMME_OFFICER)


def test_the_public_role_is_not_granted() -> None:
    with pytest.raises(Refused, match="“Public” is held by everybody"):
        _grant(makers.user(), role=Role.PUBLIC)


def test_a_grant_does_not_end_before_it_begins() -> None:
    with pytest.raises(Refused, match="The grant ends before it begins"):
        _grant(makers.user(), until_on=date(2026, 11, 21))


def test_a_role_is_not_held_twice_on_the_same_days() -> None:
    user = makers.user()
    _grant(user)
    with pytest.raises(Refused, match="This role is held on this scope in these days already"):
        _grant(user, from_on=date(2027, 1, 1))
    assert (user.grants.count(), Event.objects.count()) == (1, 1)


def test_a_role_ends_after_its_last_day() -> None:
    user = makers.user()
    granted = _grant(user)
    accounts.end(actor=None, grant=granted, until_on=date(2026, 11, 22), at=makers.AT)
    assert [g.role for g in in_force(user, makers.AT)] == ["cluster_ceo"]
    assert in_force(user, makers.AT + timedelta(days=1)) == []
    event = Event.objects.latest("seq")
    assert (event.verb, event.subject) == ("role.ended", f"user/{user.pk}")
    with pytest.raises(Refused, match="ended by then already"):
        accounts.end(actor=None, grant=granted, until_on=date(2026, 11, 23), at=makers.AT)


def test_a_role_does_not_end_before_it_begins() -> None:
    granted = _grant(makers.user())
    with pytest.raises(Refused, match="ends before it begins"):
        accounts.end(actor=None, grant=granted, until_on=date(2026, 11, 21), at=makers.AT)


def test_nobody_but_an_officer_ends_a_role_or_closes_an_account() -> None:
    granted = _grant(makers.user())
    chief = makers.actor_with(Role.CLUSTER_CEO, CLUSTER)
    with pytest.raises(Forbidden):
        accounts.end(actor=chief, grant=granted, until_on=date(2026, 11, 22), at=makers.AT)
    with pytest.raises(Forbidden):
        accounts.close(actor=chief, user=granted.user, at=makers.AT)


def test_a_closed_account_holds_no_role_until_it_is_opened_again() -> None:
    user = makers.user_with(Role.CLUSTER_CEO, CLUSTER)
    accounts.close(actor=makers.officer(), user=user, at=makers.AT)
    user.refresh_from_db()
    assert actor_of(user, makers.AT).held == frozenset()
    with pytest.raises(Refused, match="closed already"):
        accounts.close(actor=None, user=user, at=makers.AT)
    accounts.reopen(actor=None, user=user, at=makers.AT)
    user.refresh_from_db()
    assert actor_of(user, makers.AT).roles == {Role.CLUSTER_CEO, Role.PUBLIC}
    with pytest.raises(Refused, match="open already"):
        accounts.reopen(actor=None, user=user, at=makers.AT)
    assert [e.verb for e in Event.objects.order_by("seq")] == ["account.closed", "account.reopened"]
