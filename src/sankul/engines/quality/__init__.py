"""Quality control of series of observations: flags by declared rules, and what stands out by itself.

``check`` gives every value a flag of QARTOD and tells the test that gave it. Pure arithmetic on
arrays, times in microseconds of UTC: no database, no framework.

>>> from sankul.engines import quality
>>> rules = quality.Rules.from_mapping({"gross_range": {"fail": [0, 14], "suspect": [6, 9]}})
>>> quality.check(rules, [0, 60_000_000, 120_000_000], [7.1, 9.4, 15.0]).flag.tolist()
[1, 3, 4]
"""

from .checking import Checked, check, check_each, check_many, worst
from .problems import QualityError
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
from .words import Flag, Test

__all__ = [
    "Attenuated",
    "Checked",
    "Flag",
    "FlatLine",
    "Gap",
    "GrossRange",
    "QualityError",
    "RateOfChange",
    "Rules",
    "Season",
    "Spike",
    "Test",
    "check",
    "check_each",
    "check_many",
    "worst",
]
