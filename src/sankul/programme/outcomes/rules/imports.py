"""Tables of claims: which columns a kind has, and how a line is read, from values in hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.db.models import TextChoices
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override, pgettext_lazy

from sankul.core.rules.verdicts import ALLOWED, Verdict, refused
from sankul.core.tables import Column, Problem, cells
from sankul.core.tables.cells import Days, Misread

from .credit import default_shares, why_not_shares
from .facts import Fact, FactType, WrongFacts, checked, link
from .kinds import Kind
from .life import wanting, why_not_quantity, why_not_submit
from .words import ClaimStatus, CreditRole

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

PARTNERS = 5
MOST_PROBLEMS = 10_000
EXAMPLE = "EXAMPLE"
"""A line whose reference begins so is the template's own example, and is left out."""
SHA256 = re.compile(r"[0-9a-f]{64}")
SHARE_UNIT = Decimal("0.000001")


class ImportState(TextChoices):
    """Where a table of claims is."""

    WAITING = "waiting", pgettext_lazy("import", "being checked")
    SOUND = "sound", pgettext_lazy("import", "ready to take over")
    WRONG = "wrong", pgettext_lazy("import", "has problems")
    APPLIED = "applied", pgettext_lazy("import", "taken over")


class Asked(NamedTuple):
    """A column of a template: its name, what it is called, what it means, and the fact behind it, if it is one."""

    name: str
    title: StrOrPromise
    ask: StrOrPromise
    required: bool = False
    fact: Fact | None = None
    choices: tuple[str, ...] = ()


ROLES = tuple(role.value for role in CreditRole)


def columns(kind: Kind) -> list[Asked]:
    """The columns of a table of claims of a kind, in order."""
    return [
        Asked("reference", _("Your own reference"), _("Unique in your cluster; the same line sent twice is one claim"), True),
        Asked("title", _("Title"), _("At most 250 characters"), True),
        Asked("date", _("Date"), _("2025-05-31, 31/05/2025 or 31-May-2025"), True),
        Asked("quantity", _("Quantity"), kind.ask, True),
        Asked("detail", _("Detail"), _("Whatever helps to understand it")),
        *(Asked(fact.code, fact.title, _told(fact), fact.required, fact, _codes(fact)) for fact in kind.facts),
        *([Asked("rests_on", _("Rests on"), _("Your own reference of the claim that it builds on"))] if kind.rests_on else []),
        Asked("project", _("Project"), _("Code of the project that it comes from")),
        *(one for number in range(1, PARTNERS + 1) for one in _partner(number)),
        Asked("documents", _("Documents"), _("Names of files sent along, or SHA-256 of documents here; “;” between them")),
        Asked("links", _("Links"), _("Web addresses with http(s)://; a space between them")),
        Asked("proves", _("What they prove"), _("As in: attendance list signed by 34 people")),
    ]  # fmt: skip


def _partner(number: int) -> list[Asked]:
    start, title = f"partner_{number}", _("Partner %(number)d: ") % {"number": number}
    return [
        Asked(f"{start}_organisation", f"{title}{_t('organisation')}", _("Its short name, its name or its ROR id")),
        Asked(f"{start}_role", f"{title}{_t('role')}", _("led, contributed or enabled"), choices=ROLES),
        Asked(f"{start}_share", f"{title}{_t('share')}", _("0.6 or 60 %; for all partners, or for none: then by role")),
        Asked(f"{start}_cluster", f"{title}{_t('for the cluster')}", _("Its short name; empty: yours")),
    ]  # fmt: skip


def known(kind: Kind) -> tuple[Column, ...]:
    """The columns with every heading that they may have: the name, and the title in each language of the site."""
    titles: dict[str, set[str]] = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            for one in columns(kind):
                titles.setdefault(one.name, set()).add(str(one.title))
    names = {one.name for one in columns(kind)}
    return tuple(
        Column(
            one.name,
            tuple(sorted(text for text in titles[one.name] if text.casefold() not in names)),
            _is_needed(one),
        )
        for one in columns(kind)
    )


def _is_needed(one: Asked) -> bool:
    return one.name in ("reference", "title", "date")


def _told(fact: Fact) -> str:
    parts = [str(fact.ask)] if fact.ask else []
    if fact.unit:
        parts.append(str(fact.unit))
    if fact.choices:
        parts.append(", ".join(f"{code} ({title})" for code, title in fact.choices))
    if fact.columns:
        inside = " | ".join(str(column.title) for column in fact.columns)
        parts.append(_t("Rows with “;” between them, each: %s") % inside)
    if fact.type == FactType.ORGANISATIONS:
        parts.append(_t("Names or short names with “;” between them"))
    return ". ".join(parts)


