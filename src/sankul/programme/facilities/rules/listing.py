"""How good a listing is: how much of what is asked it tells, and when its institution last stood by it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

CONFIRMED_FOR = timedelta(days=180)
"""For so long a listing counts as confirmed."""
ASKED: dict[str, StrOrPromise] = {
    "summary": _("what it is for"),
    "make": _("maker"),
    "model": _("model"),
    "techniques": _("techniques"),
    "sample_kinds": _("kinds of samples"),
    "specifications": _("specification"),
    "commissioned_on": _("day of commissioning"),
    "photo": _("photo"),
    "contact": _("contact"),
    "hours": _("opening hours"),
    "tariff": _("a tariff for users from outside"),
    "pid": _("persistent identifier"),
}
"""What a listing is asked to tell, each thing weighing the same."""


@dataclass(frozen=True)
class Completeness:
    """The share (0 to 1) of what is asked that a listing tells, and what it does not."""

    share: Decimal
    missing: tuple[StrOrPromise, ...]


def completeness(told: Collection[str]) -> Completeness:
    """How complete a listing is that tells these of ``ASKED``; other names count for nothing."""
    missing = tuple(label for name, label in ASKED.items() if name not in told)
    return Completeness(Decimal(len(ASKED) - len(missing)) / len(ASKED), missing)


def is_stale(confirmed_at: datetime, at: datetime) -> bool:
    """Whether nobody has confirmed a listing for more than 180 days."""
    return at - confirmed_at > CONFIRMED_FOR
