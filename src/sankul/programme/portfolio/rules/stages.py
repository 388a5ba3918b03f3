"""The law of stages: which may follow which, and what must hold before a project enters one.

The five stages are the way from research to public use that the programme asks for; levels of readiness are those of
ISO 16290:2013. Each condition is a rule with a verdict in words, and says in its docstring where it comes from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.core.formats import day
from sankul.core.rules.verdicts import ALLOWED, Verdict, refused

from .words import ENDED, GOING, Stage

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MOVES: dict[Stage, tuple[Stage, ...]] = {
    Stage.IDEA: (Stage.RESEARCH, Stage.STOPPED),
    Stage.RESEARCH: (Stage.PILOT, Stage.IDEA, Stage.FAILED, Stage.STOPPED),
    Stage.PILOT: (Stage.DEPLOYMENT, Stage.RESEARCH, Stage.FAILED, Stage.STOPPED),
    Stage.DEPLOYMENT: (
        Stage.PLATFORM,
        Stage.PILOT,
        Stage.SUCCEEDED,
        Stage.FAILED,
        Stage.STOPPED,
    ),
    Stage.PLATFORM: (Stage.DEPLOYMENT, Stage.SUCCEEDED, Stage.FAILED, Stage.STOPPED),
    Stage.SUCCEEDED: (),
    Stage.FAILED: (),
    Stage.STOPPED: (),
}
"""Where a project can go from each stage: one step on, one step back, or to an end. An end is final."""
PILOT_LEVEL, DEPLOYMENT_LEVEL, PLATFORM_LEVEL = 4, 7, 9
USED_BY = 2
USERS_FRESH = timedelta(days=365)


@dataclass(frozen=True)
class Known:
    """What is on record of a project for the day ``on`` on which it would enter a stage; counts of rows, unless said otherwise.

    ``level`` is the readiness last assessed, ``users_on`` the day of the last count of users; None where there is none.
    """

    on: date
    owned_problems: int = 0
    leaders: int = 0
    baselines: int = 0
    level: int | None = None
    sites: int = 0
    milestones: int = 0
    open_milestones: int = 0
    measurements: int = 0
    payers: int = 0
    in_use: int = 0
    places: int = 0
    users_on: date | None = None
    lessons: int = 0


class Condition(NamedTuple):
    """What must hold before a stage: in words, and as a rule."""

    title: StrOrPromise
    rule: Callable[[Known], Verdict]


class Check(NamedTuple):
    """A condition and whether it holds."""

    title: StrOrPromise
    verdict: Verdict


def owned_problem(known: Known) -> Verdict:
    """A problem is addressed, and its owner is named.

    The programme's first outcome is solutions to problems of cities (psa.gov.in/st-clusters); who owns the problem decides
    later whether the solution is wanted.
    """
    if known.owned_problems:
        return ALLOWED
    return refused(_t("Add the problem that it addresses, with the public body that owns it."))


def leader(known: Known) -> Verdict:
    """An organisation of the leading cluster leads it: consortia whose members all contribute have nobody to ask."""
    if known.leaders:
        return ALLOWED
    return refused(_t("Name the organisation that leads it for the leading cluster."))


def baseline(known: Known) -> Verdict:
    """A baseline was measured before the stage and put on record no later than its first day.

    The UK's Strength in Places Fund wants framework and baseline report first; a baseline written down afterwards is a
    recollection. Akvo RSR keeps results as baseline and updates in the same way.
    """
    if known.baselines:
        return ALLOWED
    return refused(
        _t("Record a baseline: measured before this day, and on record by this day at the latest.")
    )


def ready_for_pilot(known: Known) -> Verdict:
    """Readiness of 4: components validated in the laboratory (ISO 16290); the RDI Fund takes no less either."""
    return _level(known, PILOT_LEVEL)


def ready_for_deployment(known: Known) -> Verdict:
    """Readiness of 7: demonstrated in its operational environment (ISO 16290), which is what a pilot is for."""
    return _level(known, DEPLOYMENT_LEVEL)


def ready_for_platform(known: Known) -> Verdict:
    """Readiness of 9: the system is proven by use in operation (ISO 16290)."""
    return _level(known, PLATFORM_LEVEL)


def agreed_site(known: Known) -> Verdict:
    """The owner of the problem agreed to a site: a pilot in a street or well is the owner's street or well."""
    if known.sites:
        return ALLOWED
    return refused(_t("Record the site, and the day on which the owner of the problem agreed."))


def milestones_set(known: Known) -> Verdict:
    """Milestones of the pilot are set: published projects of the programme are held to milestones and half-yearly reviews."""
    if known.milestones:
        return ALLOWED
    return refused(_t("Set at least one milestone of the pilot."))


def milestones_reached(known: Known) -> Verdict:
    """Every milestone of the pilot is reached, with proof.

    Published projects of the programme are paid and reviewed by milestones, so a pilot is over when they are.
    """
    if known.milestones and not known.open_milestones:
        return ALLOWED
    if not known.milestones:
        return refused(_t("The pilot had no milestone, so nothing shows that it was finished."))
    return refused(
        _t("Milestones of the pilot that are not reached yet: %d.") % known.open_milestones
    )


def measured(known: Known) -> Verdict:
    """Something was measured against a baseline since: what nobody measured, nobody can say worked."""
    if known.measurements:
        return ALLOWED
    return refused(_t("Measure again what a baseline measured, since the pilot began."))


