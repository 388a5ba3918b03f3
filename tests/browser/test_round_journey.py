"""A whole small round with its seven roles, each on their own pages in a real browser: from its opening to the published ranking,
the annual report, a successful appeal with its corrected evaluation, and the bundle that verifies without a database."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core import mail
from playwright.sync_api import Browser, Locator, Page

from sankul.core.models import User
from sankul.core.rules.roles import Role
from sankul.programme.evaluation.models import Round
from sankul.programme.evaluation.tests.rounds import DUE
from sankul.programme.feedback.actions import letters
from sankul.programme.indicators.tests import makers as indicators
from sankul.programme.panel.rules import CRITERIA
from sankul.programme.registry.models import Cluster, Period, Programme
from sankul.programme.registry.tests import makers

from .conftest import serving
from .people import Clock, Site, choose, fill, follow, go, press, told

pytestmark = pytest.mark.django_db(transaction=True)

FRAMEWORK = """
[framework]
id = "small"
title = "Small framework"
version = "1"
threshold = 60

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
id = "learning"
title = "Learning from failure"
parent = "index"
unit = "score 1 to 5"
kind = "subjective"
measure = "panel_learning"
statistic = "mean"
goalposts = [1, 5]

[[indicator]]
id = "ease"
title = "Ease of doing science"
parent = "index"
unit = "score 1 to 5"
kind = "subjective"
measure = "feedback_score"
statistic = "mean"
goalposts = [1, 5]

[[step]]
do = "screen"
min_coverage = 0.6

[[step]]
do = "normalise"
method = "goalposts"

[[step]]
do = "aggregate"
method = "arithmetic"

[[vary]]
what = "weights"
"""
CLUSTERS = ("strong", "middling", "weak")
CLAIMED = {"strong": 8, "middling": 6, "weak": 3}
FOUND = {"strong": 8, "middling": 4, "weak": 1}
"""What the verifier finds proved. The middling one is ruled 5 in its reply, the weak one 3 in its appeal."""
LEVELS = {"strong": 5, "middling": 3, "weak": 2}
ANSWERS = {"strong": 5, "middling": 3, "weak": 2}
GROUPS = ("scientists", "industry")
A_GROUP = 6
PASSPHRASE = "nine green parrots asleep"
NUMBER = "4839201745"
PLACE = "cities/2025-26"


@dataclass
class Play:
    """The site, the programme's year, and everybody who has a part in its round."""

    site: Site
    folder: Path
    programme: Programme
    period: Period
    clusters: dict[str, Cluster]
    officer: User
    apex: User
    evaluator: User
    reviewers: list[User]
    ceos: dict[str, User]
    staff: dict[str, User]

    @property
    def round(self) -> Round:
        """The round, read anew."""
        return Round.objects.get(period=self.period)

    def blocked(self, user: User, *words: str) -> None:
        """The page of the round says what stands in its way, and offers nobody the way on."""
        with self.site.visited(user, f"/rounds/{PLACE}/") as page:
            said = told(page)
            assert "What stands in the way" in said
            for one in words:
                assert one in said
            assert page.get_by_role("link", name=re.compile("^Go on to")).count() == 0

    def move(self, user: User, to: str, *, closed_to: User) -> None:
        """Who has to moves the round on; somebody else is not offered to."""
        with self.site.visited(closed_to, f"/rounds/{PLACE}/") as page:
            assert page.get_by_role("link", name=re.compile("^Go on to")).count() == 0
        with self.site.visited(user, f"/rounds/{PLACE}/") as page:
            follow(page, f"Go on to: {to}")
            assert "A round never goes back" in told(page)
            press(page, "Go on")
            assert f"The round is now in “{to}”." in page.locator("body").inner_text()

    def paper(self, name: str, text: str) -> str:
        """A document on somebody's disk."""
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def computed(self) -> None:
        """The evaluator asks for an evaluation on the desk, and it is computed."""
        with self.site.visited(self.evaluator, "/evaluation/cities/") as page:
            press(page, "Compute an evaluation")
            self.site.work("evaluation.compute")
            page.reload()
            assert f"/ranking/{PLACE}/?run=" in (page.content())


