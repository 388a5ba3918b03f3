"""What bookings count for the indicators of outcome 6: use of an institution's instruments by another, and prompt answers.

Each row credits the cluster of which the host was a member on the day; where it was a member of several, each. Use counts where
its start and end were told at the instrument: a slot that was only booked shows as a record without evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Case, CharField, DecimalField, F, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce, Concat, Extract, Now, Round, TruncDate
from django.utils.translation import gettext_lazy as _

from sankul.core.measures import Measure, declare
from sankul.core.models import Document
from sankul.programme.bookings.rules import State
from sankul.programme.bookings.rules.ease import PROMPT
from sankul.programme.facilities.rules import Relation
from sankul.programme.registry.models import Membership

BOOKING = "organisation__instruments__bookings"
TITLE = f"{BOOKING}__instrument__name"
ONE, NOTHING = Value(Decimal(1)), Value(Decimal(0))


def used() -> QuerySet[Any, Any]:
    """Uses of instruments by other institutions, in hours from start to stop (booked hours where that was not told)."""
    use = f"{BOOKING}__use"
    lasted = F(f"{use}__stopped_at") - F(f"{use}__started_at")
    booked = F(f"{BOOKING}__ends_at") - F(f"{BOOKING}__starts_at")
    rows: QuerySet[Any, Any] = _rows("facility_use", "starts_at", state=State.COMPLETED).annotate(
        quantity=_hours(Coalesce(lasted, booked)),
        unit=Value("hours"),
        evidenced=Q(**{f"{use}__stopped_at__isnull": False}),
    )
    return rows


def asked() -> QuerySet[Any, Any]:
    """Requests of other institutions, one each: those answered, and those unanswered for more than 48 hours."""
    rows: QuerySet[Any, Any] = _requests().annotate(quantity=ONE)
    return rows


def answered() -> QuerySet[Any, Any]:
    """The same requests: one for each answered within 48 hours, nothing for the others."""
    prompt = Q(decided__lte=F("requested") + PROMPT)
    worth = Case(When(prompt, then=ONE), default=NOTHING)
    rows: QuerySet[Any, Any] = _requests().annotate(quantity=worth)
    return rows


def _requests() -> QuerySet[Any, Any]:
    """Requests that can be judged now; one taken back within 48 hours cannot."""
    rows: QuerySet[Any, Any] = _rows(
        "facility_request", "requested_at", requested_at__isnull=False
    ).alias(
        requested=F(f"{BOOKING}__requested_at"),
        decided=F(f"{BOOKING}__decided_at"),
        until=Coalesce(F(f"{BOOKING}__cancelled_at"), Now()),
    )
    judged = Q(decided__isnull=False) | Q(until__gt=F("requested") + PROMPT)
    found: QuerySet[Any, Any] = rows.filter(judged).annotate(
        unit=Value("count"), evidenced=Value(True)
    )
    return found


def _rows(record: str, moment: str, **conditions: Any) -> QuerySet[Any, Any]:
    """Bookings by others than the host, by the memberships of the host in force on the day of a moment.

    All conditions on bookings stand in one ``filter``, and the rest on what was annotated: so they are of the same booking.
    """
    number = Cast(F(f"{BOOKING}__pk"), CharField())
    named = Concat(Value(f"{record}/"), number, output_field=CharField())
    theirs = {"relation__in": [Relation.CLUSTER, Relation.OUTSIDE]} | conditions
    rows: QuerySet[Any, Any] = (
        Membership.objects.filter(**{f"{BOOKING}__{name}": given for name, given in theirs.items()})
        .order_by()
        .annotate(on=TruncDate(f"{BOOKING}__{moment}"), role=Value("host"), record=named)
        .filter(Q(until_on=None) | Q(until_on__gte=F("on")), from_on__lte=F("on"))
    )
    return rows


def _hours(duration: Any) -> Any:
    hours = Cast(Extract(duration, "epoch"), DecimalField(max_digits=16, decimal_places=4)) / 3600
    return Round(hours, 2, output_field=DecimalField(max_digits=12, decimal_places=2))


def documents_of(_records: Sequence[str]) -> dict[str, list[Document]]:
    """None: what proves a use is the start and stop told at the instrument."""
    return {}


FACILITY_USE = declare(
    Measure(
        code="facility_use",
        title=_(
            "Use of instruments by other institutions, with start and stop told at the instrument"
        ),
        unit="hours",
        rows=used,
        record_title=TITLE,
        documents=documents_of,
    )
)
FACILITY_REQUEST = declare(
    Measure(
        code="facility_request",
        title=_(
            "Requests of other institutions for instruments, answered or waiting longer than 48 hours"
        ),
        unit="count",
        rows=asked,
        record_title=TITLE,
        documents=documents_of,
    )
)
FACILITY_ANSWER = declare(
    Measure(
        code="facility_answer",
        title=_("Requests of other institutions for instruments, answered within 48 hours"),
        unit="count",
        rows=answered,
        record_title=TITLE,
        documents=documents_of,
    )
)
