"""Maps of places: where marks fall, which are gathered, and what the drawing says."""

import time
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sankul.engines.pictures import maps
from sankul.engines.pictures.maps import Box, Kind, Spot, View

SVG = "{http://www.w3.org/2000/svg}"
KINDS = {
    "fine": Kind("reporting", "good", "M0,0h16v16z"),
    "silent": Kind("silent", "problem", "M0,0h16v16h-16z"),
}
PUNE = Box(73.7, 18.4, 74.0, 18.6)


def drawn(spots: list[Spot], **more: object) -> ElementTree.Element:
    view = View.of(PUNE, 720, 460)
    inner = maps.place_map(spots, KINDS, view, zoom="/field/?box={box}&a=1", **more)  # type: ignore[arg-type]
    return ElementTree.fromstring(
        maps.framed(inner, view, key="map", title="Wells & more", finding="All report.")
    )


def test_a_view_shows_all_of_its_box_in_the_middle() -> None:
    view = View.of(PUNE, 720, 460, margin=20)
    x, y = view.at(np.array([73.7, 74.0, 73.85]), np.array([18.4, 18.6, 18.5]))
    assert y[:2] == pytest.approx([440, 20])
    assert x[2] == pytest.approx(360)
    assert 20 < x[0] < x[2] < x[1] < 700
    assert view.box.west < 73.7
    assert view.box.east > 74.0


def test_metres_to_a_pixel_are_those_of_the_ground() -> None:
    view = View.of(Box(73.0, 18.0, 74.0, 19.0), 720, 4000, margin=0)
    assert view.metres == pytest.approx(111_195 * np.cos(np.radians(18.5)) / 720, rel=1e-3)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(0, 720), st.floats(0, 460)), max_size=200))
def test_every_point_is_in_one_mark_and_no_two_marks_are_near(
    points: list[tuple[float, float]],
) -> None:
    x, y = np.array([p[0] for p in points]), np.array([p[1] for p in points])
    marks = maps.gathered(x, y, 26)
    assert sorted(int(m) for mark in marks for m in mark.members) == list(range(len(points)))
    for n, one in enumerate(marks):
        assert all(np.hypot(one.x - b.x, one.y - b.y) >= 26 - 1e-6 for b in marks[n + 1 :])


def test_a_place_is_a_link_with_its_name_and_state() -> None:
    root = drawn([Spot("Well 1", 73.8, 18.5, "silent", "/field/things/1/")])
    (link,) = root.findall(f"{SVG}a")
    assert (link.get("href"), link.get("aria-label")) == ("/field/things/1/", "Well 1: silent")


def test_near_places_are_one_mark_that_leads_nearer_and_says_the_worst() -> None:
    spots = [
        Spot("A", 73.8, 18.5, "fine"),
        Spot("B", 73.801, 18.501, "silent"),
        Spot("C", 73.8, 18.501, "fine"),
    ]
    (link,) = drawn(spots).findall(f"{SVG}a")
    assert link.get("aria-label") == "3 places: 2 reporting, 1 silent"
    assert link.get("href") == "/field/?box=73.80000,18.50000,73.80100,18.50100&a=1"
    assert link.findtext(f"{SVG}text") == "3"


def test_places_outside_the_view_are_not_drawn() -> None:
    assert drawn([Spot("Far", 80, 18.5, "fine", "/x/")]).findall(f"{SVG}a") == []


def test_outlines_are_drawn_where_they_are_seen() -> None:
    near, far = [[73.7, 18.4], [73.9, 18.6]], [[10, 10], [11, 11]]
    plain = len(drawn([]).findall(f"{SVG}path"))
    assert len(drawn([], outlines=[[near], [far]]).findall(f"{SVG}path")) == plain + 1


def test_two_thousand_places_are_drawn_within_a_second() -> None:
    rng = np.random.default_rng(7)
    spots = [
        Spot(f"W{n}", float(lon), float(lat), "fine", f"/{n}/")
        for n, (lon, lat) in enumerate(rng.uniform((73.7, 18.4), (74, 18.6), (2000, 2)))
    ]
    began = time.process_time()
    root = drawn(spots)
    assert time.process_time() - began < 1
    told = [int(link.findtext(f"{SVG}text") or 1) for link in root.findall(f"{SVG}a")]
    assert sum(told) == 2000


def test_a_drawing_has_no_style_and_escapes_names() -> None:
    view = View.of(PUNE, 328, 360)
    inner = maps.place_map([Spot('<b "x">', 73.8, 18.5, "fine", "/a?b=1&c=2")], KINDS, view)
    assert "style=" not in inner
    assert "&lt;b" in inner
    ElementTree.fromstring(maps.framed(inner, view, key="m", title="T", finding="F"))
