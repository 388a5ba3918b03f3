"""The documents behind the story: typeset registers that list the very claims they prove, attendance lists, minutes."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from typing import Any, NamedTuple

import typst

from sankul.programme.outcomes.rules import KINDS

from .cast import YEARS, bodies, cities
from .catalogue import REGISTERS
from .facts import attendance
from .story import Entry, Share

BY_THE_EVALUATOR = "feedback"
PRESSES = 2
MARK = "Demonstration: fictional"


class Proof(NamedTuple):
    """A document with the references of the claims it proves, and what it says of each."""

    name: str
    content: bytes
    proves: dict[str, str]


class Press:
    """Typesets registers; loads the typesetter and its own fonts once, none of the machine's."""

    def __init__(self) -> None:
        self._source = files(__package__).joinpath("register.typ").read_bytes()
        self._compiler = typst.Compiler(ignore_system_fonts=True)

    def pdf(
        self, *, title: str, author: str, lines: Sequence[str], rows: Sequence[Sequence[str]] = ()
    ) -> bytes:
        """A PDF of a title, lines of text and a table of six columns; the same bytes for the same content."""
        data: dict[str, Any] = {"title": title, "author": author, "lines": lines, "rows": rows}
        made = self._compiler.compile(
            self._source, format="pdf", sys_inputs={"data": json.dumps(data)}
        )
        if not isinstance(made, bytes):
            raise TypeError("a register is one file")
        return made


def proofs(entries: Iterable[Entry]) -> Iterator[Proof]:
    """Every register and attendance list. Typesetting leaves Python's lock, so that two threads use two cores."""
    filed: dict[tuple[str, int, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.documented:
            filed[entry.city, entry.year, entry.register].append(entry)
    wanted = sorted(filed.items())
    with ThreadPoolExecutor(PRESSES) as pool:
        for made in pool.map(_typeset, [wanted[first::PRESSES] for first in range(PRESSES)]):
            yield from made


Filed = tuple[tuple[str, int, str], list[Entry]]


def _typeset(wanted: Sequence[Filed]) -> list[Proof]:
    press, made = Press(), []
    for (city, year, group), listed in wanted:
        made.append(_register(press, city, year, group, listed))
        if group == "training":
            made.append(_attendance(city, year, listed))
    return made


def _register(press: Press, city: str, year: int, group: str, listed: Sequence[Entry]) -> Proof:
    name = next(one.name for one in cities() if one.slug == city)
    content = press.pdf(
        title=f"{name}: {REGISTERS[group]}, {YEARS[year]}",
        author="Third-party evaluator" if group == BY_THE_EVALUATOR else name,
        lines=[
            f"{len(listed)} entries. Each names the claim it proves by the cluster's own reference."
        ],
        rows=[_row(number, entry) for number, entry in enumerate(listed, 1)],
    )
    proves = {
        entry.reference: f"Entry {number} of the register: {KINDS[entry.kind].title}"
        for number, entry in enumerate(listed, 1)
    }
    return Proof(f"{city}-{YEARS[year]}-{group}.pdf", content, proves)


def _row(number: int, entry: Entry) -> list[str]:
    return [
        str(number),
        entry.reference,
        f"{entry.on:%d %b %Y}",
        entry.title,
        f"{entry.quantity:,f} {KINDS[entry.kind].unit}",
        "; ".join(_credited(share) for share in entry.credits),
    ]


def _credited(share: Share) -> str:
    name = next(body.name for body in bodies() if body.slug == share.body)
    return f"{name} ({share.role}, {share.share:f})"


def _attendance(city: str, year: int, listed: Iterable[Entry]) -> Proof:
    """How many came from which institution; no names of persons."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["reference", "date", "institution", "people", "note"])
    proves = {}
    for entry in listed:
        if entry.kind == "training_attendance":
            proves[entry.reference] = "Attendance by institution"
            for name, people in attendance(entry):
                writer.writerow([entry.reference, entry.on.isoformat(), name, people, MARK])
    return Proof(f"{city}-{YEARS[year]}-attendance.csv", text.getvalue().encode(), proves)
