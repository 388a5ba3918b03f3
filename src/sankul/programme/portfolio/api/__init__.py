"""The portfolio as JSON: what one may see, and recording for those who may."""

from . import writing
from .reading import router

__all__ = ["router", "writing"]
