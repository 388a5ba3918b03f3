"""From the home page to the document behind one number: by mouse, by keyboard, without JavaScript, on a small screen."""

import hashlib
import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

from sankul.field.streams.models import Datastream
from sankul.programme.evaluation.models import Run
from sankul.programme.outcomes.models import Claim
from sankul.site.seeds import demonstration

from .conftest import Open

pytestmark = pytest.mark.django_db

STEPS = (
    (
        "Open the ranking",
        "main a.button[href='/ranking/demonstration/2025-26/']",
        "ranking 2025-26",
    ),
    ("a score", "main td a.figure:has-text('How this score came about')", "Cluster"),
    ("a value", "main td a.figure[href^='/ranking/demonstration/2025-26/']", "2025-26"),
    ("a record", "main a[href^='/claims/']", ""),
)
DOCUMENT = "main a[href^='/documents/']"
Go = Callable[[Locator], None]


def _by_mouse(link: Locator) -> None:
    link.click()


def _by_keyboard(link: Locator) -> None:
    """Tab until the link has the focus, which must be seen, then press Enter."""
    page = link.page
    for _press in range(300):
        page.keyboard.press("Tab")
        if link.evaluate("link => link === document.activeElement"):
            break
    else:
        pytest.fail(f"the Tab key never reaches {link}")
    assert _is_seen(link), "the focus is not seen"
    page.keyboard.press("Enter")


def _is_seen(link: Locator) -> bool:
    outline, width, shadow = link.evaluate(
        "link => (style => [style.outlineStyle, parseFloat(style.outlineWidth), style.boxShadow])"
        "(getComputedStyle(link))"
    )
    return (outline != "none" and width >= 2) or shadow != "none"


def _travel(page: Page, go: Go, meet: Callable[[Page], None] = lambda page: None) -> None:
    """Go from the home page to the document, meeting every page on the way; the document is the one that is cited."""
    meet(page)
    for _what, selector, heading in STEPS:
        with page.expect_navigation(wait_until="load"):
            go(page.locator(selector).first)
        assert heading in page.locator("h1").inner_text()
        meet(page)
    number = int(page.url.rstrip("/").rsplit("/", 1)[1])
    with page.expect_navigation() as shown:
        go(page.locator(DOCUMENT).first)
    _is_whole(page, shown.value.headers["content-type"], number)


def _is_whole(page: Page, kind: str, claim: int) -> None:
    """The document is one that the record cites, byte by byte, told by its digest in the address."""
    found = re.search(r"/documents/([0-9a-f]{64})/$", page.url)
    assert found
    assert hashlib.sha256(page.request.get(page.url).body()).hexdigest() == found[1]
    cited = Claim.objects.get(pk=claim).attachments.get(document=found[1])
    assert cited.document.media_type == kind == "application/pdf"


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_by_mouse_from_home_to_the_document_behind_a_number(
    open_page: Open, javascript: bool
) -> None:
    page = open_page("/", java_script_enabled=javascript)
    _travel(page, _by_mouse)


def test_by_keyboard_alone_with_the_focus_always_seen(open_page: Open) -> None:
    page = open_page("/")
    _travel(page, _by_keyboard)


def test_on_a_small_screen_nothing_is_wider_than_the_screen(open_page: Open) -> None:
    widths: dict[str, int] = {}

    def measure(page: Page) -> None:
        widths[page.url] = page.evaluate("document.documentElement.scrollWidth")

    page = open_page("/", viewport={"width": 360, "height": 740}, has_touch=True)
    _travel(page, _by_mouse, measure)
    assert set(widths.values()) == {360}
    assert len(widths) == 5


def test_every_number_of_the_ranking_opens_its_explanation(open_page: Open, site: str) -> None:
    page = open_page("/ranking/demonstration/2025-26/")
    hrefs = (
        page.locator("main table")
        .first.locator("td a.figure")
        .evaluate_all("links => links.map(link => link.getAttribute('href'))")
    )
    ranked = Run.objects.get(
        programme__slug="demonstration", period__label="2025-26", status="published"
    ).standings.filter(rank__isnull=False)
    assert len(hrefs) == 2 * ranked.count() == 14
    for href in sorted(set(hrefs)):
        page.goto(f"{site}{href}")
        assert page.locator("main td a.figure").count() >= 23
    page.locator("main td a.figure").first.click()
    page.wait_for_load_state()
    shown = page.locator("main").inner_text()
    for part in ("How this figure came about", "Records counted", "Value of the indicator",
                 "On the common scale", "Points in the score", "The records behind it"):  # fmt: skip
        assert part in shown


