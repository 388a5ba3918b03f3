"""Watching: what comes in is put before its detectors, once, whatever the order, and by one watcher at a time."""

from datetime import timedelta

import numpy as np
import pytest
from django.db import connection, connections, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from sankul.core.models import Event
from sankul.core.rules.verdicts import Refused
from sankul.field.alerts.actions import watch as watching
from sankul.field.alerts.actions.watch import watch
from sankul.field.alerts.models import Alert, Detector, DetectorState
from sankul.field.alerts.rules import AlertCause, AlertState, DetectorKind
from sankul.field.streams.actions.ingest import ingest
from sankul.field.streams.actions.sta.removing import remove
from sankul.field.streams.models import Observation
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import DoorName
from sankul.field.streams.rules.batches import Batch
from sankul.field.streams.tests import makers as streams

from . import makers

pytestmark = pytest.mark.django_db
TERMINAL = Sender(DoorName.COMMAND)
NOON, MINUTE = makers.NOON, timedelta(minutes=1)


def minute(number):
    return NOON + number * MINUTE


def sent(stream, rows, at=None):
    """Take in values by their minute after NOON."""
    batch = Batch.of(*((stream.pk, minute(number), value) for number, value in rows.items()))
    ingest(batch=batch, sender=TERMINAL, at=at or minute(max(rows)))


def told(alerts=None):
    rows = Alert.objects.order_by("began_at") if alerts is None else alerts
    return [
        (
            (alert.began_at - NOON) // MINUTE,
            None if alert.ended_at is None else (alert.ended_at - NOON) // MINUTE,
            alert.worst,
        )
        for alert in rows
    ]


def test_what_comes_in_raises_and_ends_an_alert_with_its_observations():
    detector = makers.detector()
    sent(detector.stream, {0: 3.0, 15: 6.0, 30: 8.0})
    done = watch(at=minute(31))
    assert (done.looked_at, done.raised) == (1, 1)
    alert = Alert.objects.get()
    assert told() == [(15, None, 8.0)]
    assert (alert.level, alert.raised_at) == (5.0, minute(31))
    [known] = Observation.objects.filter(pk__in=alert.observation_ids)
    assert (known.time, known.value) == (minute(15), 6.0)
    sent(detector.stream, {45: 3.5})
    assert watch(at=minute(46)).ended == 1
    assert told() == [(15, 45, 8.0)]


def test_watching_again_does_nothing():
    detector = makers.detector()
    sent(detector.stream, {0: 9.0})
    watch(at=minute(1))
    before = Event.objects.count()
    assert watch(at=minute(1)) == (0, 0, 0, 0)
    assert (Alert.objects.count(), Event.objects.count()) == (1, before)


def test_what_stands_gets_worse():
    detector = makers.detector()
    sent(detector.stream, {0: 6.0})
    watch(at=minute(1))
    sent(detector.stream, {15: 11.0})
    watch(at=minute(16))
    assert told() == [(0, None, 11.0)]


def test_the_observations_that_raised_it_may_have_come_in_earlier_batches():
    parameters = {"raise_at": 5, "clear_at": 4, "for_s": 1800}
    detector = makers.detector(parameters=parameters)
    for number in (0, 15, 30):
        sent(detector.stream, {number: 6.0})
        watch(at=minute(number + 1))
    assert len(Alert.objects.get().observation_ids) == 3


def test_what_failed_a_quality_test_raises_nothing():
    detector = makers.detector()
    streams.gross_range(detector.stream, 0, 100)
    sent(detector.stream, {0: 500.0})
    watch(at=minute(1))
    assert told() == []


def test_a_new_detector_raises_what_stands_and_not_what_was():
    stream = streams.stream()
    sent(stream, {0: 9.0, 15: 1.0, 30: 7.0})
    makers.detector(stream)
    watch(at=minute(31))
    assert told() == [(30, None, 7.0)]


