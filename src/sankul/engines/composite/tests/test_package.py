"""Reading, checking, digesting and saving packages."""

import re
from pathlib import Path
from typing import Any

import pytest

from sankul.engines import composite

from .makers import a_framework, a_package
from .oracles import oracle

FRAMEWORK = """
[framework]
id = "f"
title = "F"
version = "1"
[[node]]
id = "root"
title = "Root"
[[indicator]]
id = "x"
parent = "root"
goalposts = [0, 10]
[[step]]
do = "normalise"
[[step]]
do = "aggregate"
"""


def a_folder(at: Path, **files: str | bytes) -> Path:
    """A package folder; file names with _ for the dot."""
    content: dict[str, str | bytes] = {
        "framework_toml": FRAMEWORK,
        "units_csv": "unit,name\na,A\nb,B\n",
        "values_csv": "unit,x\na,1\nb,2\n",
    } | files
    at.mkdir(exist_ok=True)
    for name, text in content.items():
        data = text.encode() if isinstance(text, str) else text
        stem, _, suffix = name.rpartition("_")
        (at / f"{stem}.{suffix}").write_bytes(data)
    return at


def refusal(folder: Path, **more: Any) -> str:
    with pytest.raises(composite.PackageError) as caught:
        composite.read(folder, **more)
    return str(caught.value)


def refused(framework: dict[str, Any], values: dict[str, list[float | None]] | None = None) -> str:
    count = len(framework["indicator"])
    with pytest.raises(composite.PackageError) as caught:
        a_package(values or {"a": [1.0] * count, "b": [2.0] * count}, framework)
    return str(caught.value)


def test_a_package_survives_saving_and_reading(tmp_path: Path) -> None:
    package = composite.read(oracle("asem") / "package")
    composite.save(package, tmp_path / "copy")
    again = composite.read(tmp_path / "copy")
    assert again.digest == package.digest
    assert again.texts == package.texts
    assert again.spec == package.spec


def test_the_digest_ignores_order_of_units_line_ends_spaces_and_spelling_of_numbers(
    tmp_path: Path,
) -> None:
    one = composite.read(a_folder(tmp_path / "one"))
    other = composite.read(
        a_folder(
            tmp_path / "other",
            framework_toml=FRAMEWORK.replace("10]", "10.0]  # a comment"),
            units_csv="\ufeffname,unit\r\n B ,b\r\nA,a\r\n",
            values_csv="unit, x\r\nb,2.00\r\na,1e0\r\n\r\n",
        )
    )
    assert one.digest == other.digest


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("values_csv", "unit,x\na,1\nb,2.5\n"),
        ("values_csv", "unit,x\na,1\nb,\n"),
        ("units_csv", "unit,name\na,A\nb,C\n"),
        ("framework_toml", FRAMEWORK.replace("[0, 10]", "[0, 11]")),
    ],
)
def test_the_digest_changes_with_any_content(tmp_path: Path, file: str, text: str) -> None:
    one = composite.read(a_folder(tmp_path / "one"))
    other = composite.read(a_folder(tmp_path / "other", **{file: text}))
    assert one.digest != other.digest


def test_data_in_memory_makes_the_same_package_as_files(tmp_path: Path) -> None:
    read = composite.read(a_folder(tmp_path / "p"))
    framework = a_framework({"id": "x"})
    framework["indicator"] = [{"id": "x", "parent": "root", "goalposts": [0, 10]}]
    framework["step"] = [{"do": "normalise"}, {"do": "aggregate"}]
    made = composite.Package.from_parts(
        framework,
        [{"unit": "b", "name": "B"}, {"unit": "a", "name": "A"}],
        [{"unit": "a", "x": 1.0}, {"unit": "b", "x": 2}],
    )
    assert made.digest == read.digest


def test_a_number_that_is_text_is_named_by_file_line_and_column(tmp_path: Path) -> None:
    message = refusal(a_folder(tmp_path / "p", values_csv="unit,x\na,1\nb,high\n"))
    assert message == (
        "values.csv:3 x: 'high' is not a number; expected a number such as 12.5, or nothing"
    )


@pytest.mark.parametrize("cell", ["nan", "inf", "-inf", "1_000", "1,5", "0x10", "NA", "१२"])
def test_words_that_other_tools_take_for_numbers_are_refused(tmp_path: Path, cell: str) -> None:
    message = refusal(a_folder(tmp_path / "p", values_csv=f'unit,x\na,1\nb,"{cell}"\n'))
    assert message.startswith("values.csv:3 x: ")


def test_a_number_too_large_is_refused(tmp_path: Path) -> None:
    message = refusal(a_folder(tmp_path / "p", values_csv="unit,x\na,1\nb,1e999\n"))
    assert "'1e999' is not a finite number" in message


