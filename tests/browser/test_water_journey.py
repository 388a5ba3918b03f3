"""From turbid water to the rank: a played day raises an alert, an operator answers it on a phone, shows what was done, closes it;
the evaluation of the year counts it, and the explanation of the rank leads back to the alert and its photo. In a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page

from sankul.core.models import User
from sankul.core.rules.roles import Role
from sankul.field.alerts.actions.watch import watch
from sankul.field.alerts.models import Alert
from sankul.field.alerts.rules import AlertState
from sankul.field.alerts.tests import makers as alerts
from sankul.field.streams.models import Thing
from sankul.field.streams.tests import makers as streams
from sankul.field.water.models import SensorAt
from sankul.field.water.tests import makers as water
from sankul.programme.evaluation.tests.makers import evidenced
from sankul.programme.indicators.tests import makers as indicators
from sankul.programme.portfolio.tests import makers as portfolio
from sankul.programme.registry.models import Cluster, Period
from sankul.programme.registry.tests import makers
from sankul.site.seeds.demonstration.water_live import Probe
from sankul.site.seeds.demonstration.water_play import Day, Event, OverHttp

from .conftest import serving
from .test_evidence_journey import entered, evaluated, seen

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = {"width": 360, "height": 760}
FRAMEWORK = """
[framework]
id = "small"
title = "Small framework"
version = "1"

[[node]]
id = "index"
title = "Index"

[[indicator]]
id = "items"
title = "Items"
parent = "index"
unit = "items"
measure = "outreach_item"
statistic = "sum"
goalposts = [0, 10]

[[indicator]]
id = "alerts_acted"
title = "Alerts acted upon within a day"
parent = "index"
unit = "ratio"
measure = "alert_acted"
statistic = "sum"
denominator = "alert_raised"
goalposts = [0, 1]

[[step]]
do = "denominate"

[[step]]
do = "screen"
min_coverage = 0.6

[[step]]
do = "normalise"
method = "goalposts"

[[step]]
do = "aggregate"
method = "arithmetic"
"""
LEFT_ALONE = {"strong": 0, "beside": 1}
"""How many alerts of each cluster nobody answered in time."""


@dataclass(frozen=True)
class Played:
    """Who plays, where, and in which year."""

    period: Period
    cluster: Cluster
    sensor: SensorAt
    operator: User
    day: Day


@pytest.fixture(autouse=True)
def _no_partitions_left() -> Iterator[None]:
    """Days of observations are tables of their own, which emptying tables leaves behind."""
    streams.forget_partitions()
    yield
    streams.forget_partitions()


def _this_year() -> int:
    today = timezone.localdate()
    return today.year - (today.month < 4)


def _deployed(cluster: Cluster, sensor: SensorAt) -> None:
    """The sensor's probe belongs to a deployment, and has a detector."""
    deployment = portfolio.deployment(portfolio.project(cluster), cluster=cluster)
    Thing.objects.filter(pk=sensor.datastream.thing_id).update(
        deployment=deployment, name=sensor.source.name
    )
    detector = alerts.detector(sensor.datastream, name="Turbidity above the limit")
    for _ in range(LEFT_ALONE[cluster.slug]):
        alerts.alert(detector, began_at=timezone.now() - timedelta(days=3), worst=8.0)


def _cast(site: str) -> Played:
    period = makers.period(year=_this_year(), opened_at=timezone.now())
    clusters = {
        slug: makers.cluster(period.programme, slug=slug, name=slug.title()) for slug in LEFT_ALONE
    }
    sensors = {}
    for slug, cluster in clusters.items():
        evidenced(cluster, "outreach_item", 6, on=period.starts_on + timedelta(days=5))
        sensors[slug] = water.sensor(water.source(water.village(cluster), kind="tap"), "turbidity")
        _deployed(cluster, sensors[slug])
    sensor = sensors["strong"]
    streams.location(sensor.datastream.thing)
    water.sample(sensor.source, timezone.now() - timedelta(days=9), ecoli="<1", turbidity="0.8")
    _device, token = streams.device(sensor.datastream.thing)
    probe = Probe(sensor.datastream_id, sensor.source.name, "turbidity")
    event = Event(sensor.datastream_id, 14.0, time(1))
    return Played(
        period,
        clusters["strong"],
        sensor,
        makers.user_with(Role.OPERATOR, clusters["strong"].scopes[0]),
        Day([probe], event, date(2026, 11, 20), OverHttp(site, token)),
    )