@pytest.fixture
def play(browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Play]:
    """A programme of three clusters with an approved framework, and nothing recorded yet of its year."""
    clock = Clock()
    # Days of notice, windows and lotteries go by on this clock alone; what people do takes its time as it does.
    monkeypatch.setattr("django.utils.timezone.now", clock.now)
    # The pause between two letters spares mail servers, and there is none here.
    monkeypatch.setitem(letters.send.__kwdefaults__, "pause_seconds", 0.0)
    programme = makers.programme(slug="cities", name="City clusters")
    period = makers.period(programme)
    clusters = {
        slug: makers.cluster(programme, slug=slug, name=f"{slug.capitalize()} cluster")
        for slug in CLUSTERS
    }
    for slug, cluster in clusters.items():
        anchor = makers.organisation(slug=f"{slug}-college", name=f"{slug.capitalize()} College")
        makers.membership(cluster, anchor, kind="anchor")
    indicators.approved(programme, FRAMEWORK)
    meeting = programme.bodies.get().meetings.get()
    makers.decision(meeting, reference="Rule", text="The funding rule is approved.")
    makers.decision(meeting, reference="Rubrics", text="The rubrics are approved.")
    scope = programme.scopes[0]
    with serving() as address:
        site = Site(address, browser, clock)
        yield Play(
            site, tmp_path, programme, period, clusters,
            makers.user_with(Role.PROGRAMME_OFFICER, scope),
            makers.user_with(Role.APEX_MEMBER, scope),
            makers.user_with(Role.EVALUATOR, scope),
            [makers.user_with(Role.REVIEWER, scope) for _ in range(3)],
            {slug: makers.user_with(Role.CLUSTER_CEO, it.scopes[0]) for slug, it in clusters.items()},
            {slug: makers.user_with(Role.CLUSTER_STAFF, it.scopes[0]) for slug, it in clusters.items()},
        )  # fmt: skip
        site.close()


def test_a_round_is_played_from_its_opening_to_a_corrected_result(play: Play) -> None:
    _opened(play)
    _claimed(play)
    _drawn(play)
    _verified(play)
    _scored(play)
    _heard(play)
    _replied(play)
    _sealed(play)
    _decided(play)
    _published(play)
    _reported(play)
    _appealed(play)
    _closed(play)
    _downloaded(play)
    assert play.site.complaints == []


def _opened(play: Play) -> None:
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
        page.locator("[name='decision']").select_option(label=_option(page, "decision", "Rule"))
        press(page, "Approve the rule")
    play.move(play.apex, "Claims", closed_to=play.officer)


def _option(page: Page, field: str, words: str) -> str:
    """The label of the option that holds these words."""
    labels = page.locator(f"[name='{field}'] option").all_inner_texts()
    return next(label for label in labels if words in label)


def _claimed(play: Play) -> None:
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


def _drawn(play: Play) -> None:
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


def _verified(play: Play) -> None:
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


def _scored(play: Play) -> None:
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
        page.locator("[name='decision']").select_option(label=_option(page, "decision", "Rubrics"))
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


def _heard(play: Play) -> None:
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
        assert "Strong cluster" in told(page)
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


def _replied(play: Play) -> None:
    """A CEO contests what was found of a claim, which nobody else of the clusters sees; the evaluator upholds it in part."""
    site, ceo = play.site, play.ceos["middling"]
    run = play.round.preliminary_id
    for slug, status in (("middling", 200), ("strong", 404)):
        assert site.status(ceo, f"/ranking/{PLACE}/{slug}/?run={run}") == status
    assert site.status(ceo, f"/ranking/{PLACE}/?run={run}") == 404
    for user in (play.officer, play.apex):
        assert site.status(user, f"/ranking/{PLACE}/?run={run}") == 404
    play.blocked(play.officer, "The window is open until the end of 12 Dec 2026")
    with site.visited(ceo, f"/rounds/{PLACE}/") as page:
        follow(page, "Your evidence, findings and score, with how each figure came about")
        assert "Middling cluster" in told(page)
        assert "Strong cluster" not in told(page)
    reply = _contested(
        play, "middling", "Contest a figure", "The second list names one more evening."
    )
    assert site.status(play.ceos["strong"], reply) == 404
    site.clock.days = 21  # the window has ended, as windows do: by the days going by
    play.move(play.officer, "Moderation", closed_to=play.evaluator)
    play.blocked(play.evaluator, "1 objection is not ruled on")
    _ruled(play, play.evaluator, reply, "5", "The second list holds.")
    play.blocked(play.evaluator, "No evaluation by the round's framework is computed since")
    with site.visited(ceo, reply) as page:
        assert "The second list holds." in told(page)
        assert "Carried out" in told(page)
    play.computed()
    play.move(play.evaluator, "Sealing", closed_to=play.officer)


