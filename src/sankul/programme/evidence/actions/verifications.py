"""The steps of a verification: planned, announced, closed, drawn, given out, estimated, locked."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t

from sankul.core.actions import documents, events
from sankul.core.actions.constraints import refusing
from sankul.core.rules.roles import Actor, Permission, require
from sankul.core.rules.verdicts import Refused
from sankul.engines import sampling
from sankul.engines.sampling.allocation import planned
from sankul.programme.evidence.models import DESIGN, Sampled, Verification
from sankul.programme.evidence.queries import population as populations
from sankul.programme.evidence.queries.population import Frozen
from sankul.programme.evidence.rules import (
    PLAN,
    Design,
    VerificationStage,
    why_not_announce,
    why_not_close,
    why_not_design,
    why_not_draw,
    why_not_plan,
    why_not_redesign,
    why_not_step,
)
from sankul.programme.outcomes.actions import claims as claim_actions
from sankul.programme.outcomes.models import Claim
from sankul.programme.registry.models import Period

MAX_FILE_BYTES = 2**30


@transaction.atomic
def plan(*, actor: Actor | None, period: Period, design: Design, at: datetime) -> Verification:
    """Plan the verification of a period's claims; ``actor`` None is the operator at the terminal.

    Raises Refused with every fault of the design, where one is planned already, and where the claims are locked.
    """
    if actor is not None:
        require(actor, PLAN, *period.programme.scopes)
    why_not_design(design).enforce()
    within = (period.starts_on, period.ends_on)
    locked = Claim.objects.filter(
        programme=period.programme_id, on__range=within, locked_at__isnull=False
    )
    exists = Verification.objects.filter(period=period).exists()
    why_not_plan(exists=exists, is_locked=locked.exists()).enforce()
    made = Verification(
        programme_id=period.programme_id, period=period, planned_at=at, **_columns(design)
    )
    with refusing({"evidence_verification_period_id_key": _t("It is planned already.")}):
        made.save()
    _record(actor, "verification.planned", made, at, _told(design))
    return made


@transaction.atomic
def redesign(
    *, actor: Actor | None, verification: Verification, design: Design, at: datetime
) -> Verification:
    """Change the design, until the claims are closed. Raises Refused later, and with every fault of the design."""
    found = held(actor, PLAN, verification)
    why_not_redesign(found.stage).enforce()
    why_not_design(design).enforce()
    for name, value in _columns(design).items():
        setattr(found, name, value)
    found.save(update_fields=DESIGN)
    _record(actor, "verification.redesigned", found, at, _told(design))
    return found


@transaction.atomic
def announce(
    *,
    actor: Actor | None,
    verification: Verification,
    source: str,
    closes_on: date,
    draws_on: date,
    at: datetime,
) -> Verification:
    """Name the public number that will be used, for everybody to read, before anybody can know it.

    It can be named anew until the claims are closed; the log keeps both. Raises Refused without a source, for claims that would
    close before the period is over, and for a number that appears before they are closed.
    """
    found = held(actor, PLAN, verification)
    why_not_announce(
        stage=found.stage,
        source=source,
        closes_on=closes_on,
        draws_on=draws_on,
        ends_on=found.period.ends_on,
        today=timezone.localdate(at),
    ).enforce()
    found.stage, found.source = VerificationStage.ANNOUNCED, source.strip()
    found.closes_on, found.draws_on, found.announced_at = closes_on, draws_on, at
    found.save(update_fields=["stage", "source", "closes_on", "draws_on", "announced_at"])
    told = {"source": found.source, "closes": closes_on, "draws": draws_on}
    _record(actor, "verification.announced", found, at, told)
    return found


@transaction.atomic
def close(*, actor: Actor | None, verification: Verification, at: datetime) -> Verification:
    """Close the claims of the period and freeze the population and what its claims credit, as two files with their digests.

    From here on clusters change only what is returned to them. A claim that is submitted at this moment is in the population, or
    is refused: both hold the verification's row. Raises Refused before the announced day, and where no claim counts.
    """
    found = held(actor, PLAN, verification)
    frozen = populations.frozen(found.period, found.design)
    why_not_close(
        stage=found.stage,
        closes_on=found.closes_on,
        today=timezone.localdate(at),
        claims=len(frozen.members),
    ).enforce()
    if frozen.population is None:
        raise Refused(_t("There is nothing to verify."))
    made = populations.plan(frozen.population, found.design)
    _freeze(actor, found, frozen, frozen.population, at)
    found.stage, found.closed_at, found.counts = VerificationStage.CLOSED, at, made.counts
    found.claims = len(frozen.members)
    columns = ["stage", "closed_at", "counts", "claims", "population", "amounts"]
    found.save(update_fields=columns)
    told = {
        "population": found.population_id,
        "amounts": found.amounts_id,
        "claims": found.claims,
        "sample": made.sample,
    }
    _record(actor, "verification.closed", found, at, told)
    return found


@transaction.atomic
def draw(
    *, actor: Actor | None, verification: Verification, number: str, at: datetime
) -> Verification:
    """Draw the sample by the public number, and store it with each claim's chance to come in.

    Anybody gets the same from the frozen population, the number and the counts. Raises Refused before the announced day, and for
    what is not digits alone.
    """
    found = held(actor, PLAN, verification)
    number = number.strip()
    why_not_draw(
        stage=found.stage, draws_on=found.draws_on, today=timezone.localdate(at), number=number
    ).enforce()
    population = populations.read_population(found)
    counts = np.array([found.counts[name] for name in population.strata], dtype=np.int64)
    made = planned(population, counts)
    sample = sampling.draw(population, made, public_number=number, round_id=round_id(found.period))
    found.stage, found.drawn_at = VerificationStage.DRAWN, at
    found.number, found.seed = number, sample.seed
    found.save(update_fields=["stage", "drawn_at", "number", "seed"])
    Sampled.objects.bulk_create(_sampled(found, population, sample), 2000)
    told = {"number": number, "seed": sample.seed, "claims": len(sample.ids)}
    _record(actor, "verification.drawn", found, at, told)
    return found


@transaction.atomic
def lock(*, actor: Actor, verification: Verification, at: datetime) -> Verification:
    """Lock the claims of the period for good, with what was found of them. Raises Refused unless the totals are estimated."""
    found = held(None, PLAN, verification)
    why_not_step(found.stage, VerificationStage.ESTIMATED).enforce()
    claim_actions.lock(actor=actor, period=found.period, at=at)
    found.stage, found.locked_at = VerificationStage.LOCKED, at
    found.save(update_fields=["stage", "locked_at"])
    _record(actor, "verification.locked", found, at, {})
    return found


def round_id(period: Period) -> str:
    """What the seed of a period's sample is made of beside the number and the population."""
    return f"{period.programme.slug}/{period.label}"


