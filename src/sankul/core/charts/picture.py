"""The picture as part of a page, and the answers to its links."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from sankul.core import formats
from sankul.core.charts import chart as drawing
from sankul.core.charts.chart import Chart
from sankul.core.ui.base import Part
from sankul.core.ui.parts import Link
from sankul.core.ui.tables import Table, href_with
from sankul.engines.pictures import NARROW, WIDE

TYPES = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}


@dataclass(frozen=True)
class Picture(Part):
    """A chart on a page: title, finding, drawing, its table behind a disclosure, and its downloads.

    ``level`` is the rank of its heading. The page answers the download links by calling ``answer``. Of a long table the first
    ``most_rows`` are shown, and ``more`` leads to all. ``query`` is what of the page's address the downloads keep.
    """

    chart: Chart
    level: int = 2
    downloads: bool = True
    most_rows: int | None = None
    more: Link | None = None
    query: QueryDict = field(default_factory=QueryDict)

    template_name = "ui/picture.html"

    @property
    def heading(self) -> SafeString:
        """The heading element."""
        return mark_safe(f"h{int(self.level)}")  # noqa: S308

    def drawings(self) -> Iterator[tuple[str, SafeString]]:
        """The drawing for a wide and for a narrow page; the style sheet shows one."""
        for name, width in (("wide", WIDE), ("narrow", NARROW)):
            drawn = drawing.svg(self.chart, "page", width=width, titled=False)
            yield name, mark_safe(drawn)  # noqa: S308

    def href(self, form: str) -> str:
        """Where the picture is in a form."""
        return href_with(self.query, picture=self.chart.key, **{"as": form})

    def links(self) -> list[Link]:
        """The picture to take away, and to play with."""
        told = {"svg": "SVG", "png": "PNG", "csv": "CSV", "view": gettext("Interactive")}
        return [Link(label, self.href(form)) for form, label in told.items()]

    def table(self) -> Table:
        """The numbers of the picture, each column with as many decimals throughout."""
        chart = self.chart
        shown = [dict(row) for row in chart.rows[: self.most_rows]]
        for key in (column.key for column in chart.columns):
            places = formats.common_places(row[key] for row in shown if _is_number(row[key]))
            for row in shown:
                row[key] = self._cell(row[key], places)
        return Table(chart.title, chart.columns, shown, hide_caption=True)

    def _cell(self, value: Any, places: int) -> Any:
        if value is None:
            return self.chart.picture.absent or formats.NOT_RECORDED
        return formats.number(value, places) if _is_number(value) else value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal)


def answer(request: HttpRequest, charts: Sequence[Chart]) -> HttpResponse | None:
    """The answer to ``?picture=key&as=svg|png|csv|json|view``, or None when nothing such is asked.

    An unknown picture or form is a plain 404 in words.
    """
    key, form = request.GET.get("picture"), request.GET.get("as", "svg")
    if key is None:
        return None
    found = next((one for one in charts if one.key == key), None)
    if found is None or form not in {*TYPES, "view"}:
        known = ", ".join(one.key for one in charts)
        return HttpResponse(
            f"This page has the pictures {known}, each as svg, png, csv, json or view.",
            status=404, content_type="text/plain; charset=utf-8",
        )  # fmt: skip
    if form == "view":
        spec = drawing.vega(found)
        context = {"chart": found, "spec": spec, "back": request.path}
        if found.demonstration:
            context["is_demonstration"] = True
        return render(request, "core/picture.html", context)
    return _download(found, form)


def _download(chart: Chart, form: str) -> HttpResponse:
    if form == "json":
        return _attached(chart, form, drawing.vega_lite_json(chart))
    made: dict[str, Any] = {"svg": drawing.svg, "png": drawing.png, "csv": drawing.csv}
    return _attached(chart, form, made[form](chart))


def _attached(chart: Chart, form: str, content: str | bytes) -> HttpResponse:
    name = f"{chart.key}{'-demonstration' if chart.demonstration else ''}.{form}"
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(
        content, content_type=TYPES[form], headers={"Content-Disposition": disposition}
    )
