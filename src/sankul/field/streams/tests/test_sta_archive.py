"""The SensorThings API over the seam: closed days are read as open ones are, and open again when something in them changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sankul.field.streams.actions import archive
from sankul.field.streams.models import SpanFile
from sankul.field.streams.queries.sta import archived
from sankul.field.streams.rules import SpanState

from .sta import ROOT, Service, place, point, stream

pytestmark = pytest.mark.django_db
DAYS = [date(2026, 6, 1) + timedelta(days=day) for day in range(4)]
AT = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def seam(sta: Service, settings: Any, tmp_path: Path) -> Service:
    """Two observations on each of four days, of which the first two days are closed."""
    settings.DATA = tmp_path
    thing = {"name": "Well", "description": "", "Locations": [place("Here", point(8, 51))]}
    well = sta.post("Things", thing | {"Datastreams": [stream("Level"), stream("Other")]})
    of = sta.get(f"Things({well})/Datastreams")["value"][0]["@iot.id"]
    for number, day in enumerate(DAYS):
        for hour in (1, 13):
            body = {"phenomenonTime": f"{day}T{hour:02}:00:00Z", "result": number * 10 + hour}
            more = {"parameters": {"hour": hour}} if hour == 13 else {}
            sta.post(f"Datastreams({of})/Observations", body | more)
    for span in SpanFile.objects.filter(start__lt=DAYS[2]):
        archive.close(span=span, at=AT)
    return sta


def results(page: Any) -> list[int]:
    return [one["result"] for one in page["value"]]


def test_pages_and_filters_cross_the_seam(seam: Service) -> None:
    assert SpanFile.objects.filter(state=SpanState.CLOSED).count() == 2
    page = seam.get("Observations", count="true")
    assert (results(page), page["@iot.count"]) == ([1, 13, 11, 23, 21, 33, 31, 43], 8)
    path = "Datastreams(1)/Observations".replace(
        "1", str(seam.get("Datastreams")["value"][0]["@iot.id"])
    )
    assert results(seam.get(path, orderby="phenomenonTime desc", top=5)) == [43, 31, 33, 21, 23]
    assert results(seam.get(path, orderby="phenomenonTime desc", top=1)) == [43]
    asked = "phenomenonTime ge 2026-06-02T12:00:00Z and phenomenonTime lt 2026-06-03T12:00:00Z"
    assert results(seam.get("Observations", filter=asked, orderby="phenomenonTime")) == [23, 21]
    assert results(seam.get(path, filter="parameters/hour eq 13")) == [13, 23, 33, 43]
    assert results(seam.get("Observations", top=3, skip=2)) == [11, 23, 21]


def test_one_observation_of_a_closed_day_is_told_whole(seam: Service) -> None:
    number = seam.get("Observations", top=2)["value"][1]["@iot.id"]
    told = seam.get(f"Observations({number})", expand="Datastream,FeatureOfInterest")
    assert (told["result"], told["parameters"], told["Datastream"]["name"]) == (
        13,
        {"hour": 13},
        "Level",
    )
    assert told["FeatureOfInterest"]["feature"] == point(8, 51)
    assert seam.get(f"Observations({number})/result") == {"result": 13}


def test_an_answer_that_leaves_closed_days_out_says_so(seam: Service) -> None:
    page = seam.get("Observations", filter="result gt 10")
    assert (results(page), page["@sankul.observationsSince"]) == ([21, 33, 31, 43], "2026-06-03")
    page = seam.get("Things", expand="Datastreams/Observations")
    assert page["@sankul.observationsSince"] == "2026-06-03"
    assert "@sankul.observationsSince" not in seam.get("Things", expand="Datastreams")
    assert "@sankul.observationsSince" not in seam.get("Observations")


def test_what_changes_opens_its_day_again(seam: Service) -> None:
    first, second = (one["@iot.id"] for one in seam.get("Observations", top=2)["value"])
    assert seam.send("PATCH", f"Observations({first})", {"result": 99}).status_code == 200
    assert seam.get(f"Observations({first})/result") == {"result": 99}
    assert SpanFile.objects.filter(state=SpanState.CLOSED).count() == 1
    assert seam.send("DELETE", f"Observations({second})").status_code == 200
    assert seam.get("Observations", count="true")["@iot.count"] == 7
    of = seam.get("Datastreams")["value"][0]["@iot.id"]
    told = seam.send("DELETE", f"Datastreams({of})")
    assert (told.status_code, "closed files" in told.json()["detail"]) == (409, True)


def test_too_much_of_the_archive_is_refused(seam: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archived, "MOST_ROWS", 3)
    told = seam.client.get(f"{ROOT}/Observations?$filter=phenomenonTime gt 2026-01-01T00:00:00Z")
    assert (told.status_code, "at most 3 observations of closed days" in told.json()["detail"]) == (
        400,
        True,
    )
