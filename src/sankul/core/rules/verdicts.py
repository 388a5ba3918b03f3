"""Answers of the law: allowed or not, and why in words that a person can act on."""

from __future__ import annotations

from dataclasses import dataclass


class Refused(Exception):  # noqa: N818  a refusal is an answer, not a fault
    """A rule says no. The text is the reason, written for the person who asked."""

    def __init__(self, reason: str) -> None:
        self.reason = str(reason)
        super().__init__(self.reason)


class Forbidden(Refused):
    """The actor's roles do not allow this here."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether something may be done, with the reason if not (empty when allowed)."""

    allowed: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.allowed

    def enforce(self, error: type[Refused] = Refused) -> None:
        """Raise ``error`` with the reason unless allowed."""
        if not self.allowed:
            raise error(self.reason)


ALLOWED = Verdict(allowed=True)


def refused(reason: str) -> Verdict:
    """A verdict that says no, with its reason."""
    return Verdict(allowed=False, reason=str(reason))
