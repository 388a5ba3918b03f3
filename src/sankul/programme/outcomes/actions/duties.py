"""Setting duties, making returns, and reminding of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.core.actions import events, mail
from sankul.core.actions.constraints import refusing
from sankul.core.models import User
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.programme.outcomes.models import Duty, DutyReturn, Reminder
from sankul.programme.outcomes.queries import duties as queries
from sankul.programme.outcomes.queries.duties import Due
from sankul.programme.outcomes.rules import RECORD_CLAIM, why_not_kind
from sankul.programme.outcomes.rules.duties import (
    SET_DUTIES,
    DueState,
    Stage,
    stage_of,
    why_not_duty,
    why_not_return,
)
from sankul.programme.registry.models import Cluster, Programme

LISTED = 30
New = tuple[Due, Stage]


@transaction.atomic
def set_duty(
    *,
    actor: Actor,
    programme: Programme,
    title: str,
    kinds: Sequence[str],
    every: str,
    due_days: int,
    from_on: date,
    at: datetime,
) -> Duty:
    """Have every cluster of a programme report some kinds from a day on. Raises Refused for a title that is in use."""
    require(actor, SET_DUTIES, *programme.scopes)
    why_not_duty(kinds=len(kinds), due_days=due_days).enforce()
    for kind in kinds:
        why_not_kind(kind).enforce()
    duty = Duty(
        programme=programme,
        title=title.strip(),
        kinds=list(dict.fromkeys(kinds)),
        every=every,
        due_days=due_days,
        from_on=from_on,
    )
    with refusing({"duty_title_once": _("The programme has a duty of this title already.")}):
        duty.save()
    data = {"kinds": duty.kinds, "every": every, "due_days": due_days, "from": from_on}
    events.record(
        actor=actor, verb="duty.set", subject=duty, at=at, scopes=programme.scopes, data=data
    )
    return duty


@transaction.atomic
def end_duty(*, actor: Actor, duty: Duty, until_on: date, at: datetime) -> Duty:
    """End a duty: no span begins after ``until_on``; what was due until then stays due."""
    require(actor, SET_DUTIES, *duty.programme.scopes)
    duty = Duty.objects.select_for_update().select_related("programme").get(pk=duty.pk)
    if duty.until_on is not None:
        raise Refused(_t("This duty is ended already."))
    if until_on < duty.from_on:
        raise Refused(_t("The last day is before the first."))
    duty.until_on = until_on
    duty.save(update_fields=["until_on"])
    events.record(
        actor=actor, verb="duty.ended", subject=duty, at=at, scopes=duty.programme.scopes,
        data={"until": until_on},
    )  # fmt: skip
    return duty


@transaction.atomic
def make_return(
    *, actor: Actor, duty: Duty, cluster: Cluster, starts_on: date, claims: int, at: datetime
) -> DutyReturn:
    """Say for a cluster that these ``claims`` are all of a span; 0: nothing this time.

    Raises Refused while the span goes on, while drafts of the kinds lie in it, when the number is another by now, and when the
    return is made already.
    """
    require(actor, RECORD_CLAIM, *cluster.scopes)
    due = queries.one(duty, cluster, starts_on, at)
    if due is None or duty.programme_id != cluster.programme_id:
        raise Refused(_t("There is no such return to make."))
    found = queries.counted(duty, cluster, due.span)
    why_not_return(
        span=due.span, today=timezone.localdate(at), drafts=found.drafts, seen=claims,
        claims=found.claims,
    ).enforce()  # fmt: skip
    made = DutyReturn(
        duty=duty,
        cluster=cluster,
        starts_on=due.span.starts_on,
        ends_on=due.span.ends_on,
        claims=claims,
        made_at=at,
        made_by=actor.user,
    )
    with refusing({"duty_return_once": _("This return is made already.")}):
        made.save()
    data = {"duty": duty.pk, "starts_on": starts_on, "claims": claims}
    events.record(
        actor=actor, verb="return.made", subject=made, at=at, scopes=cluster.scopes, data=data
    )
    return made


def remind(*, at: datetime) -> int:
    """Mail everybody who has something new to be reminded of, once a day at most; how many mails were sent.

    Fictional clusters have nobody to be reminded. A mail that cannot be sent leaves no trace, and is tried again the next time.
    """
    places = list(
        Cluster.objects.filter(programme__is_demonstration=False).select_related("programme")
    )
    people = queries.to_remind(places, at)
    wanted: dict[User, list[New]] = {}
    for due in queries.what_is_due(places, at):
        stage = stage_of(due.span, due.due_on, timezone.localdate(at))
        if due.state == DueState.MADE or stage is None:
            continue
        for user in _people(*people[due.cluster.pk], stage):
            wanted.setdefault(user, []).append((due, stage))
    return sum(_reminded(user, found, at) for user, found in wanted.items())


def _people(staff: list[User], chiefs: list[User], stage: Stage) -> list[User]:
    """Staff are reminded; the CEO when it is long overdue, and where there is no staff."""
    everybody = [*staff, *chiefs] if stage == Stage.ESCALATED else staff or chiefs
    return list(dict.fromkeys(everybody))


@transaction.atomic
def _reminded(user: User, found: list[New], at: datetime) -> bool:
    today = timezone.localdate(at)
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    told = Reminder.objects.filter(user=user)
    if told.filter(sent_on__gte=today).exists():
        return False
    known = set(told.values_list("duty", "cluster", "starts_on", "stage"))
    new = [(due, stage) for due, stage in found if (*due.key, stage.value) not in known]
    if not new:
        return False
    Reminder.objects.bulk_create(
        Reminder(
            duty=due.duty,
            cluster=due.cluster,
            starts_on=due.span.starts_on,
            stage=stage,
            user=user,
            sent_on=today,
        )
        for due, stage in new
    )
    fresh = {due.key for due, _stage in new}
    context = {
        "overdue": [due for due, _stage in found if due.state == DueState.OVERDUE][:LISTED],
        "due": [due for due, _stage in found if due.state == DueState.DUE][:LISTED],
        "more": max(0, len(found) - 2 * LISTED),
        "fresh": fresh,
    }
    events.record(actor=None, verb="duties.reminded", subject=user, at=at, data={"new": len(new)})
    mail.send(user=user, template="outcomes/mail/duties", context=context)
    return True


def forget_reminders(*, at: datetime) -> None:
    """Remove notes of reminders older than two years."""
    Reminder.objects.filter(sent_on__lt=timezone.localdate(at) - timedelta(731)).delete()
