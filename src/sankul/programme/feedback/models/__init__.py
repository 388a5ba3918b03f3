"""The memory of the 360-degree survey."""

from .ballots import Ballot
from .invitations import Invitation, Letter, Ticket
from .results import Cell, Comment, Receipt, Turnout
from .surveys import Group, Question, Section, Survey

__all__ = [
    "Ballot",
    "Cell",
    "Comment",
    "Group",
    "Invitation",
    "Letter",
    "Question",
    "Receipt",
    "Section",
    "Survey",
    "Ticket",
    "Turnout",
]
