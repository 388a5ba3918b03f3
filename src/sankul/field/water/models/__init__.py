"""What is known about water: sources, samples, limits, responses, rivers."""

from .limits import Limit
from .responses import Response
from .rivers import RiverImport, Station, StationYear, YearRange
from .samples import Custody, Plan, Result, Sample
from .sources import Scheme, SensorAt, Source, Village

__all__ = [
    "Custody",
    "Limit",
    "Plan",
    "Response",
    "Result",
    "RiverImport",
    "Sample",
    "Scheme",
    "SensorAt",
    "Source",
    "Station",
    "StationYear",
    "Village",
    "YearRange",
]