def _contested(play: Play, slug: str, way: str, reason: str) -> str:
    """A cluster's CEO contests its number of items with a document; the path of what is on record then."""
    with play.site.visited(play.ceos[slug], f"/rounds/{PLACE}/") as page:
        follow(page, way)
        page.locator("[name='indicator']").select_option("items")
        fill(page, claim=f"{slug}-1", reason=reason)
        page.locator("[name='file']").set_input_files(
            play.paper("list.csv", f"evening\n{reason}\n")
        )
        press(page, "Contest it")
        assert reason in told(page)
        return page.url.removeprefix(play.site.address)


def _ruled(play: Play, user: User, objection: str, quantity: str, reasons: str) -> None:
    """Somebody rules; without reasons it is refused."""
    with play.site.visited(user, objection) as page:
        follow(page, "Rule on it")
        choose(page, "ruling", "upheld")
        fill(page, quantity=quantity, reasons=" ")
        press(page, "Rule")
        assert page.locator(".errors").count() == 1
        fill(page, reasons=reasons)
        press(page, "Rule")
        assert reasons in told(page)


def _carried_out(play: Play, objection: str) -> None:
    with play.site.visited(play.evaluator, objection) as page:
        press(page, "Carry out the ruling")
        assert "Carried out" in told(page)


def _sealed(play: Play) -> None:
    """The evaluator seals the final run; only then the office and the committee read it."""
    run = play.round.run_id
    play.blocked(play.officer, "The final evaluation is not sealed.")
    assert play.site.status(play.apex, f"/ranking/{PLACE}/?run={run}") == 404
    _seal(play, play.evaluator)
    play.move(play.evaluator, "Decision of the apex committee", closed_to=play.apex)
    assert play.site.status(play.apex, f"/ranking/{PLACE}/?run={run}") == 200
    assert play.site.status(play.ceos["strong"], f"/ranking/{PLACE}/?run={run}") == 404


def _seal(play: Play, user: User) -> None:
    with play.site.visited(user, f"/rounds/{PLACE}/seal/") as page:
        follow(page, "Seal the evaluation")
        press(page, "Seal it")
        assert "Merkle root" in told(page)


def _decided(play: Play) -> None:
    """The committee follows the rule twice, once with a target, and departs from it once, which takes a written reason."""
    play.blocked(play.apex, "The funding is not decided of", "Weak cluster")
    with play.site.visited(play.apex, f"/rounds/{PLACE}/decisions/") as page:
        for proposed in ("Continue", "Continue with an improvement plan"):
            assert proposed in told(page)
    _decide(play, "strong", "continue")
    with _deciding(play, "middling", "continue") as page:
        press(page, "Decide")
        assert "This departs from what the rule proposes. Give the reason in writing." in told(page)
        fill(page, reason="It began two years after the others.")
        press(page, "Decide")
        assert "It began two years after the others." in told(page)
    with _deciding(play, "weak", "plan") as page:
        page.locator("[name='indicator_1']").select_option("items")
        fill(page, value_1="6", due_1="2027-09-30")
        press(page, "Decide")
        assert "agreed in this round" in told(page)
    play.move(play.apex, "Publication", closed_to=play.officer)


def _decide(play: Play, slug: str, outcome: str) -> None:
    with _deciding(play, slug, outcome) as page:
        press(page, "Decide")
        assert "What is decided on" in told(page)


@contextmanager
def _deciding(play: Play, slug: str, outcome: str) -> Iterator[Page]:
    """The page on which the committee decides on a cluster, filled but for what a case wants besides."""
    with play.site.visited(play.apex, f"/rounds/{PLACE}/decisions/{slug}/") as page:
        assert "The rule proposes" in told(page)
        choose(page, "outcome", outcome)
        page.locator("[name='meeting']").select_option(index=1)
        fill(page, reference=f"Funding of {slug}")
        yield page


