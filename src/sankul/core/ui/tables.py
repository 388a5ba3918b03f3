"""Tables: typed columns, cells that are parts or plain values, sorting in the address bar."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.http import QueryDict
from django.utils.formats import localize
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import is_aware, localtime

from sankul.core.ui.base import Part, Text


@dataclass(frozen=True)
class Column:
    """A column: its key in a row, its head, and how it behaves.

    ``numeric`` aligns it to the end with the ``unit`` in the head. ``sort`` is the name the page
    sorts by, empty when it cannot. ``fold`` moves it under the row's heading on a narrow page.
    """

    key: str
    label: Text
    numeric: bool = False
    unit: Text = ""
    sort: str = ""
    fold: bool = False

    @property
    def classes(self) -> str:
        """The classes of its cells."""
        return " ".join(["num"] * self.numeric + ["fold"] * self.fold)


@dataclass(frozen=True)
class Head:
    """A column's head: where a click on it leads, and how it is sorted now."""

    column: Column
    href: str = ""
    direction: str = ""


@dataclass(frozen=True)
class Table(Part):
    """Rows (mappings by column key) under a caption; the first column is the row's heading.

    ``query`` is the page's ``request.GET``: heads of sortable columns keep its other parameters,
    and ``sort=name`` or ``sort=-name`` says how the rows are sorted already. The page does the
    sorting, by ``order``. ``empty`` is what an empty table teaches, ``note`` stands below the caption.
    """

    caption: Text
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]
    query: QueryDict | None = None
    note: Text = ""
    empty: Text = ""
    hide_caption: bool = False

    template_name = "ui/table.html"

    def heads(self) -> Iterator[Head]:
        """The heads, in order."""
        for column in self.columns:
            if self.query is None or not column.sort:
                yield Head(column)
            else:
                yield self._sortable(column, self.query)

    def body(self) -> SafeString:
        """The rows, in order; a key that a row lacks is an error.

        Not drawn by a template: a table holds hundreds of cells, each of which a template asks ten questions about.
        """
        frames = [_Frame.of(column) for column in self.columns]
        lines = [_line(frames, row) for row in self.rows]
        return mark_safe("".join(lines))  # noqa: S308 - every part is escaped by ``drawn``

    def _sortable(self, column: Column, query: QueryDict) -> Head:
        now = query.get("sort", "")
        name = column.sort
        following = f"-{name}" if now == name else name
        if now not in (name, f"-{name}") and column.numeric:
            following = f"-{name}"
        direction = {name: "ascending", f"-{name}": "descending"}.get(now, "")
        return Head(column, href_with(query, sort=following, page=None), direction)


class _Frame(NamedTuple):
    """What stands around each cell of a column, worked out once."""

    key: str
    opening: str
    under: str
    """The label before a cell under the heading, for columns that are moved there."""

    @staticmethod
    def of(column: Column) -> "_Frame":
        classes = f' class="{column.classes}"' if column.classes else ""
        unit = f" ({drawn(column.unit)})" if column.unit else ""
        under = f"<div><dt>{drawn(column.label)}{unit}</dt><dd>" if column.fold else ""
        return _Frame(column.key, classes, under)


def _line(frames: Sequence[_Frame], row: Mapping[str, Any]) -> str:
    """A row: the cells that fold stand under the heading too."""
    cells = [drawn(row[frame.key]) for frame in frames]
    folded = [
        f"{frame.under}{cell}</dd></div>"
        for frame, cell in zip(frames, cells, strict=True)
        if frame.under and row[frame.key] != ""
    ]
    under = f'<dl class="folded">{"".join(folded)}</dl>' if folded else ""
    others = [
        f"<td{frame.opening}>{cell}</td>\n"
        for frame, cell in zip(frames[1:], cells[1:], strict=True)
    ]
    return (
        f'<tr>\n<th scope="row"{frames[0].opening}>{cells[0]}{under}</th>\n{"".join(others)}</tr>\n'
    )


def drawn(value: Any) -> str:
    """A value as a template would write it: numbers and dates as the language has them, everything escaped once."""
    if not isinstance(value, (str, Part)):
        is_moment = isinstance(value, datetime) and is_aware(value)
        value = localize(localtime(value) if is_moment else value)
    return conditional_escape(value if isinstance(value, str) else str(value))


def href_with(query: QueryDict, **changes: str | int | None) -> str:
    """The query string with some parameters changed, None removing one: ``?a=1&sort=-score``."""
    changed = query.copy()
    for key, value in changes.items():
        if value is None:
            changed.pop(key, None)
        else:
            changed[key] = str(value)
    return "?" + changed.urlencode()


def order(query: QueryDict, columns: Sequence[Column], default: str) -> str:
    """The order asked for by ``?sort=``, if some column offers it, else ``default``."""
    asked = query.get("sort", "")
    offered = {column.sort for column in columns if column.sort}
    return asked if asked.removeprefix("-") in offered else default


@dataclass(frozen=True)
class Pages(Part):
    """Page links below a list that keep the rest of the address.

    ``page`` of ``last`` pages when they can be counted; else keyset links ``before`` and ``after``.
    """

    query: QueryDict
    page: int = 1
    last: int = 1
    total: int | None = None
    before: str = ""
    after: str = ""

    template_name = "ui/pages.html"

    def href(self, page: int) -> str:
        """Where a page is."""
        return href_with(self.query, page=page)

    @property
    def previous_href(self) -> str:
        """Where the page before is, or nothing."""
        if self.before:
            return href_with(self.query, before=self.before, after=None)
        return self.href(self.page - 1) if self.page > 1 else ""

    @property
    def next_href(self) -> str:
        """Where the page after is, or nothing."""
        if self.after:
            return href_with(self.query, after=self.after, before=None)
        return self.href(self.page + 1) if self.page < self.last else ""

    def links(self) -> Iterator[tuple[int | None, str]]:
        """The first, the last and those around this one; (None, "") where some are left out."""
        near = {1, self.last, self.page - 1, self.page, self.page + 1}
        shown = sorted(number for number in near if 1 <= number <= self.last)
        for before, number in zip([0, *shown], shown, strict=False):
            if number - before > 1:
                yield None, ""
            yield number, self.href(number)
