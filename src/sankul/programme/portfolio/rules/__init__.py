"""Words and law of the portfolio."""

from .rights import MEASURE_PROJECT, RECORD_PORTFOLIO, SEE_PORTFOLIO
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
    "GOING",
    "MEASURE_PROJECT",
    "PUBLIC_STAGES",
    "RECORD_PORTFOLIO",
    "SEE_PORTFOLIO",
    "DeploymentStatus",
    "MoneySource",
    "PartnerRole",
    "ProblemStatus",
    "Sdg",
    "Sector",
    "Stage",
]
