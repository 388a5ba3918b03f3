"""Words and law of the portfolio."""

from .life import OWNERS, default_shares
from .rights import MEASURE_PROJECT, RECORD_PORTFOLIO, SEE_PORTFOLIO
from .stages import ENTRY, MOVES, Check, Known, checks, is_back, onward
from .words import (
    ENDED,
    GOING,
    PUBLIC_STAGES,
    DeploymentStatus,
    MoneySource,
    PartnerRole,
    ProblemStatus,
    Sdg,
    Sector,
    Stage,
)

__all__ = [
    "ENDED",
    "ENTRY",
    "GOING",
    "MEASURE_PROJECT",
    "MOVES",
    "OWNERS",
    "PUBLIC_STAGES",
    "RECORD_PORTFOLIO",
    "SEE_PORTFOLIO",
    "Check",
    "DeploymentStatus",
    "Known",
    "MoneySource",
    "PartnerRole",
    "ProblemStatus",
    "Sdg",
    "Sector",
    "Stage",
    "checks",
    "default_shares",
    "is_back",
    "onward",
]
