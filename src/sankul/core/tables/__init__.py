"""Tables that people send: spreadsheets and CSV, read in bounded memory, refused by name where they could be misread.

``opened`` gives a ``Table``: its heading and its rows, each with the line that the sender sees. ``cells`` turns what stands in a
cell into text, numbers and days. ``writing`` makes spreadsheets. Nothing here knows the database.
"""

from .heads import Column, matched
from .problems import Problem, Unreadable, Why
from .reading import LIMITS, Limits, Row, Table, opened

__all__ = [
    "LIMITS", "Column", "Limits", "Problem", "Row", "Table", "Unreadable", "Why", "matched", "opened",
]  # fmt: skip
