"""Which claim of the story comes from which project and deployment: same cluster and topic, and the stage fits the kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sankul.programme.outcomes.rules import ClaimStatus
from sankul.programme.portfolio.models import Deployment, Project
from sankul.programme.portfolio.rules import Stage

from .portfolio import Made
from .story import Entry

FROM = {
    Stage.RESEARCH: ("patent", "sponsored_research", "graduate_project", "international_output",
                     "academic_partnership"),
    Stage.PILOT: ("training_event", "training_attendance", "outreach_item", "government_partnership"),
    Stage.DEPLOYMENT: ("deployment", "deployment_users", "patent_commercialised", "licence", "royalty_receipt",
                       "local_content"),
}  # fmt: skip
"""From which stage on a project brings forth which kinds of claims."""
STAGE_OF = {kind: stage for stage, kinds in FROM.items() for kind in kinds}
OF_DEPLOYMENTS = frozenset({"deployment", "deployment_users"})


class Link(NamedTuple):
    """What a claim comes from."""

    project: Project | None = None
    deployment: Deployment | None = None


NOTHING = Link()


def links(made: Sequence[Made], entries: Sequence[Entry]) -> Mapping[str, Link]:
    """By the reference of each claim that comes from a project; a deployment is claimed once, its users each time."""
    found: dict[str, Link] = {}
    claimed: set[int] = set()
    for entry in sorted(entries, key=lambda one: (one.on, one.reference)):
        one = _project(made, entry)
        if one is None:
            continue
        used = _in_use(one, entry.on) if entry.kind in OF_DEPLOYMENTS else None
        if entry.kind in OF_DEPLOYMENTS and used is None:
            continue
        if used is not None and entry.kind == "deployment":
            used = None if used.pk in claimed else used
            claimed |= {used.pk} if used else set()
        found[entry.reference] = Link(one.project, used)
    return found


def _project(made: Sequence[Made], entry: Entry) -> Made | None:
    if entry.status != ClaimStatus.SUBMITTED:
        return None
    fitting = [one for one in made if one.told["city"] == entry.city and _fits(one, entry)]
    return max(fitting, key=lambda one: one.starts_on or date.min, default=None)


def _fits(one: Made, entry: Entry) -> bool:
    if "report" in one.told and entry.title.startswith(one.told["report"]):
        return True
    if entry.kind not in STAGE_OF or one.told["topic"] not in entry.title:
        return False
    since_on = one.entered(STAGE_OF[entry.kind])
    return since_on is not None and since_on <= entry.on <= (one.ended_on or date.max)


def _in_use(one: Made, on: date) -> Deployment | None:
    """The deployment in its own region that is in use on the day, the youngest of several."""
    used = [
        row
        for row in one.deployments
        if row.cluster_id == one.project.cluster_id
        and row.since_on
        and row.since_on <= on <= (row.until_on or date.max)
    ]
    return max(used, key=lambda row: row.since_on or date.min, default=None)
