"""Making an annual report: gather, typeset, keep."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import translation

from sankul.core.actions import documents, events
from sankul.core.charts.chart import demonstration_mark
from sankul.core.rules.canonical import sha256
from sankul.core.rules.roles import Actor, require
from sankul.programme.evaluation.models import Run
from sankul.programme.evaluation.rules import RunStatus
from sankul.programme.reports.models import AnnualReport
from sankul.programme.reports.queries.contents import contents
from sankul.programme.reports.rules import MAKE_REPORT, why_not_report

from .chapters import chapters, title
from .press import pdf

MAX_FILE_BYTES = 2**31
Progress = Callable[[int], None]


def make(
    *,
    actor: Actor | None,
    run: Run,
    language: str,
    at: datetime,
    progress: Progress | None = None,
) -> AnnualReport:
    """Make the annual report of a published run in a language, and keep it; the same contents again are the same report.

    Everything is written in one transaction at the end. Raises Refused where the run is not published or the language unknown.
    ``actor`` None is the operator at the terminal.
    """
    if actor is not None:
        require(actor, MAKE_REPORT, *run.scopes)
    is_published = run.status == RunStatus.PUBLISHED
    why_not_report(is_published=is_published, language=language).enforce()
    told = contents(run, at)
    digest = digest_of(told)
    earlier = AnnualReport.objects.filter(run=run, language=language, contents_sha256=digest)
    if found := earlier.first():
        return found
    with translation.override(language):
        named = title(told)
        made = pdf(
            title=named,
            chapters=chapters(told),
            language=language,
            mark=demonstration_mark() if told["is_demonstration"] else "",
            at=at,
            progress=progress,
        )
    return _kept(actor, run, language, told, digest, made, at)


@transaction.atomic
def _kept(
    actor: Actor | None,
    run: Run,
    language: str,
    told: dict[str, Any],
    digest: str,
    made: bytes,
    at: datetime,
) -> AnnualReport:
    name = f"annual-report-{run.programme.slug}-{run.period.label}-{language}.pdf"
    document = documents.keep(
        actor=actor, file=io.BytesIO(made), name=name, at=at, max_bytes=MAX_FILE_BYTES
    )
    report, is_new = AnnualReport.objects.get_or_create(
        run=run,
        language=language,
        contents_sha256=digest,
        defaults={
            "contents": told,
            "document": document,
            "made_at": at,
            "made_by": actor.user if actor else None,
        },
    )
    if is_new:
        events.record(
            actor=actor,
            verb="report.made",
            subject=report,
            at=at,
            scopes=run.scopes,
            data={"run": run.pk, "language": language, "document": document.sha256},
        )
    return report


def digest_of(told: dict[str, Any]) -> str:
    """SHA-256 of the contents as JSON with sorted keys: equal contents, equal digest."""
    return sha256(json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":")))
