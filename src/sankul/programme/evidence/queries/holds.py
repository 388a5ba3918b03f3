"""Which claims may not change now, because a verification of their period is going on."""

from __future__ import annotations

from django.db import connection
from django.utils.translation import gettext as _t

from sankul.core.rules.verdicts import ALLOWED, Verdict, refused
from sankul.programme.evidence.models import Sampled, Verification
from sankul.programme.evidence.rules import State
from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.queries import holds
from sankul.programme.outcomes.rules import RECORDED_BY


def why_not_changed(claim: Claim) -> Verdict:
    """Whether a claim may be submitted, changed or taken back: once the claims of its period are closed, only if it was returned.

    In a transaction the verification's row is held, so that no claim slips in while the claims are being closed.
    """
    if claim.kind in RECORDED_BY:
        return ALLOWED
    rows = Verification.objects.filter(
        programme=claim.programme_id,
        period__starts_on__lte=claim.on,
        period__ends_on__gte=claim.on,
    )
    if connection.in_atomic_block:
        rows = rows.select_for_update(of=("self",), no_key=True)
    found = rows.select_related("period").first()
    if found is None or not found.is_closed:
        return ALLOWED
    returned = Sampled.objects.filter(claim=claim, verification=found, state=State.RETURNED)
    if returned.exists():
        return ALLOWED
    return refused(
        _t(
            "The claims of %s are closed, because they are being verified. Only what is returned to you can be changed."
        )
        % found.period
    )


holds.declare("evidence", why_not_changed)
