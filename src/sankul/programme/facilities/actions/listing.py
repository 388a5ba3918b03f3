"""Tables of instruments: checked line by line, and taken over as a whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import storages
from django.db import transaction
from django.utils.translation import gettext as _t

from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.core.tables import Problem, Unreadable, matched, opened
from sankul.programme.facilities.models import Facility, Instrument, Technique
from sankul.programme.facilities.rules import MANAGE_FACILITY
from sankul.programme.facilities.rules.listed import MOST_LINES, Line, Reader, known

from . import instrument

SHEET = "Instruments"


@dataclass(frozen=True)
class Report:
    """What was found in a table: its digest, what is wrong, and how many lines are new, changed, or on record as they are."""

    sha256: str
    problems: tuple[Problem, ...]
    fresh: int = 0
    changed: int = 0
    same: int = 0

    @property
    def is_sound(self) -> bool:
        """Whether it can be taken over."""
        return not self.problems


def check(*, actor: Actor, facility: Facility, file: IO[bytes], at: datetime) -> Report:
    """Keep the table, and say what would come of it; nothing is written.

    The lines go through the same changes as when they are taken over, which are undone. Raises Refused where the file is larger
    than a document may be.
    """
    require(actor, MANAGE_FACILITY, *facility.scopes)
    digest = _kept(file)
    with transaction.atomic():
        report = _through(actor, facility, digest, at)
        transaction.set_rollback(True)
    return report


@transaction.atomic
def apply(*, actor: Actor, facility: Facility, sha256: str, at: datetime) -> Report:
    """Take a table over that was checked, in one transaction. Raises Refused where something is wrong with it by now."""
    require(actor, MANAGE_FACILITY, *facility.scopes)
    report = _through(actor, facility, sha256, at)
    if not report.is_sound:
        raise Refused(_t("Something has changed since the check. Check the table again."))
    return report


def _through(actor: Actor, facility: Facility, digest: str, at: datetime) -> Report:
    try:
        lines, problems = _read(digest)
    except FileNotFoundError:
        raise Refused(_t("The table is no longer kept. Send it again.")) from None
    except Unreadable as refusal:
        return Report(digest, (Problem(0, "", "", refusal.reason, ""),))
    if problems:
        return Report(digest, tuple(problems))
    return _written(actor, facility, digest, lines, at)


def _read(digest: str) -> tuple[list[Line], list[Problem]]:
    techniques = {
        key: one
        for one in Technique.objects.all()
        for key in (one.name.casefold(), one.code.casefold())
    }
    with (
        storages["documents"].open(f"imports/{digest}", "rb") as file,
        opened(file, sheet=SHEET) as table,
    ):
        reader = Reader(matched(table.head, known()), techniques)
        lines = []
        for count, row in enumerate(table.rows, 1):
            if count > MOST_LINES:
                wrong = _t("The table has more than %d lines.") % MOST_LINES
                return [], [Problem(row.line, "", "", wrong, _t("tables in parts"))]
            lines.append(reader.read(row.line, row.cells))
    if not lines:
        nothing = _t("The table has a heading and no line.")
        return [], [Problem(0, "", "", nothing, _t("one line an instrument"))]
    found = [*reader.problems, *reader.doubts()]
    return [line for line in lines if line is not None], sorted(found, key=lambda it: it.line)


def _written(
    actor: Actor, facility: Facility, digest: str, lines: Sequence[Line], at: datetime
) -> Report:
    there = {one.slug: one for one in facility.instruments.prefetch_related("techniques", "units")}
    counts = {"fresh": 0, "changed": 0, "same": 0}
    problems = []
    for one in lines:
        try:
            with transaction.atomic():
                counts[_write(actor, facility, there.get(one.told["slug"]), one, at)] += 1
        except Forbidden:
            raise
        except Refused as refusal:
            problems.append(Problem(one.line, "", str(one.told["name"]), refusal.reason, ""))
    if problems:
        return Report(digest, tuple(problems))
    return Report(digest, (), **counts)


def _write(
    actor: Actor, facility: Facility, there: Instrument | None, line: Line, at: datetime
) -> str:
    if there is None:
        instrument.enter(actor=actor, facility=facility, at=at, **line.told)
        return "fresh"
    changed = {name: value for name, value in line.told.items() if _now(there, name) != value}
    if not changed:
        return "same"
    instrument.revise(actor=actor, instrument=there, at=at, **changed)
    return "changed"


def _now(there: Instrument, name: str) -> Any:
    match name:
        case "techniques":
            return list(there.techniques.all())
        case "units":
            return sum(unit.is_active for unit in there.units.all())
    return getattr(there, name)


def _kept(file: IO[bytes]) -> str:
    file.seek(0)
    content = file.read(settings.DOCUMENT_MAX_BYTES + 1)
    if len(content) > settings.DOCUMENT_MAX_BYTES:
        limit = settings.DOCUMENT_MAX_BYTES // 2**20
        raise Refused(_t("The table is larger than %d MB. Send it in parts.") % limit)
    digest = hashlib.sha256(content).hexdigest()
    if not storages["documents"].exists(f"imports/{digest}"):
        file.seek(0)
        storages["documents"].save(f"imports/{digest}", File(file))
    return digest