def held(actor: Actor | None, permission: Permission, verification: Verification) -> Verification:
    """The verification as it is now, held until the commit, once the actor may do this."""
    if actor is not None:
        require(actor, permission, *verification.scopes)
    rows = Verification.objects.select_related("programme", "period__programme")
    return rows.select_for_update(of=("self",)).get(pk=verification.pk)


def _columns(design: Design) -> dict[str, Any]:
    return {name: getattr(design, name) for name in DESIGN}


def _told(design: Design) -> dict[str, Any]:
    return {"design": _columns(design)}


def _freeze(
    actor: Actor | None,
    found: Verification,
    frozen: Frozen,
    population: sampling.Population,
    at: datetime,
) -> None:
    stem = f"{found.programme.slug}-{found.period.label}"
    files = {
        "population": (f"{stem}-population.csv", population.text()),
        "amounts": (f"{stem}-amounts.csv", populations.amounts_text(frozen)),
    }
    for column, (name, text) in files.items():
        file = io.BytesIO(text.encode())
        kept = documents.keep(actor=actor, file=file, name=name, at=at, max_bytes=MAX_FILE_BYTES)
        setattr(found, column, kept)


def _sampled(
    found: Verification, population: sampling.Population, sample: sampling.Sample
) -> list[Sampled]:
    """The claims of the sample in the order of work, which the seed shuffles; some are to be looked at twice."""
    lines = {one.id: one for one in populations.read_amounts(found)}
    clusters = {one.slug: one.pk for one in found.programme.clusters.all()}
    chances = dict(zip(sample.ids, sample.probability.tolist(), strict=True))
    sizes = dict(zip(sample.ids, population.size[sample.rows].tolist(), strict=True))
    strata = dict(
        zip(
            sample.ids, (population.strata[k] for k in population.stratum[sample.rows]), strict=True
        )
    )
    ordered = shuffled(sample.seed, "order", sample.ids)
    doubled = shuffled(sample.seed, "second look", sample.ids)
    doubled = doubled[: math.ceil(float(found.second_share) * len(ordered))]
    return [
        Sampled(
            verification=found,
            claim_id=lines[name].claim,
            cluster_id=clusters[strata[name].split("/")[0]],
            kind=lines[name].kind,
            position=position,
            quantity=lines[name].quantity,
            size=sizes[name],
            probability=chances[name],
            is_doubled=name in set(doubled),
        )
        for position, name in enumerate(ordered, 1)
    ]


def shuffled(seed: str, purpose: str, ids: tuple[str, ...]) -> list[str]:
    """The ids in an order that the seed fixes, another for each purpose."""
    at = sampling.uniforms(f"{seed}|{purpose}", ids).tolist()
    return [name for _number, name in sorted(zip(at, ids, strict=True))]


def _record(
    actor: Actor | None, verb: str, found: Verification, at: datetime, told: Mapping[str, Any]
) -> None:
    events.record(
        actor=actor, verb=verb, subject=found, at=at, scopes=found.scopes, data=dict(told)
    )
