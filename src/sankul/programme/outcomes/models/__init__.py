"""The area's memory: claims, whom they credit, evidence, declarations of nothing, tables of claims that clusters send."""

from .claims import Attachment, Claim, ClaimQuerySet, Credit, NilReturn
from .imports import Import, ImportProblem

__all__ = [
    "Attachment", "Claim", "ClaimQuerySet", "Credit", "Import", "ImportProblem", "NilReturn",
]  # fmt: skip
