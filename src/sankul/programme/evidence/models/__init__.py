"""The area's memory: verifications, samples, checks, conflicts, estimates; what plausibility rules found, and capacities."""

from .checks import Check, CheckQuerySet
from .conflicts import Conflict
from .findings import Answer, Capacity, Cited, PlausibilityFinding, PlausibilityFindingQuerySet
from .verifications import DESIGN, Estimate, Sampled, Verification

__all__ = [
    "DESIGN", "Answer", "Capacity", "Check", "CheckQuerySet", "Cited", "Conflict", "Estimate", "PlausibilityFinding",
    "PlausibilityFindingQuerySet", "Sampled", "Verification",
]  # fmt: skip
