"""What claims count: one measure for each kind, from credits that stand with evidence."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Cast, Concat

from sankul.core.measures import Measure, declare
from sankul.core.models import Document
from sankul.programme.outcomes.models import Attachment, Credit, NilReturn
from sankul.programme.outcomes.rules import KINDS, Kind

RECORD = Concat(Value("claim/"), Cast(F("claim_id"), CharField()), output_field=CharField())


def credits_of(kind: Kind) -> "QuerySet[Any, Any]":
    """Credits of submitted claims of one kind, in the shape of a measure."""
    return (
        Credit.objects.filter(kind=kind.code, stands=True)
        .order_by()
        .annotate(unit=Value(str(kind.unit)), record=RECORD, evidenced=F("counts"))
    )


def nil_returns_of(kind: Kind) -> "QuerySet[Any, Any]":
    """Declarations of nothing of one kind."""
    return NilReturn.objects.filter(kind=kind.code).annotate(
        starts_on=F("period__starts_on"), ends_on=F("period__ends_on")
    )


def documents_of(records: Sequence[str]) -> dict[str, list[Document]]:
    """The documents attached to claims, by the claim's name as a record."""
    claims = [int(record.removeprefix("claim/")) for record in records]
    found: dict[str, list[Document]] = defaultdict(list)
    rows = Attachment.objects.filter(claim__in=claims, document__isnull=False)
    for attachment in rows.select_related("document"):
        if attachment.document is not None:
            found[f"claim/{attachment.claim_id}"].append(attachment.document)
    return found


def measure_of(kind: Kind) -> Measure:
    """The measure of one kind of claim."""
    return Measure(
        code=kind.code,
        title=kind.title,
        unit=str(kind.unit),
        rows=lambda: credits_of(kind),
        record_title="claim__title",
        documents=documents_of,
        nils=lambda: nil_returns_of(kind),
    )


for _kind in KINDS.values():
    declare(measure_of(_kind))
