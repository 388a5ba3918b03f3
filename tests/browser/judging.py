"""What people judge in a round, each on their own pages: the expert panel and the 360-degree survey."""

from __future__ import annotations

import re

from django.core import mail
from playwright.sync_api import Page

from sankul.core.models import User
from sankul.programme.panel.rules import CRITERIA

from .people import choose, fill, follow, go, press, told
from .play import A_GROUP, ANSWERS, CLUSTERS, GROUPS, LEVELS, PASSPHRASE, Play, option


def scored(play: Play) -> None:
    """Three members score alone and nobody sees it; then they discuss, and what they say is released."""
    site = play.site
    play.blocked(play.officer, "uses scores of the expert panel, and they are not released")
    panel = _convened(play)
    first, *others = play.reviewers
    _sheets(play, first, panel)
    for other in (*others, play.officer, play.evaluator, play.ceos["strong"]):
        assert site.status(other, f"{panel}discussion/") in (403, 404)
    with site.visited(others[0], f"{panel}sheet/strong/") as page:
        assert "Seen alone" not in page.content()
        assert page.locator("input[type='radio']:checked").count() == 0
    for user in others:
        _sheets(play, user, panel)
    with site.visited(play.evaluator, panel) as page:
        for verb in ("Open the discussion", "Close the discussion", "Release"):
            follow(page, verb)
            press(page, verb)
            if verb == "Open the discussion":
                _discussed(play, others[0], panel)
        assert "Released" in told(page)
    with site.visited(play.ceos["weak"], f"{panel}results/") as page:
        assert "Strong cluster" not in told(page)
    play.move(play.evaluator, "360-degree feedback", closed_to=play.officer)


def _convened(play: Play) -> str:
    """The officer convenes a panel; its path."""
    with play.site.visited(play.officer, "/panels/") as page:
        follow(page, "New panel: City clusters")
        page.locator("[name='period']").select_option("2025-26")
        press(page, "Make the panel")
        assert "Rubrics are missing" in told(page)
        path = page.url.removeprefix(play.site.address)
        for code in CRITERIA:
            page.goto(f"{play.site.address}{path}rubrics/{code}/")
            fill(page, **{f"level_{n}": f"Level {n} of five" for n in range(1, 6)})
            press(page, "Keep the levels")
        follow(page, "Members")
        for user in play.reviewers:
            page.locator("[name='user']").select_option(str(user.pk))
            press(page, "Appoint")
        page.goto(f"{play.site.address}{path}")
        follow(page, "Begin the scoring")
        page.locator("[name='decision']").select_option(label=option(page, "decision", "Rubrics"))
        press(page, "Begin the scoring")
        assert "Independent scoring" in told(page)
    return path


def _sheets(play: Play, user: User, panel: str) -> None:
    """A member scores every cluster alone, and sends it."""
    with play.site.visited(user, panel) as page:
        for slug, cluster in play.clusters.items():
            follow(page, cluster.name)
            for code in CRITERIA:
                choose(page, f"{code}_level", str(LEVELS[slug]))
                fill(page, **{f"{code}_reason": f"Seen alone by {user.name}"})
            press(page, "Keep my draft")
        follow(page, "Send my scores")
        press(page, "Send my scores")
        assert "You have sent your scores." in told(page)


def _discussed(play: Play, user: User, panel: str) -> None:
    """In the discussion a member sees the others' scores by letter, and changes an own one with a reason."""
    with play.site.visited(user, f"{panel}discussion/strong/learning/") as page:
        assert told(page).count("Seen alone by") == 3
        page.locator("[name='level']").select_option("4")
        page.locator("form:has([name='level']) [name='reason']").fill("One failure was not told")
        press(page, "Change it")
        assert "5 → 4. One failure was not told" in told(page)


def heard(play: Play) -> None:
    """Those who work with the clusters answer on a phone; the evaluator alone counts, and computes a preliminary run."""
    site = play.site
    play.blocked(
        play.evaluator, "uses scores of the survey, and they are not released", "No preliminary evaluation"
    )  # fmt: skip
    site.clock.days = 9
    survey = _asked(play)
    key = _keyed(play, survey)
    _written(play, survey)
    links = _links()
    for link in links:
        _answered(play, link)
    with site.visited(None, links[0], phone=True) as page:
        assert "This link takes no answer" in told(page)
    assert site.status(play.officer, f"{survey}results/") in (403, 404)
    with site.visited(play.officer, f"{survey}people/") as page:
        assert told(page).count("yes") == len(links)
    with site.visited(play.evaluator, survey) as page:
        follow(page, "Close")
        press(page, "Close")
        follow(page, "Count the ballots")
        _show_key(page, key)
        press(page, "Count")
        follow(page, "Release")
        press(page, "Release")
    with site.visited(play.ceos["strong"], f"{survey}results/") as page:
        row = page.locator("tr", has_text="Strong cluster").first.inner_text()
        # All said 5; means end at 4.8, lest a mean at the very end tell what everybody said.
        assert "4.8" in row
        assert "Weak cluster" not in told(page)
    play.computed()
    play.move(play.evaluator, "Right of reply", closed_to=play.officer)


