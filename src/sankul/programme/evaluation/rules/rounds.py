"""What stands in the way of a round: every condition of every phase, from values in hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from django.utils.translation import gettext as _t
from django.utils.translation import ngettext

from sankul.core.formats import day
from sankul.core.rules.roles import Role
from sankul.core.rules.verdicts import ALLOWED, Verdict, refused

from .phases import (
    PHASES,
    PUBLIC,
    STEPS,
    TIMED,
    UNBOUND,
    WINDOW_DAYS,
    WINDOW_PHASES,
    Phase,
    following,
    is_before,
    mover,
)


class Obstacle(NamedTuple):
    """One thing that stands in the way: what, who can mend it, and the name of the place where that is done."""

    text: str
    owner: Role
    place: str


@dataclass(frozen=True)
class Known:
    """All that is known of a round when it is asked whether it may move on.

    ``window_ends_on`` is the last day of the window that is open, or that would open next; the panel's and the survey's results
    are ``wanted`` where the framework uses them.
    """

    phase: str
    today: date
    window_ends_on: date | None = None
    has_framework: bool = False
    has_threshold: bool = False
    has_rule: bool = False
    is_closed: bool = False
    is_drawn: bool = False
    is_estimated: bool = False
    wants_panel: bool = False
    has_panel: bool = False
    wants_survey: bool = False
    has_survey: bool = False
    has_preliminary: bool = False
    open_objections: int = 0
    undone_rulings: int = 0
    has_final: bool = False
    is_sealed: bool = False
    undecided: Sequence[str] = ()
    changed: Sequence[str] = ()
    uncorrected: int = 0


def obstacles(known: Known) -> list[Obstacle]:
    """Everything that keeps a round from leaving its phase, in words."""
    found = CONDITIONS.get(Phase(known.phase))
    return list(found(known)) if found else []


def why_not_move(known: Known) -> Verdict:
    """Whether a round may go on to its next phase, with everything that stands in its way."""
    if following(known.phase) is None:
        return refused(_t("The round is closed. Nothing comes after it."))
    found = obstacles(known)
    return refused("\n".join(one.text for one in found)) if found else ALLOWED


def _framework(known: Known) -> list[Obstacle]:
    owner, found = Role.APEX_MEMBER, []
    if not known.has_framework:
        text = _t("The apex committee has approved no framework.")
        found.append(Obstacle(text, owner, "frameworks"))
    elif not known.has_threshold:
        text = _t(
            "The framework declares no threshold, on which the funding rule rests. Approve a version that does."
        )
        found.append(Obstacle(text, owner, "frameworks"))
    if not known.has_rule:
        text = _t("The apex committee has approved no funding rule.")
        found.append(Obstacle(text, owner, "funding-rules"))
    return found


def _claims(known: Known) -> list[Obstacle]:
    if known.is_closed:
        return []
    text = _t(
        "The claims are not closed: their verification is planned, announced and closed first."
    )
    return [Obstacle(text, Role.PROGRAMME_OFFICER, "verification")]


def _sample(known: Known) -> list[Obstacle]:
    if known.is_drawn:
        return []
    text = _t("The sample is not drawn: it waits for the announced public number.")
    return [Obstacle(text, Role.PROGRAMME_OFFICER, "verification")]


def _verification(known: Known) -> list[Obstacle]:
    if known.is_estimated:
        return []
    text = _t("The sample is not verified: findings are settled and totals estimated first.")
    return [Obstacle(text, Role.EVALUATOR, "verification")]


def _scoring(known: Known) -> list[Obstacle]:
    if known.has_panel or not known.wants_panel:
        return []
    text = _t("The framework uses scores of the expert panel, and they are not released.")
    return [Obstacle(text, Role.EVALUATOR, "panel")]


def _feedback(known: Known) -> list[Obstacle]:
    found = []
    if known.wants_survey and not known.has_survey:
        text = _t("The framework uses scores of the survey, and they are not released.")
        found.append(Obstacle(text, Role.EVALUATOR, "survey"))
    if not known.has_preliminary:
        text = _t(
            "No preliminary evaluation by the round's framework is computed from what was verified."
        )
        found.append(Obstacle(text, Role.EVALUATOR, "desk"))
    return found + _window(known)


def _window(known: Known) -> list[Obstacle]:
    """The window that opens next is long enough."""
    wanted = known.today + timedelta(days=WINDOW_DAYS)
    if known.window_ends_on is not None and known.window_ends_on >= wanted:
        return []
    text = _t("Clusters need at least %(days)d days. Set the last day to %(day)s or later.") % {
        "days": WINDOW_DAYS,
        "day": day(wanted),
    }
    return [Obstacle(text, Role.PROGRAMME_OFFICER, "round-deadlines")]


def _over(known: Known) -> list[Obstacle]:
    """The window that is open has ended."""
    if known.window_ends_on is None or known.today > known.window_ends_on:
        return []
    text = _t("The window is open until the end of %s.") % day(known.window_ends_on)
    return [Obstacle(text, Role.CLUSTER_CEO, "objections")]


def _ruled(known: Known, owner: Role) -> list[Obstacle]:
    found = []
    if count := known.open_objections:
        text = ngettext(
            "%d objection is not ruled on.", "%d objections are not ruled on.", count
        ) % count  # fmt: skip
        found.append(Obstacle(text, owner, "objections"))
    if count := known.undone_rulings:
        text = ngettext(
            "%d objection was upheld and is not carried out.",
            "%d objections were upheld and are not carried out.",
            count,
        )
        found.append(Obstacle(text % count, Role.EVALUATOR, "objections"))
    return found


def _moderation(known: Known) -> list[Obstacle]:
    found = _ruled(known, Role.EVALUATOR)
    if not known.has_final:
        text = _t(
            "No evaluation by the round's framework is computed since the last ruling was carried out."
        )
        found.append(Obstacle(text, Role.EVALUATOR, "desk"))
    return found


def _sealing(known: Known) -> list[Obstacle]:
    if known.is_sealed:
        return []
    return [Obstacle(_t("The final evaluation is not sealed."), Role.EVALUATOR, "seal")]


def _decision(known: Known) -> list[Obstacle]:
    if not known.undecided:
        return []
    text = _t("The funding is not decided of: %s.") % ", ".join(known.undecided)
    return [Obstacle(text, Role.APEX_MEMBER, "round-decisions")]


def _appeals(known: Known) -> list[Obstacle]:
    found = _over(known) + _ruled(known, Role.APEX_MEMBER)
    if known.uncorrected:
        text = _t("An appeal was successful, and the corrected evaluation is not published.")
        found.append(Obstacle(text, Role.APEX_MEMBER, "objections"))
    if not known.is_sealed:
        text = _t("The corrected evaluation is not sealed.")
        found.append(Obstacle(text, Role.EVALUATOR, "seal"))
    if known.changed:
        text = _t(
            "By the corrected evaluation the rule proposes something else. Decide again on: %s."
        )
        found.append(Obstacle(text % ", ".join(known.changed), Role.APEX_MEMBER, "round-decisions"))
    return found


CONDITIONS: dict[Phase, Callable[[Known], Sequence[Obstacle]]] = {
    Phase.FRAMEWORK: _framework,
    Phase.CLAIMS: _claims,
    Phase.SAMPLE: _sample,
    Phase.VERIFICATION: _verification,
    Phase.SCORING: _scoring,
    Phase.FEEDBACK: _feedback,
    Phase.REPLY: _over,
    Phase.MODERATION: _moderation,
    Phase.SEALING: _sealing,
    Phase.DECISION: _decision,
    Phase.PUBLICATION: _window,
    Phase.APPEALS: _appeals,
}
"""What has to be so before each phase is left."""


def why_not_open(*, exists: bool, is_published: bool) -> Verdict:
    """Whether a round of a period can be opened."""
    if exists:
        return refused(_t("This period has a round already."))
    if is_published:
        return refused(_t("The evaluation of this period is published already, without a round."))
    return ALLOWED


def why_not_calendar(due: Mapping[str, date], *, today: date) -> Verdict:
    """Whether these are the last days of all phases: each there, in the order of the phases, none gone by."""
    missing = [str(phase.label) for phase in TIMED if phase not in due]
    if missing:
        return refused(_t("These phases have no last day: %s.") % ", ".join(missing))
    for one, after in pairwise(TIMED):
        if due[after] < due[one]:
            return refused(
                _t("“%(after)s” ends before “%(one)s”, which it follows.")
                % {"after": after.label, "one": one.label}
            )
    if due[TIMED[0]] < today:
        return refused(_t("The last day of “%s” has gone by already.") % TIMED[0].label)
    for opens, window in ((Phase.FEEDBACK, Phase.REPLY), (Phase.PUBLICATION, Phase.APPEALS)):
        if due[window] - due[opens] < timedelta(days=WINDOW_DAYS):
            return refused(
                _t("“%(window)s” needs at least %(days)d days after “%(opens)s”.")
                % {"window": window.label, "days": WINDOW_DAYS, "opens": opens.label}
            )
    return ALLOWED


def why_not_reschedule(
    *, now: str, phase: str, due_on: date, was: date, today: date, reason: str
) -> Verdict:
    """Whether the last day of a phase may be moved: not of what is over, not into the past, and no open window is cut short."""
    if phase not in TIMED or is_before(phase, Phase(now)):
        return refused(_t("That phase is over: its last day stands."))
    if due_on < today:
        return refused(_t("That day has gone by already."))
    if not reason.strip():
        return refused(_t("Say why the day is moved: everybody will read it."))
    if phase == now and phase in (Phase.REPLY, Phase.APPEALS) and due_on < was:
        return refused(_t("A window that is open can be made longer, not shorter."))
    return ALLOWED


def why_not_bind(*, phase: str, is_frozen: bool, same_programme: bool) -> Verdict:
    """Whether another framework or funding rule may be bound to a round: nobody changes weights once he may know the claims."""
    if phase not in UNBOUND:
        return refused(
            _t("The claims are closed: the round's framework, with its weights, and its funding rule stand as they were then.")
        )  # fmt: skip
    if not same_programme:
        return refused(_t("That belongs to another programme."))
    if not is_frozen:
        return refused(_t("The framework is not approved by the apex committee."))
    return ALLOWED


def why_not_by(*, bound: bool, is_bound: bool) -> Verdict:
    """Whether a run may be computed by a framework: where a round is ``bound`` to one, by that one alone."""
    if bound and not is_bound:
        return refused(_t("The round of this period is bound to another framework or version."))
    return ALLOWED


def why_not_in_round(*, phase: str, is_its_run: bool) -> Verdict:
    """Whether a run of a period that has a round may be published: the round's own, when the round is so far."""
    if phase not in (Phase.PUBLICATION, Phase.APPEALS):
        return refused(
            _t("This period has a round, which is in “%s”. The evaluation is published with it.")
            % Phase(phase).label
        )
    if not is_its_run:
        return refused(_t("This is not the evaluation that the round has sealed."))
    return ALLOWED


