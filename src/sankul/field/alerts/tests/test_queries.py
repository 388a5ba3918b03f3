"""What stands, for pages that speak in plain words."""

import pytest

from sankul.field.alerts.queries.alerts import standing
from sankul.field.alerts.rules import AlertCause, AlertState

from . import makers

pytestmark = pytest.mark.django_db


def test_what_stands_is_told_by_stream_with_its_begin_and_whether_somebody_is_on_it() -> None:
    alert = makers.alert()
    seen = makers.acknowledged(makers.detector(alert.stream))
    over = makers.alert(makers.detector(alert.stream), ended_at=makers.AT)
    closed = makers.acknowledged(
        makers.detector(alert.stream), state=AlertState.CLOSED, closed_at=makers.AT, cause=AlertCause.SENSOR
    )  # fmt: skip
    elsewhere = makers.alert()
    found = standing([alert.stream_id or 0])
    assert list(found) == [alert.stream_id]
    told = {
        one.alert_id: (one.since, one.is_seen, one.worst, one.level)
        for one in found[alert.stream_id or 0]
    }
    assert told == {
        alert.pk: (makers.NOON, False, 7.5, 5.0),
        seen.pk: (makers.NOON, True, 7.5, 5.0),
    }
    assert not {over.pk, closed.pk, elsewhere.pk} & set(told)
