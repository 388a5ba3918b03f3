"""A table of instruments: its columns, and what a line of it says."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.text import slugify
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.core.tables import Column, Problem
from sankul.core.tables.cells import Days, Misread, is_empty, number, shown, text

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MOST_LINES = 500
YES = frozenset({"yes", "y", "true", "1", "हाँ"})
NO = frozenset({"no", "n", "false", "0", "नहीं"})


class Asked(NamedTuple):
    """A column: its heading, the column of the instrument that it fills, how it is read, and what it means."""

    head: str
    name: str
    read: str
    meaning: StrOrPromise
    required: bool = False
    aliases: tuple[str, ...] = ()


COLUMNS = (
    Asked("Name", "name", "text", _("What people search for."), required=True),
    Asked(
        "Short name",
        "slug",
        "slug",
        _("Of addresses; empty: made of the name. An instrument of this short name is changed."),
        aliases=("slug",),
    ),
    Asked("Summary", "summary", "text", _("What it is for."), aliases=("description",)),
    Asked("Maker", "make", "text", _("Who made it."), aliases=("make", "manufacturer")),
    Asked("Model", "model", "text", _("Its model.")),
    Asked("Serial number", "serial_number", "text", _("Its serial number.")),
    Asked(
        "Techniques", "techniques", "techniques", _("Names or codes, with semicolons between them.")
    ),
    Asked("Samples", "sample_kinds", "list", _("Kinds of samples, with semicolons between them.")),
    Asked("Units", "units", "count", _("How many can be used side by side; empty: 1.")),
    Asked("Commissioned", "commissioned_on", "day", _("The day on which it went into use.")),
    Asked("Persistent identifier", "pid", "text", _("A DOI or Handle."), aliases=("pid", "doi")),
    Asked("Funding agency", "funding_agency", "text", _("Who paid for it.")),
    Asked("Funder ROR", "funder_ror", "text", _("ROR id of the agency, as in 04dese585.")),
    Asked("Award number", "award_number", "text", _("Number of the award.")),
    Asked("Slot minutes", "slot_minutes", "count", _("Slots of so many minutes; empty: 30.")),
    Asked("Shortest minutes", "min_minutes", "count", _("Shortest booking; empty: 30.")),
    Asked("Longest minutes", "max_minutes", "count", _("Longest booking; empty: 480.")),
    Asked("Needs approval", "needs_approval", "yes", _("yes or no; empty: no.")),
    Asked("Needs training", "needs_training", "yes", _("yes or no; empty: no.")),
)
"""The columns of the table; only the name has to be there. An empty cell leaves what is on record as it is."""


def known() -> list[Column]:
    """The columns, as headings are matched with them."""
    return [Column(one.head, one.aliases, required=one.required) for one in COLUMNS]


class Line(NamedTuple):
    """What a line says: its number, and the columns of an instrument that it fills."""

    line: int
    told: dict[str, Any]


class Reader:
    """Reads lines, and keeps what is wrong with them. ``techniques`` maps names and codes in small letters to rows."""

    def __init__(self, places: Mapping[str, int], techniques: Mapping[str, Any]) -> None:
        self.problems: list[Problem] = []
        self._places, self._techniques = places, techniques
        self._days, self._slugs = Days(), dict[str, int]()
        self._reads: dict[str, Callable[[Any, int], Any]] = {
            "text": lambda cell, _line: text(cell),
            "slug": lambda cell, _line: self._slug(text(cell)),
            "list": lambda cell, _line: _split(text(cell)),
            "techniques": lambda cell, _line: [self._technique(it) for it in _split(text(cell))],
            "count": lambda cell, _line: _count(cell),
            "yes": lambda cell, _line: _yes(cell),
            "day": self._days.read,
        }

    def read(self, line: int, cells: Sequence[Any]) -> Line | None:
        """What a line says, or None where something is wrong with it."""
        told: dict[str, Any] = {}
        before = len(self.problems)
        for asked in COLUMNS:
            place = self._places.get(asked.head)
            cell = cells[place] if place is not None and place < len(cells) else None
            if is_empty(cell):
                if asked.required:
                    self._note(line, asked.head, cell, _t("It is empty."), str(asked.meaning))
                continue
            try:
                told[asked.name] = self._reads[asked.read](cell, line)
            except Misread as wrong:
                self._note(line, asked.head, cell, wrong.wrong, wrong.expected)
        if len(self.problems) == before:
            self._address(line, told)
        return Line(line, told) if len(self.problems) == before else None

    def doubts(self) -> list[Problem]:
        """What cannot be told once all lines are read: days that can be read in two ways."""
        if self._days.doubt is None:
            return []
        line, found = self._days.doubt
        wrong, expected = _t("This day can be read in two ways."), _t("a day such as 2025-05-31")
        return [Problem(line, "Commissioned", found, wrong, expected)]

    def _address(self, line: int, told: dict[str, Any]) -> None:
        slug = told.setdefault("slug", slugify(told["name"])[:80])
        if not slug:
            wrong = _t("No short name can be made of it.")
            self._note(line, "Short name", told["name"], wrong, _t("letters, digits and hyphens"))
        elif slug in self._slugs:
            wrong = _t("Line %d has the same short name.") % self._slugs[slug]
            self._note(line, "Short name", slug, wrong, _t("one line an instrument"))
        self._slugs.setdefault(slug, line)

    def _technique(self, name: str) -> Any:
        found = self._techniques.get(name.casefold())
        if found is not None:
            return found
        near = difflib.get_close_matches(name.casefold(), self._techniques, 1, 0.6)
        expected = _t("a technique of the catalogue")
        if near:
            expected = _t("a technique of the catalogue, such as “%s”") % near[0]
        raise Misread(_t("“%s” is no technique of the catalogue.") % name, expected)

    @staticmethod
    def _slug(found: str) -> str:
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", found):
            raise Misread(_t("This is no short name."), _t("small letters, digits and hyphens"))
        return found

    def _note(self, line: int, head: str, cell: Any, wrong: str, expected: str) -> None:
        value = "" if cell is None else shown(cell)
        self.problems.append(Problem(line, head, value, wrong, expected))


def _split(found: str) -> list[str]:
    return [part.strip() for part in found.split(";") if part.strip()]


def _count(cell: Any) -> int:
    found = number(cell)
    if found != int(found) or not 0 <= found <= 100_000:
        raise Misread(_t("This is no whole number."), _t("a whole number such as 30"))
    return int(found)


def _yes(cell: Any) -> bool:
    found = text(cell).casefold()
    if found in YES | NO:
        return found in YES
    raise Misread(_t("This is neither yes nor no."), _t("yes or no"))
