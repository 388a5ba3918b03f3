import json
import re
from xml.etree import ElementTree

import pytest
from django.test import RequestFactory

from sankul.core import charts
from sankul.core.charts import theme
from sankul.engines.pictures.look import LIGHT

SVG = "{http://www.w3.org/2000/svg}"


def make_ranks(**changes):
    about = {"title": "Ranks of 2025–26", "finding": "Aravalli leads.", "source": "Round 2025–26"}
    return charts.rank_intervals(
        [
            charts.Ranked("Thar", None),
            charts.Ranked("Deccan", 2, 1, 3),
            charts.Ranked("Aravalli", 1, 1, 2),
        ],
        **{**about, **changes},
    )


def make_charts():
    about = {"title": "A title", "finding": "A finding."}
    return [
        make_ranks(),
        charts.rank_acceptability({"Aravalli": [0.75, 0.25], "Deccan": [0.25, 0.75]}, **about),
        charts.contributions([charts.Contribution("Pilots", 3.5), charts.Contribution("Cost", -1)], **about),
        charts.strengths([charts.Strength("Pilots", 70, 50), charts.Strength("Patents", None, 20)],
                         unit_name="Aravalli", **about),
        charts.slopes([charts.Change("Aravalli", 50, 60), charts.Change("Thar", None, 40)],
                      before="2024", after="2025", highlight=["Aravalli"], **about),
        charts.score_intervals([charts.Scored("Aravalli", 60, 50, 65), charts.Scored("Deccan", 40)],
                               threshold=45, **about),
        charts.composition({"Aravalli": {"Pilots": 20, "Cost": 5}, "Deccan": {"Pilots": 10}}, **about),
        charts.weights(charts.Branch("Index", 1, (charts.Branch("Pilots", 0.6), charts.Branch(
            "Money", 0.4, (charts.Branch("Income", 0.3), charts.Branch("Cost", 0.1))))), **about),
        charts.sensitivity([charts.Factor("Weights", (0.2, 0.1, 0.3), (0.5, 0.4, 0.6)),
                            charts.Factor("Aggregation", None, None)], **about),
        charts.probabilities([charts.Likely("Aravalli", 0.25, 0.2, 0.3)], axis="Below 40", **about),
        charts.correlations(["Pilots", "Cost", "Income"], [
            charts.Correlation("Pilots", "Cost", 0.95, 8), charts.Correlation("Pilots", "Income", -0.6, 8),
            charts.Correlation("Cost", "Income", None, 2)], **about),
    ]  # fmt: skip


def words(drawing):
    root = ElementTree.fromstring(drawing)
    return [part.text for tag in ("text", "tspan") for part in root.iter(f"{SVG}{tag}")]


@pytest.mark.parametrize("chart", make_charts(), ids=lambda chart: chart.key)
def test_every_house_picture_is_accessible_svg_that_a_strict_policy_allows(chart):
    drawing = charts.svg(chart, "page", titled=False)
    root = ElementTree.fromstring(drawing)
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert (title.text, desc.text) == (chart.title, chart.finding)
    assert not re.search(r"\sstyle=|<style|<script|\son\w+=|href=", drawing)


@pytest.mark.parametrize("chart", make_charts(), ids=lambda chart: chart.key)
def test_a_picture_on_a_page_follows_the_page_colours(chart):
    colours = set(re.findall(r'(?:fill|stroke)="([^"]+)"', charts.svg(chart, "page", titled=False)))
    tokens = {colour for colour in colours if colour.startswith("var(--")}
    assert tokens
    assert colours - tokens <= {"none", "transparent"}


def test_ranks_stand_best_first_and_those_without_a_rank_last_and_named():
    chart = make_ranks()
    said = words(charts.svg(chart, titled=False))
    assert [row["name"] for row in chart.rows] == ["Aravalli", "Deccan", "Thar"]
    assert "not ranked: evidence missing" in said
    dots = charts.vega_lite(chart)["data"]["values"]
    assert [dot["name"] for dot in dots] == ["Aravalli", "Deccan"]


def test_a_picture_to_take_away_carries_title_finding_and_source():
    said = words(charts.svg(make_ranks()))
    assert {"Ranks of 2025–26", "Aravalli leads.", "Round 2025–26"} <= set(said)


def test_a_demonstration_picture_is_marked_in_every_form():
    chart = make_ranks(demonstration=True)
    assert "Demonstration" in words(charts.svg(chart, "page", titled=False))
    assert "Demonstration: fictional figures" in words(charts.svg(chart))
    assert "Demonstration: fictional figures" in charts.vega_lite(chart)["title"]["subtitle"]
    assert charts.csv(chart).splitlines()[1] == "Aravalli,1,1,2,Demonstration: fictional figures"
    assert "Demonstration" not in words(charts.svg(make_ranks()))