def _codes(fact: Fact) -> tuple[str, ...]:
    return tuple(code for code, _title in fact.choices)


@dataclass(frozen=True)
class Around:
    """What a line is held against: who and what it may name, and what is closed.

    Keys of ``clusters``, ``organisations`` and ``projects`` are in small letters; ``members`` holds the days of membership of a
    cluster and an organisation; ``documents`` are files sent along; ``locked`` are periods whose claims are locked.
    """

    cluster_id: int
    clusters: Mapping[str, int]
    organisations: Mapping[str, tuple[int, str]]
    members: Mapping[tuple[int, int], Sequence[tuple[date | None, date | None]]]
    projects: Mapping[str, int]
    documents: Mapping[str, str]
    starts_on: date
    today: date
    locked: Sequence[tuple[date, date, str]] = ()
    submits: bool = False


class Credited(NamedTuple):
    """A partner with its share."""

    cluster_id: int
    organisation_id: int
    role: str
    share: Decimal


@dataclass
class Line:
    """A line that was read: what becomes of it when it is sound."""

    number: int
    reference: str = ""
    title: str = ""
    detail: str = ""
    on: date | None = None
    quantity: Decimal | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    rests_on: str = ""
    project_id: int | None = None
    credits: list[Credited] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    proves: str = ""

    @property
    def credit_key(self) -> str:
        """The credits in one spelling, to be compared with those of a claim."""
        found = sorted((one.cluster_id, one.organisation_id, one) for one in self.credits)
        return ";".join(f"{c}:{o}:{one.role}:{one.share:.6f}" for c, o, one in found)


