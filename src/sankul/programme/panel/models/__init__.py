"""What the area remembers."""

from .panels import Member, Panel, Recusal, Rubric, Visit, VisitDocument
from .scores import Change, Remark, Result, Score

__all__ = [
    "Change",
    "Member",
    "Panel",
    "Recusal",
    "Remark",
    "Result",
    "Rubric",
    "Score",
    "Visit",
    "VisitDocument",
]