def somebody_pays(known: Known) -> Verdict:
    """Somebody who pays for the use is named.

    The first outcome counts *commercial* deployments, and a cluster sustains itself within five years (psa.gov.in/st-clusters).
    """
    if known.payers:
        return ALLOWED
    return refused(_t("Plan a deployment, and say in it who pays for its use."))


def in_use(known: Known) -> Verdict:
    """At least one deployment is in use: success is told by use, the programme's first outcome, not by a report."""
    if known.in_use:
        return ALLOWED
    return refused(_t("No deployment of it is in use."))


def used_widely(known: Known) -> Verdict:
    """It is in use in two clusters or two cities: what serves one customer is a deployment, however large."""
    if known.places >= USED_BY:
        return ALLOWED
    return refused(
        _t("Clusters or cities in which it is in use: %(places)d; a platform needs %(wanted)d.")
        % {"places": known.places, "wanted": USED_BY}
    )


def users_counted(known: Known) -> Verdict:
    """Its users were counted within a year: a platform is told by those who use it now."""
    if known.users_on and known.users_on >= known.on - USERS_FRESH:
        return ALLOWED
    if known.users_on is None:
        return refused(_t("Count the users of its deployments, with the source."))
    return refused(_t("Its users were last counted on %s: count them anew.") % day(known.users_on))


def lesson_told(known: Known) -> Verdict:
    """Its lesson is written down.

    The programme tolerates the failure of experiments (psa.gov.in/st-clusters); what it pays for is that nobody repeats them.
    """
    if known.lessons:
        return ALLOWED
    return refused(_t("Write down the lesson first: what was expected, what happened, and why."))


def _level(known: Known, wanted: int) -> Verdict:
    if known.level is not None and known.level >= wanted:
        return ALLOWED
    if known.level is None:
        return refused(
            _t("Have the technology readiness level assessed: it must be %d or more.") % wanted
        )
    return refused(
        _t("The technology readiness level is %(level)d; it must be %(wanted)d or more.")
        % {"level": known.level, "wanted": wanted}
    )


ENTRY: dict[Stage, tuple[Condition, ...]] = {
    Stage.IDEA: (),
    Stage.RESEARCH: (
        Condition(_("A problem and its owner are named"), owned_problem),
        Condition(_("Somebody leads it"), leader),
    ),
    Stage.PILOT: (
        Condition(_("A baseline was recorded before the start"), baseline),
        Condition(_("Technology readiness level of 4 or more"), ready_for_pilot),
        Condition(_("The owner of the problem agreed to a site"), agreed_site),
        Condition(_("Milestones of the pilot are set"), milestones_set),
    ),
    Stage.DEPLOYMENT: (
        Condition(_("The milestones of the pilot are reached"), milestones_reached),
        Condition(_("The effect was measured against the baseline"), measured),
        Condition(_("Technology readiness level of 7 or more"), ready_for_deployment),
        Condition(_("Somebody who pays is named"), somebody_pays),
    ),
    Stage.PLATFORM: (
        Condition(_("It is in use in two clusters or cities"), used_widely),
        Condition(_("Its users were counted within a year"), users_counted),
        Condition(_("Technology readiness level of 9"), ready_for_platform),
    ),
    Stage.SUCCEEDED: (
        Condition(_("A deployment is in use"), in_use),
        Condition(_("The effect was measured against the baseline"), measured),
    ),
    Stage.FAILED: (Condition(_("The lesson is written down"), lesson_told),),
    Stage.STOPPED: (),
}
"""What must hold before a project enters each stage."""


def checks(stage: Stage, known: Known) -> list[Check]:
    """Every condition of a stage, with its verdict."""
    return [Check(one.title, one.rule(known)) for one in ENTRY[stage]]


def onward(stage: Stage) -> Stage | None:
    """The stage that follows, None after the last."""
    later = GOING[GOING.index(stage) + 1 :] if stage in GOING else ()
    return later[0] if later else None


def is_back(now: Stage, to: Stage) -> bool:
    """Whether a move leads to an earlier stage."""
    return now in GOING and to in GOING and GOING.index(to) < GOING.index(now)


def why_not_move(*, now: Stage, to: Stage, note: str) -> Verdict:
    """Whether a project may go from one stage to another; going back, stopping and failing need a reason."""
    if to not in MOVES[now]:
        if now in ENDED:
            return refused(_t("This project has ended. Work that goes on is a new project."))
        allowed = ", ".join(str(stage.label) for stage in MOVES[now])
        return refused(
            _t("From “%(now)s” a project goes to: %(allowed)s.")
            % {"now": now.label, "allowed": allowed}
        )
    if not note.strip() and (is_back(now, to) or to in (Stage.FAILED, Stage.STOPPED)):
        return refused(_t("Say why: going back, stopping and failing need a reason."))
    return ALLOWED


def why_not_enter(to: Stage, known: Known) -> Verdict:
    """Whether every condition of a stage holds; the refusal tells all that do not."""
    missing = [check.verdict.reason for check in checks(to, known) if not check.verdict]
    return refused(" ".join(missing)) if missing else ALLOWED


def why_not_on(*, on: date, since: date, programme_starts_on: date, today: date) -> Verdict:
    """Whether a project in its stage since ``since`` may enter another on this day."""
    if on > today:
        return refused(_t("The day lies in the future: enter it when it has come."))
    if on < since:
        return refused(_t("The project is in its present stage only since %s.") % day(since))
    if on < programme_starts_on:
        return refused(
            _t("The day is before the programme began; what was there before is not its work.")
        )
    return ALLOWED
