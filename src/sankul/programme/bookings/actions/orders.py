"""Orders of services: samples are announced, accepted, received, and answered with results."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t

from sankul.core.actions import events
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.bookings.models import Order
from sankul.programme.bookings.rules import ANSWER, RUN, OrderState, Reason, Step, answer_by
from sankul.programme.facilities.models import Service
from sankul.programme.facilities.queries.prices import quote_work, relation_of
from sankul.programme.facilities.rules import UserClass
from sankul.programme.registry.models import Organisation

from .taking import who_books

FIELD = {Step.REMIND: "reminded_at", Step.NODAL: "nodal_at", Step.CLUSTER: "cluster_at"}


@transaction.atomic
def place(
    *,
    actor: Actor,
    service: Service,
    organisation: Organisation,
    samples: int,
    note: str,
    at: datetime,
) -> Order:
    """Ask a lab to work on samples; nothing is sent before it accepts."""
    user = who_books(actor, organisation)
    service = Service.objects.select_related("facility__organisation").get(pk=service.pk)
    if not (service.is_active and service.facility.is_active):
        raise Refused(_t("The service is not offered now."))
    if not 1 <= samples <= 10_000:
        raise Refused(_t("The number of samples is from 1 to 10,000."))
    if not note.strip():
        raise Refused(_t("Say what the samples are, and what to look for."))
    user_class = UserClass.of(organisation.kind)
    relation = relation_of(service.facility.organisation, organisation)
    found = quote_work(
        service,
        user_class=user_class,
        relation=relation,
        on=timezone.localdate(at),
        quantity=Decimal(samples),
    )
    order = Order.objects.create(
        service=service,
        user=user,
        organisation=organisation,
        user_class=user_class,
        relation=relation,
        samples=samples,
        note=note.strip(),
        state=OrderState.REQUESTED,
        tariff=found.tariff if found else None,
        estimate_inr=found.amount_inr if found else None,
        made_at=at,
        requested_at=at,
        answer_by_at=answer_by(at, service.facility.answer_within_hours, None),
    )
    _record(actor, "order.placed", order, at)
    return order


@transaction.atomic
def accept(*, actor: Actor, order: Order, at: datetime, note: str = "") -> Order:
    """Say yes: the samples may come."""
    row = _asked(actor, order)
    row.state = OrderState.ACCEPTED
    return _answered(actor, row, at, note)


@transaction.atomic
def refuse(*, actor: Actor, order: Order, reason: str, at: datetime, note: str = "") -> Order:
    """Say no, with a coded reason."""
    row = _asked(actor, order)
    if reason not in Reason.values:
        raise Refused(_t("Choose the reason of the refusal."))
    if reason == Reason.OTHER and not note.strip():
        raise Refused(_t("Tell the other reason: who asked reads it."))
    row.state, row.reason = OrderState.REFUSED, reason
    return _answered(actor, row, at, note)


@transaction.atomic
def receive(*, actor: Actor, order: Order, at: datetime) -> Order:
    """The samples have come."""
    row = _run(actor, order, OrderState.ACCEPTED)
    row.state, row.received_at = OrderState.RECEIVED, at
    row.save()
    _record(actor, "order.received", row, at)
    return row


@transaction.atomic
def deliver(*, actor: Actor, order: Order, at: datetime) -> Order:
    """The results are with who asked; what the tariff says is owed."""
    row = _run(actor, order, OrderState.RECEIVED)
    row.state, row.done_at = OrderState.DONE, at
    row.save()
    _record(actor, "order.done", row, at)
    return row


@transaction.atomic
def cancel(*, actor: Actor, order: Order, at: datetime, note: str = "") -> Order:
    """Take an order back before the samples have come."""
    row = whole(order)
    if row.user_id != actor.user_id:
        raise Forbidden(_t("Only who ordered cancels the order."))
    if row.state not in (OrderState.REQUESTED, OrderState.ACCEPTED):
        raise Refused(_t("It cannot be cancelled any more: %s.") % row.get_state_display())
    row.state, row.end_note = OrderState.CANCELLED, note.strip()[:500]
    row.save()
    _record(actor, "order.cancelled", row, at)
    return row


@transaction.atomic
def tell(*, order: Order, step: Step, at: datetime) -> None:
    """Note that silence was told to somebody."""
    row = whole(order)
    if row.state != OrderState.REQUESTED or getattr(row, FIELD[step]) is not None:
        return
    setattr(row, FIELD[step], at)
    row.save(update_fields=[FIELD[step]])
    _record(None, f"order.unanswered_{step}", row, at)


def whole(order: Order) -> Order:
    """The order as it stands now, held to the end of the transaction."""
    rows = Order.objects.select_related("service__facility__organisation", "organisation", "user")
    return rows.select_for_update(of=("self",)).get(pk=order.pk)


def _asked(actor: Actor, order: Order) -> Order:
    row = whole(order)
    require(actor, ANSWER, *row.scopes)
    if row.state != OrderState.REQUESTED:
        raise Refused(_t("The order needs no answer any more: %s.") % row.get_state_display())
    return row


def _run(actor: Actor, order: Order, state: OrderState) -> Order:
    row = whole(order)
    require(actor, RUN, *row.scopes)
    if row.state != state:
        raise Refused(
            _t("The order is “%(now)s”, not “%(wanted)s”.")
            % {"now": row.get_state_display(), "wanted": state.label}
        )
    return row


def _answered(actor: Actor, row: Order, at: datetime, note: str) -> Order:
    row.decided_at, row.decided_by, row.decision_note = at, actor.user, note.strip()
    row.save()
    _record(actor, f"order.{row.state}", row, at)
    return row


def _record(actor: Actor | None, verb: str, row: Order, at: datetime) -> None:
    events.record(
        actor=actor,
        verb=verb,
        subject=row,
        at=at,
        scopes=(*row.scopes, *row.organisation.scopes),
        data={"state": str(row.state)},
    )
