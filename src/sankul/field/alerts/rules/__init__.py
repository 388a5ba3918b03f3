"""Words and law of alerts."""

from .answering import why_not_acknowledge, why_not_act, why_not_close
from .rights import ANSWER_ALERTS, SEE_ALERTS, SET_DETECTORS
from .words import (
    NOTHING_TO_DO,
    STILL,
    AlertCause,
    AlertSeverity,
    AlertState,
    DetectorKind,
    Rung,
    Telling,
)

__all__ = [
    "ANSWER_ALERTS",
    "NOTHING_TO_DO",
    "SEE_ALERTS",
    "SET_DETECTORS",
    "STILL",
    "AlertCause",
    "AlertSeverity",
    "AlertState",
    "DetectorKind",
    "Rung",
    "Telling",
    "why_not_acknowledge",
    "why_not_act",
    "why_not_close",
]
