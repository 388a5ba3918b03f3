"""What a run keeps of its certainty comes out of its package again, by the command of its page."""

import csv
import io
import zipfile
from pathlib import Path

import pytest

from sankul.programme.evaluation.models import Run
from sankul.programme.evaluation.rules import RunStatus
from sankul.site.cli.package import evaluate_package

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


def _published() -> Run:
    return Run.objects.get(
        programme__slug="demonstration", period__label="2025-26", status=RunStatus.PUBLISHED
    )


def test_the_command_of_the_page_writes_the_sensitivity_that_the_run_keeps(tmp_path: Path) -> None:
    run = _published()
    with run.package.open() as file, zipfile.ZipFile(io.BytesIO(file.read())) as archive:
        archive.extractall(tmp_path)
    evaluate_package(tmp_path / "package", tmp_path / "result", run.draws, run.seed)
    with (tmp_path / "result" / "sensitivity.csv").open(encoding="utf-8", newline="") as text:
        rows = [row for row in csv.DictReader(text) if row["unit"] == "*"]
    found = {row["factor"]: (float(row["first"]), float(row["total"])) for row in rows}
    kept = {row["factor"]: (row["first"][0], row["total"][0]) for row in run.robustness.sensitivity}
    assert set(kept) == {"weights", "choice aggregate", "indicator", "data"}
    assert found.keys() == kept.keys()
    for factor, both in kept.items():
        assert found[factor] == pytest.approx(both, rel=1e-9), factor


def test_the_demonstration_fills_every_picture_of_the_page() -> None:
    run = _published()
    assert run.robustness.threshold == 39
    ranked = run.standings.filter(rank__isnull=False)
    assert not ranked.filter(below=None).exists()
    measured = run.framework.indicators.count()
    assert len(run.robustness.correlations) == measured * (measured - 1) // 2
    assert run.flips.count() == 2 * ranked.count() - 1
    assert run.flips.exclude(distance=None).exists()
    assert any(flip.indicators for flip in run.flips.all())
