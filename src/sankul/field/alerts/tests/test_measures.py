"""What alerts count, and the way from a rank down to one of them and its document."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from sankul.field.alerts import measures
from sankul.field.alerts.models import Alert
from sankul.field.alerts.rules import Telling
from sankul.field.streams.tests import makers as streams
from sankul.programme.evaluation.tests.makers import published, round_of_three
from sankul.programme.indicators.tests import makers as indicators
from sankul.programme.portfolio.tests import makers as portfolio
from sankul.programme.registry.models import Cluster

from . import makers

pytestmark = pytest.mark.django_db
BEGAN = datetime(2025, 11, 10, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


def alert(cluster: Cluster, acted_after: float | None, **fields: Any) -> Alert:
    """An alert of a deployed thing of a cluster, acknowledged after half an hour."""
    used = portfolio.deployment(portfolio.project(cluster))
    stream = streams.stream(streams.thing(cluster=cluster, deployment=used, name="Tap at school 4"))
    acted_at = None if acted_after is None else BEGAN + acted_after * HOUR
    moments = {
        "began_at": BEGAN,
        "raised_at": BEGAN,
        "acknowledged_at": BEGAN + HOUR / 2,
        "acted_at": acted_at,
    }
    return makers.acknowledged(makers.detector(stream), **moments | fields)


def quantities(rows: Any) -> list[Decimal]:
    return sorted(rows().values_list("quantity", flat=True))


def test_what_was_acted_upon_within_a_day_with_proof_counts_and_silence_counts_as_none() -> None:
    cluster = streams.thing().cluster
    assert cluster is not None
    alert(cluster, 3)
    alert(cluster, 30)
    alert(cluster, None)
    assert quantities(measures.raised) == [1, 1, 1]
    assert quantities(measures.acted) == [0, 0, 1]
    assert quantities(measures.noticed_after) == [Decimal("0.5")] * 3
    assert quantities(measures.acted_after) == [3, 30]


def test_what_is_not_deployed_or_was_silenced_beforehand_does_not_count() -> None:
    makers.acknowledged(began_at=BEGAN)
    cluster = streams.thing().cluster
    assert cluster is not None
    alert(cluster, 3, telling=Telling.SILENT)
    assert quantities(measures.raised) == []


def test_what_began_less_than_a_day_ago_is_not_judged_unless_it_is_done() -> None:
    cluster = streams.thing().cluster
    assert cluster is not None
    now = datetime.now(tz=UTC)
    recent = {"began_at": now - HOUR, "raised_at": now - HOUR, "acknowledged_at": now}
    alert(cluster, None, **recent)
    assert quantities(measures.raised) == []
    alert(cluster, None, **recent | {"acted_at": now})
    assert quantities(measures.raised) == [1]


def test_a_value_of_outcome_1_opens_the_alerts_that_it_counts_and_their_documents() -> None:
    period, (strong, *_others) = round_of_three()
    source = files("sankul.programme.indicators").joinpath("frameworks/default-3.toml")
    indicators.approved(period.programme, source.read_text("utf-8"))
    acted = alert(strong, 3)
    proof = makers.proof(makers.action(acted, done_at=BEGAN + 3 * HOUR))
    alert(strong, None)

    run = published(period)

    value = run.values.get(cluster=strong, indicator="alerts_acted")
    assert (value.value, value.denominator) == (1, 2)
    place = [period.programme.slug, period.label, strong.slug, "alerts_acted"]
    page = Client().get(reverse("value", args=place)).content.decode()
    assert "Tap at school 4" in page
    assert f'href="/alerts/counted/{acted.pk}/"' in page
    assert proof.document.name in page
    counted = Client().get(f"/alerts/counted/{acted.pk}/").content.decode()
    assert proof.document_id in counted
    assert "after 3 h 0 min" in counted
