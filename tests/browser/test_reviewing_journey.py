"""A technician reviews a stream in a real browser: drags over a fault, says what it is, takes it back; without scripts too."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page

from sankul.core.rules.roles import Role
from sankul.field.streams.actions.ingest import ingest
from sankul.field.streams.models import Datastream, Observation
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import DoorName, Flag
from sankul.field.streams.rules.batches import Batch
from sankul.field.streams.tests import makers
from sankul.field.streams.tests.makers import NOON
from sankul.programme.registry.tests import makers as registry

from .conftest import serving
from .people import PHONE
from .test_evidence_journey import entered, seen

pytestmark = pytest.mark.django_db(transaction=True)
WINDOW = "?from=2026-11-20T12:00:00&to=2026-11-20T14:00:00"


@pytest.fixture
def stream() -> Datastream:
    """Turbidity of two hours, of which the second half is out of range."""
    makers.forget_partitions()
    made = makers.stream()
    makers.gross_range(made, 0, 10)
    times = [NOON + k * timedelta(minutes=15) for k in range(9)]
    batch = Batch.of(*((made.pk, at, 4.0 + 20 * (at > times[4])) for at in times))
    ingest(batch=batch, sender=Sender(DoorName.COMMAND), at=registry.AT)
    return made


def flags(stream: Datastream) -> list[int]:
    return list(Observation.objects.order_by("time").values_list("flag", flat=True))


def dragged(page: Page, first: float, last: float) -> None:
    """Drag over the plot between two shares of its width."""
    box = page.locator("svg[data-review]:visible").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + first * box["width"], box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + last * box["width"], box["y"] + 60, steps=4)
    page.mouse.up()


def test_a_drag_over_the_plot_says_which_observations_and_undo_gives_them_back(
    browser: Browser, stream: Datastream
) -> None:
    operator = registry.user_with(Role.OPERATOR, stream.thing.scopes[0])
    faults: list[str] = []
    with serving() as site:
        page = entered(browser, site, operator).new_page()
        page.on("console", lambda line: faults.append(line.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{site}/field/review/")
        seen(page)
        page.goto(f"{site}/field/streams/{stream.pk}/review/{WINDOW}")
        seen(page)
        dragged(page, 0.58, 1)
        assert page.input_value("#id_since")[:14] == "2026-11-20T13:"
        page.check("input[name=flag][value='1']")
        page.fill("[name=reason]", "A flood, seen at the bridge.")
        page.click("text=Save with this reason")
        page.wait_for_selector("text=4 observations: said")
        assert flags(stream) == [1] * 9
        page.click("text=Undo")
        seen(page)
        page.fill("[name=reason]", "The bridge was dry.")
        page.click("button:has-text('Undo')")
        page.wait_for_selector("text=Undone: 4 observations")
        assert flags(stream) == [1] * 5 + [4] * 4
        page.goto(f"{site}/field/streams/{stream.pk}/rules/")
        seen(page)
        page.goto(f"{site}/field/streams/{stream.pk}/calibrations/")
        seen(page)
        page.context.close()
    makers.forget_partitions()
    assert faults == []


def test_ticks_say_which_observations_on_a_phone_without_scripts(
    browser: Browser, stream: Datastream
) -> None:
    operator = registry.user_with(Role.OPERATOR, stream.thing.scopes[0])
    with serving() as site:
        cookies = entered(browser, site, operator).cookies()
        context = browser.new_context(**PHONE)  # type: ignore[arg-type]
        context.add_cookies(cookies)  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(f"{site}/field/streams/{stream.pk}/review/{WINDOW}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.locator("input[name=chosen]").first.check()
        page.check("input[name=which][value=ticked]")
        page.check("input[name=flag][value='3']")
        page.fill("[name=reason]", "A fish.")
        page.click("text=Save with this reason")
        assert "1 observations: said" in page.content()
        assert flags(stream)[5] == Flag.SUSPECT
        context.close()
    makers.forget_partitions()
