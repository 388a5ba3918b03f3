"""Pictures drawn alone: what they say, how they break and spread, and in whose language."""

import re
from typing import Any
from xml.etree import ElementTree

import pytest

from sankul.engines import pictures
from sankul.engines.pictures.lines import folded, most_lines
from sankul.engines.pictures.picture import whole_ticks
from sankul.engines.pictures.robustness import said
from sankul.engines.pictures.slopes import spread

SVG = "{http://www.w3.org/2000/svg}"


def words(picture: pictures.Picture, **drawn: Any) -> list[str | None]:
    root = ElementTree.fromstring(pictures.svg(picture, "A title", "A finding.", **drawn))
    return [part.text for tag in ("text", "tspan") for part in root.iter(f"{SVG}{tag}")]


def tree() -> pictures.Branch:
    money = pictures.Branch(
        "Money", 0.4, (pictures.Branch("Income", 0.3), pictures.Branch("Cost", 0.1))
    )
    return pictures.Branch("Index", 1, (pictures.Branch("Pilots", 0.6), money))


def test_a_drawing_carries_its_title_and_its_sentence_and_no_style() -> None:
    drawn = pictures.svg(pictures.weights(tree()), "Weights & more", "Pilots weigh most.")
    root = ElementTree.fromstring(drawn)
    assert [root.findtext(f"{SVG}{tag}") for tag in ("title", "desc")] == [
        "Weights & more",
        "Pilots weigh most.",
    ]
    assert not re.search(r"\sstyle=|<style|<script|\son\w+=|href=", drawn)


def test_a_picture_speaks_the_language_it_is_given() -> None:
    hindi = {"Points": "अंक", "Part": "भाग"}
    picture = pictures.contributions(
        [pictures.Contribution("Pilots", 3)], gettext=lambda text: hindi.get(text, text)
    )
    assert "अंक" in words(picture)
    assert [column.label for column in picture.columns] == ["भाग", "अंक"]


def test_the_tree_of_weights_has_a_box_for_all_but_the_whole_with_its_share() -> None:
    picture = pictures.weights(tree())
    assert [(row["name"], row["level"], row["share"]) for row in picture.rows] == [
        ("Pilots", 1, 0.6),
        ("Money", 1, 0.4),
        ("Income", 2, 0.3),
        ("Cost", 2, 0.1),
    ]
    boxes = {
        box["name"]: (box["left"], box["right"], box["top"], box["bottom"])
        for box in picture.spec["data"]["values"]
    }
    assert boxes == {
        "Pilots": (0, 2, 0, 1),
        "Money": (0, 1, 1, 3),
        "Income": (1, 2, 1, 2),
        "Cost": (1, 2, 2, 3),
    }
    assert {"60.0\u00a0%", "Pilots", "10.0\u00a0%"} <= set(words(picture))


def test_correlations_mark_what_says_the_same_and_what_is_opposed_without_colour() -> None:
    pairs = [
        pictures.Correlation("a", "b", 0.92, 8),
        pictures.Correlation("a", "c", -0.5, 8),
        pictures.Correlation("b", "c", -0.95, 8),
        pictures.Correlation("a", "d", 0.91, 8),
        pictures.Correlation("b", "d", None, 2),
    ]
    picture = pictures.correlations(["a", "b", "c", "d"], pairs)
    signs = {(cell["other"], cell["name"]): cell["sign"] for cell in picture.spec["data"]["values"]}
    assert signs == {("a", "2  b"): "●", ("a", "3  c"): "−", ("b", "3  c"): "●", ("a", "4  d"): ""}
    assert [row["r"] for row in picture.rows] == [-0.95, 0.92, 0.91, -0.5, None]


def test_a_factor_that_moves_no_rank_says_so() -> None:
    factors = [
        pictures.Factor("Weights", (0.2, 0.1, 0.3), (0.5, 0.4, 0.6)),
        pictures.Factor("Scale", None, None),
    ]
    picture = pictures.sensitivity(factors)
    assert "no rank moves" in words(picture)
    assert picture.rows[1]["total"] is None


@pytest.mark.parametrize(
    ("probability", "words"),
    [(0, "0 %"), (0.0004, "< 0.1 %"), (0.125, "12.5 %"), (0.9995, "> 99.9 %"), (1, "100 %")],
)
def test_a_probability_is_never_rounded_to_certainty(probability: float, words: str) -> None:
    assert said(probability).replace("\u00a0", " ") == words


