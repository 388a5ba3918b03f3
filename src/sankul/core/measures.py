"""Measures: what an area counts for the indicators, as queries of one fixed shape.

An area declares its measures in its own ``measures`` room; each is a query whose rows say which cluster is credited, for
which organisation, on what day, with how much of which unit, in which role, and which record says so. Indicators are computed
from these rows only, so every figure can list the records behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Model, QuerySet

from sankul.core.models import Document

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SHAPE = (
    "cluster_id",
    "organisation_id",
    "on",
    "quantity",
    "unit",
    "role",
    "record",
    "evidenced",
)
"""Columns of every measure: ``quantity`` is what this row credits (share applied), in ``unit``; ``record`` names its source
record, as in ``claim/12``; only rows that are ``evidenced`` count, the others show as missing coverage."""

NIL_SHAPE = ("cluster_id", "starts_on", "ends_on")
"""Columns of a declaration of nothing: this cluster had none of the measure between these days."""

Rows = Callable[[], "QuerySet[Any, Any]"]
Documents = Callable[[Sequence[str]], Mapping[str, Sequence[Document]]]


@dataclass(frozen=True)
class Measure:
    """One thing that is counted: a code, a title, the unit of its quantity, and its rows."""

    code: str
    title: StrOrPromise
    unit: str
    rows: Rows
    record_title: str
    """Lookup from a row to the title of its source record."""
    documents: Documents
    """The documents behind some records, by record, in one query."""
    nils: Rows | None = None
    """Declarations of nothing, which make a zero of what would be missing (None: there are none)."""


MEASURES: dict[str, Measure] = {}


def declare(measure: Measure) -> Measure:
    """Make a measure known. Raises ValueError if its code is taken."""
    if MEASURES.setdefault(measure.code, measure) is not measure:
        raise ValueError(f"measure {measure.code} is declared twice")
    return measure


@dataclass(frozen=True)
class Worth:
    """What a quantity would move: an indicator by its title, the points of the index (0 to 100), and the same in words.

    ``points`` is None where nobody can tell, because the indicator does not grow with the quantity.
    """

    indicator_title: StrOrPromise
    points: Decimal | None
    text: StrOrPromise


Worths = Callable[[str, Model, date, Decimal], Sequence[Worth]]
"""From a measure's code, a cluster, a day and a quantity to what they are worth."""
_WORTHS: list[Worths] = []


def declare_worth(worths: Worths) -> Worths:
    """Make a way to tell what a quantity is worth known; the area that weighs measures does."""
    if worths not in _WORTHS:
        _WORTHS.append(worths)
    return worths


def worth(measure: str, cluster: Model, on: date, quantity: Decimal) -> list[Worth]:
    """What so much of a measure, credited to a cluster on a day, is worth; nothing where no area weighs measures."""
    return [one for worths in _WORTHS for one in worths(measure, cluster, on, quantity)]
