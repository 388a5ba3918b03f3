"""The law of problems, milestones, measurements, deployments and lessons, in words that a person can act on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _t

from sankul.core.formats import day
from sankul.core.rules.verdicts import ALLOWED, Verdict, refused
from sankul.programme.registry.rules import OrganisationKind

from .words import DeploymentStatus, PartnerRole, ProblemStatus, Stage

OWNERS = frozenset(
    {
        OrganisationKind.LOCAL_GOVERNMENT,
        OrganisationKind.STATE_GOVERNMENT,
        OrganisationKind.MINISTRY,
    }
)
"""Who can own a problem of a city: whoever answers for it in public."""
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
RESERVED = frozenset({"new"})
"""Codes that the addresses of pages take."""
ROLE_WEIGHT = {PartnerRole.LED: 3, PartnerRole.CONTRIBUTED: 2, PartnerRole.ENABLED: 1}
"""Relative credit by role: fractional counting, so that a lesson of three partners is one lesson."""


def default_shares(roles: Sequence[PartnerRole]) -> list[Decimal]:
    """Shares by role in the proportion of ``ROLE_WEIGHT``, to six decimals; their sum is exactly 1, none for no roles."""
    total, unit = sum(ROLE_WEIGHT[role] for role in roles), Decimal("0.000001")
    shares = [(Decimal(ROLE_WEIGHT[role]) / total // unit) * unit for role in roles]
    if shares:
        shares[0] += 1 - sum(shares)
    return shares


def why_not_own(kind: str) -> Verdict:
    """Whether an organisation of this kind can own a problem."""
    if kind in OWNERS:
        return ALLOWED
    return refused(
        _t(
            "The owner of a problem is a public body: local government, state government or ministry."
        )
    )


def why_not_real(*, fictional_organisation: bool, fictional_programme: bool) -> Verdict:
    """Whether an organisation can stand in a programme's records: real goes with real, fictional with fictional."""
    if fictional_organisation == fictional_programme:
        return ALLOWED
    return refused(
        _t(
            "Real and fictional never mix: one of the two belongs to the demonstration, the other does not."
        )
    )


def why_not_code(code: str) -> Verdict:
    """Whether a text can be the code of a project: small letters and digits, in parts joined by hyphens."""
    if CODE.fullmatch(code) and code not in RESERVED and len(code) <= 40:
        return ALLOWED
    return refused(
        _t(
            "The code is made of small letters, digits and hyphens, as in well-sensors-2; it never changes."
        )
    )


def why_not_past(on: date, today: date) -> Verdict:
    """Whether something can have happened on a day."""
    if on > today:
        return refused(_t("The day lies in the future: record it when it has happened."))
    return ALLOWED


def why_not_share(*, is_shared: bool) -> Verdict:
    """Whether a record may be shared with the public."""
    if is_shared:
        return refused(_t("It is public already."))
    return ALLOWED


def why_not_share_problem(*, is_shared: bool, has_owner: bool) -> Verdict:
    """Whether a problem may be shared with the public: with its owner."""
    if not is_shared and not has_owner:
        return refused(_t("Name the public body that owns the problem before it is shared."))
    return why_not_share(is_shared=is_shared)


def why_not_status(*, now: str, to: str, reason: str) -> Verdict:
    """Whether a problem may be said to be open, worked on, solved or set aside; the last two need a reason."""
    if now == to:
        return refused(_t("That is its status already."))
    if to in (ProblemStatus.SOLVED, ProblemStatus.SET_ASIDE) and not reason.strip():
        return refused(_t("Say how it was solved, or why it is set aside."))
    return ALLOWED


def why_not_change(stage: str) -> Verdict:
    """Whether what a project plans may still be changed."""
    if stage in (Stage.SUCCEEDED, Stage.FAILED, Stage.STOPPED):
        return refused(_t("This project has ended: its plan is changed no more."))
    return ALLOWED


def why_not_baseline(*, stage: str, measured_on: date, today: date) -> Verdict:
    """Whether a baseline may be recorded: only before the pilot, else it would describe what the pilot changed already."""
    if stage not in (Stage.IDEA, Stage.RESEARCH):
        return refused(
            _t(
                "A baseline is recorded before the pilot begins. Record a measurement of a baseline instead."
            )
        )
    return why_not_past(measured_on, today)


