"""Quality control of series of observations: flags by declared rules, and what stands out by itself.

``check`` gives every value a flag of QARTOD and tells the test that gave it. Pure arithmetic on
arrays, times in microseconds of UTC: no database, no framework.

>>> from sankul.engines import quality
>>> rules = quality.Rules.from_mapping({"gross_range": {"fail": [0, 14], "suspect": [6, 9]}})
>>> quality.check(rules, [0, 60_000_000, 120_000_000], [7.1, 9.4, 15.0]).flag.tolist()
[1, 3, 4]
"""

from .checking import Checked, check, check_each, check_many, worst
from .detection import Found, Method, detect
from .drift import Calibration, undrifted
from .neighbours import check_beside
from .places import check_places, distance_m
from .problems import QualityError
from .reduction import reduced
from .rules import (
    Attenuated,
    FlatLine,
    Gap,
    GrossRange,
    RateOfChange,
    Rules,
    Season,
    Spike,
)
from .scoring import Agreement, by_event, by_value
from .silence import Battery, Silence, battery, silences
from .words import Flag, Test

__all__ = [
    "Agreement",
    "Attenuated",
    "Battery",
    "Calibration",
    "Checked",
    "Flag",
    "FlatLine",
    "Found",
    "Gap",
    "GrossRange",
    "Method",
    "QualityError",
    "RateOfChange",
    "Rules",
    "Season",
    "Silence",
    "Spike",
    "Test",
    "battery",
    "by_event",
    "by_value",
    "check",
    "check_beside",
    "check_each",
    "check_many",
    "check_places",
    "detect",
    "distance_m",
    "reduced",
    "silences",
    "undrifted",
    "worst",
]
