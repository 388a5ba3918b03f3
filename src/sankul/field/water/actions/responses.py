"""Dealing with unsafe water: somebody takes it on, and closes it with its cause."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.core.actions import events
from sankul.core.actions.rows import write
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.field.water.models import Response, Source
from sankul.field.water.rules import RESPOND_WATER


@transaction.atomic
def begin(
    *,
    actor: Actor,
    source: Source,
    parameter: str,
    owner: str,
    action: str,
    due_on: date,
    at: datetime,
) -> Response:
    """Say who deals with a parameter at a source, what is done and by when. Raises Refused where somebody does already, or
    for a day that has passed.
    """
    require(actor, RESPOND_WATER, *source.scopes)
    if due_on < at.date():
        raise Refused(_t("The day has passed."))
    made = Response(
        source=source, parameter=parameter, owner=owner.strip(), action=action.strip(), due_on=due_on,
        opened_at=at, opened_by=actor.user,
    )  # fmt: skip
    write(made, reasons={"water_response_one_open": _("Somebody deals with this already.")})
    _record(actor, "water.response_begun", made, at)
    return made


@transaction.atomic
def close(*, actor: Actor, response: Response, cause: str, at: datetime) -> Response:
    """Close a response with what the cause was. Raises Refused without a cause, and if it is closed."""
    require(actor, RESPOND_WATER, *response.scopes)
    rows = Response.objects.select_for_update(of=("self",))
    found = rows.select_related("source__village__cluster__programme").get(pk=response.pk)
    if found.closed_at is not None:
        raise Refused(_t("It is closed already."))
    if not cause.strip():
        raise Refused(_t("Say what the cause was."))
    found.closed_at, found.cause = at, cause.strip()
    write(found)
    _record(actor, "water.response_closed", found, at)
    return found


def _record(actor: Actor, verb: str, response: Response, at: datetime) -> None:
    events.record(
        actor=actor, verb=verb, subject=response, at=at, scopes=response.scopes,
        data={"source": response.source_id, "parameter": response.parameter},
    )  # fmt: skip
