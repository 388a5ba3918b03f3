"""Tokens: a program acts for its owner, with the owner's roles of the moment, and only as far as the token goes."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from sankul.core.actions import accounts, events, tokens
from sankul.core.models import ApiToken, Event, User
from sankul.core.queries import tokens as queries
from sankul.core.queries.actors import actor as actor_of
from sankul.core.rules.roles import Actor, Held, Role, Scope, ScopeKind
from sankul.core.rules.tokens import digest, new_secret
from sankul.core.rules.verdicts import Forbidden, Refused

from . import makers

pytestmark = pytest.mark.django_db

CLUSTER = Scope(ScopeKind.CLUSTER, 5)
OTHER = Scope(ScopeKind.CLUSTER, 6)
LAST_DAY = date(2027, 2, 20)


def _staff() -> User:
    made = makers.user_with(Role.CLUSTER_STAFF, CLUSTER)
    makers.grant(made, Role.CLUSTER_CEO, OTHER)
    return made


def _create(user: User | None = None, **given: Any) -> tokens.Made:
    actor = actor_of(user or _staff(), makers.AT)
    defaults = {"name": "Nightly export", "expires_on": LAST_DAY, "at": makers.AT}
    return tokens.create(actor=actor, **defaults | given)


def _bearer(made: tokens.Made, at: Any = makers.AT) -> Actor:
    found, verdict = queries.shown(made.secret, at)
    assert found == made.token
    assert verdict
    return queries.bearer(found, at)


def test_a_token_is_told_once_and_kept_as_its_digest_alone() -> None:
    made = _create()
    assert re.fullmatch(r"sankul_[A-Za-z0-9_-]{43}", made.secret)
    assert made.token.prefix == made.secret[:13]
    assert made.token.digest == digest(made.secret)
    stored = str(ApiToken.objects.values().get()) + Event.objects.get().body
    assert made.secret not in stored
    assert made.secret[13:] not in stored


def test_the_digest_is_plain_sha256() -> None:
    known = "f52fbd32b2b3b86ff88ef6c490628285f482af15ddcb29541f94bcf526a3f6c7"
    assert digest("hunter2") == known


def test_no_two_secrets_are_alike() -> None:
    assert len({new_secret() for _ in range(100)}) == 100


def test_a_token_stands_for_its_owner_with_all_roles_or_those_on_one_scope() -> None:
    user = _staff()
    whole, narrow = _create(user), _create(user, name="One cluster", scope=CLUSTER)
    assert _bearer(whole).held == {
        Held(Role.CLUSTER_STAFF, CLUSTER),
        Held(Role.CLUSTER_CEO, OTHER),
    }
    assert _bearer(narrow).held == {Held(Role.CLUSTER_STAFF, CLUSTER)}
    assert _bearer(narrow).user == user


def test_a_token_loses_what_its_owner_loses_and_wins_nothing_by_itself() -> None:
    user = _staff()
    made = _create(user, scope=CLUSTER)
    accounts.end(
        actor=None, grant=user.grants.get(role=Role.CLUSTER_STAFF), until_on=date(2026, 11, 22),
        at=makers.AT,
    )  # fmt: skip
    assert _bearer(made).held
    assert _bearer(made, makers.AT + timedelta(1)).held == frozenset()


def test_the_token_of_somebody_who_left_does_nothing() -> None:
    user = _staff()
    made = _create(user)
    accounts.close(actor=None, user=user, at=makers.AT)
    verdict = queries.shown(made.secret, makers.AT).verdict
    assert (verdict.allowed, verdict.reason) == (False, "The account of this token is closed.")
    accounts.reopen(actor=None, user=user, at=makers.AT)
    assert queries.shown(made.secret, makers.AT).verdict


def test_a_token_ends_with_its_last_day_in_india() -> None:
    made = _create()
    end = made.token.expires_at
    assert end.isoformat() == "2027-02-21T00:00:00+05:30"
    assert queries.shown(made.secret, end - timedelta(seconds=1)).verdict
    reason = queries.shown(made.secret, end).verdict.reason
    assert reason == "This token has ended. Make a new one on your account's page."


def test_a_revoked_token_is_refused_at_once() -> None:
    user = _staff()
    made = _create(user)
    actor = actor_of(user, makers.AT)
    tokens.revoke(actor=actor, token=made.token, at=makers.AT)
    reason = queries.shown(made.secret, makers.AT).verdict.reason
    assert reason == "This token was revoked. Make a new one on your account's page."
    assert list(queries.own(actor)) == []
    with pytest.raises(Refused, match="revoked already"):
        tokens.revoke(actor=actor, token=made.token, at=makers.AT)
    assert [event.verb for event in Event.objects.all()] == ["token.created", "token.revoked"]


def test_a_name_is_free_again_once_its_token_is_revoked() -> None:
    user = _staff()
    made = _create(user)
    with pytest.raises(Refused, match=r"You have a token of this name already."):
        _create(user)
    tokens.revoke(actor=None, token=made.token, at=makers.AT)
    assert _create(user).token.name == "Nightly export"


def test_an_officer_of_the_platform_revokes_anybodys_token_and_nobody_else_does() -> None:
    made = _create()
    with pytest.raises(Forbidden):
        tokens.revoke(actor=actor_of(_staff(), makers.AT), token=made.token, at=makers.AT)
    tokens.revoke(actor=makers.officer(), token=made.token, at=makers.AT)
    assert ApiToken.objects.get().revoked_at == makers.AT


@pytest.mark.parametrize("secret", ["", "sankul_", "sankul_" + "a" * 43, "नमस्ते", "a\x00b"])
def test_a_secret_that_nobody_was_given_opens_nothing(secret: str) -> None:
    _create()
    found, verdict = queries.shown(secret, makers.AT)
    assert found is None
    assert verdict.reason.startswith("There is no such token.")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"expires_on": makers.TODAY}, "Choose a last day after today."),
        ({"expires_on": date(2027, 11, 24)}, "A token lasts a year at most."),
        ({"name": "  "}, "Give the token a name of at most 80 characters"),
        ({"name": "a" * 81}, "Give the token a name of at most 80 characters"),
        ({"name": "a\x00b"}, "Give the token a name of at most 80 characters"),
    ],
)
def test_a_token_is_refused_with_its_reason(given: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused, match=why):
        _create(**given)
    assert not ApiToken.objects.exists()


def test_a_year_is_the_longest_and_the_database_holds_it() -> None:
    made = _create(expires_on=date(2027, 11, 23))
    with pytest.raises(IntegrityError, match="token_lasts_a_year_at_most"), transaction.atomic():
        ApiToken.objects.filter(pk=made.token.pk).update(
            expires_at=made.token.made_at + timedelta(368)
        )


def test_nobody_makes_a_token_without_a_role_there() -> None:
    with pytest.raises(Forbidden):
        _create(makers.user())
    with pytest.raises(Forbidden):
        _create(scope=Scope(ScopeKind.CLUSTER, 7))
    with pytest.raises(Forbidden):
        tokens.create(actor=makers.public(), name="a", expires_on=LAST_DAY, at=makers.AT)


def test_a_token_begets_no_other_and_ends_none() -> None:
    user = _staff()
    made = _create(user, reads_only=False)
    with pytest.raises(Forbidden, match="a token cannot make another"):
        tokens.create(actor=_bearer(made), name="b", expires_on=LAST_DAY, at=makers.AT)
    with pytest.raises(Forbidden):
        tokens.revoke(actor=_bearer(made), token=made.token, at=makers.AT)


def test_twenty_tokens_are_enough() -> None:
    user = _staff()
    for number in range(20):
        _create(user, name=f"Program {number}")
    with pytest.raises(Refused, match=r"You have 20 tokens. Revoke one that is not in use."):
        _create(user, name="One more")


def test_what_a_token_does_is_logged_with_its_number() -> None:
    made = _create(reads_only=False)
    event = events.record(
        actor=_bearer(made), verb="thing.done", subject="thing/1", at=makers.AT, data={"of": 2}
    )
    assert f'"data":{{"of":2,"token":{made.token.pk}}}' in event.body
    assert event.actor == made.token.owner


def test_a_token_that_only_reads_ends_no_action() -> None:
    made = _create()
    with pytest.raises(Forbidden, match=r"This token only reads."):
        events.record(actor=_bearer(made), verb="thing.done", subject="thing/1", at=makers.AT)


def test_the_day_of_the_last_use_is_written_once_a_day(django_assert_num_queries: Any) -> None:
    token = _create().token
    tokens.note_use(token=token, at=makers.AT)
    token.refresh_from_db()
    assert token.last_used_on == makers.TODAY
    with django_assert_num_queries(0):
        tokens.note_use(token=token, at=makers.AT)
