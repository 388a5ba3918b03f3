"""Tokens: how a program acts for an account, never with more than the account's own roles."""

from __future__ import annotations

import secrets
from datetime import date, timedelta

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from . import canonical
from .roles import Permission, Role
from .verdicts import ALLOWED, Verdict, refused

MAKE_TOKEN = Permission(
    "core.make_token",
    _("Make access tokens for one's own programs"),
    frozenset(set(Role) - {Role.PUBLIC}),
)
SECRET_BYTES = 32
SECRET_START = "sankul_"  # noqa: S105  what every token begins with, so that scanners for leaked secrets know it
PREFIX_LENGTH = len(SECRET_START) + 6
LONGEST = timedelta(days=366)
MOST_AT_ONCE = 20


def new_secret() -> str:
    """A token that nobody can guess: 256 random bits as URL-safe text."""
    return SECRET_START + secrets.token_urlsafe(SECRET_BYTES)


def digest(secret: str) -> str:
    """What is stored of a token: its SHA-256.

    A slow, salted hash protects what people choose, because that can be guessed. Among 2²⁵⁶ equally likely secrets there is
    nothing to guess or to look up in a table, so one round is enough, and a request can be answered at once.
    """
    return canonical.sha256(secret)


def why_not_lifetime(*, today: date, expires_on: date) -> Verdict:
    """Whether a token may end on this day: not before tomorrow, and within a year."""
    if expires_on <= today:
        return refused(_t("Choose a last day after today."))
    if expires_on > today + LONGEST:
        return refused(_t("A token lasts a year at most."))
    return ALLOWED


def why_not_change(*, reads_only: bool) -> Verdict:
    """Whether something may be changed with a token."""
    if reads_only:
        return refused(_t("This token only reads. Make another one that may write."))
    return ALLOWED
