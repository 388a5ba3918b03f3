"""Words and law of the field's spine."""

from .rights import MANAGE_DEVICES, RECORD_STREAMS, SEE_STREAMS
from .words import (
    DoorName,
    Flag,
    ObservationType,
    RefusalCode,
    SpanState,
    VersionKind,
)

__all__ = [
    "MANAGE_DEVICES",
    "RECORD_STREAMS",
    "SEE_STREAMS",
    "DoorName",
    "Flag",
    "ObservationType",
    "RefusalCode",
    "SpanState",
    "VersionKind",
]