def why_not_measure(*, measured_on: date, baseline_on: date, today: date) -> Verdict:
    """Whether a measurement may be read against a baseline: it comes after it."""
    if measured_on <= baseline_on:
        return refused(_t("A measurement comes after its baseline of %s.") % day(baseline_on))
    return why_not_past(measured_on, today)


def why_not_reach(*, done_on: date | None, on: date, has_proof: bool, today: date) -> Verdict:
    """Whether a milestone may be said to be reached: with a document or an address that proves it."""
    if done_on is not None:
        return refused(_t("It was reached on %s already.") % day(done_on))
    if not has_proof:
        return refused(_t("Give a document or an address that proves it."))
    return why_not_past(on, today)


def why_not_slip(*, done_on: date | None, expected_on: date, to: date, reason: str) -> Verdict:
    """Whether a milestone may be expected later."""
    if done_on is not None:
        return refused(_t("It was reached on %s already.") % day(done_on))
    if to <= expected_on:
        return refused(_t("It is expected on %s: give a later day.") % day(expected_on))
    if not reason.strip():
        return refused(_t("Say why it slipped."))
    return ALLOWED


def why_not_plan(stage: str) -> Verdict:
    """Whether a deployment may be planned: from the pilot on, while the project goes on."""
    if stage in (Stage.PILOT, Stage.DEPLOYMENT, Stage.PLATFORM):
        return ALLOWED
    return refused(_t("A deployment is planned from the pilot on, while the project goes on."))


def why_not_start(*, stage: str, status: str, pays: bool, on: date, today: date) -> Verdict:
    """Whether a planned deployment may be said to be in use: its project is deployed, and somebody pays."""
    if status != DeploymentStatus.PLANNED:
        return refused(_t("Only a planned deployment can start."))
    if stage not in (Stage.DEPLOYMENT, Stage.PLATFORM):
        return refused(
            _t("Its project is not in the stage “Deployment” yet. Use before that is a pilot.")
        )
    if not pays:
        return refused(_t("Say who pays for its use."))
    return why_not_past(on, today)


def why_not_end(
    *, status: str, since_on: date | None, on: date, reason: str, today: date
) -> Verdict:
    """Whether a deployment may be said to have ended."""
    if status != DeploymentStatus.IN_USE or since_on is None:
        return refused(_t("Only a deployment that is in use can end."))
    if on < since_on:
        return refused(_t("It is in use since %s: the last day comes after.") % day(since_on))
    if not reason.strip():
        return refused(_t("Say why it ended."))
    return why_not_past(on, today)


def why_not_count(
    *, since_on: date | None, until_on: date | None, as_of_on: date, today: date
) -> Verdict:
    """Whether users may be counted as of a day: while it is or was in use."""
    if since_on is None:
        return refused(_t("It is not in use yet, so it has no users to count."))
    if as_of_on < since_on or (until_on is not None and as_of_on > until_on):
        return refused(_t("It was not in use on that day."))
    return why_not_past(as_of_on, today)


def why_not_tell(*, is_shared: bool) -> Verdict:
    """Whether a lesson may be changed: what others have read stays."""
    if is_shared:
        return refused(_t("This lesson is shared, so it stays as it was read. Write another one."))
    return ALLOWED


def why_not_share_lesson(*, is_shared: bool, missing: Sequence[str], credited: int) -> Verdict:
    """Whether a lesson may be shared: told in full, and with those who learned it credited."""
    if missing:
        return refused(_t("Write first: %s.") % ", ".join(missing))
    if not credited:
        return refused(_t("Credit at least one organisation first."))
    return why_not_share(is_shared=is_shared)


def why_not_name(*, has_person: bool, consented_on: date | None, today: date) -> Verdict:
    """Whether a person may be named: only who agreed (Digital Personal Data Protection Act 2023, section 6)."""
    if has_person and consented_on is None:
        return refused(
            _t("A person is named only with consent: give the day on which it was given.")
        )
    return why_not_past(consented_on, today) if consented_on else ALLOWED
