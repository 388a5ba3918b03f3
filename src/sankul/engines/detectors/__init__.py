"""Detectors: what in a series of observations somebody should look at, as they come.

Each reads what is new, with the state that it had, and tells what began and what ended; a series in parts gives what it gives at
once. Pure arithmetic on arrays, times in microseconds of UTC: no database, no framework.

>>> from sankul.engines import detectors
>>> spec = detectors.spec("above", {"raise_at": 5, "clear_at": 4, "for_s": 900})
>>> minutes = [at * 60_000_000 for at in (0, 15, 30, 45)]
>>> state, events = detectors.advance(
...     spec, detectors.fresh(spec), minutes, [6.0, 7.5, 4.5, 3.9], [1, 1, 1, 1]
... )
>>> [(event.what, event.at_us // 60_000_000, event.worst) for event in events]
[(1, 15, 7.5), (2, 45, 7.5)]
"""

from .problems import DetectorError
from .specs import (
    DIRECTIONS,
    SPECS,
    Above,
    Absence,
    Below,
    Network,
    Rate,
    Residual,
    Spec,
    spec,
)
from .together import advance_group, fresh_group, needed
from .watching import BEGAN, ENDED, Event, Found, Span, State, advance, advance_many, fresh

__all__ = [
    "BEGAN",
    "DIRECTIONS",
    "ENDED",
    "SPECS",
    "Above",
    "Absence",
    "Below",
    "DetectorError",
    "Event",
    "Found",
    "Network",
    "Rate",
    "Residual",
    "Span",
    "Spec",
    "State",
    "advance",
    "advance_group",
    "advance_many",
    "fresh",
    "fresh_group",
    "needed",
    "spec",
]
