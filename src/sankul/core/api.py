"""Who stands at the JSON door: a program with a token, somebody signed in, or the public.

``READING`` is for operations that the public may call too, ``WRITING`` for those that change something. A token that is shown
must be valid, even where none is needed: a program is never answered less than it thinks it asked for without being told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from ninja.errors import AuthenticationError
from ninja.security import HttpBearer, SessionAuth

from sankul.core.actions.tokens import note_use
from sankul.core.queries import tokens
from sankul.core.rules.roles import Actor
from sankul.core.rules.tokens import why_not_change
from sankul.core.rules.verdicts import Forbidden

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Bearer(HttpBearer):
    """``Authorization: Bearer sankul_…``: the request is its owner's, narrowed as the token says. Needs no CSRF token."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        """Put the token's actor in the place of the session's."""
        at = request.at  # type: ignore[attr-defined]
        found, verdict = tokens.shown(token.strip(), at)
        if found is None or not verdict:
            raise AuthenticationError(message=verdict.reason)
        if request.method not in SAFE:
            why_not_change(reads_only=found.reads_only).enforce(Forbidden)
        note_use(token=found, at=at)
        actor = tokens.bearer(found, at)
        request.actor = actor  # type: ignore[attr-defined]
        return actor


def public(request: HttpRequest) -> bool:
    """Everybody, with the session's roles if there is one."""
    return True


class Session(SessionAuth):
    """A browser in which somebody signed in; what changes something needs the page's CSRF token."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        """The actor of the session, or None."""
        actor: Actor = request.actor  # type: ignore[attr-defined]
        return actor if actor.user is not None else None


READING: list[Callable[..., Any]] = [Bearer(), public]
WRITING: list[Callable[..., Any]] = [Bearer(), Session()]
