"""The JSON API of the area billing."""

from . import writing
from .reading import router

__all__ = ["router", "writing"]
