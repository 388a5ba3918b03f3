"""The registry's memory."""

from .governance import Body, Decision, Meeting, Seat
from .organisations import (
    LegalEntity,
    Membership,
    Name,
    Organisation,
    Person,
    Post,
    Stewardship,
)
from .programmes import Cluster, Dated, Fact, FocusArea, Period, Programme, in_force

__all__ = [
    "Body",
    "Cluster",
    "Dated",
    "Decision",
    "Fact",
    "FocusArea",
    "LegalEntity",
    "Meeting",
    "Membership",
    "Name",
    "Organisation",
    "Period",
    "Person",
    "Post",
    "Programme",
    "Seat",
    "Stewardship",
    "in_force",
]