class Reader:
    """Reads the lines of one table, ``lines`` so far; ``problems`` gathers what is wrong; days in doubt are told at the end."""

    def __init__(self, kind: Kind, places: Mapping[str, int], around: Around) -> None:
        self.kind, self.around, self.places = kind, around, places
        self.problems: list[Problem] = []
        self.lines = 0
        self._facts = [fact for fact in kind.facts if fact.code in places]
        dates = ["date", *(fact.code for fact in self._facts if fact.type == FactType.DATE)]
        self._days = {name: Days() for name in dates}
        self._partners = [
            n for n in range(1, PARTNERS + 1) if f"partner_{n}_organisation" in places
        ]
        self._numbers: list[int] = []
        self._cells: Sequence[Any] = ()
        self._line = Line(0)

    def read(self, number: int, found: Sequence[Any]) -> Line | None:
        """One line, or None where something is wrong with it, or it is the example."""
        before = len(self.problems)
        self._cells, self._line = found, Line(number)
        line = self._line
        line.reference = self._text("reference", 80, required=True)
        if line.reference.startswith(EXAMPLE):
            return None
        self.lines += 1
        line.title = self._text("title", 250, required=True)
        line.detail = self._text("detail", 5000)
        line.on = self._get("date", self._day("date"), required=True)
        line.quantity = self._get("quantity", cells.number)
        line.facts = self._read_facts()
        line.rests_on = self._text("rests_on", 80)
        line.project_id = self._get("project", self._project)
        line.proves = self._text("proves", 250)
        self._read_evidence()
        self._read_credits()
        if len(self.problems) == before:
            self._check()
        return line if len(self.problems) == before else None

    def doubts(self) -> list[Problem]:
        """Columns whose days can be read in two ways."""
        return [
            Problem(
                days.doubt[0], name, days.doubt[1],
                _t("In this column no day is above 12, so day and month cannot be told apart."),
                _t("days such as 2025-05-31 or 31-May-2025"),
            )
            for name, days in self._days.items()
            if days.doubt is not None
        ]  # fmt: skip

    def wrong(self, name: str, wrong: str, expected: str = "", value: Any = None) -> None:
        """Note what is wrong in a column of the line at hand."""
        shown = cells.shown(self._cell(name) if value is None else value)
        self.problems.append(Problem(self._line.number, name, shown, str(wrong), str(expected)))

    def _cell(self, name: str) -> Any:
        place = self.places.get(name)
        return "" if place is None else self._cells[place]

    def _get(self, name: str, read: Callable[[Any], Any], *, required: bool = False) -> Any:
        cell = self._cell(name)
        if cell == "" or cells.is_empty(cell):
            if required:
                self.wrong(name, _t("It is empty."), _t("a value"))
            return None
        try:
            return read(cell)
        except Misread as error:
            self.wrong(name, error.wrong, error.expected)
        return None

    def _text(self, name: str, most: int, *, required: bool = False) -> str:
        found: str = self._get(name, cells.text, required=required) or ""
        if len(found) > most:
            self.wrong(name, _t("It is longer than %d characters.") % most)
        return found

    def _day(self, name: str) -> Callable[[Any], date]:
        return lambda cell: self._days[name].read(cell, self._line.number)

    def _project(self, cell: Any) -> int:
        found = self.around.projects.get(cells.text(cell).casefold())
        if found is None:
            raise Misread(_t("There is no such project."), _t("the code of a project of yours"))
        return found

    def _read_facts(self) -> dict[str, Any]:
        given = {}
        before = len(self.problems)
        for fact in self._facts:
            value = self._get(fact.code, self._read_fact(fact))
            if value not in (None, "", []):
                given[fact.code] = value
        if len(self.problems) > before:
            return {}
        try:
            return checked(self.kind.facts, given, self.kind.rule)
        except WrongFacts as error:
            for one in error.problems:
                self.wrong(str(one.place[0]), str(one))
        return {}

    def _read_fact(self, fact: Fact) -> Callable[[Any], Any]:
        match fact.type:
            case FactType.DATE:
                return self._day(fact.code)
            case FactType.TABLE:
                return lambda cell: _rows(fact, cells.text(cell))
            case FactType.ORGANISATIONS:
                return self._organisations
        return _plainly(fact)

    def _organisations(self, cell: Any) -> list[str]:
        return [self._organisation(name)[1] for name in _parted(cells.text(cell), ";")]

    def _organisation(self, name: str) -> tuple[int, str]:
        found = self.around.organisations.get(name.casefold())
        if found is None:
            wrong = _t("There is no organisation “%s”, or more than one of this name.") % name
            raise Misread(wrong, _t("the short name, name or ROR id of a registered organisation"))
        return found

    def _read_evidence(self) -> None:
        line = self._line
        for name in _parted(self._text("documents", 5000), ";"):
            digest = self.around.documents.get(name, name.lower())
            if SHA256.fullmatch(digest):
                line.documents.append(digest)
            else:
                expected = _t("the name of a file sent along, or the SHA-256 of a document")
                self.wrong("documents", _t("There is no such document here."), expected, name)
        for address in self._text("links", 5000).split():
            try:
                line.links.append(link(address))
            except ValueError as error:
                self.wrong("links", str(error), "", address)

    def _read_credits(self) -> None:
        before = len(self.problems)
        read = {number: self._read_partner(number) for number in self._partners}
        self._numbers = [number for number, one in read.items() if one is not None]
        given = [one for one in read.values() if one is not None]
        if len(self.problems) > before or not given:
            return
        shares = [share for *_who, share in given if share is not None]
        first = f"partner_{self._partners[0]}_share"
        if shares and len(shares) < len(given):
            self.wrong(first, _t("Give the share of every partner, or leave all empty."))
            return
        shares = shares or default_shares([CreditRole(role) for _c, _o, role, _s in given])
        verdict = why_not_shares(shares)
        if not verdict:
            self.wrong(first, verdict.reason, _t("shares above 0 that add up to 1 at most"))
            return
        self._line.credits = [
            Credited(cluster, organisation, role, share)
            for (cluster, organisation, role, _none), share in zip(given, shares, strict=True)
        ]

    def _read_partner(self, number: int) -> tuple[int, int, str, Decimal | None] | None:
        start, before = f"partner_{number}", len(self.problems)
        found = self._get(
            f"{start}_organisation", lambda cell: self._organisation(cells.text(cell))
        )
        role = self._get(f"{start}_role", _role)
        share = self._get(f"{start}_share", _share)
        cluster = self._get(f"{start}_cluster", self._cluster) or self.around.cluster_id
        if len(self.problems) > before:
            return None
        if found is None:
            if role or share:
                self.wrong(f"{start}_organisation", _t("It is empty."), _t("the partner's name"))
            return None
        if role is None:
            self.wrong(f"{start}_role", _t("It is empty."), ", ".join(ROLES))
            return None
        return cluster, found[0], role, share

    def _cluster(self, cell: Any) -> int:
        found = self.around.clusters.get(cells.text(cell).casefold())
        if found is None:
            expected = _t("one of: %s") % ", ".join(sorted(self.around.clusters)[:20])
            raise Misread(_t("The programme has no such cluster."), expected)
        return found

    def _check(self) -> None:
        """What must hold between the values of a line."""
        line, around = self._line, self.around
        if line.quantity is not None:
            self._enforce("quantity", why_not_quantity(self.kind, line.quantity))
        if line.credits:
            self._check_credits(line)
        if around.submits and line.on is not None:
            self._check_submission(line, line.on)

    def _check_credits(self, line: Line) -> None:
        pairs = {(one.cluster_id, one.organisation_id) for one in line.credits}
        name = f"partner_{self._partners[0]}_organisation"
        if len(pairs) < len(line.credits):
            self.wrong(name, _t("A partner stands here twice. Credit each once for a cluster."))
        if self.around.cluster_id not in {cluster for cluster, _organisation in pairs}:
            self.wrong(name, _t("Credit at least one partner of the cluster that makes the claim."))
        for place, one in enumerate(line.credits):
            if one.role == CreditRole.LED and not self._was_member(one, line.on):
                self.wrong(
                    f"partner_{self._numbers[place]}_organisation",
                    _t(
                        "It was no member of the cluster on that day, so it cannot have led for it."
                    ),
                    _t("a member on that day, or the role contributed or enabled"),
                )

    def _was_member(self, one: Credited, on: date | None) -> bool:
        days = self.around.members.get((one.cluster_id, one.organisation_id), ())
        return on is not None and any(
            (start is None or start <= on) and (end is None or on <= end) for start, end in days
        )

    def _check_submission(self, line: Line, on: date) -> None:
        still = wanting(
            self.kind, quantity=line.quantity, partners=len(line.credits), facts=line.facts
        )
        for one in still:
            name = one.field.removeprefix("fact-").replace("partners", "partner_1_organisation")
            self.wrong(name, _t("A claim that is submitted says: %s.") % one.title)
        verdict = why_not_submit(
            status=ClaimStatus.DRAFT, on=on, programme_starts_on=self.around.starts_on,
            today=self.around.today,
        )  # fmt: skip
        self._enforce("date", verdict)
        for start, end, label in self.around.locked:
            if start <= on <= end:
                self.wrong("date", _t("The claims of %s are locked.") % label)

    def _enforce(self, name: str, verdict: Verdict) -> None:
        if not verdict:
            self.wrong(name, verdict.reason)


