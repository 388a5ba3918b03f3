from datetime import date

import pytest

from sankul.core.models import Event
from sankul.core.rules.roles import Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.registry.actions import body as bodies
from sankul.programme.registry.actions import decision as decisions
from sankul.programme.registry.actions import meeting as meetings
from sankul.programme.registry.actions import person as people
from sankul.programme.registry.models import Body, Decision, Meeting, Person
from sankul.programme.registry.rules import BodyKind
from sankul.programme.registry.tests import makers
from sankul.programme.registry.tests.makers import AT, TODAY

pytestmark = pytest.mark.django_db


def test_a_person_is_registered_without_the_name_in_the_log() -> None:
    person = people.register(
        actor=makers.officer(), name="Dr A. Rao", orcid="0000-0002-1825-0097", at=AT
    )
    assert person.orcid == "0000-0002-1825-0097"
    event = Event.objects.get()
    assert event.subject == f"person/{person.pk}"
    assert "Rao" not in event.body
    assert "1825" not in event.body


def test_a_wrong_orcid_id_is_refused() -> None:
    with pytest.raises(Refused, match="“0000-0002-1825-0098” is not an ORCID iD"):
        people.register(actor=makers.officer(), name="X", orcid="0000-0002-1825-0098", at=AT)


def test_an_orcid_id_is_taken_once() -> None:
    makers.person(orcid="0000-0002-1825-0097")
    with pytest.raises(Refused, match="Somebody has this ORCID iD"):
        people.register(actor=makers.officer(), name="X", orcid="0000-0002-1825-0097", at=AT)
    assert Person.objects.count() == 1


def test_the_public_registers_nobody() -> None:
    with pytest.raises(Forbidden):
        people.register(actor=makers.public(), name="X", at=AT)


def test_a_ceo_appoints_in_the_own_cluster_only() -> None:
    cluster, person = makers.cluster(), makers.person()
    ceo = makers.actor_with(Role.CLUSTER_CEO, cluster.scopes[0])
    post = people.appoint(
        actor=ceo, person=person, place=cluster, title="Cluster manager", from_on=TODAY, at=AT
    )
    assert (post.cluster, post.organisation) == (cluster, None)
    for place in (makers.cluster(), makers.organisation()):
        with pytest.raises(Forbidden):
            people.appoint(actor=ceo, person=person, place=place, title="X", from_on=TODAY, at=AT)


def test_an_officer_of_the_platform_records_a_post_at_an_organisation() -> None:
    organisation = makers.organisation()
    post = people.appoint(
        actor=makers.officer(),
        person=makers.person(),
        place=organisation,
        title="Director",
        from_on=None,
        at=AT,
    )
    assert (post.cluster, post.organisation) == (None, organisation)


def test_a_post_does_not_end_before_it_begins() -> None:
    with pytest.raises(Refused, match="ends before it begins"):
        people.appoint(
            actor=makers.officer(),
            person=makers.person(),
            place=makers.cluster(),
            title="X",
            from_on=TODAY,
            until_on=date(2026, 11, 21),
            at=AT,
        )


def test_a_programme_has_one_apex_committee() -> None:
    programme, officer = makers.programme(), makers.officer()
    for kind in (BodyKind.APEX, BodyKind.OFFICE, BodyKind.OFFICE):
        bodies.constitute(
            actor=officer, programme=programme, kind=kind, name=str(kind.label), at=AT
        )
    with pytest.raises(Refused, match="has an apex committee already"):
        bodies.constitute(
            actor=officer, programme=programme, kind=BodyKind.APEX, name="Second", at=AT
        )
    assert Body.objects.count() == 3


def test_a_ceo_constitutes_the_board_of_the_own_cluster_only() -> None:
    cluster = makers.cluster()
    ceo = makers.actor_with(Role.CLUSTER_CEO, cluster.scopes[0])
    board = bodies.constitute(
        actor=ceo,
        programme=cluster.programme,
        cluster=cluster,
        kind=BodyKind.BOARD,
        name="Board",
        at=AT,
    )
    assert Event.objects.get().subject == f"body/{board.pk}"
    with pytest.raises(Forbidden):
        bodies.constitute(
            actor=ceo, programme=cluster.programme, kind=BodyKind.OFFICE, name="Office", at=AT
        )


def test_a_body_is_not_given_to_a_cluster_of_another_programme() -> None:
    with pytest.raises(Refused, match="another programme"):
        bodies.constitute(
            actor=makers.officer(),
            programme=makers.programme(),
            cluster=makers.cluster(),
            kind=BodyKind.BOARD,
            name="Board",
            at=AT,
        )


def test_a_person_takes_a_seat_and_leaves_it() -> None:
    body, officer = makers.body(), makers.officer()
    seat = bodies.seat(
        actor=officer,
        body=body,
        person=makers.person(),
        capacity="Chair",
        from_on=date(2025, 4, 1),
        at=AT,
    )
    assert bodies.unseat(actor=officer, seat=seat, on=TODAY, at=AT).until_on == TODAY
    assert [event.verb for event in Event.objects.all()] == ["body.seated", "body.unseated"]


