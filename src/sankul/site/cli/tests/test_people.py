"""The terminal's door to accounts and to the proof of the event log."""

import pytest

from sankul.core.models import Event, User
from sankul.core.queries import actors
from sankul.core.queries.events import head
from sankul.core.rules.roles import PLATFORM, Role
from sankul.core.tests import makers
from sankul.site.cli import data, people

pytestmark = pytest.mark.django_db


def _fails(capsys: pytest.CaptureFixture[str]) -> str:
    return " ".join(capsys.readouterr().err.split())


def test_an_account_is_made_with_its_first_role() -> None:
    people.create_user("a@example.org", "A", "programme_officer", "platform", "a long password")
    made = User.objects.get(email="a@example.org")
    assert made.check_password("a long password")
    assert [(g.role, g.scope) for g in made.grants.all()] == [(Role.PROGRAMME_OFFICER, PLATFORM)]


@pytest.mark.parametrize(
    ("role", "scope", "why"),
    [
        ("chief", "platform", "--role: 'chief' is not a role; expected one of programme_officer,"),
        ("cluster_ceo", "cluster:no/where", "--scope: there is no cluster 'no/where'"),
        ("cluster_ceo", "everything", "--scope: 'everything' is not a scope; expected platform,"),
        ("cluster_ceo", "platform", "“Cluster CEO” is granted on: Cluster."),
    ],
)
def test_where_the_role_is_refused_no_account_is_made(
    role: str, scope: str, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="1"):
        people.create_user("a@example.org", "A", role, scope, None)
    assert why in _fails(capsys)
    assert not User.objects.exists()


def test_a_role_is_granted_and_ended() -> None:
    makers.user(email="a@example.org")
    people.grant_role("A@example.org", "programme_officer", "platform", "2999-12-31")
    people.end_role("a@example.org", "programme_officer", "platform", "2999-11-30")
    assert str(User.objects.get().grants.get().until_on) == "2999-11-30"
    assert [e.verb for e in Event.objects.order_by("seq")] == ["role.granted", "role.ended"]


def test_a_role_that_is_not_held_is_not_ended(capsys: pytest.CaptureFixture[str]) -> None:
    makers.user(email="a@example.org")
    with pytest.raises(SystemExit, match="1"):
        people.end_role("a@example.org", "programme_officer", "platform", "2999-11-30")
    assert "a@example.org does not hold the role programme_officer on platform" in _fails(capsys)


def test_a_day_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    makers.user(email="a@example.org")
    with pytest.raises(SystemExit, match="1"):
        people.grant_role("a@example.org", "programme_officer", "platform", "31.3.2027")
    assert "--until: '31.3.2027' is not a day; expected one as in 2027-03-31" in _fails(capsys)


def test_an_account_is_closed_and_opened_again(capsys: pytest.CaptureFixture[str]) -> None:
    person = makers.user_with(Role.PROGRAMME_OFFICER, PLATFORM)
    people.turn_user(person.email, is_open=False)
    person.refresh_from_db()
    assert actors.actor(person, makers.AT).user is None
    people.list_users()
    assert "closed" in capsys.readouterr().out
    people.turn_user(person.email, is_open=True)
    person.refresh_from_db()
    assert actors.actor(person, makers.AT).user == person


def test_an_account_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="1"):
        people.turn_user("nobody@example.org", is_open=False)
    assert "There is no account 'nobody@example.org'" in _fails(capsys)


def test_verifying_prints_the_head_and_holds_a_later_log_to_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    people.create_user("a@example.org", "A", "", "", None)
    data.verify_events("")
    noted = str(head())
    assert capsys.readouterr().out.endswith(f"The chain holds: 1 events. Its head:\n{noted}\n")
    people.create_user("b@example.org", "B", "", "", None)
    data.verify_events(noted)
    with pytest.raises(SystemExit, match="1"):
        data.verify_events("3:" + "a" * 64)
    assert "event 3 was noted, and the log ends with 2: events were cut off" in _fails(capsys)
    with pytest.raises(SystemExit, match="1"):
        data.verify_events("three")
    assert "--anchor: 'three' is not a head; expected NUMBER:HASH" in _fails(capsys)


def test_tokens_are_listed_and_revoked_at_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    owner = makers.user(email="a@example.org")
    token = makers.token(owner, name="Nightly export")
    people.list_tokens("A@example.org")
    shown = capsys.readouterr().out
    assert "Nightly export" in shown
    assert token.prefix in shown
    people.revoke_token("a@example.org", token.prefix)
    token.refresh_from_db()
    assert token.revoked_at is not None
    with pytest.raises(SystemExit, match="1"):
        people.revoke_token("a@example.org", token.prefix)
    assert f"a@example.org has no one token that begins with '{token.prefix}'." in _fails(capsys)
