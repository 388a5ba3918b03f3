"""Sealing: a round's run and all that it rests on under one Merkle root, once."""

from __future__ import annotations

import io
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sankul.core.actions import documents
from sankul.core.rules.roles import Actor
from sankul.core.rules.verdicts import Refused
from sankul.programme.evaluation.models import Round, Seal
from sankul.programme.evaluation.queries import bundle as queries
from sankul.programme.evaluation.rules import SEAL, ObjectionKind, why_not_seal

from . import rounds
from .runs import MAX_FILE_BYTES


@transaction.atomic
def seal(*, actor: Actor | None, of: Round, at: datetime) -> Seal:
    """Seal a round's run with everything that is published of it; ``actor`` None is the operator.

    Raises Forbidden for whoever is not the evaluator, and Refused before the round is moderated, the second time, where records
    have changed since the run was computed, and where the installed engine does not give again what the run holds.
    """
    found = rounds.held(actor, SEAL, of)
    run = found.run
    if run is None:
        why_not_seal(phase=found.phase, is_sealed=False, is_corrected=False).enforce()
        raise Refused(_("The round has no final evaluation yet."))
    corrected = found.objections.filter(kind=ObjectionKind.APPEAL, run=run)
    why_not_seal(
        phase=found.phase,
        is_sealed=Seal.objects.filter(run=run).exists(),
        is_corrected=corrected.exists(),
    ).enforce()
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
