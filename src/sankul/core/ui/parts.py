"""Notices, lists, steps, tiles and the other parts that pages are put together from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from sankul.core.ui.base import Part, Text
from sankul.core.ui.figures import State, Tone, icon


@dataclass(frozen=True)
class Link(Part):
    """A plain link, as a cell or a list entry. ``current`` marks the page one is on."""

    label: Any
    href: str
    current: bool = False

    def __str__(self) -> SafeString:
        mark = SafeString(' aria-current="page"') if self.current else ""
        return format_html('<a href="{}"{}>{}</a>', self.href, mark, self.label)


@dataclass(frozen=True)
class Notice(Part):
    """A message set apart; ``live`` has it announced when it appears."""

    tone: Tone | str
    text: Any
    title: Text = ""
    live: bool = False

    template_name = "ui/notice.html"

    @property
    def icon(self) -> SafeString:
        """The shape of its state."""
        return icon(self.tone)

    @property
    def role(self) -> str:
        """``alert`` interrupts, ``status`` waits for a pause."""
        return "alert" if self.tone == Tone.PROBLEM else "status"


@dataclass(frozen=True)
class Empty(Part):
    """An empty place that teaches: what would stand here, why it does not, what to do next."""

    title: Text
    text: Any
    action: Link | None = None

    template_name = "ui/empty.html"


@dataclass(frozen=True)
class Crumbs(Part):
    """The way here from the home page; the page itself is not in it."""

    links: Sequence[Link]

    template_name = "ui/crumbs.html"


@dataclass(frozen=True)
class Tabs(Part):
    """Views of one thing as ordinary links, each with an address of its own."""

    label: Text
    links: Sequence[Link]

    template_name = "ui/tabs.html"


@dataclass(frozen=True)
class Entry:
    """One line of a summary: what it is, what it holds, and an optional link to change it."""

    term: Text
    value: Any
    action: Link | None = None


@dataclass(frozen=True)
class Summary(Part):
    """Facts about one thing as a description list."""

    entries: Sequence[Entry]

    template_name = "ui/summary.html"


@dataclass(frozen=True)
class Task:
    """Something to do: its name, where it is done, its state, and a line that says more."""

    label: Text
    state: State
    href: str = ""
    hint: Text = ""


@dataclass(frozen=True)
class Tasks(Part):
    """A task list with the state of each."""

    label: Text
    tasks: Sequence[Task]

    template_name = "ui/tasks.html"


@dataclass(frozen=True)
class Step:
    """A step of a process or a day in a history. ``at`` is when it happened, ``text`` what."""

    label: Any
    done: bool = False
    current: bool = False
    at: Any = ""
    text: Any = ""


@dataclass(frozen=True)
class Steps(Part):
    """The steps of a process, or the history of a thing, in order of time."""

    label: Text
    steps: Sequence[Step]

    template_name = "ui/steps.html"


@dataclass(frozen=True)
class Progress(Part):
    """Long work: how far it is, in words and as a bar, fetched again every two seconds.

    ``done`` of ``total``; ``total`` None when nobody knows. ``poll`` is the address that answers
    with this part again; leave it empty when the work has ended, and the asking stops.
    """

    label: Text
    done: int = 0
    total: int | None = None
    poll: str = ""
    text: Any = ""

    template_name = "ui/progress.html"


@dataclass(frozen=True)
class Tile:
    """A number at a glance: what it is, the figure, and a line that says more."""

    label: Text
    value: Any
    note: Any = ""


@dataclass(frozen=True)
class Tiles(Part):
    """A few numbers at a glance, side by side."""

    tiles: Sequence[Tile]

    template_name = "ui/tiles.html"


@dataclass(frozen=True)
class Card:
    """One of several things to choose from; the whole card leads to ``href``."""

    title: Text
    href: str = ""
    text: Any = ""
    parts: Sequence[Any] = ()


@dataclass(frozen=True)
class Cards(Part):
    """Cards in a grid; ``level`` is the rank of their headings."""

    cards: Sequence[Card]
    level: int = 3

    template_name = "ui/cards.html"

    @property
    def heading(self) -> SafeString:
        """The heading element."""
        return SafeString(f"h{int(self.level)}")


@dataclass(frozen=True)
class Formula:
    """A step of an explanation: what was done, by which formula, with what, giving what."""

    label: Text
    result: Any = ""
    formula: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    note: Any = ""


@dataclass(frozen=True)
class Explanation(Part):
    """How a figure came about: its steps in order, each with formula, inputs and result."""

    label: Text
    steps: Sequence[Formula]

    template_name = "ui/explanation.html"


@dataclass(frozen=True)
class Confirm(Part):
    """The question before what cannot be undone: it names the thing and says what will happen.

    The page wraps it in its own ``<form method="post">`` with the CSRF token.
    """

    question: Text
    consequence: Text
    verb: Text
    cancel_href: str
    danger: bool = True

    template_name = "ui/confirm.html"
