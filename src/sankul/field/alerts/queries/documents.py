"""Who may read proof: whoever sees the alert that it belongs to."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from sankul.core.queries import documents
from sankul.core.rules.roles import Actor
from sankul.field.alerts.models import Proof, within
from sankul.field.alerts.rules import SEE_ALERTS


def _of_proof(actor: Actor) -> Q:
    proofs = Proof.objects.filter(within(actor, SEE_ALERTS, "action__alert__"))
    return Q(Exists(proofs.filter(document=OuterRef("pk"))))


documents.declare("alerts", _of_proof)
