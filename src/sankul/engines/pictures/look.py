"""Type and colours of pictures: the tokens of the interface's light theme, and quiet axes."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

import fontpkg_mukta  # type: ignore[import-untyped]

FONT: Final[str] = fontpkg_mukta.FAMILY
FONT_FOLDER: Final = Path(fontpkg_mukta.ROOT) / "files"
"""The font's files; it has Latin and Devanagari letters (Mukta, SIL Open Font License)."""

LIGHT: Final[dict[str, str]] = {
    "paper": "#ffffff",
    "paper-3": "#ebedf0",
    "line": "#d5d9df",
    "line-strong": "#79828f",
    "ink": "#171b21",
    "ink-2": "#4b5563",
    "accent": "#005f86",
    "accent-strong": "#00425e",
    "attention": "#8a5300",
    "attention-soft": "#fdf1dc",
    "good": "#176b3a",
    "problem": "#b3261e",
    "unknown": "#5a6472",
    "demonstration": "#5b3a8e",
    "series-1": "#0072b2",
    "series-2": "#d55e00",
    "series-3": "#009e73",
    "series-4": "#cc79a7",
    "series-5": "#e69f00",
    "series-6": "#56b4e9",
    "heat-1": "#f1f5f8",
    "heat-2": "#cfe3ee",
    "heat-3": "#9cc8de",
    "heat-4": "#5aa3c5",
    "heat-5": "#1f7aa6",
    "heat-6": "#004d73",
    "on-heat-low": "#181c22",
    "on-heat-high": "#fffffe",
}
"""Colours by token. A test beside the interface's style sheet holds them to it, whose dark theme
takes their place token by token."""


@cache
def register_font() -> None:
    """Let the renderer draw and measure with the font."""
    import vl_convert  # noqa: PLC0415 (slow to import)

    vl_convert.register_font_directory(str(FONT_FOLDER))


@cache
def config() -> dict[str, Any]:
    """The Vega-Lite configuration of every picture: quiet axes, direct labels, Indian digit groups."""
    import vl_convert  # noqa: PLC0415 (slow to import)

    return {
        "background": None,
        "font": FONT,
        "padding": {"left": 2, "right": 8, "top": 4, "bottom": 4},
        "locale": {"number": vl_convert.get_format_locale("en-IN")},
        "view": {"stroke": None},
        "title": {
            "anchor": "start", "frame": "bounds", "font": FONT, "fontSize": 17,
            "fontWeight": 600, "color": LIGHT["ink"], "offset": 14,
            "subtitleFont": FONT, "subtitleFontSize": 13, "subtitleColor": LIGHT["ink-2"],
            "subtitlePadding": 4, "subtitleLineHeight": 18,
        },
        "axis": {
            "labelFont": FONT, "labelFontSize": 13, "labelColor": LIGHT["ink-2"],
            "titleFont": FONT, "titleFontSize": 13, "titleFontWeight": 400,
            "titleColor": LIGHT["ink-2"], "titlePadding": 8, "domain": False, "ticks": False,
            "gridColor": LIGHT["paper-3"], "labelPadding": 6,
        },
        "axisY": {
            "labelColor": LIGHT["ink"], "labelLimit": 260, "labelLineHeight": 14, "grid": False,
        },
        "legend": {
            "orient": "top", "direction": "horizontal", "title": None, "labelFont": FONT,
            "labelFontSize": 13, "labelColor": LIGHT["ink-2"], "labelLimit": 260, "offset": 6,
        },
        "text": {"font": FONT, "fontSize": 13, "color": LIGHT["ink"]},
        "range": {"category": [LIGHT[f"series-{n}"] for n in range(1, 7)]},
    }  # fmt: skip
