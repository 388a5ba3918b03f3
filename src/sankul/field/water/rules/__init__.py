"""Words and law of water quality."""

from .index import Index, Uncomputable, water_quality_index
from .limits import Bound, Finding, Standing, judged, why_not_limit
from .parameters import PARAMETERS, Parameter
from .rights import IMPORT_RIVERS, RECORD_WATER, RESPOND_WATER, SEE_WATER, SET_LIMITS
from .use import BestUse, best_use
from .words import Custodian, Purpose, SampleKind, SourceKind

__all__ = [
    "IMPORT_RIVERS",
    "PARAMETERS",
    "RECORD_WATER",
    "RESPOND_WATER",
    "SEE_WATER",
    "SET_LIMITS",
    "BestUse",
    "Bound",
    "Custodian",
    "Finding",
    "Index",
    "Parameter",
    "Purpose",
    "SampleKind",
    "SourceKind",
    "Standing",
    "Uncomputable",
    "best_use",
    "judged",
    "water_quality_index",
    "why_not_limit",
]
