"""Words and law of billing."""

from .amounts import in_words, to_paisa
from .identifiers import gstin
from .law import LAW, LAW_DIGEST, financial_year, year_name
from .rights import BILL, DISPUTE, KEEP_DETAILS, SEE_BILLED, SEE_OWED, SEE_TOTALS
from .serials import serial
from .settlement import Owed, Paid, Settlement, settle
from .tax import Computed, Item, Party, Supply, Tax, compute
from .words import GOING, KIND_OF, Cause, DisputeState, DocumentKind, Mode, Treatment

__all__ = [
    "BILL",
    "DISPUTE",
    "GOING",
    "KEEP_DETAILS",
    "KIND_OF",
    "LAW",
    "LAW_DIGEST",
    "SEE_BILLED",
    "SEE_OWED",
    "SEE_TOTALS",
    "Cause",
    "Computed",
    "DisputeState",
    "DocumentKind",
    "Item",
    "Mode",
    "Owed",
    "Paid",
    "Party",
    "Settlement",
    "Supply",
    "Tax",
    "Treatment",
    "compute",
    "financial_year",
    "gstin",
    "in_words",
    "serial",
    "settle",
    "to_paisa",
    "year_name",
]
