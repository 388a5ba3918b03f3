"""The words and the law of reviewing: reasons of proposals, which revisions stand, which can be undone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Protocol

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.core.rules.verdicts import ALLOWED, Verdict, refused
from sankul.engines.quality import Test

from .words import Flag, VersionKind

GIVEN: Final = (Flag.GOOD, Flag.SUSPECT, Flag.FAIL)
"""Flags that a person gives."""
UNDOABLE: Final = (VersionKind.FLAG, VersionKind.RULES, VersionKind.DRIFT, VersionKind.UNDO)
MOST_AT_ONCE: Final = 200_000
"""Observations that one revision of a page changes: five years of a value every quarter of an hour."""


class Reason(IntegerChoices):
    """Why detection proposes a flag: the tests of ``engines.quality.detect``."""

    FLAT_LINE = int(Test.FLAT_LINE), _("Stuck at one value")
    SPIKE = int(Test.SPIKE), _("Leaps away and back")
    FAR = int(Test.FAR), _("Far from everything else")
    OUTAGE = int(Test.OUTAGE), _("Out of range between two leaps")
    LEVEL_SHIFT = int(Test.LEVEL_SHIFT), _("Leap to another level")
    AMONG = int(Test.AMONG), _("Among values that were found")


TESTS: Final = {
    int(Test.GROSS_RANGE): _("out of range"),
    int(Test.CLIMATOLOGY): _("unusual for the season"),
    int(Test.SPIKE): _("spike"),
    int(Test.RATE_OF_CHANGE): _("too fast a change"),
    int(Test.FLAT_LINE): _("flat line"),
    int(Test.ATTENUATED): _("too little spread"),
    int(Test.GAP): _("gap"),
}
"""Tests of rules in words."""


class Answer(TextChoices):
    """What became of a proposal."""

    OPEN = "open", _("Open")
    ACCEPTED = "accepted", _("Accepted")
    DISMISSED = "dismissed", _("No fault")


class Revised(Protocol):
    """What is asked of a revision: its number, kind and method, where an undoing names what it undoes."""

    @property
    def pk(self) -> Any: ...
    @property
    def kind(self) -> str: ...
    @property
    def method(self) -> Mapping[str, Any]: ...


def standing(revisions: Iterable[Revised]) -> set[int]:
    """The numbers of the revisions of a stream that nobody has undone, or whose undoing was undone."""
    stands: dict[int, bool] = {}
    undone: dict[int, int] = {}
    for one in sorted(revisions, key=lambda revision: int(revision.pk)):
        stands[one.pk] = True
        if one.kind == VersionKind.UNDO:
            undone[one.pk] = int(one.method["undoes"])
            _turn(undone[one.pk], stands, undone, to=False)
    return {pk for pk, does in stands.items() if does}


def _turn(pk: int, stands: dict[int, bool], undone: dict[int, int], *, to: bool) -> None:
    """A revision stands or no longer; what it undid does the opposite."""
    stands[pk] = to
    if pk in undone:
        _turn(undone[pk], stands, undone, to=not to)


def why_not_undo(revision: Revised, stands: set[int]) -> Verdict:
    """Whether a revision can be undone: one of flags or drift that stands."""
    if revision.kind not in UNDOABLE:
        return refused(_t("A value that was corrected by hand is corrected by hand again."))
    if revision.pk not in stands:
        return refused(_t("This is undone already."))
    return ALLOWED
