"""A whole small round with its seven roles, each on their own pages in a real browser: from its opening to the published ranking,
the annual report, a successful appeal with its corrected evaluation, and the bundle that verifies without a database."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page

from sankul.core.models import User
from sankul.core.rules.roles import Role
from sankul.programme.feedback.actions import letters
from sankul.programme.indicators.tests import makers as indicators
from sankul.programme.registry.tests import makers

from .collecting import claimed, drawn, opened, verified
from .conftest import serving
from .judging import heard, scored
from .people import Clock, Site, choose, fill, follow, press, told
from .play import CLUSTERS, FRAMEWORK, PLACE, Play

pytestmark = pytest.mark.django_db(transaction=True)


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
    opened(play)
    claimed(play)
    drawn(play)
    verified(play)
    scored(play)
    heard(play)
    _replied(play)
    _sealed(play)
    _decided(play)
    _published(play)
    _reported(play)
    _appealed(play)
    _closed(play)
    _downloaded(play)
    assert play.site.complaints == []


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
    with play.site.visited(None, f"/rounds/{PLACE}/replies/") as page:
        assert "Upheld" in told(page)
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
