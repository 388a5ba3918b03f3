"""The area's memory: verifications, samples, verifiers' checks, declared conflicts, estimates."""

from .checks import Check, CheckQuerySet
from .conflicts import Conflict
from .verifications import DESIGN, Estimate, Sampled, Verification

__all__ = ["DESIGN", "Check", "CheckQuerySet", "Conflict", "Estimate", "Sampled", "Verification"]
