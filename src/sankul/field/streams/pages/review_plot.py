"""The plot that flags are said on: a line, marks of flags, bands of proposals, with the times that a drag over it means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from sankul.core import formats
from sankul.core.ui.base import Part
from sankul.field.streams.rules import Flag
from sankul.field.streams.rules.numbers import micros, moment
from sankul.field.streams.rules.reduction import kept
from sankul.field.streams.rules.rows import Rows
from sankul.field.streams.rules.windows import Window

from .shown import number

WIDE, NARROW, HIGH = 1000, 340, 300
LEFT, RIGHT, TOP, BOTTOM = 64, 12, 12, 30
MOST_MARKS = 500
MARKED = (Flag.SUSPECT, Flag.FAIL)
STEPS = tuple(
    timedelta(seconds=seconds)
    for seconds in (
        1, 5, 15, 30, 60, 300, 900, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 172_800, 345_600, 604_800, 1_209_600,
        2_592_000, 7_776_000, 15_552_000, 31_536_000,
    )
)  # fmt: skip


@dataclass(frozen=True)
class Band:
    """A stretch that is proposed, both ends included, and what for."""

    first: datetime
    last: datetime
    label: str


@dataclass(frozen=True)
class ReviewPlot(Part):
    """Values of one stream in a window, at most 2,000 points and 500 marks; ``unit`` stands at the axis."""

    title: str
    unit: str
    window: Window
    rows: Rows
    bands: Sequence[Band] = ()
    wide: int = WIDE

    template_name = "streams/review_plot.html"

    @property
    def sizes(self) -> list[tuple[str, ReviewPlot]]:
        """The same for a wide and for a narrow page; the style sheet shows one."""
        return [("wide", self), ("narrow", replace(self, wide=NARROW))]

    @property
    def view_box(self) -> str:
        """The plane of the drawing."""
        return f"0 0 {self.wide} {HIGH}"

    @property
    def plane(self) -> dict[str, str]:
        """What a script needs to read times off the drawing: where its time axis begins and ends, and when that is."""
        return {
            "left": str(LEFT),
            "right": str(self.wide - RIGHT),
            "wide": str(self.wide),
            "since": str(micros(self.window.since) // 1000),
            "until": str(micros(self.window.until) // 1000),
            "offset": str(_offset_minutes(self.window.since)),
        }

    @property
    def finding(self) -> str:
        """What the drawing shows, in a sentence."""
        flagged = int(np.isin(self.rows.flags, MARKED).sum())
        told = _("%(n)d observations, of which %(flagged)d are suspect or failed.")
        return told % {"n": len(self.rows.ids), "flagged": flagged}

    def drawing(self) -> SafeString:
        """Everything within the frame."""
        low, high = self._extent()
        parts = [
            self._bands(),
            self._levels(low, high),
            self._moments(),
            self._line(low, high),
            self._marks(low, high),
        ]
        return format_html_join("", "{}", ((part,) for part in parts))

    def _extent(self) -> tuple[float, float]:
        values = self.rows.values[np.isfinite(self.rows.values)]
        if not len(values):
            return 0.0, 1.0
        low, high = float(values.min()), float(values.max())
        room = (high - low) * 0.05 or abs(high) * 0.05 or 1.0
        return low - room, high + room

    def _x(self, time_us: NDArray[np.int64]) -> NDArray[np.float64]:
        since, until = micros(self.window.since), micros(self.window.until)
        share = (time_us - since) / (until - since)
        found: NDArray[np.float64] = LEFT + share * (self.wide - LEFT - RIGHT)
        return found

    def _y(self, values: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
        share = (values - low) / (high - low)
        found: NDArray[np.float64] = HIGH - BOTTOM - share * (HIGH - TOP - BOTTOM)
        return found

    def _line(self, low: float, high: float) -> SafeString:
        chosen = kept(self.rows.values)
        x, y = (
            self._x(self.rows.time_us[chosen]),
            self._y(self.rows.values[chosen], low, high),
        )
        return format_html('<path class="review__line" d="{}"/>', _path(x, y))

    def _marks(self, low: float, high: float) -> SafeString:
        drawn = [self._marks_of(flag, low, high) for flag in MARKED]
        return format_html_join("", "{}", ((one,) for one in drawn))

    def _marks_of(self, flag: Flag, low: float, high: float) -> SafeString:
        found = np.flatnonzero((self.rows.flags == int(flag)) & np.isfinite(self.rows.values))
        if len(found) > MOST_MARKS:
            found = found[kept(self.rows.values[found], MOST_MARKS)]
        x, y = (
            self._x(self.rows.time_us[found]),
            self._y(self.rows.values[found], low, high),
        )
        shape = "M{:.1f} {:.1f}m-4 4l4-8 4 8z" if flag == Flag.SUSPECT else CROSS
        drawn = "".join(shape.format(*pair) for pair in zip(x, y, strict=True))
        return format_html('<path class="review__mark review__mark--{}" d="{}"/>', int(flag), drawn)

    def _bands(self) -> SafeString:
        return format_html_join("", "{}", ((self._band(one),) for one in self.bands))

    def _band(self, band: Band) -> SafeString:
        ends = np.array([micros(band.first), micros(band.last)])
        first, last = np.clip(self._x(ends), LEFT, self.wide - RIGHT)
        return format_html(
            '<rect class="review__band" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>',
            f"{first - 1:.1f}", TOP, f"{last - first + 2:.1f}", HIGH - TOP - BOTTOM, band.label,
        )  # fmt: skip

    def _levels(self, low: float, high: float) -> SafeString:
        return format_html_join(
            "",
            '<path class="review__grid" d="M{} {}H{}"/>'
            '<text class="review__tick" x="{}" y="{}" text-anchor="end">{}</text>',
            (
                (LEFT, f"{y:.1f}", self.wide - RIGHT, LEFT - 6, f"{y + 4:.1f}", number(level))
                for level in _nice(low, high)
                for y in self._y(np.array([level]), low, high)
            ),
        )

    def _moments(self) -> SafeString:
        return format_html_join(
            "",
            '<text class="review__tick" x="{}" y="{}" text-anchor="middle">{}</text>',
            (
                (f"{self._x(np.array([micros(one)]))[0]:.1f}", HIGH - 10, label)
                for one, label in _ticks(self.window, 6 if self.wide == WIDE else 3)
            ),
        )


CROSS = "M{:.1f} {:.1f}m-4-4l8 8m0-8l-8 8"


def _path(x: NDArray[np.float64], y: NDArray[np.float64]) -> str:
    """The line through points; a missing value breaks it."""
    said, pen = [], "M"
    for at, height in zip(x.tolist(), y.tolist(), strict=True):
        if np.isnan(height):
            pen = "M"
            continue
        said.append(f"{pen}{at:.1f} {height:.1f}")
        pen = "L"
    return "".join(said)


def _nice(low: float, high: float) -> Iterable[float]:
    """About five round levels within an extent."""
    rough = (high - low) / 5
    size = 10.0 ** np.floor(np.log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough)
    return [float(at * step) for at in range(int(np.ceil(low / step)), int(high // step) + 1)]


def _ticks(window: Window, most: int) -> list[tuple[datetime, str]]:
    """About so many round times within a window, as clocks of the page show them, and what is written there."""
    step = next((one for one in STEPS if one * most >= window.length), STEPS[-1])
    offset = timedelta(minutes=_offset_minutes(window.since))
    size, shift = step // timedelta(microseconds=1), offset // timedelta(microseconds=1)
    first = -(-(micros(window.since) + shift) // size) * size - shift
    times = [moment(us) for us in range(first, micros(window.until), size)]
    form = "j M Y" if step >= timedelta(days=60) else "j M"
    clock = "%H:%M:%S" if step < timedelta(minutes=1) else "%H:%M"
    shown = []
    for one in times:
        here = timezone.localtime(one)
        whole = here.hour == here.minute == here.second == 0
        shown.append(
            (one, formats.written(here, form) if whole or step.days else f"{here:{clock}}")
        )
    return shown


def _offset_minutes(at: datetime) -> int:
    found = timezone.localtime(at).utcoffset()
    return int(found.total_seconds() // 60) if found else 0
