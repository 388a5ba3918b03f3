"""Opening hours and closures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _t

from sankul.core.actions.rows import write
from sankul.core.rules.roles import Actor
from sankul.core.rules.verdicts import Refused
from sankul.programme.facilities.models import Closure, Facility, Instrument, Opening
from sankul.programme.facilities.rules.hours import Hours, why_not_days, why_not_hours

from . import rows


@transaction.atomic
def open_hours(
    *,
    actor: Actor,
    facility: Facility,
    hours: Sequence[Hours],
    at: datetime,
    instrument: Instrument | None = None,
) -> list[Opening]:
    """Set the hours of a week, in place of those before: of a facility, or of one of its instruments.

    An instrument without hours of its own has those of its facility. Raises Refused for hours that end before they begin. What
    is booked already stays booked.
    """
    of = _of(actor, facility, instrument)
    for one in hours:
        why_not_hours(one.opens, one.closes).enforce()
    Opening.objects.filter(facility=of, instrument=instrument).delete()
    made = [Opening(facility=of, instrument=instrument, **one._asdict()) for one in hours]
    for row in made:
        write(row)
    rows.record(actor, "hours.set", instrument or of, at, of.scopes, openings=len(made))
    return made


@transaction.atomic
def close(
    *,
    actor: Actor,
    facility: Facility,
    from_on: date,
    until_on: date,
    reason: str,
    at: datetime,
    instrument: Instrument | None = None,
) -> Closure:
    """Close a facility, or one of its instruments, from a day until a day. What is booked already stays booked."""
    of = _of(actor, facility, instrument)
    why_not_days(from_on, until_on).enforce()
    made = Closure(
        facility=of,
        instrument=instrument,
        from_on=from_on,
        until_on=until_on,
        reason=reason.strip(),
    )
    write(made)
    told = {"from_on": from_on, "until_on": until_on}
    rows.record(actor, "facility.closed", instrument or of, at, of.scopes, **told)
    return made


@transaction.atomic
def reopen(*, actor: Actor, closure: Closure, at: datetime) -> None:
    """Take a closure back."""
    of = rows.facility(actor, closure.facility)
    told = {"from_on": closure.from_on, "until_on": closure.until_on}
    closure.delete()
    rows.record(actor, "facility.reopened", of, at, of.scopes, **told)


def _of(actor: Actor, facility: Facility, instrument: Instrument | None) -> Facility:
    found = rows.facility(actor, facility)
    if instrument is not None:
        if instrument.facility_id != found.pk:
            raise Refused(_t("The instrument stands in another facility."))
        rows.instrument(actor, instrument)
    return found
