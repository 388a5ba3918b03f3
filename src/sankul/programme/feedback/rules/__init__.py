"""The law of the 360-degree survey."""

from .answers import ONCE, Answers, ballot, field_name, most, places, read
from .life import (
    why_not_answer,
    why_not_change,
    why_not_close,
    why_not_count,
    why_not_invite,
    why_not_moderate,
    why_not_open,
    why_not_release,
    why_not_write,
)
from .questionnaire import (
    HINDI,
    MAX_TEXT,
    Group,
    Question,
    Questionnaire,
    Section,
    Words,
    problems,
    why_not_complete,
)
from .roster import Invited, all_faults, merged, why_not_quota
from .words import (
    BUILD,
    CONDUCT,
    DONT_KNOW,
    PURGE_AFTER_DAYS,
    REDACTED,
    SCALE,
    SCORE_KINDS,
    SEE_RESULTS,
    THRESHOLD,
    WATCH,
    CellState,
    CommentState,
    LetterState,
    QuestionKind,
    SurveyStatus,
    TwoGroups,
)

__all__ = [
    "BUILD", "CONDUCT", "DONT_KNOW", "HINDI", "MAX_TEXT", "ONCE", "PURGE_AFTER_DAYS", "REDACTED", "SCALE", "SCORE_KINDS",
    "SEE_RESULTS", "THRESHOLD", "WATCH", "Answers", "CellState", "CommentState", "Group", "Invited", "LetterState",
    "Question", "QuestionKind", "Questionnaire", "Section", "SurveyStatus", "TwoGroups", "Words", "all_faults", "ballot",
    "field_name", "merged", "most", "places", "problems", "read", "why_not_answer", "why_not_change", "why_not_close",
    "why_not_complete", "why_not_count", "why_not_invite", "why_not_moderate", "why_not_open", "why_not_quota",
    "why_not_release", "why_not_write",
]  # fmt: skip