def why_not_seal(*, phase: str, is_sealed: bool, is_corrected: bool) -> Verdict:
    """Whether a round's run may be sealed: once, when nothing is open any more; a corrected one after its appeal."""
    if is_sealed:
        return refused(_t("This evaluation is sealed already. A seal is made once."))
    if phase == Phase.SEALING or (phase in PUBLIC and is_corrected):
        return ALLOWED
    return refused(
        _t("The round is in “%s”. It is sealed when the evaluator has moderated it.")
        % Phase(phase).label
    )


class Late(NamedTuple):
    """A deadline that was missed, by how many days, and whose phase it is."""

    phase: Phase
    days: int
    owner: Role


def missed(now: str, due: Mapping[str, date], left: Mapping[str, date], today: date) -> list[Late]:
    """Deadlines that were missed: of phases left too late, and of the present phase where its last day has gone by.

    A window is open to the end of its last day, so that the day after is the first on which it can be left.
    """
    so_far = [phase for phase in PHASES[: PHASES.index(Phase(now)) + 1] if phase in due]
    days = {
        phase: (left.get(phase, today) - due[phase]).days - (phase in WINDOW_PHASES)
        for phase in so_far
    }
    return [Late(phase, days[phase], mover(STEPS[phase])) for phase in so_far if days[phase] > 0]
