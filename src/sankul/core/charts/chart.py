"""A picture from one specification: on the page, to take away, and to play with."""

import csv as csv_module
import hashlib
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import vl_convert
from django.core.cache import cache
from django.utils.html import escape
from django.utils.translation import gettext

from sankul.core.charts.lines import folded, most_lines
from sankul.core.charts.theme import Theme, config, palette, recolour, register_font
from sankul.core.ui.tables import Column

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
WIDE, NARROW = 720, 328
_WIDTH = re.compile(r'width="(\d+(?:\.\d+)?)" height="(\d+(?:\.\d+)?)"')


@dataclass(frozen=True)
class Chart:
    """A picture: what it is, what it shows, how it is drawn, and the numbers behind it.

    ``key`` names it within its page (letters, digits and hyphens). ``title`` says what is drawn and
    ``finding`` in one sentence what it shows. ``spec`` is a Vega-Lite view (a single view or layers)
    without width, colours being those of ``theme.palette("light")``. ``columns`` and ``rows`` are
    the numbers as a table, ``absent`` being what None means there. ``source`` says where they come
    from and as of when.
    """

    key: str
    title: str
    finding: str
    spec: Mapping[str, Any]
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]
    source: str = ""
    demonstration: bool = False
    absent: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", self.key):
            raise ValueError(
                f"{self.key!r} is no key: lower-case letters, digits and single hyphens"
            )


def demonstration_mark() -> str:
    """What stands on every picture and export of the demonstration programme."""
    return gettext("Demonstration: fictional figures")


def vega_lite(
    chart: Chart, *, width: int = WIDE, titled: bool = True, theme: Theme = "light"
) -> dict[str, Any]:
    """The whole Vega-Lite specification, complete with data, type and colours; ``width`` in pixels."""
    spec = folded(chart.spec, 34 if width > NARROW else 19)
    lines = most_lines(spec)
    if lines > 1 and "step" in str(spec.get("height")):
        spec["height"] = {"step": 14 * lines + 12}
    whole = {
        "$schema": SCHEMA,
        "config": config(),
        **spec,
        "width": width,
        "autosize": {"type": "fit-x", "contains": "padding"},
    }
    if titled:
        whole["title"] = {"text": wrap(chart.title, width // 9), "subtitle": _below(chart, width)}
    recoloured: dict[str, Any] = json.loads(recolour(json.dumps(whole), theme))
    return recoloured


def _below(chart: Chart, width: int) -> list[str]:
    mark = [demonstration_mark()] if chart.demonstration else []
    source = wrap(chart.source, width // 7)
    return [*wrap(chart.finding, width // 7), *source, *mark]


def svg(chart: Chart, theme: Theme = "light", *, width: int = WIDE, titled: bool = True) -> str:
    """The picture as SVG with title and description, and not one ``style`` attribute.

    ``theme`` "page" is for SVG within a page, whose colours then follow the page's.
    Drawn once and kept by what it shows.
    """
    spec = vega_lite(chart, width=width, titled=titled)
    drawn = cache.get_or_set(f"chart:{_digest(spec, chart)}", lambda: _draw(spec, chart), None)
    return recolour(str(drawn), theme)


def png(chart: Chart, *, theme: Theme = "light", scale: float = 2) -> bytes:
    """The picture as PNG on the theme's paper, ``scale`` image points to a pixel."""
    register_font()
    chosen: Theme = "dark" if theme == "dark" else "light"
    drawn = svg(chart, chosen)
    paper = palette("dark" if theme == "dark" else "light")["paper"]
    backed = re.sub(
        r"(<svg [^>]*>)", rf'\1<rect width="100%" height="100%" fill="{paper}"/>', drawn, count=1
    )
    image: bytes = vl_convert.svg_to_png(backed, scale=scale)
    return image


def vega(chart: Chart) -> dict[str, Any]:
    """The compiled Vega specification for the interactive view, in the colours of the page."""
    spec = vega_lite(chart, titled=False, theme="page")
    compiled: dict[str, Any] = vl_convert.vegalite_to_vega(spec)
    return compiled


def vega_lite_json(chart: Chart) -> str:
    """The specification as a file, to draw it elsewhere."""
    return json.dumps(vega_lite(chart), ensure_ascii=False, indent=1)


def csv(chart: Chart) -> str:
    """The numbers as comma-separated values under the columns' keys; RFC 4180 line ends."""
    out = io.StringIO()
    writer = csv_module.writer(out)
    keys = [column.key for column in chart.columns]
    marks = [demonstration_mark()] if chart.demonstration else []
    writer.writerow([*keys, "note"] if marks else keys)
    writer.writerows([*(row[key] for key in keys), *marks] for row in chart.rows)
    return out.getvalue()


def _digest(spec: Mapping[str, Any], chart: Chart) -> str:
    whole = [spec, chart.title, chart.finding, chart.demonstration, vl_convert.get_vega_version()]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


def _draw(spec: dict[str, Any], chart: Chart) -> str:
    register_font()
    plain: str = vl_convert.vegalite_to_svg(spec)
    marked = _watermarked(plain) if chart.demonstration else plain
    return _named(_trimmed(marked), chart)


def _trimmed(drawn: str) -> str:
    drawn = re.sub(r' (?:opacity="1"|class="[^"]*"|pointer-events="none")', "", drawn)
    drawn = re.sub(
        r'<path (?:aria-hidden="true" )?d="(?:M0,0h0v0h0Z)?"(?: display="none")?/>', "", drawn
    )
    return re.sub(r' (?:xmlns:xlink|version|role|aria-[a-z]+)="[^"]*"', "", drawn)


def _named(drawn: str, chart: Chart) -> str:
    tag = f"{chart.key}-{hashlib.sha256(drawn.encode()).hexdigest()[:8]}"
    head = f'<svg role="img" aria-labelledby="{tag}-t {tag}-d" '
    names = (
        f'<title id="{tag}-t">{escape(chart.title)}</title>'
        f'<desc id="{tag}-d">{escape(chart.finding)}</desc>'
    )
    return re.sub(r"<svg ([^>]*)>", lambda root: f"{head}{root[1]}>{names}", drawn, count=1)


def _watermarked(drawn: str) -> str:
    size = _WIDTH.search(drawn)
    if size is None:
        raise ValueError("the drawing has no size")
    x, y = float(size[1]) / 2, float(size[2]) / 2
    mark = (
        f'<text x="{x}" y="{y}" text-anchor="middle" font-family="Mukta" font-weight="600" '
        f'font-size="{min(44, float(size[1]) / 10):g}" fill="{palette("light")["demonstration"]}" '
        f'fill-opacity="0.1" transform="rotate(-14 {x} {y})">{escape(gettext("Demonstration"))}</text>'
    )
    return re.sub(r"(<svg [^>]*>)", rf"\1{mark}", drawn, count=1)
