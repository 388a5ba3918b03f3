"""Reading seals: of a round, and the proof that a record is under one."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from sankul.core.rules.roles import Actor
from sankul.core.rules.verdicts import Refused, Verdict
from sankul.engines.seal import Proof, SealError, prove, read, stamps
from sankul.engines.seal.stamps import Stamp
from sankul.programme.evaluation.models import Round, Seal
from sankul.programme.evaluation.rules import PUBLIC, ObjectionKind
from sankul.programme.evaluation.rules import why_not_seal as verdict_of_seal


def visible(actor: Actor) -> QuerySet[Seal]:
    """Seals of rounds that the actor may see, the latest first."""
    rows = Seal.objects.filter(round__in=Round.objects.visible_to(actor).order_by())
    return rows.select_related(
        "round__programme", "round__period", "run", "bundle", "timestamp_token"
    )


def opened(actor: Actor) -> QuerySet[Seal]:
    """Seals whose bundle everybody may read: those of published rounds."""
    return visible(actor).filter(round__phase__in=PUBLIC)


def is_open(seal: Seal) -> bool:
    """Whether everybody may read the bundle."""
    return seal.round.phase in PUBLIC


def why_not_seal(found: Round) -> Verdict:
    """Whether the round's run may be sealed now: the final one, or the corrected one after its appeal."""
    appeals = found.objections.filter(kind=ObjectionKind.APPEAL, run__isnull=False)
    return verdict_of_seal(
        phase=found.phase,
        is_sealed=found.seals.filter(run=found.run_id).exists(),
        is_corrected=appeals.filter(run=found.run_id).exists(),
    )


def proof(seal: Seal, record: str) -> Proof:
    """The proof that a record is under the seal. Raises Refused for a record that is not in the bundle.

    The whole bundle is read and checked.
    """
    with tempfile.NamedTemporaryFile(suffix=".zip") as place:
        with seal.bundle.open() as file:
            while chunk := file.read(2**20):
                place.write(chunk)
        place.flush()
        try:
            return prove(read(Path(place.name), seal.checkpoint), record)
        except SealError as error:
            raise Refused(
                _("The bundle has no record “%s”. Records are named as claim/12 or standing/pune.")
                % record
            ) from error


def stamped(seal: Seal) -> Stamp | None:
    """When an authority saw the checkpoint, and which, as its kept answer says."""
    if seal.timestamp_token is None:
        return None
    with seal.timestamp_token.open() as file:
        return stamps.check(file.read(), seal.checkpoint)
