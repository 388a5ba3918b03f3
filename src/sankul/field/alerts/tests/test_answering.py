"""From the alert to its cause: who may do what, and when not yet."""

from datetime import timedelta

import pytest

from sankul.core.models import Event
from sankul.core.queries.documents import readable
from sankul.core.rules.roles import Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.field.alerts.actions import answering, raising
from sankul.field.alerts.models import Alert
from sankul.field.alerts.rules import AlertCause, AlertState
from sankul.field.streams.tests import makers as streams
from sankul.programme.registry.tests import makers as registry

from . import makers

pytestmark = pytest.mark.django_db
AT, NOON, HOUR = makers.AT, makers.NOON, timedelta(hours=1)


def began(alert, actor, **fields):
    given = {"what": "Flush the line", "owner_post": "Engineer", "due_at": AT + HOUR, "at": AT}
    return answering.act(actor=actor, alert=alert, **given | fields)


def test_the_whole_way_leaves_a_trace_in_the_log():
    alert, _ = raising.raise_(detector=makers.detector(), began_at=NOON, at=NOON, worst=7.5)
    operator = makers.operator(alert.thing)
    answering.acknowledge(actor=operator, alert=alert, at=AT)
    action = began(alert, operator)
    answering.prove(
        actor=operator,
        action=action,
        note="Flushed.",
        documents=[registry.document()],
        at=AT + HOUR,
    )
    raising.end(alert=alert, ended_at=AT, at=AT)
    closed = answering.close(actor=operator, alert=alert, cause=AlertCause.REAL, at=AT + 2 * HOUR)
    assert (closed.state, closed.acted_at) == (AlertState.CLOSED, AT + HOUR)
    verbs = Event.objects.filter(subject=f"alert/{alert.pk}").order_by("seq")
    assert list(verbs.values_list("verb", flat=True)) == [
        "alert.raised", "alert.acknowledged", "alert.action_begun", "alert.action_done",
        "alert.ended", "alert.closed",
    ]  # fmt: skip


def test_it_is_acknowledged_once():
    alert = makers.alert()
    operator = makers.operator(alert.thing)
    answering.acknowledge(actor=operator, alert=alert, at=AT)
    with pytest.raises(Refused, match="It is acknowledged already"):
        answering.acknowledge(actor=operator, alert=alert, at=AT)


def test_an_operator_elsewhere_answers_nothing():
    alert, elsewhere = makers.alert(), streams.thing()
    with pytest.raises(Forbidden):
        answering.acknowledge(actor=makers.operator(elsewhere), alert=alert, at=AT)
    assert Alert.objects.visible_to(makers.operator(elsewhere)).count() == 0
    assert Alert.objects.visible_to(makers.operator(alert.thing)).count() == 1


def test_a_programme_officer_sees_and_does_not_answer():
    alert = makers.alert()
    officer = registry.actor_with(Role.PROGRAMME_OFFICER)
    assert Alert.objects.visible_to(officer).count() == 1
    with pytest.raises(Forbidden):
        answering.acknowledge(actor=officer, alert=alert, at=AT)


def test_who_acts_has_acknowledged():
    alert = makers.alert()
    began(alert, makers.operator(alert.thing))
    alert.refresh_from_db()
    assert (alert.state, alert.acknowledged_at) == (AlertState.ACTING, AT)


def test_an_action_is_not_due_in_the_past():
    alert = makers.alert()
    with pytest.raises(Refused, match="has passed"):
        began(alert, makers.operator(alert.thing), due_at=AT - HOUR)


def test_an_action_says_who_and_what():
    alert = makers.alert()
    with pytest.raises(Refused, match="What is done: This field cannot be blank"):
        began(alert, makers.operator(alert.thing), what=" ")


def test_what_was_done_is_told_in_words():
    alert = makers.acknowledged()
    operator = makers.operator(alert.thing)
    with pytest.raises(Refused, match="Say what was found"):
        answering.prove(actor=operator, action=makers.action(alert), note=" ", at=AT)


