"""The shared facilities as JSON: the catalogue for everybody, tariffs and tickets for those who keep them."""

from . import writing
from .reading import router

__all__ = ["router", "writing"]
