"""Drift between calibrations: seen before it is taken out, kept as a version, taken back; on what technicians did to a river."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sankul.core.rules.roles import Actor, Role
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.engines.composite.tests.oracles import oracle
from sankul.field.streams.actions import calibrating, reviewing
from sankul.field.streams.actions.ingest import ingest
from sankul.field.streams.models import Calibration, Datastream, Observation, Version
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import DoorName, VersionKind
from sankul.field.streams.rules.batches import Batch
from sankul.programme.registry.tests import makers as registry

from . import makers
from .makers import NOON

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
AT = registry.AT


def technician(stream: Datastream) -> Actor:
    return registry.actor_with(Role.OPERATOR, stream.thing.scopes[0])


def five() -> Datastream:
    """10 at every hour from noon to 16:00."""
    stream = makers.stream()
    batch = Batch.of(*((stream.pk, NOON + k * HOUR, 10.0) for k in range(5)))
    ingest(batch=batch, sender=Sender(DoorName.COMMAND), at=AT)
    return stream


def calibrated(
    stream: Datastream, at: datetime, read: float, true: float, **more: Any
) -> Calibration:
    given: dict[str, Any] = {"actor": technician(stream), "stream": stream, "at": AT} | more
    return calibrating.record(calibrated=at, read=read, true=true, **given)


def values(stream: Datastream) -> list[float]:
    rows = Observation.objects.filter(stream=stream).order_by("time")
    return list(rows.values_list("value", flat=True))


def corrected(calibration: Calibration, **more: Any) -> Any:
    given: dict[str, Any] = {"actor": technician(calibration.stream), "reason": "Drift.", "at": AT}
    return calibrating.correct(calibration=calibration, **given | more)


def test_drift_is_taken_out_evenly_and_given_back() -> None:
    stream = five()
    calibrated(stream, NOON, 5, 5)
    second = calibrated(stream, NOON + 4 * HOUR, 5.4, 5)
    seen = calibrating.preview(second)
    assert (len(seen.rows.ids), seen.largest) == (4, pytest.approx(0.4))
    assert values(stream) == [10, 10, 10, 10, 10]
    made = corrected(second)
    assert values(stream) == pytest.approx([10, 9.9, 9.8, 9.7, 9.6])
    assert (made.kind, made.method["n"]) == (VersionKind.DRIFT, 4)
    raw = Version.objects.filter(stream_id=stream.pk, number=0).values_list("value", flat=True)
    assert list(raw) == [10, 10, 10, 10]
    reviewing.undo(actor=technician(stream), revision=made, reason="Wrong standard.", at=AT)
    assert values(stream) == [10, 10, 10, 10, 10]
    corrected(second)
    assert values(stream) == pytest.approx([10, 9.9, 9.8, 9.7, 9.6])


def test_what_cannot_be_corrected_is_refused() -> None:
    stream = five()
    first = calibrated(stream, NOON, 5.1, 5)
    with pytest.raises(Refused, match="no calibration before"):
        corrected(first)
    second = calibrated(stream, NOON + 2 * HOUR, 5, 5)
    with pytest.raises(Refused, match="no drift"):
        corrected(second)
    third = calibrated(stream, NOON + 4 * HOUR, 6, 5)
    corrected(third)
    with pytest.raises(Refused, match="already"):
        corrected(third)
    late = calibrated(stream, NOON + 9 * HOUR, 6, 5)
    with pytest.raises(Refused, match="no observations between"):
        corrected(late)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"at": AT + HOUR}, "future"),
        ({"read": float("nan")}, "finite"),
        ({"at": NOON}, "at this time already"),
    ],
)
def test_calibrations_that_are_none_are_refused(change: dict[str, Any], reason: str) -> None:
    stream = five()
    calibrated(stream, NOON, 5, 5)
    given = {"at": NOON + HOUR, "read": 5.0, "true": 5.0} | change
    with pytest.raises(Refused, match=reason):
        calibrating.record(
            actor=technician(stream),
            stream=stream,
            calibrated=given["at"],
            read=given["read"],
            true=given["true"],
            at=AT,
        )


def test_a_calibration_is_taken_back_only_while_nothing_stands_on_it() -> None:
    stream = five()
    first, second = calibrated(stream, NOON, 5, 5), calibrated(stream, NOON + 4 * HOUR, 6, 5)
    made = corrected(second)
    for one in (first, second):
        with pytest.raises(Refused, match="Undo that first"):
            calibrating.remove(actor=technician(stream), calibration=one, at=AT)
    reviewing.undo(actor=technician(stream), revision=made, reason="Wrong.", at=AT)
    calibrating.remove(actor=technician(stream), calibration=second, at=AT)
    assert Calibration.objects.count() == 1


def test_only_who_records_calibrates() -> None:
    stream = five()
    stranger = registry.actor_with(Role.EVALUATOR, stream.thing.scopes[1])
    with pytest.raises(Forbidden):
        calibrated(stream, NOON, 5, 5, actor=stranger)
    calibrated(stream, NOON, 5, 5)
    second = calibrated(stream, NOON + 4 * HOUR, 6, 5)
    with pytest.raises(Forbidden):
        corrected(second, actor=stranger)
    with pytest.raises(Forbidden):
        calibrating.remove(actor=stranger, calibration=second, at=AT)


def test_calibrations_are_recorded_and_corrected_on_pages(settings: Any, tmp_path: Path) -> None:
    stream = five()
    client = Client()
    client.force_login(registry.user_with(Role.OPERATOR, stream.thing.scopes[0]))
    page = f"/field/streams/{stream.pk}/calibrations/"
    assert "None yet" in client.get(page).content.decode()
    file = SimpleUploadedFile("certificate.txt", b"Buffer 7.00, 25 C\n")
    for when, read in (("2026-11-20T12:00", "5"), ("2026-11-20T16:00", "5.4")):
        given = {"calibrated": when, "read": read, "true": "5", "file": file}
        assert client.post(page, given).status_code == 302
        file.seek(0)
    second = Calibration.objects.latest("at")
    assert second.document is not None
    kept = client.get(f"/documents/{second.document_id}/")
    assert kept.getvalue() == b"Buffer 7.00, 25 C\n"
    assert client.post(page, {"calibrated": "soon", "read": "x"}).status_code == 422
    text = client.get(f"{page}{second.pk}/").content.decode()
    assert "10 becomes 9.6 NTU" in text
    assert client.post(f"{page}{second.pk}/", {"reason": ""}).status_code == 422
    assert client.post(f"{page}{second.pk}/", {"reason": "Drift."}).status_code == 302
    assert values(stream)[-1] == pytest.approx(9.6)
    assert "taken out already" in client.get(f"{page}{second.pk}/").content.decode()
    assert client.post(f"{page}{second.pk}/remove/").status_code == 302
    assert Calibration.objects.count() == 2


START, END = "2019-07-31 13:15", "2019-08-15 14:45"
"""A stretch of pH at Main Street of the Logan River between calibrations."""


def moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


def river(folder: Path) -> tuple[list[tuple[datetime, float]], list[float], float]:
    """What the sensor told in the stretch, what technicians made of it, and what they added at its end."""
    with (folder / "MainStreet2019.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if START <= row["datetime"] <= END]
    with (folder / "MainStreet_ph_calib_dates.csv").open(encoding="utf-8-sig", newline="") as file:
        [added] = [float(row[2]) for row in csv.reader(file) if row[:2] == [START, END]]
    raw = [(moment(row["datetime"]), float(row["ph"])) for row in rows]
    return raw, [float(row["ph_cor"]) for row in rows], added


def test_what_technicians_corrected_of_a_river_is_what_comes_out(
    settings: Any, tmp_path: Path
) -> None:
    settings.DATA = tmp_path
    raw, told, added = river(oracle("water"))
    stream = makers.stream()
    batch = Batch.of(*((stream.pk, time, value) for time, value in raw))
    ingest(batch=batch, sender=Sender(DoorName.COMMAND), at=AT)
    calibrated(stream, moment(START), 7, 7)
    second = calibrated(stream, moment(END), 7 - added, 7)
    assert calibrating.preview(second).largest == pytest.approx(0.19)
    made = corrected(second)
    assert made.method["n"] == 1446
    assert np.abs(np.array(values(stream)) - told).max() < 0.0002
