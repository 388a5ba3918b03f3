"""The operations on tables of claims."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _t
from ninja import Field, File, Form, Path, Query, Router, Schema, Status, UploadedFile

from sankul.core.actions import work
from sankul.core.api import WRITING
from sankul.core.doors import Request
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.programme.outcomes.actions import imports as actions
from sankul.programme.outcomes.models import Import, ImportProblem
from sankul.programme.outcomes.queries import imports as queries
from sankul.programme.outcomes.rules.imports import ImportState
from sankul.programme.outcomes.tasks import check_import
from sankul.programme.registry.models import Cluster
from sankul.programme.registry.queries import clusters

router = Router(tags=["Claims"])
Number = Annotated[int, Path(description="Number of the import", examples=[3])]
Word = Annotated[str, Field(pattern=r"^[^\x00]*$")]
LIMIT = 1000


class ImportIn(Schema):
    """Whose claims of which kind a table holds, and what they become."""

    programme: Word = Field(description="Short name of the programme")
    cluster: Word = Field(description="Short name of the cluster that claims")
    kind: Word = Field(examples=["training_event"])
    submit: bool = Field(False, description="Submit the claims; else they are drafts")


class Sending(Schema):
    """Only to be checked, or to be taken over."""

    dry_run: bool = Field(True, description="Only check it; else take it over if nothing is wrong")


class Window(Schema):
    """Which problems."""

    after: int = Field(0, ge=0, le=2**62, description="Problems after this one only")
    limit: int = Field(100, ge=1, le=LIMIT)


class ImportOut(Schema):
    """A table of claims, and how far it is."""

    id: int
    programme: str = Field(alias="cluster.programme.slug")
    cluster: str = Field(alias="cluster.slug")
    kind: str
    name: str
    sha256: str
    submits: bool
    state: ImportState
    rows: int
    fresh: int = Field(description="Lines that become claims, or became")
    same: int = Field(description="Lines that are claims already, with the same content")
    problems: int
    notes: list[str]
    asked_at: datetime
    checked_at: datetime | None
    applied_at: datetime | None


class ImportProblemOut(Schema):
    """What is wrong at one place of a table; line 0 is the table as a whole."""

    line: int
    column: str
    value: str
    wrong: str
    expected: str


class ImportProblemPage(Schema):
    """Problems by line, and where to go on."""

    items: list[ImportProblemOut]
    next: int | None = Field(
        description="Ask with ?after= this for the next ones; empty at the end"
    )


@router.post(
    "/claims/import", response={202: ImportOut}, auth=WRITING, summary="Send a table of claims"
)
def import_claims(
    request: Request,
    given: Form[ImportIn],
    file: File[UploadedFile],
    asked: Query[Sending],
    documents: File[list[UploadedFile] | None] = None,
) -> Status[Import]:
    """Send an XLSX or CSV made from the template of a kind (multipart: ``file``, ``documents``), to be checked in the background.

    Ask ``GET /imports/{number}`` how far it is. Nothing is written unless every line is sound. Sent again, the same content
    under the same references changes nothing.
    """
    if request.actor.user is None:
        raise Forbidden(_t("Sign in first."))
    batch = actions.receive(
        actor=request.actor,
        cluster=_cluster(request, given),
        kind=given.kind,
        file=file,
        name=file.name or "table",
        submits=given.submit,
        along=[(one.name or "document", one) for one in documents or ()],
        at=request.at,
    )
    with transaction.atomic():
        title = _t("Checking “%s”") % batch.name
        begun = work.ask(user=request.actor.user, title=title, at=request.at)
        check_import.defer(work_id=begun.pk, import_id=batch.pk, applies=not asked.dry_run)
    return Status(202, queries.visible(request.actor).get(pk=batch.pk))


@router.get("/imports/{number}", response=ImportOut, summary="A table of claims")
def get_import(request: Request, number: Number) -> Import:
    """How far a table is, and what was found in it."""
    return get_object_or_404(queries.visible(request.actor), pk=number)


@router.get("/imports/{number}/problems", response=ImportProblemPage, summary="Problems of a table")
def list_import_problems(
    request: Request,
    number: Number,
    chosen: Query[Window],
) -> dict[str, Any]:
    """What is wrong with a table, line by line."""
    batch = get_object_or_404(queries.visible(request.actor), pk=number)
    found = list(
        ImportProblem.objects.filter(batch=batch, pk__gt=chosen.after).order_by("pk")[
            : chosen.limit + 1
        ]
    )
    items = found[: chosen.limit]
    return {"items": items, "next": items[-1].pk if len(found) > chosen.limit else None}


def _cluster(request: Request, given: ImportIn) -> Cluster:
    rows = clusters.visible(request.actor).filter(programme__slug=given.programme)
    cluster = rows.filter(slug=given.cluster).select_related("programme").first()
    if cluster is None:
        raise Refused(
            _t("The programme “%(programme)s” has no cluster “%(slug)s”.")
            % {"programme": given.programme, "slug": given.cluster}
        )
    return cluster
