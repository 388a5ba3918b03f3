"""The life of a verification, from its plan to its lock, and what each step asks for."""

from __future__ import annotations

import re
from datetime import date

from django.db.models import TextChoices
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext, pgettext_lazy

from sankul.core.formats import day
from sankul.core.rules.verdicts import ALLOWED, Verdict, refused

NUMBER = re.compile(r"[0-9]{4,80}")
"""A public number: digits alone, so that nobody can choose between spellings of it."""


class VerificationStage(TextChoices):
    """Where a verification is."""

    PLANNED = "planned", pgettext_lazy("verification", "Planned")
    ANNOUNCED = "announced", pgettext_lazy("verification", "Announced")
    CLOSED = "closed", pgettext_lazy("verification", "Claims closed")
    DRAWN = "drawn", pgettext_lazy("verification", "Sample drawn")
    VERIFYING = "verifying", pgettext_lazy("verification", "Being verified")
    ESTIMATED = "estimated", pgettext_lazy("verification", "Estimated")
    LOCKED = "locked", pgettext_lazy("verification", "Locked")


STAGES = list(VerificationStage)
CLOSED_STAGES = frozenset(STAGES[2:])
"""The claims of the period are closed: a cluster changes only what was returned to it."""
DRAWN_STAGES = frozenset(STAGES[3:])
DONE_STAGES = frozenset({VerificationStage.ESTIMATED, VerificationStage.LOCKED})


def why_not_step(stage: str, after: VerificationStage) -> Verdict:
    """Whether the step that follows ``after`` is the next one."""
    if stage == after:
        return ALLOWED
    if STAGES.index(VerificationStage(stage)) > STAGES.index(after):
        return refused(
            _t("That is done already: this verification is “%s”.") % VerificationStage(stage).label
        )
    return refused(
        _t("That is too early: this verification is “%(now)s” and must be “%(wanted)s” first.")
        % {"now": VerificationStage(stage).label, "wanted": after.label}
    )


def why_not_plan(*, exists: bool, is_locked: bool) -> Verdict:
    """Whether the claims of a period can be planned to be verified."""
    if is_locked:
        return refused(_t("The claims of this period are locked already."))
    if exists:
        return refused(_t("A verification of this period is planned already. Change that one."))
    return ALLOWED


def why_not_redesign(stage: str) -> Verdict:
    """Whether the design may still be changed: until the claims close, so that nobody fits it to what was claimed."""
    if stage in (VerificationStage.PLANNED, VerificationStage.ANNOUNCED):
        return ALLOWED
    return refused(_t("The claims are closed, and the design stands as it was then."))


def why_not_announce(
    *, stage: str, source: str, closes_on: date, draws_on: date, ends_on: date, today: date
) -> Verdict:
    """Whether the public number can be named: one that nobody can know before the claims have closed."""
    if stage not in (VerificationStage.PLANNED, VerificationStage.ANNOUNCED):
        return why_not_step(stage, VerificationStage.PLANNED)
    if not source.strip():
        return refused(_t("Say which public number it will be: whose, and where it is published."))
    if closes_on <= ends_on:
        return refused(_t("The claims close after the period has ended, on %s.") % day(ends_on))
    if closes_on < today:
        return refused(_t("The day on which the claims close has passed already."))
    if draws_on <= closes_on:
        return refused(
            _t("The number appears after the claims have closed, or somebody could know it before.")
        )
    return ALLOWED


def why_not_close(*, stage: str, closes_on: date | None, today: date, claims: int) -> Verdict:
    """Whether the claims of the period may be closed; ``claims`` is how many count."""
    if not (verdict := why_not_step(stage, VerificationStage.ANNOUNCED)):
        return verdict
    if closes_on is not None and today < closes_on:
        return refused(_t("The claims close on %s, as was announced.") % day(closes_on))
    if not claims:
        return refused(_t("No claim of this period counts yet: there is nothing to verify."))
    return ALLOWED


def why_not_draw(*, stage: str, draws_on: date | None, today: date, number: str) -> Verdict:
    """Whether the sample can be drawn with this public number."""
    if not (verdict := why_not_step(stage, VerificationStage.CLOSED)):
        return verdict
    if draws_on is not None and today < draws_on:
        return refused(_t("The number appears on %s, as was announced.") % day(draws_on))
    if not NUMBER.fullmatch(number):
        return refused(
            _t("Give the number by its digits alone, 4 to 80 of them, as it was published.")
        )
    return ALLOWED


def why_not_begin(*, stage: str, verifiers: int, is_doubled: bool) -> Verdict:
    """Whether the sample may be given to the verifiers."""
    if stage != VerificationStage.VERIFYING and not (
        verdict := why_not_step(stage, VerificationStage.DRAWN)
    ):
        return verdict
    needed = 2 if is_doubled else 1
    if verifiers < needed:
        return refused(
            _t(
                "%(needed)d verifiers are needed and the programme has %(there)d. Grant the role first."
            )
            % {"needed": needed, "there": verifiers}
        )
    return ALLOWED


def why_not_estimate(
    *, stage: str, open_claims: int, disputed: int, waiting: int, free_on: date | None
) -> Verdict:
    """Whether the findings can be settled and the totals estimated.

    ``open_claims`` still want a finding, ``disputed`` a third verifier; ``waiting`` were returned, and may come back until
    ``free_on``.
    """
    if not (verdict := why_not_step(stage, VerificationStage.VERIFYING)):
        return verdict
    missing = []
    if open_claims:
        missing.append(
            ngettext("%d claim has no finding yet.", "%d claims have no finding yet.", open_claims)
            % open_claims
        )
    if disputed:
        missing.append(
            ngettext(
                "%d claim waits for a third verifier.",
                "%d claims wait for a third verifier.",
                disputed,
            )
            % disputed
        )
    if waiting and free_on:
        missing.append(
            ngettext(
                "%(count)d claim was returned, and its cluster has until %(day)s.",
                "%(count)d claims were returned, and their clusters have until %(day)s.",
                waiting,
            )
            % {"count": waiting, "day": day(free_on)}
        )
    return refused("\n".join(missing)) if missing else ALLOWED
