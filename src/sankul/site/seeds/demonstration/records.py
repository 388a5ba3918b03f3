"""Loading the story's claims: written once, then multiplied inside the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, time, timedelta

import pgtrigger
from django.db import connection, models
from django.db.models import Max, Min
from django.utils import timezone

from sankul.core.models import User
from sankul.programme.outcomes.models import Attachment, Claim, Credit, NilReturn
from sankul.programme.outcomes.rules import KINDS, RECORDED_BY, ClaimStatus
from sankul.programme.registry.models import Programme

from .cast import YEARS, cities
from .facts import bases, facts_of
from .links import NOTHING, Link
from .registers import proofs
from .registry import DOMAIN, Stage, kept
from .story import BOASTER, UNFILED, Entry

BATCH = 4000
COPIES_A_BATCH = 10
TABLES = "outcomes_claim, outcomes_credit, outcomes_attachment"


def record(stage: Stage, entries: Sequence[Entry], at: datetime, links: Mapping[str, Link]) -> None:
    """Write claims, credits, documents and nil returns, each once; ``links`` are what claims come from, by reference."""
    claims = _claims(stage, entries, links)
    credited = (credit for entry in entries for credit in _credits(stage, claims, entry))
    Credit.objects.bulk_create(credited, BATCH)
    Attachment.objects.bulk_create(_attachments(claims, entries, at), BATCH)
    NilReturn.objects.bulk_create(_nil_returns(stage, entries))


def multiply(programme: Programme, scale: int) -> None:
    """Repeat every claim until there are ``scale`` of each, their references suffixed, with the same credits and documents.

    In batches inside the database, so that memory stays bounded. The id of a copy is that of the claim plus a constant: the
    tables are locked since the claims were written, so theirs are the last. Copies are there to measure speed: they have no
    history of their own.
    """
    ids = Claim.objects.filter(programme=programme).aggregate(low=Min("pk"), high=Max("pk"))
    with pgtrigger.ignore("outcomes.Claim:insert_insert"):
        for first in range(2, scale + 1, COPIES_A_BATCH):
            last = min(first + COPIES_A_BATCH - 1, scale)
            _copy(range(first, last + 1), low=ids["low"], high=ids["high"])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('outcomes_claim', 'id'), max(id)) FROM outcomes_claim"
        )


def _copy(copies: range, *, low: int, high: int) -> None:
    offset = f"+ {high - low + 1} * (copy - 1)"
    copied: list[tuple[type[models.Model], dict[str, str]]] = [
        (Claim, {"id": f"id {offset}", "reference": "reference || '/' || copy"}),
        (Credit, {"claim_id": f"claim_id {offset}"}),
        (Attachment, {"claim_id": f"claim_id {offset}"}),
    ]
    for model, changed in copied:
        key = next(iter(changed))
        columns = [str(it.column) for it in model._meta.concrete_fields]
        columns = [it for it in columns if it != "id" or key == "id"]
        names = ", ".join(f'"{column}"' for column in columns)
        values = ", ".join(changed.get(column, f'"{column}"') for column in columns)
        table = model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} ({names}) SELECT {values} "
                f"FROM {table}, generate_series({copies[0]}, {copies[-1]}) copy "
                f"WHERE {key} BETWEEN {low} AND {high}"
            )


@contextmanager
def in_bulk() -> Iterator[None]:
    """Keep other writers of claims out, check foreign keys with each statement, and count the rows for the planner at the end.

    Checks are not left to the commit, because a trigger that catches an error inside (history's and others' do, for a setting
    that is not there) makes PostgreSQL go through every check that still waits: a bulk load would take quadratic time.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {TABLES} IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        yield
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(f"ANALYZE {TABLES}")


def _claims(stage: Stage, entries: Sequence[Entry], links: Mapping[str, Link]) -> dict[str, Claim]:
    """The claims by reference, those that others rest on before them."""
    below, claims = bases(entries), dict[str, Claim]()
    waiting = list(entries)
    while waiting:
        ready = [one for one in waiting if below.get(one.reference, "") in claims.keys() | {""}]
        rows = (
            _claim(
                stage,
                one,
                claims.get(below.get(one.reference, "")),
                links.get(one.reference, NOTHING),
            )
            for one in ready
        )
        claims |= {made.reference: made for made in Claim.objects.bulk_create(rows, BATCH)}
        waiting = [one for one in waiting if one.reference not in claims]
    return claims


def _claim(stage: Stage, entry: Entry, rests_on: Claim | None, link: Link) -> Claim:
    recorded_at = _noon_after(entry, 4)
    submitted = entry.status != ClaimStatus.DRAFT
    return Claim(
        programme=stage.programme,
        cluster=stage.clusters[entry.city],
        kind=entry.kind,
        reference=entry.reference,
        title=entry.title,
        detail=entry.detail,
        facts=facts_of(entry),
        rests_on=rests_on,
        project=link.project,
        deployment=link.deployment,
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
