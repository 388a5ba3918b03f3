"""Figures of shared facilities: hours open, booked and used; demand by the hour; and how easy access is for others."""

from .ease import Ease, ease
from .hours import Grid, Hours, demand, hours
from .scope import Scope, first_with_instruments, months_until, of_programme

__all__ = [
    "Ease",
    "Grid",
    "Hours",
    "Scope",
    "demand",
    "ease",
    "first_with_instruments",
    "hours",
    "months_until",
    "of_programme",
]
