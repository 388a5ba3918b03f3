"""Which documents an evaluation shows: of runs, of what is contested, and the bundles of published rounds."""

from django.db.models import Exists, OuterRef, Q

from sankul.core.queries import documents
from sankul.core.rules.roles import Actor
from sankul.programme.evaluation.models import Objection, Run, Seal
from sankul.programme.evaluation.rules import PUBLIC


def of_runs(actor: Actor) -> Q:
    """The condition under which a document is shown because a run cites it."""
    visible = Run.objects.visible_to(actor).order_by()
    return Q(Exists(visible.filter(package=OuterRef("pk")))) | Q(
        Exists(visible.filter(records=OuterRef("pk")))
    )


def of_objections(actor: Actor) -> Q:
    """The condition under which a document is shown because an objection rests on it."""
    visible = Objection.objects.visible_to(actor).order_by()
    return Q(Exists(visible.filter(documents=OuterRef("pk"))))


def of_seals(actor: Actor) -> Q:
    """The condition under which a document is shown because a seal of a published round names it."""
    visible = Seal.objects.filter(run__in=Run.objects.visible_to(actor).order_by()).order_by()
    visible = visible.filter(round__phase__in=PUBLIC)
    return Q(Exists(visible.filter(bundle=OuterRef("pk")))) | Q(
        Exists(visible.filter(timestamp_token=OuterRef("pk")))
    )


documents.declare("evaluation", of_runs)
documents.declare("evaluation.objections", of_objections)
documents.declare("evaluation.seals", of_seals)
