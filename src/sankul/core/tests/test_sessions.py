"""Sessions and accounts are read by statements that are planned once; a connection that broke meanwhile is made anew."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from pghistory.models import Context

from sankul.core.models import Grant, User
from sankul.core.queries import prepared
from sankul.core.queries.actors import account
from sankul.core.queries.sessions import SessionStore
from sankul.core.rules.roles import Role

from . import makers

pytestmark = pytest.mark.django_db


def test_a_session_is_read_as_it_was_written():
    written = SessionStore()
    written["colour"] = "blue"
    written.save()
    assert SessionStore(written.session_key)["colour"] == "blue"


def test_a_session_whose_time_is_over_holds_nothing_and_loses_its_key():
    written = SessionStore()
    written["colour"] = "blue"
    written.save()
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    read = SessionStore(written.session_key)
    assert read.load() == {}
    assert read.session_key is None


def test_an_account_is_found_by_its_number_whole():
    user = makers.user()
    found = account(user.pk)
    assert found == user
    assert found is not None
    assert (found.email, found.password) == (user.email, user.password)
    assert account(user.pk + 1) is None


def test_prepared_statements_are_counted_like_all_others(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert prepared.rows("SELECT %s::int + 1", 4) == [(5,)]


def test_rows_of_several_tables_become_objects_of_each():
    user = makers.user()
    held = makers.grant(user, Role.PROGRAMME_OFFICER)
    tables = ", ".join([prepared.columns(Grant, "held"), prepared.columns(User, "person")])
    asked = (
        f"SELECT {tables} FROM core_grant held JOIN core_user person ON person.id = held.user_id"
    )
    [row] = prepared.rows(asked)
    found, person = prepared.joined(row, Grant, User)
    assert (found, person) == (held, user)
    assert (found.role, found.from_on, person.email) == (held.role, held.from_on, user.email)


def test_a_table_with_columns_that_django_reads_in_a_way_of_its_own_is_not_read():
    with pytest.raises(TypeError, match="Context"):
        prepared.instances(Context, [])


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_broke_is_made_anew_by_the_first_statement():
    [(process,)] = prepared.rows("SELECT pg_backend_pid()")
    _end(process)
    [(other,)] = prepared.rows("SELECT pg_backend_pid()")
    assert other != process


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_breaks_in_a_transaction_is_told():
    with pytest.raises(DatabaseError):
        _broken_off()


@transaction.atomic
def _broken_off() -> None:
    [(process,)] = prepared.rows("SELECT pg_backend_pid()")
    _end(process)
    prepared.rows("SELECT pg_backend_pid()")


def _end(process: int) -> None:
    with psycopg.connect(**_place()) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [process])


def _place() -> dict[str, Any]:
    given = connection.get_connection_params()
    return {
        key: given[key] for key in ("dbname", "user", "password", "host", "port") if key in given
    }
