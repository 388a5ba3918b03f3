"""The gallery in a real browser: policy, accessibility, width, keyboard, the interactive view.

It runs on a server of its own and never touches the database, which pytest would refuse.
"""

import os
import shutil
from threading import Thread

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from playwright.sync_api import sync_playwright

from sankul.core.pages import samples

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
if CHROMIUM is None and os.environ.get("CI") != "true":
    pytest.skip("chromium is not installed; CI runs this file", allow_module_level=True)


class QuietHandler(WSGIRequestHandler):
    """Serves without a line a request."""

    def log_message(self, format, *args):  # noqa: A002
        pass


@pytest.fixture(scope="module")
def address():
    application = StaticFilesHandler(get_wsgi_application())
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietHandler)
    server.daemon_threads = True
    server.set_app(application)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/ui/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def open_page(browser):
    """Opens a page; at the end nothing may stand on its console, policy reports included."""
    contexts, said = [], []

    def opened(url, **options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda line: said.append(line.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(url, wait_until="networkidle")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert said == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_gallery_is_accessible_and_fits(open_page, address, scheme, width):
    page = open_page(address, color_scheme=scheme, viewport={"width": width, "height": 800})
    found = Axe().run(page).response["violations"]
    assert [(one["impact"], one["id"], one["nodes"][0]["target"]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_gallery_reads_without_javascript(open_page, address):
    page = open_page(address, java_script_enabled=False)
    assert page.locator("figure.picture svg:visible").count() == len(samples.pictures())


def test_text_is_set_in_the_font_of_the_site(open_page, address):
    page = open_page(address)
    assert page.evaluate("document.fonts.check('16px Mukta', 'क')")
    loaded = "[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)"
    assert "Mukta" in page.evaluate(loaded)


def test_the_first_key_leads_past_the_navigation(open_page, address):
    page = open_page(address)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_slash_key_goes_to_the_filter(open_page, address):
    page = open_page(address)
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    assert page.input_value("[name=q]") == ""


def test_the_interactive_view_draws_under_the_strict_policy(open_page, address):
    page = open_page(f"{address}?picture=strengths&as=view")
    page.wait_for_selector("[data-picture] svg")
    assert "Commercial deployment" in page.text_content("[data-picture]")
    page.hover("[data-picture] svg .layer_3_marks path >> nth=0")
    page.wait_for_selector(".vg-tooltip.visible")
    assert "78" in page.text_content(".vg-tooltip")


@pytest.mark.parametrize("chart", samples.pictures(), ids=lambda chart: chart.key)
def test_every_picture_has_an_interactive_view_under_the_strict_policy(open_page, address, chart):
    page = open_page(f"{address}?picture={chart.key}&as=view")
    page.wait_for_selector("[data-picture] svg")
    first = chart.rows[0][chart.columns[0].key]
    assert first.split()[0] in page.text_content("[data-picture]")