def test_all_problems_are_named_at_once(tmp_path: Path) -> None:
    folder = a_folder(
        tmp_path / "p",
        framework_toml=FRAMEWORK,
        units_csv="unit,name\na,A\na,B\nb,B\n",
        values_csv="unit,x,z\na,1,2\nb,oops,3\nc,1,1\n",
    )
    assert refusal(folder).splitlines() == [
        'units.csv:3 unit: "a" stands twice; expected every unit once',
        "values.csv z: unknown column; expected one of x",
        'values.csv:4 unit: "c" is not in units; expected one of a, b',
        "values.csv:3 x: 'oops' is not a number; expected a number such as 12.5, or nothing",
    ]


def test_a_folder_without_files_names_each(tmp_path: Path) -> None:
    message = refusal(tmp_path)
    for name in ("framework.toml", "units.csv", "values.csv"):
        assert f"{name}: missing; expected this file in the package" in message


def test_a_path_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    assert "not a folder" in refusal(tmp_path / "nothing")


def test_another_encoding_is_named_with_its_line(tmp_path: Path) -> None:
    units = "unit,name\na,A\nb,Pun\xe9\n".encode("latin-1")
    message = refusal(a_folder(tmp_path / "p", units_csv=units))
    assert message == "units.csv:3: not UTF-8 text; expected UTF-8 (with or without a BOM)"


def test_broken_toml_names_its_line(tmp_path: Path) -> None:
    message = refusal(a_folder(tmp_path / "p", framework_toml="[framework]\nid = \n"))
    assert re.search(r"framework\.toml: .*line 2", message)


def test_a_ragged_row_is_named(tmp_path: Path) -> None:
    message = refusal(a_folder(tmp_path / "p", values_csv="unit,x\na,1\nb,2,3\n"))
    assert "values.csv:3: 3 cells; expected 2, one a column" in message


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    message = refusal(a_folder(tmp_path / "p", values_csv="unit\na\nb\n"))
    assert 'values.csv x: missing column; expected a column "x"' in message


def test_no_units_is_an_error(tmp_path: Path) -> None:
    message = refusal(a_folder(tmp_path / "p", units_csv="unit\n", values_csv="unit,x\n"))
    assert "units.csv: no units; expected one unit or more" in message


def test_one_of_several_periods_must_be_chosen(tmp_path: Path) -> None:
    values = "unit,period,x\na,2024,1\nb,2024,2\na,2025,3\nb,2025,4\n"
    folder = a_folder(tmp_path / "p", values_csv=values)
    assert "several periods: 2024, 2025" in refusal(folder)
    package = composite.read(folder, period="2025")
    assert package.frame.period == "2025"
    assert package.frame.values.tolist() == [[3.0], [4.0]]
    assert "one of 2024, 2025" in refusal(folder, period="2026")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weight": -1}, "weight: -1 is not accepted; expected a finite number, 0 or more"),
        ({"weight": float("inf")}, "weight: inf is not accepted"),
        ({"weight": True}, "weight: True is not accepted"),
        ({"weight": 0}, "all weights of its children are zero"),
        ({"direction": 0}, "direction: 0 is not accepted; expected 1 or -1"),
        ({"goalposts": [10, 0]}, "goalposts: reversed: [10, 0]"),
        ({"goalposts": [3, 3]}, "goalposts: equal: [3, 3]"),
        ({"goalposts": [3]}, "goalposts: [3] is not accepted"),
        ({"goalposts": None}, "goalposts: missing, and goalposts cannot do without"),
        ({"normalise": "distance_to_target"}, "target: missing, and distance_to_target cannot"),
        ({"parent": "rot"}, 'no node is called "rot"; expected "root" (did you mean that?)'),
        ({"wieght": 1}, 'wieght: unknown key; expected "weight" (did you mean that?)'),
        ({"kind": "objectiv"}, "unknown kind 'objectiv'; expected \"objective\""),
        ({"normalise": "minmax"}, "unknown method 'minmax'; expected \"min_max\""),
        ({"treat": {"method": "winsorise", "max_points": 1.5}}, "max_points: 1.5 is not accepted"),
        ({"denominator": "people"}, "no step applies it"),
        ({"id": "root"}, '"root": declared twice'),
        ({"id": "unit"}, '"unit": this id is not allowed'),
        ({"categories": [[2, 0], [1, 5]]}, "expected pairs [lower bound, score]"),
    ],
)
def test_what_is_wrong_with_an_indicator_is_named(changes: dict[str, Any], message: str) -> None:
    framework = a_framework({"id": "x"} | changes)
    assert message in refused(framework)


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ([], "no [[node]]; expected at least one"),
        ([{"id": "root"}, {"id": "b"}], "2 nodes without a parent: root, b"),
        ([{"id": "root"}, {"id": "b", "parent": "root"}], 'node "b": has no children'),
        (
            [{"id": "root"}, {"id": "b", "parent": "c"}, {"id": "c", "parent": "b"}],
            "a cycle: b → c → b",
        ),
        ([{"id": "root", "threshold": 2}], "threshold: 2 is not accepted"),
        ([{"id": "root", "aggregate": "geometrical"}], 'expected "geometric"'),
        ([{"id": "root", "aggregate": "generalised_mean"}], "power: missing"),
    ],
)
def test_what_is_wrong_with_the_tree_is_named(nodes: list[dict[str, Any]], message: str) -> None:
    assert message in refused(a_framework(node=nodes))


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([{"do": "aggregate"}], "no step does normalise"),
        ([{"do": "normalise"}], "no step does aggregate"),
        ([{"do": "aggregate"}, {"do": "normalise"}], "normalise stands after aggregate"),
        ([{"do": "normalise"}, {"do": "normalise"}, {"do": "aggregate"}], "more than once"),
        ([{"do": "normalize"}, {"do": "aggregate"}], 'expected "normalise" (did you mean that?)'),
        (
            [{"do": "impute", "method": "group_mean"}, {"do": "normalise"}, {"do": "aggregate"}],
            "group: missing; expected a text",
        ),
        ([{"do": "impute"}, {"do": "normalise"}, {"do": "aggregate"}], "method: missing"),
        (
            [{"do": "screen", "min_coverage": 2}, {"do": "normalise"}, {"do": "aggregate"}],
            "min_coverage: 2 is not accepted; expected a finite number from 0 to 1",
        ),
        (
            [{"do": "normalise", "hihg": 2}, {"do": "aggregate"}],
            'hihg: unknown key; expected "high" (did you mean that?)',
        ),
    ],
)
def test_what_is_wrong_with_the_steps_is_named(steps: list[dict[str, Any]], message: str) -> None:
    assert message in refused(a_framework(step=steps))


