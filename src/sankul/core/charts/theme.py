"""The colours and type of pictures: read from the style sheet, so that page and picture agree."""

import re
from functools import cache
from pathlib import Path
from typing import Any, Literal

import vl_convert

from sankul.core.fonts import FAMILY, FOLDER

Theme = Literal["light", "dark", "page"]
STYLE_SHEET = Path(__file__).parents[1] / "static/core/css/colours.css"
_TOKEN = re.compile(r"--([a-z0-9-]+): (#[0-9a-f]{6});")
_HEX = re.compile(r"#[0-9a-f]{6}\b")


@cache
def palette(theme: Literal["light", "dark"]) -> dict[str, str]:
    """Each colour token of ``colours.css`` as ``#rrggbb``, in that theme."""
    light, _, dark = STYLE_SHEET.read_text().partition("@media screen and")
    return dict(_TOKEN.findall(light if theme == "light" else dark))


@cache
def _names() -> dict[str, str]:
    named = {colour: name for name, colour in palette("light").items()}
    if len(named) != len(palette("light")):
        raise ValueError(
            "two colour tokens of the light theme are the same; recolouring needs one name each"
        )
    return named


def recolour(drawing: str, theme: Theme) -> str:
    """A picture drawn in the light theme, in another one.

    ``page`` writes ``var(--token, #rrggbb)``, so that one inline drawing follows the reader's light
    or dark setting.
    """
    if theme == "light":
        return drawing
    return _HEX.sub(lambda found: _colour(found[0], theme), drawing)


def _colour(colour: str, theme: Theme) -> str:
    name = _names().get(colour)
    if name is None:
        return colour
    return f"var(--{name}, {colour})" if theme == "page" else palette("dark")[name]


@cache
def register_font() -> None:
    """Let the renderer draw and measure with the site's font."""
    vl_convert.register_font_directory(str(FOLDER))


@cache
def config() -> dict[str, Any]:
    """The Vega-Lite configuration of every picture: quiet axes, direct labels, Indian digit groups."""
    colour = palette("light")
    return {
        "background": None,
        "font": FAMILY,
        "padding": {"left": 2, "right": 8, "top": 4, "bottom": 4},
        "locale": {"number": vl_convert.get_format_locale("en-IN")},
        "view": {"stroke": None},
        "title": {
            "anchor": "start", "frame": "bounds", "font": FAMILY, "fontSize": 17,
            "fontWeight": 600, "color": colour["ink"], "offset": 14,
            "subtitleFont": FAMILY, "subtitleFontSize": 13, "subtitleColor": colour["ink-2"],
            "subtitlePadding": 4, "subtitleLineHeight": 18,
        },
        "axis": {
            "labelFont": FAMILY, "labelFontSize": 13, "labelColor": colour["ink-2"],
            "titleFont": FAMILY, "titleFontSize": 13, "titleFontWeight": 400,
            "titleColor": colour["ink-2"], "titlePadding": 8, "domain": False, "ticks": False,
            "gridColor": colour["paper-3"], "labelPadding": 6,
        },
        "axisY": {
            "labelColor": colour["ink"], "labelLimit": 260, "labelLineHeight": 14, "grid": False,
        },
        "legend": {
            "orient": "top", "direction": "horizontal", "title": None, "labelFont": FAMILY,
            "labelFontSize": 13, "labelColor": colour["ink-2"], "labelLimit": 260, "offset": 6,
        },
        "text": {"font": FAMILY, "fontSize": 13, "color": colour["ink"]},
        "range": {"category": [colour[f"series-{n}"] for n in range(1, 7)]},
    }  # fmt: skip