def test_a_seat_is_taken_once_at_a_time() -> None:
    seat = makers.seat(makers.body())
    with pytest.raises(Refused, match="sits on the body in these days"):
        bodies.seat(
            actor=makers.officer(),
            body=seat.body,
            person=seat.person,
            capacity="Chair",
            from_on=TODAY,
            at=AT,
        )


def test_a_seat_does_not_end_before_it_begins() -> None:
    with pytest.raises(Refused, match="ends before it begins"):
        bodies.seat(
            actor=makers.officer(),
            body=makers.body(),
            person=makers.person(),
            capacity="Chair",
            from_on=TODAY,
            until_on=date(2026, 11, 21),
            at=AT,
        )


@pytest.mark.parametrize(
    ("until_on", "on", "reason"),
    [
        (None, date(2021, 3, 31), "ends before it begins"),
        (date(2025, 3, 31), TODAY, "ended already, on 31 Mar 2025"),
    ],
)
def test_a_seat_is_left_once_and_in_order(until_on: date | None, on: date, reason: str) -> None:
    seat = makers.seat(makers.body(), until_on=until_on)
    with pytest.raises(Refused, match=reason):
        bodies.unseat(actor=makers.officer(), seat=seat, on=on, at=AT)


def test_an_apex_member_seats_and_unseats_nobody() -> None:
    seat = makers.seat(makers.body())
    apex = makers.actor_with(Role.APEX_MEMBER, seat.body.scopes[0])
    with pytest.raises(Forbidden):
        bodies.seat(
            actor=apex,
            body=seat.body,
            person=makers.person(),
            capacity="Member",
            from_on=TODAY,
            at=AT,
        )
    with pytest.raises(Forbidden):
        bodies.unseat(actor=apex, seat=seat, on=TODAY, at=AT)


def test_a_meeting_is_recorded_with_its_minutes() -> None:
    minutes = makers.document()
    meeting = meetings.hold(
        actor=makers.officer(),
        body=makers.body(),
        held_on=TODAY,
        title="Fourth meeting",
        minutes=minutes,
        at=AT,
    )
    assert meeting.minutes == minutes
    assert minutes.sha256 in Event.objects.get().body


@pytest.mark.parametrize(
    ("held_on", "reason"),
    [(date(2026, 11, 23), "in the future"), (date(2026, 9, 15), "on this day is recorded")],
)
def test_a_meeting_that_does_not_fit_is_refused(held_on: date, reason: str) -> None:
    body = makers.meeting().body
    with pytest.raises(Refused, match=reason):
        meetings.hold(actor=makers.officer(), body=body, held_on=held_on, title="X", at=AT)
    assert Meeting.objects.count() == 1


def test_staff_record_no_meeting() -> None:
    cluster = makers.cluster()
    staff = makers.actor_with(Role.CLUSTER_STAFF, cluster.scopes[0])
    body = makers.body(cluster.programme, cluster=cluster, kind=BodyKind.BOARD)
    with pytest.raises(Forbidden):
        meetings.hold(actor=staff, body=body, held_on=TODAY, title="X", at=AT)


def test_an_apex_member_records_a_decision() -> None:
    meeting = makers.meeting()
    apex = makers.actor_with(Role.APEX_MEMBER, meeting.body.scopes[0])
    decision = decisions.record(
        actor=apex,
        meeting=meeting,
        reference="D1",
        text="The framework is approved.",
        subject="framework/3",
        at=AT,
    )
    assert Decision.objects.get() == decision
    assert Event.objects.get().verb == "decision.recorded"


def test_an_officer_decides_nothing() -> None:
    with pytest.raises(Forbidden, match="Apex committee member"):
        decisions.record(
            actor=makers.officer(), meeting=makers.meeting(), reference="D1", text="X", at=AT
        )


def test_what_a_board_decides_is_recorded_by_its_cluster() -> None:
    cluster = makers.cluster()
    meeting = makers.meeting(makers.body(cluster.programme, cluster=cluster, kind=BodyKind.BOARD))
    ceo = makers.actor_with(Role.CLUSTER_CEO, cluster.scopes[0])
    decisions.record(actor=ceo, meeting=meeting, reference="B1", text="X", at=AT)
    apex = makers.actor_with(Role.APEX_MEMBER, cluster.programme.scopes[0])
    with pytest.raises(Forbidden):
        decisions.record(actor=apex, meeting=meeting, reference="B2", text="X", at=AT)


def test_a_reference_stands_once_in_a_meeting() -> None:
    decision = makers.decision()
    apex = makers.actor_with(Role.APEX_MEMBER, decision.meeting.body.scopes[0])
    with pytest.raises(Refused, match="has this reference"):
        decisions.record(
            actor=apex,
            meeting=decision.meeting,
            reference=decision.reference,
            text="X",
            at=AT,
        )
