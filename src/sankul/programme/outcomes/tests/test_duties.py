"""Duties: spans and due days, returns that say "all" or "nothing", and reminders that do not pester."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from sankul.core.models import Event, User
from sankul.core.queries.actors import actor as actor_of
from sankul.core.rules.roles import Actor, Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.outcomes.actions import duties as actions
from sankul.programme.outcomes.models import Duty, DutyReturn, Reminder
from sankul.programme.outcomes.queries import duties as queries
from sankul.programme.outcomes.rules import ClaimStatus
from sankul.programme.outcomes.rules.duties import (
    DueState,
    Every,
    Span,
    Stage,
    span_of,
    spans,
    stage_of,
    state_of,
)
from sankul.programme.registry.models import Cluster
from sankul.programme.registry.tests import makers

from . import makers as made

APRIL = date(2026, 4, 1)
TRAINING = ["training_event", "training_attendance"]


def _at(year: int, month: int, day: int) -> datetime:
    """Half past seven in India."""
    return datetime(year, month, day, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("every", "day", "span"),
    [
        (Every.MONTH, date(2026, 2, 14), ("2026-02-01", "2026-02-28")),
        (Every.MONTH, date(2026, 12, 31), ("2026-12-01", "2026-12-31")),
        (Every.QUARTER, date(2026, 4, 1), ("2026-04-01", "2026-06-30")),
        (Every.QUARTER, date(2026, 3, 31), ("2026-01-01", "2026-03-31")),
        (Every.HALF_YEAR, date(2026, 9, 30), ("2026-04-01", "2026-09-30")),
        (Every.HALF_YEAR, date(2027, 2, 1), ("2026-10-01", "2027-03-31")),
        (Every.YEAR, date(2026, 3, 31), ("2025-04-01", "2026-03-31")),
        (Every.YEAR, date(2026, 4, 1), ("2026-04-01", "2027-03-31")),
    ],
)
def test_spans_are_parts_of_the_financial_year(
    every: Every, day: date, span: tuple[str, str]
) -> None:
    assert tuple(one.isoformat() for one in span_of(every, day)) == span


@given(st.sampled_from(Every), st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_every_day_lies_in_one_span_and_spans_follow_each_other(every: Every, day: date) -> None:
    span = span_of(every, day)
    assert span.starts_on <= day <= span.ends_on
    assert span_of(every, span.starts_on) == span == span_of(every, span.ends_on)
    assert span_of(every, span.ends_on + timedelta(1)).starts_on == span.ends_on + timedelta(1)


def test_a_duty_begins_with_the_first_whole_span() -> None:
    found = list(spans(Every.MONTH, date(2026, 4, 2), date(2026, 7, 1)))
    assert [one.starts_on.month for one in found] == [5, 6, 7]


MAY = Span(date(2026, 5, 1), date(2026, 5, 31))
TENTH = date(2026, 6, 10)


@pytest.mark.parametrize(
    ("today", "state", "stage"),
    [
        (date(2026, 5, 31), DueState.RUNNING, None),
        (date(2026, 6, 1), DueState.DUE, None),
        (date(2026, 6, 3), DueState.DUE, Stage.BEFORE),
        (date(2026, 6, 10), DueState.DUE, Stage.DUE),
        (date(2026, 6, 11), DueState.OVERDUE, Stage.DUE),
        (date(2026, 6, 13), DueState.OVERDUE, Stage.AFTER),
        (date(2026, 6, 20), DueState.OVERDUE, Stage.ESCALATED),
    ],
)
def test_what_a_return_is_and_what_reminds_of_it(
    today: date, state: DueState, stage: Stage | None
) -> None:
    assert state_of(MAY, TENTH, today, is_made=False) == state
    assert state_of(MAY, TENTH, today, is_made=True) == DueState.MADE
    assert stage_of(MAY, TENTH, today) == stage


@pytest.fixture
def cluster(db: None) -> Cluster:
    return makers.cluster(makers.programme(slug="city", starts_on=date(2020, 4, 1)), name="Nagar")


@pytest.fixture
def staff(cluster: Cluster) -> Actor:
    return _person(cluster, Role.CLUSTER_STAFF, "staff@example.org")


def _person(cluster: Cluster, role: Role, email: str, language: str = "en") -> Actor:
    user = makers.user_with(role, cluster.scopes[0])
    user.email, user.name, user.language = email, "Asha", language
    user.save()
    return actor_of(user, makers.AT)


def _duty(cluster: Cluster, **given: Any) -> Duty:
    defaults = {
        "title": "Monthly training return", "kinds": TRAINING, "every": Every.MONTH, "due_days": 10,
        "from_on": APRIL, "at": makers.AT,
    }  # fmt: skip
    return actions.set_duty(actor=makers.officer(), programme=cluster.programme, **defaults | given)


def _states(cluster: Cluster, at: datetime) -> list[tuple[int, str]]:
    found = queries.what_is_due([cluster], at)
    return [(one.span.starts_on.month, one.state.value) for one in found]


def test_what_is_due_is_told_with_the_overdue_first(cluster: Cluster, staff: Actor) -> None:
    duty = _duty(cluster)
    actions.make_return(
        actor=staff, duty=duty, cluster=cluster, starts_on=APRIL, claims=0, at=_at(2026, 5, 3)
    )
    assert _states(cluster, _at(2026, 7, 3)) == [
        (5, "overdue"), (6, "due"), (7, "running"), (4, "made"),
    ]  # fmt: skip


def test_a_cluster_owes_nothing_from_before_it_was_launched(cluster: Cluster) -> None:
    _duty(cluster)
    Cluster.objects.update(launched_on=date(2026, 6, 1))
    cluster.refresh_from_db()
    assert [month for month, _state in _states(cluster, _at(2026, 7, 3))] == [6, 7]


def test_a_duty_that_ended_asks_for_no_new_return(cluster: Cluster) -> None:
    duty = _duty(cluster)
    officer = makers.officer()
    actions.end_duty(actor=officer, duty=duty, until_on=date(2026, 5, 15), at=makers.AT)
    assert _states(cluster, _at(2026, 9, 3)) == [(4, "overdue"), (5, "overdue")]
    with pytest.raises(Refused, match="ended already"):
        actions.end_duty(actor=officer, duty=duty, until_on=date(2026, 5, 15), at=makers.AT)


def test_a_return_says_that_these_claims_are_all(cluster: Cluster, staff: Actor) -> None:
    duty = _duty(cluster)
    for day, status in ((10, "submitted"), (11, "submitted"), (12, "withdrawn")):
        made.claim(cluster, kind="training_event", on=date(2026, 5, day), status=status)
    made.claim(cluster, kind="outreach_item", on=date(2026, 5, 10))
    made.claim(cluster, kind="training_event", on=date(2026, 6, 1))
    asked = {"actor": staff, "duty": duty, "cluster": cluster, "starts_on": MAY.starts_on}
    with pytest.raises(Refused, match="There are 2 claims now"):
        actions.make_return(**asked, claims=1, at=_at(2026, 6, 3))
    row = actions.make_return(**asked, claims=2, at=_at(2026, 6, 3))
    assert (row.starts_on, row.ends_on, row.claims, row.made_by) == (*MAY, 2, staff.user)
    event = Event.objects.latest("seq")
    assert (event.verb, event.scopes[0]) == ("return.made", f"cluster:{cluster.pk}")
    with pytest.raises(Refused, match="made already"):
        actions.make_return(**asked, claims=2, at=_at(2026, 6, 3))


@pytest.mark.parametrize("status", [ClaimStatus.DRAFT, ClaimStatus.RETURNED])
def test_a_draft_in_the_span_is_dealt_with_first(
    cluster: Cluster, staff: Actor, status: ClaimStatus
) -> None:
    duty = _duty(cluster)
    made.claim(cluster, kind="training_event", on=date(2026, 5, 10), status=status)
    with pytest.raises(Refused, match="1 drafts of these kinds lie in this span"):
        actions.make_return(
            actor=staff, duty=duty, cluster=cluster, starts_on=MAY.starts_on, claims=0,
            at=_at(2026, 6, 3),
        )  # fmt: skip


@pytest.mark.parametrize(
    ("starts_on", "at", "why"),
    [
        (date(2026, 6, 1), _at(2026, 6, 30), "The span is not over"),
        (date(2026, 5, 2), _at(2026, 6, 3), "There is no such return to make"),
        (date(2026, 3, 1), _at(2026, 6, 3), "There is no such return to make"),
        (date(2026, 9, 1), _at(2026, 6, 3), "There is no such return to make"),
    ],
)
def test_a_return_is_made_for_a_span_that_is_over(
    cluster: Cluster, staff: Actor, starts_on: date, at: datetime, why: str
) -> None:
    duty = _duty(cluster)
    with pytest.raises(Refused, match=why):
        actions.make_return(
            actor=staff, duty=duty, cluster=cluster, starts_on=starts_on, claims=0, at=at
        )


def test_who_may_do_what(cluster: Cluster, staff: Actor) -> None:
    duty = _duty(cluster)
    beside = makers.cluster(cluster.programme)
    asked = {"duty": duty, "starts_on": APRIL, "claims": 0, "at": _at(2026, 5, 3)}
    for who, place in ((staff, beside), (makers.officer(), cluster)):
        with pytest.raises(Forbidden):
            actions.make_return(actor=who, cluster=place, **asked)
    with pytest.raises(Forbidden):
        actions.end_duty(actor=staff, duty=duty, until_on=APRIL, at=makers.AT)
    foreign = makers.cluster()
    stranger = _person(foreign, Role.CLUSTER_STAFF, "far@example.org")
    with pytest.raises(Refused, match="no such return"):
        actions.make_return(actor=stranger, cluster=foreign, **asked)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"kinds": []}, "Choose at least one kind"),
        ({"kinds": ["nothing"]}, "is no kind of claim"),
        ({"due_days": 0}, "due 1 to 180 days after"),
        ({"due_days": 181}, "due 1 to 180 days after"),
    ],
)
def test_a_duty_that_cannot_be_is_refused(
    cluster: Cluster, given: dict[str, Any], why: str
) -> None:
    with pytest.raises(Refused, match=why):
        _duty(cluster, **given)
    assert not Duty.objects.exists()


def test_a_title_stands_once_while_its_duty_lasts(cluster: Cluster) -> None:
    duty = _duty(cluster)
    with pytest.raises(Refused, match="a duty of this title already"):
        _duty(cluster)
    actions.end_duty(actor=makers.officer(), duty=duty, until_on=APRIL, at=makers.AT)
    _duty(cluster)


def test_reminders_come_before_on_and_after_the_day_and_then_go_to_the_ceo(
    cluster: Cluster, staff: Actor
) -> None:
    _person(cluster, Role.CLUSTER_CEO, "ceo@example.org")
    _duty(cluster, every=Every.YEAR, from_on=date(2025, 4, 1))
    sent: dict[str, list[str]] = {}
    day = date(2026, 3, 25)
    while day < date(2026, 5, 15):
        mail.outbox.clear()
        actions.remind(at=_at(day.year, day.month, day.day))
        if mail.outbox:
            sent[day.isoformat()] = sorted(one.to[0] for one in mail.outbox)
        day += timedelta(1)
    assert sent == {
        "2026-04-03": ["staff@example.org"],
        "2026-04-10": ["staff@example.org"],
        "2026-04-13": ["staff@example.org"],
        "2026-04-20": ["ceo@example.org", "staff@example.org"],
    }


def test_one_mail_a_person_a_day_lists_everything(cluster: Cluster, staff: Actor) -> None:
    _duty(cluster)
    _duty(cluster, title="Quarterly return", every=Every.QUARTER)
    assert actions.remind(at=_at(2026, 7, 20)) == 1
    assert actions.remind(at=_at(2026, 7, 20)) == 0
    (one,) = mail.outbox
    assert one.subject == "4 returns are overdue"
    assert one.body.count("/duties/") == 5
    assert "- Monthly training return, Nagar: 1 Apr 2026 – 30 Apr 2026, was due on 10 May 2026" in (
        one.body
    )
    assert one.extra_headers["Auto-Submitted"] == "auto-generated"
    assert "http://127.0.0.1" in one.body
    assert "&" not in one.body
    assert actions.remind(at=_at(2026, 7, 21)) == 0


def test_a_return_that_is_made_is_not_reminded_of(cluster: Cluster, staff: Actor) -> None:
    duty = _duty(cluster, from_on=MAY.starts_on)
    at = _at(2026, 6, 10)
    actions.make_return(
        actor=staff, duty=duty, cluster=cluster, starts_on=MAY.starts_on, claims=0, at=at
    )
    assert actions.remind(at=at) == 0


def test_who_left_or_lost_the_role_is_not_reminded(cluster: Cluster, staff: Actor) -> None:
    _duty(cluster)
    assert staff.user
    staff.user.grants.update(until_on=date(2026, 5, 1))
    assert actions.remind(at=_at(2026, 6, 10)) == 0
    staff.user.grants.update(until_on=None)
    User.objects.update(is_active=False)
    assert actions.remind(at=_at(2026, 6, 10)) == 0


def test_where_there_is_no_staff_the_ceo_is_reminded(cluster: Cluster) -> None:
    _person(cluster, Role.CLUSTER_CEO, "ceo@example.org")
    _duty(cluster)
    assert actions.remind(at=_at(2026, 5, 3)) == 1


def test_fictional_people_get_no_mail(cluster: Cluster, staff: Actor) -> None:
    _duty(cluster)
    type(cluster.programme).objects.update(is_demonstration=True)
    assert actions.remind(at=_at(2026, 6, 10)) == 0


def test_a_reminder_is_in_the_language_of_its_reader(cluster: Cluster) -> None:
    _person(cluster, Role.CLUSTER_STAFF, "staff@example.org", language="hi")
    _duty(cluster)
    actions.remind(at=_at(2026, 5, 10))
    assert "10 मई 2026" in mail.outbox[0].body


def test_a_mail_that_cannot_be_sent_is_tried_again(
    cluster: Cluster, staff: Actor, settings: Any
) -> None:
    _duty(cluster)
    sound = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 9, 1
    with pytest.raises(OSError, match="refused"):
        actions.remind(at=_at(2026, 5, 10))
    assert not Reminder.objects.exists()
    settings.EMAIL_BACKEND = sound
    assert actions.remind(at=_at(2026, 5, 10)) == 1


@pytest.fixture
def past(cluster: Cluster) -> Duty:
    """A duty whose first span is over today."""
    year = timezone.localdate().year - 1
    return _duty(cluster, every=Every.YEAR, from_on=date(year - 1, 4, 1))


def test_a_return_is_confirmed_on_its_page(
    client: Client, cluster: Cluster, staff: Actor, past: Duty
) -> None:
    assert staff.user
    client.force_login(staff.user)
    page = client.get("/duties/").content.decode()
    address = f"/duties/{past.pk}/{cluster.pk}/{past.from_on}/"
    assert address in page
    assert "overdue" in page
    asked = client.get(address).content.decode()
    assert "Nothing this time" in asked
    assert client.post(address, {"claims": "1"}).status_code == 409
    assert client.post(address, {"claims": "0"})["Location"] == "/duties/"
    assert DutyReturn.objects.get().claims == 0
    assert "Nothing this time." in client.get(address).content.decode()
    for wrong in ("2020-01-01", "yesterday", "2026-02-31"):
        assert client.get(f"/duties/{past.pk}/{cluster.pk}/{wrong}/").status_code == 404


def test_an_officer_sets_and_ends_duties_on_their_page(client: Client, cluster: Cluster) -> None:
    officer = makers.officer().user
    assert officer
    client.force_login(officer)
    sent = {
        "title": "Training", "kinds": TRAINING, "every": "month", "due_days": "10",
        "from_on": "2026-04-01",
    }  # fmt: skip
    assert client.post("/duties/of/city/", sent | {"due_days": "0"}).status_code == 422
    assert client.post("/duties/of/city/", sent).status_code == 302
    assert client.post("/duties/of/city/", sent).status_code == 422
    duty = Duty.objects.get()
    assert duty.kinds == TRAINING
    assert client.get(f"/duties/{duty.pk}/end/").status_code == 200
    assert client.post(f"/duties/{duty.pk}/end/").status_code == 302
    assert "open" not in client.get("/duties/of/city/").content.decode().split("</table>")[0]


def test_the_pages_of_duties_are_closed_to_others(
    client: Client, cluster: Cluster, staff: Actor, past: Duty
) -> None:
    address = f"/duties/{past.pk}/{cluster.pk}/{past.from_on}/"
    assert client.get("/duties/").status_code == 302
    assert client.get(address).status_code == 302
    stranger = makers.user_with(Role.CLUSTER_STAFF, makers.cluster(cluster.programme).scopes[0])
    client.force_login(stranger)
    assert client.get(address).status_code == 404
    assert client.get("/duties/of/city/").status_code == 403
    assert client.get(f"/duties/{past.pk}/end/").status_code == 404
    evaluator = makers.user_with(Role.EVALUATOR, cluster.programme.scopes[0])
    client.force_login(evaluator)
    assert client.get("/duties/").status_code == 200
    assert client.get(address).status_code == 403


def test_the_list_takes_no_more_queries_for_more_returns(
    cluster: Cluster, django_assert_num_queries: Any
) -> None:
    _duty(cluster)
    for number in range(2):
        _duty(cluster, title=f"Return {number}")
    with django_assert_num_queries(2):
        assert len(queries.what_is_due([cluster], _at(2026, 9, 3))) == 18