def test_the_numbers_behind_a_picture_are_exact_and_absence_is_empty():
    assert charts.csv(make_ranks()) == (
        "name,rank,low,high\r\nAravalli,1,1,2\r\nDeccan,2,1,3\r\nThar,,,\r\n"
    )


def test_a_png_has_the_size_of_its_drawing_times_the_scale():
    image = charts.png(make_ranks(), scale=2)
    assert image[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(image[16:20]) == 1440


def test_the_dark_picture_uses_no_light_paper_or_ink():
    drawn = charts.svg(make_ranks(), "dark")
    light, dark = theme.palette("light"), theme.palette("dark")
    assert dark["ink"] in drawn
    assert dark["accent"] in drawn
    assert light["ink"] not in drawn
    assert light["accent"] not in drawn


def test_both_themes_name_the_same_colours():
    assert theme.palette("light").keys() == theme.palette("dark").keys()


def test_pictures_are_drawn_in_the_colours_of_the_style_sheet():
    assert LIGHT.items() <= theme.palette("light").items()


@pytest.mark.parametrize("chart", make_charts(), ids=lambda chart: chart.key)
def test_a_picture_names_no_colour_but_those_that_follow_the_page(chart):
    assert set(re.findall(r"#[0-9a-f]{6}", json.dumps(chart.picture.spec))) <= set(LIGHT.values())


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "paper", "least"),
    [
        *((ink, paper, 4.5) for ink in ("ink", "ink-2", "accent") for paper in ("paper", "paper-2", "paper-3")),
        *((state, paper, 4.5) for state in ("good", "attention", "problem", "unknown", "demonstration")
          for paper in ("paper", f"{state}-soft")),
        ("on-accent", "accent", 4.5),
        ("on-accent", "accent-strong", 4.5),
        ("accent-strong", "accent-soft", 4.5),
        ("on-focus", "focus", 4.5),
        *(("on-heat-low", f"heat-{step}", 4.5) for step in range(1, 5)),
        *(("on-heat-high", f"heat-{step}", 4.5) for step in (5, 6)),
        ("line-strong", "paper", 3),
        *((f"series-{step}", "paper", 3) for step in (1, 2, 3)),
    ],
)  # fmt: skip
def test_colours_keep_the_contrast_of_wcag_aa(name, ink, paper, least):
    colours = theme.palette(name)
    assert contrast(colours[ink], colours[paper]) >= least


def test_a_key_that_cannot_stand_in_an_address_is_refused():
    with pytest.raises(ValueError, match="is no key"):
        make_ranks(key="Rank intervals")


@pytest.mark.parametrize(
    ("form", "kind"),
    [("svg", "image/svg+xml"), ("png", "image/png"), ("csv", "text/csv; charset=utf-8")],
)
def test_a_page_answers_for_the_downloads_of_its_pictures(form, kind):
    request = RequestFactory().get("/ranking/", {"picture": "rank-intervals", "as": form})
    response = charts.answer(request, [make_ranks(demonstration=True)])
    assert response.status_code == 200
    assert response["Content-Type"] == kind
    assert (
        response["Content-Disposition"]
        == f'attachment; filename="rank-intervals-demonstration.{form}"'
    )


def test_the_specification_is_a_download_too():
    request = RequestFactory().get("/", {"picture": "rank-intervals", "as": "json"})
    spec = json.loads(charts.answer(request, [make_ranks()]).content)
    assert spec["$schema"] == "https://vega.github.io/schema/vega-lite/v6.json"


def test_a_page_without_a_picture_asked_for_goes_on_and_an_unknown_one_is_named():
    pages = RequestFactory()
    assert charts.answer(pages.get("/"), [make_ranks()]) is None
    response = charts.answer(pages.get("/", {"picture": "pie"}), [make_ranks()])
    assert response.status_code == 404
    assert "rank-intervals" in response.content.decode()


def test_the_picture_on_a_page_has_its_finding_table_and_downloads():
    page = str(charts.Picture(make_ranks(), level=3))
    assert "<h3>Ranks of 2025–26</h3>" in page
    assert "Aravalli leads." in page
    assert page.count("<svg ") == 2
    assert '<a href="?picture=rank-intervals&amp;as=csv">CSV</a>' in page
    assert '<td class="num">not ranked</td>' in page


def test_the_table_of_a_picture_keeps_its_decimals_throughout():
    ranked = [charts.Ranked("Aravalli", 1, 1, 1.4), charts.Ranked("Deccan", 2, 1, 3)]
    page = str(charts.Picture(charts.rank_intervals(ranked, title="T", finding="F")))
    assert '<td class="num">1.40</td>' in page
    assert '<td class="num">3.00</td>' in page
    assert '<td class="num">2</td>' in page
