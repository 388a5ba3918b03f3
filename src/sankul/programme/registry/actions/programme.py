"""Periods of a programme: planning them and opening their records to the public."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sankul.core.actions import events
from sankul.core.actions.constraints import refusing
from sankul.core.rules.roles import Actor, require
from sankul.programme.registry.models import Period, Programme
from sankul.programme.registry.rules import MANAGE_PROGRAMME
from sankul.programme.registry.rules.changes import why_not_dates, why_not_open


@transaction.atomic
def plan_period(
    *, actor: Actor, programme: Programme, label: str, starts_on: date, ends_on: date, at: datetime
) -> Period:
    """Add a reporting period, both days included.

    Raises Refused when it ends before it begins, its label is taken, or it overlaps another.
    """
    require(actor, MANAGE_PROGRAMME, *programme.scopes)
    why_not_dates(starts_on, ends_on).enforce()
    with refusing(
        {
            "period_dates_in_order": _("A period is longer than one day."),
            "period_label_once_a_programme": _("This programme has a period of this name already."),
            "period_no_overlap": _("The days overlap those of another period of this programme."),
        }
    ):
        period = Period.objects.create(
            programme=programme, label=label, starts_on=starts_on, ends_on=ends_on
        )
    events.record(
        actor=actor,
        verb="period.planned",
        subject=period,
        at=at,
        scopes=programme.scopes,
        data={"label": label, "starts_on": starts_on, "ends_on": ends_on},
    )
    return period


@transaction.atomic
def open_period(*, actor: Actor, period: Period, at: datetime) -> Period:
    """Open the submitted records of a period to the public; they stay open.

    Raises Refused when they are open already or the period has not begun.
    """
    require(actor, MANAGE_PROGRAMME, *period.programme.scopes)
    period = Period.objects.select_for_update().select_related("programme").get(pk=period.pk)
    why_not_open(
        opened=period.opened_at is not None,
        starts_on=period.starts_on,
        today=timezone.localdate(at),
    ).enforce()
    period.opened_at = at
    period.save(update_fields=["opened_at"])
    events.record(
        actor=actor,
        verb="period.opened",
        subject=period,
        at=at,
        scopes=period.programme.scopes,
        data={"label": period.label},
    )
    return period
