"""The pages: what they show, ask, refuse, and in how many queries."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sankul.core.rules.roles import PLATFORM, Role
from sankul.field.alerts.tests import makers as alerts
from sankul.field.streams.actions.ingest import ingest
from sankul.field.streams.models import Datastream
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import DoorName
from sankul.field.streams.rules.batches import Batch
from sankul.field.streams.tests import makers as streams
from sankul.field.water.actions.press import told
from sankul.field.water.models import Limit, Response, Sample, Scheme, Source, Village
from sankul.field.water.queries.monthly import bounds_of, month_of
from sankul.field.water.queries.periods import by_quarter
from sankul.programme.registry.tests import makers as registry
from sankul.programme.registry.tests.makers import user_with

from . import makers

pytestmark = pytest.mark.django_db


def signed_in(role: Role, *scopes: Any) -> Client:
    client = Client()
    client.force_login(user_with(role, *scopes))
    return client


def operator(source: Source) -> Client:
    return signed_in(Role.OPERATOR, source.village.cluster.scopes[0])


def send(stream: Datastream, first_at: datetime, *values: float) -> None:
    """Values every half hour."""
    step = timedelta(minutes=30)
    rows = [(stream.pk, first_at + step * place, value) for place, value in enumerate(values)]
    ingest(batch=Batch.of(*rows), sender=Sender(DoorName.COMMAND), at=timezone.now())


def test_the_public_is_told_in_plain_words_of_two_languages(client: Client) -> None:
    source = makers.source()
    makers.sample(source, makers.TAKEN - timedelta(days=40), fluoride="1.9")
    makers.sample(source, fluoride="2.2")
    makers.response(source)
    shown = client.get(f"/water/places/{source.pk}/").content.decode()
    assert "Do not drink it as it is." in shown
    assert "Boiling does not help." in shown
    assert "फ्लोराइड" in shown
    assert "23 Sep 2026" in shown
    assert "at most 1.5 mg/L" in shown
    assert "Executive engineer deals with it: A filter is put in." in shown


def test_safe_and_untested_are_different_things(client: Client) -> None:
    safe, untested = makers.source(), makers.source()
    makers.sample(safe, ecoli="<1", ph="7.2")
    assert "Safe to drink." in client.get(f"/water/places/{safe.pk}/").content.decode()
    assert "Nobody has tested" in client.get(f"/water/places/{untested.pk}/").content.decode()
    listed = client.get("/water/").content.decode()
    assert "yes, by the last tests" in listed
    assert "not tested yet" in listed


def test_a_source_that_is_not_public_is_not_there(client: Client) -> None:
    source = makers.source(is_public=False)
    assert client.get(f"/water/places/{source.pk}/").status_code == 404
    assert client.get(f"/water/sources/{source.pk}/").status_code == 404
    assert operator(source).get(f"/water/sources/{source.pk}/").status_code == 200


def test_local_government_sees_who_is_at_risk_and_who_is_on_it() -> None:
    source, other = makers.source(is_public=False), makers.source(is_public=False)
    makers.sample(source, fluoride="2.2")
    makers.sample(other, ecoli="40")
    nodal = signed_in(Role.NODAL_OFFICER, source.scopes[0])
    shown = nodal.get("/water/risks/").content.decode()
    assert source.name in shown
    assert other.name not in shown
    assert "nobody on it" in shown
    answer = nodal.post(
        f"/water/sources/{source.pk}/respond/",
        {"parameter": "fluoride", "owner": "Engineer", "action": "Tanker", "due_on": "2099-01-01"},
    )
    assert answer.status_code == 302
    assert "in hand" in nodal.get("/water/risks/").content.decode()
    response = Response.objects.get()
    closing = nodal.post(f"/water/responses/{response.pk}/close/", {"cause": "Deep aquifer"})
    assert closing.status_code == 302
    assert "Deep aquifer" in nodal.get(f"/water/sources/{source.pk}/").content.decode()


@pytest.mark.parametrize("address", ["/water/", "/water/risks/"])
def test_lists_ask_as_often_for_many_sources(address: str, client: Client) -> None:
    def asked(sources: int) -> int:
        for _ in range(sources):
            makers.sample(makers.source(), fluoride="2.2")
        with CaptureQueriesContext(connection) as found:
            assert client.get(address).status_code == 200
        return len(found)

    client.get(address)
    assert asked(1) == asked(3)


def test_a_source_asks_as_often_for_many_samples(client: Client) -> None:
    source = makers.source()
    makers.sample(source, fluoride="2.2")
    address = f"/water/sources/{source.pk}/"
    client.get(address)
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    for day in range(5):
        makers.sample(source, makers.TAKEN - timedelta(days=day + 1), ph="7", ecoli="<1")
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(one) == len(many)


def test_a_sample_is_recorded_by_form_with_values_below_detection() -> None:
    source = makers.source()
    client = operator(source)
    sent = {
        "code": "W-77", "kind": "field_kit", "taken_at": "2026-11-02T10:00", "taken_by": "Health worker",
        "fluoride": "2,2", "ecoli": "<1",
    }  # fmt: skip
    address = f"/water/sources/{source.pk}/sample/"
    wrong = client.post(address, sent)
    assert wrong.status_code == 422
    assert client.post(address, {**sent, "fluoride": "2.2"}).status_code == 302
    found = Sample.objects.get()
    results = {
        one.parameter: (str(one.value), one.is_below_detection) for one in found.results.all()
    }
    assert results == {"fluoride": ("2.20000", False), "ecoli": ("1.00000", True)}
    shown = client.get(f"/water/samples/{found.pk}/").content.decode()
    assert "&lt;1 per 100 mL" in shown
    step = {
        "step": "received",
        "holder": "Desk",
        "happened_at": "2026-11-02T14:00",
        "temperature_c": "6",
    }
    assert client.post(f"/water/samples/{found.pk}/hand-on/", step).status_code == 302
    again = client.post(f"/water/samples/{found.pk}/results/", {"fluoride": "2.4"})
    assert again.status_code == 302
    assert found.results.get(parameter="fluoride").value == Decimal("2.4")


def test_the_register_is_kept_by_forms() -> None:
    cluster, body = registry.cluster(), makers.local_body()
    client = signed_in(Role.OPERATOR, cluster.scopes[0])
    sent = {
        "cluster": cluster.pk,
        "body": body.pk,
        "name": "Rajapur",
        "district": "Sangli",
        "state": "Maharashtra",
    }
    assert client.post("/water/villages/new/", sent).status_code == 302
    assert client.post("/water/villages/new/", sent).status_code == 422
    village = Village.objects.get()
    source = {"name": "Weir", "kind": "river", "purpose": "drinking", "latitude": "16.8"}
    address = f"/water/villages/{village.pk}/source/"
    assert "Give both" in client.post(address, source).content.decode()
    assert client.post(address, {**source, "longitude": "74.5"}).status_code == 302
    made = Source.objects.get()
    plan = {"every_days": 7, "starts_on": "2026-11-01"}
    assert client.post(f"/water/sources/{made.pk}/plan/", plan).status_code == 302
    assert "1 Nov 2026" in client.get(f"/water/sources/{made.pk}/").content.decode()
    assert "Rajapur" in client.get("/water/villages/").content.decode()


def test_limits_are_shown_with_their_source_and_set_by_the_office(client: Client) -> None:
    shown = client.get("/water/limits/").content.decode()
    assert "IS 10500:2012, Amendment 1 (June 2015)" in shown
    officer = signed_in(Role.PROGRAMME_OFFICER, PLATFORM)
    sent = {
        "parameter": "nitrate",
        "acceptable": "40",
        "from_on": "2027-01-01",
        "source": "A trial",
    }
    assert officer.post("/water/limits/new/", sent).status_code == 302
    assert Limit.objects.filter(parameter="nitrate").count() == 2
    assert "there already" in officer.post("/water/limits/new/", sent).content.decode()


def test_a_river_table_is_taken_over_by_its_page(client: Client) -> None:
    officer = signed_in(Role.PROGRAMME_OFFICER, PLATFORM)
    text = (
        "Year,State,Station Code,Monitoring Location,Minimum pH potential of hydrogen,Maximum potential of hydrogen\n"
        "2023,Goa,11,MANDOVI AT PANAJI,6.9,15\n"
    )
    file = SimpleUploadedFile("rivers.csv", text.encode(), content_type="text/csv")
    assert officer.post("/water/rivers/new/", {"file": file}).status_code == 302
    told = officer.get("/water/rivers/tables/").content.decode()
    assert "15 lies outside 0 to 14" in told
    assert "MANDOVI AT PANAJI" in client.get("/water/rivers/?q=mandovi&year=2023").content.decode()
    assert "MANDOVI" not in client.get("/water/rivers/?year=2022").content.decode()


def test_a_months_report_is_the_same_pdf_each_time(client: Client) -> None:
    source = makers.source()
    makers.sample(source, fluoride="2.2")
    first, again = (client.get("/water/reports/2026-11.pdf") for _ in range(2))
    assert first["Content-Type"] == "application/pdf"
    assert first.content[:5] == b"%PDF-"
    assert first.content == again.content
    assert client.get("/water/reports/2099-01.pdf").status_code == 404
    assert client.get("/water/reports/november.pdf").status_code == 404


def test_the_report_says_what_the_month_was() -> None:
    source = makers.source()
    makers.sample(source, fluoride="2.2")
    makers.sample(source, makers.TAKEN - timedelta(days=60), fluoride="1.1")
    makers.response(source)
    span = bounds_of("2026-11", makers.TAKEN.date())
    assert span is not None
    found = told(month_of(registry.public(), *span))
    assert found["title"] == "Drinking water in November 2026"
    assert found["lines"] == [
        "0 of 1 samples were within the limits of IS 10500.",
        "1 responses were begun, 0 closed.",
        "Sensors raised 0 alerts; somebody answered 0 of them.",
    ]
    rows = found["tables"][0]["rows"]
    assert rows == [
        [source.village.name, source.name, "Fluoride", "2 Nov 2026", "Executive engineer"]
    ]
    before = bounds_of("2026-09", makers.TAKEN.date())
    assert before is not None
    assert told(month_of(registry.public(), *before))["tables"][0]["rows"] == []


def test_the_index_of_a_river_is_shown_or_what_it_lacks(client: Client) -> None:
    river = makers.source(kind="river", purpose="surface")
    makers.sample(river, oxygen="5.5", bod="2.2", faecal_coliform="6", ph="7.6")
    makers.sample(river, makers.TAKEN - timedelta(days=9), oxygen="5.5", ph="7.6")
    shown = client.get(f"/water/sources/{river.pk}/").content.decode()
    assert "83.2 · A" in shown
    assert "not computable: Faecal coliforms, Biochemical oxygen demand missing" in shown


def test_a_sensor_above_the_limit_warns_until_it_is_old(client: Client) -> None:
    source = makers.source()
    makers.sample(source, ph="7.2")
    cluster = source.village.cluster
    stream = streams.stream(streams.thing(cluster=cluster))
    keeper = operator(source)
    address = f"/water/sources/{source.pk}/sensor/"
    wrong = keeper.post(address, {"parameter": "fluoride", "datastream": stream.pk})
    assert "NTU is the stream&#x27;s unit, mg/L the parameter&#x27;s." in wrong.content.decode()
    right = {"parameter": "turbidity", "datastream": stream.pk}
    assert keeper.post(address, right).status_code == 302
    assert keeper.post(address, right).status_code == 422
    assert "Sensors now" not in client.get(f"/water/places/{source.pk}/").content.decode()
    now = timezone.now()
    send(stream, now - timedelta(minutes=90), 0.8, 12.0, 12.5)
    shown = client.get(f"/water/places/{source.pk}/").content.decode()
    assert "Turbidity has been above the limit since" in shown
    assert "The sensor shows 12.5 NTU; the limit is at most 5 NTU." in shown
    assert "गंदलापन सीमा से अधिक है।" in shown
    assert "Nobody deals with it yet." in shown
    assert "12.5 NTU" in keeper.get(f"/water/sources/{source.pk}/").content.decode()
    told = client.get(f"/water/sources/{source.pk}/").content.decode()
    assert "Sensors by day" in told
    assert "Turbidity, the last 30 days" in told
    assert "Between 0.8 NTU and 12.5 NTU." in told
    assert "Beyond its limit for 1.0 hours." in told, told[told.index("Between") :][:300]
    assert source.village.name in client.get("/water/risks/").content.decode()
    send(stream, now, 0.9)
    assert "Safe to drink." in client.get(f"/water/places/{source.pk}/").content.decode()


def test_a_silent_sensor_is_not_called_safe(client: Client) -> None:
    source = makers.source()
    makers.sample(source, timezone.now() - timedelta(days=3), ecoli="<1")
    stream = makers.sensor(source, "turbidity").datastream
    address = f"/water/places/{source.pk}/"
    send(stream, timezone.now() - timedelta(days=2), 0.8)
    assert "the sensor here says nothing now." in client.get(address).content.decode()
    assert "not known: the sensor is silent" in client.get("/water/").content.decode()
    send(stream, timezone.now() - timedelta(minutes=5), 0.8)
    assert "Safe to drink." in client.get(address).content.decode()


def test_a_good_test_of_long_ago_is_not_called_safe(client: Client) -> None:
    source = makers.source()
    makers.sample(source, timezone.now() - timedelta(days=200), ecoli="<1")
    told = client.get(f"/water/places/{source.pk}/").content.decode()
    assert "more than half a year old" in told
    assert "Safe to drink." not in told


def test_a_sensors_alert_says_who_is_on_it(client: Client) -> None:
    source = makers.source()
    sensor = makers.sensor(source, "turbidity")
    began_at = timezone.now() - timedelta(hours=3)
    send(sensor.datastream, began_at, 9.0, 9.5, 9.7, 9.6, 9.4, 9.2)
    detector = alerts.detector(sensor.datastream)
    raised = alerts.acknowledged(
        detector, began_at=began_at, acknowledged_at=began_at + timedelta(minutes=40)
    )
    address = f"/water/villages/{source.village_id}/"
    assert "Somebody has seen it." in client.get(address).content.decode()
    alerts.action(raised)
    told = client.get(address).content.decode()
    assert "Assistant engineer, water works deals with it: Flush the line." in told


def test_compliance_of_a_quarter_counts_sensors_too(client: Client) -> None:
    source = makers.source()
    sensor = makers.sensor(source, "turbidity")
    at = timezone.now()
    send(sensor.datastream, at - timedelta(hours=2), 1.0, 7.5, 10.0, 1.0)
    (tally,) = by_quarter(source, at).values()
    assert (tally.values, tally.within, tally.hours_above) == (4, 2, 1.0)
    assert tally.load == pytest.approx((0.5 + 1.0) / 4)
    assert "2 of 4" in client.get(f"/water/sources/{source.pk}/").content.decode()


def test_samples_that_are_due_stand_in_order_and_schemes_with_who_runs_them(client: Client) -> None:
    late, soon = makers.source(), makers.source()
    makers.plan(late, every_days=7)
    makers.plan(soon, starts_on=timezone.localdate() + timedelta(days=3))
    makers.sample(late, ph="7.2")
    scheme = Scheme.objects.create(
        cluster=late.village.cluster, name="Weir supply", run_by=makers.local_body(name="Jal Nigam")
    )
    Source.objects.filter(pk=late.pk).update(scheme=scheme)
    shown = client.get("/water/plans/").content.decode()
    assert shown.index(late.name) < shown.index(soon.name)
    assert "days late" in shown
    assert "in 3 days" in shown
    told = client.get("/water/schemes/").content.decode()
    assert "Jal Nigam" in told
    assert "1 of 1" in told


def test_a_stream_of_another_cluster_is_not_offered() -> None:
    source = makers.source()
    stream = streams.stream(streams.thing())
    sent = {"parameter": "turbidity", "datastream": stream.pk}
    assert operator(source).post(f"/water/sources/{source.pk}/sensor/", sent).status_code == 422
