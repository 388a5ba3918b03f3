"""The records of the demonstration, written by a generator with a fixed seed: the same records on every machine and day.

Each cell (cluster, year, kind) has a generator of its own, so that a change of one kind leaves the others as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from sankul.programme.outcomes.rules import (
    ClaimStatus,
    CreditRole,
    default_shares,
)
from sankul.programme.registry.rules import MembershipKind

from .cast import YEARS, Body, City, bodies, cities
from .catalogue import (
    ANYBODY,
    AUDIENCES,
    FOCUS,
    GROUPS,
    INSTRUMENTS,
    MEDIA,
    PATTERNS,
    Pattern,
)

SEED = 20_230_401
ROWS = {
    kind: row
    for row, kind in enumerate(
        (
            "deployment", "deployment_users", "sponsored_research", "graduate_project", "centre_of_excellence",
            "international_output", "government_partnership", "training_event", "training_attendance", "facility_access",
            "entrepreneurship_programme", "outreach_item", "patent_commercialised", "royalty_receipt", "venture_supported",
            "jobs_created", "ip_export_receipt", "rd_fdi", "venture_revenue", "venture_investment", "feedback_score",
            "own_income", "operating_cost", "academic_partnership", "cohort", "patent", "licence", "regulatory_stage",
            "global_ranking", "local_content",
        )
    )
}  # fmt: skip
"""Each kind has its row for good: one that comes later stands below, and the others keep their numbers."""
FIRST_YEAR = 2023
BOASTER, BOASTS = "vajrapalli", frozenset(
    {"training_event", "training_attendance", "outreach_item", "venture_supported", "jobs_created"}
)  # fmt: skip
BOAST_FACTOR, BOAST_EVIDENCE, BOAST_REPEATS = 4.0, 0.35, 0.35
UNFILED = "neelgarha"
UNFILED_KINDS = (
    frozenset({"rd_fdi", "ip_export_receipt", "venture_investment"}),
    frozenset({"rd_fdi", "ip_export_receipt", "venture_investment", "royalty_receipt"}),
    frozenset({"rd_fdi", "ip_export_receipt", "venture_investment", "royalty_receipt", "venture_revenue",
               "patent_commercialised", "deployment", "deployment_users", "venture_supported", "jobs_created",
               "centre_of_excellence"}),
)  # fmt: skip
EXPERIMENTER, EXPERIMENT_YEAR = "shailadri", 1
NOT_TRIED = frozenset({"deployment", "deployment_users"})
JOINT_SHARE = 0.115
DRAFT_SHARE, WITHDRAWN_SHARE = 0.02, 0.004
COST_INR = 5_600_000
LESSON = (
    "The pilot put forty nitrate sensors on shared wells. After six months 27 had drifted beyond 15 mg/l because iron in the "
    "water fouled the membranes, and nobody was paid to clean them. It was closed on 30 Sep 2024 and the remaining money "
    "returned. What we learned: test for iron before choosing wells; agree on who cleans before installing; a strip test each "
    "fortnight by the well's users costs a ninth and is read more often. The data of all forty sensors are published."
)


class Share(NamedTuple):
    """A partner's credit: the slugs of cluster and organisation, role and share."""

    city: str
    body: str
    role: CreditRole
    share: Decimal


@dataclass(frozen=True)
class Entry:
    """One claim of the story."""

    city: str
    year: int
    kind: str
    reference: str
    title: str
    on: date
    quantity: Decimal
    credits: tuple[Share, ...]
    documented: bool
    status: ClaimStatus = ClaimStatus.SUBMITTED
    detail: str = ""

    @property
    def register(self) -> str:
        """The register that lists it once it is documented."""
        return PATTERNS[self.kind].register