def test_a_changed_detector_begins_anew_and_ends_what_it_would_not_raise():
    detector = makers.detector()
    sent(detector.stream, {0: 6.0})
    watch(at=minute(1))
    detector.parameters, detector.version = {"raise_at": 10, "clear_at": 9}, 2
    detector.save()
    watch(at=minute(2))
    assert told() == [(0, 0, 6.0)]


def test_a_detector_that_is_off_is_not_looked_at():
    detector = makers.detector(is_enabled=False)
    sent(detector.stream, {0: 9.0})
    assert watch(at=minute(1)).looked_at == 0


def test_a_late_observation_is_looked_at_again():
    detector = makers.detector()
    sent(detector.stream, {0: 3.0, 60: 3.0})
    watch(at=minute(61))
    sent(detector.stream, {30: 9.0}, at=minute(62))
    watch(at=minute(62))
    assert told() == [(30, 60, 9.0)]


def test_a_late_observation_widens_the_alert_that_stands():
    detector = makers.detector()
    sent(detector.stream, {0: 3.0, 60: 6.0})
    watch(at=minute(61))
    sent(detector.stream, {45: 9.0}, at=minute(62))
    watch(at=minute(62))
    assert told() == [(45, None, 9.0)]
    assert Alert.objects.get().times == 1


def test_what_comes_days_too_late_raises_nothing():
    detector = makers.detector()
    for day in range(4):
        sent(detector.stream, {day * 1440: 3.0})
        watch(at=minute(day * 1440 + 1))
    sent(detector.stream, {30: 9.0}, at=minute(3 * 1440 + 2))
    watch(at=minute(3 * 1440 + 2))
    assert told() == []


values = st.lists(st.sampled_from([1.0, 4.5, 6.0, 9.0]), min_size=3, max_size=12)


@settings(max_examples=12, deadline=None)
@given(values=values, data=st.data())
def test_within_a_day_the_order_in_which_observations_come_is_all_the_same(values, data):
    order = data.draw(st.permutations(range(len(values))))
    at = minute(15 * len(values))
    with transaction.atomic():
        ordered, mixed = makers.detector(cool_down_s=0), makers.detector(cool_down_s=0)
        sent(ordered.stream, {-60: 1.0}, at=at)
        sent(mixed.stream, {-60: 1.0}, at=at)
        watch(at=at)
        for place in range(len(values)):
            sent(ordered.stream, {15 * place: values[place]}, at=at)
            sent(mixed.stream, {15 * order[place]: values[order[place]]}, at=at)
            watch(at=at)
        states = [
            (one.state, one.upto)
            for one in DetectorState.objects.filter(detector__in=[ordered, mixed])
        ]
        assert states[0] == states[1]
        standing = [one.alerts.filter(ended_at=None).exists() for one in (ordered, mixed)]
        assert standing[0] == standing[1]
        assert [one.alerts.exists() for one in (ordered, mixed)] in (
            [True] * 2,
            [False] * 2,
            [False, True],
        )
        transaction.set_rollback(True)


def test_silence_is_noticed_by_the_clock_and_ends_with_the_next_observation():
    detector = makers.detector(kind=DetectorKind.ABSENCE, parameters={"after_s": 3600})
    sent(detector.stream, {0: 3.0})
    watch(at=minute(1))
    assert watch(at=minute(60)).raised == 0
    assert watch(at=minute(61)).raised == 1
    assert told() == [(0, None, 3600.0)]
    assert watch(at=minute(62)).raised == 0
    sent(detector.stream, {90: 3.0})
    watch(at=minute(91))
    assert told() == [(0, 90, 5400.0)]
    assert len(Alert.objects.get().observation_ids) == 1


def test_a_stream_that_never_said_anything_is_silent_since_its_detector_was_made():
    makers.detector(kind=DetectorKind.ABSENCE, parameters={"after_s": 3600}, changed_at=minute(0))
    watch(at=minute(1))
    watch(at=minute(61))
    assert told() == [(0, None, 3600.0)]