@pytest.mark.parametrize(
    ("vary", "message"),
    [
        ({"what": "wieghts"}, 'expected "weights" (did you mean that?)'),
        ({"what": "weights", "nodes": ["rot"]}, 'no node "rot"'),
        ({"what": "weights", "how": "nois"}, 'expected "noise" (did you mean that?)'),
        ({"what": "weights", "amount": 2}, "amount: 2 is not accepted"),
        ({"what": "choice", "step": "normalise"}, "options: missing or empty"),
        ({"what": "choice", "step": "normalise", "options": ["minmax"]}, "options[0] method"),
        ({"what": "choice", "step": "treat", "options": ["none"]}, "has no step 'treat'"),
        (
            {"what": "parameter", "step": "normalise", "parameter": "hi", "low": 1, "high": 2},
            'expected "high" (did you mean that?)',
        ),
        (
            {"what": "parameter", "step": "normalise", "parameter": "high", "low": 3, "high": 2},
            "low is not below high",
        ),
        ({"what": "choice", "step": {}, "options": ["none"]}, "step: {} is not accepted"),
        ({"what": "data"}, "there is no values_low.csv and values_high.csv"),
        ({"what": "data", "by": "row"}, "'row' is not accepted"),
        ({"what": "indicator", "indicators": ["z"]}, 'no indicator "z"'),
    ],
)
def test_what_is_wrong_with_a_variation_is_named(vary: dict[str, Any], message: str) -> None:
    assert message in refused(a_framework(vary=[vary]))


def test_a_missing_denominator_column_and_a_zero_in_it_are_named() -> None:
    framework = a_framework({"id": "x", "denominator": "people"})
    framework["step"].insert(0, {"do": "denominate"})
    assert 'units people: missing column, the denominator of "x"' in refused(framework)
    with pytest.raises(composite.PackageError, match=r"units\[1\] people: 0 cannot be divided by"):
        a_package({"a": [1], "b": [1]}, framework, units={"a": {"people": 2}, "b": {"people": 0}})


def test_a_missing_group_is_named() -> None:
    framework = a_framework({"id": "x"})
    framework["step"].insert(0, {"do": "impute", "method": "group_mean", "group": "zone"})
    assert "zone: missing column of groups" in refused(framework)
    with pytest.raises(composite.PackageError, match=r"units\[1\] zone: empty"):
        a_package({"a": [1], "b": [1]}, framework, units={"a": {"zone": "n"}})


def test_bounds_that_do_not_enclose_the_value_are_named() -> None:
    rows = [{"unit": "a", "x": 5, "y": 1}, {"unit": "b", "x": 1, "y": 1}]
    values = {"a": [1.0, 1.0], "b": [1.0, 1.0]}
    with pytest.raises(composite.PackageError, match=r"values_low\.csv a x: 5 does not fit"):
        a_package(values, values_low=rows, values_high=rows)


def test_descriptive_keys_are_kept() -> None:
    described = {
        "definition": "Patents that earn",
        "kind": "objective",
        "source": "register",
        "measure": "outcomes.royalties",
        "statistic": "sum",
    }
    package = a_package({"a": [1.0]}, a_framework({"id": "x"} | described))
    indicator = package.spec.indicators[0]
    assert {key: getattr(indicator, key) for key in described} == described


def test_text_with_quotes_backslashes_and_hindi_survives(tmp_path: Path) -> None:
    framework = a_framework({"id": "x", "title": 'संकुल "\\" \x7f\ttab\nline'})
    package = a_package({"क,ख": [1.0]}, framework, units={"क,ख": {"name": 'say "no"'}})
    composite.save(package, tmp_path / "p")
    again = composite.read(tmp_path / "p")
    assert again.digest == package.digest
    assert again.frame.units == ("क,ख",)
    assert again.spec == package.spec
