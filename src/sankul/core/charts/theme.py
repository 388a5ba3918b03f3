"""The colours of pictures on the site: read from the style sheet, so that page and picture agree.

Pictures are drawn in the light theme's colours (``sankul.engines.pictures.look``) and take the
page's, token by token, here.
"""

import re
from functools import cache
from pathlib import Path
from typing import Literal

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
