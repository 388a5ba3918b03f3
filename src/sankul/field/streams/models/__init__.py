"""The field's memory: things and their streams, observations and their versions, devices, what was refused."""

from .entities import (
    GEO_JSON,
    GEO_JSON_BEFORE,
    Datastream,
    FeatureOfInterest,
    HistoricalLocation,
    Location,
    ObservedProperty,
    Sensor,
    Thing,
)
from .observations import (
    DayCount,
    Detail,
    Latest,
    Observation,
    Revision,
    SpanFile,
    Version,
)
from .outlines import Outline
from .quality import QualityRule
from .reviewing import Calibration, Detection, Proposal
from .trust import Allowance, DeadLetter, Device
from .whole import WholeObservation

__all__ = [
    "GEO_JSON",
    "GEO_JSON_BEFORE",
    "Allowance",
    "Calibration",
    "Datastream",
    "DayCount",
    "DeadLetter",
    "Detail",
    "Detection",
    "Device",
    "FeatureOfInterest",
    "HistoricalLocation",
    "Latest",
    "Location",
    "Observation",
    "ObservedProperty",
    "Outline",
    "Proposal",
    "QualityRule",
    "Revision",
    "Sensor",
    "SpanFile",
    "Thing",
    "Version",
    "WholeObservation",
]
