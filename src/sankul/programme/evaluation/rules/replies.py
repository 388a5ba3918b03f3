"""The right of reply and of appeal: when a figure may be contested, and how it is ruled on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _t

from sankul.core.formats import day
from sankul.core.rules.verdicts import ALLOWED, Verdict, refused

from .phases import Phase
from .words import ObjectionKind, Ruling

WINDOWS = {Phase.REPLY: ObjectionKind.REPLY, Phase.APPEALS: ObjectionKind.APPEAL}
"""The phases in which clusters may contest figures, and what that is called."""
LEAST_WORDS = 20
"""Fewest letters of a reason."""


def why_not_contest(
    *,
    phase: str,
    ends_on: date | None,
    today: date,
    is_own_figure: bool,
    is_own_claim: bool,
    reason: str,
) -> Verdict:
    """Whether a cluster may contest a figure of its own now."""
    if phase not in WINDOWS:
        return refused(
            _t(
                "Figures are contested in the windows for replies and appeals. The round is in “%s”."
            )
            % Phase(phase).label
        )
    if ends_on is not None and today > ends_on:
        return refused(_t("The window was open until %s.") % day(ends_on))
    if not is_own_figure:
        return refused(_t("Your cluster has no such figure in this evaluation."))
    if not is_own_claim:
        return refused(_t("That is no claim of your cluster in this period."))
    if len(reason.strip()) < LEAST_WORDS:
        return refused(_t("Say what is wrong with the figure, and what proves it."))
    return ALLOWED


def why_not_rule(
    *,
    phase: str,
    kind: str,
    ruling: str,
    to: str,
    reasons: str,
    claimed: Decimal | None,
    quantity: Decimal | None,
    tie: str = "",
) -> Verdict:
    """Whether an objection may be ruled on; ``claimed`` is the claim's quantity where it is about one, ``tie`` a conflict."""
    if ruling != Ruling.OPEN:
        return refused(_t("This is ruled on already."))
    if tie:
        return refused(_t("You cannot rule on this: you are tied to the cluster (%s).") % tie)
    if to not in (Ruling.UPHELD, Ruling.DISMISSED):
        return refused(_t("An objection is upheld or dismissed."))
    if not reasons.strip():
        return refused(_t("Give the reasons: the cluster will read them."))
    fitting = {
        ObjectionKind.REPLY: (Phase.REPLY, Phase.MODERATION),
        ObjectionKind.APPEAL: (Phase.APPEALS,),
    }
    if phase not in fitting[ObjectionKind(kind)]:
        return refused(_t("The time to rule on it is over."))
    return _why_not_quantity(to, claimed, quantity)


def _why_not_quantity(to: str, claimed: Decimal | None, quantity: Decimal | None) -> Verdict:
    if to == Ruling.UPHELD and claimed is not None:
        if quantity is None or not 0 <= quantity <= claimed:
            return refused(
                _t("Say how much of the claim stands: from 0 to %s.") % f"{claimed.normalize():f}"
            )
    elif quantity is not None:
        return refused(
            _t("A quantity is given where a claim is contested and the objection upheld.")
        )
    return ALLOWED


def why_not_carry_out(*, phase: str, ruling: str, is_done: bool) -> Verdict:
    """Whether an objection that was upheld may be carried out."""
    if ruling != Ruling.UPHELD:
        return refused(_t("Only what was upheld is carried out."))
    if is_done:
        return refused(_t("This is carried out already."))
    if phase not in (Phase.REPLY, Phase.MODERATION, Phase.APPEALS):
        return refused(_t("The round is in “%s”: nothing is corrected now.") % Phase(phase).label)
    return ALLOWED


def why_not_correct(
    *, phase: str, is_fresh: bool, open_appeals: int, undone: int, uncorrected: int
) -> Verdict:
    """Whether a corrected run may replace the published one; ``is_fresh``: computed from the records as they are now."""
    if phase != Phase.APPEALS:
        return refused(_t("A published evaluation is corrected after a successful appeal alone."))
    if open_appeals:
        return refused(
            _t("Decide the open appeals first: one corrected evaluation takes all into account.")
        )
    if undone:
        return refused(_t("A successful appeal is not carried out yet."))
    if not uncorrected:
        return refused(_t("No successful appeal waits for a corrected evaluation."))
    if not is_fresh:
        return refused(
            _t("Compute the evaluation again: it does not rest on the records as they are now.")
        )
    return ALLOWED
