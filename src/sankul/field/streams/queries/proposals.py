"""What detection proposes of a stream."""

from __future__ import annotations

from django.db.models import QuerySet

from sankul.field.streams.models import Datastream, Proposal
from sankul.field.streams.rules.reviewing import Answer
from sankul.field.streams.rules.windows import Window


def open_proposals(stream: Datastream, window: Window | None = None) -> QuerySet[Proposal]:
    """Proposals that nobody answered yet, in order of time; of a window those that reach into it."""
    rows = Proposal.objects.filter(stream=stream, answer=Answer.OPEN).order_by("first", "pk")
    return rows.filter(first__lte=window.until, last__gte=window.since) if window else rows