@dataclass(frozen=True)
class Cell:
    """What one cluster does of one kind in one year."""

    city: City
    year: int
    kind: str
    random: np.random.Generator
    taste: float

    @property
    def pattern(self) -> Pattern:
        """How such a kind looks."""
        return PATTERNS[self.kind]

    @property
    def starts_on(self) -> date:
        """First day of the year, or of the cluster."""
        return max(date(FIRST_YEAR + self.year, 4, 1), self.city.launched_on)

    @property
    def ends_on(self) -> date:
        """Last day of the year."""
        return date(FIRST_YEAR + self.year + 1, 3, 31)

    @property
    def span(self) -> float:
        """Share of the year in which the cluster exists."""
        return ((self.ends_on - self.starts_on).days + 1) / 365

    @property
    def is_boast(self) -> bool:
        """Whether the cluster claims far more of this than it did."""
        return self.city.slug == BOASTER and self.kind in BOASTS

    @property
    def evidence(self) -> float:
        """Share of the claims that are documented."""
        if self.pattern.register in ("accounts", "feedback"):
            return 1.0
        if self.city.slug == UNFILED and self.kind in UNFILED_KINDS[self.year]:
            return 0.0
        return BOAST_EVIDENCE if self.is_boast else self.city.evidence[self.year]

    def pick(self, choices: Sequence[str]) -> str:
        """One of several words."""
        return choices[int(self.random.integers(len(choices)))]

    def day(self) -> date:
        """Some day of the cell."""
        days = (self.ends_on - self.starts_on).days
        return self.starts_on + timedelta(days=int(self.random.integers(days + 1)))


def entries() -> list[Entry]:
    """Every claim of the story, by cluster, year and kind."""
    return [entry for cell in _cells() for entry in _entries(cell)]


def _cells() -> Iterator[Cell]:
    for number, city in enumerate(cities()):
        for kind, row in ROWS.items():
            taste = float(np.random.default_rng([SEED, number, row]).lognormal(0, 0.22))
            for year in range(len(YEARS)):
                random = np.random.default_rng([SEED, number, row, year])
                yield Cell(city, year, kind, random, taste)


def _entries(cell: Cell) -> Iterator[Entry]:
    if cell.kind == "feedback_score":
        told = _feedback(cell)
    elif cell.pattern.register == "accounts":
        told = _accounts(cell)
    else:
        told = _results(cell) + _experiment(cell)
    told.sort(key=lambda entry: entry.on)
    for number, entry in enumerate(told, 1):
        stem = f"{cell.city.slug}/{YEARS[cell.year]}/{cell.kind}"
        yield replace(entry, reference=f"{stem}/{number:04d}")


def _results(cell: Cell) -> list[Entry]:
    if cell.city.slug == EXPERIMENTER and cell.year == EXPERIMENT_YEAR and cell.kind in NOT_TRIED:
        return []
    expected = cell.pattern.yearly * cell.city.level[cell.year] * cell.taste * cell.span
    found: list[Entry] = []
    for _ in range(int(cell.random.poisson(expected * (BOAST_FACTOR if cell.is_boast else 1)))):
        if found and cell.is_boast and cell.random.random() < BOAST_REPEATS:
            found.append(_again(cell, found[int(cell.random.integers(len(found)))]))
        else:
            found.append(_result(cell))
    return found


def _result(cell: Cell) -> Entry:
    on = cell.day()
    lead = _lead(cell, on)
    partner = _partner(cell, lead)
    title = cell.pick(cell.pattern.titles).format(
        topic=cell.pick(FOCUS[cell.pick(cell.city.focus)]),
        place=cell.city.place,
        audience=cell.pick(AUDIENCES),
        medium=cell.pick(MEDIA),
        instrument=cell.pick(INSTRUMENTS),
        lead=lead.name,
        partner=partner.name if partner else "",
    )
    status = _status(cell)
    return Entry(
        city=cell.city.slug,
        year=cell.year,
        kind=cell.kind,
        reference="",
        title=title,
        on=on,
        quantity=_quantity(cell),
        credits=_credits(cell, on, lead, partner),
        documented=bool(cell.random.random() < cell.evidence) and status == ClaimStatus.SUBMITTED,
        status=status,
    )


def _again(cell: Cell, entry: Entry) -> Entry:
    """Much the same once more: another spelling, the day after."""
    return replace(
        entry,
        title=entry.title.replace(" on ", ": ", 1),
        on=min(entry.on + timedelta(days=1), cell.ends_on),
        documented=False,
    )


def _status(cell: Cell) -> ClaimStatus:
    chance = cell.random.random()
    if chance < WITHDRAWN_SHARE:
        return ClaimStatus.WITHDRAWN
    is_last = cell.year == len(YEARS) - 1
    return ClaimStatus.DRAFT if is_last and chance > 1 - DRAFT_SHARE else ClaimStatus.SUBMITTED


def _quantity(cell: Cell) -> Decimal:
    pattern = cell.pattern
    amount = pattern.middle * float(cell.random.lognormal(0, pattern.spread))
    return Decimal(max(round(amount / pattern.step), 1) * pattern.step)