def _published(play: Play) -> None:
    """Nobody reads the ranking before it is published, and everybody afterwards."""
    assert play.site.status(None, f"/ranking/{PLACE}/") == 404
    play.move(play.apex, "Appeals", closed_to=play.officer)
    with play.site.visited(None, f"/ranking/{PLACE}/") as page:
        for cluster in play.clusters.values():
            assert cluster.name in told(page)
    with play.site.visited(None, f"/rounds/{PLACE}/decisions/") as page:
        assert "It began two years after the others." in told(page)
        assert "Who may learn from whom" in told(page)


def _reported(play: Play) -> None:
    """The officer asks for the annual report; everybody reads it as a page and as a PDF."""
    with play.site.visited(play.officer, "/reports/") as page:
        press(page, "English")
        play.site.work("reports.make")
    with play.site.visited(None, "/reports/") as page:
        follow(page, "City clusters 2025-26")
        for cluster in play.clusters.values():
            assert cluster.name in told(page)
        pdf = page.get_by_role("link", name="PDF").get_attribute("href")
        answer = page.request.get(f"{play.site.address}{pdf}")
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.body().startswith(b"%PDF-")


def _appealed(play: Play) -> None:
    """A CEO appeals, the committee upholds it, the evaluator carries it out, and a corrected run takes the place of the first."""
    site, first = play.site, play.round.run
    assert first is not None
    site.clock.days = 26
    appeal = _contested(play, "weak", "Appeal", "The register names all three evenings.")
    assert site.status(play.ceos["middling"], appeal) == 404
    site.clock.days = 39  # the last day to appeal has gone by
    play.blocked(play.officer, "1 objection is not ruled on")
    with site.visited(play.evaluator, appeal) as page:
        assert page.get_by_role("link", name="Rule on it").count() == 0
    _ruled(play, play.apex, appeal, "3", "The register holds.")
    play.blocked(play.officer, "1 objection was upheld and is not carried out.")
    _carried_out(play, appeal)
    play.computed()
    with site.visited(play.apex, f"/rounds/{PLACE}/replies/") as page:
        press(page, "Publish the corrected evaluation")
        assert "The corrected evaluation is published." in page.locator("body").inner_text()
    play.blocked(play.evaluator, "The corrected evaluation is not sealed.")
    _seal(play, play.evaluator)
    second = play.round.run
    assert second is not None
    assert second.pk != first.pk
    values = [
        run.values.get(cluster__slug="weak", indicator="items").value for run in (first, second)
    ]
    assert values == [1, 3]
    first.refresh_from_db()
    assert (first.status, second.status) == ("retired", "published")


def _closed(play: Play) -> None:
    play.move(play.officer, "Closed", closed_to=play.apex)
    with play.site.visited(None, appeal_list := f"/rounds/{PLACE}/replies/") as page:
        assert "Upheld" in told(page), appeal_list
    with play.site.visited(None, f"/rounds/{PLACE}/") as page:
        assert "Nothing is open any more." in told(page)


def _downloaded(play: Play) -> None:
    """A stranger downloads both bundles with their checkpoints, and verifies them without a database."""
    with play.site.visited(None, f"/rounds/{PLACE}/seal/") as page:
        parts = page.locator("section:has(> pre):has(a:text('The bundle (ZIP)'))")
        assert parts.count() == 2
        for place in range(2):
            saved = [
                _saved(
                    page,
                    parts.nth(place).get_by_role("link", name=name),
                    play.folder / f"{place}-{file}",
                )
                for name, file in (
                    ("The bundle (ZIP)", "bundle.zip"),
                    ("The checkpoint (text)", "checkpoint.txt"),
                )
            ]
            _verifies(*saved)


def _saved(page: Page, link: Locator, path: Path) -> Path:
    with page.expect_download() as saved:
        link.click()
    saved.value.save_as(path)
    return path


def _verifies(bundle: Path, checkpoint: Path) -> None:
    code = "from sankul.site.cli import main; main()"
    nowhere = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nowhere"}
    done = subprocess.run(
        [sys.executable, "-c", code, "verify", str(bundle), "--checkpoint", str(checkpoint)],
        capture_output=True, text=True, timeout=120, check=False,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "NO_COLOR": "1"} | nowhere,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Whole: ")
    assert checkpoint.read_text().strip() in done.stdout