def _asked(play: Play) -> str:
    """The officer builds a survey of one question for two groups, and uploads who is asked; its path."""
    with play.site.visited(play.officer, "/surveys/") as page:
        follow(page, "New survey: City clusters")
        page.locator("[name='period']").select_option("2025-26")
        fill(page, closes_on="2026-12-02", contact="survey@example.org")
        press(page, "Make the survey")
        path = page.url.removeprefix(play.site.address)
        follow(page, "Settings")
        fill(page, title_en="Ease of doing science")
        page.locator("[name='has_hindi']").uncheck()
        press(page, "Keep the settings")
        for place, code in enumerate(GROUPS, 1):
            page.goto(f"{play.site.address}{path}groups/new/")
            fill(page, code=code, title_en=code.capitalize(), weight="1", position=str(place))
            _kept(page)
        page.goto(f"{play.site.address}{path}sections/new/")
        fill(page, title_en="Working with the cluster", position="1")
        page.locator("[name='per_cluster']").check()
        _kept(page)
        go(page, page.get_by_role("link", name=re.compile("^Add a question")))
        page.locator("[name='kind']").select_option("likert")
        fill(page, code="access", text_en="How easy is it to use its facilities?", position="1")
        fill(page, labels_en="Very hard\nHard\nNeither\nEasy\nVery easy")
        page.locator("[name='is_scored']").check()
        _kept(page)
        page.goto(f"{play.site.address}{path}people/")
        page.get_by_text("Upload a list", exact=True).click()
        page.locator("[name='file']").set_input_files(play.paper("people.csv", _people()))
        press(page, "Upload")
        assert f"{len(GROUPS) * A_GROUP} people were added" in page.locator("body").inner_text()
    return path


def _kept(page: Page) -> None:
    """Press the one button of a form."""
    go(page, page.locator("main form.form button.button").first)
    assert page.locator(".errors").count() == 0, told(page)


def _people() -> str:
    lines = [
        f"Dr {group} {n},{group}{n}@example.org,{group},{' '.join(CLUSTERS)}"
        for group in GROUPS
        for n in range(A_GROUP)
    ]
    return "\n".join(["name,email,group,clusters", *lines])


def _keyed(play: Play, survey: str) -> str:
    """The evaluator makes the key, keeps it on a disk of their own, and opens the survey; where it is kept."""
    with play.site.visited(play.evaluator, survey) as page:
        follow(page, "Make the key")
        fill(page, passphrase=PASSPHRASE, again=PASSPHRASE)
        with page.expect_download() as saved:
            page.get_by_role("button", name="Make the key and download it").click()
        key = play.folder / "survey.key"
        saved.value.save_as(key)
        page.goto(f"{play.site.address}{survey}open/")
        _show_key(page, str(key))
        press(page, "Open the survey")
        assert "The survey is open" in told(page)
    return str(key)


def _show_key(page: Page, key: str) -> None:
    page.locator("[name='key_file']").set_input_files(key)
    fill(page, passphrase=PASSPHRASE)


def _written(play: Play, survey: str) -> None:
    with play.site.visited(play.officer, survey) as page:
        press(page, "Send invitations")
        play.site.work("feedback.send_letters")


def _links() -> list[str]:
    """The path of each letter's link."""
    found = [re.search(r"https?://[^/]+(/answer/\?\S+)", one.body) for one in mail.outbox]
    assert all(found)
    assert len(found) == len(GROUPS) * A_GROUP
    return [one[1] for one in found if one]


def _answered(play: Play, link: str) -> None:
    """Somebody answers on a phone without JavaScript, looks it over and sends it."""
    with play.site.visited(None, link, phone=True) as page:
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        for slug, cluster in play.clusters.items():
            asked = page.get_by_role("group", name=re.compile(f"^{cluster.name}"))
            asked.locator(f"input[value='{ANSWERS[slug]}']").check()
        go(page, page.get_by_role("button", name="Look over my answers").last)
        press(page, "Send")
        assert "Thank you. Your answer is in." in told(page)
