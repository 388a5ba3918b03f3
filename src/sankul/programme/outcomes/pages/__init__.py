"""Claims and nil returns as pages."""

from .claim import claim
from .claims import claims

__all__ = ["claim", "claims"]
