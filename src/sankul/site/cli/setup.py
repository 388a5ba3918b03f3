"""What a first start does: migrate, seed, evaluate, collect static files, and tell."""

from __future__ import annotations

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from rich.table import Table

import sankul
from sankul.core.rules.roles import Role
from sankul.programme.evaluation.actions import runs as actions
from sankul.programme.evaluation.models import Run
from sankul.programme.evaluation.rules import RunStatus
from sankul.programme.indicators.actions import frameworks as framework_actions
from sankul.programme.indicators.models import Framework
from sankul.programme.indicators.queries import frameworks
from sankul.programme.registry.models import Period, Programme
from sankul.site.cli import data
from sankul.site.seeds import accounts as demonstration_accounts
from sankul.site.seeds import demonstration, public_record


def migrate() -> None:
    """Bring the database up to date."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        data.console.print("Preparing the database ...")
        call_command("migrate", verbosity=0, interactive=False)


def seed_if_missing() -> None:
    """Load the two programmes where they are missing, or the public record's file has changed.

    Without the demonstration if SANKUL_DEMONSTRATION is 0; its accounts are open on this machine only.
    """
    if not Programme.objects.filter(slug="public-record").exists():
        data.console.print("Loading the programmes that come with Sankul ...")
    at = timezone.now()
    real = public_record.load(at)
    if frameworks.in_force(real) is None:
        source = frameworks.default_source()
        drafted = framework_actions.draft(actor=None, programme=real, source=source, at=at)
        framework_actions.illustrate(framework=drafted, at=at)
    with transaction.atomic():
        if settings.DEMONSTRATION:
            is_new = not Programme.objects.filter(slug=demonstration.SLUG).exists()
            programme = demonstration.load(at)
            if is_new:  # one of an earlier release lacks the people who do this, and stays as it is
                demonstration.verify(programme)
                demonstration.judge(programme)
                demonstration.examine(programme)
                demonstration.equip(programme, at)
                demonstration.occupy(programme, at)
                demonstration.bill(programme, at)
                demonstration.watch_water(programme, at)
            demonstration.send_on(at)
        demonstration_accounts.tend(at)


def evaluate_if_missing() -> None:
    """Evaluate and publish the seed programmes' periods that have no published run.

    All years of the demonstration, for trends, the last of them in a round; of the public record the last complete year, by an
    illustrative framework.
    """
    ended = Period.objects.filter(ends_on__lt=timezone.localdate())
    real = ended.filter(programme__slug="public-record").first()
    shown = ended.filter(programme__slug="demonstration").order_by("starts_on")
    for period in (*shown, *filter(None, [real])):
        published = period.runs.filter(status=RunStatus.PUBLISHED)
        framework = frameworks.in_force(period.programme)
        if framework is None or published.exists():
            continue
        if (period.programme.slug, period.label) == (demonstration.SLUG, demonstration.ROUND):
            data.console.print(f"Holding the evaluation round of {period} ...")
            demonstration.hold_round(period)
        else:
            _evaluate(period, framework)


def _evaluate(period: Period, framework: Framework) -> None:
    data.console.print(f"Evaluating {period.programme}, {period} ...")
    run = actions.compute(actor=None, period=period, framework=framework, at=timezone.now())
    actions.publish(actor=None, run=run, at=timezone.now())


def collect_static() -> None:
    """Collect static files into the data folder when what is installed has changed."""
    stamp = settings.STATIC_ROOT / "version.txt"
    wanted = f"{sankul.__version__} {_newest()}"
    if not stamp.exists() or stamp.read_text("utf-8") != wanted:
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        stamp.write_text(wanted, "utf-8")


def _newest() -> int:
    """A number that changes with any static file of the installed packages."""
    total = 0
    for finder in finders.get_finders():
        for path, storage in finder.list(None):
            total = (
                total * 31 + int(storage.get_modified_time(path).timestamp()) + len(path)
            ) % 2**61
    return total


def print_ranking() -> None:
    """Print the latest published ranking of the demonstration programme."""
    run = (
        Run.objects.filter(programme__slug="demonstration", status=RunStatus.PUBLISHED)
        .select_related("programme", "period", "framework")
        .order_by("-period__starts_on")
        .first()
    )
    if run is not None:
        data.print_run(run)


def print_accounts() -> None:
    """Print the demonstration's accounts, their roles and what each can do."""
    if not settings.DEMONSTRATION_ACCOUNTS:
        data.console.print(
            "The demonstration's accounts are closed (SANKUL_HOSTS, SANKUL_DEMONSTRATION)."
        )
        return
    table = Table()
    table.add_column("Sign in as", no_wrap=True)
    table.add_column("As")
    table.add_column("Can")
    for email, role, can in demonstration.ACCOUNTS:
        table.add_row(email, str(Role(role).label), str(can))
    data.console.print(table)
    data.console.print(f"Password of all of them: {demonstration.DEMONSTRATION_PASSWORD}")
    data.console.print(
        "make play (in another terminal) plays a day of the forty water sources in five minutes."
    )
