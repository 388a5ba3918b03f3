"""From a staff member's claim with its document, through a verifier's partial acceptance, to the changed figure and its interval,
and back down by lineage to the document: in a real browser, on a small programme."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page

from sankul.core.models import User
from sankul.core.rules.roles import Role
from sankul.programme.evaluation.actions import runs
from sankul.programme.evaluation.models import Run
from sankul.programme.evaluation.tests import makers as evaluation
from sankul.programme.evidence.models import Check, Estimate
from sankul.programme.evidence.rules import VerificationStage
from sankul.programme.evidence.tests import makers as evidence
from sankul.programme.indicators.tests import makers as indicators
from sankul.programme.outcomes.models import Claim
from sankul.programme.registry.models import Period
from sankul.programme.registry.tests import makers

from .conftest import serving

pytestmark = pytest.mark.django_db(transaction=True)

FRAMEWORK = indicators.SMALL.replace("goalposts = [0, 10]", "goalposts = [0, 50]") + (
    '\n[[vary]]\nwhat = "weights"\n\n[[vary]]\nwhat = "data"\n'
)
TITLE = "Night of the telescopes"


def entered(browser: Browser, site: str, user: User) -> BrowserContext:
    """A browser in which somebody is signed in."""
    client = Client()
    client.force_login(user)
    context = browser.new_context()
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": site}])
    return context


def seen(page: Page) -> None:
    """Nothing serious stands in the way of anybody on this page."""
    found = Axe().run(page).response["violations"]
    serious = [one["id"] for one in found if one["impact"] in ("serious", "critical")]
    assert serious == [], page.url


def claimed(page: Page, site: str, organisation: str, proof: Path) -> int:
    """A staff member records, documents and submits a result; its number."""
    page.goto(f"{site}/claims/new/?kind=outreach_item")
    page.get_by_label("Title", exact=False).first.fill(TITLE)
    page.locator("#id_on").fill("2026-02-11")
    page.locator("#id_quantity").fill("20")
    page.locator("[name='fact-medium']").select_option("event")
    page.locator("[name='fact-language']").fill("en")
    page.locator("[name='documents']").set_input_files(str(proof))
    page.locator("[name='partners-0-organisation']").fill(organisation)
    seen(page)
    page.get_by_role("button", name="Save and submit").click()
    page.wait_for_load_state()
    assert page.locator("h1").inner_text() == TITLE
    seen(page)
    return int(page.url.rstrip("/").rsplit("/", 1)[1])


def partly_accepted(page: Page, site: str, claim: int) -> None:
    """The verifier opens the claim beside its document and accepts 12 of 20."""
    page.goto(f"{site}/verification/queue/")
    seen(page)
    page.get_by_role("link", name=TITLE).first.click()
    page.wait_for_load_state()
    assert page.locator("figure.paper").count() == 1
    page.locator("[name='finding'][value='partly_verified']").check()
    page.locator("[name='quantity']").fill("12")
    page.locator("[name='reason']").fill("The list names twelve evenings")
    seen(page)
    page.get_by_role("button", name="Save and next").click()
    page.wait_for_load_state()
    assert Claim.objects.get(pk=claim).pk == claim


def evaluated(period: Period, framework: Any) -> Run:
    run = runs.compute(
        actor=None, period=period, framework=framework, at=timezone.now(), draws=200, seed=1
    )
    return runs.publish(actor=None, run=run, at=timezone.now())


def test_a_partial_acceptance_changes_the_figure_and_lineage_leads_back_to_the_document(
    browser: Browser, tmp_path: Path
) -> None:
    period, (strong, *_others) = evaluation.round_of_three()
    organisation = makers.organisation(name="Observatory College")
    makers.membership(strong, organisation)
    framework = indicators.approved(period.programme, FRAMEWORK)
    staff = makers.user_with(Role.CLUSTER_STAFF, strong.scopes[0])
    proof = tmp_path / "evenings.csv"
    proof.write_text("evening,people\n1,40\n")
    with serving() as site:
        context = entered(browser, site, staff)
        number = claimed(context.new_page(), site, organisation.name, proof)
        context.close()
        before = evaluated(period, framework)
        assert before.values.get(cluster=strong, indicator="items").value == 28

        season = _verifying(period, number)
        context = entered(browser, site, season.verifiers[0])
        partly_accepted(context.new_page(), site, number)
        context.close()
        evidence.finish(season)
        assert Claim.objects.get(pk=number).status == "partly_verified"
        after = evaluated(period, framework)
        value = after.values.get(cluster=strong, indicator="items")
        assert value.value == 20
        assert Estimate.objects.filter(cluster=strong, measure="outreach_item").exists()
        standing = after.standings.get(cluster=strong)
        assert standing.score_low is not None
        assert standing.score is not None
        assert standing.score_high is not None
        assert standing.score_low <= standing.score <= standing.score_high

        page = browser.new_page()
        _back_down(page, site, after, number)
        page.close()


def _verifying(period: Period, number: int) -> evidence.Season:
    """The verification of the period, given to one verifier."""
    programme, scope = period.programme, period.programme.scopes[0]
    season = evidence.Season(
        programme, period, list(programme.clusters.all()), [],
        list(Claim.objects.filter(programme=programme)),
        makers.user_with(Role.PROGRAMME_OFFICER, scope),
        [makers.user_with(Role.EVALUATOR, scope)],
    )  # fmt: skip
    made = evidence.at_stage(VerificationStage.VERIFYING, season)
    assert Check.objects.filter(sampled__claim=number).exists()
    return made


def _back_down(page: Page, site: str, run: Run, number: int) -> None:
    """From the ranking with its interval to the value, its lineage, the claim and the document."""
    place = f"{run.programme.slug}/{run.period.label}"
    page.goto(f"{site}/ranking/{place}/")
    seen(page)
    page.goto(f"{site}/ranking/{place}/strong/items/")
    assert "20" in page.locator("p.lede").inner_text()
    page.get_by_role("link", name="Where it comes from").click()
    page.wait_for_load_state()
    seen(page)
    row = page.locator("tr", has_text=TITLE)
    assert "Partly verified" in row.inner_text()
    assert "12" in row.inner_text()
    document = row.locator("a[href^='/documents/']").first.get_attribute("href")
    row.get_by_role("link", name=TITLE).click()
    page.wait_for_load_state()
    assert page.url.endswith(f"/claims/{number}/")
    assert page.locator(f"a[href='{document}']").count() >= 1
    page.get_by_role("link", name="Every figure that it moved").click()
    page.wait_for_load_state()
    assert "Items" in page.locator("main").inner_text()
    seen(page)
