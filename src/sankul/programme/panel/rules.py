"""The law of the expert panel: its criteria, its phases, who may do what, and why not."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import mean, median
from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sankul.core.rules.roles import Permission, Role
from sankul.core.rules.verdicts import ALLOWED, Verdict, refused

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class PanelStatus(TextChoices):
    """The phase of a panel; it only ever moves on."""

    DRAFT = "draft", pgettext_lazy("panel", "Being prepared")
    SCORING = "scoring", pgettext_lazy("panel", "Independent scoring")
    DISCUSSION = "discussion", pgettext_lazy("panel", "Discussion")
    CLOSED = "closed", pgettext_lazy("panel", "Closed")
    RELEASED = "released", pgettext_lazy("panel", "Released")


class Statistic(TextChoices):
    """How the scores of the members become the score of the panel."""

    MEAN = "mean", _("Mean of the members' scores")
    MEDIAN = "median", _("Median of the members' scores")


ORDER = tuple(PanelStatus)
SHARED = frozenset({PanelStatus.DISCUSSION, PanelStatus.CLOSED, PanelStatus.RELEASED})
"""Phases in which scores are more than their author's secret."""
MOST = 5
LEAST = (0, 1)
"""Scales start at 0 or at 1."""
LEAST_MEMBERS = 3
MOST_MEMBERS = 26
"""Members are called by a letter."""
WIDE = 2
"""Scores of one thing that are so many levels apart, or more, are flagged for the discussion."""


@dataclass(frozen=True)
class Criterion:
    """Something that experts judge: its code, name, the question asked, and the kinds of claims that tell about it."""

    code: str
    title: StrOrPromise
    asks: StrOrPromise
    kinds: tuple[str, ...] = ()


CRITERIA: dict[str, Criterion] = {
    one.code: one
    for one in (
        Criterion(
            "strategy_governance",
            _("Strategy and governance"),
            _("Is it clear what the cluster is for, who decides, and that decisions are carried out?"),
            ("own_income", "operating_cost"),
        ),
        Criterion(
            "collaboration",
            _("Collaboration between institutions"),
            _("Do institutions do together what none of them could do alone?"),
            ("academic_partnership", "government_partnership", "sponsored_research", "facility_access"),
        ),
        Criterion(
            "learning",
            _("Courage and learning from failure"),
            _("Are uncertain things tried, and is what failed told so that others can learn from it?"),
        ),
        Criterion(
            "usefulness",
            _("Usefulness to the city"),
            _("Does the city use what the cluster does, and is it better for it?"),
            ("deployment", "deployment_users", "outreach_item"),
        ),
        Criterion(
            "science_quality",
            _("Quality of science"),
            _("Is the science sound, original and open to scrutiny?"),
            ("international_output", "centre_of_excellence", "patent", "graduate_project"),
        ),
    )
}  # fmt: skip
TITLES = [(one.code, one.title) for one in CRITERIA.values()]

CONVENE = Permission(
    "panel.convene",
    _("Convene the expert panel: its members, its rubrics, the start of scoring"),
    frozenset({Role.PROGRAMME_OFFICER}),
)
CONDUCT = Permission(
    "panel.conduct",
    _("Open the discussion of the expert panel, close it and release its scores"),
    frozenset({Role.EVALUATOR}),
)
WATCH = Permission(
    "panel.watch",
    _("See how far an expert panel is, and its site visits"),
    frozenset({Role.PROGRAMME_OFFICER, Role.EVALUATOR}),
)
SCORE = Permission(
    "panel.score",
    _("Score clusters as a member of an expert panel"),
    frozenset({Role.EVALUATOR, Role.REVIEWER}),
)
SEE_SCORES = Permission(
    "panel.see_scores",
    _("See the scores of an expert panel once its discussion has begun"),
    frozenset({Role.PROGRAMME_OFFICER, Role.EVALUATOR}),
)
SEE_RESULTS = Permission(
    "panel.see_results",
    _("See released scores of an expert panel before the period is open to the public"),
    frozenset(
        {
            Role.PROGRAMME_OFFICER,
            Role.APEX_MEMBER,
            Role.EVALUATOR,
            Role.CLUSTER_CEO,
            Role.CLUSTER_STAFF,
        }
    ),
)


def levels(least: int) -> range:
    """The levels of a scale that starts at 0 or 1."""
    return range(least, MOST + 1)


def spread(given: Collection[int]) -> int:
    """How many levels lie between the highest and the lowest score."""
    return max(given) - min(given) if given else 0


