"""The terminal's door to evaluation packages."""

import subprocess
import sys
from pathlib import Path

import pytest

from sankul.engines import composite
from sankul.site.cli.package import evaluate_package, verify_folder


@pytest.fixture
def package(tmp_path: Path) -> Path:
    framework = {
        "framework": {"id": "f", "title": "Two [bold] clusters", "version": "1"},
        "node": [{"id": "root"}],
        "indicator": [{"id": "x", "parent": "root", "goalposts": [0, 10]}],
        "step": [{"do": "normalise"}, {"do": "aggregate"}],
    }
    units = [{"unit": "a", "name": "Alpha"}, {"unit": "b", "name": "Beta"}, {"unit": "c"}]
    values = [{"unit": "a", "x": 2}, {"unit": "b", "x": 7}, {"unit": "c", "x": None}]
    made = composite.Package.from_parts(framework, units, values)
    composite.save(made, tmp_path / "package")
    return tmp_path / "package"


def test_evaluating_prints_the_ranking_and_writes_the_result(
    package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evaluate_package(package, tmp_path / "out", 20, 1)
    shown = capsys.readouterr().out
    assert "Two [bold] clusters" in shown
    assert shown.index("Beta") < shown.index("Alpha")
    assert "70.00" in shown
    assert "Not ranked" in shown
    assert composite.verify(tmp_path / "out") is None


def test_the_result_holds_intervals_sensitivity_and_a_report(package: Path, tmp_path: Path) -> None:
    evaluate_package(package, tmp_path / "out", 100, 1)
    files = {p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*.*")}
    assert files >= {
        "acceptability.csv",
        "intervals.csv",
        "log.json",
        "ranks.csv",
        "report.html",
        "report.pdf",
        "scores.csv",
        "sensitivity.csv",
        "stages/normalise.csv",
    }
    assert (tmp_path / "out" / "report.pdf").read_bytes().startswith(b"%PDF-")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "<h1>Two [bold] clusters</h1>" in page
    assert "Which assumption matters" in page


def test_verifying_says_that_all_agrees_with_the_digest(
    package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evaluate_package(package, tmp_path / "out", 20, 1)
    verify_folder(tmp_path / "out")
    shown = capsys.readouterr().out
    # seven tables, the log and three files of the package; the report is not compared
    assert "All agrees: 11 files" in shown
    assert composite.read(package).digest in shown


def test_verifying_a_changed_cell_exits_with_its_place(
    package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evaluate_package(package, tmp_path / "out", 0, 1)
    scores = tmp_path / "out" / "scores.csv"
    scores.write_text(scores.read_text().replace("70", "71"))
    with pytest.raises(SystemExit) as caught:
        verify_folder(tmp_path / "out")
    assert caught.value.code == 1
    assert "scores.csv, b, root: expected 70, found 71" in capsys.readouterr().err


def test_a_broken_package_exits_with_its_problems_and_writes_nothing(
    package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (package / "values.csv").write_text("unit,x\na,two\nb,7\nc,\n")
    with pytest.raises(SystemExit) as caught:
        evaluate_package(package, tmp_path / "out", 20, 1)
    assert caught.value.code == 1
    assert "values.csv:2 x: 'two' is not a number" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_neither_django_nor_the_slow_libraries_are_loaded_to_evaluate(
    package: Path, tmp_path: Path
) -> None:
    script = (
        "import sys; from pathlib import Path; from sankul.site.cli.package import evaluate_package;"
        f"evaluate_package(Path({str(package)!r}), Path({str(tmp_path / 'out')!r}), 0, 1);"
        "print(sorted({m.split('.')[0] for m in sys.modules}"
        " & {'django', 'scipy', 'sklearn', 'numba', 'polars'}))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "[]"
