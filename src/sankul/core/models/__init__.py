"""Core's memory: accounts, grants, the event log, documents."""

from .documents import Document
from .events import Event
from .history import tracked
from .identity import DateRange, Grant, User
from .work import Work

__all__ = ["DateRange", "Document", "Event", "Grant", "User", "Work", "tracked"]
