"""The parts a page is made of, as values that draw themselves.

Every part is a frozen dataclass; ``{{ part }}`` draws it, and ``{% load ui %}`` gives the same
parts as tags (``ScoreBar`` becomes ``{% score_bar ... %}``) for a template that makes one in place.
A part never queries and never asks who is looking: a page hands it what it shows. The gallery at
``/ui/`` shows each with its states.
"""

from sankul.core.ui.base import Part, Text
from sankul.core.ui.figures import (
    Absence,
    Day,
    Figure,
    Moment,
    Money,
    ScoreBar,
    State,
    Tone,
    icon,
)
from sankul.core.ui.forms import Errors, Field, Form
from sankul.core.ui.parts import (
    Card,
    Cards,
    Confirm,
    Crumbs,
    Empty,
    Entry,
    Explanation,
    Formula,
    Link,
    Notice,
    Progress,
    Step,
    Steps,
    Summary,
    Tabs,
    Task,
    Tasks,
    Tile,
    Tiles,
)
from sankul.core.ui.tables import Column, Pages, Table, href_with, order

__all__ = [
    "Absence", "Card", "Cards", "Column", "Confirm", "Crumbs", "Day", "Empty", "Entry", "Errors",
    "Explanation", "Field", "Figure", "Form", "Formula", "Link", "Moment", "Money", "Notice",
    "Pages", "Part", "Progress", "ScoreBar", "State", "Step", "Steps", "Summary", "Table", "Tabs",
    "Task", "Tasks", "Text", "Tile", "Tiles", "Tone", "href_with", "icon", "order",
]  # fmt: skip
