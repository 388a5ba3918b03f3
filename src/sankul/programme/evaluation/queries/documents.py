"""Which documents an evaluation shows: the package and the records of every run one may see."""

from django.db.models import Exists, OuterRef, Q

from sankul.core.queries import documents
from sankul.core.rules.roles import Actor
from sankul.programme.evaluation.models import Run


def of_runs(actor: Actor) -> Q:
    """The condition under which a document is shown because a run cites it."""
    visible = Run.objects.visible_to(actor).order_by()
    return Q(Exists(visible.filter(package=OuterRef("pk")))) | Q(
        Exists(visible.filter(records=OuterRef("pk")))
    )


documents.declare("evaluation", of_runs)
