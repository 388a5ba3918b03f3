"""The ``sankul`` command: one short function a command, which calls one query or one action."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Sankul: the digital backbone of a science and technology cluster programme.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
events = typer.Typer(help="The event log.", no_args_is_help=True)
users = typer.Typer(help="Accounts and roles.", no_args_is_help=True)
app.add_typer(events, name="events")
app.add_typer(users, name="user")
field = typer.Typer(
    help="Field systems: messages, tables, devices, the archive.", no_args_is_help=True
)
app.add_typer(field, name="field")

DRAWS = 10_000
SEED = 2020
Programme = Annotated[str, typer.Option(help="Short name of the programme.")]
Period = Annotated[str, typer.Option(help="Label of the period, as in 2025-26.")]
ROLE_HELP = "A role, as in cluster_ceo."
SCOPE_HELP = "platform, programme:SLUG, cluster:PROGRAMME/SLUG, organisation:SLUG."


def main() -> None:
    """Run the command line."""
    app()


@app.command()
def up() -> None:
    """Set up everything, show the ranking, and serve the site until Ctrl-C."""
    from .up import up as start  # noqa: PLC0415

    raise typer.Exit(start())


@app.command()
def seed(
    scale: Annotated[int, typer.Option(min=1, help="Multiply the demonstration's claims.")] = 1,
) -> None:
    """Load the public record and the demonstration programme, where they are missing."""
    from .data import seed as load  # noqa: PLC0415

    load(scale)


@app.command()
def evaluate(
    package: Annotated[
        Path | None, typer.Argument(help="Folder of an evaluation package (plain files).")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the result (with a package).")
    ] = None,
    programme: Programme = "demonstration",
    period: Period = "",
    draws: Annotated[int, typer.Option(min=0, help="Draws for the intervals.")] = DRAWS,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draws.")] = SEED,
    publish: Annotated[bool, typer.Option(help="Publish the run that was computed.")] = False,
) -> None:
    """Evaluate a package of plain files (no database needed), or a period of a programme."""
    if package is not None:
        from .package import evaluate_package  # noqa: PLC0415

        if out is None:
            raise typer.BadParameter("say where the result goes: --out DIR")
        evaluate_package(package, out, draws, seed)
        return
    from .data import evaluate as run  # noqa: PLC0415

    run(programme, period, draws, seed, publish=publish)


@app.command()
def verify(
    path: Annotated[
        Path, typer.Argument(help="A sealed bundle (ZIP or folder), or a result folder.")
    ],
    checkpoint: Annotated[
        Path | None,
        typer.Option(help="File with the checkpoint that was made known, as a report prints it."),
    ] = None,
) -> None:
    """Check a sealed bundle and recompute what is in it, or recompute a result folder; no database needed.

    Exit code 0: all agrees. 1: something differs, and is named. 2: there is nothing to read.
    """
    from .bundle import is_bundle, verify_bundle  # noqa: PLC0415
    from .package import verify_folder  # noqa: PLC0415

    if checkpoint is not None or is_bundle(path):
        verify_bundle(path, checkpoint)
    else:
        verify_folder(path)


@app.command()
def export(
    out: Annotated[Path, typer.Option(help="New folder for the package, records and result.")],
    programme: Programme = "demonstration",
    period: Period = "",
) -> None:
    """Write a published evaluation as plain files: its package, its result and its records."""
    from .data import export as write  # noqa: PLC0415

    write(programme, period, out)


@app.command()
def report(
    out: Annotated[Path, typer.Option(help="Where the PDF goes.")],
    programme: Programme = "demonstration",
    period: Period = "",
    language: Annotated[str, typer.Option(help="en or hi.")] = "en",
) -> None:
    """Make the annual report of a published evaluation, and write its PDF."""
    from .data import report as make  # noqa: PLC0415

    make(programme, period, language, out)


@app.command("import")
def import_claims(
    table: Annotated[Path, typer.Argument(help="XLSX or CSV, made from the template of the kind.")],
    kind: Annotated[str, typer.Option(help="A kind of claim, as in training_event.")],
    cluster: Annotated[str, typer.Option(help="PROGRAMME/SLUG of the cluster that claims.")],
    email: Annotated[
        str, typer.Option("--as", help="Whose account records them; its roles apply.")
    ] = "",
    document: Annotated[
        list[Path] | None, typer.Option(help="A document that the table names; may be repeated.")
    ] = None,
    submit: Annotated[bool, typer.Option(help="Submit the claims; else they are drafts.")] = False,
    apply: Annotated[bool, typer.Option(help="Take the table over if nothing is wrong.")] = False,
    template: Annotated[
        bool, typer.Option(help="Write the template to this file, and do nothing else.")
    ] = False,
) -> None:
    """Check a table of claims line by line, and with --apply take it over; exit 1 if something is wrong."""
    from . import imports  # noqa: PLC0415

    if template:
        imports.write_template(kind, cluster, table)
    else:
        imports.import_claims(
            table, kind, cluster, email, document or [], submit=submit, apply=apply
        )


@events.command("verify")
def verify_events(
    anchor: Annotated[
        str, typer.Option(help="A head noted before, as NUMBER:HASH; the log must go through it.")
    ] = "",
) -> None:
    """Check the whole chain of events and print its head; exit 1 names the first broken link."""
    from .data import verify_events as check  # noqa: PLC0415

    check(anchor)


@users.command("create")
def create_user(
    email: str,
    name: Annotated[str, typer.Option(help="Name of the person.")],
    role: Annotated[str, typer.Option(help=ROLE_HELP)] = "",
    scope: Annotated[str, typer.Option(help=SCOPE_HELP)] = "",
    password: Annotated[
        bool, typer.Option(help="Ask for a password; else a reset link sets the first one.")
    ] = False,
) -> None:
    """Make an account, and grant it a role on a scope."""
    from .people import create_user as make  # noqa: PLC0415

    typed = (
        typer.prompt("Password", hide_input=True, confirmation_prompt=True) if password else None
    )
    make(email, name, role, scope, typed)


@users.command("grant")
def grant_role(
    email: str,
    role: Annotated[str, typer.Option(help=ROLE_HELP)],
    scope: Annotated[str, typer.Option(help=SCOPE_HELP)],
    until: Annotated[str, typer.Option(help="Last day, as in 2027-03-31; open if not given.")] = "",
) -> None:
    """Grant an account a role from today."""
    from .people import grant_role as give  # noqa: PLC0415

    give(email, role, scope, until)


@users.command("end")
def end_role(
    email: str,
    role: Annotated[str, typer.Option(help=ROLE_HELP)],
    scope: Annotated[str, typer.Option(help=SCOPE_HELP)],
    until: Annotated[
        str, typer.Option(help="Last day, as in 2027-03-31; today if not given.")
    ] = "",
) -> None:
    """End a role of an account."""
    from .people import end_role as take  # noqa: PLC0415

    take(email, role, scope, until)


@users.command("close")
def close_user(email: str) -> None:
    """Close an account: it signs in no more."""
    from .people import turn_user  # noqa: PLC0415

    turn_user(email, is_open=False)


@users.command("reopen")
def reopen_user(email: str) -> None:
    """Let a closed account sign in again."""
    from .people import turn_user  # noqa: PLC0415

    turn_user(email, is_open=True)


@users.command("tokens")
def list_tokens(email: str) -> None:
    """List the access tokens of an account, with what each may do."""
    from .people import list_tokens as show  # noqa: PLC0415

    show(email)


@users.command("revoke")
def revoke_token(
    email: str, prefix: Annotated[str, typer.Argument(help="As `user tokens` shows it.")]
) -> None:
    """Revoke an access token of an account, at once."""
    from .people import revoke_token as end  # noqa: PLC0415

    end(email, prefix)


@users.command("list")
def list_users() -> None:
    """List accounts with the roles in force."""
    from .people import list_users as show  # noqa: PLC0415

    show()


@field.command("mqtt")
def field_mqtt() -> None:
    """Take messages of devices by MQTT until a signal; starts mosquitto unless SANKUL_MQTT names a broker."""
    from .field import mqtt  # noqa: PLC0415

    mqtt()


@field.command("upload")
def field_upload(
    table: Annotated[
        Path, typer.Argument(help="CSV or XLSX: stream, time, value; or a column a stream.")
    ],
    zone: Annotated[str, typer.Option(help="Of times without an offset, as in Asia/Kolkata.")] = "",
    email: Annotated[
        str, typer.Option("--as", help="Whose account sends them; its roles apply.")
    ] = "",
) -> None:
    """Take in a table of observations; exit 1 names what was refused."""
    from .field import take_in_table  # noqa: PLC0415

    take_in_table(table, zone, email)


@field.command("device")
def field_device(
    name: str,
    cluster: Annotated[str, typer.Option(help="PROGRAMME/SLUG of the cluster that it belongs to.")],
    thing: Annotated[int, typer.Option(help="Number of the one thing that it sends for.")] = 0,
    per_minute: Annotated[
        int, typer.Option(help="Observations that it may send a minute.")
    ] = 60_000,
) -> None:
    """Give a device a token; it is printed this once."""
    from .field import make_device  # noqa: PLC0415

    make_device(name, cluster, thing, per_minute)


@field.command("revoke")
def field_revoke(number: int) -> None:
    """Revoke the token of a device, at once."""
    from .field import revoke_device  # noqa: PLC0415

    revoke_device(number)


@field.command("close")
def field_close(
    kept_open: Annotated[int, typer.Option(min=1, help="Days to keep in the database.")] = 92,
) -> None:
    """Move days that ended into files of the archive."""
    from .field import close_days  # noqa: PLC0415

    close_days(kept_open)


@field.command("verify")
def field_verify() -> None:
    """Check every file of the archive against its checksum; exit 1 names what is damaged."""
    from .field import verify_archive  # noqa: PLC0415

    verify_archive()


@field.command("watch")
def field_watch() -> None:
    """Put what came in before its detectors, and raise, tell and end alerts: once; a running site does so each minute."""
    from .field import watch_streams  # noqa: PLC0415

    watch_streams()


@field.command("export")
def field_export(
    folder: Annotated[Path, typer.Argument(help="Where the files go, one a month.")],
    thing: Annotated[int, typer.Option(help="Number of the thing: all its streams.")] = 0,
    stream: Annotated[int, typer.Option(help="Number of the one stream.")] = 0,
    first: Annotated[str, typer.Option("--from", help="First day in India, as 2026-11-01.")] = "",
    last: Annotated[str, typer.Option("--to", help="Last day in India.")] = "",
    form: Annotated[str, typer.Option("--format", help="csv or parquet.")] = "parquet",
    received: Annotated[bool, typer.Option(help="As received, without corrections.")] = False,
) -> None:
    """Write observations into a folder; run again, it goes on where it broke off."""
    from .field import export_observations  # noqa: PLC0415

    export_observations(folder, thing, stream, (first, last), form, received=received)


@field.command("look")
def field_look(
    stream: Annotated[int, typer.Argument(help="Number of the stream.")],
    since: Annotated[str, typer.Option("--from", help="In India, as 2026-11-01T00:00.")] = "",
    until: Annotated[str, typer.Option("--to", help="In India; else all there is.")] = "",
) -> None:
    """Propose flags for what stands out in a stream by itself; they wait on its reviewing page."""
    from .field import look_through  # noqa: PLC0415

    look_through(stream, since, until)


@field.command("delete")
def field_delete(
    years: Annotated[int, typer.Option(min=1, help="Delete days that ended so many years ago.")],
) -> None:
    """Delete old files of the archive, as a retention policy asks; counts and published figures stay."""
    from .field import delete_days  # noqa: PLC0415

    delete_days(years)


@field.command("play")
def field_play(
    minutes: Annotated[float, typer.Option(help="How long the day takes.")] = 5,
    follows: Annotated[
        str, typer.Option("--from", help="The day whose hours the water follows; yesterday.")
    ] = "",
    site: Annotated[str, typer.Option(help="Where the site answers.")] = "",
) -> None:
    """Play a day of the demonstration's water through the doors of real probes, with one event that somebody should answer."""
    from .play import play  # noqa: PLC0415

    play(minutes, follows, site or f"http://127.0.0.1:{os.environ.get('SANKUL_PORT') or 8000}")


def ready() -> None:
    """Set Django up, once, for a command that needs the database."""
    import django  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sankul.site.settings")
    django.setup()
