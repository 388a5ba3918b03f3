"""Commands on the database. Importing this module sets Django up."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from sankul.site.cli import ready

ready()

from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from sankul.core.queries import actors, events  # noqa: E402
from sankul.core.rules.verdicts import Refused  # noqa: E402
from sankul.engines import composite  # noqa: E402
from sankul.programme.evaluation.actions import runs as actions  # noqa: E402
from sankul.programme.evaluation.models import Run, Standing  # noqa: E402
from sankul.programme.evaluation.queries import runs  # noqa: E402
from sankul.programme.indicators.queries import frameworks  # noqa: E402
from sankul.programme.registry.models import Period, Programme  # noqa: E402
from sankul.programme.reports.actions import reports  # noqa: E402
from sankul.site.seeds import accounts as demonstration_accounts  # noqa: E402
from sankul.site.seeds import demonstration, public_record  # noqa: E402

console = Console()


def seed(scale: int) -> None:
    """Load both programmes; what is there already stays."""
    with refusals():
        at = timezone.now()
        public_record.load(at)
        with transaction.atomic():
            loaded = demonstration.load(at, scale=scale)
            demonstration_accounts.tend(at)
        console.print(
            f"Loaded: the public record, and {loaded} with {loaded.claims.count()} claims."
        )


def evaluate(programme: str, period: str, draws: int, seed: int, *, publish: bool) -> Run:
    """Compute a run of a period (the latest by default), print it, and publish it if asked."""
    with refusals():
        found = _period(programme, period)
        framework = frameworks.in_force(found.programme)
        if framework is None:
            raise Refused(f"{found.programme} has no approved framework.")
        bar = Progress(TextColumn("Draws"), BarColumn(), MofNCompleteColumn(), transient=True,
                       console=Console(stderr=True))  # fmt: skip
        with bar:
            task = bar.add_task("Draws", total=draws)
            run = actions.compute(
                actor=None,
                period=found,
                framework=framework,
                at=timezone.now(),
                draws=draws,
                seed=seed,
                progress=lambda more: bar.advance(task, more),
            )
        if publish:
            run = actions.publish(actor=None, run=run, at=timezone.now())
        print_run(run)
        return run


def print_run(run: Run) -> None:
    """The ranking of a run as a table, then who is not ranked and why."""
    standings = list(runs.standings(run))
    ranked = [row for row in standings if row.rank is not None]
    if ranked:
        console.print(_ranking(run, ranked))
    missing = [row for row in standings if row.rank is None]
    if missing:
        console.print(_missing(run, missing))


def _ranking(run: Run, ranked: list[Standing]) -> Table:
    mark = " (demonstration, fictional)" if run.programme.is_demonstration else ""
    table = Table(title=f"{run.programme}{mark}: ranking {run.period}", title_justify="left")
    for heading in ("Rank", "5–95 %", "Cluster", "Score", "5–95 %", "Evidence"):
        table.add_column(heading, justify="left" if heading == "Cluster" else "right")
    for row in ranked:
        table.add_row(
            str(row.rank),
            _span(row.rank_low, row.rank_high, "d"),
            Text(row.cluster.name),
            f"{row.score:.1f}",
            _span(row.score_low, row.score_high, ".1f"),
            f"{row.coverage:.0%}",
        )
    return table


def _span(low: float | None, high: float | None, form: str) -> str:
    return "" if low is None or high is None else f"{low:{form}}–{high:{form}}"


def _missing(run: Run, rows: list[Standing]) -> Table:
    table = Table(title=f"{run.programme} {run.period}: not ranked", title_justify="left")
    for heading in ("Cluster", "Why", "Evidence"):
        table.add_column(heading, justify="right" if heading == "Evidence" else "left")
    for row in rows:
        table.add_row(Text(row.cluster.name), Text(row.not_ranked), f"{row.coverage:.0%}")
    return table


def export(programme: str, period: str, out: Path) -> None:
    """Write a published run: package, result (as ``sankul verify`` reads it) and records."""
    with refusals():
        found = _period(programme, period)
        run = runs.published(actors.actor(None, timezone.now())).filter(period=found).first()
        if run is None:
            raise Refused(f"No evaluation of {found.programme}, {found}, is published.")
        composite.refuse_foreign(out)
        package = _package(run, out)
        result = composite.run(package.spec, package.frame)
        spread = (
            composite.uncertainty(package.spec, package.frame, draws=run.draws, seed=run.seed)
            if run.draws
            else None
        )
        composite.write(package, result, spread, out)
        if run.records:
            with run.records.open() as file:
                out.with_name(f"{out.name}-records.parquet").write_bytes(file.read())
    console.print(f"Written to {out}; check it with: sankul verify {out}", highlight=False)


def report(programme: str, period: str, language: str, out: Path) -> None:
    """Make the annual report of a published run, keep it, and write its PDF to ``out``."""
    with refusals():
        found = _period(programme, period)
        run = runs.published(actors.actor(None, timezone.now())).filter(period=found).first()
        if run is None:
            raise Refused(f"No evaluation of {found.programme}, {found}, is published.")
        made = reports.make(actor=None, run=run, language=language, at=timezone.now())
        with made.document.open() as file:
            out.write_bytes(file.read())
    console.print(f"Written to {out}", highlight=False)


def _package(run: Run, out: Path) -> composite.Package:
    out.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=out.parent) as folder,
        run.package.open() as file,
        zipfile.ZipFile(file) as archive,
    ):
        archive.extractall(folder)
        return composite.read(Path(folder) / "package")


def verify_events(noted: str) -> None:
    """Check the chain of events from the beginning, and that it goes through a head noted before."""
    seq, colon, digest = noted.partition(":")
    if noted and not (colon and seq.isascii() and seq.isdigit()):
        _fail(f"--anchor: {noted!r} is not a head; expected NUMBER:HASH, as this command prints it")
    held, broken = events.first_break()
    if broken is not None:
        _fail(f"Event {broken.seq}: {broken.why}. The {held} before it hold.")
    if noted and (why := events.why_not_anchored(events.Anchor(int(seq), digest))):
        _fail(f"Not the log that was noted: {why}.")
    console.print(f"The chain holds: {held} events. Its head:", highlight=False)
    console.print(str(events.head()), highlight=False, soft_wrap=True)


def _period(programme: str, label: str) -> Period:
    owner = Programme.objects.filter(slug=programme).first()
    if owner is None:
        raise Refused(f"--programme: there is no programme {programme!r}")
    periods = owner.periods.select_related("programme")
    found = periods.filter(label=label).first() if label else periods.first()
    if found is None:
        known = ", ".join(period.label for period in periods)
        raise Refused(f"--period: {programme} has no period {label!r}; expected one of {known}")
    return found


@contextmanager
def refusals() -> Iterator[None]:
    """Print a refusal and end with exit code 1."""
    try:
        yield
    except Refused as refusal:
        _fail(refusal.reason)
    except composite.PackageError as error:
        _fail(str(error))


def _fail(message: str) -> NoReturn:
    Console(stderr=True).print(message, style="bold red", markup=False, soft_wrap=True)
    raise SystemExit(1)