def panel_score(given: Sequence[int], statistic: str) -> Decimal:
    """The panel's score of what its members gave, to four decimals. Raises ValueError without any score."""
    if not given:
        raise ValueError("no score was given")
    exact = [Decimal(level) for level in given]
    found = median(exact) if statistic == Statistic.MEDIAN else mean(exact)
    return found.quantize(Decimal("0.0001"))


def why_not_change(status: str) -> Verdict:
    """Whether members and rubrics may still be changed."""
    if status == PanelStatus.DRAFT:
        return ALLOWED
    return refused(_t("Members and rubrics are frozen since the scoring began."))


def why_not_rubric(texts: Sequence[str], least: int) -> Verdict:
    """Whether these are the texts of a rubric: one for each level of the scale, all different."""
    wanted = len(levels(least))
    if len(texts) != wanted or not all(text.strip() for text in texts):
        return refused(_t("Describe each of the %d levels.") % wanted)
    if len({text.strip().casefold() for text in texts}) < wanted:
        return refused(_t("Two levels have the same description: nobody could tell them apart."))
    return ALLOWED


def why_not_open(*, status: str, missing: Sequence[StrOrPromise], members: int) -> Verdict:
    """Whether scoring may begin; ``missing`` are the titles of criteria without a rubric."""
    if status != PanelStatus.DRAFT:
        return refused(_t("The scoring has begun already."))
    told = []
    if missing:
        told.append(_t("Rubrics are missing: %s.") % ", ".join(map(str, missing)))
    if members < LEAST_MEMBERS:
        told.append(
            _t("The panel has %(now)d members; it needs %(least)d.")
            % {"now": members, "least": LEAST_MEMBERS}
        )
    return refused(" ".join(told)) if told else ALLOWED


def why_not_score(*, status: str, is_sent: bool, tie: str) -> Verdict:
    """Whether a member may write a score of a cluster; ``tie`` is what ties him to it."""
    if tie:
        return refused(
            _t("You cannot score this cluster, because your account %s. The others score it.") % tie
        )
    if status == PanelStatus.DRAFT:
        return refused(_t("The scoring has not begun."))
    if status != PanelStatus.SCORING:
        return refused(_t("The independent scoring is over. A score is changed in the discussion."))
    if is_sent:
        return refused(_t("You have sent your scores. They can be changed in the discussion."))
    return ALLOWED


def why_not_level(level: int | None, least: int) -> Verdict:
    """Whether a level lies on the scale; None is a score not given yet."""
    if level is None or level in levels(least):
        return ALLOWED
    return refused(
        _t("%(level)d is not on the scale from %(least)d to %(most)d.")
        % {"level": level, "least": least, "most": MOST}
    )


def why_not_send(missing: Mapping[str, Sequence[StrOrPromise]]) -> Verdict:
    """Whether a member's scores are complete; ``missing`` are criteria without a score or its reason, by cluster."""
    if not missing:
        return ALLOWED
    told = "; ".join(f"{name}: {', '.join(map(str, titles))}" for name, titles in missing.items())
    return refused(_t("A score or its reason is missing. %s.") % told)


def why_not_discuss(*, status: str, waiting: int, uncovered: Sequence[str]) -> Verdict:
    """Whether the discussion may begin: all have sent, and every cluster has scores of two members."""
    if status != PanelStatus.SCORING:
        return refused(_t("Only a panel that is scoring goes into its discussion."))
    if waiting:
        return refused(_t("Members who have not sent their scores: %d.") % waiting)
    if uncovered:
        return refused(
            _t("Fewer than two members may score: %s. Appoint members without a conflict.")
            % ", ".join(uncovered)
        )
    return ALLOWED


def why_not_alter(*, status: str, tie: str, level: int, before: int | None, reason: str) -> Verdict:
    """Whether a member may change a score of his own in the discussion."""
    if tie:
        return refused(_t("You take no part in this cluster, because your account %s.") % tie)
    if status != PanelStatus.DISCUSSION:
        return refused(_t("Scores are changed while the panel discusses, not before or after."))
    if before is None:
        return refused(_t("You gave no score here that could be changed."))
    if level == before:
        return refused(_t("That is the score that you gave already."))
    if not reason.strip():
        return refused(_t("Say what changed your mind: a changed score needs a reason."))
    return ALLOWED


def why_not_close(status: str) -> Verdict:
    """Whether the discussion may be closed."""
    if status == PanelStatus.DISCUSSION:
        return ALLOWED
    return refused(_t("Only a panel in its discussion can be closed."))


def why_not_release(status: str) -> Verdict:
    """Whether the scores may be released."""
    if status == PanelStatus.CLOSED:
        return ALLOWED
    if status == PanelStatus.RELEASED:
        return refused(_t("The scores are released already."))
    return refused(_t("The panel is not closed."))
