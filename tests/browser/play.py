"""A small round to be played in a browser: the year of three clusters, who has a part in it, and what they bring along."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from sankul.core.models import User
from sankul.programme.evaluation.models import Round
from sankul.programme.registry.models import Cluster, Period, Programme

from .people import Site, follow, press, told

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


def option(page: Page, field: str, words: str) -> str:
    """The label of the option that holds these words."""
    labels = page.locator(f"[name='{field}'] option").all_inner_texts()
    return next(label for label in labels if words in label)
