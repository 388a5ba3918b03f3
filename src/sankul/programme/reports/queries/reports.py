"""Reports, as the actor may see them."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from sankul.core.queries import documents
from sankul.core.rules.roles import Actor
from sankul.programme.evaluation.models import Run
from sankul.programme.reports.models import AnnualReport


def visible(actor: Actor) -> QuerySet[AnnualReport]:
    """Reports that the actor may see, the latest made first; the contents are left in the database."""
    rows = AnnualReport.objects.visible_to(actor)
    return rows.select_related("run__programme", "run__period", "document").defer("contents")


def latest(actor: Actor, run: Run, language: str) -> AnnualReport | None:
    """The report on a run in a language, with its contents."""
    return visible(actor).defer(None).filter(run=run, language=language).first()


def _documents(actor: Actor) -> Q:
    cited = AnnualReport.objects.visible_to(actor).order_by().filter(document=OuterRef("pk"))
    return Q(Exists(cited))


documents.declare("reports", _documents)
