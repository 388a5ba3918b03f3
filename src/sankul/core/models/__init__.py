"""Core's memory: accounts, grants, tokens, the event log, documents."""

from .documents import Document
from .events import Event
from .following import Follower
from .history import tracked
from .identity import DateRange, Grant, User
from .tokens import ApiToken
from .work import Work

__all__ = [
    "ApiToken",
    "DateRange",
    "Document",
    "Event",
    "Follower",
    "Grant",
    "User",
    "Work",
    "tracked",
]
