"""Figures of shared facilities: hours open, booked and used; demand by the hour; and how easy access is for others."""

from .ease import Ease, ease
from .hours import Grid, Hours, demand, hours
from .scope import Scope, months_until, of_programme

__all__ = [
    "Ease",
    "Grid",
    "Hours",
    "Scope",
    "demand",
    "ease",
    "hours",
    "months_until",
    "of_programme",
]