def _lead(cell: Cell, on: date) -> Body:
    members = [body for body in bodies() if body.leads_in(cell.city.slug, on)]
    fitting = [body for body in members if body.kind in cell.pattern.leads]
    return fitting[int(cell.random.integers(len(fitting)))]


def _partner(cell: Cell, lead: Body) -> Body | None:
    if not cell.pattern.partner:
        return None
    fitting = [body for body in bodies() if body.kind in cell.pattern.partner and body != lead]
    if cell.kind == "facility_access":
        fitting = _visitors(cell, fitting)
    else:
        own = [body for body in fitting if body.belongs_to(cell.city.slug)]
        fitting = own or fitting
    return fitting[int(cell.random.integers(len(fitting)))]


def _visitors(cell: Cell, fitting: list[Body]) -> list[Body]:
    """Institutions that come to use a facility: the more, the more the cluster does."""
    order = np.random.default_rng([SEED, *cell.city.slug.encode()]).permutation(len(fitting))
    return [fitting[place] for place in order[: 3 + round(6 * cell.city.level[cell.year])]]


def _credits(cell: Cell, on: date, lead: Body, partner: Body | None) -> tuple[Share, ...]:
    city = cell.city.slug
    named = [(city, lead.slug, CreditRole.LED)]
    if partner is not None:
        named.append((city, partner.slug, cell.pattern.role))
    if cell.pattern.joint and cell.random.random() < JOINT_SHARE:
        others = [one for one in cities() if one.slug != city and one.launched_on <= on]
        other = others[int(cell.random.integers(len(others)))]
        named.append((other.slug, _anchor(other).slug, CreditRole.CONTRIBUTED))
        if cell.random.random() < 0.4:
            helpers = [one for one in bodies() if one.belongs_to(city) and one.kind not in ANYBODY]
            helper = helpers[int(cell.random.integers(len(helpers)))]
            if helper != partner:
                named.append((city, helper.slug, CreditRole.ENABLED))
    shares = default_shares([role for _city, _body, role in named])
    return tuple(Share(*name, share) for name, share in zip(named, shares, strict=True))


def _anchor(city: City) -> Body:
    return next(
        body
        for body in bodies()
        for one in body.belongs
        if one.city == city.slug and one.kind == MembershipKind.ANCHOR
    )


def _by_anchor(cell: Cell, title: str, on: date, quantity: Decimal) -> Entry:
    return Entry(
        city=cell.city.slug,
        year=cell.year,
        kind=cell.kind,
        reference="",
        title=title,
        on=on,
        quantity=quantity,
        credits=(Share(cell.city.slug, _anchor(cell.city).slug, CreditRole.LED, Decimal(1)),),
        documented=True,
    )


def _feedback(cell: Cell) -> list[Entry]:
    scores = cell.city.score[cell.year] + cell.random.normal(0, 0.12, len(GROUPS))
    return [
        _by_anchor(
            cell,
            cell.pattern.titles[0].format(group=group),
            date(FIRST_YEAR + cell.year + 1, 2, 10 + number),
            Decimal(str(round(float(min(max(score, 1), 5)), 2))),
        )
        for number, (group, score) in enumerate(zip(GROUPS, scores, strict=True))
    ]


def _accounts(cell: Cell) -> list[Entry]:
    size = COST_INR * cell.city.level[cell.year] ** 0.7
    share = 1 if cell.kind == "operating_cost" else cell.city.income[cell.year]
    quarters = [
        (quarter, min(cell.starts_on.replace(day=28) + timedelta(days=91 * quarter), cell.ends_on))
        for quarter in range(1, 5)
    ]
    return [
        _by_anchor(
            cell,
            cell.pattern.titles[0].format(quarter=quarter),
            on,
            Decimal(round(size * share * float(cell.random.lognormal(0, 0.06)) / 100) * 100),
        )
        for quarter, on in quarters
        if on <= cell.ends_on
    ]


def _experiment(cell: Cell) -> list[Entry]:
    """The report on the pilot that was closed."""
    told = (cell.city.slug, cell.year, cell.kind)
    if told != (EXPERIMENTER, EXPERIMENT_YEAR, "outreach_item"):
        return []
    title = "Report on a closed pilot: why nitrate sensors on shared wells did not work"
    return [replace(_by_anchor(cell, title, date(2024, 11, 14), Decimal(1)), detail=LESSON)]
