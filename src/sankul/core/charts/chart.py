"""A picture from one specification: on the page, to take away, and to play with."""

import csv as csv_module
import hashlib
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import vl_convert
from django.core.cache import cache
from django.utils.translation import gettext

from sankul.core.charts.theme import Theme, palette, recolour
from sankul.core.ui.tables import Column
from sankul.engines import pictures


@dataclass(frozen=True)
class Chart:
    """A picture, and what it says of itself on the site.

    ``key`` names it within its page (letters, digits and hyphens). ``title`` says what is drawn and
    ``finding`` in one sentence what it shows. ``picture`` is how it is drawn, with the numbers
    behind it. ``source`` says where they come from and as of when.
    """

    key: str
    title: str
    finding: str
    picture: pictures.Picture
    source: str = ""
    demonstration: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", self.key):
            raise ValueError(
                f"{self.key!r} is no key: lower-case letters, digits and single hyphens"
            )

    @property
    def columns(self) -> list[Column]:
        """The columns of its table."""
        return [Column(one.key, one.label, numeric=one.numeric) for one in self.picture.columns]

    @property
    def rows(self) -> Sequence[Mapping[str, Any]]:
        """The numbers behind it, by the keys of the columns."""
        return self.picture.rows


def demonstration_mark() -> str:
    """What stands on every picture and export of the demonstration programme."""
    return gettext("Demonstration: fictional figures")


def vega_lite(
    chart: Chart, *, width: int = pictures.WIDE, titled: bool = True, theme: Theme = "light"
) -> dict[str, Any]:
    """The whole Vega-Lite specification, complete with data, type and colours; ``width`` in pixels."""
    mark = [demonstration_mark()] if chart.demonstration else []
    below = [chart.finding, chart.source, *mark]
    title = chart.title if titled else ""
    whole = pictures.whole(chart.picture.spec, width=width, title=title, below=below)
    recoloured: dict[str, Any] = json.loads(recolour(json.dumps(whole), theme))
    return recoloured


def svg(
    chart: Chart, theme: Theme = "light", *, width: int = pictures.WIDE, titled: bool = True
) -> str:
    """The picture as SVG with title and description, and not one ``style`` attribute.

    ``theme`` "page" is for SVG within a page, whose colours then follow the page's.
    Drawn once and kept by what it shows.
    """
    spec = vega_lite(chart, width=width, titled=titled)
    drawn = cache.get_or_set(f"chart:{_digest(spec, chart)}", lambda: _draw(spec, chart), None)
    return recolour(str(drawn), theme)


def png(chart: Chart, *, theme: Theme = "light", scale: float = 2) -> bytes:
    """The picture as PNG on the theme's paper, ``scale`` image points to a pixel."""
    drawn = svg(chart, "dark" if theme == "dark" else "light")
    paper = palette("dark" if theme == "dark" else "light")["paper"]
    return pictures.to_png(pictures.backed(drawn, paper), scale=scale)


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
    mark = gettext("Demonstration") if chart.demonstration else ""
    return pictures.draw(spec, key=chart.key, title=chart.title, finding=chart.finding, mark=mark)