def why_not_apply(state: str) -> Verdict:
    """Whether a checked table may be taken over."""
    match state:
        case ImportState.SOUND:
            return ALLOWED
        case ImportState.APPLIED:
            return refused(_t("This table is taken over already."))
        case ImportState.WRONG:
            return refused(_t("This table has problems. Correct it, and send it again."))
    return refused(_t("This table is still being checked."))


def _plainly(fact: Fact) -> Callable[[Any], Any]:
    match fact.type:
        case FactType.WHOLE | FactType.DECIMAL | FactType.MONEY:
            return lambda cell: f"{cells.number(cell):f}"
        case FactType.PERCENT:
            return lambda cell: f"{cells.percent(cell):f}"
        case FactType.CHOICE:
            return lambda cell: _choice(fact, cells.text(cell))
        case FactType.DATE:
            return lambda cell: _told_day(cells.text(cell))
    return cells.text


def _told_day(text: str) -> date:
    days = Days()
    found = days.read(text)
    if days.doubt is not None:
        raise Misread(
            _t("Day and month cannot be told apart."), _t("a day such as 2025-05-31 or 31-May-2025")
        )
    return found


def _choice(fact: Fact, text: str) -> str:
    return _choices(fact).get(text.casefold(), text)


@cache
def _choices(fact: Fact) -> dict[str, str]:
    return _in_every_language(fact.choices)


def _in_every_language(choices: Sequence[tuple[str, StrOrPromise]]) -> dict[str, str]:
    """Codes by themselves and by their titles in every language, in small letters."""
    found = {code.casefold(): code for code, _title in choices}
    for language, _name in settings.LANGUAGES:
        with override(language):
            for code, title in choices:
                found.setdefault(str(title).casefold(), code)
    return found


def _rows(fact: Fact, text: str) -> list[dict[str, Any]]:
    """Rows of a table that stands in one cell: “;” or a new line between rows, “|” between columns."""
    rows = []
    for row in _parted(text.replace("\n", ";"), ";"):
        values = [value.strip() for value in row.split("|")]
        if len(values) > len(fact.columns):
            inside = " | ".join(str(column.title) for column in fact.columns)
            raise Misread(_t("“%s” has too many parts.") % row[:80], inside)
        rows.append(
            {
                column.code: _plainly(column)(value)
                for column, value in zip(fact.columns, values, strict=False)
                if value
            }
        )
    return rows


def _parted(text: str, sign: str) -> list[str]:
    return [part.strip() for part in text.split(sign) if part.strip()] if text else []


def _role(cell: Any) -> str:
    found = _roles().get(cells.text(cell).casefold())
    if found is None:
        raise Misread(_t("This is no role."), ", ".join(ROLES))
    return found


@cache
def _roles() -> dict[str, str]:
    return _in_every_language([(role.value, role.label) for role in CreditRole])


def _share(cell: Any) -> Decimal:
    is_percent = isinstance(cell, str) and cells.plain(cell).endswith("%")
    return cells.percent(cell) / 100 if is_percent else cells.number(cell)
