"""Makers of accounts, actors and documents, for the tests of every area.

They write rows directly, past rights and rules, so that a test states only what it is about.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import storages

from sankul.core.models import ApiToken, Document, Grant, User
from sankul.core.queries.actors import actor as actor_of
from sankul.core.rules.roles import PLATFORM, Actor, Role, Scope

AT = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
"""The moment of tests: noon of 22 Nov 2026 in India."""
TODAY = date(2026, 11, 22)
_numbers = count(1)


def user(**fields: Any) -> User:
    """An account with no role."""
    number = next(_numbers)
    made = User(**{"email": f"person{number}@example.org", "name": f"Person {number}"} | fields)
    made.set_unusable_password()
    made.save()
    return made


def grant(user: User, role: Role, scope: Scope = PLATFORM, **fields: Any) -> Grant:
    """A role held on a scope since 2020, with an open end."""
    defaults = {"from_on": date(2020, 1, 1), "granted_at": AT}
    return Grant.objects.create(
        user=user, role=role, scope_kind=scope.kind, scope_id=scope.id, **defaults | fields
    )


def user_with(role: Role, scope: Scope = PLATFORM, **fields: Any) -> User:
    """An account that holds a role on a scope since 2020; ``fields`` are those of the grant."""
    made = user()
    grant(made, role, scope, **fields)
    return made


def actor_with(role: Role, scope: Scope = PLATFORM, at: datetime = AT) -> Actor:
    """The actor for a new account that holds a role on a scope."""
    return actor_of(user_with(role, scope), at)


def public(at: datetime = AT) -> Actor:
    """The actor nobody signed in as."""
    return actor_of(None, at)


def officer(at: datetime = AT) -> Actor:
    """A programme officer of the whole platform."""
    return actor_with(Role.PROGRAMME_OFFICER, PLATFORM, at)


def token(owner: User | None = None, **fields: Any) -> ApiToken:
    """A token of an account (a new one) that ends a month from ``AT``; nobody has its secret."""
    number = next(_numbers)
    defaults = {
        "name": f"Program {number}",
        "prefix": f"sankul_{number:06}",
        "digest": hashlib.sha256(f"token {number}".encode()).hexdigest(),
        "made_at": AT,
        "expires_at": AT + timedelta(30),
    }
    return ApiToken.objects.create(owner=owner or user(), **defaults | fields)


def document(content: bytes = b"", **fields: Any) -> Document:
    """A text file with its bytes in the document storage, different for each call unless ``content`` is given."""
    content = content or f"Document {next(_numbers)}\n".encode()
    defaults = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "name": "minutes.txt",
        "media_type": "text/plain",
        "size_bytes": len(content),
        "added_at": AT,
    }
    made = Document.objects.create(**defaults | fields)
    if not storages["documents"].exists(made.path):
        storages["documents"].save(made.path, ContentFile(content))
    return made
