"""The first phases of a round, each on its pages: opening, claims, the drawing of the sample, verification."""

from __future__ import annotations

from playwright.sync_api import Page

from sankul.programme.evaluation.tests.rounds import DUE

from .people import choose, fill, follow, press, told
from .play import CLAIMED, CLUSTERS, FOUND, NUMBER, PLACE, Play, option


def opened(play: Play) -> None:
    """The officer opens the round; it waits for the funding rule, which the committee approves and binds."""
    site = play.site
    with site.visited(play.officer, "/rounds/") as page:
        follow(page, "Open a round: City clusters")
        page.locator("[name='period']").select_option("2025-26")
        fill(page, **{phase: f"{day:%Y-%m-%d}" for phase, day in DUE.items()})
        press(page, "Open the round")
        assert "Framework and funding rule" in told(page)
    assert site.status(None, f"/rounds/{PLACE}/") == 404
    play.blocked(play.officer, "approved no funding rule", "waits for: Apex")
    with site.visited(play.apex, f"/rounds/{PLACE}/") as page:
        follow(page, "The apex committee has approved no funding rule.")
        follow(page, "Approve a rule")
        fill(page, version="1", plan_probability="0.5", stop_probability="0.9", stop_years="3")
        page.locator("[name='decision']").select_option(label=option(page, "decision", "Rule"))
        press(page, "Approve the rule")
    play.move(play.apex, "Claims", closed_to=play.officer)


def claimed(play: Play) -> None:
    """Staff of every cluster submit a result each; the officer plans, announces and closes."""
    site = play.site
    for slug, user in play.staff.items():
        with site.visited(user, "/claims/new/?kind=outreach_item") as page:
            fill(page, reference=f"{slug}-1", title=f"Evenings of {slug}", on="2026-02-11")
            fill(
                page,
                quantity=str(CLAIMED[slug]),
                **{"partners-0-organisation": f"{slug.capitalize()} College"},
            )
            page.locator("[name='fact-medium']").select_option("event")
            fill(page, **{"fact-language": "en"})
            proof = play.paper(f"{slug}.csv", f"evening,people\n1,{len(slug)}\n")
            page.locator("[name='documents']").set_input_files(proof)
            press(page, "Save and submit")
            assert "Submitted" in told(page)
    with site.visited(play.officer, f"/rounds/{PLACE}/") as page:
        follow(
            page,
            "The claims are not closed: their verification is planned, announced and closed first.",
        )
        fill(page, precision="0.5", second_share="0")
        press(page, "Keep this design")
        follow(page, "Announce the number")
        fill(
            page,
            source="First prize of the state lottery",
            closes_on="2026-11-25",
            draws_on="2026-11-27",
        )
        press(page, "Announce")
        follow(page, "Close the claims")
        assert "The claims close on 25 Nov 2026, as was announced." in told(page)
    site.clock.days = 3
    with site.visited(play.officer, f"/verification/{PLACE}/") as page:
        follow(page, "Close the claims")
        press(page, "Close the claims")
    play.move(play.officer, "Drawing of the sample", closed_to=play.apex)


def drawn(play: Play) -> None:
    """The lottery is drawn on its day, and the sample by its number."""
    play.blocked(play.officer, "it waits for the announced public number")
    with play.site.visited(play.officer, f"/verification/{PLACE}/draw/") as page:
        fill(page, number=NUMBER)
        press(page, "Draw the sample")
        assert "27 Nov 2026" in told(page)
        assert page.locator(".errors").count() == 1
    play.site.clock.days = 5
    with play.site.visited(play.officer, f"/verification/{PLACE}/") as page:
        follow(page, "Enter the number and draw")
        fill(page, number=NUMBER)
        press(page, "Draw the sample")
        follow(page, "Give the sample to the verifiers")
        press(page, "Share it out")
    play.move(play.officer, "Verification", closed_to=play.ceos["weak"])


def verified(play: Play) -> None:
    """The evaluator looks at each claim beside its document, and finds two of three proved in part."""
    site = play.site
    play.blocked(play.evaluator, "The sample is not verified")
    with site.visited(play.evaluator, "/verification/queue/") as page:
        assert "3 claims wait for you" in told(page)
        follow(page, "Begin with the first")
        for _claim in CLUSTERS:
            assert page.locator("figure.paper").count() == 1
            slug = page.locator("h1").inner_text().removeprefix("Evenings of ")
            _find(page, slug)
            press(page, "Save and next")
        assert "0 claims wait for you" in told(page)
    with site.visited(play.ceos["weak"], f"/verification/{PLACE}/") as page:
        assert "The list names" not in page.content()
    with site.visited(play.evaluator, f"/verification/{PLACE}/") as page:
        follow(page, "Settle and estimate")
        press(page, "Settle and estimate")
    with site.visited(play.ceos["weak"], f"/verification/{PLACE}/findings/") as page:
        assert "The list names 1" in told(page)
        assert "The list names 4" not in told(page)
    play.move(play.evaluator, "Expert scoring", closed_to=play.officer)


def _find(page: Page, slug: str) -> None:
    if FOUND[slug] == CLAIMED[slug]:
        choose(page, "finding", "verified")
    else:
        choose(page, "finding", "partly_verified")
        fill(page, quantity=str(FOUND[slug]), reason=f"The list names {FOUND[slug]}")
