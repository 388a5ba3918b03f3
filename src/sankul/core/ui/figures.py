"""Figures, money, days and states: the small parts that stand in sentences and cells.

They are drawn by ``format_html`` and not by templates, because a table holds hundreds of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sankul.core import formats
from sankul.core.formats import Number
from sankul.core.ui.base import Part, Text


class Absence(StrEnum):
    """Why there is no figure. These and the figure zero never stand for one another."""

    MISSING = "missing"
    UNCOMPUTABLE = "uncomputable"
    SUPPRESSED = "suppressed"


ABSENCES: dict[Absence, Text] = {
    Absence.MISSING: _("evidence missing"),
    Absence.UNCOMPUTABLE: _("not computable"),
    Absence.SUPPRESSED: _("suppressed (fewer than 5)"),
}


class Tone(StrEnum):
    """The four states a thing can be in; each has a shape and a word, never a hue alone."""

    GOOD = "good"
    ATTENTION = "attention"
    PROBLEM = "problem"
    UNKNOWN = "unknown"


TONES: dict[Tone, Text] = {
    Tone.GOOD: _("good"),
    Tone.ATTENTION: _("needs attention"),
    Tone.PROBLEM: _("problem"),
    Tone.UNKNOWN: _("unknown"),
}

SHAPES = {
    Tone.GOOD: "M6.2 13.4 1 8.2l2-2 3.2 3.2L13 2.6l2 2z",
    Tone.ATTENTION: "M8 1 15.5 15h-15zM7 6v4h2V6zM7 11.5v2h2v-2z",
    Tone.PROBLEM: "M5 .5h6L15.5 5v6L11 15.5H5L.5 11V5zM4 5.4 6.6 8 4 10.6 5.4 12 8 9.4l2.6 2.6 "
    "1.4-1.4L9.4 8 12 5.4 10.6 4 8 6.6 5.4 4z",
    Tone.UNKNOWN: "M8 .5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15zM8 3a5 5 0 1 1 0 10A5 5 0 0 1 8 3z",
}


@cache
def icon(tone: Tone | str) -> SafeString:
    """The shape of a state, hidden from screen readers because the word stands beside it."""
    return format_html(
        '<svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" focusable="false">'
        '<path fill="currentColor" fill-rule="evenodd" d="{}"/></svg>',
        SHAPES[Tone(tone)],
    )


@dataclass(frozen=True)
class State(Part):
    """A state as shape and word. ``label`` says it in the words of the thing at hand."""

    tone: Tone | str
    label: Text = ""

    def __str__(self) -> SafeString:
        tone = Tone(self.tone)
        return format_html(
            '<span class="state state--{}">{}{}</span>', tone, icon(tone), self.label or TONES[tone]
        )


@dataclass(frozen=True)
class Money(Part):
    """Rupees in lakh or crore; the exact amount on hover and for machines."""

    amount: Decimal | int | None

    def __str__(self) -> SafeString:
        if self.amount is None:
            return format_html('<span class="muted">{}</span>', formats.NOT_RECORDED)
        return format_html(
            '<data class="figure" value="{}" title="{}">{}</data>',
            self.amount,
            formats.inr_exact(self.amount),
            formats.inr(self.amount),
        )


@dataclass(frozen=True)
class Day(Part):
    """A date as 22 Nov 2026."""

    value: date | datetime | None

    def __str__(self) -> SafeString:
        if self.value is None:
            return format_html('<span class="muted">{}</span>', formats.NOT_RECORDED)
        return format_html(
            '<time class="nowrap" datetime="{}">{}</time>',
            _stamp(self.value),
            formats.day(self.value),
        )


@dataclass(frozen=True)
class Moment(Part):
    """A date and time in the site's zone; UTC stays in ``datetime``."""

    value: datetime | None

    def __str__(self) -> SafeString:
        if self.value is None:
            return format_html('<span class="muted">{}</span>', formats.NOT_RECORDED)
        return format_html(
            '<time class="nowrap" datetime="{}">{}</time>',
            _stamp(self.value),
            formats.moment(self.value),
        )


def _stamp(value: date | datetime) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat()


