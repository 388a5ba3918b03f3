"""From a specification to SVG and PNG, by a renderer that needs no browser.

What comes out uses presentation attributes only, so that it may stand in a page whose policy
forbids ``style`` attributes and scripts.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from html import escape
from textwrap import wrap
from typing import Any, Final

from .lines import folded, most_lines, names
from .look import FONT, LIGHT, config, register_font
from .picture import Picture, Spec

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"
WIDE: Final = 720
NARROW: Final = 328
MANY: Final = 45
"""Names beyond which each keeps to one line in a wide picture, cut short where it is too long."""
_WIDTH = re.compile(r'width="(\d+(?:\.\d+)?)" height="(\d+(?:\.\d+)?)"')


def whole(
    spec: Mapping[str, Any], *, width: int = WIDE, title: str = "", below: Sequence[str] = ()
) -> Spec:
    """The whole Vega-Lite specification: with type and colours, ``width`` pixels wide.

    Long names break into lines, unless there are many of them. With a ``title`` it stands above the picture, the texts ``below``
    it under that.
    """
    line = 19 if width <= NARROW else 34 if names(spec) <= MANY else 1000
    made: Spec = folded(spec, line)
    made["height"] = _height(made.get("height"), most_lines(made))
    fitted = {"type": "fit-x", "contains": "padding"}
    made = {"$schema": SCHEMA, "config": config(), **made, "width": width, "autosize": fitted}
    if title:
        lines = [line for text in below for line in wrap(text, width // 7)]
        made["title"] = {"text": wrap(title, width // 9), "subtitle": lines}
    return made


def _height(asked: Any, lines: int) -> Any:
    """The height asked for, each row tall enough for the lines of the tallest name."""
    if not isinstance(asked, Mapping):
        return asked
    step = asked["step"]
    if "rows" in asked:
        return asked["rows"] * (step + 14 * (lines - 1))
    return {"step": max(step, 14 * lines + 12) if lines > 1 else step}


def svg(picture: Picture, title: str, finding: str, *, width: int = WIDE) -> str:
    """The picture as SVG that carries ``title`` and ``finding`` as its title and description."""
    return draw(whole(picture.spec, width=width), key=picture.key, title=title, finding=finding)


def draw(spec: Spec, *, key: str, title: str, finding: str, mark: str = "") -> str:
    """The SVG of a whole specification, with title and description and not one ``style`` attribute.

    ``mark`` is written faintly across it.
    """
    import vl_convert  # noqa: PLC0415 (slow to import)

    register_font()
    plain: str = vl_convert.vegalite_to_svg(spec)
    drawn = _trimmed(_watermarked(plain, mark) if mark else plain)
    tag = f"{key}-{hashlib.sha256(drawn.encode()).hexdigest()[:8]}"
    head = f'<svg role="img" aria-labelledby="{tag}-t {tag}-d" '
    names = (
        f'<title id="{tag}-t">{escape(title)}</title><desc id="{tag}-d">{escape(finding)}</desc>'
    )
    return re.sub(r"<svg ([^>]*)>", lambda root: f"{head}{root[1]}>{names}", drawn, count=1)


def to_png(drawn: str, *, scale: float = 2) -> bytes:
    """An SVG as PNG, ``scale`` image points to a pixel."""
    import vl_convert  # noqa: PLC0415 (slow to import)

    register_font()
    image: bytes = vl_convert.svg_to_png(drawn, scale=scale)
    return image


def backed(drawn: str, paper: str) -> str:
    """An SVG on a ground of the colour ``paper``."""
    ground = f'<rect width="100%" height="100%" fill="{paper}"/>'
    return re.sub(r"(<svg [^>]*>)", rf"\1{ground}", drawn, count=1)


def _trimmed(drawn: str) -> str:
    drawn = re.sub(r' (?:opacity="1"|class="[^"]*"|pointer-events="none")', "", drawn)
    drawn = re.sub(
        r'<path (?:aria-hidden="true" )?d="(?:M0,0h0v0h0Z)?"(?: display="none")?/>', "", drawn
    )
    return re.sub(r' (?:xmlns:xlink|version|role|aria-[a-z]+)="[^"]*"', "", drawn)


def _watermarked(drawn: str, mark: str) -> str:
    size = _WIDTH.search(drawn)
    if size is None:
        raise ValueError("the drawing has no size")
    x, y = float(size[1]) / 2, float(size[2]) / 2
    text = (
        f'<text x="{x}" y="{y}" text-anchor="middle" font-family="{FONT}" font-weight="600" '
        f'font-size="{min(44, float(size[1]) / 10):g}" fill="{LIGHT["demonstration"]}" '
        f'fill-opacity="0.1" transform="rotate(-14 {x} {y})">{escape(mark)}</text>'
    )
    return re.sub(r"(<svg [^>]*>)", rf"\1{text}", drawn, count=1)
