"""Words and law of the shared facilities."""

from .rights import MANAGE_FACILITY, REPORT, SEE_CATALOGUE
from .words import (
    Assistance,
    InstrumentStatus,
    Relation,
    Severity,
    TicketKind,
    TrainingOutcome,
    UserClass,
    Weekday,
)

__all__ = [
    "MANAGE_FACILITY",
    "REPORT",
    "SEE_CATALOGUE",
    "Assistance",
    "InstrumentStatus",
    "Relation",
    "Severity",
    "TicketKind",
    "TrainingOutcome",
    "UserClass",
    "Weekday",
]
