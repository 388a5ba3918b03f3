"""The verification of the demonstration's three years, by the area's own actions; verifiers find what the story has them find.

Vajrapalli overclaims: its documents are registers that list what it says, and where verifiers look behind them half does not
stand. The others make the mistakes that people make. Udayani makes fewer each year.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from decimal import ROUND_FLOOR, Decimal

from django.db import connection
from django.db.models import Model
from django.utils import timezone

from sankul.core.models import User
from sankul.core.queries.actors import actor as actor_of
from sankul.engines import sampling
from sankul.programme.evidence.actions import checks, settling, verifications
from sankul.programme.evidence.models import Check, Sampled, Verification
from sankul.programme.evidence.rules import Design, Finding, State, Turn
from sankul.programme.outcomes.rules import Unit
from sankul.programme.registry.models import Organisation, Person, Post, Programme

from .cast import YEARS
from .registry import DOMAIN, VERIFIERS
from .story import BOASTER, BOASTS

FORMER_EMPLOYER = "hemakuti-institute-of-science"
"""Where the first of them worked until 2023, so that its claims never come to her."""
NUMBERS = ("7730184265", "2096651408", "5518827394")
"""The fictional public numbers, year by year."""
SOURCE = "First prize of the Devapatha State Lottery of %s, as printed in its gazette (fictional)"
DESIGN = Design(
    precision=Decimal("0.03"),
    expected_overstatement=Decimal("0.08"),
    least_per_stratum=4,
    certainty_points=Decimal("0.5"),
    second_share=Decimal("0.10"),
)
WRONG = {
    "hemakuti": (0.03, 0.02, 0.02), "udayani": (0.10, 0.06, 0.03), "vajrapalli": (0.09, 0.09, 0.09),
    "neelgarha": (0.06, 0.06, 0.06), "shailadri": (0.05, 0.03, 0.03), "tarangpura": (0.05, 0.05, 0.05),
    "samudrika": (0.01, 0.01, 0.01), "meghavan": (0.07, 0.05, 0.05),
}  # fmt: skip
"""How often a claim does not stand in whole, by cluster and year."""
BOASTED = (0.55, 0.58, 0.6)
DIFFER = 0.03
"""How often two verifiers do not find the same."""
REASONS = {
    Finding.PARTLY: (
        "The list behind the entry names %(part)s, not %(all)s.",
        "The paper is signed for %(part)s; the rest is planned.",
        "%(part)s of it falls in the year; the rest came before.",
    ),
    Finding.REJECTED: (
        "The same result stands under another reference.",
        "The paper is about another event of that week.",
        "Nobody named in the entry knows of it.",
    ),
}


def verify(programme: Programme) -> None:
    """Verify all three years; the first two are locked, the last is estimated."""
    users = {user.email: user for user in User.objects.filter(email__endswith=f"@{DOMAIN}")}
    tie_verifier()
    for number, label in enumerate(YEARS):
        found = _drawn(programme, label, number)
        checks.begin(actor=None, verification=found, at=_at(found, 5, 8))
        _look(found, number)
        settling.finish(
            actor=None,
            verification=Verification.objects.get(pk=found.pk),
            at=_at(found, 5, 25),
        )
        if number < len(YEARS) - 1:
            at = _at(found, 5, 30)
            officer = actor_of(users[f"officer@{DOMAIN}"], at)
            verifications.lock(actor=officer, verification=found, at=at)


def tie_verifier() -> None:
    """One verifier comes from an institution of the programme."""
    user = User.objects.get(email=f"{VERIFIERS[0]}@{DOMAIN}")
    employer = Organisation.objects.get(slug=FORMER_EMPLOYER)
    person = Person.objects.create(name=user.name, user=user)
    Post.objects.create(
        person=person,
        organisation=employer,
        title="Head of internal audit",
        from_on=date(2019, 7, 1),
        until_on=date(2023, 6, 30),
    )


def _drawn(programme: Programme, label: str, number: int) -> Verification:
    """Planned in winter, announced in March, closed at the end of April, drawn a week later."""
    period = programme.periods.get(label=label)
    year = period.ends_on.year
    closes_on, draws_on = date(year, 4, 30), date(year, 5, 7)
    made = verifications.plan(actor=None, period=period, design=DESIGN, at=_noon(date(year, 1, 15)))
    verifications.announce(
        actor=None,
        verification=made,
        source=SOURCE % f"{draws_on:%d %b %Y}".lstrip("0"),
        closes_on=closes_on,
        draws_on=draws_on,
        at=_noon(date(year, 3, 2)),
    )
    verifications.close(actor=None, verification=made, at=_noon(closes_on))
    return verifications.draw(
        actor=None, verification=made, number=NUMBERS[number], at=_noon(draws_on)
    )


def _look(found: Verification, number: int) -> None:
    """Every look finds what the story has; claims are judged and settled by it, set by set."""
    at = _at(found, 5, 20)
    looks: dict[int, list[Check]] = {}
    for look in Check.objects.filter(sampled__verification=found).order_by("turn"):
        looks.setdefault(look.sampled_id, []).append(look)
    sample = list(found.sample.select_related("claim", "cluster"))
    chance = _chances(found, sample)
    thirds = list(_thirds(sample, looks, chance, found))
    Check.objects.bulk_create(thirds)
    for third in thirds:
        looks[third.sampled_id].append(third)
    for one in sample:
        _settle(one, looks[one.pk], chance[one.claim.reference], number, at)
    every = [look for group in looks.values() for look in group]
    _update(every, finding="text", quantity="numeric", reason="text", found_at="timestamptz")
    _update(
        sample,
        state="text",
        finding="text",
        verified_quantity="numeric",
        reason="text",
        settled_at="timestamptz",
    )
    _update(
        [one.claim for one in sample],
        status="text",
        verified_quantity="numeric",
        judged_at="timestamptz",
        judged_by_id="bigint",
        judgement="text",
    )


def _update(rows: Sequence[Model], **columns: str) -> None:
    """Write columns of many rows by one statement; Django's own takes a minute for as many."""
    values = [[row.pk for row in rows]]
    values += [[getattr(row, name) for row in rows] for name in columns]
    arrays = ", ".join(f"%s::{kind}[]" for kind in ("bigint", *columns.values()))
    changes = ", ".join(f"{name} = new.{name}" for name in columns)
    names = ", ".join(("id", *columns))
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {rows[0]._meta.db_table} old SET {changes} "
            f"FROM unnest({arrays}) new ({names}) WHERE old.id = new.id",
            values,
        )


