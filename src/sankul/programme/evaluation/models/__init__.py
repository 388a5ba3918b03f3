"""The evaluation's memory: runs, and the rounds that lead to published ones."""

from .decisions import FundingDecision, FundingRule, Pairing, Target
from .replies import Objection
from .rounds import Deadline, Round, Seal, Trend
from .runs import Flip, NodeScore, Robustness, Run, RunQuerySet, Standing, Value

__all__ = [
    "Deadline",
    "Flip",
    "FundingDecision",
    "FundingRule",
    "NodeScore",
    "Objection",
    "Pairing",
    "Robustness",
    "Round",
    "Run",
    "RunQuerySet",
    "Seal",
    "Standing",
    "Target",
    "Trend",
    "Value",
]
