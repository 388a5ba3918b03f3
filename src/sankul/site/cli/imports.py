"""Tables of claims at the terminal."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from rich.table import Table
from rich.text import Text

from sankul.site.cli.data import console, refusals

# The line above sets Django up, so it stays before the rest.
# isort: split
from django.utils import timezone

from sankul.core.models import User
from sankul.core.queries import actors
from sankul.core.rules.verdicts import Refused
from sankul.programme.outcomes.actions import imports
from sankul.programme.outcomes.models import Import
from sankul.programme.outcomes.queries import template
from sankul.programme.outcomes.rules import KINDS, why_not_kind
from sankul.programme.outcomes.rules.imports import ImportState
from sankul.programme.registry.models import Cluster

SHOWN = 50


def import_claims(
    path: Path, kind: str, cluster: str, email: str, along: list[Path], *, submit: bool, apply: bool
) -> None:
    """Check a table as somebody who may record these claims; take it over where that is asked and nothing is wrong."""
    with refusals():
        at = timezone.now()
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            raise Refused(f"--as: there is no account {email!r}; sankul user list shows all.")
        actor = actors.actor(user, at)
        with ExitStack() as files:
            file = files.enter_context(path.open("rb"))
            opened = [(one.name, files.enter_context(one.open("rb"))) for one in along]
            batch = imports.receive(
                actor=actor,
                cluster=_cluster(cluster),
                kind=kind,
                file=file,
                name=path.name,
                submits=submit,
                along=opened,
                at=at,
            )
        imports.check(actor=actor, batch=batch, at=at, advance=_told)
        _report(batch)
        if batch.state != ImportState.SOUND:
            raise Refused("Nothing was written.")
        if apply:
            imports.apply(actor=actor, batch=batch, at=at, advance=_told)
            console.print(f"Took over {batch.fresh} claims; {batch.same} were there already.")


def write_template(kind: str, cluster: str, out: Path) -> None:
    """Write the template of a kind, as XLSX or CSV by the ending of its name."""
    with refusals():
        why_not_kind(kind).enforce()
        if out.suffix == ".csv":
            out.write_text(template.text(KINDS[kind], _cluster(cluster)), "utf-8", newline="")
        elif out.suffix == ".xlsx":
            template.spreadsheet(KINDS[kind], _cluster(cluster), out)
        else:
            raise Refused(f"{out.name!r} ends neither in .xlsx nor in .csv")
    console.print(f"Wrote {out}.", highlight=False)


def _cluster(text: str) -> Cluster:
    programme, _slash, slug = text.partition("/")
    found = Cluster.objects.select_related("programme").filter(programme__slug=programme, slug=slug)
    cluster = found.first()
    if cluster is None:
        raise Refused(f"--cluster: there is no cluster {text!r}; expected PROGRAMME/SLUG")
    return cluster


def _told(lines: int) -> None:
    console.print(f"{lines} lines more", style="dim", highlight=False)


def _report(batch: Import) -> None:
    for note in batch.notes:
        console.print(Text(note))
    told = f"{batch.rows} lines: {batch.fresh} new, {batch.same} there already, {batch.problems} problems"
    console.print(told, highlight=False)
    if not batch.problems:
        return
    table = Table("Line", "Column", "What stands there", "What is wrong", "What is expected")
    for one in batch.found.all()[:SHOWN]:
        cells = (str(one.line or "all"), one.column, one.value, one.wrong, one.expected)
        table.add_row(*(Text(cell) for cell in cells))
    console.print(table)
    if batch.problems > SHOWN:
        console.print(f"… and {batch.problems - SHOWN} more.", highlight=False)
