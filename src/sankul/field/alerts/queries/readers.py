"""Who reads a letter about an alert."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from sankul.core.models import User
from sankul.core.rules.roles import Scope
from sankul.field.alerts.rules.news import ROLES


def readers(scopes: tuple[Scope, ...], rung: str, at: datetime) -> QuerySet[User]:
    """Accounts on a rung of the escalation in the scopes of an alert, on the day of ``at``."""
    day = timezone.localdate(at)
    held = Q(pk__in=[])
    for scope in scopes:
        held |= Q(grants__scope_kind=scope.kind, grants__scope_id=scope.id)
    rows = User.objects.filter(
        held,
        Q(grants__until_on=None) | Q(grants__until_on__gte=day),
        grants__role__in=ROLES[rung],
        grants__from_on__lte=day,
        is_active=True,
    )
    return rows.distinct().order_by("pk")
