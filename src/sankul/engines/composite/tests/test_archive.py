"""Writing a result and verifying it later."""

import json
import os
from pathlib import Path

import pytest

from sankul.engines import composite

from .makers import a_framework, a_package


@pytest.fixture
def written(tmp_path: Path) -> Path:
    framework = a_framework()
    framework["step"].insert(0, {"do": "screen", "min_coverage": 0.6})
    package = a_package({"a": [9.0, 1.5], "b": [1.0, 8.0], "c": [1.0, None]}, framework)
    result = composite.run(package.spec, package.frame)
    spread = composite.uncertainty(package.spec, package.frame, draws=50, seed=3)
    composite.write(package, result, spread, tmp_path / "out")
    return tmp_path / "out"


def files(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_a_result_holds_every_file_and_agrees(written: Path) -> None:
    assert files(written) == [
        "acceptability.csv",
        "intervals.csv",
        "log.json",
        "package/framework.toml",
        "package/units.csv",
        "package/values.csv",
        "ranks.csv",
        "scores.csv",
        "stages/aggregate.csv",
        "stages/normalise.csv",
        "stages/screen.csv",
    ]
    assert (written / "scores.csv").read_text() == "unit,root\na,52.5\nb,45\nc,\n"
    assert (written / "ranks.csv").read_text() == "unit,root\na,1\nb,2\nc,\n"
    assert composite.verify(written) is None


def test_the_log_holds_what_a_replay_needs(written: Path) -> None:
    log = json.loads((written / "log.json").read_text())
    assert (log["draws"], log["seed"]) == (50, 3)
    assert log["digest"] == composite.read(written / "package").digest
    assert [step["do"] for step in log["steps"]] == ["engine", "screen", "normalise", "aggregate"]
    assert log["not_ranked"]["c"]["coverage"] == 0.5
    assert set(log["steps"][0]["versions"]) == {"sankul", "python", "numpy"}


def test_the_matrix_of_a_node_under_copelands_rule_is_written_and_verified(tmp_path: Path) -> None:
    nodes = [
        {"id": "root", "aggregate": "copeland"},
        {"id": "a/b: 1 %", "parent": "root", "aggregate": "copeland"},
    ]
    parents = {"parent": "a/b: 1 %"}
    framework = a_framework({"id": "x"} | parents, {"id": "y"} | parents, node=nodes)
    package = a_package({"a": [9.0, 1.0], "b": [1.0, 2.0], "c": [None, None]}, framework)
    composite.write(package, composite.run(package.spec, package.frame), None, tmp_path / "out")
    matrix = tmp_path / "out" / "outranking" / "a%2Fb%3A 1 %25.csv"
    assert matrix.read_text() == "unit,a,b,c\na,,0.5,\nb,0.5,,\nc,,,\n"
    assert composite.verify(tmp_path / "out") is None
    edit(matrix, "b,0.5", "b,0.75")
    found = composite.verify(tmp_path / "out")
    assert str(found) == "outranking/a%2Fb%3A 1 %25.csv, b, a: expected 0.5, found 0.75"
    matrix.unlink()
    assert "expected this file, found nothing" in str(composite.verify(tmp_path / "out"))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("scores.csv", "b,45", "b,46", ("scores.csv", "b", "root", "45", "46")),
        ("scores.csv", "b,45", "b,", ("scores.csv", "b", "root", "45", "")),
        ("scores.csv", "c,\n", "c,0\n", ("scores.csv", "c", "root", "", "0")),
        ("ranks.csv", "b,2\n", "", ("ranks.csv", "b", "unit", "b", "c")),
        ("ranks.csv", "c,\n", "", ("ranks.csv", "c", "", "this row", "")),
        ("ranks.csv", "c,\n", "c,\nd,3\n", ("ranks.csv", "d", "", "", "an additional row")),
        ("ranks.csv", "unit,root", "unit,rot", ("ranks.csv", "", "root", "this column", "")),
        ("stages/screen.csv", "1.5", "1.6", ("stages/screen.csv", "a", "y", "1.5", "1.6")),
        ("log.json", '"draws": 50', '"draws": 49', None),
    ],
)
def test_the_first_difference_is_named(
    written: Path, file: str, old: str, new: str, expected: tuple[str, ...] | None
) -> None:
    edit(written / file, old, new)
    found = composite.verify(written)
    assert found is not None
    if expected is not None:
        assert (found.file, found.row, found.column, found.expected, found.found) == expected


def test_rounding_in_the_tenth_figure_is_no_difference(written: Path) -> None:
    edit(written / "scores.csv", "52.5", "52.50000000001")
    assert composite.verify(written) is None


def test_a_missing_and_an_additional_file_are_named(written: Path) -> None:
    (written / "notes.txt").write_text("hello")
    assert str(composite.verify(written)) == "notes.txt: expected nothing, found an additional file"
    (written / "notes.txt").unlink()
    (written / "intervals.csv").unlink()
    assert str(composite.verify(written)) == "intervals.csv: expected this file, found nothing"


def test_a_change_in_the_copied_package_is_named_with_the_first_result_it_changes(
    written: Path,
) -> None:
    edit(written / "package" / "values.csv", "a,9,1.5", "a,9,2.5")
    found = composite.verify(written)
    assert found is not None
    assert found.file == "package/values.csv"
    assert "scores.csv, a, root: expected 57.5, found 52.5" in found.note


def test_line_ends_of_the_copied_package_do_not_matter(written: Path) -> None:
    path = written / "package" / "values.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert composite.verify(written) is None


def test_a_folder_without_a_result_is_refused(tmp_path: Path, written: Path) -> None:
    with pytest.raises(composite.PackageError, match=r"log\.json: missing"):
        composite.verify(tmp_path)
    (written / "log.json").write_text("{}")
    with pytest.raises(composite.PackageError, match="not the log of an evaluation"):
        composite.verify(written)
    (written / "log.json").write_text("{")
    with pytest.raises(composite.PackageError, match="not JSON"):
        composite.verify(written)


def test_an_earlier_result_is_replaced_and_nothing_else(written: Path, tmp_path: Path) -> None:
    package = a_package({"a": [1.0, 1.0]})
    result = composite.run(package.spec, package.frame)
    composite.write(package, result, None, written)
    assert "intervals.csv" not in files(written)
    assert composite.verify(written) is None
    foreign = tmp_path / "mine"
    foreign.mkdir()
    (foreign / "thesis.txt").write_text("years of work")
    with pytest.raises(composite.PackageError, match="something other than an earlier result"):
        composite.write(package, result, None, foreign)
    assert files(foreign) == ["thesis.txt"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine", "out"]


def test_a_failed_write_leaves_the_earlier_result_and_nothing_beside(
    written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {name: (written / name).read_bytes() for name in files(written)}
    package = a_package({"a": [1.0, 1.0]})
    result = composite.run(package.spec, package.frame)

    def full(self: Path, *args: object, **kwargs: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space left"):
        composite.write(package, result, None, written)
    assert {name: (written / name).read_bytes() for name in files(written)} == before
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