def _play(day: Day, *steps: int) -> None:
    for step in steps:
        day.step(step, timezone.now(), lambda at: watch(at=at))


def _told_to_everybody(page: Page, site: str, played: Played, *, words: str) -> None:
    page.goto(f"{site}/water/places/{played.sensor.source_id}/")
    seen(page)
    assert words in page.locator("main").inner_text()


def _found_on_the_dashboard(page: Page, site: str) -> None:
    page.goto(f"{site}/dashboard/")
    seen(page)
    page.locator("main a[href*='/alerts/']").first.click()
    page.wait_for_load_state()
    seen(page)
    page.locator("main").get_by_role("link", name="Turbidity above the limit").first.click()
    page.wait_for_load_state()


def _acknowledged(page: Page) -> None:
    """On a phone: one tap."""
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    seen(page)
    page.get_by_role("button", name="I am on it").click()
    page.wait_for_load_state()
    assert Alert.objects.latest("pk").state == AlertState.ACKNOWLEDGED


def _acted(page: Page) -> None:
    page.get_by_role("link", name="Say what is done").click()
    page.wait_for_load_state()
    page.locator("[name='what']").fill("The burst main is shut and mended")
    page.locator("[name='owner_post']").fill("Junior engineer")
    seen(page)
    page.get_by_role("button", name="Begin").click()
    page.wait_for_load_state()
    seen(page)


def _proven(page: Page) -> None:
    """A photo shows it."""
    photo = {"name": "mended-main.png", "mimeType": "image/png", "buffer": page.screenshot()}
    page.get_by_role("link", name="It is done").click()
    page.wait_for_load_state()
    page.locator("[name='note']").fill("A clamp of 80 mm; the line was flushed.")
    page.locator("[name='photo']").set_input_files([photo])
    seen(page)
    page.get_by_role("button", name="It is done").click()
    page.wait_for_load_state()
    assert Alert.objects.latest("pk").acted_at is not None


def _closed(page: Page) -> None:
    page.reload()
    page.get_by_role("link", name="Close it").click()
    page.wait_for_load_state()
    page.locator("[name='cause'][value='real']").check()
    seen(page)
    page.get_by_role("button", name="Close it").click()
    page.wait_for_load_state()
    assert Alert.objects.latest("pk").state == AlertState.CLOSED
    seen(page)


def _explained(page: Page, site: str, played: Played) -> None:
    """From the rank to the figure, to the alert, to the photo; the public sees that there is one."""
    place = f"{played.period.programme.slug}/{played.period.label}"
    page.goto(f"{site}/ranking/{place}/")
    seen(page)
    page.goto(f"{site}/ranking/{place}/strong/alerts_acted/")
    seen(page)
    assert "1.00" in page.locator("main").inner_text()
    page.locator("main").get_by_role("link", name=played.sensor.source.name).first.click()
    page.wait_for_load_state()
    seen(page)
    told = page.locator("main").inner_text()
    assert "Turbidity above the limit" in told
    assert "mended-main.png" in told


def test_from_turbid_water_to_the_explanation_of_the_rank(browser: Browser) -> None:
    began: datetime = timezone.now()
    with serving() as site:
        played = _cast(site)
        framework = indicators.approved(played.period.programme, FRAMEWORK)
        context = entered(browser, site, played.operator)
        page, public = context.new_page(), browser.new_page()
        page.set_viewport_size(PHONE)
        _play(played.day, 0, 1)
        _told_to_everybody(public, site, played, words="Safe to drink.")
        _play(played.day, 2, 3, 4)
        alert = played.day.alert
        assert alert is not None
        assert alert.began_at >= began
        _told_to_everybody(public, site, played, words="has been above the limit since")
        _found_on_the_dashboard(page, site)
        _acknowledged(page)
        _acted(page)
        _told_to_everybody(public, site, played, words="Junior engineer deals with it")
        _proven(page)
        _play(played.day, 5, 6)
        _told_to_everybody(public, site, played, words="Safe to drink.")
        _closed(page)
        run = evaluated(played.period, framework)
        values = dict(
            run.values.filter(indicator="alerts_acted").values_list("cluster__slug", "value")
        )
        assert values == {"strong": 1.0, "beside": 0.0}
        _explained(page, site, played)
        public.close()
        context.close()
