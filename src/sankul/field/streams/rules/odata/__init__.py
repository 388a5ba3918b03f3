"""The language of requests to the SensorThings API: resource paths, OData options, times. Text in, values out.

Sources: OGC 18-088 (SensorThings API Part 1: Sensing, version 1.1), clauses 8 to 13, and OASIS OData 4.0, URL conventions, as
far as the former refers to them.
"""

from .entities import ENTITIES, Entity, Kind, Link, Property
from .errors import Unreadable
from .expressions import (
    Call,
    Expression,
    Geometry,
    Literal,
    Logic,
    Membership,
    Negative,
    Not,
    Operation,
    Path,
)
from .filters import parse_expression
from .options import Expand, Options, Order, parse_options, parse_query
from .resources import Resource, Step, parse_resource
from .text import write
from .times import Period, format_instant, format_period, parse_duration, parse_instant, parse_time

__all__ = [
    "ENTITIES",
    "Call",
    "Entity",
    "Expand",
    "Expression",
    "Geometry",
    "Kind",
    "Link",
    "Literal",
    "Logic",
    "Membership",
    "Negative",
    "Not",
    "Operation",
    "Options",
    "Order",
    "Path",
    "Period",
    "Property",
    "Resource",
    "Step",
    "Unreadable",
    "format_instant",
    "format_period",
    "parse_duration",
    "parse_expression",
    "parse_instant",
    "parse_options",
    "parse_query",
    "parse_resource",
    "parse_time",
    "write",
]
