"""Loading the story's claims: written once, then multiplied inside the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, time, timedelta

from django.db import connection
from django.db.models import Max, Min
from django.utils import timezone

from sankul.core.models import User
from sankul.programme.outcomes.models import Attachment, Claim, Credit, NilReturn
from sankul.programme.outcomes.rules import KINDS, RECORDED_BY, ClaimStatus

from .cast import YEARS, cities
from .registers import proofs
from .registry import DOMAIN, Stage, kept
from .story import BOASTER, UNFILED, Entry

BATCH = 4000
COPIES_A_BATCH = 10


def record(stage: Stage, entries: Sequence[Entry], at: datetime) -> None:
    """Write claims, credits, documents and nil returns, each once."""
    made = Claim.objects.bulk_create((_claim(stage, entry) for entry in entries), BATCH)
    claims = {claim.reference: claim for claim in made}
    credited = (credit for entry in entries for credit in _credits(stage, claims, entry))
    Credit.objects.bulk_create(credited, BATCH)
    Attachment.objects.bulk_create(_attachments(claims, entries, at), BATCH)
    NilReturn.objects.bulk_create(_nil_returns(stage, entries))


def multiply(scale: int) -> None:
    """Repeat every claim until there are ``scale`` of each, their references suffixed, with the same credits and documents.

    In batches inside the database, so that memory stays bounded; identifiers of a copy are those of the claim plus a constant.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "LOCK TABLE outcomes_claim, outcomes_credit, outcomes_attachment IN SHARE ROW EXCLUSIVE MODE"
        )
    demonstration = Claim.objects.filter(programme__is_demonstration=True)
    bounds = demonstration.aggregate(first=Min("pk"), last=Max("pk"))
    span = bounds["last"] - bounds["first"] + 1
    for first in range(2, scale + 1, COPIES_A_BATCH):
        last = min(first + COPIES_A_BATCH - 1, scale)
        _copy(first, last, span, bounds)


def _copy(first: int, last: int, span: int, bounds: dict[str, int]) -> None:
    numbers = {
        "first": first,
        "last": last,
        "span": span,
        "low": bounds["first"],
        "high": bounds["last"],
    }
    offset = "+ %(span)s * (copy - 1)"
    for model, key, changed in (
        (Claim, "id", {"id": f"id {offset}", "reference": "reference || '/' || copy"}),
        (Credit, "claim_id", {"claim_id": f"claim_id {offset}"}),
        (Attachment, "claim_id", {"claim_id": f"claim_id {offset}"}),
    ):
        columns = [
            field.column
            for field in model._meta.concrete_fields
            if field.column != "id" or key == "id"
        ]
        values = ", ".join(changed.get(column, f'"{column}"') for column in columns)
        names = ", ".join(f'"{column}"' for column in columns)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {model._meta.db_table} ({names}) SELECT {values} FROM {model._meta.db_table}, "
                f"generate_series(%(first)s, %(last)s) copy WHERE {key} BETWEEN %(low)s AND %(high)s",
                numbers,
            )


@contextmanager
def checked_at_once() -> Iterator[None]:
    """Check foreign keys with each statement, not at the commit.

    A trigger that catches an error inside (history's and others' do, for a setting that is not there) makes PostgreSQL go
    through every check that is still waiting: with deferred checks, a bulk load takes quadratic time.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _claim(stage: Stage, entry: Entry) -> Claim:
    recorded_at = _noon_after(entry, 4)
    submitted = entry.status != ClaimStatus.DRAFT
    return Claim(
        programme=stage.programme,
        cluster=stage.clusters[entry.city],
        kind=entry.kind,
        reference=entry.reference,
        title=entry.title,
        detail=entry.detail,
        on=entry.on,
        quantity=entry.quantity,
        status=entry.status,
        is_evidenced=entry.documented,
        recorded_at=recorded_at,
        recorded_by=_recorder(stage, entry),
        submitted_at=_noon_after(entry, 11) if submitted else None,
    )


def _noon_after(entry: Entry, days: int) -> datetime:
    return timezone.make_aware(datetime.combine(entry.on + timedelta(days=days), time(12)))


def _recorder(stage: Stage, entry: Entry) -> User:
    name = "evaluator" if entry.kind in RECORDED_BY else f"staff.{entry.city}"
    return stage.users[f"{name}@{DOMAIN}"]


def _credits(stage: Stage, claims: dict[str, Claim], entry: Entry) -> Iterator[Credit]:
    for share in entry.credits:
        yield Credit(
            claim=claims[entry.reference],
            cluster=stage.clusters[share.city],
            organisation=stage.organisations[share.body],
            role=share.role,
            share=share.share,
        )


def _attachments(
    claims: dict[str, Claim], entries: Sequence[Entry], at: datetime
) -> Iterator[Attachment]:
    for proof in proofs(entries):
        document = kept(proof.content, proof.name, at)
        for reference, what in proof.proves.items():
            yield Attachment(claim=claims[reference], document=document, proves=what)


def _nil_returns(stage: Stage, entries: Sequence[Entry]) -> Iterator[NilReturn]:
    """Where a cluster had nothing and says so; the boaster never does, the one that stopped filing stopped that too."""
    standing = {
        (share.city, entry.year, entry.kind)
        for entry in entries
        if entry.status == ClaimStatus.SUBMITTED
        for share in entry.credits
    }
    for city in cities():
        for year, label in enumerate(YEARS):
            period = stage.periods[label]
            if city.slug == BOASTER or (city.slug == UNFILED and year == len(YEARS) - 1):
                continue
            for kind in KINDS:
                if kind not in RECORDED_BY and (city.slug, year, kind) not in standing:
                    yield NilReturn(
                        cluster=stage.clusters[city.slug],
                        period=period,
                        kind=kind,
                        declared_at=timezone.make_aware(
                            datetime.combine(period.ends_on + timedelta(days=20), time(12))
                        ),
                        declared_by=stage.users[f"ceo.{city.slug}@{DOMAIN}"],
                    )