def test_done_without_a_document_is_done_but_not_proven():
    alert = makers.acknowledged()
    operator = makers.operator(alert.thing)
    action = answering.prove(actor=operator, action=makers.action(alert), note="Flushed.", at=AT)
    alert.refresh_from_db()
    assert (action.done_at, alert.acted_at) == (AT, None)
    with pytest.raises(Refused, match="Attach what shows more"):
        answering.prove(actor=operator, action=action, note="Again.", at=AT + HOUR)
    more = [registry.document()]
    shown = answering.prove(actor=operator, action=action, note="", documents=more, at=AT + HOUR)
    alert.refresh_from_db()
    assert (shown.done_at, alert.acted_at) == (AT, AT + HOUR)


def closing(alert, cause=AlertCause.REAL, **fields):
    actor = makers.operator(alert.thing)
    return answering.close(actor=actor, alert=alert, cause=cause, at=AT, **fields)


def test_what_nobody_acknowledged_is_not_closed():
    with pytest.raises(Refused, match="Acknowledge it first"):
        closing(makers.alert(ended_at=AT))


def test_it_is_closed_with_a_known_cause():
    with pytest.raises(Refused, match="what the cause was"):
        closing(makers.acknowledged(ended_at=AT), "gremlins")


def test_it_is_not_closed_while_an_action_is_undone():
    alert = makers.acknowledged(ended_at=AT)
    makers.action(alert)
    with pytest.raises(Refused, match="not done yet"):
        closing(alert)


def test_it_stays_open_while_values_stand_out_unless_the_sensor_lies():
    alert = makers.acknowledged()
    makers.action(alert, done_at=AT)
    with pytest.raises(Refused, match="not returned to normal"):
        closing(alert)
    assert closing(alert, AlertCause.SENSOR).state == AlertState.CLOSED


def test_a_real_change_asks_for_an_action():
    with pytest.raises(Refused, match="Nothing was done"):
        closing(makers.acknowledged(ended_at=AT))


def test_where_nothing_was_to_do_a_note_says_why():
    alert = makers.acknowledged(ended_at=AT)
    with pytest.raises(Refused, match="why nothing had to be done"):
        closing(alert, AlertCause.WEATHER)
    assert closing(alert, AlertCause.WEATHER, note="The first rain.").note == "The first rain."
    with pytest.raises(Refused, match="closed already"):
        closing(alert, AlertCause.WEATHER, note="The first rain.")


def test_a_closed_alert_takes_no_action_and_no_proof():
    alert = makers.acknowledged(
        ended_at=AT, state=AlertState.CLOSED, closed_at=AT, cause=AlertCause.WEATHER
    )
    action = makers.action(alert)
    operator = makers.operator(alert.thing)
    with pytest.raises(Refused, match="is closed"):
        began(alert, operator)
    with pytest.raises(Refused, match="stays as it was told"):
        answering.prove(actor=operator, action=action, note="Late.", at=AT)


def test_proof_is_read_by_who_sees_the_alert():
    alert = makers.acknowledged()
    document = makers.proof(makers.action(alert)).document
    assert document in readable(makers.operator(alert.thing))
    assert document not in readable(makers.operator(streams.thing()))
    assert document not in readable(registry.public())


def test_the_same_again_is_the_same_alert():
    detector = makers.detector()
    first, is_new = raising.raise_(detector=detector, began_at=NOON, at=NOON, worst=7.5, level=5)
    again, is_new_again = raising.raise_(
        detector=detector, began_at=NOON, at=NOON + HOUR, worst=9, level=5
    )
    assert (is_new, is_new_again, first.pk) == (True, False, again.pk)
    assert (again.worst, again.times) == (9, 1)


def test_what_begins_again_within_the_cool_down_is_the_same_and_open_again():
    detector = makers.detector(cool_down_s=3600)
    known = makers.acknowledged(
        detector, ended_at=NOON, state=AlertState.CLOSED, closed_at=NOON, cause=AlertCause.WEATHER
    )
    again, is_new = raising.raise_(detector=detector, began_at=NOON + HOUR, at=AT)
    assert (again.pk, is_new, again.times) == (known.pk, True, 2)
    assert (again.state, again.cause, again.ended_at) == (AlertState.ACKNOWLEDGED, "", None)


def test_what_begins_again_after_the_cool_down_is_another():
    detector = makers.detector(cool_down_s=3600)
    makers.acknowledged(
        detector, ended_at=NOON, state=AlertState.CLOSED, closed_at=NOON, cause=AlertCause.WEATHER
    )
    later = NOON + timedelta(seconds=3601)
    assert raising.raise_(detector=detector, began_at=later, at=AT).is_news
    assert Alert.objects.count() == 2
