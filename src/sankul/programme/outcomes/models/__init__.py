"""The area's memory: claims, whom they credit, evidence, declarations of nothing, what is sent and due."""

from .claims import Attachment, Claim, ClaimQuerySet, Credit, NilReturn
from .duties import Duty, DutyReturn, Reminder
from .imports import Import, ImportProblem

__all__ = [
    "Attachment", "Claim", "ClaimQuerySet", "Credit", "Duty", "DutyReturn", "Import", "ImportProblem", "NilReturn",
    "Reminder",
]  # fmt: skip
