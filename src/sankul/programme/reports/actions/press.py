"""Chapters typeset as a tagged PDF (PDF/UA-1), by Typst, with the site's own fonts."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import typst
from django.utils.translation import gettext as _

from sankul.core import charts, formats
from sankul.core.charts import Chart
from sankul.engines import pictures
from sankul.engines.pictures.look import FONT_FOLDER

from .chapters import Chapter, Glance, Grid, Part

STANDARD: Final = "ua-1"
DRAWN_AS_LINES = frozenset({"en"})
POINTS = 3
"""Image points to a pixel of the picture: about 280 to the inch in print."""
Progress = Callable[[int], None]


def pdf(
    *,
    title: str,
    chapters: Sequence[Chapter],
    language: str,
    mark: str,
    at: datetime,
    progress: Progress | None = None,
) -> bytes:
    """The PDF; ``mark`` stands on every page, ``progress`` is told of each chapter whose pictures are drawn.

    The same bytes for the same chapters, moment and versions: the moment is that of the report, not of typesetting.
    """
    with tempfile.TemporaryDirectory(prefix="sankul-") as name:
        folder = Path(name)
        shown = []
        for chapter in chapters:
            shown.append(_shown(chapter, folder, language))
            if progress is not None:
                progress(1)
        data = {
            "title": title,
            "language": language,
            "mark": mark,
            "made": _("Made %s") % formats.day(at),
            "contents": _("Contents"),
            "chapters": shown,
        }
        return _typeset(folder, data, at)


def _typeset(folder: Path, data: dict[str, Any], at: datetime) -> bytes:
    source = folder / "annual.typ"
    source.write_bytes(files(__package__).joinpath("annual.typ").read_bytes())
    compiler = typst.Compiler(
        str(source), root=str(folder), font_paths=[str(FONT_FOLDER)], ignore_system_fonts=True
    )
    made = compiler.compile(
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        pdf_standards=[STANDARD],
        timestamp=int(at.timestamp()),
    )
    if not isinstance(made, bytes):
        raise TypeError("a report is one file")
    return made


def _shown(chapter: Chapter, folder: Path, language: str) -> dict[str, Any]:
    parts = [_part(part, folder, language) for part in chapter.parts]
    return {"title": chapter.title, "level": chapter.level, "parts": parts}


def _drawn(chart: Chart, folder: Path, language: str) -> str:
    """The name of the picture's file: lines where its script allows, else a fine grid of points.

    The typesetter cannot say which letters the marks of Devanagari inside a drawing belong to, which PDF/UA requires.
    """
    if language in DRAWN_AS_LINES:
        name = f"{chart.key}.svg"
        (folder / name).write_text(charts.svg(chart, titled=False), encoding="utf-8")
        return name
    name = f"{chart.key}.png"
    svg = pictures.backed(charts.svg(chart, titled=False), charts.palette("light")["paper"])
    (folder / name).write_bytes(pictures.to_png(svg, scale=POINTS))
    return name


def _part(part: Part, folder: Path, language: str) -> dict[str, Any]:
    match part:
        case str():
            return {"is": "text", "text": part}
        case Glance():
            return {"is": "glance", "figures": [list(pair) for pair in part.figures]}
        case Grid():
            return {
                "is": "table",
                "caption": part.caption,
                "head": list(part.head),
                "rows": [list(row) for row in part.rows],
                "figures": list(part.figures),
            }
        case Chart():
            return {
                "is": "picture",
                "file": _drawn(part, folder, language),
                "title": part.title,
                "finding": part.finding,
                "source": part.source,
            }
