"""Recording limits: a newer one ends the one before it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from sankul.core.actions import events
from sankul.core.actions.rows import write
from sankul.core.rules.roles import PLATFORM, Actor, require
from sankul.field.water.models import Limit
from sankul.field.water.rules import SET_LIMITS, why_not_limit


@transaction.atomic
def set_limit(
    *,
    actor: Actor,
    parameter: str,
    acceptable: Decimal,
    source: str,
    from_on: date,
    at: datetime,
    permissible: Decimal | None = None,
    low: Decimal | None = None,
) -> Limit:
    """Record the limit of drinking water for a parameter from a day on; the one before ends the day before.

    Whether it is a highest or a least value stays as it was. Samples taken before are judged as before. Raises Refused
    without a source, for a permissible limit stricter than the acceptable one, and for a day that is not after the last limit's.
    """
    require(actor, SET_LIMITS, PLATFORM)
    rows = Limit.objects.filter(parameter=parameter).select_for_update()
    last = rows.order_by("from_on").last()
    is_least = bool(last and last.is_least)
    why_not_limit(
        acceptable=acceptable,
        permissible=permissible,
        is_least=is_least,
        source=source,
        last_from_on=last.from_on if last else None,
        from_on=from_on,
    ).enforce()
    if last is not None:
        last.until_on = from_on - timedelta(days=1)
        last.save(update_fields=["until_on"])
    made = Limit(
        parameter=parameter,
        low=low,
        acceptable=acceptable,
        permissible=permissible,
        is_least=is_least,
        from_on=from_on,
        source=source.strip(),
        recorded_by=actor.user,
    )
    write(made)
    events.record(
        actor=actor, verb="water.limit_set", subject=made, at=at, scopes=(PLATFORM,),
        data={"parameter": parameter, "acceptable": str(acceptable), "source": made.source},
    )  # fmt: skip
    return made
