"""Measures: what an area counts for the indicators, as queries of one fixed shape.

An area declares its measures in its own ``measures`` room; each is a query whose rows say which cluster is credited, for
which organisation, on what day, with how much of which unit, in which role, and which record says so. Indicators are computed
from these rows only, so every figure can list the records behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

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
