"""Who may read which document: whoever may see a record that cites it.

Core does not know those records. Each area declares, in its own ``queries``, the condition under which a document is shown to
an actor because one of the area's records cites it; a document is readable where at least one condition holds.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Q, QuerySet

from sankul.core.models import Document
from sankul.core.rules.roles import Actor

Condition = Callable[[Actor], Q]
"""From an actor to a condition on ``Document``, as in ``Q(Exists(citations.filter(document=OuterRef("pk"))))``."""

CONDITIONS: dict[str, Condition] = {}


def declare(area: str, condition: Condition) -> Condition:
    """Make an area's condition known. Raises ValueError if the area has declared another."""
    if CONDITIONS.setdefault(area, condition) is not condition:
        raise ValueError(f"the area {area} declares its documents twice")
    return condition


def readable(actor: Actor) -> QuerySet[Document]:
    """Documents that some record visible to the actor cites; none where no area has a record that does."""
    shown = Q(pk__in=[])
    for condition in CONDITIONS.values():
        shown |= condition(actor)
    return Document.objects.filter(shown)
