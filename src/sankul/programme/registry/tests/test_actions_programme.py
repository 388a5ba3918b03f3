from datetime import UTC, date, datetime

import pytest

from sankul.core.models import Event
from sankul.core.rules.roles import Role, Scope, ScopeKind
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.registry.actions import programme as actions
from sankul.programme.registry.models import Period
from sankul.programme.registry.tests import makers
from sankul.programme.registry.tests.makers import AT

pytestmark = pytest.mark.django_db


def test_an_officer_of_the_programme_plans_a_period() -> None:
    programme = makers.programme()
    officer = makers.actor_with(Role.PROGRAMME_OFFICER, programme.scopes[0])
    period = actions.plan_period(
        actor=officer,
        programme=programme,
        label="2026-27",
        starts_on=date(2026, 4, 1),
        ends_on=date(2027, 3, 31),
        at=AT,
    )
    assert Period.objects.get() == period
    event = Event.objects.get()
    assert (event.verb, event.subject, event.actor_id) == (
        "period.planned",
        f"period/{period.pk}",
        officer.user_id,
    )
    assert event.scopes == [f"programme:{programme.pk}"]


def test_an_officer_of_another_programme_plans_none() -> None:
    programme = makers.programme()
    stranger = makers.actor_with(
        Role.PROGRAMME_OFFICER, Scope(ScopeKind.PROGRAMME, makers.programme().pk)
    )
    with pytest.raises(Forbidden):
        actions.plan_period(
            actor=stranger,
            programme=programme,
            label="2026-27",
            starts_on=date(2026, 4, 1),
            ends_on=date(2027, 3, 31),
            at=AT,
        )
    assert not Period.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("label", "starts_on", "ends_on", "reason"),
    [
        ("2026-27", date(2027, 3, 31), date(2026, 4, 1), "ends before it begins"),
        ("2026-27", date(2026, 4, 1), date(2026, 4, 1), "longer than one day"),
        ("2025-26", date(2026, 4, 1), date(2027, 3, 31), "of this name already"),
        ("2026-27", date(2026, 3, 31), date(2027, 3, 31), "overlap"),
    ],
)
def test_a_period_that_does_not_fit_is_refused_with_the_reason(
    label: str, starts_on: date, ends_on: date, reason: str
) -> None:
    programme = makers.programme()
    makers.period(programme, 2025)
    with pytest.raises(Refused, match=reason):
        actions.plan_period(
            actor=makers.officer(),
            programme=programme,
            label=label,
            starts_on=starts_on,
            ends_on=ends_on,
            at=AT,
        )
    assert Period.objects.count() == 1
    assert not Event.objects.exists()


def test_a_period_is_opened_once() -> None:
    period, officer = makers.period(), makers.officer()
    assert actions.open_period(actor=officer, period=period, at=AT).opened_at == AT
    with pytest.raises(Refused, match="open to the public already"):
        actions.open_period(actor=officer, period=period, at=AT)
    assert Event.objects.get().verb == "period.opened"


def test_a_period_that_has_not_begun_is_not_opened() -> None:
    period = makers.period(year=2027)
    with pytest.raises(Refused, match="not begun"):
        actions.open_period(actor=makers.officer(), period=period, at=AT)


def test_a_period_begins_at_midnight_in_india() -> None:
    period, officer = makers.period(year=2026), makers.officer()
    evening = datetime(2026, 3, 31, 18, 29, tzinfo=UTC)
    with pytest.raises(Refused, match="not begun"):
        actions.open_period(actor=officer, period=period, at=evening)
    actions.open_period(actor=officer, period=period, at=evening.replace(minute=30))


def test_the_public_opens_no_period() -> None:
    with pytest.raises(Forbidden, match="Sign in first"):
        actions.open_period(actor=makers.public(), period=makers.period(), at=AT)
