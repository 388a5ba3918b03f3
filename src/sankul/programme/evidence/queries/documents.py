"""Which documents the area shows: the frozen files of verifications that one may see into."""

from django.db.models import Exists, OuterRef, Q

from sankul.core.queries import documents
from sankul.core.rules.roles import Actor
from sankul.programme.evidence.models import Verification


def of_verifications(actor: Actor) -> Q:
    """The condition under which a document is shown because it is the population or the amounts of a verification."""
    seen = Verification.objects.open_to(actor).order_by()
    return Q(Exists(seen.filter(population=OuterRef("pk")))) | Q(
        Exists(seen.filter(amounts=OuterRef("pk")))
    )


documents.declare("evidence", of_verifications)
