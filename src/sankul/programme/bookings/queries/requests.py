"""Requests that wait for an answer, and who is to give it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone

from sankul.core.rules.roles import Actor, narrowed
from sankul.programme.bookings.models import Booking, Order
from sankul.programme.bookings.rules import ANSWER, ANSWER_ESCALATED, OrderState, State
from sankul.programme.registry.models import Membership


def clusters_of(organisations: Collection[int], on: date | None = None) -> dict[int, list[int]]:
    """By organisation, the clusters that it belongs to on a day (today): whose office hears of its silence."""
    day = on or timezone.localdate()
    rows = Membership.objects.filter(
        Q(from_on=None) | Q(from_on__lte=day),
        Q(until_on=None) | Q(until_on__gte=day),
        organisation__in=organisations,
    )
    found: dict[int, list[int]] = defaultdict(list)
    for organisation, cluster in rows.values_list("organisation_id", "cluster_id").distinct():
        found[organisation].append(cluster)
    return found


def waiting(actor: Actor) -> QuerySet[Booking]:
    """Requests of bookings that the actor can answer, the most urgent first."""
    hosts = narrowed(actor, ANSWER, organisation="instrument__organisation_id")
    silent = narrowed(
        actor, ANSWER_ESCALATED, cluster="instrument__organisation__memberships__cluster_id"
    ) & Q(cluster_at__isnull=False)
    rows = Booking.objects.whole().filter(hosts | silent, state=State.REQUESTED)
    return rows.order_by("answer_by_at", "pk").distinct()


def orders_waiting(actor: Actor) -> QuerySet[Order]:
    """Orders that the actor can answer, the most urgent first."""
    hosts = narrowed(actor, ANSWER, organisation="service__facility__organisation_id")
    rows = Order.objects.select_related("service__facility__organisation", "user", "organisation")
    return rows.filter(hosts, state=OrderState.REQUESTED).order_by("answer_by_at", "pk")
