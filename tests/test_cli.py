"""The command line as an outside evaluator runs it: real processes, plain files, no database."""

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sankul.engines import composite
from sankul.engines.composite.tests.oracles import oracle, reference

SANKUL = Path(sys.executable).with_name("sankul")
OURS = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "PYTHONPATH")


def sankul(*arguments: object) -> "subprocess.CompletedProcess[str]":
    """Run the command where there is neither a database nor a data folder that could be made."""
    bare = {key: value for key, value in os.environ.items() if key not in OURS}
    nowhere = {"SANKUL_DATA": "/proc/sankul", "COLUMNS": "120", "NO_COLOR": "1"}
    command = [SANKUL, *map(str, arguments)]
    return subprocess.run(
        command, env=bare | nowhere, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What evaluating the published package of 51 countries says, and the folder that it writes."""
    folder = tmp_path_factory.mktemp("evaluated") / "result"
    done = sankul("evaluate", oracle("asem") / "package", "--out", folder, "--draws", 200)
    assert (done.returncode, done.stderr.strip()) == (0, "")
    return done.stdout, folder


@pytest.fixture
def result(evaluated: tuple[str, Path], tmp_path: Path) -> Path:
    """A copy of the result, to be damaged."""
    return Path(shutil.copytree(evaluated[1], tmp_path / "result"))


def _rows(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8", newline="") as handle:
        return list(csv.reader(handle))


def _set(file: Path, row: str, column: str, value: str) -> None:
    """Change one cell of a CSV file and nothing else."""
    rows = _rows(file)
    line = next(line for line in rows if line[0] == row)
    line[rows[0].index(column)] = value
    file.write_text("".join(f"{','.join(line)}\n" for line in rows), "utf-8")


def test_a_published_package_is_ranked_as_it_was_published(evaluated: tuple[str, Path]) -> None:
    said, folder = evaluated
    for line in ("1 │ CHE", "2 │ NLD", "3 │ DNK", "45 │ IND", "68.38", "64.82", "39.79"):
        assert line in said
    published = reference("asem", "results.csv")
    ranks = {row[0]: row[1] for row in _rows(folder / "ranks.csv")[1:]}
    assert ranks == {unit: row["Rank"] for unit, row in published.items()}
    scores = {row[0]: float(row[1]) for row in _rows(folder / "scores.csv")[1:]}
    expected = {unit: float(row["Index"]) for unit, row in published.items()}
    assert scores == pytest.approx(expected, abs=1e-9, rel=0)


def test_the_result_holds_the_package_that_it_came_from(evaluated: tuple[str, Path]) -> None:
    given, kept = (composite.read(one / "package") for one in (oracle("asem"), evaluated[1]))
    assert kept.digest == given.digest
    assert f"Package {given.digest}" in evaluated[0]


def test_an_untouched_result_agrees(evaluated: tuple[str, Path]) -> None:
    done = sankul("verify", evaluated[1])
    assert (done.returncode, done.stderr) == (0, "")
    digest = evaluated[0].split("Package ")[1].split()[0]
    assert done.stdout == f"All agrees: 15 files recomputed and compared.\nPackage {digest}\n"


@pytest.mark.parametrize(
    ("name", "row", "column", "value"),
    [
        ("scores.csv", "IND", "Index", "49.79"),
        ("ranks.csv", "IND", "Index", "1"),
        ("intervals.csv", "IND", "rank_p05", "1"),
        ("acceptability.csv", "IND", "1", "0.5"),
        ("stages/impute.csv", "IND", "Flights", "1"),
        ("stages/normalise.csv", "IND", "Flights", "1"),
        ("stages/aggregate.csv", "IND", "Conn", "1"),
    ],
)
def test_a_changed_cell_is_named_by_its_file_row_and_column(
    result: Path, name: str, row: str, column: str, value: str
) -> None:
    _set(result / name, row, column, value)
    done = sankul("verify", result)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Does not agree: {name}, {row}, {column}: expected ")
    assert done.stderr.endswith(f"found {value}\n")
    assert "All agrees" not in done.stdout


def test_a_changed_input_is_noticed_by_what_follows_from_it(result: Path) -> None:
    _set(result / "package" / "values.csv", "IND", "Flights", "1000000")
    done = sankul("verify", result)
    assert done.returncode == 1
    assert done.stderr.startswith("Does not agree: ")


@pytest.mark.parametrize("name", ["scores.csv", "stages/treat.csv", "log.json"])
def test_a_missing_file_is_named(result: Path, name: str) -> None:
    (result / name).unlink()
    done = sankul("verify", result)
    assert done.returncode == 1
    assert name in done.stderr


def test_what_is_no_result_is_refused_in_words(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        done = sankul("verify", folder)
        assert done.returncode == 1
        assert done.stderr
        assert "Traceback" not in done.stderr


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the published package, to be spoilt."""
    return Path(shutil.copytree(oracle("asem") / "package", tmp_path / "package"))


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(
    package: Path, tmp_path: Path
) -> None:
    for name, seed in (("one", 7), ("two", 7), ("three", 8)):
        done = sankul("evaluate", package, "--out", tmp_path / name, "--draws", 20, "--seed", seed)
        assert done.returncode == 0
    first, same, other = (
        (tmp_path / name / "intervals.csv").read_bytes() for name in ("one", "two", "three")
    )
    assert first == same
    assert first != other


def test_every_problem_of_a_package_is_named_by_its_place_and_nothing_is_written(
    package: Path, tmp_path: Path
) -> None:
    values = package / "values.csv"
    _set(values, "IND", "Flights", "many")
    with values.open("a", encoding="utf-8") as handle:
        handle.write(_line(values, "AUT"))
    done = sankul("evaluate", package, "--out", tmp_path / "out", "--draws", 20)
    assert done.returncode == 1
    assert "Flights: 'many' is not a number" in done.stderr
    assert "values.csv:53" in done.stderr
    assert "AUT" in done.stderr
    assert not (tmp_path / "out").exists()


def _line(file: Path, row: str) -> str:
    lines = file.read_text("utf-8").splitlines(keepends=True)
    return next(line for line in lines if line.startswith(f"{row},"))


def test_a_folder_that_holds_something_else_is_left_alone(package: Path, tmp_path: Path) -> None:
    other = tmp_path / "thesis"
    other.mkdir()
    (other / "chapter.txt").write_text("Years of work", "utf-8")
    done = sankul("evaluate", package, "--out", other, "--draws", 20)
    assert done.returncode == 1
    assert "the folder holds something other than an earlier result" in done.stderr
    assert [path.name for path in other.iterdir()] == ["chapter.txt"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("evaluate", "PACKAGE"), "--out DIR"),
        (("evaluate", "PACKAGE", "--out", "OUT", "--draws", "-1"), "--draws"),
        (("evaluate", "PACKAGE", "--out", "OUT", "--draws", "many"), "--draws"),
        (("verify",), "path"),
        (("rank",), "No such command"),
    ],
)
def test_a_wrong_command_line_says_what_is_missing(
    package: Path, tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    known = {"PACKAGE": package, "OUT": tmp_path / "out"}
    done = sankul(*(known.get(argument, argument) for argument in arguments))
    assert done.returncode == 2
    assert told in done.stderr
    assert not (tmp_path / "out").exists()
