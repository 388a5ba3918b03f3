"""Who is told when: the escalation's clock, silence windows, digests, letters."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from sankul.core.models import Event, User
from sankul.core.rules.roles import Role, ScopeKind
from sankul.core.rules.verdicts import Refused
from sankul.field.alerts import tasks
from sankul.field.alerts.actions import answering, letters, telling
from sankul.field.alerts.actions.detectors import end_silence, silence
from sankul.field.alerts.models import Alert, Digest
from sankul.field.alerts.rules import AlertSeverity, Rung, Telling
from sankul.field.alerts.rules.news import TOLD
from sankul.field.streams.tests import makers as streams
from sankul.programme.registry.tests.makers import user_with

from . import makers

pytestmark = pytest.mark.django_db
NOON, HOUR = makers.NOON, timedelta(hours=1)


def told(alert: Alert) -> list[str]:
    return list(alert.told.order_by("pk").values_list("rung", flat=True))


def test_who_is_next_is_told_when_nobody_answers() -> None:
    alert = makers.alert(makers.detector(severity=AlertSeverity.URGENT), raised_at=NOON)
    seen = []
    for minutes in (0, 29, 30, 119, 120, 600):
        telling.tell(alerts=[], at=NOON + timedelta(minutes=minutes))
        seen.append(len(told(alert)))
    assert seen == [1, 1, 2, 2, 3, 3]
    assert told(alert) == ["operator", "cluster", "programme"]


def test_the_programme_is_not_called_for_a_notice() -> None:
    alert = makers.alert(makers.detector(severity=AlertSeverity.NOTICE), raised_at=NOON)
    telling.tell(alerts=[], at=NOON + 1000 * HOUR)
    assert told(alert) == ["operator", "cluster"]


def test_once_somebody_is_on_it_nobody_else_is_told() -> None:
    alert = makers.alert(makers.detector(severity=AlertSeverity.URGENT), raised_at=NOON)
    telling.tell(alerts=[], at=NOON)
    answering.acknowledge(actor=makers.operator(alert.thing), alert=alert, at=NOON)  # type: ignore[arg-type]
    telling.tell(alerts=[], at=NOON + 5 * HOUR)
    assert told(alert) == ["operator"]


def test_in_a_silence_window_an_alert_is_recorded_and_told_after_it_if_it_still_stands() -> None:
    alert = makers.alert()
    window = makers.silence(alert.thing)
    assert telling.tell(alerts=[alert], at=NOON) == 0
    alert.refresh_from_db()
    assert (alert.telling, alert.silence) == (Telling.SILENT, window)
    assert telling.tell(alerts=[], at=window.ends_at) == 1
    alert.refresh_from_db()
    assert alert.telling == Telling.NOW


def test_a_window_of_the_whole_cluster_covers_its_things_and_no_others() -> None:
    mine, other = makers.alert(), makers.alert()
    window = makers.silence(mine.thing)
    window.thing = None
    window.save()
    telling.tell(alerts=[mine, other], at=NOON)
    assert [mine.telling, other.telling] == [Telling.SILENT, Telling.NOW]


def test_a_window_that_is_over_can_be_ended_no_more_and_none_is_set_for_the_past() -> None:
    thing = streams.thing()
    actor = makers.operator(thing)
    with pytest.raises(Refused, match="after now"):
        silence(actor=actor, thing=thing, reason="x", starts_at=NOON, ends_at=NOON + HOUR, at=NOON + 2 * HOUR)  # fmt: skip
    window = silence(actor=actor, thing=thing, reason="x", starts_at=NOON - HOUR, ends_at=NOON + HOUR, at=NOON)  # fmt: skip
    assert window.starts_at == NOON  # nothing is silenced afterwards
    end_silence(actor=actor, silence=window, at=NOON + HOUR / 2)
    with pytest.raises(Refused, match="ended already"):
        end_silence(actor=actor, silence=window, at=NOON + HOUR)


def many(count: int, severity: AlertSeverity = AlertSeverity.WARNING) -> list[Alert]:
    """So many alerts of one site."""
    thing = streams.thing()
    return [
        makers.alert(
            makers.detector(streams.stream(thing), severity=severity),
            raised_at=NOON + n * HOUR / 60,
        )
        for n in range(count)
    ]


def test_more_than_five_alerts_of_a_site_become_one_letter_of_the_day() -> None:
    alerts = many(8)
    for alert in alerts:
        telling.tell(alerts=[alert], at=alert.raised_at)
    assert [alert.telling for alert in alerts] == ["now"] * 5 + ["digest"] * 3
    assert sum(len(told(alert)) for alert in alerts) == 5
    telling.tell(alerts=[], at=NOON + 24 * HOUR)
    telling.tell(alerts=[], at=NOON + 25 * HOUR)
    digest = Digest.objects.get()
    assert digest.alerts == 3
    assert Event.objects.filter(verb="alert.digest").count() == 1


def test_urgent_ones_are_told_however_many_they_are() -> None:
    alerts = many(8, AlertSeverity.URGENT)
    for alert in alerts:
        telling.tell(alerts=[alert], at=alert.raised_at)
    assert {alert.telling for alert in alerts} == {"now"}


def staffed(alert: Alert) -> dict[Rung, User]:
    assert alert.cluster is not None
    cluster, programme = alert.cluster.scopes[0], alert.cluster.programme.scopes[0]
    assert cluster.kind == ScopeKind.CLUSTER
    return {
        Rung.OPERATOR: user_with(Role.OPERATOR, cluster),
        Rung.CLUSTER: user_with(Role.CLUSTER_STAFF, cluster),
        Rung.PROGRAMME: user_with(Role.PROGRAMME_OFFICER, programme),
    }


def test_each_rung_is_mailed_to_its_own_people_with_the_way_to_the_alert() -> None:
    alert = makers.alert(makers.detector(guidance="Look for a burst main."))
    people = staffed(alert)
    user_with(Role.OPERATOR, streams.thing().cluster.scopes[0])  # type: ignore[union-attr]
    for rung, person in people.items():
        mail.outbox.clear()
        assert letters.send(alert_id=alert.pk, rung=rung, at=NOON) == 1
        [letter] = mail.outbox
        assert letter.to == [person.email]
        assert f"/alerts/{alert.pk}/" in letter.body
        assert "Look for a burst main." in letter.body


def test_what_was_answered_meanwhile_is_not_mailed() -> None:
    alert = makers.acknowledged()
    staffed(alert)
    assert letters.send(alert_id=alert.pk, rung=Rung.OPERATOR, at=NOON) == 0


def test_a_fictional_cluster_mails_nobody() -> None:
    alert = makers.alert()
    staffed(alert)
    assert alert.cluster is not None
    type(alert.cluster.programme).objects.update(is_demonstration=True)
    assert letters.send(alert_id=alert.pk, rung=Rung.OPERATOR, at=NOON) == 0


def test_a_digest_lists_its_alerts() -> None:
    alerts = many(7)
    staffed(alerts[0])
    for alert in alerts:
        telling.tell(alerts=[alert], at=alert.raised_at)
    mail.outbox.clear()
    assert letters.send_digest(digest_id=Digest.objects.get().pk, at=NOON) == 1
    assert "2 more alerts" in mail.outbox[0].subject
    assert alerts[6].detector.name in mail.outbox[0].body


def test_the_log_asks_for_letters_in_the_transaction_that_moves_on(monkeypatch: Any) -> None:
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(tasks.mail_alert, "defer", lambda **given: asked.append(given))
    now = timezone.now()
    alert = makers.alert(raised_at=now)
    telling.tell(alerts=[], at=now)
    tasks.follow_letters(list(Event.objects.filter(verb__in=TOLD)))
    assert asked == [{"alert_id": alert.pk, "rung": "operator"}]
    asked.clear()
    old = makers.alert(raised_at=NOON)
    telling.tell(alerts=[], at=NOON)
    tasks.follow_letters(list(Event.objects.filter(verb__in=TOLD, subject=f"alert/{old.pk}")))
    assert asked == []
