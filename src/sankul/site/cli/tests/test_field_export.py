"""Observations written into a folder from the terminal."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from pyarrow import parquet

from sankul.field.streams.actions.ingest import ingest
from sankul.field.streams.queries.sending import Sender
from sankul.field.streams.rules import DoorName
from sankul.field.streams.rules.batches import Batch
from sankul.field.streams.tests import makers
from sankul.field.streams.tests.makers import NOON
from sankul.programme.registry.tests import makers as registry
from sankul.site.cli.field import export_observations

pytestmark = pytest.mark.django_db


def test_a_thing_is_exported_month_by_month_with_a_manifest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = makers.stream()
    rows = [(stream.pk, NOON - timedelta(days=30 * n), float(n)) for n in range(2)]
    ingest(batch=Batch.of(*rows), sender=Sender(DoorName.COMMAND), at=registry.AT)
    export_observations(tmp_path, stream.thing_id, 0, ("", ""), "parquet", received=False)
    assert capsys.readouterr().out.count(": written") == 2
    files = sorted(tmp_path.glob("*.parquet"))
    assert [parquet.read_table(one)["value"].to_pylist() for one in files] == [[1.0], [0.0]]
    manifest = json.loads((tmp_path / "export.json").read_text())
    assert sorted(manifest) == [one.name for one in files]


@pytest.mark.parametrize(
    ("thing", "stream", "days", "form", "told"),
    [
        (0, 0, ("", ""), "csv", "Give --thing or --stream."),
        (0, 999_999, ("", ""), "csv", "There is no stream 999999."),
        (0, 1, ("", ""), "xlsx", "csv or parquet"),
    ],
)
def test_what_cannot_be_exported_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str],
    thing: int, stream: int, days: tuple[str, str], form: str, told: str,
) -> None:  # fmt: skip
    with pytest.raises(SystemExit):
        export_observations(tmp_path, thing, stream, days, form, received=False)
    said = capsys.readouterr()
    assert told in said.out + said.err