def test_the_first_observation_of_a_silent_stream_ends_its_silence():
    detector = makers.detector(
        kind=DetectorKind.ABSENCE, parameters={"after_s": 3600}, changed_at=minute(0)
    )
    watch(at=minute(1))
    sent(detector.stream, {50: 3.0})
    watch(at=minute(61))
    assert told() == []
    watch(at=minute(111))
    assert told() == [(50, None, 3600.0)]


def test_many_sites_at_once_are_one_alert_of_the_network():
    sites = [streams.stream() for _ in range(4)]
    for site in sites:
        makers.detector(site)
    network = makers.network(*sites)
    sent(sites[0], {0: 9.0})
    watch(at=minute(1))
    assert not network.alerts.exists()
    sent(sites[1], {10: 9.0})
    watch(at=minute(11))
    alert = network.alerts.get()
    assert told([alert]) == [(0, None, 0.5)]
    assert alert.parts.count() == 2
    watch(at=minute(75))
    assert told(network.alerts.all()) == [(0, 60, 0.5)]


def test_a_level_a_rate_and_a_forecast_are_looked_at_together():
    stream = streams.stream()
    makers.detector(stream)
    makers.detector(
        stream, kind=DetectorKind.RATE, parameters={"raise_at": 8, "clear_at": 1, "over_s": 60}
    )
    makers.detector(
        stream,
        kind=DetectorKind.RESIDUAL,
        parameters={"raise_at": 6, "clear_at": 2, "least_scale": 0.1, "warm_up": 20},
    )
    noise = np.random.default_rng(1).normal(3, 0.1, 40)
    sent(stream, {15 * n: float(value) for n, value in enumerate(noise)})
    watch(at=minute(600))
    assert told() == []
    sent(stream, {600: 9.0})
    assert watch(at=minute(601)).raised == 3


def test_an_alert_closed_for_its_sensor_is_not_raised_anew_while_it_goes_on():
    detector = makers.detector()
    sent(detector.stream, {0: 9.0})
    watch(at=minute(1))
    closed = {"acknowledged_at": NOON, "closed_at": NOON, "cause": AlertCause.SENSOR}
    Alert.objects.update(state=AlertState.CLOSED, **closed)
    sent(detector.stream, {15: 9.5, 30: 9.0, 45: 1.0})
    watch(at=minute(46))
    assert told() == [(0, 45, 9.5)]
    assert Alert.objects.get().state == AlertState.CLOSED


@pytest.mark.django_db(transaction=True)
def test_who_comes_while_somebody_watches_goes_again():
    detector = makers.detector()
    sent(detector.stream, {0: 9.0})
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [watching.WATCH_LOCK])
        assert watch(at=minute(1)) is None
        assert not Alert.objects.exists()
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [watching.WATCH_LOCK])
        assert watch(at=minute(1)).raised == 1
    finally:
        other.close()
        streams.forget_partitions()


def asked(at):
    """How many statements a watch makes, besides what it copies out."""
    statements = []

    def note(execute, sql, *rest):
        statements.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        watch(at=at)
    return len(statements)


def test_a_watch_asks_as_often_for_three_streams_as_for_one():
    detectors = [makers.detector() for _ in range(3)]
    for detector in detectors:
        sent(detector.stream, {0: 1.0})
    watch(at=minute(1))
    sent(detectors[0].stream, {15: 1.0})
    one = asked(minute(16))
    for detector in detectors:
        sent(detector.stream, {30: 1.0})
    assert asked(minute(31)) == one <= 13


def test_a_stream_goes_with_its_detectors_and_stays_with_its_alerts():
    detector, kept = makers.detector(), makers.alert()
    actor = makers.operator(detector.stream.thing)
    remove(name="Datastream", key=detector.stream_id, actor=actor, at=NOON)
    assert not Detector.objects.filter(pk=detector.pk).exists()
    for name, key in (("Datastream", kept.stream_id), ("Thing", kept.thing_id)):
        with pytest.raises(Refused, match="cannot be deleted"), transaction.atomic():
            remove(name=name, key=key, actor=makers.operator(kept.thing), at=NOON)
