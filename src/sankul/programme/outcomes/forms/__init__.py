"""What people fill in to record a result: one form of what happened, its evidence, and its partners."""

from .attach import AmendForm, AttachForm
from .claim import ClaimForm, wrong
from .partners import Choices, PartnerRows, partner_errors
from .rows import with_more_rows
from .tables import Tables, tables_of

__all__ = [
    "AmendForm", "AttachForm", "Choices", "ClaimForm", "PartnerRows", "Tables", "partner_errors", "tables_of",
    "with_more_rows", "wrong",
]  # fmt: skip
