"""The seal of a round's run, for the tests that walk every address."""

from __future__ import annotations

import io

from sankul.core.actions import documents
from sankul.programme.evaluation.models import Round, Seal
from sankul.programme.evaluation.queries import bundle
from sankul.programme.registry.tests.makers import AT


def seal(of: Round) -> Seal:
    """A seal over the round's run with its true bundle, whatever phase the round is in."""
    assert of.run is not None
    made = bundle.bundle(of.run)
    file = io.BytesIO(made.archive)
    return Seal.objects.create(
        round=of,
        run=of.run,
        merkle_root=made.root.hex(),
        leaves=made.manifest.tree.size,
        bundle=documents.keep(actor=None, file=file, name="seal.zip", at=AT),
        checkpoint=made.checkpoint,
        sealed_at=AT,
    )
