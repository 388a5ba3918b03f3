"""Composite indices: from a package of indicators to scores, ranks and how certain they are.

``read`` a package, ``run`` it, measure its ``uncertainty``, ``write`` the result to a folder and
``verify`` that folder later. Pure arithmetic on arrays: no database, no framework.

>>> from sankul.engines import composite
>>> package = composite.read("package")                             # doctest: +SKIP
>>> result = composite.run(package.spec, package.frame)             # doctest: +SKIP
>>> result.ranking()                                                # doctest: +SKIP
"""

from .archive import refuse_foreign, write
from .coherence import (
    availability,
    correlations,
    cronbach_alpha,
    principal_components,
    statistics,
    with_denominators,
)
from .explain import Comparison, Profile, Removal, compare, peers_of, profile, remove_each
from .flip import WeightFlip, flip_by_indicator, flip_by_weights
from .frame import Frame, Table
from .given import ranks_under
from .package import Package, parse, read, save
from .panel import Change, Trend, explain_change, periods, read_panel, run_panel, trend
from .pipeline import run
from .problems import PackageError, Problem
from .replay import Mismatch, verify
from .report import files as report
from .result import Result
from .robustness import Uncertainty, uncertainty
from .sensitivity import Sensitivity, sensitivity
from .spec import Indicator, Method, Node, Spec, Step, Vary
from .statistical import benefit_of_the_doubt

__all__ = [
    "Change",
    "Comparison",
    "Frame",
    "Indicator",
    "Method",
    "Mismatch",
    "Node",
    "Package",
    "PackageError",
    "Problem",
    "Profile",
    "Removal",
    "Result",
    "Sensitivity",
    "Spec",
    "Step",
    "Table",
    "Trend",
    "Uncertainty",
    "Vary",
    "WeightFlip",
    "availability",
    "benefit_of_the_doubt",
    "compare",
    "correlations",
    "cronbach_alpha",
    "explain_change",
    "flip_by_indicator",
    "flip_by_weights",
    "parse",
    "peers_of",
    "periods",
    "principal_components",
    "profile",
    "ranks_under",
    "read",
    "read_panel",
    "refuse_foreign",
    "remove_each",
    "report",
    "run",
    "run_panel",
    "save",
    "sensitivity",
    "statistics",
    "trend",
    "uncertainty",
    "verify",
    "with_denominators",
    "write",
]
