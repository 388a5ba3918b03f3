"""Sealing: a round's run and all that it rests on under one Merkle root, once."""

from __future__ import annotations

import io
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sankul.core.actions import documents
from sankul.core.rules.roles import Actor
from sankul.core.rules.verdicts import Refused
from sankul.engines.seal import SealError, stamps
from sankul.programme.evaluation.models import Round, Seal
from sankul.programme.evaluation.queries import bundle as queries
from sankul.programme.evaluation.queries import seals
from sankul.programme.evaluation.rules import SEAL

from . import rounds
from .runs import MAX_FILE_BYTES

MAX_STAMP_BYTES = 2**20


@transaction.atomic
def seal(*, actor: Actor | None, of: Round, at: datetime) -> Seal:
    """Seal a round's run with everything that is published of it; ``actor`` None is the operator.

    Raises Forbidden for whoever is not the evaluator, and Refused before the round is moderated, the second time, where records
    have changed since the run was computed, and where the installed engine does not give again what the run holds.
    """
    found = rounds.held(actor, SEAL, of)
    seals.why_not_seal(found).enforce()
    run = found.run
    if run is None:
        raise Refused(_("The round has no final evaluation yet."))
    made = queries.bundle(rounds.fresh(run))
    name = f"{found.programme.slug}-{found.period.label}-seal-{run.pk}.zip"
    kept = documents.keep(
        actor=actor, file=io.BytesIO(made.archive), name=name, at=at, max_bytes=MAX_FILE_BYTES
    )
    seal = Seal.objects.create(
        round=found,
        run=run,
        merkle_root=made.root.hex(),
        leaves=made.manifest.tree.size,
        bundle=kept,
        checkpoint=made.checkpoint,
        sealed_at=at,
        sealed_by=actor.user if actor else None,
    )
    told = {"run": run.pk, "merkle_root": seal.merkle_root, "leaves": seal.leaves}
    rounds.record(actor, "round.sealed", found, at, told)
    return seal


@transaction.atomic
def stamp(*, actor: Actor | None, seal: Seal, answer: bytes, at: datetime) -> Seal:
    """Keep a time-stamping authority's answer (RFC 3161) for a seal's checkpoint, once its signature holds.

    Raises Forbidden for whoever is not the evaluator, and Refused for an answer that is none, stamps something else or does not
    hold, and where the seal has one.
    """
    found = rounds.held(actor, SEAL, seal.round)
    seal = Seal.objects.select_for_update().get(pk=seal.pk)
    if seal.timestamp_token_id is not None:
        raise Refused(_("This seal has its time stamp already."))
    try:
        told = stamps.check(answer, seal.checkpoint)
    except SealError as error:
        raise Refused(_("The time stamp is refused: %s.") % error) from error
    name = f"{found.programme.slug}-{found.period.label}-seal-{seal.run_id}.tsr"
    seal.timestamp_token = documents.keep(
        actor=actor, file=io.BytesIO(answer), name=name, at=at, max_bytes=MAX_STAMP_BYTES
    )
    seal.save(update_fields=["timestamp_token"])
    said = {"seal": seal.pk, "stamped_at": told.at.isoformat(), "authority": told.authority}
    rounds.record(actor, "round.stamped", found, at, said)
    return seal
