"""The facilities' memory."""

from .hours import Closure, Opening
from .instruments import Instrument, Specification, Technique, Unit
from .places import Consumable, Facility, Service
from .tariffs import Tariff
from .tickets import Acknowledged, Ticket
from .training import Qualification, TrainingPlace, TrainingSession

__all__ = [
    "Acknowledged",
    "Closure",
    "Consumable",
    "Facility",
    "Instrument",
    "Opening",
    "Qualification",
    "Service",
    "Specification",
    "Tariff",
    "Technique",
    "Ticket",
    "TrainingPlace",
    "TrainingSession",
    "Unit",
]