@dataclass(frozen=True)
class Figure(Part):
    """A published number, and the door to how it came about.

    ``value`` is the number, or None with ``absent`` saying why. ``href`` opens the explanation;
    ``name`` says to a screen reader what the link opens. ``low`` and ``high`` bound the interval,
    ``coverage`` is the share (0 to 1) of the evidence asked for that is there, ``as_of`` how fresh
    it is. ``text`` replaces the printed form (for money, say), the number staying in ``<data>``.
    """

    value: Number | None
    href: str = ""
    unit: Text = ""
    places: int | None = None
    low: Number | None = None
    high: Number | None = None
    coverage: Number | None = None
    as_of: date | datetime | None = None
    absent: Absence | str = ""
    name: Text = ""
    text: Text = ""
    large: bool = False

    def __post_init__(self) -> None:
        if (self.value is None) != bool(self.absent):
            raise ValueError("a figure has either a value or the reason why it has none")

    def __str__(self) -> SafeString:
        inner = self._absent() if self.value is None else self._present()
        classes = "figure figure--large" if self.large and self.value is not None else "figure"
        if not self.href:
            return format_html('<span class="{}">{}</span>{}', classes, inner, self._notes())
        return format_html(
            '<a class="{}" href="{}">{}{}</a>{}',
            classes, self.href, self._name(), inner, self._notes(),
        )  # fmt: skip

    def _name(self) -> SafeString:
        if not self.name:
            return mark_safe("")
        return format_html('<span class="visually-hidden">{}: </span>', self.name)

    def _absent(self) -> SafeString:
        why = Absence(self.absent)
        return format_html('<span class="absent absent--{}">{}</span>', why, ABSENCES[why])

    def _present(self) -> SafeString:
        shown: str | Promise = self.text or formats.number(self.value, self.places)
        unit = format_html(' <span class="figure__unit">{}</span>', self.unit) if self.unit else ""
        return format_html('<data value="{}">{}</data>{}', self.value, shown, unit)

    def _notes(self) -> SafeString:
        said = " · ".join(self.notes())
        return format_html('<span class="figure__note">{}</span>', said) if said else mark_safe("")

    def notes(self) -> Iterator[str]:
        """The interval, the coverage and the day, each in words, as far as they are known."""
        if self.low is not None and self.high is not None:
            yield gettext("%(low)s to %(high)s") % {
                "low": formats.number(self.low, self.places),
                "high": formats.number(self.high, self.places),
            }
        if self.coverage is not None:
            yield gettext("%(share)s covered") % {"share": formats.percent(self.coverage)}
        if self.as_of is not None:
            yield gettext("as of %(day)s") % {"day": formats.day(self.as_of)}


@dataclass(frozen=True)
class ScoreBar(Part):
    """A score on its scale: the interval as a bar, the score as a dot, the peers' median as a line.

    All on one scale from ``least`` to ``most``. The words beside it carry the numbers.
    """

    value: float
    low: float | None = None
    high: float | None = None
    median: float | None = None
    least: float = 0
    most: float = 100

    def __str__(self) -> SafeString:
        return format_html(
            '<svg class="scorebar" width="100%" height="16" role="img" aria-label="{}">'
            '<rect class="track" y="7" width="100%" height="2"/>{}{}'
            '<circle class="dot" cx="{}%" cy="8" r="5"/></svg>',
            self.words(), self._span(), self._tick(), self._at(self.value),
        )  # fmt: skip

    def words(self) -> str:
        """The bar in words."""
        said = gettext("score %(value)s") % {"value": formats.number(self.value, 1)}
        if self.low is not None and self.high is not None:
            said += gettext(", between %(low)s and %(high)s") % {
                "low": formats.number(self.low, 1),
                "high": formats.number(self.high, 1),
            }
        if self.median is not None:
            said += gettext(", median of peers %(median)s") % {
                "median": formats.number(self.median, 1)
            }
        return said

    def _at(self, value: float) -> float:
        share = (value - self.least) / (self.most - self.least)
        return round(100 * min(max(share, 0), 1), 2)

    def _span(self) -> SafeString:
        if self.low is None or self.high is None:
            return mark_safe("")
        start, end = self._at(self.low), self._at(self.high)
        return format_html(
            '<rect class="span" x="{}%" y="5" width="{}%" height="6" rx="3"/>',
            start,
            round(end - start, 2),
        )

    def _tick(self) -> SafeString:
        if self.median is None:
            return mark_safe("")
        return format_html(
            '<line class="mark" x1="{0}%" x2="{0}%" y1="1" y2="15"/>', self._at(self.median)
        )