def test_the_demonstration_says_so_on_every_page_of_the_journey(open_page: Open) -> None:
    page = open_page("/ranking/demonstration/2025-26/")
    for _what, selector, _heading in STEPS[1:]:
        assert "A fictional programme" in page.locator("aside.banner").inner_text()
        page.locator(selector).first.click()
        page.wait_for_load_state()
    assert "A fictional programme" in page.locator("aside.banner").inner_text()


def test_the_public_record_ranks_nobody_and_says_why(open_page: Open) -> None:
    page = open_page("/ranking/public-record/2025-26/")
    shown = page.locator("main").inner_text()
    assert "No cluster can be ranked" in shown
    assert page.locator("aside.banner").count() == 0
    assert page.locator("main a.figure:has-text('How this rank')").count() == 0


PAGES = {
    "home": "/",
    "clusters": "/clusters/",
    "a cluster": "/clusters/demonstration/udayani/",
    "rankings": "/ranking/",
    "the ranking": "/ranking/demonstration/2025-26/",
    "a standing": "/ranking/demonstration/2025-26/udayani/",
    "how sure a ranking is": "/certainty/demonstration/2025-26/",
    "how sure an empty one is": "/certainty/public-record/2025-26/",
    "a value": "/ranking/demonstration/2025-26/udayani/{indicator}/",
    "a claim": "/claims/{claim}/",
    "claims": "/claims/",
    "the framework": "/frameworks/demonstration/{framework}/",
    "an empty ranking": "/ranking/public-record/2025-26/",
    "a real cluster": "/clusters/public-record/{real}/",
    "method": "/method/",
    "open data": "/data/",
    "the field": "/field/",
    "a thing in the field": "/field/things/{thing}/?range=month",
    "a stream": "/field/streams/{stream}/?range=week",
    "data to take away": "/field/things/{thing}/data/",
    "sign in": "/accounts/login/",
}


@pytest.fixture
def filled() -> dict[str, object]:
    """What stands in the addresses of pages."""
    run = Run.objects.select_related("framework").get(
        programme__slug="demonstration", period__label="2025-26", status="published"
    )
    value = run.values.filter(cluster__slug="udayani", records__gt=0).order_by("indicator").first()
    claim = Claim.objects.filter(cluster__slug="udayani", is_evidenced=True).order_by("pk").first()
    real = Run.objects.get(programme__slug="public-record").standings.first()
    assert value
    assert claim
    assert real
    stream = Datastream.objects.order_by("pk").first()
    assert stream
    return {
        "thing": stream.thing_id,
        "stream": stream.pk,
        "indicator": value.indicator,
        "claim": claim.pk,
        "framework": f"{run.framework.code}/{run.framework.version}",
        "real": real.cluster.slug,
    }


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_barrier(
    open_page: Open, filled: dict[str, object], name: str, scheme: str, width: int
) -> None:
    address = PAGES[name].format(**filled)
    page = open_page(address, color_scheme=scheme, viewport={"width": width, "height": 800})
    found = Axe().run(page).response["violations"]
    assert [(one["impact"], one["id"], one["nodes"][0]["target"]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.locator("h1").count() == 1


ACCOUNTS = {role: email for email, role, _can in reversed(demonstration.ACCOUNTS)}


@pytest.mark.parametrize("role", ACCOUNTS)
def test_everybody_signs_in_and_finds_a_dashboard_of_their_own(open_page: Open, role: str) -> None:
    page = open_page("/dashboard/", viewport={"width": 360, "height": 740})
    assert "/accounts/login/?next=/dashboard/" in page.url
    page.get_by_label("Email", exact=False).first.fill(ACCOUNTS[role])
    page.get_by_label("Password").fill(demonstration.DEMONSTRATION_PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_url("**/dashboard/")
    assert role.label.lower() in page.locator("main").inner_text().lower()
    found = Axe().run(page).response["violations"]
    assert [(one["impact"], one["id"], one["nodes"][0]["target"]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") == 360
