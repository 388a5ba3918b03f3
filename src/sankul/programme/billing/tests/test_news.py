"""Charges from what happened to bookings and orders, worked by hand."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sankul.core.actions import events, following
from sankul.core.models import Event
from sankul.programme.billing import tasks
from sankul.programme.billing.models import Charge
from sankul.programme.billing.rules import Cause
from sankul.programme.bookings.actions import booking as actions
from sankul.programme.bookings.actions import use as use_actions
from sankul.programme.bookings.models import Booking, Consumption, Order, Use
from sankul.programme.bookings.rules import Condition, OrderState, State, Via
from sankul.programme.bookings.tests.makers import AT, HOUR, TEN, booking, instrument, member
from sankul.programme.facilities.models import Instrument
from sankul.programme.facilities.rules import Relation, UserClass
from sankul.programme.facilities.tests import makers as facilities
from sankul.programme.registry.tests.makers import organisation, user

pytestmark = pytest.mark.django_db


def microscope(**fields: Any) -> Instrument:
    """An instrument at ₹ 600 an hour, half of it for late cancellation, all of it for not coming."""
    made = instrument(name="SEM")
    facilities.tariffs(made, **{"cancellation_percent": 50, "no_show_percent": 100} | fields)
    return made


def ended(one: Instrument, state: State, **fields: Any) -> Booking:
    """A booking from ten to noon that ended in a state."""
    tariff = one.tariffs.get(user_class=UserClass.ACADEMIA, relation=Relation.OUTSIDE)
    return booking(one, TEN, TEN + 2 * HOUR, **{"state": state, "tariff": tariff} | fields)


def news(verb: str, row: Booking | Order, data: dict[str, Any] | None = None) -> list[Charge]:
    """Tell the log, and have it followed."""
    events.record(actor=None, verb=verb, subject=row, at=AT, data=data)
    following.catch_up("billing.charges")
    return list(Charge.objects.all())


def use(row: Booking, begins: timedelta, ends: timedelta) -> Use:
    return Use.objects.create(
        booking=row, started_at=row.starts_at + begins, stopped_at=row.ends_at + ends,
        started_by=user(), started_via=Via.PAGE,
    )  # fmt: skip


def test_a_use_costs_the_time_that_was_booked_and_what_it_took() -> None:
    one = microscope()
    row = ended(one, State.COMPLETED)
    used = use(row, timedelta(minutes=5), timedelta(minutes=-30))
    grid = facilities.consumable(one.facility, name="Grid")
    Consumption.objects.create(
        use=used, consumable=grid, quantity=Decimal("2"), price_inr=Decimal("250")
    )
    (charge,) = news("booking.completed", row)
    assert charge.amount_inr == Decimal("1700.00")  # 2 h × 600 + 2 × 250
    assert (charge.cause, charge.happened_on, charge.sac) == (
        Cause.USE,
        date(2026, 11, 24),
        "998346",
    )
    assert charge.title == "SEM, 24 Nov 2026"
    assert [line["amount_inr"] for line in charge.lines] == ["1200.00", "500.00"]
    assert (charge.host, charge.payer) == (one.facility.organisation, row.organisation)


def test_whoever_stays_longer_pays_for_it() -> None:
    row = ended(microscope(), State.COMPLETED)
    use(row, timedelta(minutes=-10), timedelta(minutes=20))
    (charge,) = news("booking.completed", row)
    assert charge.amount_inr == Decimal("1500.00")  # 2 h 30 min


@pytest.mark.parametrize(
    ("verb", "state", "is_late", "due", "cause"),
    [
        ("booking.no_show", State.NO_SHOW, False, "1200.00", Cause.NO_SHOW),
        ("booking.cancelled", State.CANCELLED, True, "600.00", Cause.CANCELLATION),
    ],
)
def test_not_coming_and_late_cancellation_cost_their_shares(
    verb: str, state: State, is_late: bool, due: str, cause: Cause
) -> None:
    (charge,) = news(verb, ended(microscope(), state, is_late=is_late))
    assert (charge.amount_inr, charge.cause) == (Decimal(due), cause)


def test_early_cancellation_no_tariff_and_shares_of_nothing_cost_nothing() -> None:
    free = microscope(no_show_percent=0)
    assert news("booking.cancelled", ended(microscope(), State.CANCELLED)) == []
    assert news("booking.completed", ended(microscope(), State.COMPLETED, tariff=None)) == []
    assert news("booking.no_show", ended(free, State.NO_SHOW)) == []


def test_an_institution_does_not_charge_itself() -> None:
    one = microscope()
    row = ended(one, State.COMPLETED, organisation=one.facility.organisation)
    assert news("booking.completed", row) == []


def test_the_same_news_twice_is_one_charge() -> None:
    row = ended(microscope(), State.COMPLETED)
    news("booking.completed", row)
    assert len(news("booking.completed", row)) == 1
    tasks.follow_bookings(list(Event.objects.filter(verb="booking.completed")))
    assert Charge.objects.count() == 1


def test_a_tariff_that_changes_after_the_booking_changes_nothing() -> None:
    one = microscope()
    row = ended(one, State.COMPLETED)
    one.tariffs.update(until_on=date(2026, 11, 20))
    facilities.tariffs(one, rate_inr=Decimal(900), from_on=date(2026, 11, 21))
    (charge,) = news("booking.completed", row)
    assert charge.amount_inr == Decimal("1200.00")


def test_samples_are_charged_when_their_results_are_delivered() -> None:
    service = facilities.service(name="Elemental analysis")
    tariff = facilities.tariff(
        service=service, rate_inr=Decimal("450"), minimum_inr=Decimal("2000")
    )
    order = Order.objects.create(
        service=service, user=user(), organisation=organisation(), user_class=UserClass.ACADEMIA,
        relation=Relation.OUTSIDE, samples=4, note="x", state=OrderState.RECEIVED, tariff=tariff,
        made_at=AT,
    )  # fmt: skip
    assert news("order.received", order) == []
    Order.objects.filter(pk=order.pk).update(state=OrderState.DONE, done_at=AT)
    (charge,) = news("order.done", order)
    assert charge.amount_inr == Decimal("2000.00")  # 4 × 450 = 1,800, and 2,000 at least
    assert (charge.cause, charge.source) == (Cause.SERVICE, f"order/{order.pk}")


def test_bookings_and_billing_speak_of_the_same_news() -> None:
    """Through the actions of bookings: booked, begun, stopped; and booked, cancelled late."""
    one = microscope()
    who, body = member()
    wish = {"actor": who, "instrument": one, "organisation": body, "at": AT}
    used = actions.book(starts_at=TEN, ends_at=TEN + 2 * HOUR, **wish)
    late = actions.book(starts_at=TEN + 3 * HOUR, ends_at=TEN + 4 * HOUR, **wish)
    actions.cancel(actor=who, booking=late, at=TEN, note="Ill")
    begun = use_actions.start(actor=who, booking=used, via=Via.PAGE, at=TEN)
    use_actions.stop(actor=who, use=begun, condition=Condition.GOOD, at=TEN + HOUR)
    following.catch_up("billing.charges")
    found = Charge.objects.order_by("amount_inr").values_list("cause", "amount_inr", "payer")
    assert list(found) == [
        (Cause.CANCELLATION, Decimal("300.00"), body.pk),
        (Cause.USE, Decimal("1200.00"), body.pk),
    ]