def test_beyond_five_parts_the_smaller_ones_stand_together() -> None:
    points = {"Deccan": {f"p{n}": float(n) for n in range(1, 9)}}
    picture = pictures.composition(points)
    assert [column.label for column in picture.columns] == [
        "Cluster",
        "p4",
        "p5",
        "p6",
        "p7",
        "p8",
        "Other parts",
    ]
    assert picture.rows[0]["p5"] == 1 + 2 + 3


def test_a_threshold_is_a_line_with_its_figure() -> None:
    scored = [pictures.Scored("Deccan", 50, 45, 55)]
    assert "threshold 40" in words(pictures.score_intervals(scored, threshold=40))
    assert "threshold 40" not in words(pictures.score_intervals(scored))


def test_labels_that_would_touch_are_spread_in_order_around_their_mean() -> None:
    assert spread([10, 10, 10], 2) == [8, 10, 12]
    assert spread([0, 50, 100], 2) == [0, 50, 100]
    assert spread([50, 0, 51], 4) == [48.5, 0, 52.5]
    assert spread([], 1) == []


def test_long_names_break_the_same_way_in_data_and_scale() -> None:
    spec = {
        "data": [{"name": "A long name of something"}],
        "scale": ["A long name of something"],
        "x": "A",
    }
    broken = folded(spec, 12)
    assert broken["data"][0]["name"] == "A long name\nof something"
    assert broken["scale"] == ["A long name\nof something"]
    assert broken["x"] == "A"
    assert most_lines(broken) == 2


def test_rows_grow_with_the_lines_of_the_tallest_name() -> None:
    long = pictures.Branch(
        "Index", 1, (pictures.Branch("A name that is far longer than one line", 1),)
    )
    short = pictures.Branch("Index", 1, (pictures.Branch("A name", 1),))
    heights = [pictures.whole(pictures.weights(one).spec)["height"] for one in (short, long)]
    assert heights == [42, 56]


def test_ticks_begin_at_one_and_stay_few() -> None:
    assert whole_ticks(5) == [1, 2, 3, 4, 5]
    assert whole_ticks(50, 5) == [1, 10, 20, 30, 40, 50]


def test_the_stair_of_answers_ends_at_the_edge_and_names_the_promise() -> None:
    curve = [pictures.Answered(5, 0.4, 0.2, 0.6), pictures.Answered(400, 0.7, 0.5, 0.8)]
    picture = pictures.answered_by(curve, until_hours=336, promised_hours=48)

    steps = picture.spec["data"]["values"]
    assert [(step["hours"], step["share"]) for step in steps] == [(0, 0), (5, 0.4), (336, 0.4)]
    assert "48 hours" in words(picture)
    assert [row["hours"] for row in picture.rows] == [5, 400]


def test_an_hour_that_is_not_told_has_no_cell_and_one_that_nobody_wants_is_zero() -> None:
    picture = pictures.week_demand(
        [pictures.Busy("Monday", 9, None), pictures.Busy("Monday", 10, 4)]
    )

    assert [cell["hour"] for cell in picture.spec["data"]["values"]] == [10]
    assert (picture.rows[0]["h9"], picture.rows[0]["h10"], picture.rows[0]["h11"]) == (None, 4, 0)
    assert "Monday" in words(picture)


def test_what_became_of_hours_adds_up_to_all_of_them() -> None:
    told = [pictures.Hours("One", 30, 10, 50, 10), pictures.Hours("Two", None, None, None, None),
            pictures.Hours("Shut", 0, 0, 0, 0)]  # fmt: skip
    picture = pictures.use_of_hours(told)

    bars = picture.spec["data"]["values"]
    assert [(bar["part"], bar["share"]) for bar in bars] == [
        ("Used", 0.3), ("Booked, not used", 0.1), ("Idle", 0.5), ("Down", 0.1),
    ]  # fmt: skip
    assert {"One", "Two", "Shut"} <= set(words(picture))


@pytest.mark.parametrize(
    ("days", "written"),
    [(0.5, "06:00"), (20, "9 नव"), (300, "नव"), (1500, "2027")],
)
def test_times_on_an_axis_are_written_by_their_largest_whole_unit(
    days: float, written: str
) -> None:
    months = ["जन", "फ़र", "मार्च", "अप्रै", "मई", "जून", "जुला", "अग", "सितं", "अक्टू", "नव", "दिसं"]
    begin = 1_793_491_200_000  # 1 Nov 2026
    said = [pictures.Said(begin, "1 Nov 2026", 7.0)]
    end = begin + int(days * 86_400_000)
    assert written in words(pictures.readings(said, unit="", begin=begin, end=end, months=months))
