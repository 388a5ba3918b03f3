"""Which documents the panel shows: its rubrics and releases, files of clusters, documents of site visits."""

from django.db.models import Exists, OuterRef, Q

from sankul.core.queries import documents
from sankul.core.rules.roles import Actor, narrowed
from sankul.programme.panel.models import Panel, Result, Visit
from sankul.programme.panel.rules import SEE_RESULTS, PanelStatus


def of_panels(actor: Actor) -> Q:
    """The condition under which a document is shown because a panel cites it.

    The table of all clusters is shown to whoever may see all of them, the file of one cluster also to its own people.
    """
    everything = narrowed(actor, SEE_RESULTS, programme="programme") | Q(
        period__opened_at__isnull=False
    )
    released = Panel.objects.filter(everything, status=PanelStatus.RELEASED).order_by()
    results = Result.objects.visible_to(actor).order_by()
    visits = Visit.objects.visible_to(actor).order_by()
    return (
        Q(Exists(Panel.objects.visible_to(actor).order_by().filter(rubric=OuterRef("pk"))))
        | Q(Exists(released.filter(release=OuterRef("pk"))))
        | Q(Exists(results.filter(document=OuterRef("pk"))))
        | Q(Exists(visits.filter(documents=OuterRef("pk"))))
    )


documents.declare("panel", of_panels)
