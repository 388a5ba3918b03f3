"""Claims as JSON: what one may see, and recording, proving, submitting, amending and withdrawing for those who may."""

from .claims import router

__all__ = ["router"]