def _chances(found: Verification, sample: Sequence[Sampled]) -> dict[str, tuple[float, float]]:
    """Two numbers between 0 and 1 for each claim, by its reference and nothing else."""
    names = [one.claim.reference for one in sample]
    pairs = (
        sampling.uniforms(f"{found.period.label} {what}", names).tolist()
        for what in ("finding", "second look")
    )
    return dict(zip(names, zip(*pairs, strict=True), strict=True))


def _thirds(
    sample: Sequence[Sampled],
    looks: dict[int, list[Check]],
    chance: dict[str, tuple[float, float]],
    found: Verification,
) -> Iterator[Check]:
    """Where two differ, somebody looks who has not."""
    people = set(
        Check.objects.filter(sampled__verification=found, sampled__cluster__slug=BOASTER)
        .exclude(verifier=None)
        .values_list("verifier", flat=True)
    )
    for one in sample:
        seen = {look.verifier_id for look in looks[one.pk]}
        if len(seen) == 2 and chance[one.claim.reference][1] < DIFFER:
            free = sorted(who for who in people - seen if who is not None)
            yield Check(sampled=one, turn=Turn.THIRD, verifier_id=free[-1])


def _settle(
    one: Sampled, looks: Sequence[Check], chance: tuple[float, float], number: int, at: datetime
) -> None:
    finding, quantity = _finding(one, chance[0], number)
    reason = _reason(one, finding, quantity, chance[0])
    for look in looks:
        look.finding, look.quantity, look.reason, look.found_at = finding, quantity, reason, at
    if len(looks) == 3:  # the second saw nothing wrong, or something where nothing was
        other = looks[1]
        if finding == Finding.VERIFIED:
            other.finding, other.quantity, other.reason = Finding.REJECTED, Decimal(0), REASONS[
                Finding.REJECTED
            ][1]  # fmt: skip
        else:
            other.finding, other.quantity, other.reason = Finding.VERIFIED, one.quantity, ""
        looks[2].reason = reason or "The second paper shows it."
    one.state, one.settled_at = State.SETTLED, at
    one.finding, one.verified_quantity, one.reason = finding, quantity, reason
    claim = one.claim
    claim.status, claim.verified_quantity, claim.judgement = finding, quantity, reason
    claim.judged_at, claim.judged_by_id = at, looks[-1].verifier_id


def _finding(one: Sampled, chance: float, number: int) -> tuple[Finding, Decimal]:
    slug = one.cluster.slug
    wrong = BOASTED[number] if slug == BOASTER and one.kind in BOASTS else WRONG[slug][number]
    if chance >= wrong:
        return Finding.VERIFIED, one.quantity
    step = Decimal(1000) if one.kind_of.unit == Unit.INR else Decimal(1)
    share = Decimal("0.35") + Decimal(round(chance / wrong, 2)) / 2
    part = (one.quantity * share / step).quantize(Decimal(1), ROUND_FLOOR) * step
    if chance < wrong * 0.6 or not 0 < part < one.quantity:
        return Finding.REJECTED, Decimal(0)
    return Finding.PARTLY, part


def _reason(one: Sampled, finding: Finding, quantity: Decimal, chance: float) -> str:
    if finding == Finding.VERIFIED:
        return ""
    choices = REASONS[finding]
    said = choices[int(chance * 1e6) % len(choices)]
    return said % {"part": f"{quantity:,.0f}", "all": f"{one.quantity:,.0f}"}


def _at(found: Verification, month: int, day: int) -> datetime:
    """Noon of a day in the spring after the year."""
    return _noon(date(found.period.ends_on.year, month, day))


def _noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))
