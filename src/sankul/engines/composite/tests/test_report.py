"""The readable report of a result."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from sankul.engines import composite

from .makers import a_framework, a_package

VARY: list[dict[str, Any]] = [
    {"what": "weights", "how": "simplex"},
    {"what": "choice", "step": "aggregate", "options": ["arithmetic", "geometric"]},
]
NODES = [
    {"id": "root", "title": "Index"},
    {"id": "p", "parent": "root"},
    {"id": "q", "parent": "root"},
]


def a_report(draws: int = 64, **changes: Any) -> tuple[dict[str, bytes], composite.Result]:
    indicators = (
        {"id": "x", "parent": "p"},
        {"id": "y", "parent": "p"},
        {"id": "z", "parent": "q"},
    )
    framework = a_framework(*indicators, node=NODES, vary=VARY) | changes
    framework["step"].insert(0, {"do": "screen", "min_coverage": 0.5})
    framework["framework"]["title"] = "Trials & <errors>"
    values: dict[str, list[float | None]] = {
        "a": [9.0, 5.0, 3.0],
        "b": [4.0, 6.0, 8.0],
        "c": [1.0, 2.0, 2.0],
        "d": [None, None, 1.0],
    }
    package = a_package(values, framework, units={"a": {"name": "पुणे <one>"}})
    result = composite.run(package.spec, package.frame)
    spread = (
        composite.uncertainty(package.spec, package.frame, draws=draws, seed=1) if draws else None
    )
    found = (
        composite.sensitivity(package.spec, package.frame, draws=draws, seed=1) if draws else None
    )
    return composite.report(package, result, spread, found), result


class Reader(HTMLParser):
    """Headings, tables and pictures of a page, with what is left open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[str] = []
        self.pictures: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        if tag == "meta":
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "h2":
            self.headings.append(data)
        if self.open and self.open[-1] == "desc":
            self.pictures.append(data)


def test_the_page_has_every_section_and_a_described_picture_where_one_belongs() -> None:
    files, _ = a_report()
    page = files["report.html"].decode()
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    assert reader.headings == [
        "Ranking",
        "Not ranked",
        "How often each rank is taken",
        "What the scores are made of",
        "Weights",
        "Which assumption matters",
        "Correlations of indicators",
        "Unit profiles",
        "Profile of b",
        "Profile of पुणे <one>",
        "Profile of c",
    ]
    assert len(reader.pictures) == 9
    assert all(reader.pictures)
    assert "Trials &amp; &lt;errors&gt;" in page
    assert "<errors>" not in page
    assert "पुणे &lt;one&gt;" in page
    assert "evidence missing" in page
    assert not re.search(r"(src|href)=\"?https?:", page)


def test_the_table_of_the_page_has_the_figures_of_the_result() -> None:
    files, result = a_report()
    page = files["report.html"].decode()
    for unit in result.ranking():
        assert f">{result.scores.at(unit, 'root'):.2f}<" in page


def test_without_draws_there_are_no_intervals_and_no_sensitivity() -> None:
    page = a_report(draws=0)[0]["report.html"].decode()
    assert "5–95" not in page
    assert "Which assumption matters" not in page


def test_the_same_result_makes_the_same_bytes_and_a_pdf() -> None:
    one, other = a_report()[0], a_report()[0]
    assert one["report.html"] == other["report.html"]
    assert one["report.pdf"].startswith(b"%PDF-")
    assert one["report.pdf"] == other["report.pdf"]


def test_a_result_without_any_ranked_unit_still_has_a_report() -> None:
    package = a_package({"a": [None, None]})
    result = composite.run(package.spec, package.frame)
    page = composite.report(package, result)["report.html"].decode()
    assert "Not ranked" in page
    assert "0 of 1 units ranked" in page


def test_the_report_warns_where_few_units_set_the_scale() -> None:
    framework = a_framework(*({"id": i, "normalise": "min_max"} for i in "xy"))
    package = a_package({"a": [1.0, 2.0], "b": [2.0, 1.0]}, framework)
    result = composite.run(package.spec, package.frame)
    page = composite.report(package, result)["report.html"].decode()
    assert "2 units are too few for scales read off the units (min_max)" in page


@pytest.mark.parametrize("method", ["arithmetic", "copeland"])
def test_one_unit_alone_has_a_report(method: str) -> None:
    framework = a_framework()
    framework["step"][1] = {"do": "aggregate", "method": method}
    package = a_package({"a": [1.0, 2.0]}, framework)
    result = composite.run(package.spec, package.frame)
    assert composite.report(package, result)["report.pdf"].startswith(b"%PDF-")


def test_the_report_speaks_the_language_it_is_given() -> None:
    package = a_package({"a": [9.0, 5.0], "b": [4.0, 6.0]})
    result = composite.run(package.spec, package.frame)
    hindi = {"Ranking": "क्रम", "Points of the score": "अंक", "Package %(digest)s": "पैकेज %(digest)s"}
    files = composite.report(
        package, result, gettext=lambda text: hindi.get(text, text), language="hi"
    )
    page = files["report.html"].decode()
    assert '<html lang="hi">' in page
    assert "<h2>क्रम</h2>" in page
    assert ">अंक<" in page
    assert f"<p>पैकेज {package.digest}</p>" in page
    assert files["report.pdf"].startswith(b"%PDF-")


def test_indicators_that_say_the_same_are_named_with_a_warning_for_few_units() -> None:
    values: dict[str, list[float | None]] = {
        "a": [1.0, 1.0], "b": [2.0, 2.0], "c": [4.0, 4.0], "d": [8.0, 8.0],
    }  # fmt: skip
    package = a_package(values)
    page = composite.report(package, composite.run(package.spec, package.frame))[
        "report.html"
    ].decode()
    assert '<tr><td>x</td><td>y</td><td class="figure">1.00</td></tr>' in page
    assert "4 units are too few for correlations to be relied on" in page
