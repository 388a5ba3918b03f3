"""Tables of river stations by year, taken over with their dirt named and left out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import IO, Any, Final

from django.db import transaction
from django.utils.translation import gettext as _t

from sankul.core.actions import events
from sankul.core.rules.roles import PLATFORM, Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.core.tables import Table, Unreadable, cells, opened
from sankul.field.water.models import RiverImport, Station, StationYear, YearRange
from sankul.field.water.rules import IMPORT_RIVERS, best_use
from sankul.field.water.rules.dirt import Pair, why_doubt_pair, why_not_pair

KEYS: Final = {
    "year": r"year", "state": r"state", "code": r"station code", "name": r"monitoring location",
}  # fmt: skip
VALUES: Final = {
    "temperature": r"temperature", "oxygen": r"dissolved oxygen", "ph": r"potential of hydrogen", "conductivity": r"conductivity",
    "bod": r"biochemical oxygen demand", "nitrate_n": r"nitrate", "faecal_coliform": r"f[a]?ecal coliform",
    "total_coliform": r"total coliform", "faecal_streptococci": r"f[a]?ecal streptococci",
}  # fmt: skip
Note = tuple[str, str]


@dataclass
class _Read:
    """What was read so far."""

    rows: int = 0
    stations: dict[str, Station] = field(default_factory=dict)
    years: dict[tuple[str, int], Mapping[str, Pair]] = field(default_factory=dict)
    problems: list[Note] = field(default_factory=list)
    doubts: list[Note] = field(default_factory=list)


def take_over(*, actor: Actor, file: IO[bytes], name: str, at: datetime) -> RiverImport:
    """Take over a table (CSV or XLSX) as the Central Board publishes it: minima and maxima by station and calendar year.

    What cannot be (a pH above 14, a minimum above its maximum) is left out and named with its line; a station-year that came
    before, in the table or earlier, is named and left as it is; the rest is kept, all in one transaction.
    Raises Refused for a file that came before, one that is no table, and one whose columns are not those.
    """
    require(actor, IMPORT_RIVERS, PLATFORM)
    digest = _digest(file)
    if RiverImport.objects.filter(sha256=digest).exists():
        raise Refused(_t("This file was taken over before."))
    try:
        with opened(file) as table:
            read = _read(table)
    except Unreadable as error:
        raise Refused(str(error)) from None
    with transaction.atomic():
        made = RiverImport.objects.create(
            name=name[-255:], sha256=digest, at=at, by=actor.user, rows=read.rows, kept=0,
        )  # fmt: skip
        _write(made, read)
        events.record(
            actor=actor, verb="water.rivers_taken_over", subject=made, at=at, scopes=(PLATFORM,),
            data={"sha256": digest, "rows": read.rows, "kept": made.kept, "problems": len(made.problems)},
        )  # fmt: skip
    return made


def _digest(file: IO[bytes]) -> str:
    sha = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(2**20):
        sha.update(chunk)
    return sha.hexdigest()


def _read(table: Table) -> _Read:
    keys, values = _columns(table.head)
    read = _Read()
    for line, row in table.rows:
        read.rows += 1
        place = _t("line %d") % line
        told = {name: cells.shown(row[at]).strip() for name, at in keys.items()}
        year = re.search(r"\b(19|20)\d\d\b", told["year"])
        if year is None or not told["code"]:
            lacking = _t("no station code") if year else _t("no year")
            read.problems.append((place, lacking))
            continue
        key = (told["code"], int(year[0]))
        if key in read.years:
            read.problems.append((place, _t("station %s has the year %d already") % key))
            continue
        read.stations.setdefault(
            told["code"], Station(code=told["code"][:20], name=told["name"][:250], state=told["state"][:120])
        )  # fmt: skip
        read.years[key] = dict(_pairs(values, row, f"{place}, {key[0]} {key[1]}", read))
    return read


def _columns(head: Sequence[str]) -> tuple[dict[str, int], dict[str, tuple[int, int]]]:
    """Places of the keys, and of minimum and maximum by parameter: the first and the second column that name it."""
    plain = [" ".join(text.lower().split()) for text in head]
    keys = {name: _first(plain, f"^{word}") for name, word in KEYS.items()}
    named = {
        name: [at for at, text in enumerate(plain) if re.search(f"^m(in|ax)imum.*{word}", text)]
        for name, word in VALUES.items()
    }
    lacking = [name for name, at in keys.items() if at is None]
    lacking += [name for name, places in named.items() if len(places) not in {0, 2}]
    if lacking or not any(named.values()):
        wanted = ", ".join(lacking or VALUES)
        raise Refused(_t("The table lacks columns for: %s.") % wanted)
    found = {name: (places[0], places[1]) for name, places in named.items() if places}
    return {name: at for name, at in keys.items() if at is not None}, found


def _first(texts: Sequence[str], pattern: str) -> int | None:
    return next((at for at, text in enumerate(texts) if re.search(pattern, text)), None)


def _pairs(
    values: Mapping[str, tuple[int, int]], row: Sequence[Any], place: str, read: _Read
) -> Iterator[tuple[str, Pair]]:
    """The pairs of a row that can be; those that cannot are noted and left out."""
    for name, places in values.items():
        where = f"{place}, {name}"
        try:
            pair = Pair(*(_number(row[at]) for at in places))
        except cells.Misread as wrong:
            read.problems.append((where, str(wrong)))
            continue
        if pair == Pair(None, None):
            continue
        if why := why_not_pair(name, pair):
            read.problems.append((where, why))
            continue
        if doubt := why_doubt_pair(name, pair):
            read.doubts.append((where, doubt))
        yield name, pair


def _number(cell: Any) -> Decimal | None:
    return None if cells.is_empty(cell) else cells.number(cell)


def _write(made: RiverImport, read: _Read) -> None:
    Station.objects.bulk_create(read.stations.values(), ignore_conflicts=True)
    stations = dict(Station.objects.filter(code__in=read.stations).values_list("code", "pk"))
    there = set(StationYear.objects.values_list("station__code", "year"))
    fresh = {key: pairs for key, pairs in read.years.items() if key not in there}
    for key in read.years.keys() & there:
        read.problems.append(("", _t("station %s has the year %d from an earlier table") % key))
    years = StationYear.objects.bulk_create(
        StationYear(
            station_id=stations[code], year=year, come_by=made, best_use=best_use(_floats(pairs)).best
        )
        for (code, year), pairs in fresh.items()
    )  # fmt: skip
    YearRange.objects.bulk_create(
        (
            YearRange(station_year=row, parameter=name, least=pair.least, most=pair.most)
            for row, pairs in zip(years, fresh.values(), strict=True)
            for name, pair in pairs.items()
        ),
        batch_size=5000,
    )
    made.kept, made.problems, made.doubts = len(years), read.problems, read.doubts
    made.save(update_fields=["kept", "problems", "doubts"])


def _floats(pairs: Mapping[str, Pair]) -> dict[str, tuple[float | None, float | None]]:
    def number(value: Decimal | None) -> float | None:
        return None if value is None else float(value)

    return {name: (number(pair.least), number(pair.most)) for name, pair in pairs.items()}
